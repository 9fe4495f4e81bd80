//! What a WhatsApp message means in our words.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::value::{decimal, is_set, items, short, whole, word};
use crate::{
    Contact, Content, Location, Media, MediaKind, MediaSource, Notice, NoticeKind, Order, OrderItem,
    Reaction, Referral,
};

/// Behind the id of a button: one for each button before it with the same payload, since ids may not repeat.
pub(super) const REPEATED: char = '\u{2063}';

/// The content of a message. `change` is what it came in: some failures stand there and not in the message.
pub(super) fn content_of(message: &Value, change: &Value) -> Content {
    let kind = word(message, "/type").unwrap_or_else(|| kind_held(message));
    let is_failed = !items(message, "/errors").is_empty();
    known(&kind, message).unwrap_or_else(|| {
        let half_delivered = kind == "interactive" && !items(change, "/errors").is_empty();
        match kind.as_str() {
            "unsupported" | "unknown" | "ephemeral" => unsupported(message),
            _ if is_failed || half_delivered => Content::Unsupported { kind: Some(short(&kind)) },
            "" => Content::Unknown { kind: "message".into() },
            _ => Content::Unknown { kind: short(&kind) },
        }
    })
}

/// Some programs pass messages on without their type: it is the name of what they hold.
fn kind_held(message: &Value) -> String {
    const KINDS: [&str; 14] = [
        "text",
        "image",
        "video",
        "document",
        "audio",
        "voice",
        "sticker",
        "location",
        "contacts",
        "reaction",
        "button",
        "interactive",
        "order",
        "system",
    ];
    let held = KINDS.iter().find(|kind| message.get(**kind).is_some_and(|held| !held.is_null()));
    held.map(|kind| (*kind).to_owned()).unwrap_or_default()
}

fn known(kind: &str, message: &Value) -> Option<Content> {
    let body = message.get(kind).unwrap_or(&Value::Null);
    match kind {
        "text" => Some(Content::Text { text: message.pointer("/text/body")?.as_str()?.to_owned() }),
        "image" => media(MediaKind::Image, body),
        "video" => media(MediaKind::Video, body),
        "document" => media(MediaKind::File, body),
        "audio" if is_set(body, "/voice") => media(MediaKind::Voice, body),
        "audio" | "voice" => media(MediaKind::Audio, body),
        "sticker" => sticker(body),
        "location" => location(body),
        "contacts" => contacts(body),
        "reaction" => Some(Content::Reaction {
            reaction: Reaction { external_id: word(body, "/message_id")?, emoji: word(body, "/emoji") },
        }),
        "button" => {
            let payload = word(body, "/payload").or_else(|| word(body, "/text"))?;
            Some(choice(&payload, word(body, "/text"), None))
        }
        "interactive" => interactive(body),
        "order" => order(body),
        "system" => Some(system(body)),
        "edit" => Some(Content::Edited {
            external_id: word(body, "/original_message_id")?,
            text: edited_text(body.get("message")?),
        }),
        "revoke" => Some(Content::Deleted { external_id: word(body, "/original_message_id")? }),
        "request_welcome" => Some(Content::Started { payload: None }),
        _ => None,
    }
}

fn media(kind: MediaKind, file: &Value) -> Option<Content> {
    let media = Media {
        mime: word(file, "/mime_type"),
        name: word(file, "/filename"),
        caption: word(file, "/caption"),
        ..Media::new(kind, MediaSource::Platform { id: word(file, "/id")? })
    };
    Some(Content::Media { media })
}

fn sticker(file: &Value) -> Option<Content> {
    let id = word(file, "/id")?;
    let kind = if is_set(file, "/animated") { MediaKind::Animation } else { MediaKind::Image };
    let picture = Media {
        mime: word(file, "/mime_type"),
        ..Media::new(kind, MediaSource::Platform { id: id.clone() })
    };
    Some(Content::Sticker { id, keywords: Vec::new(), emoji: word(file, "/emoji"), media: Some(picture) })
}

fn location(place: &Value) -> Option<Content> {
    let location = Location {
        latitude: decimal(place, "/latitude").filter(|degrees| degrees.abs() <= 90.0)?,
        longitude: decimal(place, "/longitude").filter(|degrees| degrees.abs() <= 180.0)?,
        title: word(place, "/name"),
        address: word(place, "/address"),
    };
    Some(Content::Location { location })
}

fn contacts(cards: &Value) -> Option<Content> {
    let contacts: Vec<Contact> = cards.as_array()?.iter().filter_map(contact).collect();
    (!contacts.is_empty()).then_some(Content::Contact { contacts })
}

