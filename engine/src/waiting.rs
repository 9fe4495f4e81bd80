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
/// From fewer no promise is made: one quick or slow case would be half of it.
const FEWEST: usize = 5;
const LONGEST_MINUTES: u32 = 120;
/// How long a look at the queue is good for.
const FRESH: Duration = Duration::from_secs(1);

/// Where a customer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// 1 is next.
    pub position: u32,
    /// None where too few have waited lately to say.
    pub minutes: Option<u32>,
}

/// What was last seen of each company's queue.
#[derive(Default)]
pub struct Waits(DashMap<TenantId, Seen>);

#[derive(Clone)]
struct Seen {
    at: Instant,
    /// Who waits, longest first.
    waiting: Arc<[ConversationId]>,
    /// How long the usual one of the last handoffs waited, in microseconds.
    usual: Option<i64>,
}

impl Waits {
    /// The place in the queue, and the time that half of the recent customers did not exceed, more for each one ahead.
    /// Every turn asks, so the queue is read once in a while and not every time.
    pub async fn estimate(
        &self,
        store: &Store,
        tenant: &TenantId,
        conversation: &ConversationId,
    ) -> Result<Wait, StoreError> {
        let seen = match self.known(tenant) {
            Some(seen) => seen,
            None => self.look(store, tenant).await?,
        };
        let ahead = seen.waiting.iter().position(|one| one == conversation).unwrap_or(seen.waiting.len());
        Ok(promise(u32::try_from(ahead + 1).unwrap_or(u32::MAX), seen.usual))
    }

    /// What was seen, unless the caller should look again: one at a time does, and the others go by what was seen before.
    fn known(&self, tenant: &TenantId) -> Option<Seen> {
        let mut seen = self.0.get_mut(tenant)?;
        if seen.at.elapsed() < FRESH {
            return Some(seen.clone());
        }
        seen.at = Instant::now();
        None
    }

    async fn look(&self, store: &Store, tenant: &TenantId) -> Result<Seen, StoreError> {
        let waiting = store.waiting(tenant).await?.into_iter().map(|handoff| handoff.conversation).collect();
        let usual = median(store.recent_waits(tenant, SAMPLE).await?);
        let seen = Seen { at: Instant::now(), waiting, usual };
        self.0.insert(tenant.clone(), seen.clone());
        Ok(seen)
    }
}

/// The middle one of enough waits. A few very short or very long ones do not move it.
fn median(mut waits: Vec<i64>) -> Option<i64> {
    if waits.len() < FEWEST {
        return None;
    }
    let middle = waits.len() / 2;
    Some(*waits.select_nth_unstable(middle).1)
}

fn promise(position: u32, usual: Option<i64>) -> Wait {
    let minutes = usual.map(|wait| {
        let minutes = u32::try_from(wait / (60 * Micros::SECOND)).unwrap_or(LONGEST_MINUTES) + 1;
        // Those ahead are usually served side by side: each adds half of one wait.
        let queue = minutes.saturating_mul(position.saturating_sub(1)) / 2;
        minutes.saturating_add(queue).min(LONGEST_MINUTES)
    });
    Wait { position, minutes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(position: u32, recent: &[i64], minutes: Option<u32>) {
        let recent = recent.iter().map(|minutes| minutes * 60 * Micros::SECOND).collect();
        assert_eq!(promise(position, median(recent)), Wait { position, minutes }, "{position}");
    }

    #[test]
    fn a_promise_grows_with_the_queue_and_with_experience() {
        check(1, &[1; 8], Some(2));
        check(3, &[1; 8], Some(4));
        check(1, &[20, 4, 6, 5, 30], Some(7));
        check(u32::MAX, &[1; 5], Some(LONGEST_MINUTES));
        check(1, &[10_000; 5], Some(LONGEST_MINUTES));
    }

    #[test]
    fn nothing_is_promised_from_a_handful() {
        for few in 0..FEWEST {
            check(1, &vec![1; few], None);
            check(9, &vec![1; few], None);
        }
    }

    #[test]
    fn one_odd_case_moves_no_promise() {
        let usual = [7, 9, 8, 8, 9, 7, 8, 8];
        check(1, &usual, Some(9));
        for odd in [0, 1, 600] {
            check(1, &[&[odd], &usual[..]].concat(), Some(9));
        }
    }
}
