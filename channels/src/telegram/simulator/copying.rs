//! Messages made of others: albums, and what is forwarded or copied.

use serde_json::{Value, json};

use super::TelegramSimulator;
use super::fields::Fields;
use super::methods::Failure;
use crate::simulator::Speaker;

/// What stays with the message that was copied.
const OWN: &[&str] = &[
    "message_id",
    "chat",
    "date",
    "edit_date",
    "from",
    "reply_markup",
    "reply_to_message",
    "business_connection_id",
    "sender_business_bot",
    "message_thread_id",
    "direct_messages_topic",
    "media_group_id",
];

impl TelegramSimulator {
    /// Two to ten files that a phone shows as one; sounds and documents stay among their own kind.
    pub(super) fn send_media_group(&mut self, fields: &Fields, now: i64) -> Result<Value, Failure> {
        let list = fields.json("media").and_then(|list| list.as_array().cloned()).unwrap_or_default();
        if !(2..=10).contains(&list.len()) {
            return Err(Failure::bad("there must be from 2 to 10 messages in an album"));
        }
        let kinds: Vec<&str> = list.iter().filter_map(|item| item["type"].as_str()).collect();
        let is_album = |kind: &&str| matches!(*kind, "photo" | "video" | "audio" | "document");
        if kinds.len() != list.len() || !kinds.iter().all(is_album) {
            return Err(Failure::bad("wrong input media type specified"));
        }
        let alone = kinds.iter().any(|kind| matches!(*kind, "audio" | "document"));
        if alone && kinds.iter().any(|kind| *kind != kinds[0]) {
            return Err(Failure::bad("can't use the media of the specified type in the album"));
        }
        let parts = kinds.iter().zip(&list).map(|(kind, item)| {
            let caption = item.get("caption").cloned().unwrap_or_default();
            let part = [(*kind, item["media"].clone()), ("caption", caption), ("reply_markup", Value::Null)];
            (format!("send{kind}"), fields.with(&part))
        });
        let parts: Vec<(String, Fields)> = parts.collect();
        for (method, part) in &parts {
            super::sending::content(method, part)?;
        }
        self.room(fields)?;
        let mut album = String::new();
        let mut sent = Vec::new();
        for (method, part) in &parts {
            let mut message = self.send(method, part, now)?;
            if album.is_empty() {
                album = format!("{}{:06}", now / 1_000_000, message["message_id"]);
            }
            message["media_group_id"] = album.clone().into();
            let id = message["message_id"].as_i64().unwrap_or_default();
            self.room(fields)?.messages.insert(id, message.clone());
            sent.push(message);
        }
        Ok(sent.into())
    }

    /// `forwardMessage` shows whose words they are; `copyMessage` tells only the number of the copy.
    pub(super) fn pass_on(&mut self, verb: &str, fields: &Fields, now: i64) -> Result<Value, Failure> {
        let id = fields.integer("message_id").unwrap_or_default();
        let message = self.again(verb, id, fields, now)?;
        Ok(if verb == "copy" { json!({"message_id": message["message_id"]}) } else { message })
    }

    /// The same for up to a hundred; those that there are not are passed over.
    pub(super) fn pass_all_on(&mut self, verb: &str, fields: &Fields, now: i64) -> Result<Value, Failure> {
        let ids: Vec<i64> =
            fields.json("message_ids").and_then(|ids| serde_json::from_value(ids).ok()).unwrap_or_default();
        if !(1..=100).contains(&ids.len()) || ids.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(Failure::bad("message identifiers must be in a strictly increasing order"));
        }
        self.room(fields)?;
        let sent: Vec<Value> = ids
            .into_iter()
            .filter_map(|id| self.again(verb, id, fields, now).ok())
            .map(|message| json!({"message_id": message["message_id"]}))
            .collect();
        if sent.is_empty() {
            return Err(Failure::bad(&format!("there are no messages to {verb}")));
        }
        Ok(sent.into())
    }

    fn again(&mut self, verb: &str, id: i64, fields: &Fields, now: i64) -> Result<Value, Failure> {
        let from = fields.with(&[("chat_id", fields.integer("from_chat_id").unwrap_or_default().into())]);
        let source = self.room(&from)?.messages.get(&id).cloned();
        let source = source.ok_or_else(|| Failure::bad(&format!("message to {verb} not found")))?;
        let mut message = source.clone();
        if let Some(held) = message.as_object_mut() {
            held.retain(|name, _| !OWN.contains(&name.as_str()));
        }
        if verb == "forward" {
            let origin = json!({"type": "user", "sender_user": source["from"], "date": source["date"]});
            message["forward_origin"] = origin;
        } else if let Some(caption) = fields.text("caption").filter(|_| source.get("text").is_none()) {
            message["caption"] = super::sending::checked_caption(caption)?.into();
        }
        message["from"] = self.bot.clone();
        let room = self.room(fields)?;
        let message = super::sending::addressed(message, fields, room)?;
        Ok(room.add(Speaker::Us, message, now))
    }
}
