//! The assembly: everything the program is made of, put together once.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use tokio::sync::{Semaphore, watch};

use crate::accounts::Accounts;
use crate::actions::{Actions, Service};
use crate::blobs::Blobs;
use crate::bot_files::BotSource;
use crate::bots::Bots;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_lock;
use crate::http::Tickets;
use crate::ids::{ChannelAccountId, Ids, TenantId};
use crate::limits::Limits;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::model_folder::Encoders;
use crate::pace::Pace;
use crate::passwords::Passwords;
use crate::safe_http::{OutgoingPolicy, SafeHttp};
use crate::secrets::SecretKey;
use crate::signs::Signs;
use crate::store::{Store, Tenant};
use crate::texts::Texts;
use crate::waiting::Waits;

/// The running program. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    pub store: Store,
    pub live: Arc<Live>,
    pub accounts: Accounts,
    pub bots: Bots,
    pub source: BotSource,
    pub encoders: Encoders,
    pub actions: Actions,
    pub http: SafeHttp,
    /// Files that people sent.
    pub blobs: Blobs,
    pub pictures: crate::pictures::Pictures,
    pub limits: Limits,
    /// How fast each platform lets us speak.
    pub pace: Pace,
    /// Pushes of this process, counted until the platform is asked for the quota.
    pub pushes: crate::quota::Pushes,
    /// "Is typing" and "seen" on their way to customers.
    pub signs: Signs,
    pub passwords: Passwords,
    pub tickets: Tickets,
    pub waits: Waits,
    /// Permits to think on a thread.
    pub thinkers: Arc<Semaphore>,
    pub metrics: Metrics,
    pub texts: Texts,
    pub key: Arc<SecretKey>,
    /// This process among the nodes that share a database.
    pub node: String,
    /// The web chat account of the demo company, when it runs.
    demo: Option<ChannelAccountId>,
    tenants: RwLock<BTreeMap<TenantId, Tenant>>,
    closing: watch::Sender<bool>,
}

fn thinkers(config: &Config) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    cores.saturating_mul(config.turns.thinkers_per_core).min(Semaphore::MAX_PERMITS)
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What an assembly is made from besides the settings.
#[derive(Default)]
pub struct Extras {
    /// Services inside this program, by name.
    pub services: BTreeMap<String, Service>,
    /// Loopback ports that may be called: the demo's simulators.
    pub loopback_ports: Vec<u16>,
    /// The web chat account that the start page shows.
    pub demo: Option<ChannelAccountId>,
    /// No encoders: n-grams only.
    pub no_models: bool,
    /// Encoders that only hash, to load the rest of the program.
    pub stub_encoders: bool,
}

/// Makes a folder that only its owner may enter; one that is there stays as it is.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn make_data_folder(config: &Config) -> anyhow::Result<()> {
    let folder = &config.data.folder;
    make_private(folder).with_context(|| format!("the data folder {} cannot be made", folder.display()))
}

impl App {
    /// Like [`App::assemble`], for the program that serves: no second one may serve from the same SQLite file.
    pub async fn assemble_alone(config: Config, extras: Extras) -> anyhow::Result<Self> {
        make_data_folder(&config)?;
        let file = config.sqlite_file();
        if let Some(file) = &file {
            data_lock::serve_alone(file)?;
        }
        let app = Self::assemble(config, extras).await?;
        if file.is_some() {
            app.store.end_leases().await?;
        }
        Ok(app)
    }

    /// Opens the store and puts everything together. Bots are loaded by [`crate::learn`].
    pub async fn assemble(config: Config, extras: Extras) -> anyhow::Result<Self> {
        make_data_folder(&config)?;
        let clock = Clock::System;
        let store = Store::open(&config.database_url(), clock, Arc::new(Ids::Random)).await?;
        let key = Arc::new(SecretKey::from_file(&config.key_file())?);
        Self::with_store(config, store, key, extras).await
    }

