//! What the pretended customers do in their private chats.

use serde_json::{Value, json};

use super::{LineSimulator, Member, Stored};
use crate::line::plan::is_group;
use crate::simulator::{CustomerAct, Speaker, Webhook};
use crate::{Location, MediaKind};

impl LineSimulator {
    /// People on LINE cannot react, share contacts with us or edit in private chats; what they read is not told.
    pub(super) fn act(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        let (chat, person) =
            customer.split_once(':').map_or((customer, None), |(chat, who)| (chat, Some(who)));
        if is_group(chat) {
            return self.group_act(Member { group: chat, person }, act, now);
        }
        self.person(customer);
        let source = json!({"type": "user", "userId": customer});
        match act {
            CustomerAct::Says { text, quotes } => {
                let mut message = json!({"type": "text", "text": text});
                if let Some(quoted) = quotes {
                    message["quotedMessageId"] = quoted.as_str().into();
                }
                Some(self.sends(&source, message, text, now).1)
            }
            CustomerAct::Presses { title } => self.presses(&source, customer, title, now),
            CustomerAct::Sends { kind, name, mime, bytes, caption } => {
                let file = File { kind: *kind, name, mime, bytes };
                let mut webhooks = self.sends_file(&source, customer, &file, now);
                if let Some(text) = caption.as_deref().filter(|text| !text.trim().is_empty()) {
                    let message = json!({"type": "text", "text": text});
                    webhooks.extend(self.sends(&source, message, text, now).1);
                }
                Some(webhooks)
            }
            CustomerAct::SendsSticker { id } => Some(self.sends_sticker(&source, id, now)),
            CustomerAct::SendsLocation { location } => Some(self.sends_location(&source, location, now)),
            CustomerAct::Deletes { line } => self.unsends(&source, customer, line, now),
            CustomerAct::Starts { .. } => {
                let chat = self.chats.entry(customer.to_owned()).or_default();
                let unblocked = std::mem::replace(&mut chat.blocked, false);
                let fields = json!({"follow": {"isUnblocked": unblocked}});
                Some(self.event(&source, "follow", fields, now))
            }
            CustomerAct::Leaves => {
                self.chats.entry(customer.to_owned()).or_default().blocked = true;
                Some(self.event(&source, "unfollow", json!({}), now))
            }
            CustomerAct::Reads => Some(Vec::new()),
            CustomerAct::ColleagueSays { text } => {
                let id = self.number().to_string();
                self.chats.entry(customer.to_owned()).or_default().add(Speaker::Us, &id, now, text);
                Some(Vec::new())
            }
            _ => None,
        }
    }

    /// A message of a person's. The answer holds its id, and the webhooks.
    pub(super) fn sends(
        &mut self,
        source: &Value,
        mut message: Value,
        shown: &str,
        now: i64,
    ) -> (String, Vec<Webhook>) {
        let id = self.number().to_string();
        let chat = super::chat_of(source);
        message["id"] = id.as_str().into();
        let read = format!("r{id}");
        message["markAsReadToken"] = read.as_str().into();
        self.read_tokens.insert(read, (chat.clone(), id.clone()));
        if matches!(message["type"].as_str(), Some("text" | "sticker" | "image" | "video")) {
            let quote = format!("q{id}");
            message["quoteToken"] = quote.as_str().into();
            self.quote_tokens.insert(quote, (chat.clone(), id.clone()));
        }
        self.chats.entry(chat).or_default().add(Speaker::Customer, &id, now, shown);
        let webhooks = self.event(source, "message", json!({"message": message}), now);
        (id, webhooks)
    }

    pub(super) fn sends_sticker(&mut self, source: &Value, id: &str, now: i64) -> Vec<Webhook> {
        let (package, sticker) = id.split_once('/').unwrap_or(("446", id));
        let message = json!({
            "type": "sticker",
            "packageId": package,
            "stickerId": sticker,
            "stickerResourceType": "STATIC",
            "keywords": ["hello"],
        });
        self.sends(source, message, id, now).1
    }

    pub(super) fn sends_location(&mut self, source: &Value, location: &Location, now: i64) -> Vec<Webhook> {
        let Location { latitude, longitude, title, address } = location;
        let mut message = json!({"type": "location", "latitude": latitude, "longitude": longitude});
        for (name, word) in [("title", title), ("address", address)] {
            if let Some(word) = word {
                message[name] = word.as_str().into();
            }
        }
        self.sends(source, message, title.as_deref().unwrap_or_default(), now).1
    }

