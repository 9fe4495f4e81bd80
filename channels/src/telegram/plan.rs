//! The requests that show a reply.

use teloxide::payloads::{
    AnswerCallbackQuery, SendAnimation, SendAudio, SendChatAction, SendDocument, SendLocation, SendMessage,
    SendPhoto, SendVenue, SendVideo, SendVoice,
};
use teloxide::types::{
    CallbackQueryId, ChatAction, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageId,
    Recipient, ReplyParameters, ThreadId,
};

use super::CAPABILITIES;
use super::account::request;
use super::receive::{CALLBACK_HINT, TOPIC_HINT};
use crate::degrade::web_address;
use crate::{
    AccountConfig, Button, ButtonAction, Card, Choice, Destination, Location, MediaKind, Part, Plan,
    PlatformRequest, Reply, Shown, degrade,
};

/// A press is acknowledged first, or its button keeps spinning. Texts go without a parse mode: no markup is read out of
/// them. Buttons and choices share the inline keyboard, so that a press brings its payload back.
pub(super) fn plan(account: &AccountConfig, to: &Destination, reply: &Reply) -> Plan {
    let degraded = degrade(reply, &CAPABILITIES);
    let acknowledge = hint(to, CALLBACK_HINT)
        .map(|id| request(account, &AnswerCallbackQuery::new(CallbackQueryId(id.to_owned()))));
    let sender = Sender { account, to };
    let mut requests: Vec<PlatformRequest> = acknowledge.into_iter().collect();
    for shown in &degraded.shown {
        sender.send(shown, &mut requests);
    }
    Plan { requests, lost: degraded.lost, numbered: degraded.numbered }
}

pub(super) fn typing(account: &AccountConfig, to: &Destination) -> PlatformRequest {
    let mut payload = SendChatAction::new(recipient(to), ChatAction::Typing);
    payload.message_thread_id = topic(to);
    request(account, &payload)
}

struct Sender<'a> {
    account: &'a AccountConfig,
    to: &'a Destination,
}

impl Sender<'_> {
    fn send(&self, shown: &Shown, requests: &mut Vec<PlatformRequest>) {
        let before = requests.len();
        match &shown.part {
            Part::Text { text } => requests.push(self.text(text, keyboard(&[], &shown.choices))),
            Part::Buttons { text, buttons } => {
                requests.push(self.text(text, keyboard(buttons, &shown.choices)));
            }
            Part::Media { kind, url, alt } => {
                requests.push(self.media(*kind, url, alt.clone(), keyboard(&[], &shown.choices)));
            }
            Part::Location { location } => requests.push(self.place(location, keyboard(&[], &shown.choices))),
            Part::Cards { cards } => {
                let last = cards.len().saturating_sub(1);
                requests.extend(cards.iter().enumerate().map(|(index, card)| {
                    let choices = if index == last { shown.choices.as_slice() } else { &[] };
                    self.card(card, keyboard(&card.buttons, choices))
                }));
            }
        }
        if let (Some(quote), Some(first)) =
            (shown.reply_to.as_deref().and_then(quote), requests.get_mut(before))
        {
            first.body["reply_parameters"] = serde_json::json!(quote);
        }
    }

    fn text(&self, text: &str, keyboard: Option<InlineKeyboardMarkup>) -> PlatformRequest {
        self.finished(request(self.account, &SendMessage::new(recipient(self.to), text)), keyboard)
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
        let (chat, file) = (recipient(self.to), InputFile::url(address));
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
        let chat = recipient(self.to);
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
            request.body["reply_markup"] = serde_json::json!(keyboard);
        }
        if let Some(topic) = topic(self.to) {
            request.body["message_thread_id"] = serde_json::json!(topic);
        }
        request
    }
}

fn recipient(to: &Destination) -> Recipient {
    match to.thread.parse() {
        Ok(id) => Recipient::Id(ChatId(id)),
        Err(_) => Recipient::ChannelUsername(to.thread.clone()),
    }
}

fn hint<'a>(to: &'a Destination, name: &str) -> Option<&'a str> {
    to.hints.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn topic(to: &Destination) -> Option<ThreadId> {
    hint(to, TOPIC_HINT)?.parse().ok().map(|id| ThreadId(MessageId(id)))
}

/// A reply goes out even when the message it quotes is gone.
fn quote(reply_to: &str) -> Option<ReplyParameters> {
    let (_, id) = reply_to.rsplit_once(':').unwrap_or(("", reply_to));
    Some(ReplyParameters::new(MessageId(id.parse().ok()?)).allow_sending_without_reply())
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
