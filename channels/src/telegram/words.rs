//! Words and cards that stand in for what Telegram has no shape for.

use crate::{Contact, ListSection};

/// The longest name on a contact card, UTF-16 units: what Telegram allows the name of a person to have.
const NAME_LIMIT: usize = 64;

/// The longest vCard, bytes (Bot API, `sendContact`).
const VCARD_LIMIT: usize = 2_048;

/// The longest telephone number that is sent as one: E.164 has 15 digits, people write signs between them.
const PHONE_LIMIT: usize = 32;

/// True for what may be a `file_id` of Telegram: long, and of the letters of base64 for addresses. Stickers of other
/// platforms have short ids, or ids of digits.
pub(super) fn is_file_id(id: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (20..=256).contains(&id.len()) && id.chars().all(is_letter) && id.chars().any(|c| c.is_ascii_alphabetic())
}

/// The text above the rows: the titles of sections, and the rows that are explained, with their explanation. The other
/// rows are said by their buttons.
pub(super) fn list_words(text: &str, sections: &[ListSection]) -> String {
    let mut lines = Vec::new();
    for section in sections {
        if !section.title.trim().is_empty() {
            lines.push(format!("{}:", section.title.trim()));
        }
        for row in &section.rows {
            let explained = row.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            lines.extend(explained.map(|explained| format!("• {}: {explained}", row.title.trim())));
        }
    }
    if lines.is_empty() { text.to_owned() } else { format!("{}\n\n{}", text.trim_end(), lines.join("\n")) }
}

/// The card of a contact; none where it has more in it than Telegram takes.
pub(super) fn vcard(contact: &Contact) -> Option<String> {
    let name = contact.name.trim();
    let fits = !name.is_empty()
        && name.encode_utf16().count() <= NAME_LIMIT
        && contact.phones.first().is_some_and(|phone| !phone.trim().is_empty())
        && contact.phones.iter().all(|phone| phone.chars().count() <= PHONE_LIMIT);
    let escaped = |word: &str| {
        let word = word.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
        word.replace(['\r', '\n'], " ")
    };
    let mut lines = vec!["BEGIN:VCARD".to_owned(), "VERSION:3.0".to_owned(), format!("FN:{}", escaped(name))];
    lines.extend(contact.phones.iter().map(|phone| format!("TEL:{}", escaped(phone))));
    lines.extend(contact.emails.iter().map(|email| format!("EMAIL:{}", escaped(email))));
    lines.push("END:VCARD".to_owned());
    Some(lines.join("\n")).filter(|card| fits && card.len() <= VCARD_LIMIT)
}

/// A contact as text.
pub(super) fn contact_words(contact: &Contact) -> String {
    let words = [&contact.name].into_iter().chain(&contact.phones).chain(&contact.emails);
    words.filter(|word| !word.trim().is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
}
