//! Who a person is: WhatsApp names people by number, by an id of our own portfolio, or by both.
//!
//! Since April 2026 people who took a username may come without a number. The business-scoped id (`user_id`) is then the
//! only one, and it is the better one everywhere: a number may pass to somebody else, and the id changes with it.

use serde_json::Value;

use super::value::{items, word};
use crate::Sender;

/// The ids under which an event names a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ids {
    /// The business-scoped id.
    pub(super) user: Option<String>,
    /// The same for a group of portfolios.
    pub(super) parent: Option<String>,
    /// The number, without the `+`.
    pub(super) phone: Option<String>,
}

impl Ids {
    /// The id that names the person: the thread of a private chat.
    pub(super) fn best(&self) -> Option<&str> {
        self.user.as_deref().or(self.phone.as_deref()).or(self.parent.as_deref())
    }

    /// Every id but the best one.
    pub(super) fn others(&self) -> Vec<String> {
        let best = self.best();
        let ids = [&self.user, &self.phone, &self.parent].into_iter().flatten();
        ids.filter(|id| Some(id.as_str()) != best).cloned().collect()
    }

    pub(super) fn sender(&self) -> Sender {
        let phone = self.phone.as_ref().filter(|phone| is_phone(phone));
        Sender {
            phone: phone.map(|phone| format!("+{}", phone.trim_start_matches('+'))),
            also: self.others(),
            ..Sender::new(self.best().unwrap_or_default())
        }
    }
}

/// A number as people write it without spaces.
pub(super) fn is_phone(id: &str) -> bool {
    let digits = id.strip_prefix('+').unwrap_or(id);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A business-scoped id: a country of two letters, a dot, letters and digits (`US.1349…`, `US.ENT.118…`).
pub(super) fn is_user_id(id: &str) -> bool {
    let (country, rest) = id.split_once('.').unwrap_or_default();
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && !rest.is_empty()
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// The sender of a message, with what the `contacts` of the same change tell of them.
pub(super) fn sender_of(message: &Value, change: &Value) -> Sender {
    let mut ids = Ids {
        user: word(message, "/from_user_id"),
        parent: word(message, "/from_parent_user_id"),
        phone: word(message, "/from"),
    };
    let Some(contact) = contact_of(&ids, change, items(change, "/messages").len() <= 1) else {
        return ids.sender();
    };
    ids.user = ids.user.or_else(|| word(contact, "/user_id"));
    ids.parent = ids.parent.or_else(|| word(contact, "/parent_user_id"));
    let known = word(contact, "/wa_id");
    let differs = known.is_some() && ids.phone.is_some() && known != ids.phone;
    ids.phone = ids.phone.or_else(|| known.clone());
    let mut sender = described(ids.sender(), contact);
    // Some countries have two spellings of one number.
    sender.also.extend(known.filter(|_| differs));
    sender
}

/// As many people as one call may speak of (Graph API, webhooks: batches of up to 1000 updates).
const CONTACTS: usize = 1_000;

/// The entry of `contacts` with one of these ids; where the change holds nobody else, the only entry.
fn contact_of<'a>(ids: &Ids, change: &'a Value, alone: bool) -> Option<&'a Value> {
    let contacts = items(change, "/contacts");
    let same = |own: &Option<String>, contact: &Value, name: &str| match (own, contact.get(name)) {
        (Some(own), Some(Value::String(id))) => own == id,
        (Some(own), Some(Value::Number(id))) => *own == id.to_string(),
        _ => false,
    };
    let named = contacts
        .iter()
        .take(CONTACTS)
        .find(|contact| same(&ids.user, contact, "user_id") || same(&ids.phone, contact, "wa_id"));
    named.or_else(|| contacts.first().filter(|_| alone && contacts.len() == 1))
}

/// The sender with the name and username of an entry of `contacts`.
pub(super) fn described(sender: Sender, contact: &Value) -> Sender {
    let username = word(contact, "/profile/username").or_else(|| word(contact, "/username"));
    Sender {
        display_name: word(contact, "/profile/name"),
        username: username.map(|name| name.trim_start_matches('@').to_owned()),
        ..sender
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart() {
        for phone in ["16505551234", "+66812345678"] {
            assert!(is_phone(phone) && !is_user_id(phone), "{phone}");
        }
        for user in ["US.13491208655302741918", "TH.ENT.1", "TH.aB9"] {
            assert!(is_user_id(user) && !is_phone(user), "{user}");
        }
        for neither in
            ["", "+", "Y2FwaV9ncm91cDox", "120363@g.us", "us.1", "USA.1", "US.", "US", "US.1-2", "1 2"]
        {
            assert!(!is_user_id(neither) && !is_phone(neither), "{neither}");
        }
    }
}
