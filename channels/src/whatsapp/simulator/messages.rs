//! A message on its way: to whom, whether there is room for it, and what becomes of it.

use serde_json::{Value, json};

use super::WhatsappSimulator;
use super::api::Answered;
use super::sending::{Failure, Seen, seen, text_at};
use crate::simulator::Webhook;
use crate::whatsapp::people::{is_phone, is_user_id};

/// Free words reach a person for a day.
const WINDOW: i64 = 24 * 3600 * 1_000_000;

/// One message to one person in six seconds, 45 of them at once.
const PAIR_EVERY: i64 = 6_000_000;
const PAIR_BURST: i64 = 45;

impl WhatsappSimulator {
    pub(super) fn post_message(&mut self, body: &Value, now: i64) -> Answered {
        if text_at(body, "/messaging_product") != Some("whatsapp") {
            return Err(Failure::new(400, 100, "(#100) The parameter messaging_product is required."));
        }
        if body.get("status").is_some() {
            return self.mark_read(body);
        }
        let chat = self.addressee(body)?;
        self.spend(&chat, now)?;
        if body.get("type").and_then(Value::as_str) == Some("reaction") {
            return self.react(&chat, body, now);
        }
        let id = self.next_message();
        let seen = seen(body, &id, now)?;
        if is_template(body) && !self.templates.is_empty() {
            self.check_template(body)?;
        }
        let webhooks = self.deliver_to(&chat, seen, body, now);
        self.typing = None;
        Ok((accepted(&chat, body, &id), webhooks))
    }

    /// Whom a message is for: `to` counts before `recipient`.
    fn addressee(&self, body: &Value) -> Result<String, Failure> {
        let to = text_at(body, "/to").or_else(|| text_at(body, "/recipient"));
        let to = to.ok_or_else(|| Failure::lacks("to"))?;
        let digits: String = to.chars().filter(char::is_ascii_digit).collect();
        let is_group = body.get("recipient_type").and_then(Value::as_str) == Some("group");
        let is_number = is_phone(&to.replace([' ', '-', '(', ')'], ""));
        match (is_group, body.get("to").is_some()) {
            (true, _) if self.chats.contains_key(to) && !is_phone(to) && !is_user_id(to) => Ok(to.to_owned()),
            (true, _) => Err(Failure::wrong("The recipient group does not exist")),
            (false, true) if is_number && digits == self.display => {
                Err(Failure::new(400, 131_021, "(#131021) Recipient cannot be sender"))
            }
            (false, true) if is_number && (7..=15).contains(&digits.len()) => Ok(digits),
            (false, false) if is_user_id(to) => Ok(self.key_of(to)),
            _ => Err(Failure::wrong("The recipient is not a valid phone number or user id")),
        }
    }

    /// What is borrowed from the future is paid back as time passes.
    fn spend(&mut self, id: &str, now: i64) -> Result<(), Failure> {
        let chat = self.chat(id);
        let rested = now.saturating_sub(chat.reckoned_at).max(0);
        chat.spent = chat.spent.saturating_sub(rested).max(0);
        chat.reckoned_at = now;
        if chat.spent >= PAIR_EVERY * PAIR_BURST {
            let message = "(#131056) (Business Account, Consumer Account) pair rate limit hit";
            let details = "Message failed to send because there were too many messages sent from this phone number to \
                           the same phone number in a short period of time.";
            return Err(Failure { details: Some(details.into()), ..Failure::new(400, 131_056, message) });
        }
        chat.spent += PAIR_EVERY;
        Ok(())
    }

    fn mark_read(&mut self, body: &Value) -> Answered {
        let id = text_at(body, "/message_id").ok_or_else(|| Failure::lacks("message_id"))?;
        let is_known = self.chats.values().any(|chat| chat.lines.iter().any(|line| line.id == id));
        if !is_known || body.get("status").and_then(Value::as_str) != Some("read") {
            return Err(Failure::wrong("Message ID is invalid"));
        }
        if let Some(typing) = body.get("typing_indicator") {
            if text_at(typing, "/type") != Some("text") {
                return Err(Failure::wrong("Param typing_indicator.type must be text"));
            }
            self.typing = Some(id.to_owned());
        }
        Ok((json!({"success": true}), Vec::new()))
    }

