//! An honest promise to a customer who waits for a person.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use tokio::time::Instant;

use crate::clock::Micros;
use crate::ids::{ConversationId, TenantId};
use crate::store::{Store, StoreError};

/// How many of the last handoffs a promise is made from.
const SAMPLE: i64 = 20;
/// What is said while nothing is known yet.
const UNKNOWN_MINUTES: u32 = 5;
const LONGEST_MINUTES: u32 = 120;
/// How long a look at the queue is good for.
const FRESH: Duration = Duration::from_secs(1);

/// Where a customer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// 1 is next.
    pub position: u32,
    pub minutes: u32,
}

/// What was last seen of each company's queue.
#[derive(Default)]
pub struct Waits(DashMap<TenantId, Arc<Seen>>);

struct Seen {
    at: Instant,
    /// Who waits, longest first.
    waiting: Vec<ConversationId>,
    recent: Vec<i64>,
}

impl Waits {
    /// The place in the queue, and the time that three of four recent customers did not exceed, for each place ahead.
    /// Every turn asks, so the queue is read once in a while and not every time.
    pub async fn estimate(
        &self,
        store: &Store,
        tenant: &TenantId,
        conversation: &ConversationId,
    ) -> Result<Wait, StoreError> {
        let known = self.0.get(tenant).map(|seen| Arc::clone(&seen)).filter(|seen| seen.at.elapsed() < FRESH);
        let seen = match known {
            Some(seen) => seen,
            None => self.look(store, tenant).await?,
        };
        let ahead = seen.waiting.iter().position(|one| one == conversation).unwrap_or(seen.waiting.len());
        Ok(promise(u32::try_from(ahead + 1).unwrap_or(u32::MAX), &seen.recent))
    }

    async fn look(&self, store: &Store, tenant: &TenantId) -> Result<Arc<Seen>, StoreError> {
        let waiting = store.waiting(tenant).await?.into_iter().map(|handoff| handoff.conversation).collect();
        let mut recent = store.recent_waits(tenant, SAMPLE).await?;
        recent.sort_unstable();
        let seen = Arc::new(Seen { at: Instant::now(), waiting, recent });
        self.0.insert(tenant.clone(), Arc::clone(&seen));
        Ok(seen)
    }
}

/// `recent` is sorted.
fn promise(position: u32, recent: &[i64]) -> Wait {
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
            assert_eq!(promise(position, &recent), Wait { position, minutes });
        }
    }
}
