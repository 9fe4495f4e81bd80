//! The demo's platforms: simulators that answer like the real ones, on the loopback only, and a way to play their
//! customers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use channels::simulator::{CustomerAct, Fault, NO_ANSWER, Simulator, Webhook, pretended};
use channels::{ChannelName, HttpCall, HttpMethod};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_setup;
use crate::clock::{Clock, Micros};
use crate::ids::ChannelAccountId;

/// How often a platform posts a webhook that is not answered 2xx.
const ATTEMPTS: usize = 5;
const BETWEEN: Duration = Duration::from_millis(200);

/// The pretended platforms of the demo.
#[derive(Clone)]
pub struct Simulators {
    platforms: Arc<BTreeMap<ChannelName, Mutex<Box<dyn Simulator>>>>,
    clock: Clock,
    /// Our own service, to which the platforms' webhooks go.
    ours: Router,
    /// How many calls have webhooks that are still being carried.
    carrying: watch::Sender<usize>,
}

/// Opens a platform for each of the accounts that has one, and tells it our webhook. The platforms answer on `listener`
/// until the service closes.
pub async fn open(
    app: &App,
    accounts: &[ChannelAccountId],
    listener: TcpListener,
) -> anyhow::Result<JoinHandle<()>> {
    let simulators = Simulators::of(app, accounts, crate::http::router(app)).await?;
    let server = tokio::spawn(simulators.serve(listener, app.clone()));
    for account in accounts {
        let webhook = channel_setup::webhook_of(app, account);
        if channel_setup::register(app, account, &webhook).await == Some(false) {
            tracing::warn!(%account, "a pretended platform refused our webhook");
        }
    }
    Ok(server)
}

impl Simulators {
    /// One platform for each of the accounts that has one. `ours` is the service that the webhooks are carried to.
    pub async fn of(app: &App, accounts: &[ChannelAccountId], ours: Router) -> anyhow::Result<Self> {
        let clock = app.store.clock().clone();
        // A second per event is more than anybody plays, so no number of an earlier start comes again.
        let from = u64::try_from(clock.now().0 / Micros::SECOND)?;
        let mut platforms = BTreeMap::new();
        for id in accounts {
            let Some(account) = app.accounts.find(id).await else { continue };
            let OpenAccount { name, config, .. } = account.as_ref();
            let webhook = channel_setup::webhook_of(app, id);
            if let Some(platform) = pretended(*name, config, &webhook, from) {
                platforms.insert(*name, Mutex::new(platform));
            }
        }
        Ok(Self { platforms: Arc::new(platforms), clock, ours, carrying: watch::Sender::default() })
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
            .route("/demo/say", post(say))
            .route("/demo/act", post(act))
            .route("/demo/faults", post(faults))
            .route("/demo/transcript", get(transcript))
            .route("/{channel}/{*path}", any(platform))
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
        let webhooks = self.with(channel, |platform| platform.customer(customer, deed, now)).flatten()?;
        self.carry(webhooks).await;
        Some(())
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

    async fn post(&self, webhook: &Webhook) -> bool {
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

/// A call of a platform's API.
async fn platform(
    State(simulators): State<Simulators>,
    Path((channel, path)): Path<(String, String)>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    body: Bytes,
) -> Response {
    let call = HttpCall {
        method: match method {
            Method::GET => HttpMethod::Get,
            Method::PUT => HttpMethod::Put,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Post,
        },
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: &body,
        now: simulators.clock.now().0,
    };
    let handled = ChannelName::parse(&channel)
        .and_then(|channel| simulators.with(channel, |platform| platform.handle(&format!("/{path}"), &call)));
    let Some((answer, webhooks)) = handled else { return StatusCode::NOT_FOUND.into_response() };
    simulators.carry_later(webhooks);
    if answer.status == NO_ANSWER {
        return broken();
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = Response::builder().status(status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

/// An answer that breaks off before it says anything: the connection is closed.
fn broken() -> Response {
    let breaks = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("no answer")) });
    Response::new(Body::from_stream(breaks))
}

#[derive(Deserialize)]
struct Say {
    channel: String,
    customer: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct Deed {
    channel: String,
    customer: Option<String>,
    act: CustomerAct,
}

/// Who writes where nobody is named: an id as the platform gives them.
fn somebody(channel: ChannelName, named: Option<String>) -> String {
    named.unwrap_or_else(|| {
        match channel {
            ChannelName::Line => "U4000001aaaabbbbccccddddeeeeffff0",
            ChannelName::Whatsapp => "66812345678",
            _ => "4000001",
        }
        .to_owned()
    })
}

fn no_such_platform(simulators: &Simulators) -> Response {
    let names: Vec<&str> = simulators.names().map(ChannelName::as_str).collect();
    let error = format!("this channel has no simulator here: use one of {}", names.join(", "));
    (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response()
}

/// A customer presses the button of that title, or else writes the text.
async fn say(State(simulators): State<Simulators>, Json(say): Json<Say>) -> Response {
    let Some(channel) =
        ChannelName::parse(&say.channel).filter(|name| simulators.platforms.contains_key(name))
    else {
        return no_such_platform(&simulators);
    };
    let customer = somebody(channel, say.customer);
    let press = CustomerAct::Presses { title: say.text.clone() };
    if simulators.play(channel, &customer, &press).await.is_some() {
        return StatusCode::ACCEPTED.into_response();
    }
    let write = CustomerAct::Says { text: say.text, quotes: None };
    match simulators.play(channel, &customer, &write).await {
        Some(()) => StatusCode::ACCEPTED.into_response(),
        None => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    }
}

/// A customer does anything that people do on platforms.
async fn act(State(simulators): State<Simulators>, Json(deed): Json<Deed>) -> Response {
    let known = ChannelName::parse(&deed.channel).filter(|name| simulators.platforms.contains_key(name));
    let Some(channel) = known else { return no_such_platform(&simulators) };
    if simulators.play(channel, &somebody(channel, deed.customer), &deed.act).await.is_some() {
        return StatusCode::ACCEPTED.into_response();
    }
    let error = "people cannot do that on this platform, or the line that it names is not there";
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": error }))).into_response()
}

#[derive(Deserialize)]
struct Faults {
    channel: String,
    faults: Vec<Fault>,
}

/// The next sends on a platform fail so.
async fn faults(State(simulators): State<Simulators>, Json(faults): Json<Faults>) -> Response {
    let asked = ChannelName::parse(&faults.channel)
        .and_then(|channel| simulators.with(channel, |platform| platform.fail_next(&faults.faults)));
    if asked.is_some() { StatusCode::ACCEPTED.into_response() } else { no_such_platform(&simulators) }
}

#[derive(Deserialize)]
struct Chat {
    channel: Option<String>,
    customer: Option<String>,
}

/// What a customer sees.
async fn transcript(State(simulators): State<Simulators>, Query(chat): Query<Chat>) -> Json<Value> {
    let channel = chat.channel.as_deref().map_or(Some(ChannelName::Telegram), ChannelName::parse);
    let lines = channel.and_then(|channel| {
        let customer = somebody(channel, chat.customer);
        simulators.with(channel, |platform| json!(platform.transcript(&customer)))
    });
    Json(json!({ "lines": lines.unwrap_or_default() }))
}
