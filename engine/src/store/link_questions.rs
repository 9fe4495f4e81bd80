//! The question before a proof joins two people: whoever brings one is asked first, and only their own yes uses it. A link
//! that somebody was tricked into opening gives nothing away by itself.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::links::{LinkOwner, Redeem, Redeemed};
use super::lock_order::Touched;
use super::{Store, StoreError, links, merges, passing_on};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, PersonId, TenantId};

/// The conversation that would go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub conversation: ConversationId,
    pub channel: String,
    pub at: Micros,
    /// The language that it spoke last.
    pub language: Option<String>,
}

/// What became of a proof that somebody brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The sender is to be asked. None where its owner has no conversation of their own.
    Question(Option<Begun>),
    /// There is nothing to ask.
    Settled(Redeemed),
}

impl Store {
    /// Takes a proof from whoever brought it. A person's proof is kept for this address from now on, and joins nobody
    /// yet; a colleague's own is used at once.
    pub async fn bring_link(&self, redeem: Redeem) -> Result<Asked, StoreError> {
        self.write(BringLink(redeem)).await
    }

    /// Voids a proof whose question was answered with no by the address that was asked.
    pub async fn decline_link(&self, redeem: Redeem) -> Result<Redeemed, StoreError> {
        let here = self.message(&redeem.tenant, &redeem.message).await?.map(|message| message.conversation);
        let there = self.begun_of_link(&redeem.tenant, &redeem.hash).await?;
        self.write(DeclineLink { redeem, here, there }).await
    }

    /// The conversation that a proof of a person would go on with, whether the proof is still good or not.
    async fn begun_of_link(&self, tenant: &TenantId, hash: &str) -> Result<Option<Begun>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT person_id FROM link_codes WHERE tenant_id = $1 AND hash = $2 AND person_id IS NOT NULL",
        )
        .bind(tenant.as_str().to_owned())
        .bind(hash.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let root = merges::root(&mut connection, tenant, &row.id(0)?).await?;
        begun(&mut connection, tenant, &root).await
    }

    /// Makes a proof and its offer good for nobody. False where it was no good any more.
    pub async fn void_link(&self, tenant: &TenantId, hash: &str) -> Result<bool, StoreError> {
        self.write(VoidLink { tenant: tenant.clone(), hash: hash.to_owned() }).await
    }

    /// The hash of the proof about which this address was asked, by the first letters of it.
    pub async fn asked_link(
        &self,
        tenant: &TenantId,
        (account, sender): (&ChannelAccountId, &str),
        beginning: &str,
    ) -> Result<Option<String>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT hash FROM link_codes WHERE tenant_id = $1 AND asked_account = $2 AND asked_of = $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(sender.to_owned())
        .fetch_all(&mut *connection)
        .await?;
        for row in rows {
            let hash: String = row.try_get(0)?;
            if hash.starts_with(beginning) {
                return Ok(Some(hash));
            }
        }
        Ok(None)
    }

    /// The person whose link this hash is, while it is good, and the conversation of theirs that would go on.
    pub async fn link_owner(
        &self,
        tenant: &TenantId,
        hash: &str,
    ) -> Result<Option<(PersonId, Option<Begun>)>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT person_id FROM link_codes WHERE tenant_id = $1 AND hash = $2 AND used_at IS NULL \
             AND expires_at >= $3 AND person_id IS NOT NULL AND asked_of IS NULL",
        )
        .bind(tenant.as_str().to_owned())
        .bind(hash.to_owned())
        .bind(self.clock().now().0)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let person = PersonId::from_text(row.try_get::<String, _>(0)?);
        let root = merges::root(&mut connection, tenant, &person).await?;
        let begun = begun(&mut connection, tenant, &root).await?;
        Ok(Some((root, begun)))
    }
}

struct VoidLink {
    tenant: TenantId,
    hash: String,
}

