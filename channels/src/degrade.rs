//! The degradation planner: a reply as one platform can show it, without losing a word.

#[cfg(test)]
pub(crate) mod arbitrary;
mod cards;
mod choices;
mod imagemap;
mod lists;
mod split;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde::Serialize;
use url::Url;

use crate::{Button, ButtonAction, Capabilities, Choice, Feature, Location, MediaKind, Part, Reply};
use split::split;

/// One message to send: a part that is within the platform's limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    pub part: Part,
    /// The choices offered below it; only the last message has any.
    pub choices: Vec<Choice>,
    /// The message it quotes; only the first message has one.
    pub reply_to: Option<String>,
}

/// Something that the platform shows in a poorer way than it was authored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The index of the authored part; none for what belongs to the whole reply.
    pub part: Option<usize>,
    pub what: Loss,
}

/// The ways in which a reply can become poorer. Its words are never among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Buttons became lines of text, numbered where they can be chosen.
    ButtonsNumbered,
    /// Buttons that open an address became lines of text.
    LinksWritten,
    /// Choices became numbered lines of text.
    ChoicesNumbered,
    /// The choices stand below a numbered list of their own, as nothing else could carry them.
    ChoicesApart,
    /// Cards that were to stand side by side stand in several messages.
    CardsApart,
    /// A card became a picture, a text and buttons.
    CardUnpacked,
    /// A file became a link.
    MediaLinked,
    /// The words under a file stand in a message of their own.
    CaptionApart,
    /// A place became text and a link to a map.
    LocationLinked,
    /// The title and address of a place stand in a message of their own.
    PlaceNamedApart,
    /// A text became several messages.
    TextSplit,
    /// A list became buttons or numbered lines of text.
    ListFlattened,
    /// Contact cards became text.
    ContactsWritten,
    /// A sticker became the words that say it.
    StickerWritten,
    /// A template of another platform became its words.
    TemplateWritten,
    /// A Flex message became its alternative words.
    FlexWritten,
    /// A picture with areas to press became a picture and buttons.
    ImagemapUnpacked,
    /// A picture cannot be shown: it lies nowhere that the platform could fetch it from.
    PictureMissing,
    /// The reply does not quote the message it answers.
    Quote,
    /// A button or choice without a title cannot be shown at all.
    Untitled,
}

/// What [`degrade`] makes of a reply.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Degraded {
    pub shown: Vec<Shown>,
    pub lost: Vec<Lost>,
    /// What a person means who answers with the number `n`: the entry `n - 1`. The numbers run through the reply.
    pub numbered: Vec<Choice>,
}

impl Degraded {
    /// Says these losses, too, each once.
    pub(crate) fn also_lost(&mut self, losses: impl IntoIterator<Item = Lost>) {
        for lost in losses {
            if !self.lost.contains(&lost) {
                self.lost.push(lost);
            }
        }
    }

    /// Quotes only where the first message can.
    pub(crate) fn quotes_only_where(&mut self, can: impl FnOnce(&Part, &str) -> bool) {
        let Some(first) = self.shown.first_mut() else { return };
        if first.reply_to.as_deref().is_some_and(|quoted| !can(&first.part, quoted)) {
            first.reply_to = None;
            self.also_lost([Lost { part: None, what: Loss::Quote }]);
        }
    }
}

/// Fits `reply` into `caps`. Every text in it (titles, addresses and captions, too) is shown whole and in order, apart
/// from white space at the cuts; addresses of buttons and media in the result are http or https.
///
/// What is left out: the empty sections of a list, and the words on a button that opened a list that is flattened.
pub fn degrade(reply: &Reply, caps: &Capabilities) -> Degraded {
    let mut planner = Planner { caps, at: None, done: Degraded::default() };
    for (index, part) in reply.parts.iter().enumerate() {
        planner.at = Some(index);
        planner.add(part);
    }
    planner.at = None;
    planner.offer(&reply.choices);
    planner.quote(reply.reply_to.as_ref());
    planner.done
}

/// The address as a link that every platform opens, if it is one.
pub(crate) fn web_address(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The reply with the words of every sticker that is another platform's, and what that lost.
pub(crate) fn own_stickers(reply: &Reply, is_own: impl Fn(&str) -> bool) -> (Reply, Vec<Lost>) {
    let mut reply = reply.clone();
    let mut lost = Vec::new();
    for (index, part) in reply.parts.iter_mut().enumerate() {
        let Part::Sticker { id, alt } = part else { continue };
        if !is_own(id) {
            *part = Part::Text { text: std::mem::take(alt) };
            lost.push(Lost { part: Some(index), what: Loss::StickerWritten });
        }
    }
    (reply, lost)
}

struct Planner<'a> {
    caps: &'a Capabilities,
    /// The index of the part at hand.
    at: Option<usize>,
    done: Degraded,
}

