//! A pretended visitor of the web chat.

use serde_json::{Value, json};

use super::issue_token;
use crate::simulator::{Line, LineButton, Speaker};
use crate::{
    AccountConfig, Button, ButtonAction, Choice, HttpCall, HttpMethod, MediaKind, Part, PlatformRequest,
};

/// A visitor with a token, who writes frames and remembers what was seen.
#[derive(Clone, Debug)]
pub struct WebVisitor {
    id: String,
    token: String,
    sent: u64,
    lines: Vec<Line>,
}

impl WebVisitor {
    /// None where the account has no site key or the id is not one that a token can carry.
    pub fn new(account: &AccountConfig, id: &str, now: i64) -> Option<Self> {
        Some(Self { id: id.into(), token: issue_token(account, id, now)?, sent: 0, lines: Vec::new() })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// The frame of a text.
    pub fn says(&mut self, text: &str, now: i64) -> Value {
        let client_id = self.remember(text, now);
        json!({"type": "message", "client_id": client_id, "text": text})
    }

    /// The frame of a press on the newest button or choice of this title; none where there is none, or where it only
    /// opens an address.
    pub fn presses(&mut self, title: &str, now: i64) -> Option<Value> {
        let mut buttons = self.lines.iter().rev().flat_map(|line| &line.buttons);
        let payload = buttons.find(|button| button.title == title)?.payload.clone()?;
        let client_id = self.remember(title, now);
        Some(json!({"type": "choice", "client_id": client_id, "payload": payload, "title": title}))
    }

    /// The call in which a frame reaches the adapter.
    pub fn call<'a>(&self, frame: &'a [u8], now: i64) -> HttpCall<'a> {
        let headers = vec![("authorization".to_owned(), format!("Bearer {}", self.token))];
        HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body: frame, now }
    }

    /// Sees a live event; one for another thread, or of another shape, is not seen.
    pub fn hears(&mut self, request: &PlatformRequest, now: i64) -> bool {
        let is_mine = matches!(&request.transport, crate::Transport::Live { thread } if *thread == self.id);
        let parts = serde_json::from_value::<Vec<Part>>(request.body["parts"].clone());
        let choices = serde_json::from_value::<Vec<Choice>>(request.body["choices"].clone());
        let (true, Ok(parts), Ok(choices)) = (is_mine, parts, choices) else { return false };
        for part in parts {
            let line = Line { id: self.lines.len().to_string(), at: now, ..line_of(part) };
            self.lines.push(line);
        }
        if let Some(last) = self.lines.last_mut() {
            last.buttons.extend(choices.into_iter().map(|choice| pressable(choice.title, choice.payload)));
        }
        true
    }

    /// What the visitor sees, oldest first.
    pub fn transcript(&self) -> &[Line] {
        &self.lines
    }

    fn remember(&mut self, text: &str, now: i64) -> String {
        self.sent += 1;
        let client_id = format!("{now}-{}", self.sent);
        let mut line = said(text.into());
        (line.from, line.id, line.at) = (Speaker::Customer, client_id.clone(), now);
        self.lines.push(line);
        client_id
    }
}

fn said(text: String) -> Line {
    Line::new(Speaker::Us, "", 0, text)
}

/// A part of a reply as a line of a transcript that shows everything.
pub(crate) fn line_of(part: Part) -> Line {
    match part {
        Part::Text { text } => said(text),
        Part::Media { kind, url, alt } => {
            Line { media: Some(kind), media_url: Some(url), ..said(alt.unwrap_or_default()) }
        }
        Part::Buttons { text, buttons } => {
            Line { buttons: buttons.into_iter().map(shown).collect(), ..said(text) }
        }
        Part::Cards { cards } => {
            let words = cards.iter().flat_map(|card| [Some(card.title.clone()), card.text.clone()]).flatten();
            let text = words.collect::<Vec<_>>().join("\n");
            let image = cards.iter().find_map(|card| card.image_url.clone());
            let buttons = cards.into_iter().flat_map(|card| card.buttons).map(shown).collect();
            Line { media: image.as_ref().map(|_| MediaKind::Image), media_url: image, buttons, ..said(text) }
        }
        Part::List { text, sections, .. } => {
            let rows = sections.into_iter().flat_map(|section| section.rows);
            Line { buttons: rows.map(|row| pressable(row.title, row.payload)).collect(), ..said(text) }
        }
        Part::Contacts { contacts } => {
            said(contacts.into_iter().map(|contact| contact.name).collect::<Vec<_>>().join("\n"))
        }
        Part::Sticker { alt, .. } | Part::Flex { alt, .. } => said(alt),
        Part::Template { template } => said(template.text),
        Part::Imagemap { imagemap } => {
            let buttons = imagemap.areas.iter().map(|area| shown(area.button())).collect();
            Line { buttons, ..said(imagemap.alt) }
        }
        Part::Location { location } => {
            let words = [location.title, location.address].into_iter().flatten();
            said(
                words
                    .chain([format!("{}, {}", location.latitude, location.longitude)])
                    .collect::<Vec<_>>()
                    .join("\n"),
            )
        }
    }
}

fn shown(button: Button) -> LineButton {
    match button.action {
        ButtonAction::Choose { payload } => pressable(button.title, payload),
        ButtonAction::Open { url } => LineButton { title: button.title, payload: None, url: Some(url) },
    }
}

pub(crate) fn pressable(title: String, payload: String) -> LineButton {
    LineButton { title, payload: Some(payload), url: None }
}
