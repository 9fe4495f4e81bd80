//! One object of `messaging` or `standby`: what happened in a thread.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::content::contents;
use super::decode::Scene;
use super::fields::{fingerprint, first_id, first_text, flag, id, list, number, short, text, time};
use super::{INBOX_APP, USER_REF};
use crate::read_mark;
use crate::{
    Content, Echo, Event, InboundMessage, Notice, NoticeKind, Order, OrderItem, Reaction, Receipt,
    ReceiptState, Referral, Sender,
};

/// What happened beside messages: the name of the field, its kind, and where the words for a person stand.
const NOTICES: &[(&str, NoticeKind, &str)] = &[
    ("pass_thread_control", NoticeKind::Handover, "/metadata"),
    ("take_thread_control", NoticeKind::Handover, "/metadata"),
    ("request_thread_control", NoticeKind::Handover, "/metadata"),
    ("release_thread_control", NoticeKind::Handover, "/metadata"),
    ("app_roles", NoticeKind::Account, ""),
    ("policy_enforcement", NoticeKind::Account, "/reason"),
    ("policy-enforcement", NoticeKind::Account, "/reason"),
    ("business_integrity", NoticeKind::Account, "/description"),
    ("account_linking", NoticeKind::AccountLinked, "/status"),
    ("payment", NoticeKind::Payment, "/payload"),
    ("pre_checkout", NoticeKind::Payment, "/payload"),
    ("checkout_update", NoticeKind::Payment, "/payload"),
    ("game_play", NoticeKind::Game, "/payload"),
    ("response_feedback", NoticeKind::Feedback, "/feedback"),
    ("messaging_feedback", NoticeKind::Feedback, ""),
    ("call", NoticeKind::Call, ""),
    ("calls", NoticeKind::Call, ""),
    ("call_permission_reply", NoticeKind::Call, "/response"),
    ("message_context", NoticeKind::Service, ""),
    ("message_request", NoticeKind::OptIn, ""),
    ("branded_camera", NoticeKind::Game, "/event"),
];

/// The payload behind the button that begins a chat, unless the account's setting `get_started` says another.
pub(crate) const GET_STARTED: &str = "GET_STARTED";

/// Fields of an event that say who and when, not what.
const ENVELOPE: &[&str] = &["sender", "recipient", "timestamp", "prior_message", "hop_context", "thread"];

/// What one event says; a message of several attachments says several things.
pub(super) fn event_of(scene: &Scene<'_>, event: &Value) -> Vec<Event> {
    let told = Told::of(scene, event);
    let held = |name: &str| event.get(name).filter(|held| !held.is_null());
    if let Some(message) = held("message") {
        return told.message(message);
    }
    if let Some(postback) = held("postback") {
        return told.postback(postback);
    }
    if let Some(delivery) = held("delivery") {
        return told.delivered(delivery);
    }
    if let Some(read) = held("read") {
        return told.read(read);
    }
    vec![
        held("reaction")
            .and_then(|reaction| told.reaction(reaction))
            .or_else(|| told.edited(held("message_edit")?))
            .or_else(|| {
                Some(
                    told.said(
                        "referral",
                        Content::Referral { referral: referral_of(event.get("referral"))? },
                    ),
                )
            })
            .or_else(|| Some(told.said("optin", optin(held("optin")?))))
            .or_else(|| Some(told.said("order", Content::Order { order: order(held("order")?) })))
            .or_else(|| Some(told.said("form", form(event)?)))
            .or_else(|| Some(told.said("notice", notice(event)?)))
            .unwrap_or_else(|| told.unknown()),
    ]
}

/// An event with its people.
struct Told<'a> {
    scene: &'a Scene<'a>,
    event: &'a Value,
    sender: Sender,
    /// The customer's thread.
    thread: String,
    /// True where our side did it.
    is_ours: bool,
    time: Option<i64>,
}

