//! What happened on which day: LINE counts days in Japan's time, and tells of a day once it is over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::LineSimulator;
use super::api::{Asked, Done};
use super::failure::Failure;

const JAPAN: i64 = 9 * 3_600_000_000;

/// The ways in which messages go out, as `message/delivery` calls them and as the insights do.
const WAYS: [(&str, &str); 5] = [
    ("reply", "apiReply"),
    ("push", "apiPush"),
    ("multicast", "apiMulticast"),
    ("broadcast", "apiBroadcast"),
    ("narrowcast", "apiNarrowcast"),
];

/// The days, each written as LINE does: `20261121`.
#[derive(Clone, Debug, Default)]
pub(super) struct Days {
    days: BTreeMap<String, Day>,
    /// Everybody who ever was a friend.
    friends: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
struct Day {
    /// Messages by their ways, one for each who got it.
    sent: BTreeMap<&'static str, u64>,
    followed: i64,
    blocked: i64,
    /// Messages that counted against the month's quota.
    counted: u64,
}

fn day_of(now: i64) -> String {
    let iso = super::lookups::iso(now.saturating_add(JAPAN));
    iso.chars().take_while(|one| *one != 'T').filter(char::is_ascii_digit).collect()
}

impl Days {
    fn at(&mut self, now: i64) -> &mut Day {
        self.days.entry(day_of(now)).or_default()
    }

    pub(super) fn sent(&mut self, way: &'static str, messages: usize, now: i64) {
        *self.at(now).sent.entry(way).or_default() += messages as u64;
    }

    pub(super) fn counted(&mut self, messages: u64, now: i64) {
        self.at(now).counted += messages;
    }

    /// Somebody wrote, followed or blocked: whoever does so for the first time became a friend on that day.
    pub(super) fn heard(&mut self, person: &str, kind: &str, was_blocked: bool, now: i64) {
        if self.friends.insert(person.to_owned()) {
            self.at(now).followed += 1;
        }
        match kind {
            "unfollow" => self.at(now).blocked += 1,
            "follow" if was_blocked => self.at(now).blocked -= 1,
            _ => {}
        }
    }

    /// What counted against the quota in the month of `now`.
    pub(super) fn used(&self, now: i64) -> u64 {
        let month: String = day_of(now).chars().take(6).collect();
        self.days.iter().filter(|(day, _)| day.starts_with(&month)).map(|(_, day)| day.counted).sum()
    }

    fn sent_on(&self, day: &str, way: &str) -> u64 {
        self.days.get(day).and_then(|day| day.sent.get(way)).copied().unwrap_or_default()
    }

    /// Friends and blocks until the end of a day.
    fn friends_until(&self, day: &str) -> (i64, i64) {
        let until = self.days.iter().filter(|(one, _)| one.as_str() <= day);
        until.fold((0, 0), |(followed, blocked), (_, day)| (followed + day.followed, blocked + day.blocked))
    }
}

impl LineSimulator {
    /// How many messages went out on a day in one way.
    pub(super) fn delivery(&self, way: &str, asked: &Asked<'_>) -> Result<Done, Failure> {
        let Some((way, _)) = WAYS.iter().find(|(name, _)| *name == way) else {
            return Err(Failure::not_found());
        };
        Self::told_of(asked, |day| json!({"success": self.days.sent_on(day, way)}))
    }

    pub(super) fn insight_of_followers(&self, asked: &Asked<'_>) -> Result<Done, Failure> {
        Self::told_of(asked, |day| {
            let (followers, blocks) = self.days.friends_until(day);
            json!({"followers": followers, "targetedReaches": followers - blocks, "blocks": blocks})
        })
    }

    pub(super) fn insight_of_deliveries(&self, asked: &Asked<'_>) -> Result<Done, Failure> {
        Self::told_of(asked, |day| {
            let sent = WAYS.iter().map(|(way, name)| ((*name).to_owned(), self.days.sent_on(day, way)));
            let sent = sent.filter(|(_, count)| *count > 0).map(|(name, count)| (name, json!(count)));
            Value::Object(sent.collect())
        })
    }

    /// The figures of the day that is asked for, once it is over.
    fn told_of(asked: &Asked<'_>, figures: impl Fn(&str) -> Value) -> Result<Done, Failure> {
        let day = asked.call.query.iter().find(|(name, _)| name == "date").map(|(_, day)| day.as_str());
        let is_day = |day: &&str| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
        let Some(day) = day.filter(is_day) else {
            return Err(Failure::bad("The value for the 'date' parameter is invalid"));
        };
        if day >= day_of(asked.call.now).as_str() {
            return Ok(Done::with(&json!({"status": "unready"})));
        }
        let mut told = figures(day);
        told["status"] = json!("ready");
        Ok(Done::with(&told))
    }
}
