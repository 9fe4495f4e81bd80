//! The requests that show a reply.

use serde_json::json;
use teloxide::payloads::{
    AnswerCallbackQuery, SendAnimation, SendAudio, SendContact, SendDocument, SendLocation, SendMessage,
    SendPhoto, SendSticker, SendVenue, SendVideo, SendVoice,
};
use teloxide::types::{
    CallbackQueryId, FileId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageId, Recipient,
    ReplyParameters,
};

use super::CAPABILITIES;
use super::account::request;
use super::receive::{BUSINESS_HINT, CALLBACK_HINT, TOPIC_HINT};
use super::thread::{Thread, message_number};
use super::words::{contact_words, is_file_id, list_words, vcard};
use crate::degrade::web_address;
use crate::{
    AccountConfig, Button, ButtonAction, Card, Choice, Contact, Degraded, Destination, ListSection, Location,
    Loss, Lost, MediaKind, Part, PlatformRequest, Reply, Shown, degrade,
};

pub(super) fn fit(reply: &Reply) -> Degraded {
    let (reply, foreign) = spoken(reply);
    let mut fitted = degrade(&reply, &CAPABILITIES);
    fitted.also_lost(foreign);
    fitted.quotes_only_where(|_, quoted| quote(quoted).is_some());
    fitted
}

/// A press is acknowledged first, or its button keeps spinning. Texts go without a parse mode: no markup is read out of
/// them. Buttons, rows and choices share the inline keyboard, so that a press brings its payload back.
pub(super) fn requests(account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
    let acknowledge = to
        .hint(CALLBACK_HINT)
        .map(|id| request(account, &AnswerCallbackQuery::new(CallbackQueryId(id.to_owned()))));
    let place = Place::of(to);
    let sender = Sender { account, place: &place };
    acknowledge.into_iter().chain(shown.iter().filter_map(|shown| sender.send(shown))).collect()
}

/// The reply with words in place of what only this platform's planner knows to be unsendable: stickers of other
/// platforms, and contact cards with more in them than Telegram takes.
fn spoken(reply: &Reply) -> (Reply, Vec<Lost>) {
    let mut spoken = reply.clone();
    let mut lost = Vec::new();
    for (index, part) in spoken.parts.iter_mut().enumerate() {
        let (text, what) = match part {
            Part::Sticker { id, alt } if !is_file_id(id) => (alt.clone(), Loss::StickerWritten),
            Part::Contacts { contacts } if contacts.iter().any(|contact| vcard(contact).is_none()) => {
                let cards: Vec<String> = contacts.iter().map(contact_words).collect();
                (cards.join("\n\n"), Loss::ContactsWritten)
            }
            _ => continue,
        };
        *part = Part::Text { text };
        lost.push(Lost { part: Some(index), what });
    }
    (spoken, lost)
}

/// Where a reply goes: the chat, and what else the Bot API wants to know of it.
pub(super) struct Place {
    pub(super) recipient: Recipient,
    pub(super) connection: Option<String>,
    pub(super) forum_topic: Option<i64>,
    pub(super) private_topic: Option<i64>,
}

impl Place {
    pub(super) fn of(to: &Destination) -> Self {
        let thread = Thread::parse(&to.thread);
        Self {
            recipient: thread.recipient(),
            forum_topic: to.hint(TOPIC_HINT).and_then(|topic| topic.parse().ok()),
            private_topic: thread.topic,
            connection: thread.connection.or_else(|| to.hint(BUSINESS_HINT).map(str::to_owned)),
        }
    }

    /// Names the place in the body of a method that shows something.
    fn name(&self, request: &mut PlatformRequest) {
        if let Some(connection) = &self.connection {
            request.body["business_connection_id"] = json!(connection);
        }
        if let Some(topic) = self.forum_topic {
            request.body["message_thread_id"] = json!(topic);
        }
        if let Some(topic) = self.private_topic {
            request.body["direct_messages_topic_id"] = json!(topic);
        }
    }
}

struct Sender<'a> {
    account: &'a AccountConfig,
    place: &'a Place,
}

