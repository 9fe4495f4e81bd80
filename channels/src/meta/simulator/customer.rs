//! What pretended people do. Each act returns the webhooks that tell us of it; none where people cannot do that here.

use serde_json::{Value, json};

use super::{Platform, Remark};
use crate::meta::fields::fingerprint;
use crate::meta::{GET_STARTED, INBOX_APP, Product};
use crate::simulator::{CustomerAct, LineButton, STICKER, Speaker, Webhook};
use crate::{Location, MediaKind, Order, Referral};

/// The post of ours below which people comment.
pub(super) const POST: &str = "901097836652708";

/// What every story shows.
const STORY: &[u8] = include_bytes!("story.png");

type Told = Option<Vec<Webhook>>;

impl Platform {
    pub(crate) fn customer(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Told {
        let is_instagram = self.product == Product::Instagram;
        let is_missing = match act {
            CustomerAct::SendsContact { .. } => true,
            CustomerAct::SendsSticker { .. }
            | CustomerAct::SendsLocation { .. }
            | CustomerAct::Orders { .. } => is_instagram,
            CustomerAct::RepliesToStory { .. } | CustomerAct::MentionsInStory => !is_instagram,
            _ => false,
        };
        if is_missing {
            return None;
        }
        match act {
            CustomerAct::Says { text, quotes } => {
                let mut message = json!({"text": text});
                if let Some(quoted) = quotes {
                    message["reply_to"] = json!({"mid": quoted});
                }
                Some(self.writes(customer, text, message, now))
            }
            CustomerAct::Presses { title } => self.presses(customer, title, now),
            CustomerAct::Sends { kind, mime, bytes, caption, .. } => {
                let url = self.keep_file(mime, bytes);
                Some(self.sends(customer, (*kind, &url), caption.as_deref(), now))
            }
            CustomerAct::SendsSticker { id } => Some(self.sends_sticker(customer, id, now)),
            CustomerAct::SendsLocation { location } => Some(self.sends_place(customer, location, now)),
            CustomerAct::SendsContact { .. } => None,
            CustomerAct::Reacts { line, emoji } => self.reacts(customer, line, emoji.as_deref(), now),
            CustomerAct::Edits { line, text } => self.edits(customer, line, text, now),
            CustomerAct::Deletes { line } => self.deletes(customer, line, now),
            CustomerAct::Starts { payload } => Some(self.starts(customer, payload.as_deref(), now)),
            // Meta tells nobody that a person has blocked them: sends fail from now on.
            CustomerAct::Leaves => {
                self.chat(customer).has_blocked = true;
                Some(Vec::new())
            }
            CustomerAct::Reads => Some(self.reads(customer, now)),
            CustomerAct::Arrives { referral, text } => {
                Some(self.arrives(customer, referral, text.as_deref(), now))
            }
            CustomerAct::Orders { order } => Some(self.orders(customer, order, now)),
            CustomerAct::RepliesToStory { text } => {
                let url = self.keep_file("image/png", STORY);
                let story = json!({"url": url, "id": "18074819347285670"});
                Some(self.writes(customer, text, json!({"text": text, "reply_to": {"story": story}}), now))
            }
            CustomerAct::MentionsInStory => {
                let url = self.keep_file("image/png", STORY);
                let mention = json!({"type": "story_mention", "payload": {"url": url}});
                Some(self.writes(customer, "", json!({"attachments": [mention]}), now))
            }
            CustomerAct::Comments { text } => Some(self.comments(customer, text, now)),
            CustomerAct::ColleagueSays { text } => Some(self.colleague_says(customer, text, now)),
        }
    }

    fn sends_sticker(&mut self, customer: &str, id: &str, now: i64) -> Vec<Webhook> {
        let url = self.keep_file("image/webp", STICKER);
        let payload = json!({"url": url, "sticker_id": id.parse::<u64>().unwrap_or(369_239_263_222_822)});
        let message = json!({"attachments": [{"type": "sticker", "payload": payload}]});
        self.writes(customer, "👍", message, now)
    }

    fn sends_place(&mut self, customer: &str, place: &Location, now: i64) -> Vec<Webhook> {
        let coordinates = json!({"lat": place.latitude, "long": place.longitude});
        let place =
            json!({"type": "location", "title": place.title, "payload": {"coordinates": coordinates}});
        self.writes(customer, "📍", json!({"attachments": [place]}), now)
    }

    /// A message of any kind; who writes has blocked us no longer.
    fn writes(&mut self, customer: &str, shown: &str, mut message: Value, now: i64) -> Vec<Webhook> {
        let mid = self.next_mid();
        let chat = self.chat(customer);
        (chat.last_word, chat.has_blocked) = (Some(now), false);
        chat.add(Speaker::Customer, &mid, now, shown);
        message["mid"] = mid.into();
        self.tell("messages", customer, json!({"message": message}), now)
    }

    fn sends(
        &mut self,
        customer: &str,
        (kind, url): (MediaKind, &str),
        caption: Option<&str>,
        now: i64,
    ) -> Vec<Webhook> {
        let name = match kind {
            MediaKind::Image | MediaKind::Animation => "image",
            MediaKind::Video => "video",
            MediaKind::Audio | MediaKind::Voice => "audio",
            MediaKind::File => "file",
        };
        let mut message = json!({"attachments": [{"type": name, "payload": {"url": url}}]});
        if let Some(caption) = caption {
            message["text"] = caption.into();
        }
        let told = self.writes(customer, caption.unwrap_or_default(), message, now);
        if let Some(line) = self.chat(customer).lines.last_mut() {
            (line.media, line.media_url) = (Some(kind), Some(url.to_owned()));
        }
        told
    }

    /// Quick replies say their title as a message; the buttons of templates come back as postbacks.
    fn presses(&mut self, customer: &str, title: &str, now: i64) -> Told {
        let chat = self.chats.get(customer)?;
        let found = |buttons: &[LineButton]| buttons.iter().position(|button| button.title == title);
        let (mid, index) =
            chat.lines.iter().rev().find_map(|line| Some((line.id.clone(), found(&line.buttons)?)))?;
        let line = chat.lines.iter().find(|line| line.id == mid)?;
        let Some(payload) = line.buttons[index].payload.clone() else { return Some(Vec::new()) };
        let is_quick = index >= chat.templates.get(&mid).copied().unwrap_or_default();
        if is_quick {
            let message = json!({"text": title, "quick_reply": {"payload": payload}});
            return Some(self.writes(customer, title, message, now));
        }
        Some(self.posts_back(customer, (title, &payload), None, now))
    }

    fn posts_back(
        &mut self,
        customer: &str,
        (title, payload): (&str, &str),
        referral: Option<Value>,
        now: i64,
    ) -> Vec<Webhook> {
        let mid = self.next_mid();
        let chat = self.chat(customer);
        (chat.last_word, chat.has_blocked) = (Some(now), false);
        let mut postback = json!({"mid": mid, "title": title, "payload": payload});
        if let Some(referral) = referral {
            postback["referral"] = referral;
        }
        self.tell("messaging_postbacks", customer, json!({"postback": postback}), now)
    }

    fn starts(&mut self, customer: &str, payload: Option<&str>, now: i64) -> Vec<Webhook> {
        let begins = self.get_started.clone().unwrap_or_else(|| GET_STARTED.to_owned());
        let referral = payload.map(|word| json!({"ref": word, "source": "SHORTLINK", "type": "OPEN_THREAD"}));
        self.posts_back(customer, ("Get Started", &begins), referral, now)
    }

    fn reacts(&mut self, customer: &str, line: &str, emoji: Option<&str>, now: i64) -> Told {
        let chat = self.chats.get_mut(customer)?;
        chat.line(line)?.reaction = emoji.map(str::to_owned);
        chat.last_word = Some(now);
        let reaction = match emoji {
            Some(emoji) => {
                json!({"mid": line, "action": "react", "reaction": word_of(emoji), "emoji": emoji})
            }
            None => json!({"mid": line, "action": "unreact"}),
        };
        Some(self.tell("message_reactions", customer, json!({"reaction": reaction}), now))
    }

    /// A message can be changed five times (Messenger Platform, message edits).
    fn edits(&mut self, customer: &str, line: &str, text: &str, now: i64) -> Told {
        let chat = self.chats.get_mut(customer)?;
        chat.edits += 1;
        let count = chat.edits;
        let held = chat.line(line).filter(|held| held.from == Speaker::Customer)?;
        (held.text, held.edited) = (text.to_owned(), true);
        let field = if self.product == Product::Messenger { "message_edits" } else { "message_edit" };
        let edit = json!({"mid": line, "text": text, "num_edit": count});
        Some(self.tell(field, customer, json!({"message_edit": edit}), now))
    }

    fn deletes(&mut self, customer: &str, line: &str, now: i64) -> Told {
        let chat = self.chats.get_mut(customer)?;
        let held = chat.line(line).filter(|held| held.from == Speaker::Customer)?;
        held.deleted = true;
        Some(self.tell("messages", customer, json!({"message": {"mid": line, "is_deleted": true}}), now))
    }

    fn reads(&mut self, customer: &str, now: i64) -> Vec<Webhook> {
        let last = self.chat(customer).lines.iter().rev().find(|line| line.from == Speaker::Us);
        let Some(mid) = last.map(|line| line.id.clone()) else { return Vec::new() };
        match self.product {
            Product::Messenger => {
                self.tell("message_reads", customer, json!({"read": {"watermark": now / 1000}}), now)
            }
            Product::Instagram => self.tell("messaging_seen", customer, json!({"read": {"mid": mid}}), now),
        }
    }

    fn arrives(&mut self, customer: &str, referral: &Referral, text: Option<&str>, now: i64) -> Vec<Webhook> {
        let mut told = json!({"source": referral.source, "type": "OPEN_THREAD"});
        let mut add = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                told[name] = value.clone().into();
            }
        };
        add("ref", &referral.payload);
        add("ad_id", &referral.id);
        add("referer_uri", &referral.url);
        if referral.title.is_some() || referral.image_url.is_some() {
            told["ads_context_data"] = json!({"ad_title": referral.title, "photo_url": referral.image_url});
        }
        if let Some(text) = text {
            return self.writes(customer, text, json!({"text": text, "referral": told}), now);
        }
        self.chat(customer).last_word = Some(now);
        let field = match self.product {
            Product::Messenger => "messaging_referrals",
            Product::Instagram => "messaging_referral",
        };
        self.tell(field, customer, json!({"referral": told}), now)
    }

    fn orders(&mut self, customer: &str, order: &Order, now: i64) -> Vec<Webhook> {
        self.chat(customer).last_word = Some(now);
        let product = |item: &crate::OrderItem| {
            json!({
                "id": fingerprint(item.product.as_bytes()),
                "retailer_id": item.product,
                "name": item.name,
                "unit_price": item.price,
                "currency": item.currency,
                "quantity": item.quantity,
            })
        };
        let products: Vec<Value> = order.items.iter().map(product).collect();
        let order = json!({"products": products, "note": order.note});
        self.tell("messages", customer, json!({"order": order}), now)
    }

    fn comments(&mut self, customer: &str, text: &str, now: i64) -> Vec<Webhook> {
        let author = Some(customer.to_owned());
        let remark = Remark { author, text: text.to_owned(), at: now, is_answered: false, is_hidden: false };
        let id = self.add_remark(remark);
        self.chat(customer).add(Speaker::Customer, &id, now, text);
        self.tell_remark(&id, None, now)
    }

    /// A new comment, by a person or by ourselves.
    pub(super) fn tell_remark(&self, id: &str, parent: Option<&str>, now: i64) -> Vec<Webhook> {
        let Some(Remark { author, text, .. }) = self.remarks.get(id) else { return Vec::new() };
        let by = author.as_ref().unwrap_or(&self.names.account);
        match self.product {
            Product::Messenger => {
                let post = format!("{}_{POST}", self.names.account);
                let value = json!({
                    "item": "comment",
                    "verb": "add",
                    "comment_id": id,
                    "post_id": post,
                    "parent_id": parent.unwrap_or(&post),
                    "from": {"id": by, "name": format!("Customer {by}")},
                    "created_time": now / 1_000_000,
                    "message": text,
                    "post": {"permalink_url": format!("https://www.facebook.com/{post}"), "id": post},
                });
                self.tell_change("feed", &value, now)
            }
            Product::Instagram => {
                let from = json!({"id": by, "username": format!("c.{by}")});
                let media = json!({"id": POST, "media_product_type": "FEED"});
                let mut value = json!({"id": id, "text": text, "from": from, "media": media});
                if let Some(parent) = parent {
                    value["parent_id"] = parent.into();
                }
                // Instagram Login writes the change flat into the entry.
                let entry = json!({
                    "id": self.names.account,
                    "time": now / 1_000_000,
                    "field": "comments",
                    "value": value,
                });
                self.tell_entry("comments", entry)
            }
        }
    }

    fn colleague_says(&mut self, customer: &str, text: &str, now: i64) -> Vec<Webhook> {
        let mid = self.next_mid();
        self.chat(customer).add(Speaker::Us, &mid, now, text);
        self.echo(customer, &mid, &json!({"text": text, "app_id": INBOX_APP}), now)
    }
}

/// Meta's words for the emoji that its apps offer first.
fn word_of(emoji: &str) -> &'static str {
    match emoji {
        "😆" => "smile",
        "😠" => "angry",
        "😢" => "sad",
        "😮" => "wow",
        "❤" | "❤️" => "love",
        "👍" => "like",
        "👎" => "dislike",
        _ => "other",
    }
}
