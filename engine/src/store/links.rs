//! Proofs that somebody on another address is the same person: one-time codes and the tokens of signed links. Only keyed
//! hashes are stored, each is used once, and wrong ones are counted.

use serde_json::json;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::going_on::Elsewhere;
use super::merges::{self, Evidence, NewMerge};
use super::passing_on::ELSEWHERE;
use super::{Dialect, Store, StoreError};
use crate::clock::Micros;
use crate::ids::{AgentId, ChannelAccountId, ConversationId, MessageId, PersonId, RowId, TenantId};

/// Used and expired proofs are remembered so long, to say so to whoever comes with one.
const REMEMBERED: i64 = Micros::DAY;
/// Failures are counted from the first for so long.
const ATTEMPTS_SPAN: i64 = 10 * 60 * Micros::SECOND;

/// Whose proof it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOwner {
    Person(PersonId),
    Agent(AgentId),
}

/// A proof to be stored.
#[derive(Clone, Debug)]
pub struct NewLink {
    pub tenant: TenantId,
    pub hash: String,
    pub owner: LinkOwner,
    pub evidence: Evidence,
    /// Who asked for it: an agent's id, or `customer`.
    pub by: String,
    pub expires_at: Micros,
    /// What it was handed out with: whatever ends one of an offer's proofs ends them all.
    pub offer: Option<String>,
}

/// Somebody who sent a proof.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub tenant: TenantId,
    pub hash: String,
    pub account: ChannelAccountId,
    /// The platform's id of the sender.
    pub sender: String,
    pub message: MessageId,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// The sender is this person from now on.
    Linked(PersonId),
    /// The sender is this colleague from now on.
    Colleague {
        agent: AgentId,
        name: String,
    },
    /// It was sent from an address that the person has already: the proof stays good.
    Same,
    /// The sender said no: the proof is good for nobody any more.
    Declined,
    Expired,
    Used,
    /// There is no such proof, or the sender was never asked.
    Unknown,
}

impl Store {
    /// Stores a proof; those that nobody will ask for any more go.
    pub async fn add_link(&self, link: NewLink) -> Result<(), StoreError> {
        self.write(link).await
    }

    /// True where the hash is that of a proof of the tenant, good or not.
    pub async fn is_link(&self, tenant: &TenantId, hash: &str) -> Result<bool, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query("SELECT 1 FROM link_codes WHERE tenant_id = $1 AND hash = $2")
            .bind(tenant.as_str().to_owned())
            .bind(hash.to_owned())
            .fetch_optional(&mut *connection)
            .await?;
        Ok(row.is_some())
    }

    /// True where one of the hashes is that of a proof of the tenant, good or not.
    pub async fn is_any_link(&self, tenant: &TenantId, hashes: &[String]) -> Result<bool, StoreError> {
        if hashes.is_empty() {
            return Ok(false);
        }
        let places: Vec<String> = (2..hashes.len() + 2).map(|place| format!("${place}")).collect();
        let sql = format!(
            "SELECT 1 FROM link_codes WHERE tenant_id = $1 AND hash IN ({}) LIMIT 1",
            places.join(", ")
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str().to_owned());
        for hash in hashes {
            query = query.bind(hash.clone());
        }
        let mut connection = self.reader(tenant).await?;
        Ok(query.fetch_optional(&mut *connection).await?.is_some())
    }

    /// The dialogue's state in the current conversation of a thread, as JSON.
    pub async fn state_of_thread(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        thread: &str,
    ) -> Result<Option<String>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT state FROM conversations WHERE tenant_id = $1 AND channel_account_id = $2 AND thread = $3 \
             AND is_current = 1",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(thread.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        row.map(|row| Ok(row.try_get(0)?)).transpose()
    }

    /// True where somebody has used the proof.
    pub async fn is_link_used(&self, tenant: &TenantId, hash: &str) -> Result<bool, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT 1 FROM link_codes WHERE tenant_id = $1 AND hash = $2 AND used_at IS NOT NULL",
        )
        .bind(tenant.as_str().to_owned())
        .bind(hash.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        Ok(row.is_some())
    }

    /// How many wrong codes came lately under this name.
    pub async fn failed_attempts(&self, tenant: &TenantId, who: &str) -> Result<i64, StoreError> {
        let since = self.clock().now().0 - ATTEMPTS_SPAN;
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT failed FROM link_attempts WHERE tenant_id = $1 AND who = $2 AND began_at > $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(who.to_owned())
        .bind(since)
        .fetch_optional(&mut *connection)
        .await?;
        row.map_or(Ok(0), |row| Ok(row.try_get(0)?))
    }

    /// Counts a wrong code under each of these names.
    pub async fn count_failed_attempt(&self, tenant: &TenantId, who: Vec<String>) -> Result<(), StoreError> {
        self.write(FailedAttempt { tenant: tenant.clone(), who }).await
    }

    /// Uses a proof. The same message again has the same outcome. A person's proof is used by the address that was asked
    /// ([`Store::bring_link`]) and by no other, but for the one to which the platform itself has put the question.
    pub async fn redeem(&self, redeem: Redeem) -> Result<Redeemed, StoreError> {
        self.write(redeem).await
    }

    /// The person's latest conversation elsewhere, where the bot owns it and it is younger than `age` microseconds. Elsewhere is another address of the same person, which only a link gives them.
    pub async fn state_elsewhere(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        age: i64,
    ) -> Result<Option<Elsewhere>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        // The latest decides: an older one is not what the person was about.
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT o.id, o.channel, o.language, o.state, o.control, o.last_at FROM {ELSEWHERE}"
        )))
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let elsewhere = Elsewhere {
            conversation: row.id(0)?,
            channel: row.try_get(1)?,
            language: row.try_get(2)?,
            state: row.try_get(3)?,
        };
        let is_bots = row.try_get::<String, _>(4)? == "bot";
        let is_young = row.try_get::<i64, _>(5)? > self.clock().now().0 - age;
        Ok(Some(elsewhere).filter(|elsewhere| is_young && is_bots && !elsewhere.state.is_empty()))
    }
}