    fn sends_file(&mut self, source: &Value, customer: &str, file: &File<'_>, now: i64) -> Vec<Webhook> {
        let provider = json!({"type": "line"});
        let (kind, message) = match file.kind {
            MediaKind::Image => (file.kind, json!({"type": "image", "contentProvider": provider})),
            MediaKind::Video => {
                (file.kind, json!({"type": "video", "duration": 1_000, "contentProvider": provider}))
            }
            MediaKind::Audio | MediaKind::Voice => {
                (MediaKind::Audio, json!({"type": "audio", "duration": 1_000, "contentProvider": provider}))
            }
            MediaKind::File | MediaKind::Animation => {
                let size = file.bytes.len();
                (MediaKind::File, json!({"type": "file", "fileName": file.name, "fileSize": size}))
            }
        };
        let (id, webhooks) = self.sends(source, message, file.name, now);
        let stored = Stored { mime: file.mime.to_owned(), bytes: file.bytes.to_vec(), ready_at: 0 };
        self.contents.insert(id.clone(), stored);
        if let Some(line) = self.chats.get_mut(customer).and_then(|chat| chat.line(&id)) {
            line.media = Some(kind);
        }
        webhooks
    }

    /// The newest action with these words on it.
    pub(super) fn presses(
        &mut self,
        source: &Value,
        chat: &str,
        title: &str,
        now: i64,
    ) -> Option<Vec<Webhook>> {
        let actions = &self.chats.get(chat)?.actions;
        let (_, action) = actions.iter().rev().find(|(words, _)| words == title)?.clone();
        let word = |name: &str| action.get(name).and_then(Value::as_str);
        match (word("type"), word("data")) {
            (Some("message"), _) => {
                let text = word("text").unwrap_or(title);
                Some(self.sends(source, json!({"type": "text", "text": text}), text, now).1)
            }
            (_, Some(data)) => {
                let id = self.number().to_string();
                if let Some(said) = word("displayText").or(word("text")) {
                    self.chats.get_mut(chat)?.add(Speaker::Customer, &id, now, said);
                }
                let mut postback = json!({"data": data});
                if let Some(picked) = picked(&action, now) {
                    postback["params"] = picked;
                }
                Some(self.event(source, "postback", json!({"postback": postback}), now))
            }
            _ => Some(Vec::new()),
        }
    }

    pub(super) fn unsends(
        &mut self,
        source: &Value,
        chat: &str,
        line: &str,
        now: i64,
    ) -> Option<Vec<Webhook>> {
        let own = self.chats.get_mut(chat)?.line(line).filter(|own| own.from == Speaker::Customer)?;
        own.deleted = true;
        self.contents.remove(line);
        self.unsent.insert(line.to_owned());
        Some(self.event(source, "unsend", json!({"unsend": {"messageId": line}}), now))
    }
}

/// What is picked where a date or a time is asked for: what was shown at first, or now.
fn picked(action: &Value, now: i64) -> Option<Value> {
    let mode = action["mode"].as_str().filter(|_| action["type"] == "datetimepicker")?;
    let now = super::lookups::iso(now);
    let (date, time) = (now.get(..10)?, now.get(11..16)?);
    let value = match (action["initial"].as_str(), mode) {
        (Some(initial), _) => initial.to_owned(),
        (None, "date") => date.to_owned(),
        (None, "time") => time.to_owned(),
        (None, _) => format!("{date}T{time}"),
    };
    Some(json!({mode: value}))
}

/// What a person sends that is no text.
struct File<'a> {
    kind: MediaKind,
    name: &'a str,
    mime: &'a str,
    bytes: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picked_date_is_the_one_that_was_shown_or_today() {
        let check =
            |action: Value, value: Option<Value>| assert_eq!(picked(&action, 1_795_307_954_000_000), value);
        let picker = |mode: &str| json!({"type": "datetimepicker", "data": "x", "mode": mode});
        check(picker("date"), Some(json!({"date": "2026-11-22"})));
        check(picker("time"), Some(json!({"time": "00:39"})));
        check(picker("datetime"), Some(json!({"datetime": "2026-11-22T00:39"})));
        let shown = json!({"type": "datetimepicker", "data": "x", "mode": "date", "initial": "2026-12-05"});
        check(shown, Some(json!({"date": "2026-12-05"})));
        check(json!({"type": "postback", "data": "x"}), None);
    }
}
