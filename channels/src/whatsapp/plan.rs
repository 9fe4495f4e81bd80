//! The requests that show a reply.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use url::Url;
use url::form_urlencoded;

use super::account::request;
use super::content::REPEATED;
use super::message::MESSAGE_HINT;
use super::people::{is_phone, is_user_id};
use super::template::template;
use super::{CAPABILITIES, GROUP_CAPABILITIES};
use crate::degrade::{own_stickers, web_address};
use crate::mark::mark;
use crate::{
    AccountConfig, Act, Action, Acts, Button, ButtonAction, Card, Choice, Contact, Degraded, Destination,
    HttpMethod, ListSection, Location, MediaKind, Part, PlatformRequest, Reactions, Reply, Shown, degrade,
};

/// The setting with the words on the button that opens a list of choices. Without it a sign stands there that needs no
/// language.
const LIST_BUTTON: &str = "list_button";

/// As many choices stand below a text as buttons; more need a list.
const BUTTONS: usize = 3;

/// The reply as it is shown; a sound has its words in a message of their own.
pub(super) fn fit(to: &Destination, reply: &Reply) -> Degraded {
    let caps = if is_group(&to.thread) { &*GROUP_CAPABILITIES } else { &*CAPABILITIES };
    let (reply, foreign) = own_stickers(reply, is_sticker);
    let mut fitted = degrade(&reply, caps);
    fitted.also_lost(foreign);
    fitted
}

pub(super) fn requests(account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
    let sender = Sender { account, to };
    let mut requests: Vec<PlatformRequest> = shown.iter().filter_map(|shown| sender.send(shown)).collect();
    for (index, request) in requests.iter_mut().enumerate() {
        if let Some(correlation) = &to.correlation {
            request.body["biz_opaque_callback_data"] = mark(correlation, index).into();
        }
    }
    requests
}

/// "Typing" goes together with "read" and stays for 25 s.
pub(super) const ACTS: Acts = Acts {
    can: &[Act::Quote],
    reactions: Reactions::Any,
    typing_ms: 25_000,
    typing_reads: true,
    shows_seen: true,
    ..Acts::NOTHING
};

pub(super) fn act(account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
    let sender = Sender { account, to };
    let read = |id: &str| json!({"messaging_product": "whatsapp", "status": "read", "message_id": id});
    let body = match action {
        // Typing is shown together with "read", and only for a message that came in.
        Action::Typing => {
            let mut body = read(to.hint(MESSAGE_HINT)?);
            body["typing_indicator"] = json!({"type": "text"});
            body
        }
        Action::Seen { external_id } => read(external_id.as_deref().or_else(|| to.hint(MESSAGE_HINT))?),
        Action::React { external_id, emoji } => {
            let emoji = emoji.as_deref().unwrap_or_default();
            let mut reaction = sender.envelope("reaction");
            reaction["reaction"] = json!({"message_id": external_id, "emoji": emoji});
            reaction
        }
        Action::Edit { .. }
        | Action::Delete { .. }
        | Action::Hide { .. }
        | Action::PassControl { .. }
        | Action::TakeControl { .. } => {
            return None;
        }
    };
    Some(sender.request(body))
}

/// Whoever has neither a number nor a business-scoped id is a group.
fn is_group(thread: &str) -> bool {
    !is_phone(thread) && !is_user_id(thread)
}

/// A sticker is the number of a file that the platform keeps, as it came to us, or the address of a WebP picture.
fn is_sticker(id: &str) -> bool {
    is_file_number(id) || web_address(id).is_some()
}

fn is_file_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn sticker(id: &str) -> Value {
    if is_file_number(id) { json!({ "id": id }) } else { json!({ "link": link(id) }) }
}

struct Sender<'a> {
    account: &'a AccountConfig,
    to: &'a Destination,
}

