//! What people do in groups and rooms, and what else LINE tells.

use serde_json::{Value, json};

use super::LineSimulator;
use super::api::{Asked, Done};
use super::failure::Failure;
use crate::line::plan::is_group;
use crate::simulator::{CustomerAct, Webhook};

/// Somebody in a group (`C…`) or room (`R…`); nobody's name where they did not consent.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    pub group: &'a str,
    pub person: Option<&'a str>,
}

/// What a text begins with that names us.
const NAME: &str = "@Sala ";

impl LineSimulator {
    /// What a customer does who is named `<group>:<person>`, or the group alone where nobody is named. A text that begins
    /// with `@Sala ` names us; who starts or leaves takes us into the group or puts us out.
    pub(super) fn group_act(&mut self, who: Member<'_>, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        match act {
            CustomerAct::Says { text, quotes: Some(quoted) } => {
                let source = self.group_source(who);
                let message = json!({"type": "text", "text": text, "quotedMessageId": quoted});
                Some(self.sends(&source, message, text, now).1)
            }
            CustomerAct::Says { text, quotes: None } => Some(match text.strip_prefix(NAME) {
                Some(asked) => self.group_asks(who, asked, now),
                None => self.group_says(who, text, now),
            }),
            CustomerAct::Presses { title } => self.group_presses(who, title, now),
            CustomerAct::Edits { line, text } => Some(self.group_edits(who, line, text, now)),
            CustomerAct::Deletes { line } => {
                let source = self.group_source(who);
                self.unsends(&source, who.group, line, now)
            }
            CustomerAct::SendsSticker { id } => {
                let source = self.group_source(who);
                Some(self.sends_sticker(&source, id, now))
            }
            CustomerAct::SendsLocation { location } => {
                let source = self.group_source(who);
                Some(self.sends_location(&source, location, now))
            }
            CustomerAct::Starts { .. } => Some(self.happens(who.group, "join", json!({}), now)),
            CustomerAct::Leaves => Some(self.happens(who.group, "leave", json!({}), now)),
            _ => None,
        }
    }

    /// Somebody writes to the others.
    pub fn group_says(&mut self, who: Member<'_>, text: &str, now: i64) -> Vec<Webhook> {
        let source = self.group_source(who);
        self.sends(&source, json!({"type": "text", "text": text}), text, now).1
    }

    /// Somebody writes to us, by naming us first.
    pub fn group_asks(&mut self, who: Member<'_>, text: &str, now: i64) -> Vec<Webhook> {
        let source = self.group_source(who);
        let said = format!("@Sala {text}");
        let us = json!({"index": 0, "length": 5, "type": "user", "userId": self.bot, "isSelf": true});
        let message = json!({"type": "text", "text": said, "mention": {"mentionees": [us]}});
        self.sends(&source, message, &said, now).1
    }

    /// Somebody changes a message of theirs; the private chats of LINE have no such thing.
    pub fn group_edits(&mut self, who: Member<'_>, message: &str, text: &str, now: i64) -> Vec<Webhook> {
        let source = self.group_source(who);
        if let Some(line) = self.chats.get_mut(who.group).and_then(|chat| chat.line(message)) {
            (line.text, line.edited) = (text.to_owned(), true);
        }
        let fields = json!({"message": {"id": message, "type": "text", "text": text}});
        self.event(&source, "messageEdited", fields, now)
    }

    /// Somebody presses a button under a message of ours.
    pub fn group_presses(&mut self, who: Member<'_>, title: &str, now: i64) -> Option<Vec<Webhook>> {
        let source = self.group_source(who);
        self.presses(&source, who.group, title, now)
    }

    /// Any other event: `kind` and its own fields as LINE's documents have them (`beacon`, `accountLink`, `join`,
    /// `memberJoined`, `membership`, `module`, `activated`, …), from a person, group or room.
    pub fn happens(&mut self, from: &str, kind: &str, fields: Value, now: i64) -> Vec<Webhook> {
        let source = if is_group(from) {
            self.group_source(Member { group: from, person: None })
        } else {
            self.person(from);
            json!({"type": "user", "userId": from})
        };
        self.chats.entry(from.to_owned()).or_default();
        self.event(&source, kind, fields, now)
    }

    /// We take a chat over from the account's other channel, or give it back; an event says that it is done.
    pub(super) fn control(&mut self, chat: &str, ours: bool, asked: &Asked<'_>) -> Result<Done, Failure> {
        let now = asked.call.now;
        self.chats.get_mut(chat).ok_or_else(Failure::not_found)?.standby = !ours;
        let seconds = asked.body.get("ttl").and_then(Value::as_i64).unwrap_or(3_600);
        let webhooks = if ours {
            let expires = now / 1_000 + seconds * 1_000;
            self.happens(chat, "activated", json!({"chatControl": {"expireAt": expires}}), now)
        } else {
            self.happens(chat, "deactivated", json!({}), now)
        };
        Ok(Done { webhooks, ..Done::with(&json!({})) })
    }

    fn group_source(&mut self, who: Member<'_>) -> Value {
        let is_room = who.group.starts_with('R');
        let (kind, name) = if is_room { ("room", "roomId") } else { ("group", "groupId") };
        let mut source = json!({"type": kind, name: who.group});
        let chat = self.chats.entry(who.group.to_owned()).or_default();
        if let Some(person) = who.person {
            chat.members.insert(person.to_owned());
            source["userId"] = person.into();
            self.person(person);
        }
        source
    }
}
