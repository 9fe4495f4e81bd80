//! Replies, pushes and sends to many: tokens, keys and the quota.

use serde_json::{Value, json};

use super::api::{Asked, Done, request_id};
use super::failure::{Failure, answer};
use super::limits::check_messages;
use super::shown::show;
use super::{LineSimulator, TOKEN_LIFE, TOKEN_LIFE_AT_MOST};
use crate::line::outcome::ACCEPTED_HEADER;

/// A send that was accepted under a key, for a day.
#[derive(Clone, Debug)]
pub(super) struct Accepted {
    request_id: String,
    sent: Value,
    at: i64,
}

/// How long a key is remembered, microseconds.
const KEY_LIFE: i64 = 24 * 3_600 * 1_000_000;

impl LineSimulator {
    pub(super) fn reply(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        if asked.call.header("x-line-retry-key").is_some() {
            return Err(Failure::bad("The 'X-Line-Retry-Key' header can't be used with this endpoint"));
        }
        let messages = self.checked(asked)?;
        let now = asked.call.now;
        let token = asked.body["replyToken"].as_str().unwrap_or_default();
        let alive = |token: &&mut super::ReplyToken| {
            !token.used && now - token.sent_at <= TOKEN_LIFE && now - token.event_at <= TOKEN_LIFE_AT_MOST
        };
        let Some(token) = self.reply_tokens.get_mut(token).filter(alive) else {
            return Err(Failure::bad("Invalid reply token"));
        };
        token.used = true;
        let chat = token.chat.clone();
        self.days.sent("reply", messages.len(), now);
        Ok(Done::with(&json!({"sentMessages": self.say(&chat, &messages, now)})))
    }

    pub(super) fn push(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        let messages = self.checked(asked)?;
        let to = asked.body["to"].as_str().unwrap_or_default().to_owned();
        if !self.chats.contains_key(&to) {
            let known_shape = to.len() == 33 && to.starts_with(['U', 'C', 'R']);
            let words = "The property, 'to', in the request body is invalid (line: -, column: -)";
            return Err(Failure::bad(if known_shape { "Failed to send messages" } else { words }));
        }
        self.once(asked, |line| {
            let people = line.chats.get(&to).map_or(1, |chat| chat.members.len().max(1));
            line.count_sent("push", people, asked.call.now)?;
            Ok(json!({"sentMessages": line.say(&to, &messages, asked.call.now)}))
        })
    }

    pub(super) fn multicast(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        let messages = self.checked(asked)?;
        let people: Vec<String> =
            serde_json::from_value(asked.body["to"].clone()).map_err(|_| wrong("to", "May not be empty"))?;
        if !(1..=500).contains(&people.len()) {
            return Err(wrong("to", "Size must be between 1 and 500"));
        }
        self.say_to_all(asked, ("multicast", &people), &messages)
    }

    pub(super) fn broadcast(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        self.send_to_friends("broadcast", asked)
    }

    fn send_to_friends(&mut self, way: &'static str, asked: &Asked<'_>) -> Result<Done, Failure> {
        let messages = self.checked(asked)?;
        let people = self.friends();
        self.say_to_all(asked, (way, &people), &messages)
    }

    /// A narrowcast is carried out later; here at once, to every friend.
    pub(super) fn narrowcast(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        let mut done = self.send_to_friends("narrowcast", asked)?;
        if done.answer.status == 200 {
            done.answer.status = 202;
        }
        Ok(done)
    }

    pub(super) fn narrowcast_progress(asked: &Asked<'_>) -> Result<Done, Failure> {
        if !asked.call.query.iter().any(|(name, _)| name == "requestId") {
            return Err(wrong("requestId", "May not be empty"));
        }
        let at = super::lookups::iso(asked.call.now);
        Ok(Done::with(&json!({"phase": "succeeded", "acceptedTime": at, "completedTime": at})))
    }

    pub(super) fn validate(&self, kind: &str, asked: &Asked<'_>) -> Result<Done, Failure> {
        let known = ["reply", "push", "multicast", "narrowcast", "broadcast"].contains(&kind);
        if !known {
            return Err(Failure::not_found());
        }
        self.checked(asked).map(|_| Done::with(&json!({})))
    }

