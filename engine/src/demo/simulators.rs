//! The demo's platforms: simulators that answer like the real ones, on the loopback only, and a way to play their
//! customers.
//!
//! Anybody's client library can be run against them: `/demo/accounts` tells where each platform answers and what it
//! pretends to have handed out, and a webhook that the library enters is called, as long as it is on this machine.

mod doors;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Method;
use axum::routing::{any, get, post};
use channels::simulator::{Answer, CustomerAct, Delivery, Fault, Simulator, Webhook, pretended};
use channels::{ChannelName, HttpCall};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::ServiceExt;
use url::{Host, Url};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_setup;
use crate::clock::{Clock, Micros};
use crate::demo::memory::{Memory, Remembered};
use crate::ids::ChannelAccountId;
use crate::safe_http::{OutgoingPolicy, OutgoingRequest, SafeHttp};

/// How often a platform posts a webhook that is not answered 2xx.
const ATTEMPTS: usize = 5;
const BETWEEN: Duration = Duration::from_millis(200);
/// How long somebody else's webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pretended platforms of the demo.
#[derive(Clone)]
pub struct Simulators {
    platforms: Arc<BTreeMap<ChannelName, Mutex<Box<dyn Simulator>>>>,
    clock: Clock,
    accounts: Arc<Vec<PretendedAccount>>,
    /// Our own service, to which the platforms' webhooks go, and how its address begins.
    ours: Router,
    our_address: Arc<str>,
    /// What outlives this process; none where nothing is to.
    memory: Option<Arc<Memory>>,
    /// How many calls have webhooks that are still being carried.
    carrying: watch::Sender<usize>,
}

/// What a pretended platform handed out with an account. Its secrets are good for nothing but the simulator.
#[derive(Clone, Serialize)]
struct PretendedAccount {
    channel: ChannelName,
    external_id: String,
    /// Where the platform's API answers.
    api_base: String,
    /// Our own webhook: who entered another one enters this to give the account back.
    webhook: String,
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

/// Opens a platform for each of the accounts that has one, and tells it our webhook. The platforms answer on `listener`
/// until the service closes.
pub async fn open(
    app: &App,
    accounts: &[ChannelAccountId],
    listener: TcpListener,
) -> anyhow::Result<JoinHandle<()>> {
    let from = first_number(app.store.clock())?;
    let (memory, remembered) = Memory::open(&app.config.data.folder, from)?;
    let ours = crate::http::router(app);
    let mut simulators = Simulators::made(app, accounts, ours, remembered).await;
    simulators.memory = Some(Arc::new(memory));
    let server = tokio::spawn(simulators.serve(listener, app.clone()));
    for account in accounts {
        let webhook = channel_setup::webhook_of(app, account);
        if let Some(Err(error)) = channel_setup::register(app, account, &webhook).await {
            tracing::warn!(%account, %error, "a pretended platform refused our webhook");
        }
    }
    Ok(server)
}

impl Simulators {
    /// One platform for each of the accounts that has one, without a past and with no memory of its own. `ours` is the
    /// service that the webhooks are carried to.
    pub async fn of(app: &App, accounts: &[ChannelAccountId], ours: Router) -> anyhow::Result<Self> {
        let remembered = Remembered::nothing(first_number(app.store.clock())?);
        Ok(Self::made(app, accounts, ours, remembered).await)
    }

    async fn made(app: &App, accounts: &[ChannelAccountId], ours: Router, remembered: Remembered) -> Self {
        let clock = app.store.clock().clone();
        let (mut platforms, mut pretended_accounts) = (BTreeMap::new(), Vec::new());
        for id in accounts {
            let Some(account) = app.accounts.find(id).await else { continue };
            let OpenAccount { name, config, .. } = account.as_ref();
            let webhook = channel_setup::webhook_of(app, id);
            if let Some(mut platform) = pretended(*name, config, &webhook, remembered.from) {
                remembered.play(platform.as_mut(), config);
                platforms.insert(*name, Mutex::new(platform));
                pretended_accounts.push(PretendedAccount {
                    channel: *name,
                    external_id: config.external_id.clone(),
                    api_base: config.api_base.clone(),
                    webhook,
                    settings: config.settings.clone(),
                    secrets: config.secrets.clone(),
                });
            }
        }
        let our_address = app.config.server.public_url.trim_end_matches('/').into();
        let accounts = Arc::new(pretended_accounts);
        Self {
            platforms: Arc::new(platforms),
            clock,
            accounts,
            ours,
            our_address,
            memory: None,
            carrying: watch::Sender::default(),
        }
    }

    /// The names of the platforms that are played.
    pub fn names(&self) -> impl Iterator<Item = ChannelName> {
        self.platforms.keys().copied()
    }

    /// Serves the platforms until the app is closing.
    pub async fn serve(self, listener: TcpListener, app: App) {
        let served =
            axum::serve(listener, self.router()).with_graceful_shutdown(async move { app.closing().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "the simulators have stopped");
        }
    }

    /// What the platforms serve, each under its name on their own port, and the calls by which customers are played.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/demo/say", post(doors::say))
            .route("/demo/act", post(doors::act))
            .route("/demo/faults", post(doors::faults))
            .route("/demo/transcript", get(doors::transcript))
            .route("/demo/accounts", get(doors::accounts))
            .route("/{channel}/{*path}", any(doors::platform))
            .with_state(self.clone())
    }

    /// What `work` makes of a platform; none where there is no such platform.
    pub fn with<T>(&self, channel: ChannelName, work: impl FnOnce(&mut dyn Simulator) -> T) -> Option<T> {
        let mut platform = self.platforms.get(&channel)?.lock().ok()?;
        Some(work(platform.as_mut()))
    }