    fn react(&mut self, chat: &str, body: &Value, now: i64) -> Answered {
        let about =
            text_at(body, "/reaction/message_id").ok_or_else(|| Failure::lacks("reaction.message_id"))?;
        let emoji = body.pointer("/reaction/emoji").and_then(Value::as_str);
        let emoji = emoji.ok_or_else(|| Failure::lacks("reaction.emoji"))?;
        let line = self.chat(chat).lines.iter_mut().find(|line| line.id == about);
        let line = line.ok_or_else(|| Failure::wrong("The message to react to does not exist"))?;
        line.reaction = Some(emoji.to_owned()).filter(|emoji| !emoji.is_empty());
        let id = self.next_message();
        let webhooks = self.status(chat, status("sent", &id, body), now);
        Ok((accepted(chat, body, &id), webhooks))
    }

    /// Everything is accepted; whether it arrives is told later.
    fn deliver_to(&mut self, id: &str, seen: Seen, body: &Value, now: i64) -> Vec<Webhook> {
        let category = self.category_of(body);
        let chat = self.chat(id);
        let is_open = chat.heard_at.is_some_and(|heard| now.saturating_sub(heard) < WINDOW);
        let message = seen.line.id.clone();
        let failure = match (chat.is_blocked, is_open || is_template(body)) {
            (true, _) => Some((131_026, "Message undeliverable", "Message Undeliverable.")),
            (false, false) => Some((
                131_047,
                "Re-engagement message",
                "Message failed to send because more than 24 hours have passed since the customer last replied to this \
                 number.",
            )),
            (false, true) => None,
        };
        if let Some((code, title, details)) = failure {
            let mut failed = status("failed", &message, body);
            failed["errors"] = json!([{
                "code": code,
                "title": title,
                "message": title,
                "error_data": {"details": details},
                "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
            }]);
            return self.status(id, failed, now);
        }
        let data = text_at(body, "/biz_opaque_callback_data").map(str::to_owned);
        chat.unread.push((message.clone(), data));
        chat.presses.insert(message.clone(), seen.press);
        chat.lines.push(seen.line);
        let category = if is_template(body) { category } else { "service".to_owned() };
        // Within the window only advertising costs; beyond it only templates go out.
        let is_free = is_open && category != "marketing";
        let kind = if is_free { "free_customer_service" } else { "regular" };
        let mut webhooks = Vec::new();
        for state in ["sent", "delivered"] {
            let mut told = status(state, &message, body);
            told["pricing"] =
                json!({"billable": !is_free, "pricing_model": "PMP", "category": category, "type": kind});
            webhooks.extend(self.status(id, told, now));
        }
        webhooks
    }

    /// The customer looked at everything we sent.
    pub(super) fn read_all(&mut self, id: &str, now: i64) -> Vec<Webhook> {
        let unread = std::mem::take(&mut self.chat(id).unread);
        let told = unread
            .into_iter()
            .map(|(message, data)| status("read", &message, &json!({"biz_opaque_callback_data": data})));
        let told: Vec<Value> = told.collect();
        told.into_iter().flat_map(|status| self.status(id, status, now)).collect()
    }
}

fn is_template(body: &Value) -> bool {
    body.get("template").is_some()
}

fn status(state: &str, message: &str, body: &Value) -> Value {
    let mut status = json!({"id": message, "status": state});
    if let Some(data) = text_at(body, "/biz_opaque_callback_data") {
        status["biz_opaque_callback_data"] = data.into();
    }
    status
}

fn accepted(chat: &str, body: &Value, message: &str) -> Value {
    let by_number = text_at(body, "/to");
    let input = by_number.or_else(|| text_at(body, "/recipient")).unwrap_or_default();
    let mut contact = json!({"input": input});
    if by_number.is_none() {
        contact["user_id"] = input.into();
    } else if is_phone(chat) {
        contact["wa_id"] = chat.into();
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message}]})
}