impl<'a> Told<'a> {
    fn of(scene: &'a Scene<'a>, event: &'a Value) -> Self {
        let person = |name: &str| {
            id(event, &format!("/{name}/id"))
                .or_else(|| id(event, &format!("/{name}/user_ref")).map(|id| format!("{USER_REF}{id}")))
                .unwrap_or_default()
        };
        let reference = first_id(event, &["/optin/user_ref"]).map(|id| format!("{USER_REF}{id}"));
        let (from, to) = (person("sender"), person("recipient"));
        let is_account = |id: &str| !id.is_empty() && id == scene.account;
        let is_echo = flag(event, "/message/is_echo") || flag(event, "/message/is_self");
        let is_ours = is_echo || (is_account(&from) && !is_account(&to) && !to.is_empty());
        // Old echoes name the customer as the sender.
        let customer = if is_ours && !to.is_empty() && !is_account(&to) { to } else { from.clone() };
        let customer = if customer.is_empty() { reference.unwrap_or_default() } else { customer };
        let ours = if scene.account.is_empty() { from } else { scene.account.clone() };
        let sender = Sender {
            display_name: text(event, "/sender/name").filter(|_| !is_ours),
            username: text(event, "/sender/username").filter(|_| !is_ours),
            ..Sender::new(if is_ours { ours } else { customer.clone() })
        };
        Self { scene, event, sender, thread: customer, is_ours, time: time(event, "/timestamp") }
    }

    fn fingerprint(&self) -> String {
        self.scene.fingerprint(self.event, self.time.is_some())
    }

    /// An event about `content` with this id.
    fn inbound(&self, event_id: String, content: Content) -> InboundMessage {
        let sent_at = self.scene.sent_at(self.time);
        InboundMessage {
            thread: self.thread.clone(),
            standby: self.scene.standby,
            ..InboundMessage::new(event_id, self.sender.clone(), sent_at, content)
        }
    }

    /// What the customer said, or what our side did.
    fn event(&self, message: InboundMessage) -> Event {
        if !self.is_ours {
            return Event::Message(Box::new(message));
        }
        let correlation = text(self.event, "/message/metadata");
        let ours = self.is_by_sala(correlation.as_deref());
        Event::Echo(Box::new(Echo { message, ours, correlation: correlation.filter(|_| ours) }))
    }

    /// True where Sala itself sent it. The program's id decides where both sides name it; the platform's own inbox has one,
    /// too. Else our mark does: a UUID, as no other program is likely to choose.
    fn is_by_sala(&self, metadata: Option<&str>) -> bool {
        let by = id(self.event, "/message/app_id");
        let ours = self.scene.config.settings.get("app_id").filter(|id| !id.is_empty());
        match (by.as_deref(), ours) {
            (Some(INBOX_APP), _) => false,
            (Some(by), Some(ours)) => by == ours,
            _ => metadata.is_some_and(|mark| is_uuid(read_mark(mark).0)),
        }
    }

    fn said(&self, kind: &str, content: Content) -> Event {
        let mut message = self.inbound(format!("{kind}:{}", self.fingerprint()), content);
        if let Some(token) =
            first_text(self.event, &["/optin/notification_messages_token", "/optin/one_time_notif_token"])
        {
            message.hints.push(("notification_messages_token".into(), token));
        }
        self.event(message)
    }

    fn message(&self, message: &Value) -> Vec<Event> {
        let mid = id(message, "/mid");
        if flag(message, "/is_deleted")
            && let Some(external_id) = mid
        {
            let event_id = format!("deleted:{external_id}");
            return vec![self.event(self.inbound(event_id, Content::Deleted { external_id }))];
        }
        let mid = mid.unwrap_or_else(|| format!("message:{}", self.fingerprint()));
        let referral = referral_of(message.get("referral"))
            .or_else(|| referral_of(self.event.get("referral")))
            .or_else(|| self.prior_message());
        let one = |(index, content): (usize, Content)| {
            let event_id = if index == 0 { mid.clone() } else { format!("{mid}#{index}") };
            let mut one = self.inbound(event_id, content);
            one.external_id.clone_from(&mid);
            one.reply_to = id(message, "/reply_to/mid");
            one.referral = referral.clone().filter(|_| index == 0);
            one.forwarded = flag(message, "/is_forwarded");
            self.event(one)
        };
        contents(message).into_iter().enumerate().map(one).collect()
    }

