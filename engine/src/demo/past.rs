//! The past of the demo company: conversations as a file tells them, put into the time before now.

use std::collections::BTreeMap;

use channels::Content;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};
use crate::store::{Author, CitationLink, MessageBody, SeedConversation, SeedMessage, Store, StoreError};

const PAST: &str = include_str!("data/past_conversations.yaml");
/// Bangkok is seven hours ahead of UTC all year.
const BANGKOK: i64 = 7 * 3600 * Micros::SECOND;

/// One conversation of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PastConversation {
    pub(super) thread: String,
    pub(super) channel: String,
    person: String,
    language: String,
    began: Began,
    status: String,
    /// The key of the agent who answered.
    pub(super) agent: Option<String>,
    waiting: Option<String>,
    intent: String,
    sentiment: String,
    pub(super) messages: Vec<PastMessage>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Began {
    MinutesAgo {
        minutes_ago: i64,
    },
    DaysAgo {
        days_ago: i64,
        /// Bangkok's time, such as `08:41`.
        at: jiff::civil::Time,
    },
}

/// One message: exactly one of `customer`, `sticker`, `bot`, `agent` and `note`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PastMessage {
    customer: Option<String>,
    /// A customer's sticker, by its emoji.
    sticker: Option<String>,
    bot: Option<String>,
    agent: Option<String>,
    note: Option<String>,
    /// Seconds since the message before.
    after: Option<i64>,
    source: Option<CitationLink>,
    /// The customer's judgement: 1 or -1.
    pub(super) thumb: Option<i64>,
    /// The trainer's judgement: 1 or -1.
    pub(super) judged: Option<i64>,
}

/// All conversations of the file.
#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
pub(super) fn read() -> Vec<PastConversation> {
    serde_saphyr::from_str(PAST).expect("past_conversations.yaml is well-formed")
}

impl PastConversation {
    /// As the store takes it, in `company`'s words and none of it after `now`.
    pub(super) fn at(&self, now: Micros, company: &Company) -> SeedConversation {
        let agent = self.agent.as_ref().and_then(|key| company.agents.get(key));
        let mut at = self.began.before(now);
        let messages = self.messages.iter().map(|message| {
            let (author, body) = message.said();
            at = Micros((at.0 + message.pause(author) * Micros::SECOND).min(now.0));
            let author_name = match author {
                Author::Customer => Some(self.person.clone()),
                Author::Bot => Some(company.bot_name.clone()),
                Author::Agent | Author::Note => agent.map(|(_, name)| name.clone()),
                Author::System => None,
            };
            SeedMessage { author, author_name, body, at }
        });
        SeedConversation {
            messages: messages.collect(),
            tenant: company.tenant.clone(),
            account: if self.channel == "telegram" { company.telegram.clone() } else { company.web.clone() },
            channel: self.channel.clone(),
            thread: self.thread.clone(),
            person_name: self.person.clone(),
            language: self.language.clone(),
            status: self.status.clone(),
            agent: agent.map(|(id, _)| id.clone()),
            waiting: self.waiting.clone(),
            intent: Some(self.intent.clone()),
            sentiment: Some(self.sentiment.clone()),
        }
    }
}

/// Whose past it is.
pub(super) struct Company {
    pub(super) tenant: crate::ids::TenantId,
    pub(super) web: crate::ids::ChannelAccountId,
    pub(super) telegram: crate::ids::ChannelAccountId,
    pub(super) bot_name: String,
    /// Id and name by key.
    pub(super) agents: BTreeMap<String, (crate::ids::AgentId, String)>,
}

impl Began {
    fn before(&self, now: Micros) -> Micros {
        match self {
            Self::MinutesAgo { minutes_ago } => now.minus_micros(minutes_ago * 60 * Micros::SECOND),
            Self::DaysAgo { days_ago, at } => {
                let midnight = (now.0 + BANGKOK).div_euclid(Micros::DAY) * Micros::DAY - BANGKOK;
                let seconds = i64::from(at.hour()) * 3600 + i64::from(at.minute()) * 60;
                Micros(midnight - days_ago * Micros::DAY + seconds * Micros::SECOND)
            }
        }
    }
}

impl PastMessage {
    pub(super) fn is_judged(&self) -> bool {
        self.thumb.is_some() || self.judged.is_some()
    }