    pub async fn with_store(
        config: Config,
        store: Store,
        key: Arc<SecretKey>,
        extras: Extras,
    ) -> anyhow::Result<Self> {
        let metrics = Metrics::install();
        let http = SafeHttp::new(OutgoingPolicy {
            allow_loopback_ports: extras.loopback_ports,
            allow_networks: config.outgoing.allow_networks.clone(),
            timeout: Duration::from_millis(config.outgoing.timeout_ms),
            max_body: config.outgoing.max_body,
        })?;
        let encoders = Encoders::load(&config.models, extras.no_models, extras.stub_encoders);
        let source = if config.bots.folder.as_os_str().is_empty() {
            BotSource::Embedded
        } else {
            BotSource::Folder(PathBuf::from(&config.bots.folder))
        };
        let (closing, _) = watch::channel(false);
        let app = Self(Arc::new(Parts {
            live: Live::start(&store),
            accounts: Accounts::new(store.clone(), Arc::clone(&key)),
            bots: Bots::default(),
            source,
            encoders,
            actions: Actions::new(extras.services, http.clone()),
            http,
            blobs: Blobs::new(config.data.folder.join("blobs"), store.clone(), config.outgoing.max_media),
            pictures: crate::pictures::Pictures::default(),
            limits: Limits::new(&config.limits),
            pace: Pace::new(store.clock()),
            pushes: crate::quota::Pushes::default(),
            signs: Signs::default(),
            passwords: Passwords::new()?,
            tickets: Tickets::default(),
            waits: Waits::default(),
            thinkers: Arc::new(Semaphore::new(thinkers(&config))),
            metrics,
            texts: Texts::compiled_in()?,
            key,
            node: store.new_id::<crate::ids::kind::Row>().to_string(),
            demo: extras.demo,
            tenants: RwLock::default(),
            closing,
            store,
            config,
        }));
        app.remember_tenants().await?;
        Ok(app)
    }

    /// Reads the tenants again; their time zones are asked for at every turn.
    pub async fn remember_tenants(&self) -> anyhow::Result<()> {
        let tenants = self.store.tenants().await?;
        if let Ok(mut known) = self.tenants.write() {
            *known = tenants.into_iter().map(|tenant| (tenant.id.clone(), tenant)).collect();
        }
        Ok(())
    }

    pub fn time_zone(&self, tenant: &TenantId) -> String {
        let known = self.tenants.read().ok();
        known
            .and_then(|tenants| tenants.get(tenant).map(|tenant| tenant.time_zone.clone()))
            .unwrap_or_else(|| "UTC".to_owned())
    }

    pub fn demo_account(&self) -> Option<&ChannelAccountId> {
        self.demo.as_ref()
    }

    /// Tells every part to finish what it has begun and stop.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Returns once the app is closing.
    pub async fn closing(&self) {
        let mut closing = self.closing.subscribe();
        // The sender lives as long as the app.
        drop(closing.wait_for(|closing| *closing).await);
    }

    /// The checks behind `/readyz` and `doctor`.
    pub async fn health(&self) -> Health {
        let database = tokio::time::timeout(Duration::from_secs(2), self.store.writable()).await;
        let database = match database {
            Ok(Ok(())) => Check::good("database", self.store.name().to_owned()),
            Ok(Err(error)) => Check::bad("database", error.to_string()),
            Err(_) => Check::bad("database", "it does not answer within 2 s".to_owned()),
        };
        let bots = self.bots.all();
        let bot = if bots.is_empty() {
            Check::bad("bots", "no bot is loaded yet".to_owned())
        } else {
            Check::good("bots", bots.iter().map(|bot| bot.name.clone()).collect::<Vec<_>>().join(", "))
        };
        let mut models = self.encoders.checks();
        if database.good {
            models.extend(crate::released::checks(self).await);
        }
        let closing = self.is_closing();
        let ready = database.good && bot.good && !closing;
        let degraded = models.iter().any(|check| !check.good);
        let mut checks = vec![database, bot];
        checks.extend(models);
        Health { ready, degraded, closing, checks }
    }
}

/// How the program is.
#[derive(Debug, Serialize)]
pub struct Health {
    /// It can take messages and answer them.
    pub ready: bool,
    /// It answers, but worse than it could.
    pub degraded: bool,
    pub closing: bool,
    pub checks: Vec<Check>,
}

/// One part and how it is, in words.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub name: String,
    pub good: bool,
    pub detail: String,
}

impl Check {
    pub fn good(name: impl Into<String>, detail: String) -> Self {
        Self { name: name.into(), good: true, detail }
    }

    pub fn bad(name: impl Into<String>, detail: String) -> Self {
        Self { name: name.into(), good: false, detail }
    }
}