    pub(super) fn quota_state(&self) -> Value {
        self.quota.map_or(json!({"type": "none"}), |value| json!({"type": "limited", "value": value}))
    }

    fn say_to_all(
        &mut self,
        asked: &Asked<'_>,
        (way, people): (&'static str, &[String]),
        messages: &[Value],
    ) -> Result<Done, Failure> {
        self.once(asked, |line| {
            line.count_sent(way, people.len(), asked.call.now)?;
            for person in people {
                if line.chats.contains_key(person) {
                    line.say(person, messages, asked.call.now);
                }
            }
            Ok(json!({}))
        })
    }

    /// Carries out what has not been done under the call's key before.
    fn once(
        &mut self,
        asked: &Asked<'_>,
        send: impl FnOnce(&mut Self) -> Result<Value, Failure>,
    ) -> Result<Done, Failure> {
        let now = asked.call.now;
        let key = asked.call.header("x-line-retry-key").map(str::to_lowercase);
        if key.as_deref().is_some_and(|key| !is_uuid(key)) {
            return Err(Failure::bad(
                "The value for the 'X-Line-Retry-Key' must be a UUID in hexadecimal format",
            ));
        }
        let before = key.as_ref().and_then(|key| self.accepted.get(key));
        if let Some(before) = before.filter(|before| now - before.at < KEY_LIFE) {
            let mut body = json!({"message": "The retry key is already accepted"});
            if let Some(sent) = before.sent.get("sentMessages") {
                body["sentMessages"] = sent.clone();
            }
            let mut done = Done::status(409, &body);
            done.answer.headers.push((ACCEPTED_HEADER.into(), before.request_id.clone()));
            return Ok(done);
        }
        let body = send(self)?;
        let request_id = request_id(self.number());
        if let Some(key) = key {
            let accepted = Accepted { request_id: request_id.clone(), sent: body.clone(), at: now };
            self.accepted.insert(key, accepted);
        }
        let mut answer = answer(200, &body);
        answer.headers.push(("x-line-request-id".into(), request_id));
        Ok(Done { answer, webhooks: Vec::new() })
    }

    /// Counts a call that reaches so many people, if the month's quota lets it.
    fn count_sent(&mut self, way: &'static str, people: usize, now: i64) -> Result<(), Failure> {
        let used = self.days.used(now).saturating_add(people as u64);
        if self.quota.is_some_and(|quota| used > quota) {
            return Err(Failure::over_quota());
        }
        self.days.counted(people as u64, now);
        self.days.sent(way, people, now);
        Ok(())
    }

    /// Shows messages in a chat. Who blocked us sees none of them, and LINE does not tell.
    fn say(&mut self, to: &str, messages: &[Value], now: i64) -> Value {
        let mut sent = Vec::new();
        for message in messages {
            let id = self.number().to_string();
            let token = format!("q{id}");
            self.quote_tokens.insert(token.clone(), (to.to_owned(), id.clone()));
            let chat = self.chats.entry(to.to_owned()).or_default();
            chat.loading_until = 0;
            if !chat.blocked {
                show(chat, &id, message, now);
            }
            sent.push(json!({"id": id, "quoteToken": token}));
        }
        sent.into()
    }

    fn checked(&self, asked: &Asked<'_>) -> Result<Vec<Value>, Failure> {
        let messages = asked.body["messages"].as_array().cloned().unwrap_or_default();
        let wrong = check_messages(&messages, &|token| self.quote_tokens.contains_key(token));
        if wrong.is_empty() { Ok(messages) } else { Err(Failure::body(wrong)) }
    }

    fn friends(&self) -> Vec<String> {
        let is_friend = |id: &&String| self.chats.get(*id).is_some_and(|chat| !chat.blocked);
        self.people.keys().filter(is_friend).cloned().collect()
    }
}

fn wrong(property: &str, message: &str) -> Failure {
    Failure::body(vec![(property.to_owned(), message.to_owned())])
}

fn is_uuid(key: &str) -> bool {
    let groups: Vec<&str> = key.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
