//! The calls that show a reply, or do something else in a thread.
//!
//! A thread is a person's id, `user_ref:<ref>` (a person whom only a plug-in has named) or `comment:<id>`. A comment is
//! answered to its author alone by default, which Meta allows once and within seven days; with the hint `answer` =
//! `public` the answer stands below the comment for everybody.

use serde_json::{Value, json};

use super::account::{Graph, segment};
use super::body::{Message, message};
use super::content::HEART;
use super::{COMMENT, INBOX_APP, Product, USER_REF};
use crate::degrade::own_stickers;
use crate::mark::mark;
use crate::{
    Action, Capabilities, Degraded, Destination, Feature, HttpMethod, LengthUnit, Loss, Lost, MediaKind,
    Part, PlatformRequest, Reply, Shown, degrade,
};

/// The hint by which a comment is answered publicly, and its value.
pub(crate) const ANSWER_HINT: &str = crate::PUBLIC_ANSWER.0;
pub(crate) const PUBLIC: &str = crate::PUBLIC_ANSWER.1;

/// The hint that says by `open` that the window for everybody is open, so that a person of ours needs no tag.
pub(crate) const WINDOW_HINT: &str = "window";

/// How many characters `metadata` may have (Messenger Platform, Send API).
const METADATA_LIMIT: usize = 1000;

/// What a comment of ours can hold: words. Facebook takes 8000 characters, Instagram 2200 (as it says of captions).
fn comment_capabilities(product: Product) -> Capabilities {
    let text_limit = match product {
        Product::Messenger => 8000,
        Product::Instagram => 2200,
    };
    Capabilities { text_unit: LengthUnit::Utf16, text_limit, ..Capabilities::NOTHING }
}

