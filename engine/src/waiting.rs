//! An honest promise to a customer who waits for a person.

use crate::clock::Micros;
use crate::ids::{ConversationId, TenantId};
use crate::store::{Store, StoreError};

/// How many of the last handoffs a promise is made from.
const SAMPLE: i64 = 20;
/// What is said while nothing is known yet.
const UNKNOWN_MINUTES: u32 = 5;
const LONGEST_MINUTES: u32 = 120;

/// Where a customer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// 1 is next.
    pub position: u32,
    pub minutes: u32,
}

/// The place in the queue, and the time that three of four recent customers did not exceed, for each place ahead.
pub async fn estimate(
    store: &Store,
    tenant: &TenantId,
    conversation: &ConversationId,
) -> Result<Wait, StoreError> {
    let waiting = store.waiting(tenant).await?;
    let position =
        waiting.iter().position(|handoff| handoff.conversation == *conversation).unwrap_or(waiting.len()) + 1;
    let recent = store.recent_waits(tenant, SAMPLE).await?;
    Ok(promise(u32::try_from(position).unwrap_or(u32::MAX), recent))
}

fn promise(position: u32, mut recent: Vec<i64>) -> Wait {
    recent.sort_unstable();
    let minutes = match recent.get(recent.len() * 3 / 4) {
        Some(wait) => u32::try_from(wait / (60 * Micros::SECOND)).unwrap_or(LONGEST_MINUTES) + 1,
        None => UNKNOWN_MINUTES,
    };
    // Those ahead are usually served side by side: each adds half of one wait.
    let minutes = minutes.saturating_add(minutes.saturating_mul(position.saturating_sub(1)) / 2);
    Wait { position, minutes: minutes.min(LONGEST_MINUTES) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_grows_with_the_queue_and_with_experience() {
        let minute = 60 * Micros::SECOND;
        for (position, recent, minutes) in [
            (1, vec![], UNKNOWN_MINUTES),
            (3, vec![], UNKNOWN_MINUTES * 2),
            (1, vec![minute; 8], 2),
            (1, vec![minute, minute, minute, 10 * minute], 11),
            (u32::MAX, vec![minute], LONGEST_MINUTES),
        ] {
            assert_eq!(promise(position, recent), Wait { position, minutes });
        }
    }
}