impl WriteOp for NewLink {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        batch
            .later(
                "DELETE FROM link_codes WHERE tenant_id = $1 AND expires_at < $2",
                vec![(&self.tenant).into(), (now.0 - REMEMBERED).into()],
            )
            .await?;
        let (person, agent) = match &self.owner {
            LinkOwner::Person(person) => (Some(person.as_str().to_owned()), None),
            LinkOwner::Agent(agent) => (None, Some(agent.as_str().to_owned())),
        };
        let sql = "INSERT INTO link_codes (tenant_id, hash, evidence, person_id, agent_id, made_by, expires_at, created_at, offer) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values = vec![
            (&self.tenant).into(),
            self.hash.as_str().into(),
            self.evidence.as_str().into(),
            person.into(),
            agent.into(),
            self.by.as_str().into(),
            self.expires_at.into(),
            now.into(),
            self.offer.clone().into(),
        ];
        batch.later(sql, values).await
    }
}

struct FailedAttempt {
    tenant: TenantId,
    who: Vec<String>,
}

impl WriteOp for FailedAttempt {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        for who in &self.who {
            let sql = "INSERT INTO link_attempts (tenant_id, who, began_at, failed) VALUES ($1, $2, $3, 1) \
                       ON CONFLICT (tenant_id, who) DO UPDATE SET \
                       failed = CASE WHEN link_attempts.began_at > $4 THEN link_attempts.failed + 1 ELSE 1 END, \
                       began_at = CASE WHEN link_attempts.began_at > $4 THEN link_attempts.began_at ELSE $3 END";
            let values =
                vec![(&self.tenant).into(), who.as_str().into(), now.into(), (now.0 - ATTEMPTS_SPAN).into()];
            batch.later(sql, values).await?;
        }
        Ok(())
    }
}

/// A stored proof.
pub(super) struct Stored {
    pub(super) owner: LinkOwner,
    evidence: Evidence,
    by: String,
    pub(super) expires_at: i64,
    pub(super) used_for: Option<String>,
    /// The account and the sender who were asked.
    pub(super) asked: Option<(String, String)>,
}

impl Stored {
    /// False for a colleague's own, and where the platform has asked.
    pub(super) fn wants_question(&self) -> bool {
        matches!(self.owner, LinkOwner::Person(_)) && self.evidence != Evidence::AccountLink
    }

    pub(super) fn was_asked_of(&self, redeem: &Redeem) -> bool {
        let (account, sender) = (redeem.account.as_str(), redeem.sender.as_str());
        self.asked.as_ref().is_some_and(|(asked, of)| asked == account && of == sender)
    }
}