impl Graph<'_> {
    pub(crate) fn fit(self, caps: &Capabilities, to: &Destination, reply: &Reply) -> Degraded {
        if public_comment(to).is_some() {
            return degrade(reply, &comment_capabilities(self.product));
        }
        let (reply, linked) = self.with_links(reply);
        let (reply, foreign) = own_stickers(&reply, |id| self.product == Product::Instagram && id == HEART);
        let mut fitted = degrade(&reply, caps);
        if to.thread.starts_with(COMMENT) && fitted.shown.len() > 1 {
            fitted = in_one(&reply, caps);
        }
        fitted.also_lost(linked.into_iter().chain(foreign));
        fitted
    }

    pub(crate) fn requests(self, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
        if let Some(comment) = public_comment(to) {
            return shown.iter().filter_map(|shown| self.below_comment(comment, shown)).collect();
        }
        let mut requests = Vec::new();
        for shown in shown {
            let Some(message) = message(shown) else { continue };
            let mark = to.correlation.as_deref().map(|correlation| mark(correlation, requests.len()));
            requests.push(self.send(to, &message, (shown.reply_to.as_deref(), mark)));
        }
        requests
    }

    fn below_comment(self, comment: &str, shown: &Shown) -> Option<PlatformRequest> {
        let Part::Text { text } = &shown.part else { return None };
        let edge = match self.product {
            Product::Messenger => "comments",
            Product::Instagram => "replies",
        };
        let path = format!("{}/{edge}", segment(comment));
        Some(self.call(HttpMethod::Post, &path, json!({"message": text})))
    }

    /// Instagram takes no files but PDF (Instagram Messaging, send a message): others go as links.
    fn with_links(self, reply: &Reply) -> (Reply, Vec<Lost>) {
        let mut reply = reply.clone();
        let mut lost = Vec::new();
        if self.product == Product::Messenger {
            return (reply, lost);
        }
        for (index, part) in reply.parts.iter_mut().enumerate() {
            let Part::Media { kind: MediaKind::File, url, alt } = part else { continue };
            let path = url.split(['?', '#']).next().unwrap_or_default();
            if !path.to_ascii_lowercase().ends_with(".pdf") {
                let words = alt.as_deref().filter(|alt| !alt.trim().is_empty());
                let text = words.map_or_else(|| url.clone(), |words| format!("{words}\n{url}"));
                *part = Part::Text { text };
                lost.push(Lost { part: Some(index), what: Loss::MediaLinked });
            }
        }
        (reply, lost)
    }

    fn send(
        self,
        to: &Destination,
        message: &Message,
        (quoted, mark): (Option<&str>, Option<String>),
    ) -> PlatformRequest {
        let mut body = json!({"recipient": recipient(&to.thread), "message": message.message});
        let is_tagged = to.human && to.hint(WINDOW_HINT) != Some("open");
        if message.is_utility {
            body["messaging_type"] = "UTILITY".into();
        } else if is_tagged && !to.thread.starts_with(COMMENT) {
            body["messaging_type"] = "MESSAGE_TAG".into();
            body["tag"] = "HUMAN_AGENT".into();
        } else if self.product == Product::Messenger {
            body["messaging_type"] = "RESPONSE".into();
        }
        let mark = mark.filter(|mark| mark.chars().count() <= METADATA_LIMIT);
        if let Some(mark) = mark.filter(|_| self.product == Product::Messenger && !message.is_utility) {
            body["message"]["metadata"] = mark.into();
        }
        if let Some(quoted) = quoted {
            body["reply_to"] = json!({"mid": quoted});
        }
        self.own(HttpMethod::Post, "messages", body)
    }

    pub(crate) fn act(self, to: &Destination, action: &Action) -> Option<PlatformRequest> {
        if to.thread.starts_with(COMMENT) {
            return self.act_on_comment(action);
        }
        let person = recipient(&to.thread);
        let sender_action = |name: &str, payload: Value| {
            let mut body = json!({"recipient": person, "sender_action": name});
            if !payload.is_null() {
                body["payload"] = payload;
            }
            self.own(HttpMethod::Post, "messages", body)
        };
        // Whether Instagram's own login lets us type and see is not documented.
        let has_signs = !self.is_instagram_login();
        match action {
            Action::Typing => has_signs.then(|| sender_action("typing_on", Value::Null)),
            Action::Seen { .. } => has_signs.then(|| sender_action("mark_seen", Value::Null)),
            Action::React { external_id, emoji: Some(emoji) } => {
                let reaction = self.reaction(emoji)?;
                Some(sender_action("react", json!({"message_id": external_id, "reaction": reaction})))
            }
            Action::React { external_id, emoji: None } => {
                Some(sender_action("unreact", json!({"message_id": external_id})))
            }
            Action::PassControl { metadata } => has_signs.then(|| {
                let body = json!({"recipient": person, "target_app_id": INBOX_APP, "metadata": metadata});
                self.own(HttpMethod::Post, "pass_thread_control", body)
            }),
            Action::TakeControl { metadata } => has_signs.then(|| {
                let body = json!({"recipient": person, "metadata": metadata});
                self.own(HttpMethod::Post, "take_thread_control", body)
            }),
            Action::Edit { .. } | Action::Delete { .. } | Action::Hide { .. } => None,
        }
    }

    /// A comment of ours can be taken back and, on Facebook, changed; anybody's can be hidden.
    fn act_on_comment(self, action: &Action) -> Option<PlatformRequest> {
        match action {
            Action::Delete { external_id } => {
                Some(self.call(HttpMethod::Delete, &segment(external_id), Value::Null))
            }
            Action::Edit { external_id, text } if self.product == Product::Messenger => {
                Some(self.call(HttpMethod::Post, &segment(external_id), json!({"message": text})))
            }
            Action::Hide { external_id, hidden } => {
                let field = match self.product {
                    Product::Messenger => "is_hidden",
                    Product::Instagram => "hide",
                };
                Some(self.call(HttpMethod::Post, &segment(external_id), json!({field: hidden})))
            }
            _ => None,
        }
    }

    /// Messenger takes emoji, Instagram only the word for the heart.
    fn reaction(self, emoji: &str) -> Option<String> {
        let is_heart = ["❤", "♥", "💕", "💖", "💗", "😍", "🥰", "🩷", "🧡", "💛", "💚", "💙", "💜"]
            .iter()
            .any(|heart| emoji.starts_with(heart));
        match self.product {
            Product::Messenger => Some(emoji.to_owned()),
            Product::Instagram => (is_heart || emoji == "love").then(|| "love".to_owned()),
        }
    }
}

/// A private answer to a comment is one message: what would be several becomes texts, as few as can be.
fn in_one(reply: &Reply, caps: &Capabilities) -> Degraded {
    let words = Capabilities {
        features: caps.features.iter().copied().filter(|feature| *feature == Feature::Choices).collect(),
        text_limit: usize::MAX,
        ..caps.clone()
    };
    let mut degraded = degrade(reply, &words);
    let texts: Vec<&str> = degraded
        .shown
        .iter()
        .filter_map(|shown| match &shown.part {
            Part::Text { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let choices = degraded.shown.last().map(|last| last.choices.clone()).unwrap_or_default();
    let whole = Reply { choices, ..Reply::text(texts.join("\n\n")) };
    let fitted = degrade(&whole, caps);
    degraded.shown = fitted.shown;
    degraded.lost.extend(fitted.lost.into_iter().map(|lost| Lost { part: None, ..lost }));
    degraded
}

/// The comment below which everybody is to read the answer.
fn public_comment(to: &Destination) -> Option<&str> {
    to.thread.strip_prefix(COMMENT).filter(|_| to.hint(ANSWER_HINT) == Some(PUBLIC))
}

fn recipient(thread: &str) -> Value {
    if let Some(comment) = thread.strip_prefix(COMMENT) {
        json!({"comment_id": comment})
    } else if let Some(reference) = thread.strip_prefix(USER_REF) {
        json!({"user_ref": reference})
    } else {
        json!({"id": thread})
    }
}