    /// A chat that began by the checkbox or chat plug-in says so with its first message.
    fn prior_message(&self) -> Option<Referral> {
        let prior = self.event.get("prior_message")?;
        Some(Referral {
            source: text(prior, "/source")?,
            payload: text(prior, "/identifier"),
            ..Referral::default()
        })
    }

    fn postback(&self, postback: &Value) -> Vec<Event> {
        let referral =
            referral_of(postback.get("referral")).or_else(|| referral_of(self.event.get("referral")));
        // In standby the payload is kept from us.
        let payload = text(postback, "/payload").unwrap_or_default();
        let begins = self.scene.config.settings.get("get_started").map_or(GET_STARTED, String::as_str);
        let content = if payload == begins {
            Content::Started { payload: referral.as_ref().and_then(|referral| referral.payload.clone()) }
        } else {
            Content::Choice { payload, title: text(postback, "/title"), values: BTreeMap::new() }
        };
        let event_id = id(postback, "/mid").unwrap_or_else(|| format!("postback:{}", self.fingerprint()));
        let mut message = self.inbound(event_id, content);
        message.referral = referral;
        vec![self.event(message)]
    }

    fn receipt(&self, external_id: String, state: ReceiptState) -> Receipt {
        Receipt { thread: self.thread.clone(), at: self.time, ..Receipt::new(external_id, state) }
    }

    /// Messenger names the messages or, where it names none, the time until when all have come.
    fn delivered(&self, delivery: &Value) -> Vec<Event> {
        let ids: Vec<String> = list(delivery, "/mids").iter().filter_map(|mid| id(mid, "")).collect();
        let receipts = ids.into_iter().map(|mid| self.receipt(mid, ReceiptState::Delivered));
        let events: Vec<Event> = receipts.map(Event::Receipt).collect();
        if events.is_empty() { self.until(delivery, ReceiptState::Delivered) } else { events }
    }

    /// Instagram names the message, Messenger the time until when all are read.
    fn read(&self, read: &Value) -> Vec<Event> {
        match id(read, "/mid") {
            Some(mid) => vec![Event::Receipt(self.receipt(mid, ReceiptState::Read))],
            None => self.until(read, ReceiptState::Read),
        }
    }

    fn until(&self, about: &Value, state: ReceiptState) -> Vec<Event> {
        let Some(until) = time(about, "/watermark") else { return vec![self.unknown()] };
        vec![Event::Receipt(Receipt { up_to: Some(until), ..self.receipt(String::new(), state) })]
    }

    fn reaction(&self, reaction: &Value) -> Option<Event> {
        let external_id = id(reaction, "/mid")?;
        let action = text(reaction, "/action").unwrap_or_else(|| "react".into());
        let emoji = text(reaction, "/emoji").or_else(|| Some(emoji_of(&text(reaction, "/reaction")?)));
        let emoji = if action == "unreact" { None } else { Some(emoji.unwrap_or_else(|| "?".into())) };
        let event_id = match self.event.get("timestamp").filter(|_| self.time.is_some()) {
            Some(at) => format!("reaction:{external_id}:{}:{action}:{at}", self.sender.external_id),
            None => format!("reaction:{}", self.fingerprint()),
        };
        let content = Content::Reaction { reaction: Reaction { external_id, emoji } };
        Some(self.event(self.inbound(short_id(event_id), content)))
    }

    fn edited(&self, edit: &Value) -> Option<Event> {
        let external_id = id(edit, "/mid")?;
        let event_id = match text(edit, "/num_edit") {
            Some(count) => format!("edit:{external_id}:{count}"),
            None => format!("edit:{}", self.fingerprint()),
        };
        let content = Content::Edited { external_id, text: text(edit, "/text") };
        Some(self.event(self.inbound(short_id(event_id), content)))
    }