impl WriteOp for Redeem {
    type Output = Redeemed;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Redeemed, StoreError> {
        merges::queue(batch, &self.tenant).await?;
        let Some(stored) = self.stored(batch).await? else { return Ok(Redeemed::Unknown) };
        if stored.wants_question() && stored.used_for.is_none() && !stored.was_asked_of(self) {
            return Ok(Redeemed::Unknown);
        }
        let again = match stored.used_for.as_deref() {
            Some(message) if message != self.message.as_str() => return Ok(Redeemed::Used),
            used => used.is_some(),
        };
        if !again && batch.now().0 > stored.expires_at {
            return Ok(Redeemed::Expired);
        }
        let Some((address, person)) = self.address(batch).await? else { return Ok(Redeemed::Unknown) };
        let redeemed = match &stored.owner {
            LinkOwner::Agent(agent) => {
                super::agent_addresses::link(batch, &self.tenant, agent, &address).await?
            }
            LinkOwner::Person(owner) if again => {
                return Ok(Redeemed::Linked(
                    merges::root(batch.connection().await?, &self.tenant, owner).await?,
                ));
            }
            LinkOwner::Person(owner) => self.join(batch, &stored, (owner, &person)).await?,
        };
        if redeemed != Redeemed::Same {
            self.spend(batch).await?;
        }
        Ok(redeemed)
    }
}

impl Redeem {
    pub(super) async fn stored(&self, batch: &mut Batch<'_>) -> Result<Option<Stored>, StoreError> {
        let lock = if batch.dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
        let sql = format!(
            "SELECT person_id, agent_id, evidence, made_by, expires_at, used_for, asked_account, asked_of FROM link_codes \
             WHERE tenant_id = $1 AND hash = $2{lock}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.tenant.as_str().to_owned())
            .bind(self.hash.clone())
            .fetch_optional(batch.connection().await?)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (person, agent): (Option<String>, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        let owner = match (person, agent) {
            (Some(person), _) => LinkOwner::Person(PersonId::from_text(person)),
            (None, agent) => LinkOwner::Agent(AgentId::from_text(agent.unwrap_or_default())),
        };
        Ok(Some(Stored {
            owner,
            evidence: Evidence::parse(&row.try_get::<String, _>(2)?),
            by: row.try_get(3)?,
            expires_at: row.try_get(4)?,
            used_for: row.try_get(5)?,
            asked: row.try_get::<Option<String>, _>(6)?.zip(row.try_get(7)?),
        }))
    }

    /// The sender's address and person.
    pub(super) async fn address(
        &self,
        batch: &mut Batch<'_>,
    ) -> Result<Option<(RowId, PersonId)>, StoreError> {
        let row = sqlx::query(
            "SELECT id, person_id FROM addresses WHERE tenant_id = $1 AND channel_account_id = $2 AND external_id = $3",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.sender.clone())
        .fetch_optional(batch.connection().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (address, person): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Some((RowId::from_text(address), PersonId::from_text(person))))
    }

    async fn join(
        &self,
        batch: &mut Batch<'_>,
        stored: &Stored,
        (owner, person): (&PersonId, &PersonId),
    ) -> Result<Redeemed, StoreError> {
        let kept = merges::root(batch.connection().await?, &self.tenant, owner).await?;
        let merged = merges::root(batch.connection().await?, &self.tenant, person).await?;
        if kept == merged {
            return Ok(Redeemed::Same);
        }
        let new = NewMerge {
            tenant: self.tenant.clone(),
            kept: kept.clone(),
            merged,
            evidence: stored.evidence,
            detail: json!({ "account": self.account, "address": self.sender, "message": self.message }),
            by: stored.by.clone(),
        };
        merges::make(batch, &new).await?;
        Ok(Redeemed::Linked(kept))
    }

    /// Uses the proof up, and what was handed out with it.
    pub(super) async fn spend(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        end(batch, (&self.tenant, &self.hash), self.message.as_str()).await.map(drop)
    }
}

/// The proofs of one offer, by the hash of one of them.
const OF_OFFER: &str =
    "(hash = $3 OR offer = (SELECT l.offer FROM link_codes l WHERE l.tenant_id = $2 AND l.hash = $3))";

/// Ends a proof and everything that was handed out with it; how many were still unused.
pub(super) async fn end(
    batch: &mut Batch<'_>,
    (tenant, hash): (&TenantId, &str),
    used_for: &str,
) -> Result<u64, StoreError> {
    let sql = format!(
        "UPDATE link_codes SET used_at = $1, used_for = $4 WHERE tenant_id = $2 AND {OF_OFFER} AND used_at IS NULL"
    );
    let now = batch.now();
    batch.count(sql, vec![now.into(), tenant.into(), hash.into(), used_for.into()]).await
}

/// Ends an offer whose message was taken back.
pub(super) async fn end_offer(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    offer: &str,
) -> Result<(), StoreError> {
    merges::queue(batch, tenant).await?;
    let sql = "UPDATE link_codes SET used_at = $1, used_for = 'void' WHERE tenant_id = $2 AND offer = $3 AND used_at IS NULL";
    let now = batch.now();
    batch.later(sql, vec![now.into(), tenant.into(), offer.into()]).await
}
