//! A company's own systems: a signed webhook in each direction, in the vocabulary of [`Content`] and [`Reply`].
//!
//! `docs/webhook-channel.md` tells the other side what to send and what to expect. An account's secret is
//! `signing_secret` (with `.previous` while it is changed), its setting `url` is where replies go.

pub mod simulator;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::degrade::web_address;
use crate::json::read_json;
use crate::{
    AccountCheck, AccountConfig, Act, Action, Acts, Advice, Capabilities, Channel, ChannelName, Content,
    Destination, Echo, Event, Feature, Heard, HttpCall, HttpMethod, HttpResponse, InboundMessage, LengthUnit,
    MediaSource, Part, PlatformRequest, Reactions, Receipt, Received, Refusal, Rules, SendError, Sender,
    SetupField, Shown, Signing, Transport, signature,
};

/// The header that carries the signature, in both directions.
const SIGNATURE_HEADER: &str = "x-sala-signature";

/// The secret that signs, in both directions.
const SECRET: &str = "signing_secret";

/// The fields of a call that say what happened, each of the shape that [`Content`] has under this name. A referral may
/// also stand beside one of the others.
const KINDS: &[&str] = &[
    "text",
    "choice",
    "media",
    "sticker",
    "location",
    "contact",
    "form",
    "order",
    "poll",
    "shared",
    "story_reply",
    "story_mention",
    "comment",
    "reaction",
    "edited",
    "deleted",
    "started",
    "stopped",
    "notice",
    "unsupported",
    "referral",
];

/// The webhook adapter.
pub struct Webhook;

/// The other side shows what it can, so these are only the limits of good sense: what our own widget has. Templates and
/// Flex messages belong to one platform each, and are said in words.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    text_unit: LengthUnit::Characters,
    text_limit: 20_000,
    caption_limit: 4_000,
    choices: 50,
    choice_title_limit: 256,
    buttons: 50,
    link_buttons: 50,
    button_title_limit: 256,
    payload_limit: 1_024,
    cards: 50,
    card_title_limit: 1_000,
    card_text_limit: 4_000,
    card_buttons: 50,
    rows: 100,
    row_title_limit: 256,
    row_text_limit: 1_000,
    list_button_limit: 256,
    place_limit: 1_000,
    features: vec![
        Feature::Choices,
        Feature::ChoicesUnderAnything,
        Feature::Buttons,
        Feature::Cards,
        Feature::Media,
        Feature::Location,
        Feature::Lists,
        Feature::Contacts,
        Feature::Stickers,
        Feature::ReplyTo,
        Feature::Typing,
        Feature::Reactions,
    ],
    ..Capabilities::NOTHING
});

/// Our own wish not to flood a small server; it answers 429 where it wants less.
static RULES: Rules = Rules { account_per_second: 50, knows_repeats: true, ..Rules::FREE };

impl Channel for Webhook {
    fn name(&self) -> ChannelName {
        ChannelName::Webhook
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn verify(&self, account: &AccountConfig, call: &HttpCall<'_>) -> bool {
        let header = call.header(SIGNATURE_HEADER).unwrap_or_default();
        signature::verify(account.secrets_of(SECRET), header, call.body, call.now)
    }

    fn decode(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
        let Some(Value::Object(body)) = read_json(call.body) else { return Err(Refusal::Malformed) };
        // Whose it is says the address it came to: a company must not speak for another one's account.
        let heard = Heard { account: account.external_id.clone(), event: event(&body, call) };
        Ok(Received { events: vec![heard], answer: String::new() })
    }

    /// One call for the whole reply.
    fn requests(&self, account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
        let (Some(first), Some(last)) = (shown.first(), shown.last()) else { return Vec::new() };
        let parts: Vec<&Part> = shown.iter().map(|shown| &shown.part).collect();
        let said = json!({
            "parts": parts, "choices": last.choices, "reply_to": first.reply_to, "human": to.human,
        });
        vec![post(account, "reply", Some(to), said)]
    }

    fn outcome(&self, request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
        outcome(request, response)
    }

    fn act(&self, account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
        Some(post(account, "action", Some(to), json!({ "action": action })))
    }

    fn acts(&self, _account: &AccountConfig, _thread: &str) -> &'static Acts {
        &ACTS
    }