    fn said(&self) -> (Author, MessageBody) {
        if let Some(text) = &self.customer {
            (Author::Customer, MessageBody::heard(Content::Text { text: text.clone() }))
        } else if let Some(emoji) = &self.sticker {
            let sticker = Content::Sticker {
                id: "past".to_owned(),
                keywords: Vec::new(),
                emoji: Some(emoji.clone()),
                media: None,
            };
            (Author::Customer, MessageBody::heard(sticker))
        } else if let Some(text) = &self.agent {
            (Author::Agent, MessageBody::text(text.clone()))
        } else if let Some(text) = &self.note {
            (Author::Note, MessageBody::text(text.clone()))
        } else {
            let mut body = MessageBody::text(self.bot.clone().unwrap_or_default());
            body.citations = self.source.iter().cloned().collect();
            (Author::Bot, body)
        }
    }

    /// How long its author took, in seconds.
    fn pause(&self, author: Author) -> i64 {
        self.after.unwrap_or(match author {
            Author::Bot | Author::System => 1,
            Author::Customer => 20,
            Author::Agent | Author::Note => 90,
        })
    }
}

/// The demo's account on LINE.
const LINE: &str = "line-demo";
/// Days of LINE's figures that the demo has.
const FIGURE_DAYS: i64 = 14;
/// Monday, 5 January 2026, in days since 1970: the shop's LINE had so many friends and blocks then.
const OPENED: i64 = 20_458;
const FRIENDS: i64 = 412;
const BLOCKS: i64 = 21;
/// What a day of the week brings, Monday first: new friends, blocks, replies of the bot, and messages of people. Cafés buy
/// before the weekend.
const WEEK: [[i64; 4]; 7] = [
    [6, 1, 88, 14],
    [5, 0, 74, 9],
    [7, 1, 81, 12],
    [9, 0, 97, 16],
    [14, 2, 126, 21],
    [11, 1, 103, 17],
    [4, 1, 52, 6],
];
/// The day of the week on which a message goes to everybody.
const TO_MANY: usize = 4;

/// Puts what LINE would have told of the days before today; what it has told stays.
pub(super) async fn add_line_figures(
    store: &Store,
    tenant: &TenantId,
    now: Micros,
) -> Result<(), StoreError> {
    let line = ChannelAccountId::from_text(LINE);
    for (figure, day, told) in line_figures(now) {
        if store.line_figure(tenant, &line, (figure, &day)).await?.is_none() {
            store.put_line_figure(tenant, &line, (figure, &day), &told).await?;
        }
    }
    Ok(())
}

/// LINE's own figures of the demo's shop, as LINE tells them: by what is asked for and the day, none of them of today.
pub(super) fn line_figures(now: Micros) -> Vec<(&'static str, String, Value)> {
    let mut told = Vec::new();
    for back in (1..=FIGURE_DAYS).rev() {
        let at = now.minus_micros(back * Micros::DAY);
        let day = crate::line::figures::day_of(at);
        let number = (at.0 + crate::line::figures::JAPAN).div_euclid(Micros::DAY) - OPENED;
        let weekday = usize::try_from(number.rem_euclid(7)).unwrap_or_default();
        let [_, _, replies, pushes] = WEEK[weekday];
        // The same day has the same figures, whenever the demo is started.
        let until = |which: usize| {
            let of = |days: &[[i64; 4]]| days.iter().map(|day| day[which]).sum::<i64>();
            number.div_euclid(7) * of(&WEEK) + of(&WEEK[..=weekday])
        };
        let (friends, blocks) = (FRIENDS + until(0), BLOCKS + until(1));
        let reached = friends - blocks;
        told.push((
            "followers",
            day.clone(),
            json!({ "status": "ready", "followers": friends, "targetedReaches": reached, "blocks": blocks }),
        ));
        let mut sent = json!({ "status": "ready", "apiReply": replies, "apiPush": pushes });
        if weekday == TO_MANY {
            sent["apiBroadcast"] = reached.into();
        }
        told.push(("delivery", day.clone(), sent));
        if back == 1 {
            told.push(("demographic", day, demographic()));
        }
    }
    told
}

