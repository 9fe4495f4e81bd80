//! News of our own messages.

use serde_json::Value;

use super::outcome::advice_for;
use super::people::Ids;
use super::value::{items, time, whole, word};
use crate::{Content, Cost, InboundMessage, Receipt, ReceiptState};

/// One object of `statuses`; none where it names no message or a state that we do not know.
pub(super) fn receipt(status: &Value) -> Option<Receipt> {
    let state = match word(status, "/status")?.as_str() {
        "sent" => ReceiptState::Sent,
        "delivered" => ReceiptState::Delivered,
        "read" => ReceiptState::Read,
        "played" => ReceiptState::Played,
        "failed" => ReceiptState::Failed,
        _ => return None,
    };
    let ids = recipient(status);
    let error = items(status, "/errors").first();
    let cost = status.get("pricing").and_then(|pricing| {
        let billable = pricing.get("billable").and_then(Value::as_bool).unwrap_or(false);
        Some(Cost {
            category: word(pricing, "/category")?,
            billable,
            kind: word(pricing, "/type").unwrap_or_default(),
        })
    });
    Some(Receipt {
        reason: error.map(reason_of),
        advice: error.and_then(advice_of),
        thread: ids.best().unwrap_or_default().to_owned(),
        at: time(status, "/timestamp"),
        correlation: word(status, "/biz_opaque_callback_data"),
        cost,
        also: ids.others(),
        ..Receipt::new(word(status, "/id")?, state)
    })
}

/// What older versions tell as a state, with the id of the person's own message: they took it back.
pub(super) fn deleted(status: &Value, now: i64) -> Option<InboundMessage> {
    let external_id =
        word(status, "/id").filter(|_| word(status, "/status").as_deref() == Some("deleted"))?;
    let sent_at = time(status, "/timestamp").unwrap_or(now);
    let event_id = format!("deleted:{external_id}");
    let sender = recipient(status).sender();
    Some(InboundMessage::new(event_id, sender, sent_at, Content::Deleted { external_id }))
}

fn recipient(status: &Value) -> Ids {
    Ids {
        user: word(status, "/recipient_user_id"),
        parent: word(status, "/parent_recipient_user_id"),
        phone: word(status, "/recipient_id"),
    }
}

/// The platform's words for an error in a webhook, with its number.
pub(super) fn reason_of(error: &Value) -> String {
    let title = word(error, "/message").or_else(|| word(error, "/title"));
    let details = word(error, "/error_data/details").filter(|details| Some(details) != title.as_ref());
    let said: Vec<String> = [title, details].into_iter().flatten().collect();
    let number = whole(error, "/code").map(|code| format!(" ({code})")).unwrap_or_default();
    format!("{}{number}", said.join(": ")).trim().chars().take(300).collect()
}

fn advice_of(error: &Value) -> Option<String> {
    Some(advice_for(whole(error, "/code")?, &reason_of(error)).as_str().to_owned())
}
