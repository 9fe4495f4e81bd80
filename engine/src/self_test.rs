//! Every night a bot is asked what it knows of its own examples: nine tenths are learned, the last tenth is asked.

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use training::{Dataset, Example, IntentOptions, Resources, held_out, text_hash};

use crate::app::App;
use crate::clock::Micros;
use crate::ids::TenantId;
use crate::jobs::Place;
use crate::learn::{TextCache, dataset, told};
use crate::released::in_service;
use crate::store::{Job, NewJob, SelfTest};

/// The kind of the job.
pub const SELF_TEST: &str = "self_test";
/// When few people write.
const HOUR: i8 = 3;
/// Fewer examples than this say nothing.
const FEWEST: usize = 50;
/// Tests before, with whose mean a new one is compared.
const BEFORE: i64 = 7;
/// A fall that somebody should look at, as a share.
const FALL: f32 = 0.03;

#[derive(Serialize, Deserialize)]
struct Asked {
    bot: String,
}

/// Asks for the next night's test of a bot. Asking again while one waits changes nothing.
pub async fn ask(app: &App, tenant: &TenantId, bot: &str) -> anyhow::Result<()> {
    let run_at = next_night(app.store.clock().now(), &app.time_zone(tenant));
    let payload = serde_json::to_string(&Asked { bot: bot.to_owned() })?;
    let (tenant, dedupe) = (tenant.clone(), bot.to_owned());
    Ok(app.store.add_job(NewJob { tenant, kind: SELF_TEST, dedupe, payload, run_at }).await?)
}

/// The next three o'clock of the place.
fn next_night(now: Micros, zone: &str) -> Micros {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let next = || {
        let now = jiff::Timestamp::from_microsecond(now.0).ok()?.to_zoned(zone);
        let tonight = now.date().at(HOUR, 0, 0, 0).to_zoned(now.time_zone().clone()).ok()?;
        let next = if tonight > now { tonight } else { tonight.checked_add(1.day()).ok()? };
        Some(Micros(next.timestamp().as_microsecond()))
    };
    next().unwrap_or_else(|| now.plus_millis(24 * 3_600_000))
}

pub(crate) async fn perform(app: &App, job: &Job) -> anyhow::Result<()> {
    let Asked { bot } = serde_json::from_str(&job.payload)?;
    let (worker, name) = (app.clone(), bot.clone());
    let test = crate::jobs::beside(app, job, move |place| test(&worker, &name, place)).await?;
    if let Some(test) = test {
        let before = app.store.self_tests(&job.tenant, &bot, BEFORE).await?;
        metrics::gauge!("sala_self_test_accuracy", "bot" => bot.clone()).set(f64::from(test.accuracy));
        if has_fallen(&before, test.accuracy) {
            tracing::warn!(%bot, accuracy = test.accuracy, "the bot knows less of its own examples than in the nights before: look at its newest examples with `sala evaluate`");
        }
        app.store.keep_self_test(&job.tenant, &bot, test).await?;
    }
    ask(app, &job.tenant, &bot).await
}

fn has_fallen(before: &[SelfTest], accuracy: f32) -> bool {
    let mean = before.iter().map(|test| test.accuracy).sum::<f32>() / before.len().max(1) as f32;
    !before.is_empty() && accuracy < mean - FALL
}

/// Blocks. None where the bot has too few examples or is gone.
fn test(app: &App, bot: &str, place: &Place) -> anyhow::Result<Option<SelfTest>> {
    let Some(live) = app.bots.get(bot) else { return Ok(None) };
    let all = dataset(&app.source.read(bot)?)?;
    let now = app.store.clock().now();
    let (asked, learned) = split(all.examples(), now);
    if all.examples().len() < FEWEST || asked.is_empty() {
        return Ok(None);
    }
    let cache = app.config.data.folder.join("cache");
    let encoders = app.encoders.all();
    let mut cache = TextCache::open(&cache, app.encoders.vectors(), encoders);
    let mut resources = Resources { words: &live.words, encoders, cache: &mut cache };
    let options = IntentOptions::default();
    let found =
        held_out(&Dataset::new(learned), &asked, &options, &mut resources, &|step| place.tell(&told(step)))?;
    cache.save();
    Ok(Some(SelfTest {
        at: now,
        version: in_service(&live).to_owned(),
        examples: found.cascade.examples,
        accuracy: found.cascade.accuracy,
        macro_f1: found.cascade.macro_f1,
    }))
}

/// A tenth, another one every night, and the rest.
fn split(examples: &[Example], now: Micros) -> (Vec<Example>, Vec<Example>) {
    const DAY: i64 = 24 * 3600;
    let night = now.0.div_euclid(DAY * Micros::SECOND).rem_euclid(10) as u8;
    examples.iter().cloned().partition(|example| text_hash(&example.text)[3] % 10 == night)
}

#[cfg(test)]
mod tests {
    use nlu::Language;

    use super::*;

    #[test]
    fn the_next_night_is_at_three_of_the_place() {
        let check = |now: &str, zone: &str, expected: &str| {
            let at = |text: &str| Micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
            assert_eq!(next_night(at(now), zone), at(expected), "{now} in {zone}");
        };
        check("2026-11-22T10:00:00Z", "Asia/Bangkok", "2026-11-22T20:00:00Z");
        check("2026-11-22T20:00:00Z", "Asia/Bangkok", "2026-11-23T20:00:00Z");
        check("2026-11-22T01:00:00Z", "nowhere", "2026-11-22T03:00:00Z");
        // The clock goes forward from two to three.
        check("2026-03-29T00:30:00Z", "Europe/Berlin", "2026-03-29T01:00:00Z");
    }

    #[test]
    fn every_example_is_asked_in_one_of_ten_nights() {
        let examples: Vec<Example> =
            (0..300).map(|index| Example::new(format!("text {index}"), "a", Language::English)).collect();
        let night = |night: i64| split(&examples, Micros(night * 24 * 3600 * Micros::SECOND)).0;
        let asked: usize = (0..10).map(|number| night(number).len()).sum();
        assert_eq!(asked, examples.len());
        assert!((10..60).contains(&night(3).len()));
        assert_eq!(night(3), night(13));
    }

    #[test]
    fn a_fall_is_measured_against_the_nights_before() {
        let test = |accuracy| SelfTest {
            at: Micros(0),
            version: String::new(),
            examples: 1,
            accuracy,
            macro_f1: 0.0,
        };
        assert!(!has_fallen(&[], 0.1));
        assert!(!has_fallen(&[test(0.9), test(0.92)], 0.89));
        assert!(has_fallen(&[test(0.9), test(0.92)], 0.87));
    }
}