impl Sender<'_> {
    fn send(&self, shown: &Shown) -> Option<PlatformRequest> {
        let choices = || keyboard(&[], &shown.choices);
        let mut request = match &shown.part {
            Part::Text { text } => self.text(text, choices()),
            Part::Buttons { text, buttons } => self.text(text, keyboard(buttons, &shown.choices)),
            Part::List { text, sections, .. } => {
                self.text(&list_words(text, sections), keyboard(&rows(sections), &shown.choices))
            }
            Part::Media { kind, url, alt } => self.media(*kind, url, alt.clone(), choices()),
            Part::Sticker { id, .. } => self.sticker(id, choices()),
            Part::Location { location } => self.place(location, choices()),
            // One contact and one card are one message: the planner knows.
            Part::Contacts { contacts } => self.contact(contacts.first()?, choices()),
            Part::Cards { cards } => {
                let card = cards.first()?;
                self.card(card, keyboard(&card.buttons, &shown.choices))
            }
            // The planner says these in words: Telegram lacks them.
            Part::Template { .. } | Part::Flex { .. } | Part::Imagemap { .. } => return None,
        };
        if let Some(quote) = shown.reply_to.as_deref().and_then(quote) {
            request.body["reply_parameters"] = json!(quote);
        }
        Some(request)
    }

    fn text(&self, text: &str, keyboard: Option<InlineKeyboardMarkup>) -> PlatformRequest {
        self.finished(request(self.account, &SendMessage::new(self.place.recipient.clone(), text)), keyboard)
    }

    fn media(
        &self,
        kind: MediaKind,
        url: &str,
        caption: Option<String>,
        keyboard: Option<InlineKeyboardMarkup>,
    ) -> PlatformRequest {
        // The planner lets only web addresses pass; anything else would still be a readable text.
        let Some(address) = web_address(url) else { return self.text(url, keyboard) };
        let account = self.account;
        let (chat, file) = (self.place.recipient.clone(), InputFile::url(address));
        let mut request = match kind {
            MediaKind::Image => request(account, &SendPhoto::new(chat, file)),
            MediaKind::Video => request(account, &SendVideo::new(chat, file)),
            MediaKind::Audio => request(account, &SendAudio::new(chat, file)),
            MediaKind::Voice => request(account, &SendVoice::new(chat, file)),
            MediaKind::File => request(account, &SendDocument::new(chat, file)),
            MediaKind::Animation => request(account, &SendAnimation::new(chat, file)),
        };
        if let Some(caption) = caption {
            request.body["caption"] = caption.into();
        }
        self.finished(request, keyboard)
    }

    fn sticker(&self, id: &str, keyboard: Option<InlineKeyboardMarkup>) -> PlatformRequest {
        let file = InputFile::file_id(FileId(id.to_owned()));
        let payload = SendSticker::new(self.place.recipient.clone(), file);
        self.finished(request(self.account, &payload), keyboard)
    }

    /// More than one number or an address goes into the card that hangs on it.
    fn contact(&self, contact: &Contact, keyboard: Option<InlineKeyboardMarkup>) -> PlatformRequest {
        let phone = contact.phones.first().cloned().unwrap_or_default();
        let mut payload = SendContact::new(self.place.recipient.clone(), phone, contact.name.trim());
        let is_simple = contact.phones.len() < 2 && contact.emails.is_empty();
        payload.vcard = vcard(contact).filter(|_| !is_simple);
        self.finished(request(self.account, &payload), keyboard)
    }

    /// A photo with its words below; without a picture, only the words.
    fn card(&self, card: &Card, keyboard: Option<InlineKeyboardMarkup>) -> PlatformRequest {
        let text = card.text.as_deref().filter(|text| !text.trim().is_empty());
        let words = text.map_or_else(|| card.title.clone(), |text| format!("{}\n{text}", card.title));
        match &card.image_url {
            Some(image) => self.media(MediaKind::Image, image, Some(words), keyboard),
            None => self.text(&words, keyboard),
        }
    }

    /// Telegram wants both words of a venue: the coordinates stand in for the one that is missing.
    fn place(&self, location: &Location, keyboard: Option<InlineKeyboardMarkup>) -> PlatformRequest {
        let Location { latitude, longitude, title, address } = location;
        let word = |word: &Option<String>| word.clone().filter(|word| !word.trim().is_empty());
        let words: Vec<String> = [word(title), word(address)].into_iter().flatten().collect();
        let chat = self.place.recipient.clone();
        let request = match words.as_slice() {
            [] => request(self.account, &SendLocation::new(chat, *latitude, *longitude)),
            [only] => {
                let point = format!("{latitude}, {longitude}");
                request(self.account, &SendVenue::new(chat, *latitude, *longitude, only, point))
            }
            [title, address, ..] => {
                request(self.account, &SendVenue::new(chat, *latitude, *longitude, title, address))
            }
        };
        self.finished(request, keyboard)
    }

    fn finished(
        &self,
        mut request: PlatformRequest,
        keyboard: Option<InlineKeyboardMarkup>,
    ) -> PlatformRequest {
        if let Some(keyboard) = keyboard {
            request.body["reply_markup"] = json!(keyboard);
        }
        self.place.name(&mut request);
        request
    }
}

/// Each row of a list is a button.
fn rows(sections: &[ListSection]) -> Vec<Button> {
    let rows = sections.iter().flat_map(|section| &section.rows);
    rows.map(|row| Button {
        title: row.title.clone(),
        action: ButtonAction::Choose { payload: row.payload.clone() },
    })
    .collect()
}

/// A reply goes out even when the message it quotes is gone.
fn quote(reply_to: &str) -> Option<ReplyParameters> {
    let id = i32::try_from(message_number(reply_to)?).ok()?;
    Some(ReplyParameters::new(MessageId(id)).allow_sending_without_reply())
}

/// Each button has a row of its own; short choices stand two by two.
fn keyboard(buttons: &[Button], choices: &[Choice]) -> Option<InlineKeyboardMarkup> {
    if buttons.is_empty() && choices.is_empty() {
        return None;
    }
    let abreast = if choices.iter().all(|choice| choice.title.chars().count() <= 16) { 2 } else { 1 };
    let rows = buttons.iter().map(|button| vec![key(button)]).chain(choices.chunks(abreast).map(|row| {
        row.iter().map(|choice| InlineKeyboardButton::callback(&choice.title, &choice.payload)).collect()
    }));
    Some(InlineKeyboardMarkup::new(rows))
}

fn key(button: &Button) -> InlineKeyboardButton {
    match &button.action {
        ButtonAction::Choose { payload } => InlineKeyboardButton::callback(&button.title, payload),
        // The planner lets only web addresses pass.
        ButtonAction::Open { url } => match web_address(url) {
            Some(url) => InlineKeyboardButton::url(&button.title, url),
            None => InlineKeyboardButton::callback(&button.title, "-"),
        },
    }
}
