//! The demo's platforms: simulators that answer like the real ones, on the loopback only, and a way to play their
//! customers.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use channels::simulator::Webhook;
use channels::telegram::simulator::TelegramSimulator;
use channels::{HttpCall, HttpMethod};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::App;
use crate::clock::{Clock, Micros};
use crate::ids::ChannelAccountId;
use crate::safe_http::OutgoingRequest;

/// The pretended platforms of the demo.
#[derive(Clone)]
pub struct Simulators {
    telegram: Arc<Mutex<TelegramSimulator>>,
    clock: Clock,
    /// Our own service, to which the platforms' webhooks go.
    ours: Arc<Mutex<Option<Router>>>,
}

impl Simulators {
    pub fn new(telegram_token: &str, clock: Clock) -> Self {
        // A second per update is more than anybody plays, so no number of an earlier start comes again.
        let seconds = clock.now().0 / Micros::SECOND;
        let telegram = TelegramSimulator::new(telegram_token, "baan_kafe_demo_bot").numbering_from(seconds);
        let telegram = Arc::new(Mutex::new(telegram));
        Self { telegram, clock, ours: Arc::default() }
    }

    /// The service that the webhooks are carried to.
    pub fn connect(&self, ours: Router) {
        if let Ok(mut slot) = self.ours.lock() {
            *slot = Some(ours);
        }
    }

    /// What the platforms serve, on their own port, and the calls by which customers are played.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/demo/say", post(say))
            .route("/demo/transcript", get(transcript))
            .route("/{*path}", any(telegram))
            .with_state(self.clone())
    }

    /// The webhooks of a customer who presses the button of that title, or else writes the text.
    fn customer_writes(&self, customer: i64, text: &str) -> Option<Vec<Webhook>> {
        let now = self.clock.now().0;
        let mut telegram = self.telegram.lock().ok()?;
        let pressed = telegram.customer_presses(customer, text);
        Some(pressed.unwrap_or_else(|| telegram.customer_says(customer, text, now)))
    }

    /// Carries webhooks to our service as the platform would: again when they are not answered 2xx.
    async fn carry(&self, webhooks: Vec<Webhook>) {
        let ours = self.ours.lock().ok().and_then(|ours| ours.clone());
        let Some(ours) = ours else { return };
        for webhook in webhooks {
            for _ in 0..5 {
                let path = webhook.url.split_once("://").map_or(webhook.url.as_str(), |(_, rest)| {
                    rest.find('/').map_or("/", |slash| &rest[slash..])
                });
                let mut request = axum::http::Request::builder().method(Method::POST).uri(path);
                for (name, value) in &webhook.headers {
                    request = request.header(name, value);
                }
                let Ok(request) = request.body(axum::body::Body::from(webhook.body.clone())) else { break };
                let answered = ours.clone().oneshot(request).await;
                if answered.is_ok_and(|response| response.status().is_success()) {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        }
    }
}

async fn telegram(
    State(simulators): State<Simulators>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = HttpCall {
        method: if method == Method::GET { HttpMethod::Get } else { HttpMethod::Post },
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: &body,
        now: simulators.clock.now().0,
    };
    let handled = simulators.telegram.lock().map(|mut telegram| telegram.handle(uri.path(), &call));
    let Ok((answer, webhooks)) = handled else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let carrier = simulators.clone();
    tokio::spawn(async move { carrier.carry(webhooks).await });
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, answer.body).into_response()
}

#[derive(Deserialize)]
struct Say {
    channel: String,
    #[serde(default = "default_customer")]
    customer: i64,
    text: String,
}

fn default_customer() -> i64 {
    4_000_001
}

/// A customer writes on a simulated platform.
async fn say(State(simulators): State<Simulators>, Json(say): Json<Say>) -> Response {
    if say.channel != "telegram" {
        let known = json!({ "error": "this channel has no simulator here: use telegram" });
        return (StatusCode::NOT_FOUND, Json(known)).into_response();
    }
    let Some(webhooks) = simulators.customer_writes(say.customer, &say.text) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    simulators.carry(webhooks).await;
    StatusCode::ACCEPTED.into_response()
}

#[derive(Deserialize)]
struct Chat {
    #[serde(default = "default_customer")]
    customer: i64,
}

/// What a customer sees.
async fn transcript(State(simulators): State<Simulators>, Query(chat): Query<Chat>) -> Json<Value> {
    let lines = simulators.telegram.lock().map(|telegram| json!(telegram.transcript(chat.customer)));
    Json(json!({ "lines": lines.unwrap_or_default() }))
}

/// Registers our webhook with the platform of an account, as setting the channel up would.
pub async fn register(app: &App, account: &ChannelAccountId) -> anyhow::Result<()> {
    let Some(account) = app.accounts.find(account).await else {
        anyhow::bail!("the account {account} is not there")
    };
    let public_url = format!("{}/channels/{}/webhook", app.config.server.public_url, account.id);
    for request in account.adapter.register(&account.config, &public_url) {
        let channels::Transport::Http { url, .. } = &request.transport else { continue };
        let outgoing = OutgoingRequest {
            method: Method::POST,
            url: account.config.fill_secrets(url),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: request.body.to_string().into_bytes(),
            timeout: None,
            max_body: None,
        };
        let response = app.http.send(outgoing).await?;
        anyhow::ensure!(
            response.status == 200,
            "the platform refused our webhook with status {}",
            response.status
        );
    }
    Ok(())
}
