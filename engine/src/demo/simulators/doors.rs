//! The doors of the pretended platforms: their own API, and the calls by which their customers and faults are played.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use channels::simulator::{CustomerAct, Delivery, Fault, NO_ANSWER};
use channels::{ChannelName, HttpCall, HttpMethod};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Simulators;

/// A call of a platform's API.
pub(super) async fn platform(
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
        .and_then(|channel| simulators.handle(channel, &format!("/{path}"), &call));
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
pub(super) struct Say {
    channel: String,
    customer: Option<String>,
    text: String,
}

#[derive(Deserialize)]
pub(super) struct Deed {
    channel: String,
    customer: Option<String>,
    act: Option<CustomerAct>,
    /// Several acts, one after another, whose webhooks are carried together as `delivery` says.
    #[serde(default)]
    acts: Vec<CustomerAct>,
    #[serde(default)]
    delivery: Delivery,
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
pub(super) async fn say(State(simulators): State<Simulators>, Json(say): Json<Say>) -> Response {
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
pub(super) async fn act(State(simulators): State<Simulators>, Json(deed): Json<Deed>) -> Response {
    let known = ChannelName::parse(&deed.channel).filter(|name| simulators.platforms.contains_key(name));
    let Some(channel) = known else { return no_such_platform(&simulators) };
    let acts: Vec<CustomerAct> = deed.act.into_iter().chain(deed.acts).collect();
    let customer = somebody(channel, deed.customer);
    if !acts.is_empty() && simulators.play_all(channel, &customer, &acts, deed.delivery).await.is_some() {
        return StatusCode::ACCEPTED.into_response();
    }
    let error = "people cannot do that on this platform, or the line that it names is not there";
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": error }))).into_response()
}

#[derive(Deserialize)]
pub(super) struct Faults {
    channel: String,
    faults: Vec<Fault>,
}

/// The next sends on a platform fail so.
pub(super) async fn faults(State(simulators): State<Simulators>, Json(faults): Json<Faults>) -> Response {
    let asked =
        ChannelName::parse(&faults.channel).and_then(|channel| simulators.fail_next(channel, &faults.faults));
    if asked.is_some() { StatusCode::ACCEPTED.into_response() } else { no_such_platform(&simulators) }
}

#[derive(Deserialize)]
pub(super) struct Chat {
    channel: Option<String>,
    customer: Option<String>,
}

/// Where each platform answers and the tokens and secrets that it pretends to have handed out, for those who run the
/// platforms' own client libraries against them.
pub(super) async fn accounts(State(simulators): State<Simulators>) -> Json<Value> {
    Json(json!({ "accounts": *simulators.accounts }))
}

/// What a customer sees.
pub(super) async fn transcript(
    State(simulators): State<Simulators>,
    Query(chat): Query<Chat>,
) -> Json<Value> {
    let channel = chat.channel.as_deref().map_or(Some(ChannelName::Telegram), ChannelName::parse);
    let lines = channel.and_then(|channel| {
        let customer = somebody(channel, chat.customer);
        simulators.with(channel, |platform| json!(platform.transcript(&customer)))
    });
    Json(json!({ "lines": lines.unwrap_or_default() }))
}
