//! Limits: how often one address, account, session, socket or webhook may come, and where a request comes from.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};
use ipnet::IpNet;

use crate::config;

/// After so many checks a limit forgets the keys that have been quiet.
const CHECKS_BETWEEN_CLEANINGS: u32 = 10_000;

/// A refusal, and how long to wait before the next try is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    pub millis: u64,
}

/// All limits of this process. A limit of `n` takes exactly `n` at once and refuses the next.
pub struct Limits<C: Clock = DefaultClock> {
    sign_in_by_address: Keyed<C>,
    sign_in_by_account: Keyed<C>,
    api_by_session: Keyed<C>,
    calls_by_address: Keyed<C>,
    webhook: Keyed<C>,
    files_by_visitor: Keyed<C>,
    files_by_address: Keyed<C>,
    socket: Quota,
    clock: C,
}

impl Limits {
    pub fn new(config: &config::Limits) -> Self {
        Self::with_clock(config, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limits<C> {
    pub fn with_clock(config: &config::Limits, clock: &C) -> Self {
        let keyed = |name, quota| Keyed::new(name, quota, clock.clone());
        let per_second =
            |count, burst| Quota::per_second(at_least_one(count)).allow_burst(at_least_one(burst));
        Self {
            sign_in_by_address: keyed("sign_in_address", spread(config.sign_in_per_20_seconds, 20)),
            sign_in_by_account: keyed(
                "sign_in_account",
                spread(config.sign_in_per_account_in_5_minutes, 300),
            ),
            api_by_session: keyed("api", per_second(config.api_per_second, config.api_burst)),
            calls_by_address: keyed("address", per_second(config.ip_per_second, config.ip_burst)),
            webhook: keyed("webhook", per_second(config.webhook_per_second, config.webhook_per_second)),
            files_by_visitor: keyed("visitor_files", spread(config.files_per_visitor_per_hour, 3600)),
            files_by_address: keyed(
                "address_files",
                spread(config.files_per_visitor_per_hour.saturating_mul(5), 3600),
            ),
            socket: per_second(config.socket_messages_per_second, config.socket_messages_per_second),
            clock: clock.clone(),
        }
    }

    /// One try to sign in, good or bad, from an address and for an account (its e-mail address in lower case).
    pub fn sign_in(&self, address: IpAddr, account: &str) -> Result<(), RetryAfter> {
        self.sign_in_by_address.check(&network_of(address))?;
        self.sign_in_by_account.check(account)
    }

    /// One API call of a session or an API key, by its id.
    pub fn api(&self, caller: &str) -> Result<(), RetryAfter> {
        self.api_by_session.check(caller)
    }

    /// One call of any kind from an address.
    pub fn ip(&self, address: IpAddr) -> Result<(), RetryAfter> {
        self.calls_by_address.check(&network_of(address))
    }

    /// One webhook call for a channel account, by its id.
    pub fn webhook(&self, account: &str) -> Result<(), RetryAfter> {
        self.webhook.check(account)
    }

    /// One file of a visitor, by the account and the visitor's id. Ids are free, so the address counts, too.
    pub fn visitor_file(&self, address: IpAddr, visitor: &str) -> Result<(), RetryAfter> {
        self.files_by_address.check(&network_of(address))?;
        self.files_by_visitor.check(visitor)
    }

    /// The limit of one new socket.
    pub fn socket(&self) -> SocketLimit<C> {
        SocketLimit { limiter: RateLimiter::direct_with_clock(self.socket, self.clock.clone()) }
    }
}

/// How many messages one socket may send.
pub struct SocketLimit<C: Clock = DefaultClock> {
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
}

impl<C: Clock> SocketLimit<C> {
    /// One message of the socket.
    pub fn check(&self) -> Result<(), RetryAfter> {
        self.limiter.check().map_err(|until| refused("socket", &until, self.limiter.clock().now()))
    }
}

/// One limit for each key. Keys are kept as 64-bit hashes under a secret of this process, so that a long key costs no
/// more than a short one and nobody can make two keys meet.
struct Keyed<C: Clock> {
    name: &'static str,
    limiter: RateLimiter<u64, DashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    hasher: RandomState,
    checks: AtomicU32,
}

impl<C: Clock> Keyed<C> {
    fn new(name: &'static str, quota: Quota, clock: C) -> Self {
        let limiter = RateLimiter::dashmap_with_clock(quota, clock);
        Self { name, limiter, hasher: RandomState::new(), checks: AtomicU32::new(0) }
    }

    fn check<Key: Hash + ?Sized>(&self, key: &Key) -> Result<(), RetryAfter> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_BETWEEN_CLEANINGS
            == CHECKS_BETWEEN_CLEANINGS - 1
        {
            self.limiter.retain_recent();
        }
        let key = self.hasher.hash_one(key);
        self.limiter.check_key(&key).map_err(|until| refused(self.name, &until, self.limiter.clock().now()))
    }
}

fn refused<I: governor::clock::Reference>(name: &'static str, until: &NotUntil<I>, now: I) -> RetryAfter {
    metrics::counter!("sala_rate_limited_total", "limit" => name).increment(1);
    let wait = until.wait_time_from(now).as_nanos().div_ceil(1_000_000);
    RetryAfter { millis: u64::try_from(wait).unwrap_or(u64::MAX).max(1) }
}

/// `count` at once, then one each time its share of `seconds` has passed.
fn spread(count: u32, seconds: u64) -> Quota {
    let count = at_least_one(count);
    let share = Duration::from_secs(seconds) / count.get();
    Quota::with_period(share.max(Duration::from_nanos(1)))
        .unwrap_or(Quota::per_second(count))
        .allow_burst(count)
}

/// A limit of zero would shut everybody out for ever; the smallest is one.
fn at_least_one(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)
}

/// Whoever has one IPv6 address has the other 2^64 of its network too, so they count as one.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

/// The address a request comes from: the peer, or what trusted proxies say of it. `forwarded` is the whole
/// X-Forwarded-For header, which each proxy extends at its right end; entries left of an untrusted one are hearsay.
pub fn client_ip(peer: IpAddr, forwarded: Option<&str>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    for entry in forwarded.unwrap_or_default().rsplit(',') {
        if !is_trusted(&client) {
            break;
        }
        // A proxy that says nothing readable is itself the last that is known.
        let Some(address) = forwarded_address(entry.trim()) else { break };
        client = address;
    }
    client
}

/// Reads `1.2.3.4`, `1.2.3.4:567`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:567`.
fn forwarded_address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse::<IpAddr>().ok();
    address.or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip())).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limits() -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
        let config = config::Config::read(None, std::iter::empty()).unwrap();
        let clock = FakeRelativeClock::default();
        (Limits::with_clock(&config.limits, &clock), clock)
    }

    /// Exactly `count` are taken at once; the next must wait `wait_ms`, and after that exactly one is taken.
    fn check_count(
        clock: &FakeRelativeClock,
        count: u32,
        wait_ms: u64,
        mut attempt: impl FnMut() -> Result<(), RetryAfter>,
    ) {
        for n in 1..=count {
            assert_eq!(attempt(), Ok(()), "number {n} of {count}");
        }
        assert_eq!(attempt(), Err(RetryAfter { millis: wait_ms }), "number {}", count + 1);
        clock.advance(Duration::from_nanos(wait_ms * 1_000_000 - 1));
        assert!(attempt().is_err(), "a moment too early");
        clock.advance(Duration::from_nanos(1));
        assert_eq!(attempt(), Ok(()));
        assert!(attempt().is_err());
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_one_after_the_last_is_the_first_that_is_refused() {
        let (limits, clock) = limits();
        let mut n = 0;
        check_count(&clock, 5, 4_000, || {
            n += 1;
            limits.sign_in(address("198.51.100.1"), &format!("agent{n}@baankafe.example"))
        });
        let mut n = 0u32;
        check_count(&clock, 20, 15_000, || {
            n += 1;
            limits.sign_in(Ipv6Addr::from_bits(u128::from(n) << 64).into(), "nok@baankafe.example")
        });
        check_count(&clock, 100, 20, || limits.api("session"));
        check_count(&clock, 200, 10, || limits.ip(address("198.51.100.2")));
        check_count(&clock, 500, 2, || limits.webhook("telegram-demo"));
        let socket = limits.socket();
        check_count(&clock, 20, 50, || socket.check());
    }

    #[test]
    fn one_key_does_not_use_up_anothers() {
        let (limits, _) = limits();
        while limits.api("greedy").is_ok() {}
        assert_eq!(limits.api("modest"), Ok(()));
        let (first, second) = (limits.socket(), limits.socket());
        while first.check().is_ok() {}
        assert_eq!(second.check(), Ok(()));
        while limits.ip(address("2001:db8:1:2::1")).is_ok() {}
        assert!(limits.ip(address("2001:db8:1:2:ffff::9")).is_err(), "the same network of one owner");
        assert_eq!(limits.ip(address("2001:db8:1:3::1")), Ok(()));
        while limits.ip(address("::ffff:198.51.100.9")).is_ok() {}
        assert!(limits.ip(address("198.51.100.9")).is_err(), "the same address in other clothes");
    }

    #[test]
    fn quiet_keys_are_forgotten() {
        let (limits, clock) = limits();
        for n in 0..CHECKS_BETWEEN_CLEANINGS - 1 {
            assert_eq!(limits.api(&n.to_string()), Ok(()));
        }
        clock.advance(Duration::from_mins(1));
        assert_eq!(limits.api("the last before the cleaning"), Ok(()));
        assert_eq!(limits.api_by_session.limiter.len(), 1);
    }

    #[test]
    fn a_limit_of_zero_is_a_limit_of_one() {
        let mut config = config::Config::read(None, std::iter::empty()).unwrap().limits;
        config.sign_in_per_20_seconds = 0;
        config.socket_messages_per_second = 0;
        let limits = Limits::with_clock(&config, &FakeRelativeClock::default());
        assert_eq!(limits.sign_in(address("198.51.100.1"), "a"), Ok(()));
        assert_eq!(limits.sign_in(address("198.51.100.1"), "b"), Err(RetryAfter { millis: 20_000 }));
        assert_eq!(limits.socket().check(), Ok(()));
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let check = |peer: &str, forwarded: Option<&str>, trusted: &[&str], expected: &str| {
            let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
            assert_eq!(
                client_ip(address(peer), forwarded, &trusted),
                address(expected),
                "{peer} {forwarded:?} {trusted:?}"
            );
        };
        let house = &["10.0.0.0/8", "fd00::/8"][..];
        check("203.0.113.9", None, &[], "203.0.113.9");
        check("203.0.113.9", Some("1.2.3.4"), &[], "203.0.113.9");
        check("203.0.113.9", Some("1.2.3.4"), house, "203.0.113.9");
        check("10.0.0.1", None, house, "10.0.0.1");
        check("10.0.0.1", Some(""), house, "10.0.0.1");
        check("10.0.0.1", Some("1.2.3.4"), house, "1.2.3.4");
        check("10.0.0.1", Some("9.9.9.9, 1.2.3.4"), house, "1.2.3.4");
        check("10.0.0.1", Some("9.9.9.9, 1.2.3.4, 10.0.0.2"), house, "1.2.3.4");
        check("10.0.0.1", Some("9.9.9.9 ,1.2.3.4,10.0.0.2 , 10.0.0.3"), house, "1.2.3.4");
        check("10.0.0.1", Some("10.0.0.7"), house, "10.0.0.7");
        check("10.0.0.1", Some("1.2.3.4, unknown"), house, "10.0.0.1");
        check("10.0.0.1", Some("1.2.3.4:5678"), house, "1.2.3.4");
        check("10.0.0.1", Some("[2001:db8::7]:5678"), house, "2001:db8::7");
        check("10.0.0.1", Some("[2001:db8::7]"), house, "2001:db8::7");
        check("10.0.0.1", Some("2001:db8::7"), house, "2001:db8::7");
        check("::ffff:10.0.0.1", Some("1.2.3.4, ::ffff:10.0.0.2"), house, "1.2.3.4");
        check("fd00::1", Some("1.2.3.4"), house, "1.2.3.4");
    }
}
