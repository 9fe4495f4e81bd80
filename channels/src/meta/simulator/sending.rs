//! The call that sends: to whom it goes, whether it may, and what the person then sees.

use serde_json::{Value, json};

use super::checks::{check_body, check_message};
use super::graph::{Done, Failure};
use super::{Chat, Platform};
use crate::MediaKind;
use crate::meta::Product;
use crate::meta::fields::{list, text};
use crate::simulator::{LineButton, Speaker, Webhook};

const DAY: i64 = 24 * 3600 * 1_000_000;

/// To whom a message goes, and how that was said.
enum Whom {
    Person(String),
    /// The author of a comment, once.
    Comment {
        id: String,
        author: String,
    },
}

impl Platform {
    pub(super) fn send(&mut self, body: &Value, now: i64) -> Done {
        check_body(body)?;
        let whom = self.whom(body, now)?;
        let action = text(body, "/sender_action");
        let message = body.get("message").filter(|message| !message.is_null());
        match (action, message) {
            (Some(_), Some(_)) => Err(Failure::new(
                100,
                Some(2_018_014),
                "(#100) sender_action can not be used together with message",
            )),
            (Some(action), None) => self.act(&whom, &action, body),
            (None, Some(message)) => {
                if let Whom::Person(person) = &whom {
                    self.may_send(person, body, now)?;
                }
                let uploads = self.uploads.clone();
                check_message(message, self.product, &|id| uploads.contains(id))?;
                if let Some(template) = message.get("template") {
                    self.check_template(template)?;
                }
                Ok(self.deliver(&whom, body, message, now))
            }
            (None, None) => Err(Failure::param("The parameter message is required")),
        }
    }

    fn whom(&self, body: &Value, now: i64) -> Result<Whom, Failure> {
        let recipient = &body["recipient"];
        if let Some(id) = text(recipient, "/comment_id") {
            let remark = self.remarks.get(&id).ok_or_else(|| self.no_such_person())?;
            if remark.is_answered {
                return Err(Failure::new(10_900, None, "(#10900) Activity already replied to"));
            }
            if now - remark.at > 7 * DAY {
                return Err(self.window_shut());
            }
            let author = remark.author.clone().ok_or_else(|| self.no_such_person())?;
            return Ok(Whom::Comment { id, author });
        }
        let reference = text(recipient, "/user_ref").map(|reference| format!("user_ref:{reference}"));
        let person = text(recipient, "/id").or(reference).unwrap_or_default();
        if self.chats.contains_key(&person) { Ok(Whom::Person(person)) } else { Err(self.no_such_person()) }
    }

    fn window_shut(&self) -> Failure {
        let (subcode, words) = match self.product {
            Product::Messenger => (
                2_018_278,
                "(#10) This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview",
            ),
            Product::Instagram => (2_534_022, "(#10) This message is sent outside of allowed window."),
        };
        Failure::new(10, Some(subcode), words)
    }

    fn may_send(&self, person: &str, body: &Value, now: i64) -> Result<(), Failure> {
        let Some(chat) = self.chats.get(person) else { return Err(self.no_such_person()) };
        if chat.has_blocked {
            return Err(Failure::new(551, Some(1_545_041), "(#551) This person isn't available right now."));
        }
        if chat.is_elsewhere {
            let subcode = if self.product == Product::Messenger { 2_018_300 } else { 2_534_037 };
            return Err(Failure::new(
                100,
                Some(subcode),
                "(#100) Another app is controlling this thread now.",
            ));
        }
        let is_utility = text(body, "/messaging_type").as_deref() == Some("UTILITY");
        let open = if text(body, "/tag").is_some() { 7 * DAY } else { DAY };
        let is_open = chat.last_word.is_some_and(|last| now - last <= open);
        if is_open || is_utility { Ok(()) } else { Err(self.window_shut()) }
    }

    fn act(&mut self, whom: &Whom, action: &str, body: &Value) -> Done {
        let Whom::Person(person) = whom else { return Err(self.no_such_person()) };
        let is_instagram = self.product == Product::Instagram;
        let chat = self.chat(person);
        match action {
            "typing_on" | "typing_off" | "mark_seen" => {}
            "react" | "unreact" => {
                let emoji = text(body, "/payload/reaction").filter(|_| action == "react");
                let is_wrong = match &emoji {
                    Some(emoji) => is_instagram && emoji != "love",
                    None => action == "react",
                };
                let line = text(body, "/payload/message_id").and_then(|id| chat.line(&id));
                let Some(line) = line.filter(|_| !is_wrong) else {
                    return Err(Failure::param("Param payload is invalid for this sender_action"));
                };
                line.reaction = emoji;
            }
            _ => return Err(Failure::param("Param sender_action is invalid")),
        }
        Ok((json!({"recipient_id": person}), Vec::new()))
    }

