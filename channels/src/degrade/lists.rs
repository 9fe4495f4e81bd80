//! Lists and contact cards, and what stands for them where a platform has none.

use super::{Loss, Planner, is_blank, joined, plain};
use crate::{Button, ButtonAction, Choice, Contact, Feature, ListRow, ListSection, Part};

impl Planner<'_> {
    pub(super) fn add_list(&mut self, text: &str, button: &str, sections: &[ListSection]) {
        if self.list_fits(text, button, sections) {
            let text = self.say_but_last(text, self.caps.list_text_limit);
            let sections = sections.iter().filter(|section| !section.rows.is_empty()).cloned().collect();
            return self.done.shown.push(plain(Part::List { text, button: button.to_owned(), sections }));
        }
        self.lose(Loss::ListFlattened);
        let rows = || sections.iter().flat_map(|section| &section.rows);
        let is_plain = sections.iter().all(|section| is_blank(&section.title))
            && rows().all(|row| row.text.as_deref().is_none_or(is_blank));
        if is_plain {
            let choose = |row: &ListRow| Button {
                title: row.title.clone(),
                action: ButtonAction::Choose { payload: row.payload.clone() },
            };
            let buttons: Vec<Button> = rows().map(choose).collect();
            return self.add_buttons(text, &buttons);
        }
        let mut lines = Vec::new();
        for section in sections {
            lines.push(section.title.clone());
            for row in &section.rows {
                let choice = Choice { title: row.title.clone(), payload: row.payload.clone() };
                lines.push(if is_blank(&row.title) { String::new() } else { self.number(choice) });
                lines.push(row.text.clone().unwrap_or_default());
            }
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        self.say_with_list(text, &joined(&lines));
    }

    fn list_fits(&self, text: &str, button: &str, sections: &[ListSection]) -> bool {
        let filled = sections.iter().filter(|section| !section.rows.is_empty()).count();
        let rows: Vec<&ListRow> = sections.iter().flat_map(|section| &section.rows).collect();
        let titles: Vec<&str> = rows.iter().map(|row| row.title.as_str()).collect();
        self.caps.has(Feature::Lists)
            && !is_blank(text)
            && !is_blank(button)
            && self.title_fits(button, self.caps.list_button_limit)
            && (1..=self.caps.rows).contains(&rows.len())
            && self.titles_differ(&titles)
            && sections.iter().all(|section| {
                // A section without rows shows nothing, so it must have no title; several sections need one each.
                let title_stands = match (section.rows.is_empty(), is_blank(&section.title)) {
                    (true, blank) => blank,
                    (false, blank) => !blank || filled == 1,
                };
                title_stands && self.title_fits(&section.title, self.caps.row_title_limit)
            })
            && rows.iter().all(|row| {
                !is_blank(&row.title)
                    && self.title_fits(&row.title, self.caps.row_title_limit)
                    && self.title_fits(row.text.as_deref().unwrap_or_default(), self.caps.row_text_limit)
                    && self.payload_fits(&row.payload)
            })
    }

    pub(super) fn add_contacts(&mut self, contacts: &[Contact]) {
        let complete = |contact: &Contact| !is_blank(&contact.name) && !contact.phones.is_empty();
        if self.caps.has(Feature::Contacts) && !contacts.is_empty() && contacts.iter().all(complete) {
            let messages = contacts.chunks(self.caps.contacts.max(1));
            let cards = messages.map(|contacts| plain(Part::Contacts { contacts: contacts.to_vec() }));
            return self.done.shown.extend(cards);
        }
        self.lose(Loss::ContactsWritten);
        for contact in contacts {
            let mut lines = vec![contact.name.as_str()];
            lines.extend(contact.phones.iter().chain(&contact.emails).map(String::as_str));
            self.say(&joined(&lines));
        }
    }
}
