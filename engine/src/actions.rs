//! Actions: what flows call. A named service is the embedded shop or an address of the operator's settings.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use dialogues::{Action, CallFailure, Event, Record, Value};
use serde_json::Value as Json;
use tower::ServiceExt;

use crate::safe_http::{OutgoingError, OutgoingRequest, SafeHttp};

/// The largest answer of a service, in bytes.
const LARGEST_ANSWER: usize = 1 << 20;

/// Where a named service answers.
pub enum Service {
    /// A service inside this program.
    Embedded(Router),
    /// A base address; actions append their paths.
    Http(String),
}

/// Answers a call in a service's place, or lets it through.
type StandIn = Box<dyn Fn(&Action, &Record) -> Option<Event> + Send + Sync>;

/// Everything that actions need.
pub struct Actions {
    services: BTreeMap<String, Service>,
    http: SafeHttp,
    stand_in: Option<StandIn>,
}

/// A service's answer.
struct Answered {
    status: u16,
    body: Vec<u8>,
}

impl Actions {
    pub fn new(services: BTreeMap<String, Service>, http: SafeHttp) -> Self {
        Self { services, http, stand_in: None }
    }

    /// Lets a scenario answer some calls itself.
    #[must_use]
    pub fn with_stand_in(
        mut self,
        answer: impl Fn(&Action, &Record) -> Option<Event> + Send + Sync + 'static,
    ) -> Self {
        self.stand_in = Some(Box::new(answer));
        self
    }

    /// Calls an action and reads its answer as the kind it declares. An idempotent action is tried again when the
    /// service is not available.
    pub async fn call(&self, action: &Action, args: &Record) -> Event {
        if let Some(event) = self.stand_in.as_ref().and_then(|answer| answer(action, args)) {
            return event;
        }
        let started = tokio::time::Instant::now();
        let mut tries = action.retries;
        let event = loop {
            match self.call_once(action, args).await {
                Event::CallFailed { reason: CallFailure::Unavailable } if tries > 0 => tries -= 1,
                event => break event,
            }
        };
        let outcome = match &event {
            Event::Called { .. } => "called",
            Event::CallFailed { reason } => reason.name(),
            _ => "other",
        };
        metrics::histogram!("sala_action_seconds", "action" => action.name.clone(), "outcome" => outcome)
            .record(started.elapsed().as_secs_f64());
        event
    }

    async fn call_once(&self, action: &Action, args: &Record) -> Event {
        let deadline = Duration::from_millis(u64::from(action.timeout_ms));
        let answered = match self.services.get(&action.service) {
            None => {
                tracing::error!(action = %action.name, service = %action.service, "the service is not configured");
                return failed(CallFailure::Unavailable);
            }
            Some(Service::Embedded(router)) => {
                tokio::time::timeout(deadline, embedded(router.clone(), action, args)).await.ok().flatten()
            }
            Some(Service::Http(base)) => self.over_http(base, action, args, deadline).await,
        };
        match answered {
            None => failed(CallFailure::Unavailable),
            Some(answered) => read(action, &answered),
        }
    }

    async fn over_http(
        &self,
        base: &str,
        action: &Action,
        args: &Record,
        deadline: Duration,
    ) -> Option<Answered> {
        let (path, body) = target(action, args);
        let request = OutgoingRequest {
            method: method(action),
            url: format!("{}{path}", base.trim_end_matches('/')),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
            timeout: Some(deadline),
            max_body: Some(LARGEST_ANSWER),
        };
        match self.http.send(request).await {
            Ok(response) => Some(Answered { status: response.status, body: response.body }),
            Err(error) => {
                let blocked = matches!(error, OutgoingError::Blocked { .. });
                tracing::warn!(action = %action.name, %error, blocked, "an action's service did not answer");
                None
            }
        }
    }
}

async fn embedded(router: Router, action: &Action, args: &Record) -> Option<Answered> {
    let (path, body) = target(action, args);
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = Request::builder()
        .method(method(action))
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .ok()?;
    let response = router.oneshot(request).await.ok()?;
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), LARGEST_ANSWER).await.ok()?;
    Some(Answered { status, body: body.to_vec() })
}

fn method(action: &Action) -> Method {
    match action.method {
        dialogues::Method::Get => Method::GET,
        dialogues::Method::Post => Method::POST,
        dialogues::Method::Put => Method::PUT,
        dialogues::Method::Patch => Method::PATCH,
        dialogues::Method::Delete => Method::DELETE,
    }
}

/// The path with its arguments filled in, and the rest as query or JSON body. Arguments are data: each is escaped.
fn target(action: &Action, args: &Record) -> (String, Option<Json>) {
    let mut path = action.path.clone();
    let mut rest = serde_json::Map::new();
    for (name, value) in args {
        let placeholder = format!("{{{name}}}");
        if path.contains(&placeholder) {
            let text = text_of(value);
            let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            path = path.replace(&placeholder, &escaped.replace('+', "%20"));
        } else if !value.is_none() {
            rest.insert(name.clone(), value.to_plain_json());
        }
    }
    match action.method {
        dialogues::Method::Get | dialogues::Method::Delete => {
            if !rest.is_empty() {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in &rest {
                    query.append_pair(
                        name,
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str(),
                    );
                }
                path = format!("{path}?{}", query.finish());
            }
            (path, None)
        }
        _ => (path, Some(Json::Object(rest))),
    }
}

fn text_of(value: &Value) -> String {
    match value.to_plain_json() {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

fn read(action: &Action, answered: &Answered) -> Event {
    match answered.status {
        200..=299 => {}
        408 | 429 | 500..=599 => return failed(CallFailure::Unavailable),
        _ => return failed(CallFailure::Refused),
    }
    let body = if answered.body.is_empty() { &b"null"[..] } else { &answered.body[..] };
    let result = serde_json::from_slice::<Json>(body).ok().and_then(|json| action.result.read(&json).ok());
    let Some(result) = result else {
        tracing::error!(action = %action.name, "the service's answer is not of the declared kind");
        return failed(CallFailure::BadResult);
    };
    Event::Called { result }
}

fn failed(reason: CallFailure) -> Event {
    Event::CallFailed { reason }
}