    fn unknown(&self) -> Event {
        let fields = self.event.as_object().into_iter().flat_map(Map::iter);
        let named = fields.filter(|(name, held)| !ENVELOPE.contains(&name.as_str()) && !held.is_null());
        let standing = if self.scene.standby { "standby" } else { "messaging" };
        let kind = named.map(|(name, _)| name.as_str()).min().unwrap_or(standing);
        self.said("unknown", Content::Unknown { kind: short(kind) })
    }
}

fn short_id(id: String) -> String {
    if id.len() > 600 { fingerprint(id.as_bytes()) } else { id }
}

/// The advertisement, link or plug-in that brought a person. Null fields are none; an empty object is no referral.
fn referral_of(referral: Option<&Value>) -> Option<Referral> {
    let referral = referral.filter(|referral| referral.as_object().is_some_and(|held| !held.is_empty()))?;
    let ad = "/ads_context_data";
    Some(Referral {
        source: first_text(referral, &["/source", "/type"]).unwrap_or_else(|| "referral".into()),
        payload: text(referral, "/ref"),
        url: first_text(referral, &["/referer_uri", "/source_url"]),
        id: first_id(referral, &["/ad_id", "/product/id", "/ads_context_data/post_id"]),
        title: text(referral, &format!("{ad}/ad_title")),
        text: None,
        image_url: first_text(referral, &[&format!("{ad}/photo_url"), &format!("{ad}/video_url")]),
    })
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// Meta's words for reactions, where the emoji itself is missing.
fn emoji_of(word: &str) -> String {
    let emoji = match word {
        "smile" | "haha" => "😆",
        "angry" => "😠",
        "sad" => "😢",
        "wow" => "😮",
        "love" => "❤",
        "like" => "👍",
        "dislike" => "👎",
        other => return short(other),
    };
    emoji.into()
}

/// The person allowed messages (or took that back): recurring ones, one, or those of a plug-in.
fn optin(optin: &Value) -> Content {
    let status = text(optin, "/notification_messages_status").unwrap_or_default();
    let kind = if status.starts_with("STOP") { NoticeKind::OptOut } else { NoticeKind::OptIn };
    let name = text(optin, "/type").map_or_else(|| "optin".to_owned(), |name| short(&name));
    let words = first_text(optin, &["/title", "/payload", "/ref"]);
    Content::Notice { notice: Notice { kind, name, text: words, details: optin.clone() } }
}

fn order(order: &Value) -> Order {
    let item = |product: &Value| OrderItem {
        product: first_text(product, &["/retailer_id", "/id"]).unwrap_or_default(),
        name: text(product, "/name"),
        quantity: number(product, "/quantity").map_or(1, |quantity| quantity as u32),
        price: number(product, "/unit_price"),
        currency: text(product, "/currency"),
    };
    Order {
        catalog: text(order, "/catalog_id"),
        items: list(order, "/products").iter().map(item).collect(),
        note: text(order, "/note"),
    }
}

/// What was filled in within the thread: the customer-information screens and the lead form.
fn form(event: &Value) -> Option<Content> {
    let name = ["messaging_customer_information", "customer_information", "in_thread_lead_form_submit"]
        .into_iter()
        .find(|name| event.get(name).is_some_and(Value::is_object))?;
    let held = &event[name];
    let mut values = Map::new();
    let screens = list(held, "/screens").iter().flat_map(|screen| list(screen, "/responses"));
    for answer in screens {
        if let (Some(key), Some(value)) = (text(answer, "/key"), answer.get("value")) {
            values.insert(short(&key), value.clone());
        }
    }
    if values.is_empty() {
        values = held.as_object().cloned().unwrap_or_default();
    }
    Some(Content::Form { name: name.into(), values })
}

fn notice(event: &Value) -> Option<Content> {
    let held = |name: &str| event.get(name).filter(|held| !held.is_null());
    let (name, kind, words) = NOTICES.iter().find(|(name, ..)| held(name).is_some())?;
    let details = held(name)?.clone();
    let words = if words.is_empty() { None } else { text(&details, words) };
    let name = name.replace('-', "_");
    Some(Content::Notice { notice: Notice { kind: *kind, name, text: words, details } })
}
