//! Keeping within each platform's own pace: for the account as a whole, for one thread, for one group.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use channels::{Destination, Rules};
use dashmap::DashMap;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::accounts::OpenAccount;
use crate::clock::Clock;
use crate::ids::ChannelAccountId;

/// The pace of every account that sent anything since the start.
pub struct Pace {
    /// A clock that stands still cannot be waited for: who moves it keeps the pace.
    waits: bool,
    accounts: DashMap<ChannelAccountId, Arc<AccountPace>>,
}

struct AccountPace {
    whole: DefaultDirectRateLimiter,
    threads: Option<DefaultKeyedRateLimiter<String>>,
    groups: Option<DefaultKeyedRateLimiter<String>>,
    sent: AtomicU32,
}

/// So many requests after each other, threads that have long been quiet are let go.
const REQUESTS_BETWEEN_CLEANINGS: u32 = 4_096;

impl Pace {
    pub fn new(clock: &Clock) -> Self {
        Self { waits: matches!(clock, Clock::System), accounts: DashMap::new() }
    }

    /// Lets one more request go to that thread, after a wait of a moment at most. Where that is not enough it says how long
    /// to come back after: a longer wait must not use up the lease of who holds the reply.
    pub async fn admit(&self, account: &OpenAccount, to: &Destination) -> Result<(), Duration> {
        if !self.waits {
            return Ok(());
        }
        let pace = self.of(account);
        let is_group = to.hint(GROUP_HINT).is_some();
        let mut left = MOMENT;
        loop {
            let Some(wait) = pace.next(&to.thread, is_group) else { return Ok(()) };
            left = left.checked_sub(wait).ok_or(wait)?;
            tokio::time::sleep(wait).await;
        }
    }

    fn of(&self, account: &OpenAccount) -> Arc<AccountPace> {
        let made = self.accounts.entry(account.id.clone());
        Arc::clone(&made.or_insert_with(|| Arc::new(AccountPace::new(account.adapter.rules()))))
    }
}

/// The longest wait that is not worth putting a reply off for.
const MOMENT: Duration = Duration::from_millis(250);

/// The hint by which a destination is known to be a group.
pub const GROUP_HINT: &str = "group";

impl AccountPace {
    fn new(rules: &Rules) -> Self {
        let at_least_one = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let whole = Quota::per_second(at_least_one(rules.account_per_second));
        let thread = Quota::with_period(Duration::from_millis(rules.thread_every_ms))
            .map(|quota| quota.allow_burst(at_least_one(rules.thread_burst)));
        let group = NonZeroU32::new(rules.group_per_minute).map(Quota::per_minute);
        Self {
            whole: RateLimiter::direct(whole),
            threads: thread.map(RateLimiter::keyed),
            groups: group.map(RateLimiter::keyed),
            sent: AtomicU32::new(0),
        }
    }

    /// None when a request may go now, which is then counted; else how long to wait.
    fn next(&self, thread: &str, is_group: bool) -> Option<Duration> {
        let now = DefaultClock::default().now();
        let key = thread.to_owned();
        if self.sent.fetch_add(1, Ordering::Relaxed) % REQUESTS_BETWEEN_CLEANINGS
            == REQUESTS_BETWEEN_CLEANINGS - 1
        {
            for threads in [&self.threads, &self.groups].into_iter().flatten() {
                threads.retain_recent();
            }
        }
        if let Some(groups) = self.groups.as_ref().filter(|_| is_group)
            && let Err(wait) = groups.check_key(&key)
        {
            return Some(wait.wait_time_from(now));
        }
        if let Some(threads) = &self.threads
            && let Err(wait) = threads.check_key(&key)
        {
            return Some(wait.wait_time_from(now));
        }
        self.whole.check().err().map(|wait| wait.wait_time_from(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(
        account_per_second: u32,
        thread_every_ms: u64,
        thread_burst: u32,
        group_per_minute: u32,
    ) -> Rules {
        Rules { account_per_second, thread_every_ms, thread_burst, group_per_minute, ..Rules::FREE }
    }

    /// How many requests may go at once.
    fn at_once(pace: &AccountPace, thread: &str, is_group: bool) -> usize {
        (0..1_000).take_while(|_| pace.next(thread, is_group).is_none()).count()
    }

    #[test]
    fn each_rule_counts_for_itself() {
        let pace = AccountPace::new(&rules(30, 60_000, 3, 20));
        assert_eq!(at_once(&pace, "a", false), 3);
        assert_eq!(at_once(&pace, "b", false), 3);
        assert_eq!(at_once(&AccountPace::new(&rules(10, 0, 1, 0)), "a", false), 10);
        assert_eq!(at_once(&AccountPace::new(&rules(500, 0, 1, 20)), "g", true), 20);
    }
}
