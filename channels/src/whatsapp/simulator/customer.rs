//! What pretended people do on their phones. Each act returns the webhooks that tell us of it.

use serde_json::{Value, json};

use super::{Press, WhatsappSimulator, seconds};
use crate::simulator::{CustomerAct, Line, LineButton, STICKER, Speaker, Webhook};
use crate::whatsapp::plan::media_field;
use crate::{MediaKind, Order, Referral};

impl WhatsappSimulator {
    pub(super) fn act(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        if let Some((content, text)) = self.content_of(act) {
            return Some(self.customer_sends(
                customer,
                content,
                Line::new(Speaker::Customer, "", now, text),
                now,
            ));
        }
        match act {
            CustomerAct::Presses { title } => self.presses(customer, title, now),
            CustomerAct::Sends { .. } | CustomerAct::SendsSticker { .. } => {
                self.sends_file(customer, act, now)
            }
            CustomerAct::Reacts { .. } | CustomerAct::Edits { .. } | CustomerAct::Deletes { .. } => {
                let content = self.changes(customer, act)?;
                Some(self.post(customer, content, now).1)
            }
            CustomerAct::Starts { .. } => {
                Some(self.post(customer, json!({"type": "request_welcome"}), now).1)
            }
            CustomerAct::Leaves => {
                self.chat(customer).is_blocked = true;
                Some(Vec::new())
            }
            CustomerAct::Reads => Some(self.read_all(customer, now)),
            CustomerAct::ColleagueSays { text } => Some(self.colleague_says(customer, text, now)),
            _ => None,
        }
    }

    /// The message that is all there is to an act, and how it looks.
    fn content_of(&self, act: &CustomerAct) -> Option<(Value, String)> {
        let said = |text: &str| json!({"type": "text", "text": {"body": text}});
        match act {
            CustomerAct::Says { text, quotes } => {
                let mut message = said(text);
                if let Some(quoted) = quotes {
                    message["context"] = json!({"from": self.display, "id": quoted});
                }
                Some((message, text.clone()))
            }
            // A link to a chat brings its words into the line in which people write.
            CustomerAct::Starts { payload: Some(words) } => Some((said(words), words.clone())),
            CustomerAct::Arrives { referral, text } => {
                let text = text.clone().unwrap_or_else(|| "Hello".into());
                let mut message = said(&text);
                message["referral"] = advertised(referral);
                Some((message, text))
            }
            CustomerAct::SendsLocation { location } => {
                let mut place = json!({"latitude": location.latitude, "longitude": location.longitude});
                for (field, words) in [("name", &location.title), ("address", &location.address)] {
                    if let Some(words) = words {
                        place[field] = words.as_str().into();
                    }
                }
                let text = location.title.clone().unwrap_or_else(|| place.to_string());
                Some((json!({"type": "location", "location": place}), text))
            }
            CustomerAct::SendsContact { contact } => {
                let phones: Vec<Value> = contact.phones.iter().map(|phone| json!({"phone": phone})).collect();
                let emails: Vec<Value> = contact.emails.iter().map(|email| json!({"email": email})).collect();
                let name = json!({"formatted_name": contact.name, "first_name": contact.name});
                let card = json!({"name": name, "phones": phones, "emails": emails});
                Some((json!({"type": "contacts", "contacts": [card]}), contact.name.clone()))
            }
            CustomerAct::Orders { order } => Some((
                json!({"type": "order", "order": ordered(order)}),
                order.note.clone().unwrap_or_default(),
            )),
            _ => None,
        }
    }

    fn sends_file(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        let mut line = Line::new(Speaker::Customer, "", now, "");
        let content = match act {
            CustomerAct::Sends { kind, name, mime, bytes, caption } => {
                let id = self.add_file(mime, bytes);
                let mut file =
                    json!({"id": id, "mime_type": mime, "sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHv="});
                if let Some(caption) = caption {
                    file["caption"] = caption.as_str().into();
                    line.text.clone_from(caption);
                }
                (line.media, line.media_url) = (Some(*kind), Some(id));
                let field = media_field(*kind);
                match field {
                    "document" => file["filename"] = name.as_str().into(),
                    "audio" => file["voice"] = (*kind == MediaKind::Voice).into(),
                    _ => {}
                }
                json!({"type": field, field: file})
            }
            CustomerAct::SendsSticker { .. } => {
                let file = self.add_file("image/webp", STICKER);
                (line.media, line.media_url) = (Some(MediaKind::Image), Some(file.clone()));
                let sticker =
                    json!({"id": file, "mime_type": "image/webp", "sha256": "x=", "animated": false});
                json!({"type": "sticker", "sticker": sticker})
            }
            _ => return None,
        };
        Some(self.customer_sends(customer, content, line, now))
    }

    /// What happens to a line that is there already; none where it is not.
    fn changes(&mut self, customer: &str, act: &CustomerAct) -> Option<Value> {
        match act {
            CustomerAct::Reacts { line, emoji } => {
                self.line(customer, line)?.reaction.clone_from(emoji);
                let mut reaction = json!({"message_id": line});
                if let Some(emoji) = emoji {
                    reaction["emoji"] = emoji.as_str().into();
                }
                Some(json!({"type": "reaction", "reaction": reaction}))
            }
            CustomerAct::Edits { line, text } => {
                let found = self.own_line(customer, line)?;
                (found.text, found.edited) = (text.clone(), true);
                let message = json!({"type": "text", "text": {"body": text}});
                Some(json!({"type": "edit", "edit": {"original_message_id": line, "message": message}}))
            }
            CustomerAct::Deletes { line } => {
                self.own_line(customer, line)?.deleted = true;
                Some(json!({"type": "revoke", "revoke": {"original_message_id": line}}))
            }
            _ => None,
        }
    }