/// A card may come as fields, as a vCard or as both; its name may be missing.
fn contact(card: &Value) -> Option<Contact> {
    let vcard = word(card, "/vcard").unwrap_or_default();
    let line_of = |field: &str| {
        let values = vcard.lines().filter_map(|line| line.split_once(':'));
        let named = values.filter(|(name, _)| name.split(';').next() == Some(field));
        named.map(|(_, value)| value.trim().to_owned()).collect::<Vec<_>>()
    };
    let listed = |list: &str, field: &str| -> Vec<String> {
        items(card, list).iter().filter_map(|item| word(item, field)).collect()
    };
    let or = |listed: Vec<String>, field: &str| if listed.is_empty() { line_of(field) } else { listed };
    let first_and_last: Vec<String> =
        ["/name/first_name", "/name/last_name"].into_iter().filter_map(|path| word(card, path)).collect();
    let name = word(card, "/name/formatted_name")
        .or_else(|| Some(first_and_last.join(" ")).filter(|name| !name.is_empty()))
        .or_else(|| line_of("FN").into_iter().next())
        .or_else(|| word(card, "/org/company"));
    let phones = listed("/phones", "/phone");
    let phones = if phones.is_empty() { listed("/phones", "/wa_id") } else { phones };
    let (phones, emails) = (or(phones, "TEL"), or(listed("/emails", "/email"), "EMAIL"));
    let name = name.or_else(|| phones.first().cloned()).or_else(|| emails.first().cloned())?;
    Some(Contact { name, phones, emails })
}

fn choice(payload: &str, title: Option<String>, text: Option<String>) -> Content {
    let values = text.map(|text| ("description".to_owned(), text));
    let payload = payload.trim_end_matches(REPEATED).to_owned();
    Content::Choice { payload, title, values: values.into_iter().collect::<BTreeMap<_, _>>() }
}

fn interactive(body: &Value) -> Option<Content> {
    let kind = word(body, "/type")?;
    let reply = body.get(&kind)?;
    match kind.as_str() {
        "button_reply" | "list_reply" => {
            Some(choice(&word(reply, "/id")?, word(reply, "/title"), word(reply, "/description")))
        }
        "nfm_reply" => Some(form(reply)),
        "call_permission_reply" => Some(Content::Notice {
            notice: Notice {
                kind: NoticeKind::Call,
                name: kind,
                text: word(reply, "/response"),
                details: reply.clone(),
            },
        }),
        _ => None,
    }
}

/// What was filled in comes as JSON within a text; where it is none, the text itself is kept.
fn form(reply: &Value) -> Content {
    let filled = match reply.get("response_json") {
        Some(Value::Object(fields)) => fields.clone(),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::from_iter([("response_json".to_owned(), json!(text))]),
        },
        _ => Map::new(),
    };
    Content::Form { name: short(&word(reply, "/name").unwrap_or_else(|| "flow".into())), values: filled }
}

fn order(body: &Value) -> Option<Content> {
    let item = |item: &Value| {
        Some(OrderItem {
            product: word(item, "/product_retailer_id")?,
            name: word(item, "/name"),
            quantity: whole(item, "/quantity").map_or(1, |pieces| u32::try_from(pieces).unwrap_or(0)),
            price: decimal(item, "/item_price"),
            currency: word(item, "/currency"),
        })
    };
    let order = Order {
        catalog: word(body, "/catalog_id"),
        items: items(body, "/product_items").iter().filter_map(item).collect(),
        note: word(body, "/text"),
    };
    (order != Order::default()).then_some(Content::Order { order })
}

fn system(body: &Value) -> Content {
    let name = word(body, "/type").unwrap_or_else(|| "system".into());
    let is_identity = ["user_changed", "customer_changed", "customer_identity"]
        .into_iter()
        .any(|start| name.starts_with(start));
    let kind = if is_identity { NoticeKind::Identity } else { NoticeKind::Service };
    let notice = Notice { kind, name: short(&name), text: word(body, "/body"), details: body.clone() };
    Content::Notice { notice }
}

fn edited_text(message: &Value) -> Option<String> {
    let kind = word(message, "/type").unwrap_or_default();
    word(message, "/text/body").or_else(|| word(message.get(&kind)?, "/caption"))
}

fn unsupported(message: &Value) -> Content {
    Content::Unsupported { kind: word(message, "/unsupported/type").map(|kind| short(&kind)) }
}

/// The advertisement, post or product that brought a message.
pub(super) fn referral_of(message: &Value) -> Option<Referral> {
    let ad = message.get("referral").filter(|ad| ad.is_object());
    let advertised = ad.map(|ad| Referral {
        source: word(ad, "/source_type").unwrap_or_else(|| "ad".into()),
        payload: None,
        url: word(ad, "/source_url"),
        id: word(ad, "/source_id"),
        title: word(ad, "/headline"),
        text: word(ad, "/body"),
        image_url: word(ad, "/image_url").or_else(|| word(ad, "/thumbnail_url")),
    });
    let product = || {
        let id = word(message, "/context/referred_product/product_retailer_id")?;
        Some(Referral { source: "product".into(), id: Some(id), ..Referral::default() })
    };
    advertised.or_else(product)
}
