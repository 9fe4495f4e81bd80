//! What customers quote: the platform's name of an earlier message becomes ours.

use std::collections::HashMap;

use channels::Content;

use super::StoreError;
use super::batch::Batch;
use super::ingest::{EventKey, Ingest};
use super::message_changes::message_of;
use super::messages::Quote;

/// The quoted messages that we know, by the event that quotes them. Pressing a button is no quote, though WhatsApp
/// writes it like one.
pub(super) async fn quotes(
    batch: &mut Batch<'_>,
    fresh: &[&Ingest],
) -> Result<HashMap<EventKey, Quote>, StoreError> {
    let mut quotes = HashMap::new();
    for one in fresh {
        let Some(external_id) = &one.message.reply_to else { continue };
        if matches!(one.message.content, Content::Choice { .. }) {
            continue;
        }
        if let Some(message) = message_of(batch, &one.tenant, &one.account, external_id).await? {
            quotes.insert(one.key(), Quote { message, external_id: external_id.clone() });
        }
    }
    Ok(quotes)
}