impl Planner<'_> {
    fn add(&mut self, part: &Part) {
        match part {
            Part::Text { text } => self.say(text),
            Part::Media { kind, url, alt } => self.add_media(*kind, url, alt.as_deref().unwrap_or_default()),
            Part::Buttons { text, buttons } => self.add_buttons(text, buttons),
            Part::Cards { cards } => self.add_cards(cards),
            Part::Location { location } => self.add_location(location),
            Part::List { text, button, sections } => self.add_list(text, button, sections),
            Part::Contacts { contacts } => self.add_contacts(contacts),
            Part::Sticker { alt, .. } => self.add_or_say(part, Feature::Stickers, alt, Loss::StickerWritten),
            Part::Template { template } => {
                self.add_or_say(part, Feature::Templates, &template.text, Loss::TemplateWritten);
            }
            Part::Flex { alt, .. } => self.add_or_say(part, Feature::Flex, alt, Loss::FlexWritten),
            Part::Imagemap { imagemap } => self.add_imagemap(imagemap),
        }
    }

    fn add_or_say(&mut self, part: &Part, feature: Feature, words: &str, loss: Loss) {
        if self.caps.has(feature) {
            return self.done.shown.push(plain(part.clone()));
        }
        self.lose(loss);
        self.say(words);
    }

    fn say(&mut self, text: &str) {
        let pieces = self.pieces(text);
        self.done.shown.extend(pieces.into_iter().map(|text| plain(Part::Text { text })));
    }

    /// The text in pieces that fit; none where it is blank.
    fn pieces(&mut self, text: &str) -> Vec<String> {
        let pieces = split(text, self.caps.text_unit, self.caps.text_limit);
        if pieces.len() > 1 {
            self.lose(Loss::TextSplit);
        }
        pieces
    }

    fn add_media(&mut self, kind: MediaKind, url: &str, alt: &str) {
        let shows = self.caps.has(Feature::Media) && !self.caps.linked_media.contains(&kind);
        if !shows || web_address(url).is_none() {
            self.lose(Loss::MediaLinked);
            return self.say(&joined(&[alt, url]));
        }
        let bare = self.caps.bare_media.contains(&kind);
        let captioned = !bare && !is_blank(alt) && self.fits(alt, self.caps.caption_limit);
        let caption = captioned.then(|| alt.to_owned());
        self.done.shown.push(plain(Part::Media { kind, url: url.to_owned(), alt: caption }));
        if !captioned && !is_blank(alt) {
            self.lose(Loss::CaptionApart);
            self.say(alt);
        }
    }

    fn add_buttons(&mut self, text: &str, buttons: &[Button]) {
        let buttons = self.titled(buttons);
        if buttons.is_empty() {
            return self.say(text);
        }
        let (text, buttons) = &self.without_spare_links(text, buttons);
        if buttons.is_empty() {
            return self.say(text);
        }
        let fit = self.caps.has(Feature::Buttons) && self.buttons_fit(buttons, self.caps.buttons);
        if fit && !is_blank(text) {
            let last = self.say_but_last(text, self.caps.button_text_limit);
            return self.done.shown.push(plain(Part::Buttons { text: last, buttons: buttons.clone() }));
        }
        let buttons = buttons.clone();
        self.lose(Loss::ButtonsNumbered);
        let lines: Vec<String> = buttons.into_iter().map(|button| self.line(button)).collect();
        self.say_with_list(text, &lines.join("\n"));
    }

    /// Writes the buttons that open addresses below the text where the platform shows no such button beside the others.
    fn without_spare_links(&mut self, text: &str, buttons: Vec<Button>) -> (String, Vec<Button>) {
        let opens = |button: &Button| matches!(button.action, ButtonAction::Open { .. });
        let links = buttons.iter().filter(|button| opens(button)).count();
        let spare = links > self.caps.link_buttons || (!self.caps.mixed_buttons && links < buttons.len());
        if links == 0 || !spare || !self.caps.has(Feature::Buttons) {
            return (text.to_owned(), buttons);
        }
        self.lose(Loss::LinksWritten);
        let (links, rest): (Vec<Button>, Vec<Button>) = buttons.into_iter().partition(opens);
        let written: Vec<String> = links.into_iter().map(|button| self.line(button)).collect();
        (joined(&[text, &written.join("\n")]), rest)
    }

    /// Says the text up to its last piece, which is returned: it fits `limit` and the platform's texts.
    fn say_but_last(&mut self, text: &str, limit: usize) -> String {
        let mut pieces = self.pieces(text);
        let last = pieces.pop().unwrap_or_default();
        let mut ends = split(&last, self.caps.text_unit, limit.min(self.caps.text_limit));
        if ends.len() > 1 {
            self.lose(Loss::TextSplit);
        }
        let last = ends.pop().unwrap_or_default();
        let before = pieces.into_iter().chain(ends);
        self.done.shown.extend(before.map(|text| plain(Part::Text { text })));
        last
    }

    fn add_location(&mut self, location: &Location) {
        let title = location.title.as_deref().unwrap_or_default();
        let address = location.address.as_deref().unwrap_or_default();
        if !self.caps.has(Feature::Location) {
            self.lose(Loss::LocationLinked);
            let map = format!("https://maps.google.com/?q={},{}", location.latitude, location.longitude);
            return self.say(&joined(&[title, address, &map]));
        }
        let mut place = location.clone();
        if !self.fits(title, self.caps.place_limit) || !self.fits(address, self.caps.place_limit) {
            self.lose(Loss::PlaceNamedApart);
            self.say(&joined(&[title, address]));
            (place.title, place.address) = (None, None);
        }
        self.done.shown.push(plain(Part::Location { location: place }));
    }

    fn quote(&mut self, reply_to: Option<&String>) {
        let Some(quoted) = reply_to else { return };
        match self.done.shown.first_mut() {
            Some(first) if self.caps.has(Feature::ReplyTo) => first.reply_to = Some(quoted.clone()),
            _ => self.lose(Loss::Quote),
        }
    }

    /// Under the question where both fit one message, else in messages of its own.
    fn say_with_list(&mut self, text: &str, list: &str) {
        self.say(text);
        if is_blank(text) { self.say(list) } else { self.append_list(list) }
    }

    fn append_list(&mut self, list: &str) {
        let limit = self.caps.text_limit;
        if let Some(Shown { part: Part::Text { text }, .. }) = self.done.shown.last_mut() {
            let both = format!("{}\n\n{list}", text.trim_end());
            if self.caps.text_unit.measure(&both) <= limit {
                *text = both;
                return;
            }
        }
        self.say(list);
    }

    /// The line that stands for a button which cannot be one.
    fn line(&mut self, button: Button) -> String {
        match button.action {
            ButtonAction::Choose { payload } => self.number(Choice { title: button.title, payload }),
            ButtonAction::Open { url } if url == button.title => url,
            ButtonAction::Open { url } => joined(&[&button.title, &url]),
        }
    }

    fn number(&mut self, choice: Choice) -> String {
        let line = format!("{}. {}", self.done.numbered.len() + 1, choice.title);
        self.done.numbered.push(choice);
        line
    }

    /// The buttons that have a title; an address is its own title where there is no other.
    fn titled(&mut self, buttons: &[Button]) -> Vec<Button> {
        let title = |button: &Button| match &button.action {
            ButtonAction::Open { url } if is_blank(&button.title) => url.clone(),
            _ => button.title.clone(),
        };
        let titled =
            buttons.iter().map(|button| Button { title: title(button), action: button.action.clone() });
        let titled: Vec<Button> = titled.filter(|button| !is_blank(&button.title)).collect();
        if titled.len() < buttons.len() {
            self.lose(Loss::Untitled);
        }
        titled
    }

    fn buttons_fit(&self, buttons: &[Button], most: usize) -> bool {
        buttons.len() <= most
            && self.titles_differ(&buttons.iter().map(|button| button.title.as_str()).collect::<Vec<_>>())
            && buttons.iter().all(|button| {
                self.title_fits(&button.title, self.caps.button_title_limit)
                    && match &button.action {
                        ButtonAction::Choose { payload } => self.payload_fits(payload),
                        ButtonAction::Open { url } => web_address(url).is_some(),
                    }
            })
    }

    fn titles_differ(&self, titles: &[&str]) -> bool {
        !self.caps.unique_titles || titles.iter().collect::<HashSet<_>>().len() == titles.len()
    }

    fn payload_fits(&self, payload: &str) -> bool {
        !payload.is_empty() && payload.len() <= self.caps.payload_limit
    }

    fn fits(&self, text: &str, limit: usize) -> bool {
        self.caps.text_unit.measure(text) <= limit
    }

    fn title_fits(&self, text: &str, limit: usize) -> bool {
        self.caps.title_unit.unwrap_or(self.caps.text_unit).measure(text) <= limit
    }

    fn lose(&mut self, what: Loss) {
        let lost = Lost { part: self.at, what };
        if !self.done.lost.contains(&lost) {
            self.done.lost.push(lost);
        }
    }
}

fn plain(part: Part) -> Shown {
    Shown { part, choices: Vec::new(), reply_to: None }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The texts that are not blank, a line each.
fn joined(texts: &[&str]) -> String {
    let texts: Vec<&str> = texts.iter().copied().filter(|text| !is_blank(text)).collect();
    texts.join("\n")
}
