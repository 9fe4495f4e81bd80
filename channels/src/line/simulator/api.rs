//! The Messaging API: which call does what.

use serde_json::{Value, json};

use super::failure::{Failure, answer};
use super::{LineSimulator, linking};
use crate::simulator::{Answer, Fault, NO_ANSWER, Webhook};
use crate::{HttpCall, HttpMethod};

/// A call to be answered.
pub(super) struct Asked<'a> {
    pub(super) call: &'a HttpCall<'a>,
    /// The body as JSON; null where there is none.
    pub(super) body: Value,
}

/// What a call is answered with, and what follows from it.
pub(super) struct Done {
    pub(super) answer: Answer,
    pub(super) webhooks: Vec<Webhook>,
}

impl Done {
    pub(super) fn with(body: &Value) -> Self {
        Self { answer: answer(200, body), webhooks: Vec::new() }
    }

    pub(super) fn status(status: u16, body: &Value) -> Self {
        Self { answer: answer(status, body), webhooks: Vec::new() }
    }
}

/// LINE itself names no wait; a gateway before it may.
fn too_fast(seconds: u64) -> Done {
    let mut answer = Failure::too_fast().answer();
    answer.headers.push(("retry-after".into(), seconds.to_string()));
    Done { answer, webhooks: Vec::new() }
}

/// The largest body that LINE takes (the reference: 413).
const BODY_LIMIT: usize = 2 * 1024 * 1024;

impl LineSimulator {
    /// Every answer has an id of its own, which LINE's people ask for.
    pub(super) fn answer(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        let sends = is_send(path, call.method);
        let fault = if sends { self.faults.pop_front() } else { None };
        let done = match fault {
            Some(Fault::TooManyRequests { seconds }) => Ok(too_fast(seconds)),
            Some(Fault::ServerError) => Err(Failure::new(500, "An internal error occurred.")),
            Some(Fault::TokenExpired) => Err(Failure::unauthorized()),
            Some(Fault::Reset) => return (silence(), Vec::new()),
            Some(Fault::AcceptThenSilence) => {
                let webhooks = self.done(path, call).map(|done| done.webhooks).unwrap_or_default();
                return (silence(), webhooks);
            }
            Some(Fault::None) | None => self.done(path, call),
        };
        let Done { mut answer, webhooks } =
            done.unwrap_or_else(|failure| Done { answer: failure.answer(), webhooks: Vec::new() });
        if !answer.headers.iter().any(|(name, _)| name == "x-line-request-id") {
            let id = request_id(self.number());
            answer.headers.push(("x-line-request-id".into(), id));
        }
        (answer, webhooks)
    }

