//! Flex messages: cards, lists, and buttons that a template cannot hold.

use serde_json::{Value, json};

use super::fit::{cut, first_words, length, link, media_link};
use crate::{Button, ButtonAction, Card, ListSection};

/// Of the reference: bubbles in a carousel, and the bytes of JSON in a bubble (30 KB) and in a carousel (50 KB).
pub(super) const BUBBLES: usize = 12;
pub(super) const BUBBLE_BYTES: usize = 30_000;
pub(super) const CAROUSEL_BYTES: usize = 50_000;

/// The words of a button as LINE shows them in one line (the reference: labels of actions).
pub(super) const LABEL_LIMIT: usize = 20;

/// What stands in the list of chats and is read aloud. Apps before 2024 take 400 units, newer ones 1500.
const ALT_LIMIT: usize = 400;

/// A Flex message of a container that a designer made, or that is made here.
pub(super) fn message(alt: &str, contents: &Value) -> Value {
    json!({"type": "flex", "altText": alt_text(alt, contents), "contents": contents})
}

/// True for what can stand in a Flex message at all.
pub(super) fn is_container(contents: &Value) -> bool {
    let bytes = contents.to_string().len();
    match contents.get("type").and_then(Value::as_str) {
        Some("bubble") => bytes <= BUBBLE_BYTES,
        Some("carousel") => {
            let bubbles = contents.get("contents").and_then(Value::as_array).map_or(0, Vec::len);
            (1..=BUBBLES).contains(&bubbles) && bytes <= CAROUSEL_BYTES
        }
        _ => false,
    }
}

/// The words that stand for a message, which must not be blank.
pub(super) fn alt_text(alt: &str, contents: &Value) -> String {
    let words = Some(alt.trim()).filter(|alt| !alt.is_empty()).map(str::to_owned);
    cut(&words.or_else(|| first_words(contents)).unwrap_or_else(|| "…".into()), ALT_LIMIT)
}

/// A text with its buttons below.
pub(super) fn buttons(text: &str, buttons: &[Button]) -> Value {
    let body = json!({"type": "box", "layout": "vertical", "contents": [words(text)]});
    message(text, &json!({"type": "bubble", "body": body, "footer": footer(buttons)}))
}

/// The cards in runs that stand side by side within LINE's sizes: nearly always one.
pub(super) fn runs(cards: Vec<Card>) -> Vec<Vec<Card>> {
    let mut runs: Vec<Vec<Card>> = Vec::new();
    let mut bytes = 0;
    for card in cards {
        let size = card_bubble(&card).to_string().len() + 1;
        match runs.last_mut() {
            // Two hundred bytes are the carousel's own.
            Some(run) if run.len() < BUBBLES && bytes + size <= CAROUSEL_BYTES - 200 => {
                bytes += size;
                run.push(card);
            }
            _ => {
                bytes = size;
                runs.push(vec![card]);
            }
        }
    }
    runs
}

/// Cards side by side.
pub(super) fn carousel(cards: &[Card]) -> Value {
    let titles: Vec<&str> = cards.iter().map(|card| card.title.trim()).collect();
    let alt = titles.join(", ");
    if let [only] = cards {
        return message(&alt, &card_bubble(only));
    }
    let bubbles: Vec<Value> = cards.iter().map(card_bubble).collect();
    message(&alt, &json!({"type": "carousel", "contents": bubbles}))
}

fn card_bubble(card: &Card) -> Value {
    let mut texts =
        vec![json!({"type": "text", "text": card.title, "weight": "bold", "size": "lg", "wrap": true})];
    if let Some(text) = card.text.as_deref().filter(|text| !text.trim().is_empty()) {
        texts.push(json!({"type": "text", "text": text, "wrap": true, "size": "sm", "margin": "md"}));
    }
    let mut bubble = json!({
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "contents": texts},
    });
    if let Some(url) = card.image_url.as_deref().and_then(media_link) {
        bubble["hero"] = json!({
            "type": "image", "url": url, "size": "full", "aspectRatio": "20:13", "aspectMode": "cover",
        });
    }
    if !card.buttons.is_empty() {
        bubble["footer"] = footer(&card.buttons);
    }
    bubble
}

/// A list as rows that can be tapped: as many messages as LINE's sizes ask for.
pub(super) fn list(text: &str, button: &str, sections: &[ListSection]) -> Vec<Value> {
    let heading = |text: &str| json!({"type": "text", "text": text, "wrap": true, "size": "sm", "color": "#888888", "margin": "lg"});
    let mut lines = vec![words(text), heading(button)];
    for section in sections {
        if !section.title.trim().is_empty() {
            lines.push(heading(&section.title));
        }
        for row in &section.rows {
            let mut texts = vec![json!({"type": "text", "text": row.title, "wrap": true, "weight": "bold"})];
            if let Some(text) = row.text.as_deref().filter(|text| !text.trim().is_empty()) {
                texts.push(json!({"type": "text", "text": text, "wrap": true, "size": "sm"}));
            }
            let action = json!({"type": "postback", "data": row.payload, "displayText": row.title});
            lines.push(tappable(&action, &texts));
        }
    }
    let mut messages = Vec::new();
    let mut run: Vec<Value> = Vec::new();
    let mut bytes = 0;
    for line in lines {
        let size = line.to_string().len() + 1;
        if !run.is_empty() && bytes + size > BUBBLE_BYTES - 200 {
            messages.push(list_message(text, &std::mem::take(&mut run)));
            bytes = 0;
        }
        bytes += size;
        run.push(line);
    }
    messages.push(list_message(text, &run));
    messages
}

fn list_message(alt: &str, lines: &[Value]) -> Value {
    let body = json!({"type": "box", "layout": "vertical", "spacing": "sm", "contents": lines});
    message(alt, &json!({"type": "bubble", "body": body}))
}

fn words(text: &str) -> Value {
    json!({"type": "text", "text": text, "wrap": true})
}

fn footer(buttons: &[Button]) -> Value {
    let buttons: Vec<Value> = buttons.iter().map(component).collect();
    json!({"type": "box", "layout": "vertical", "spacing": "sm", "contents": buttons})
}

/// A button; a title too long for one is a box that can be tapped, within which it goes over several lines.
fn component(button: &Button) -> Value {
    let mut action = action(button);
    if length(&button.title) <= LABEL_LIMIT {
        return json!({"type": "button", "style": "secondary", "height": "sm", "action": action});
    }
    if let Some(fields) = action.as_object_mut() {
        fields.remove("label");
    }
    let text = json!({"type": "text", "text": button.title, "wrap": true, "align": "center"});
    tappable(&action, &[text])
}

fn tappable(action: &Value, contents: &[Value]) -> Value {
    json!({
        "type": "box",
        "layout": "vertical",
        "paddingAll": "md",
        "cornerRadius": "md",
        "backgroundColor": "#F2F3F5",
        "action": action,
        "contents": contents,
    })
}

/// What a tap does. The words of a choice appear in the chat as the person's own.
pub(super) fn action(button: &Button) -> Value {
    let title = &button.title;
    match &button.action {
        ButtonAction::Choose { payload } => {
            json!({"type": "postback", "label": title, "data": payload, "displayText": title})
        }
        // Addresses that are none were written into the text before.
        ButtonAction::Open { url } => {
            json!({"type": "uri", "label": title, "uri": link(url).unwrap_or_default()})
        }
    }
}