    /// A customer does something; none where the platform or the deed is not there.
    pub async fn play(&self, channel: ChannelName, customer: &str, deed: &CustomerAct) -> Option<()> {
        let now = self.clock.now().0;
        let webhooks = self.with(channel, |platform| self.lives(platform, customer, deed, now)).flatten()?;
        self.carry(webhooks).await;
        Some(())
    }

    /// A customer does several things, whose webhooks are carried together; none where one of them cannot be done.
    pub async fn play_all(
        &self,
        channel: ChannelName,
        customer: &str,
        acts: &[CustomerAct],
        delivery: Delivery,
    ) -> Option<()> {
        let now = self.clock.now().0;
        let made = self.with(channel, |platform| {
            let made: Option<Vec<Vec<Webhook>>> =
                acts.iter().map(|act| self.lives(platform, customer, act, now)).collect();
            Some(delivery.arrange(platform, made?.concat(), now))
        });
        self.carry(made.flatten()?).await;
        Some(())
    }

    /// A customer does something, and the platform will remember it.
    fn lives(
        &self,
        platform: &mut dyn Simulator,
        customer: &str,
        act: &CustomerAct,
        now: i64,
    ) -> Option<Vec<Webhook>> {
        let webhooks = platform.customer(customer, act, now)?;
        if let Some(memory) = &self.memory {
            memory.did(platform.channel(), customer, act, now);
        }
        Some(webhooks)
    }

    /// A call of a platform's API, which the platform will remember.
    fn handle(
        &self,
        channel: ChannelName,
        path: &str,
        call: &HttpCall<'_>,
    ) -> Option<(Answer, Vec<Webhook>)> {
        let account = self.accounts.iter().find(|account| account.channel == channel)?;
        self.with(channel, |platform| {
            let answered = platform.handle(path, call);
            if let Some(memory) = &self.memory {
                memory.called(channel, &account.secrets, path, call);
            }
            answered
        })
    }

    /// The next calls that send on this platform meet these failures; none where there is no such platform.
    fn fail_next(&self, channel: ChannelName, faults: &[Fault]) -> Option<()> {
        self.with(channel, |platform| {
            platform.fail_next(faults);
            if let Some(memory) = &self.memory {
                memory.fails(channel, faults, self.clock.now().0);
            }
        })
    }

    /// Returns once every webhook that follows from the calls so far has been carried over.
    pub async fn carried(&self) {
        // The sender lives as long as this.
        drop(self.carrying.subscribe().wait_for(|carrying| *carrying == 0).await);
    }

    fn carry_later(&self, webhooks: Vec<Webhook>) {
        if webhooks.is_empty() {
            return;
        }
        let carrier = self.clone();
        self.carrying.send_modify(|carrying| *carrying += 1);
        tokio::spawn(async move {
            carrier.carry(webhooks).await;
            carrier.carrying.send_modify(|carrying| *carrying -= 1);
        });
    }

    /// Carries webhooks to our service as the platform would: again when they are not answered 2xx.
    async fn carry(&self, webhooks: Vec<Webhook>) {
        for webhook in webhooks {
            for _ in 0..ATTEMPTS {
                if self.post(&webhook).await {
                    break;
                }
                tokio::time::sleep(BETWEEN).await;
            }
        }
    }

    /// Posts a webhook and tells whether it was taken: to our service, or to whatever else on this machine a client
    /// library entered as its own. Nothing leaves the machine.
    async fn post(&self, webhook: &Webhook) -> bool {
        let ours = webhook.url.strip_prefix(&*self.our_address).is_some_and(|rest| rest.starts_with('/'));
        if let Some(port) = loopback_port(&webhook.url).filter(|_| !ours) {
            return post_elsewhere(webhook, port).await.unwrap_or(false);
        }
        let path = webhook
            .url
            .split_once("://")
            .map_or(webhook.url.as_str(), |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
        let mut request = axum::http::Request::builder().method(Method::POST).uri(path);
        for (name, value) in &webhook.headers {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(Body::from(webhook.body.clone())) else { return true };
        let answered = self.ours.clone().oneshot(request).await;
        answered.is_ok_and(|response| response.status().is_success())
    }
}

/// Where platforms without a past begin to count: a second per event is more than anybody plays, so no number of an earlier
/// start comes again.
fn first_number(clock: &Clock) -> anyhow::Result<u64> {
    Ok(u64::try_from(clock.now().0 / Micros::SECOND)?)
}

/// The port of an address that names this machine itself, by its number.
fn loopback_port(url: &str) -> Option<u16> {
    let url = Url::parse(url).ok()?;
    let is_loopback = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(_) => false,
    };
    url.port_or_known_default().filter(|_| is_loopback)
}

async fn post_elsewhere(webhook: &Webhook, port: u16) -> anyhow::Result<bool> {
    let http = SafeHttp::new(OutgoingPolicy {
        allow_loopback_ports: vec![port],
        allow_networks: Vec::new(),
        timeout: PATIENCE,
        max_body: 1 << 20,
    })?;
    let request = OutgoingRequest {
        method: Method::POST,
        headers: webhook.headers.clone(),
        body: webhook.body.clone(),
        ..OutgoingRequest::get(&webhook.url)
    };
    Ok((200..300).contains(&http.send(request).await?.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called() {
        let check = |url: &str, port: Option<u16>| assert_eq!(loopback_port(url), port, "{url}");
        check("http://127.0.0.1:9000/hook", Some(9000));
        check("http://[::1]:9000/hook", Some(9000));
        check("https://127.0.0.1/hook", Some(443));
        check("https://203.0.113.7:9000/hook", None);
        check("http://localhost:9000/hook", None);
        check("https://bots.example/hook", None);
        check("no address", None);
    }
}