    fn done(&mut self, path: &str, call: &HttpCall<'_>) -> Result<Done, Failure> {
        if path == "/oauth2/v3/token" {
            return Ok(self.issue_token(call));
        }
        match path {
            "/oauth2/v2.1/authorize" => return self.authorize(call),
            linking::PAGE => return self.link_page(call),
            "/oauth2/v2.1/token" => return self.exchange(call),
            _ => {}
        }
        let bearer = call.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
        if !bearer.is_some_and(|token| self.access_tokens.iter().any(|known| known == token)) {
            return Err(Failure::unauthorized());
        }
        if call.body.len() > BODY_LIMIT {
            return Err(Failure::new(413, "Payload Too Large"));
        }
        let asked = Asked { call, body: body_of(path, call)? };
        let decoded: Vec<String> = path.trim_start_matches('/').split('/').map(decoded).collect();
        let parts: Vec<&str> = decoded.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["v2", "bot", "message", rest @ ..] => self.message_call(rest, &asked),
            ["v2", "bot", "richmenu", ..] | ["v2", "bot", "user", _, "richmenu", ..] => {
                self.menu_call(&parts[2..], &asked)
            }
            ["v2", "bot", "audienceGroup", rest @ ..] => self.audience_call(rest, &asked),
            ["v2", "bot", rest @ ..] => self.other_call(rest, &asked),
            _ => Err(Failure::not_found()),
        }
    }

    fn message_call(&mut self, parts: &[&str], asked: &Asked<'_>) -> Result<Done, Failure> {
        use HttpMethod::{Get, Post};
        match (asked.call.method, parts) {
            (Post, ["reply"]) => self.reply(asked),
            (Post, ["push"]) => self.push(asked),
            (Post, ["multicast"]) => self.multicast(asked),
            (Post, ["broadcast"]) => self.broadcast(asked),
            (Post, ["narrowcast"]) => self.narrowcast(asked),
            (Post, ["validate", kind]) => self.validate(kind, asked),
            (Get, ["progress", "narrowcast"]) => Self::narrowcast_progress(asked),
            (Get, ["quota"]) => Ok(Done::with(&self.quota_state())),
            (Get, ["quota", "consumption"]) => {
                Ok(Done::with(&json!({"totalUsage": self.used(asked.call.now)})))
            }
            (Get, ["delivery", way]) => self.delivery(way, asked),
            (Get, [id, "content"] | [id, "content", "preview"]) => self.content(id, asked.call.now),
            (Get, [id, "content", "transcoding"]) => self.transcoding(id, asked.call.now),
            _ => Err(Failure::not_found()),
        }
    }

    fn other_call(&mut self, parts: &[&str], asked: &Asked<'_>) -> Result<Done, Failure> {
        use HttpMethod::{Get, Post, Put};
        match (asked.call.method, parts) {
            (Get, ["info"]) => Ok(Done::with(&self.info())),
            (Get, ["profile", person]) => self.profile(person),
            (Get, ["followers", "ids"]) => Ok(Done::with(&self.followers())),
            (Get, ["group" | "room", group, "member", person]) => self.member(group, person),
            (Get, ["group", group, "summary"]) => self.summary(group),
            (Get, ["group" | "room", group, "members", "count"]) => self.count(group),
            (Post, ["group" | "room", group, "leave"]) => self.left(group),
            (Post, ["chat", "loading", "start"]) => self.start_loading(asked),
            (Post, ["chat", "markAsRead"]) => self.mark_as_read(asked),
            (Post, ["chat", chat, "control", "acquire"]) => self.control(chat, true, asked),
            (Post, ["chat", chat, "control", "release"]) => self.control(chat, false, asked),
            (Post, ["user", person, "linkToken"]) => self.link_token(person, asked.call.now),
            (Put, ["channel", "webhook", "endpoint"]) => self.set_webhook(asked),
            (Get, ["channel", "webhook", "endpoint"]) => self.webhook_state(),
            (Post, ["channel", "webhook", "test"]) => self.test_webhook(asked),
            (Get, ["insight", rest @ ..]) => self.insight(rest, asked),
            _ => Err(Failure::not_found()),
        }
    }
}

fn is_send(path: &str, method: HttpMethod) -> bool {
    let last = path.strip_prefix("/v2/bot/message/").unwrap_or_default();
    method == HttpMethod::Post && matches!(last, "reply" | "push" | "multicast" | "broadcast" | "narrowcast")
}

fn body_of(path: &str, call: &HttpCall<'_>) -> Result<Value, Failure> {
    let is_picture = path.ends_with("/content");
    if call.body.is_empty() || is_picture {
        return Ok(Value::Null);
    }
    let kind = call.header("content-type").unwrap_or("application/json");
    if !kind.starts_with("application/json") {
        return Err(Failure::new(415, "Unsupported media type"));
    }
    serde_json::from_slice(call.body).map_err(|error| {
        let place = format!("(line: {}, column: {})", error.line(), error.column());
        Failure::bad(&format!("The request body could not be parsed as JSON {place}"))
    })
}

fn silence() -> Answer {
    Answer { status: NO_ANSWER, headers: Vec::new(), body: Vec::new() }
}

pub(super) fn request_id(number: i64) -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", number >> 24 & 0xffff_ffff, number & 0xff_ffff)
}

/// A segment of a path without its escapes.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let escaped = others
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
