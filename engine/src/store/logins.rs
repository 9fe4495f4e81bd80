//! Sign-ins with LINE that have begun: what their return must match. Each is taken once.

use channels::ChannelName;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::lock_order::Touched;
use super::merges::{self, Evidence, NewMerge};
use super::people::NewAddress;
use super::{Store, StoreError, links, passing_on};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, PersonId, TenantId};

/// How long after the first time the same form may come again.
const DOUBLE_CLICK: i64 = 60 * Micros::SECOND;

/// A sign-in that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLogin {
    pub tenant: TenantId,
    pub state_hash: String,
    pub account: ChannelAccountId,
    /// Who signs in.
    pub person: PersonId,
    /// The nonce and the verifier, sealed.
    pub sealed: String,
    pub expires_at: Micros,
}

impl Store {
    pub async fn begin_login(&self, login: NewLogin) -> Result<(), StoreError> {
        self.write(login).await
    }

    /// The sign-in that this return belongs to, if it is still good; another return finds nothing.
    pub async fn take_login(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        state_hash: &str,
    ) -> Result<Option<(PersonId, String)>, StoreError> {
        let (tenant, account) = (tenant.clone(), account.clone());
        self.write(TakeLogin { tenant, account, state_hash: state_hash.to_owned() }).await
    }

    /// The person whose one signed link this hash is, which is used up by it. `page` names the page on which that was
    /// answered: its form sent twice, as by a double click, is answered again.
    pub async fn spend_link(
        &self,
        tenant: &TenantId,
        (hash, page): (&str, &str),
    ) -> Result<Option<PersonId>, StoreError> {
        self.write(SpendLink { tenant: tenant.clone(), hash: hash.to_owned(), page: page.to_owned() }).await
    }

    /// An address that the platform itself vouched for belongs to the person: it is made where nobody had it, and whoever
    /// had it is merged.
    pub async fn vouch(&self, vouched: Vouched) -> Result<(), StoreError> {
        let mut conversations = self.conversations_of(&vouched.tenant, &vouched.person).await?;
        let thread = (&vouched.account, vouched.external_id.as_str());
        let here = self.conversation_of_thread(&vouched.tenant, thread.0, thread.1).await?;
        if let Some(here) = &here {
            conversations.extend(self.conversations_of(&vouched.tenant, &here.person).await?);
        }
        let here = here.map(|here| here.id);
        self.write(Vouching { vouched, conversations, here }).await
    }
}

impl WriteOp for NewLogin {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let old = "DELETE FROM line_logins WHERE tenant_id = $1 AND expires_at < $2";
        batch.later(old, vec![(&self.tenant).into(), now.into()]).await?;
        let sql = "INSERT INTO line_logins (tenant_id, state_hash, channel_account_id, person_id, sealed, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let values = vec![
            (&self.tenant).into(),
            self.state_hash.as_str().into(),
            self.account.as_str().into(),
            self.person.as_str().into(),
            self.sealed.as_str().into(),
            self.expires_at.into(),
        ];
        batch.later(sql, values).await
    }
}

struct TakeLogin {
    tenant: TenantId,
    account: ChannelAccountId,
    state_hash: String,
}

impl WriteOp for TakeLogin {
    type Output = Option<(PersonId, String)>;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let now = batch.now();
        let row = sqlx::query(
            "DELETE FROM line_logins WHERE tenant_id = $1 AND state_hash = $2 AND channel_account_id = $3 \
             RETURNING person_id, sealed, expires_at",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.state_hash.clone())
        .bind(self.account.as_str().to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let is_good = row.try_get::<i64, _>(2)? >= now.0;
        let found = (PersonId::from_text(row.try_get::<String, _>(0)?), row.try_get(1)?);
        Ok(Some(found).filter(|_| is_good))
    }
}

struct SpendLink {
    tenant: TenantId,
    hash: String,
    page: String,
}

impl WriteOp for SpendLink {
    type Output = Option<PersonId>;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let row = sqlx::query(
            "UPDATE link_codes SET used_at = $1, used_for = $4 WHERE tenant_id = $2 AND hash = $3 \
             AND (used_at IS NULL OR (used_for = $4 AND used_at > $5)) AND expires_at >= $1 AND person_id IS NOT NULL \
             RETURNING person_id",
        )
        .bind(batch.now().0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.hash.clone())
        .bind(format!("login/{}", self.page))
        .bind(batch.now().0 - DOUBLE_CLICK)
        .fetch_optional(batch.connection().await?)
        .await?;
        row.map(|row| Ok(PersonId::from_text(row.try_get::<String, _>(0)?))).transpose()
    }
}

/// An address, and the person to whom the platform says it belongs.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub tenant: TenantId,
    pub account: ChannelAccountId,
    pub external_id: String,
    pub name: Option<String>,
    pub person: PersonId,
    /// The hash of the link that began it: what was handed out beside it ends now.
    pub link: Option<String>,
}

struct Vouching {
    vouched: Vouched,
    /// Everything that may be said to be the person's from now on.
    conversations: Vec<ConversationId>,
    /// The conversation that this address has already.
    here: Option<ConversationId>,
}

impl WriteOp for Vouching {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.vouched.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        merges::touched(&self.vouched.tenant, &self.conversations)
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let vouched = &self.vouched;
        merges::queue(batch, &vouched.tenant).await?;
        if let Some(link) = &vouched.link {
            links::end(batch, (&vouched.tenant, link), "login").await?;
        }
        let address = NewAddress {
            tenant: &vouched.tenant,
            account: &vouched.account,
            external_id: &vouched.external_id,
            name: vouched.name.as_deref(),
            language: None,
            username: None,
            phone: None,
        };
        let found = address.person(batch).await?;
        let kept = merges::root(batch.connection().await?, &vouched.tenant, &vouched.person).await?;
        let merged = merges::root(batch.connection().await?, &vouched.tenant, &found).await?;
        if kept == merged {
            return Ok(());
        }
        let new = NewMerge {
            tenant: vouched.tenant.clone(),
            kept,
            merged,
            evidence: Evidence::LineLogin,
            detail: serde_json::json!({ "account": vouched.account, "address": vouched.external_id }),
            by: "customer".to_owned(),
        };
        merges::make(batch, &new).await?;
        // Where nothing was said yet, the first message finds what comes along.
        match &self.here {
            Some(here) => passing_on::come(batch, (&vouched.tenant, here), ChannelName::Line).await,
            None => Ok(()),
        }
    }
}