    fn deliver(&mut self, whom: &Whom, body: &Value, message: &Value, now: i64) -> (Value, Vec<Webhook>) {
        let mid = self.next_mid();
        let person = match whom {
            Whom::Person(person) => person.clone(),
            Whom::Comment { id, author } => {
                if let Some(remark) = self.remarks.get_mut(id) {
                    remark.is_answered = true;
                }
                author.clone()
            }
        };
        let template = message.get("template").and_then(|template| self.template_words(template));
        show(self.chat(&person), (&mid, template), message, now);
        let mut ours = message.clone();
        ours["app_id"] = self.names.app.clone().into();
        let mut told = self.echo(&person, &mid, &ours, now);
        if self.product == Product::Messenger {
            let delivery = json!({"delivery": {"mids": [mid], "watermark": now / 1000}});
            told.extend(self.tell("message_deliveries", &person, delivery, now));
        }
        let control = text(body, "/thread_control/control_type");
        if matches!(control.as_deref(), Some("pass" | "release")) {
            self.chat(&person).is_elsewhere = true;
        }
        (json!({"recipient_id": person, "message_id": mid}), told)
    }

    /// A message of our side as it comes back to every program of the account. Instagram tells it under `messages` and names
    /// no program.
    pub(super) fn echo(&self, person: &str, mid: &str, message: &Value, now: i64) -> Vec<Webhook> {
        let mut echo = json!({"mid": mid, "is_echo": true});
        for name in ["text", "metadata"] {
            if let Some(held) = message.get(name) {
                echo[name] = held.clone();
            }
        }
        let attachments: Vec<Value> = list(message, "/attachment").iter().map(echoed).collect();
        if !attachments.is_empty() {
            echo["attachments"] = attachments.into();
        }
        let field = match self.product {
            Product::Messenger => "message_echoes",
            Product::Instagram => "messages",
        };
        if let (Some(app), Product::Messenger) = (text(message, "/app_id"), self.product) {
            echo["app_id"] = app.parse::<u64>().map_or_else(|_| app.clone().into(), Value::from);
        }
        self.tell_own(field, person, json!({"message": echo}), now)
    }
}

fn echoed(attachment: &Value) -> Value {
    let mut echoed = attachment.clone();
    if let Some(payload) = echoed["payload"].as_object_mut() {
        payload.remove("is_reusable");
    }
    echoed
}

/// Puts a message into the chat as the person sees it.
fn show(chat: &mut Chat, (mid, template): (&str, Option<String>), message: &Value, now: i64) {
    let payload = message.pointer("/attachment/payload").unwrap_or(&Value::Null);
    let elements = list(payload, "/elements");
    let mut words: Vec<String> =
        [text(message, "/text"), text(payload, "/text")].into_iter().flatten().collect();
    words.extend(template);
    for element in elements {
        words.extend(["/title", "/subtitle"].iter().filter_map(|path| text(element, path)));
    }
    let mut buttons: Vec<LineButton> = list(payload, "/buttons")
        .iter()
        .chain(elements.iter().flat_map(|element| list(element, "/buttons")))
        .map(line_button)
        .collect();
    chat.templates.insert(mid.to_owned(), buttons.len());
    buttons.extend(list(message, "/quick_replies").iter().map(line_button));
    let line = chat.add(Speaker::Us, mid, now, &words.join("\n"));
    line.buttons = buttons;
    line.media = match text(message, "/attachment/type").as_deref() {
        Some("image" | "like_heart") => Some(MediaKind::Image),
        Some("video") => Some(MediaKind::Video),
        Some("audio") => Some(MediaKind::Audio),
        Some("file") => Some(MediaKind::File),
        _ => None,
    };
    line.media_url = text(payload, "/url").filter(|_| line.media.is_some());
}

fn line_button(button: &Value) -> LineButton {
    LineButton {
        title: text(button, "/title").unwrap_or_default(),
        payload: text(button, "/payload"),
        url: text(button, "/url"),
    }
}
