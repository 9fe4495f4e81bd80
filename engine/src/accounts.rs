//! Channel accounts in use: settings read once, secrets opened once, kept until they change.

use std::sync::Arc;
use std::time::Duration;

use channels::{AccountConfig, Channel, ChannelName};
use dashmap::DashMap;
use tokio::time::Instant;

use crate::ids::{ChannelAccountId, TenantId};
use crate::secrets::SecretKey;
use crate::store::{ChannelAccount, Store};

/// A channel account that is ready to be used.
#[derive(Clone)]
pub struct OpenAccount {
    pub tenant: TenantId,
    pub id: ChannelAccountId,
    pub name: ChannelName,
    pub bot: String,
    pub config: AccountConfig,
    pub adapter: &'static dyn Channel,
    /// Rises with every change.
    pub version: i64,
    /// False while people have switched it off: nothing is taken in and nothing is sent.
    pub enabled: bool,
}

/// So long an account is used without asking whether another node has changed it. Changes of this process count at once.
const FRESH: Duration = Duration::from_millis(500);

/// The accounts that were used since the start.
pub struct Accounts {
    store: Store,
    key: Arc<SecretKey>,
    open: DashMap<ChannelAccountId, (Arc<OpenAccount>, Instant)>,
    pub(crate) noted: crate::rotation::Noted,
}

impl Accounts {
    pub fn new(store: Store, key: Arc<SecretKey>) -> Self {
        Self { store, key, open: DashMap::new(), noted: crate::rotation::Noted::default() }
    }

    /// The account of this id, of whatever tenant; none when there is none or it cannot be opened now.
    pub async fn find(&self, id: &ChannelAccountId) -> Option<Arc<OpenAccount>> {
        self.try_find(id).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a channel account cannot be opened");
            None
        })
    }

    /// The same for those who must tell "there is none" from "not now".
    pub async fn try_find(&self, id: &ChannelAccountId) -> anyhow::Result<Option<Arc<OpenAccount>>> {
        let known = self.open.get(id).map(|held| held.clone());
        if let Some((account, seen)) = known {
            if seen.elapsed() < FRESH {
                return Ok(Some(account));
            }
            if self.store.account_version(id).await? == Some((account.version, account.enabled)) {
                self.open.insert(id.clone(), (Arc::clone(&account), Instant::now()));
                return Ok(Some(account));
            }
            self.open.remove(id);
        }
        let Some(account) = self.load(id).await? else { return Ok(None) };
        let account = Arc::new(account);
        self.open.insert(id.clone(), (Arc::clone(&account), Instant::now()));
        Ok(Some(account))
    }

    /// The accounts of whatever tenant that a platform calls `external_id`.
    pub async fn of_platform(
        &self,
        channel: ChannelName,
        external_id: &str,
    ) -> anyhow::Result<Vec<Arc<OpenAccount>>> {
        let mut found = Vec::new();
        for id in self.store.accounts_of_platform(channel.as_str(), external_id).await? {
            found.extend(self.try_find(&id).await?);
        }
        Ok(found)
    }

    /// Reads the accounts again when they are next used.
    pub fn forget(&self) {
        self.open.clear();
    }

    async fn load(&self, id: &ChannelAccountId) -> anyhow::Result<Option<OpenAccount>> {
        // Before the rest, so that a change in between is noticed the next time.
        let Some((version, enabled)) = self.store.account_version(id).await? else { return Ok(None) };
        let Some(tenant) = self.store.tenant_of_account(id).await? else { return Ok(None) };
        let stored = self.store.channel_accounts(&tenant).await?;
        let Some(stored) = stored.into_iter().find(|account| account.id == *id) else { return Ok(None) };
        let Some(name) = ChannelName::parse(&stored.channel) else { return Ok(None) };
        let config = open(&stored, &self.key)?;
        let adapter = channels::channel(name);
        let (id, bot) = (stored.id, stored.bot);
        Ok(Some(OpenAccount { tenant, id, name, bot, config, adapter, version, enabled }))
    }
}

fn open(stored: &ChannelAccount, key: &SecretKey) -> anyhow::Result<AccountConfig> {
    let mut config = AccountConfig {
        id: stored.id.as_str().to_owned(),
        external_id: stored.external_id.clone(),
        other_external_id: stored.other_external_id.clone(),
        api_base: stored.api_base.clone(),
        settings: stored.settings.clone(),
        ..AccountConfig::default()
    };
    for (name, sealed) in &stored.sealed_secrets {
        config.secrets.insert(name.clone(), key.open(&secret_row(&stored.id, name), sealed)?);
    }
    Ok(config)
}

/// What a secret of an account is sealed for.
pub fn secret_row(account: &ChannelAccountId, name: &str) -> String {
    format!("channel_accounts/secrets/{account}/{name}")
}

/// True where the event log itself is the delivery: no platform stands between us and the reader.
pub fn delivers_live(channel: &str) -> bool {
    channel == ChannelName::Web.as_str()
}
