//! Cards side by side, and what stands for one that a platform cannot show as such.

use super::{Loss, Planner, is_blank, joined, plain, web_address};
use crate::{Button, ButtonAction, Card, MediaKind, Part};

impl Planner<'_> {
    pub(super) fn add_cards(&mut self, cards: &[Card]) {
        let mut run: Vec<Card> = Vec::new();
        if cards.len() > self.caps.cards.max(1) {
            self.lose(Loss::CardsApart);
        }
        for card in cards {
            let card = Card { buttons: self.titled(&card.buttons), ..card.clone() };
            if self.card_fits(&card) {
                run.push(card);
                if run.len() == self.caps.cards {
                    self.show_cards(&mut run);
                }
            } else {
                self.show_cards(&mut run);
                self.unpack(&card);
            }
        }
        self.show_cards(&mut run);
    }

    fn show_cards(&mut self, run: &mut Vec<Card>) {
        if !run.is_empty() {
            self.done.shown.push(plain(Part::Cards { cards: std::mem::take(run) }));
        }
    }

    fn unpack(&mut self, card: &Card) {
        self.lose(Loss::CardUnpacked);
        if let Some(image) = &card.image_url {
            self.add_media(MediaKind::Image, image, "");
        }
        self.add_buttons(&joined(&[&card.title, card.text.as_deref().unwrap_or_default()]), &card.buttons);
    }

    fn card_fits(&self, card: &Card) -> bool {
        self.caps.cards > 0
            && !is_blank(&card.title)
            && (self.caps.bare_cards || !is_bare(card))
            && self.title_fits(&card.title, self.caps.card_title_limit)
            && self.title_fits(card.text.as_deref().unwrap_or_default(), self.caps.card_text_limit)
            && card.image_url.as_deref().is_none_or(|url| web_address(url).is_some())
            && (card.buttons.is_empty() || self.card_buttons_fit(&card.buttons))
    }

    fn card_buttons_fit(&self, buttons: &[Button]) -> bool {
        let links =
            buttons.iter().filter(|button| matches!(button.action, ButtonAction::Open { .. })).count();
        let mixes = links > 0 && links < buttons.len();
        self.buttons_fit(buttons, self.caps.card_buttons)
            && links <= self.caps.link_buttons
            && (self.caps.mixed_buttons || !mixes)
    }
}

/// Nothing but its title.
fn is_bare(card: &Card) -> bool {
    card.text.as_deref().is_none_or(is_blank) && card.image_url.is_none() && card.buttons.is_empty()
}