    /// A signed `ping`, to which the other side answers 2xx and does nothing.
    fn setup(&self) -> &'static [SetupField] {
        const FIELDS: &[SetupField] = &[SetupField::url("url"), SetupField::made(SECRET), SetupField::seen()];
        FIELDS
    }

    fn checks(&self, account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
        vec![(AccountCheck::Webhook, post(account, "ping", None, json!({})))]
    }
}

/// Whatever the other side can do; it answers 2xx to the rest.
const ACTS: Acts = Acts {
    can: &[Act::Quote, Act::Edit, Act::Delete],
    reactions: Reactions::Any,
    typing_ms: 5_000,
    shows_seen: true,
    ..Acts::NOTHING
};

/// A number or a text that is not empty, as text.
fn word(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(word) if !word.is_empty() => Some(word.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn flag(fields: &Map<String, Value>, name: &str) -> Option<bool> {
    fields.get(name)?.as_bool()
}

/// Microseconds UTC, of seconds or milliseconds since 1970: what is below the year 5138 in seconds is seconds.
fn time(fields: &Map<String, Value>, name: &str) -> Option<i64> {
    let time: i64 = word(fields, name)?.parse().ok().filter(|time| *time > 0)?;
    let factor = if time < 100_000_000_000 { 1_000_000 } else { 1_000 };
    time.checked_mul(factor)
}

fn event(body: &Map<String, Value>, call: &HttpCall<'_>) -> Event {
    let receipt = body.get("receipt").map(|receipt| serde_json::from_value(forgiven("receipt", receipt)));
    if let Some(Ok(receipt)) = receipt {
        let receipt: Receipt = receipt;
        let thread = Some(receipt.thread.clone()).filter(|thread| !thread.is_empty());
        let thread = thread.or_else(|| word(body, "thread")).unwrap_or_default();
        return Event::Receipt(Receipt { thread, ..receipt });
    }
    let message = message(body, call);
    if flag(body, "typing") == Some(true) {
        return Event::Typing { thread: message.thread };
    }
    let correlation = word(body, "correlation");
    if flag(body, "echo") == Some(true) {
        return Event::Echo(Box::new(Echo { message, ours: correlation.is_some(), correlation }));
    }
    Event::Message(Box::new(message))
}

fn message(body: &Map<String, Value>, call: &HttpCall<'_>) -> InboundMessage {
    let id = word(body, "id").unwrap_or_else(|| digest(call.body));
    let nobody = Map::new();
    let person = body.get("sender").and_then(Value::as_object).unwrap_or(&nobody);
    let sender = Sender {
        external_id: word(person, "id").or_else(|| word(body, "thread")).unwrap_or_default(),
        display_name: word(person, "name"),
        language: word(person, "language"),
        username: word(person, "username"),
        phone: word(person, "phone"),
        also: Vec::new(),
    };
    let content = content(body);
    let beside = body.get("referral").filter(|_| !matches!(content, Content::Referral { .. }));
    let group = flag(body, "group") == Some(true);
    InboundMessage {
        thread: word(body, "thread").unwrap_or_else(|| sender.external_id.clone()),
        group,
        addressed: flag(body, "addressed").unwrap_or(!group),
        reply_to: word(body, "reply_to"),
        referral: beside.and_then(|referral| serde_json::from_value(referral.clone()).ok()),
        forwarded: flag(body, "forwarded") == Some(true),
        ..InboundMessage::new(id, sender, time(body, "sent_at").unwrap_or(call.now), content)
    }
}

/// A name for a call without an id, by which a redelivery is known.
fn digest(body: &[u8]) -> String {
    Sha256::digest(body)[..16].iter().fold("sha256:".to_owned(), |mut name, byte| {
        let _infallible = write!(name, "{byte:02x}");
        name
    })
}

fn content(body: &Map<String, Value>) -> Content {
    let named = KINDS.iter().find_map(|kind| Some((*kind, body.get(*kind)?)));
    let read = named.and_then(|(kind, value)| read(kind, value)).filter(is_fetched_by_address);
    let unknown = || named.map(|(kind, _)| kind.to_owned()).or_else(|| word(body, "type"));
    read.unwrap_or_else(|| {
        let kind = unknown().unwrap_or_else(|| "webhook".into());
        Content::Unknown { kind: kind.chars().take(64).collect() }
    })
}

/// The content of this kind: its fields stand in `value`, or `value` is its one field.
fn read(kind: &str, value: &Value) -> Option<Content> {
    let value = forgiven(kind, value);
    let tag = [("type".to_owned(), Value::from(kind))];
    let fields = value.as_object().map(|fields| fields.clone().into_iter().chain(tag.clone()).collect());
    let name = if kind == "contact" { "contacts" } else { kind };
    let one = [(name.to_owned(), value)].into_iter().chain(tag).collect();
    let content = |fields: Map<String, Value>| serde_json::from_value(Value::Object(fields)).ok();
    fields.and_then(content).or_else(|| content(one))
}

/// What may be written more simply than the vocabulary does: an id as a number, a file's `url` in place of its `source`,
/// one contact without a list around it.
fn forgiven(kind: &str, value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(id) = value.get("external_id").filter(|id| id.is_number()).map(ToString::to_string) {
        value["external_id"] = id.into();
    }
    match (kind, value.get("url").cloned()) {
        ("media", Some(url)) => value["source"] = json!({"at": "url", "url": url}),
        ("contact", _) if value.is_object() && value.get("contacts").is_none() => value = json!([value]),
        _ => {}
    }
    value
}

/// The other side may name addresses of the web, and nothing that lies with us.
fn is_fetched_by_address(content: &Content) -> bool {
    let (Content::Media { media } | Content::Sticker { media: Some(media), .. }) = content else {
        return true;
    };
    matches!(&media.source, MediaSource::Url { url } if web_address(url).is_some())
}

/// One signed call. Its `id` is the key by which the other side knows a repeated one.
fn post(account: &AccountConfig, kind: &str, to: Option<&Destination>, mut body: Value) -> PlatformRequest {
    let mut headers = Vec::new();
    body["type"] = kind.into();
    if let Some(to) = to {
        body["thread"] = to.thread.clone().into();
        if let Some(correlation) = to.correlation.as_ref().filter(|_| kind == "reply") {
            body["id"] = correlation.clone().into();
            headers.push(("idempotency-key".to_owned(), correlation.clone()));
        }
    }
    let url = account.settings.get("url").cloned().unwrap_or_default();
    let sign = Signing { header: SIGNATURE_HEADER.into(), secret: SECRET.into() };
    let transport = Transport::Http { method: HttpMethod::Post, url, headers };
    PlatformRequest { sign: Some(sign), ..PlatformRequest::new(transport, body) }
}

/// A repeated call is harmless, as it has its key; so whatever fails on the other side is tried again.
fn outcome(request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
    let answer = read_json(response.body).unwrap_or_default();
    let said = answer.get("error").and_then(Value::as_str).map(str::trim).filter(|words| !words.is_empty());
    let reason =
        said.map_or_else(|| format!("HTTP {}", response.status), |words| words.chars().take(300).collect());
    let header = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    let wait = header.and_then(|(_, seconds)| seconds.trim().parse::<u64>().ok());
    let refused = |code: &str, advice: Advice| {
        Err(SendError::Refused { code: code.into(), reason: reason.clone(), advice: advice.as_str().into() })
    };
    match response.status {
        // 409 is how many servers say that they have this key already.
        200..=299 | 409 => {
            let named = answer.as_object().and_then(|answer| word(answer, "id"));
            let ours = || request.body.get("id").and_then(Value::as_str).map(str::to_owned);
            Ok(Receipt::sent(named.or_else(ours).unwrap_or_default()))
        }
        408 | 425 | 429 | 500.. => {
            Err(SendError::Retry { after_ms: wait.map(|seconds| seconds.saturating_mul(1000)), reason })
        }
        401 | 403 => refused("signature", Advice::CheckToken),
        300..=399 | 404 | 405 => refused("address", Advice::CheckAddress),
        410 => refused("unreachable", Advice::WaitForPerson),
        413 | 422 => refused("text", Advice::ChangeText),
        _ => refused("refused", Advice::Report),
    }
}