impl Sender<'_> {
    fn send(&self, shown: &Shown) -> Option<PlatformRequest> {
        let mut body = match &shown.part {
            Part::Text { text } if shown.choices.is_empty() => self.text(text),
            Part::Text { text } => self.choices(text, &shown.choices),
            Part::Buttons { text, buttons } => self.buttons(text, None, buttons),
            Part::Media { kind, url, alt } => self.media(*kind, url, alt.as_deref()),
            // One card is one message: the planner knows.
            Part::Cards { cards } => self.card(cards.first()?),
            Part::Location { location } => self.location(location),
            Part::List { text, button, sections } => self.list(text, button, sections),
            Part::Contacts { contacts } => self.contacts(contacts),
            Part::Template { template: filled } => self.with("template", template(filled)),
            Part::Sticker { id, .. } => self.with("sticker", sticker(id)),
            // The planner says these in words: WhatsApp lacks them.
            Part::Flex { .. } | Part::Imagemap { .. } => return None,
        };
        if let Some(quoted) = &shown.reply_to {
            body["context"] = json!({"message_id": quoted});
        }
        Some(self.request(body))
    }

    fn request(&self, body: Value) -> PlatformRequest {
        let path = format!("{}/messages", self.account.external_id);
        request(self.account, HttpMethod::Post, &path, body)
    }

    /// What every message has. A number goes into `to`, a business-scoped id into `recipient`.
    fn envelope(&self, kind: &str) -> Value {
        let thread = self.to.thread.as_str();
        let group = is_group(thread);
        let mut body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": if group { "group" } else { "individual" },
            "type": kind,
        });
        body[if is_user_id(thread) { "recipient" } else { "to" }] = thread.into();
        body
    }

    fn with(&self, kind: &str, content: Value) -> Value {
        let mut body = self.envelope(kind);
        body[kind] = content;
        body
    }

    fn text(&self, text: &str) -> Value {
        let links = text.contains("https://") || text.contains("http://");
        self.with("text", json!({"body": text, "preview_url": links}))
    }

    fn media(&self, kind: MediaKind, url: &str, caption: Option<&str>) -> Value {
        let field = media_field(kind);
        let mut file = json!({"link": link(url)});
        if field == "document" {
            file["filename"] = file_name(url).into();
        }
        if let Some(caption) = caption {
            file["caption"] = caption.into();
        }
        self.with(field, file)
    }

    fn interactive(&self, kind: &str, text: &str, action: &Value) -> Value {
        let content = json!({"type": kind, "body": {"text": text}, "action": action});
        self.with("interactive", content)
    }

    fn choices(&self, text: &str, choices: &[Choice]) -> Value {
        let ids = distinct(choices.iter().map(|choice| choice.payload.as_str()));
        let pairs = choices.iter().zip(ids);
        if choices.len() <= BUTTONS {
            let keys: Vec<Value> = pairs.map(|(choice, id)| key(&choice.title, &id)).collect();
            return self.interactive("button", text, &json!({"buttons": keys}));
        }
        let rows: Vec<Value> = pairs.map(|(choice, id)| json!({"id": id, "title": choice.title})).collect();
        let button = self.account.settings.get(LIST_BUTTON).map_or("☰", String::as_str);
        self.interactive("list", text, &json!({"button": button, "sections": [{"rows": rows}]}))
    }

    /// At most three that choose, or one that opens an address: WhatsApp shows no other mixture.
    fn buttons(&self, text: &str, header: Option<Value>, buttons: &[Button]) -> Value {
        let opens = buttons.iter().find_map(|button| match &button.action {
            ButtonAction::Open { url } => Some((button.title.as_str(), url.as_str())),
            ButtonAction::Choose { .. } => None,
        });
        let mut body = if let Some((title, url)) = opens {
            let parameters = json!({"display_text": title, "url": link(url)});
            self.interactive("cta_url", text, &json!({"name": "cta_url", "parameters": parameters}))
        } else {
            let payload = |button: &Button| match &button.action {
                ButtonAction::Choose { payload } => payload.clone(),
                ButtonAction::Open { url } => url.clone(),
            };
            let payloads: Vec<String> = buttons.iter().map(payload).collect();
            let ids = distinct(payloads.iter().map(String::as_str));
            let keys: Vec<Value> =
                buttons.iter().zip(ids).map(|(button, id)| key(&button.title, &id)).collect();
            self.interactive("button", text, &json!({"buttons": keys}))
        };
        if let Some(header) = header {
            body["interactive"]["header"] = header;
        }
        body
    }

    /// One message a card: a picture with words and buttons, as far as it has them.
    fn card(&self, card: &Card) -> Value {
        let text = card.text.as_deref().filter(|text| !text.trim().is_empty());
        let words = text.map_or_else(|| card.title.clone(), |text| format!("{}\n{text}", card.title));
        let image = card.image_url.as_deref().map(|url| json!({"link": link(url)}));
        match (image, card.buttons.is_empty()) {
            (None, true) => self.text(&words),
            (Some(mut image), true) => {
                image["caption"] = words.into();
                self.with("image", image)
            }
            (image, false) => {
                let header = image.map(|image| json!({"type": "image", "image": image}));
                self.buttons(&words, header, &card.buttons)
            }
        }
    }

    fn list(&self, text: &str, button: &str, sections: &[ListSection]) -> Value {
        let mut ids =
            distinct(sections.iter().flat_map(|section| &section.rows).map(|row| row.payload.as_str()))
                .into_iter();
        let section = |section: &ListSection| {
            let row = |(row, id): (&crate::ListRow, String)| {
                let mut shown = json!({"id": id, "title": row.title});
                if let Some(text) = row.text.as_deref().filter(|text| !text.trim().is_empty()) {
                    shown["description"] = text.into();
                }
                shown
            };
            let rows: Vec<Value> = section.rows.iter().zip(ids.by_ref()).map(row).collect();
            let mut shown = json!({"rows": rows});
            if !section.title.trim().is_empty() {
                shown["title"] = section.title.as_str().into();
            }
            shown
        };
        let sections: Vec<Value> = sections.iter().map(section).collect();
        self.interactive("list", text, &json!({"button": button, "sections": sections}))
    }

    /// The coordinates are texts, as Meta's schema wants them.
    fn location(&self, location: &Location) -> Value {
        let (latitude, longitude) = (location.latitude.to_string(), location.longitude.to_string());
        let mut place = json!({"latitude": latitude, "longitude": longitude});
        for (field, words) in [("name", &location.title), ("address", &location.address)] {
            if let Some(words) = words.as_deref().filter(|words| !words.trim().is_empty()) {
                place[field] = words.into();
            }
        }
        self.with("location", place)
    }

    /// WhatsApp wants a part of the name beside the whole.
    fn contacts(&self, contacts: &[Contact]) -> Value {
        let list = |field: &str, values: &[String]| -> Vec<Value> {
            let values = values.iter().filter(|value| !value.trim().is_empty());
            values.map(|value| Value::Object(Map::from_iter([(field.to_owned(), json!(value))]))).collect()
        };
        let card = |contact: &Contact| {
            let mut card = json!({
                "name": {"formatted_name": contact.name, "first_name": contact.name},
                "phones": list("phone", &contact.phones),
            });
            let emails = list("email", &contact.emails);
            if !emails.is_empty() {
                card["emails"] = emails.into();
            }
            card
        };
        let cards: Vec<Value> = contacts.iter().map(card).collect();
        self.with("contacts", cards.into())
    }
}

/// The field and type under which a file goes.
pub(super) fn media_field(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "image",
        MediaKind::Video | MediaKind::Animation => "video",
        MediaKind::Audio | MediaKind::Voice => "audio",
        MediaKind::File => "document",
    }
}

fn key(title: &str, id: &str) -> Value {
    json!({"type": "reply", "reply": {"id": id, "title": title}})
}

/// The payloads as ids that differ: those that repeat get signs behind them that nobody sees, and that are taken away
/// again when they come back.
fn distinct<'a>(payloads: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    payloads
        .map(|payload| {
            let mut id = payload.to_owned();
            while !taken.insert(id.clone()) {
                id.push(REPEATED);
            }
            id
        })
        .collect()
}

/// The planner lets only web addresses pass; they go encoded.
pub(super) fn link(url: &str) -> String {
    web_address(url).map_or_else(|| url.to_owned(), String::from)
}

/// What a document is called on the phone: the last part of its address.
pub(super) fn file_name(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let last = parsed.as_ref().and_then(|url| url.path_segments()?.next_back());
    let encoded = last.unwrap_or_default().replace('+', "%2B");
    let name = form_urlencoded::parse(encoded.as_bytes()).next().map(|(name, _)| name.into_owned());
    name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "file".into())
}