impl WriteOp for VoidLink {
    type Output = bool;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<bool, StoreError> {
        merges::queue(batch, &self.tenant).await?;
        let good =
            "FROM link_codes WHERE tenant_id = $1 AND hash = $2 AND used_at IS NULL AND expires_at >= $3";
        let now = batch.now();
        let values = vec![(&self.tenant).into(), self.hash.as_str().into(), now.into()];
        let found: Vec<(String,)> = batch.gather(&["hash"], good, values).await?;
        if found.is_empty() {
            return Ok(false);
        }
        links::end(batch, (&self.tenant, &self.hash), "void").await?;
        Ok(true)
    }
}

struct BringLink(Redeem);

impl WriteOp for BringLink {
    type Output = Asked;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Asked, StoreError> {
        let redeem = &self.0;
        merges::queue(batch, &redeem.tenant).await?;
        let unknown = Asked::Settled(Redeemed::Unknown);
        let Some(stored) = redeem.stored(batch).await? else { return Ok(unknown) };
        let owner = match &stored.owner {
            LinkOwner::Person(owner) if stored.wants_question() && stored.used_for.is_none() => owner,
            _ => return Ok(Asked::Settled(redeem.run(batch).await?)),
        };
        if batch.now().0 > stored.expires_at {
            return Ok(Asked::Settled(Redeemed::Expired));
        }
        let Some((_, person)) = redeem.address(batch).await? else { return Ok(unknown) };
        let kept = merges::root(batch.connection().await?, &redeem.tenant, owner).await?;
        if kept == merges::root(batch.connection().await?, &redeem.tenant, &person).await? {
            return Ok(Asked::Settled(Redeemed::Same));
        }
        if stored.asked.is_some() && !stored.was_asked_of(redeem) {
            return Ok(Asked::Settled(Redeemed::Used));
        }
        let sql =
            "UPDATE link_codes SET asked_account = $1, asked_of = $2 WHERE tenant_id = $3 AND hash = $4";
        let values = vec![
            redeem.account.as_str().into(),
            redeem.sender.as_str().into(),
            (&redeem.tenant).into(),
            redeem.hash.as_str().into(),
        ];
        batch.later(sql, values).await?;
        Ok(Asked::Question(begun(batch.connection().await?, &redeem.tenant, &kept).await?))
    }
}

struct DeclineLink {
    redeem: Redeem,
    /// Where the question was answered, and with what it would have gone on: people there are told.
    here: Option<ConversationId>,
    there: Option<Begun>,
}

impl WriteOp for DeclineLink {
    type Output = Redeemed;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.redeem.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let there = self.there.iter().map(|begun| begun.conversation.clone());
        let both: Vec<ConversationId> = self.here.iter().cloned().chain(there).collect();
        merges::touched(&self.redeem.tenant, &both)
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Redeemed, StoreError> {
        let redeem = &self.redeem;
        merges::queue(batch, &redeem.tenant).await?;
        let Some(stored) = redeem.stored(batch).await? else { return Ok(Redeemed::Unknown) };
        match stored.used_for.as_deref() {
            Some(message) if message == redeem.message.as_str() => return Ok(Redeemed::Declined),
            Some(_) => return Ok(Redeemed::Used),
            None if !stored.was_asked_of(redeem) => return Ok(Redeemed::Unknown),
            None => {}
        }
        redeem.spend(batch).await?;
        if let Some((here, there)) = self.here.as_ref().zip(self.there.as_ref()) {
            let there = (&there.conversation, there.channel.as_str());
            passing_on::say_declined(batch, &redeem.tenant, (here, there)).await?;
        }
        Ok(Redeemed::Declined)
    }
}

/// The latest conversation that is the person's own: groups are nobody's.
async fn begun(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<Option<Begun>, StoreError> {
    let row = sqlx::query(
        "SELECT c.channel, c.created_at, c.id, c.language FROM conversations c \
         JOIN addresses a ON a.tenant_id = c.tenant_id AND a.channel_account_id = c.channel_account_id \
         AND a.external_id = c.thread AND a.person_id = c.person_id \
         WHERE c.tenant_id = $1 AND c.person_id = $2 ORDER BY c.last_at DESC, c.id DESC LIMIT 1",
    )
    .bind(tenant.as_str().to_owned())
    .bind(person.as_str().to_owned())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Begun {
        conversation: row.id(2)?,
        channel: row.try_get(0)?,
        at: row.time(1)?,
        language: row.try_get(3)?,
    }))
}