    /// How a customer is called from now on.
    pub fn name_customer(&mut self, customer: &str, name: &str) {
        name.clone_into(&mut self.chat(customer).name);
    }

    /// A message of any type: `content` has its `type` and the object of that name.
    pub fn customer_sends(
        &mut self,
        customer: &str,
        content: Value,
        mut line: Line,
        now: i64,
    ) -> Vec<Webhook> {
        let (id, webhooks) = self.post(customer, content, now);
        line.id = id;
        self.chat(customer).lines.push(line);
        webhooks
    }

    /// A customer writes in a group, which begins with its first message.
    pub fn says_in_group(&mut self, group: &str, customer: &str, text: &str, now: i64) -> Vec<Webhook> {
        self.chat(customer);
        let room = self.chat(group);
        room.heard_at = Some(now);
        let id = self.next_message();
        self.chat(group).lines.push(Line::new(Speaker::Customer, &id, now, text));
        let message = json!({"type": "text", "text": {"body": text}, "group_id": group});
        self.posted(customer, &id, message, now)
    }

    /// A button that opens an address tells us nothing.
    fn presses(&mut self, customer: &str, title: &str, now: i64) -> Option<Vec<Webhook>> {
        let chat = self.chats.get(&self.key_of(customer))?;
        let has_title = |button: &&LineButton| button.title == title;
        let mut lines = chat.lines.iter().rev();
        let (line, button) =
            lines.find_map(|line| Some((line.id.clone(), line.buttons.iter().find(has_title)?.clone())))?;
        let Some(payload) = button.payload else { return Some(Vec::new()) };
        let Press { kind, descriptions } = chat.presses.get(&line).cloned().unwrap_or_default();
        let mut message = if kind == "button" {
            json!({"type": "button", "button": {"payload": payload, "text": title}})
        } else {
            json!({"type": "interactive", "interactive": {"type": kind, kind: {"id": payload, "title": title}}})
        };
        if let Some(description) = descriptions.get(title) {
            message["interactive"][kind]["description"] = description.as_str().into();
        }
        message["context"] = json!({"from": self.display, "id": line});
        Some(self.customer_sends(customer, message, Line::new(Speaker::Customer, "", now, title), now))
    }

    fn colleague_says(&mut self, customer: &str, text: &str, now: i64) -> Vec<Webhook> {
        let id = self.next_message();
        self.chat(customer).lines.push(Line::new(Speaker::Us, &id, now, text));
        let mut echo = json!({
            "from": self.display,
            "id": id,
            "timestamp": seconds(now).to_string(),
            "type": "text",
            "text": {"body": text},
        });
        self.name_person(&mut echo, customer, "to", "to_user_id");
        let value = json!({"contacts": [self.contact(customer)], "message_echoes": [echo]});
        self.webhook("smb_message_echoes", value, now)
    }

    fn line(&mut self, customer: &str, id: &str) -> Option<&mut Line> {
        self.chats.get_mut(&self.key_of(customer))?.lines.iter_mut().find(|line| line.id == id)
    }

    fn own_line(&mut self, customer: &str, id: &str) -> Option<&mut Line> {
        self.line(customer, id).filter(|line| line.from == Speaker::Customer)
    }

    fn post(&mut self, customer: &str, content: Value, now: i64) -> (String, Vec<Webhook>) {
        let id = self.next_message();
        let chat = self.chat(customer);
        // Who writes to us does not block us.
        (chat.heard_at, chat.is_blocked) = (Some(now), false);
        let webhooks = self.posted(customer, &id, content, now);
        (id, webhooks)
    }

    fn posted(&self, customer: &str, id: &str, mut message: Value, now: i64) -> Vec<Webhook> {
        message["id"] = id.into();
        message["timestamp"] = seconds(now).to_string().into();
        self.name_person(&mut message, customer, "from", "from_user_id");
        let value = json!({"contacts": [self.contact(customer)], "messages": [message]});
        self.webhook("messages", value, now)
    }
}

fn advertised(referral: &Referral) -> Value {
    let source = if referral.source.is_empty() { "ad" } else { referral.source.as_str() };
    let mut ad = json!({"source_type": source, "media_type": "image", "ctwa_clid": "Aff-simulated"});
    let fields = [
        ("source_url", &referral.url),
        ("source_id", &referral.id),
        ("headline", &referral.title),
        ("body", &referral.text),
        ("image_url", &referral.image_url),
    ];
    for (field, words) in fields {
        if let Some(words) = words {
            ad[field] = words.as_str().into();
        }
    }
    ad
}

fn ordered(order: &Order) -> Value {
    let item = |item: &crate::OrderItem| {
        json!({
            "product_retailer_id": item.product,
            "quantity": item.quantity,
            "item_price": item.price.unwrap_or_default(),
            "currency": item.currency.as_deref().unwrap_or("THB"),
        })
    };
    json!({
        "catalog_id": order.catalog.as_deref().unwrap_or("194836987003835"),
        "text": order.note.as_deref().unwrap_or_default(),
        "product_items": order.items.iter().map(item).collect::<Vec<_>>(),
    })
}