fn demographic() -> Value {
    let share = |kind: &'static str| move |(name, percentage): (&str, f64)| json!({ kind: name, "percentage": percentage });
    let all = |kind, parts: &[(&str, f64)]| parts.iter().copied().map(share(kind)).collect::<Vec<_>>();
    json!({
        "available": true,
        "genders": all("gender", &[("female", 57.4), ("male", 39.1), ("unknown", 3.5)]),
        "ages": all("age", &[("from20to24", 9.8), ("from25to29", 21.6), ("from30to34", 27.3), ("from35to39", 18.9), ("from40", 22.4)]),
        "appTypes": all("appType", &[("ios", 46.2), ("android", 51.9), ("others", 1.9)]),
        "subscriptionPeriods": all("subscriptionPeriod", &[("within30days", 12.7), ("within90days", 18.4), ("within365days", 37.6), ("over365days", 31.3)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AgentId;

    fn company() -> Company {
        Company {
            tenant: TenantId::from_text("t"),
            web: ChannelAccountId::from_text("web"),
            telegram: ChannelAccountId::from_text("telegram"),
            bot_name: "บ้านกาแฟ".into(),
            agents: [("nok", "Nok"), ("ton", "Ton")]
                .map(|(key, name)| (key.to_owned(), (AgentId::from_text(key), name.to_owned())))
                .into(),
        }
    }

    #[test]
    fn the_file_is_whole() {
        let past = read();
        let of = |language: &str| past.iter().filter(|past| past.language == language).count();
        assert_eq!((past.len(), of("th"), of("en"), of("zh")), (40, 20, 12, 8));
        assert_eq!(past.iter().filter(|past| past.waiting.is_some()).count(), 3);
        let threads: std::collections::BTreeSet<_> = past.iter().map(|past| &past.thread).collect();
        assert_eq!(threads.len(), past.len(), "threads are different");
        for past in &past {
            let thread = &past.thread;
            assert!(matches!(past.status.as_str(), "open" | "resolved"), "{thread}");
            assert!(matches!(past.sentiment.as_str(), "positive" | "neutral" | "negative"), "{thread}");
            assert!(past.waiting.is_none() || (past.status == "open" && past.agent.is_none()), "{thread}");
            // The simulated Telegram knows nothing of the past, so nobody must answer there.
            assert!(
                past.channel == "web" || (past.channel == "telegram" && past.status == "resolved"),
                "{thread}"
            );
            assert!(past.agent.as_ref().is_none_or(|agent| company().agents.contains_key(agent)), "{thread}");
            for message in &past.messages {
                let said = [&message.customer, &message.sticker, &message.bot, &message.agent, &message.note];
                assert_eq!(said.iter().filter(|said| said.is_some()).count(), 1, "{thread} {message:?}");
                assert!(
                    message.agent.is_none() && message.note.is_none() || past.agent.is_some(),
                    "{thread}"
                );
                assert!(
                    !message.is_judged() || message.bot.is_some() || message.agent.is_some(),
                    "{thread} {message:?}"
                );
                assert!(
                    [message.thumb, message.judged].iter().flatten().all(|value| value.abs() == 1),
                    "{thread}"
                );
            }
        }
    }

    #[test]
    fn the_past_lies_before_now_and_in_order() {
        // Shortly after midnight in Bangkok and shortly before it.
        for now in [1_795_107_660_000_000, 1_795_193_940_000_000].map(Micros) {
            for past in read() {
                let seeded = past.at(now, &company());
                assert_eq!(seeded.messages.len(), past.messages.len());
                assert!(seeded.messages.is_sorted_by_key(|message| message.at), "{}", past.thread);
                let (first, last) = (seeded.messages[0].at, seeded.messages.last().unwrap().at);
                assert!(last <= now && first.0 > now.0 - 14 * Micros::DAY, "{}", past.thread);
            }
        }
    }

    #[test]
    fn the_shops_line_has_lived() {
        let now = Micros(1_795_193_940_000_000);
        let told = line_figures(now);
        let of = |figure: &str| told.iter().filter(|(one, _, _)| *one == figure).collect::<Vec<_>>();
        let friends: Vec<i64> =
            of("followers").iter().map(|(_, _, told)| told["followers"].as_i64().unwrap()).collect();
        assert_eq!(friends.len(), usize::try_from(FIGURE_DAYS).unwrap());
        assert!(friends.is_sorted() && friends[0] > FRIENDS, "{friends:?}");
        let many = of("delivery").iter().filter(|(_, _, told)| told["apiBroadcast"].is_i64()).count();
        assert_eq!(many, 2, "two Fridays in two weeks");
        let days: Vec<&String> = of("delivery").iter().map(|(_, day, _)| day).collect();
        assert_eq!(days.last().unwrap().as_str(), crate::line::figures::yesterday(now));
    }

    #[test]
    fn a_time_of_day_is_bangkoks() {
        let check = |now: i64, days_ago: i64, at: &str, expected: i64| {
            let began = Began::DaysAgo { days_ago, at: at.parse().unwrap() };
            assert_eq!(
                began.before(Micros(now * 1_000_000)),
                Micros(expected * 1_000_000),
                "{days_ago} {at}"
            );
        };
        // 20 November 2026, 09:00 in Bangkok.
        let now = 1_795_140_000;
        check(now, 1, "09:00", now - 86_400);
        check(now, 3, "08:30", now - 3 * 86_400 - 1800);
        check(now, 1, "23:59", now - 9 * 3600 - 60);
    }
}
