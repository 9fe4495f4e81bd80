//! What it costs to understand one message.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use cpu_time::ProcessTime;
use nlu::{Context, EntityConfig, EntityFinder, Interpreter, Ran, SentimentModel, Stages};
use serde_json::{Value, json};
use training::HeldOut;

use super::Bench;

/// Texts of one test that are answered.
const MOST: usize = 500;
/// Tokens of the slowest encoder up to which a text counts as short.
const SHORT: usize = 24;

/// Times of single messages, one after the other, with nothing else to do.
#[derive(Debug, Default)]
pub(super) struct Speed {
    /// CPU time of the whole process, in milliseconds.
    cpu_ms: f64,
    /// Wall time of each short and of each longer text, in milliseconds.
    short: Vec<f64>,
    long: Vec<f64>,
    /// How many texts each stage was asked for.
    asked: BTreeMap<String, usize>,
}

/// Answers texts of the test as the program answers customers: language, intents by the cascade, sentiment, urgency and
/// entities. No text comes twice.
pub(super) fn measure(found: &HeldOut, bench: &Bench) -> anyhow::Result<Speed> {
    let finder = EntityFinder::new(&EntityConfig::default(), &bench.words)?;
    let mut interpreter = Interpreter::new(&bench.words, finder)
        .with_model(Arc::new(found.model.clone()))
        .with_encoders(bench.encoders.all().to_vec(), Stages::default());
    if let Some(sentiment) = SentimentModel::shipped() {
        interpreter = interpreter.with_sentiment(sentiment);
    }
    let slowest = bench.encoders.all().last();
    let step = found.answers.len().div_ceil(MOST).max(1);
    let texts: Vec<&str> = found.answers.iter().step_by(step).map(|answer| answer.text.as_str()).collect();
    // What is loaded at the first use is no message's cost.
    interpreter.understand("สวัสดี hello 你好", &Context::default());
    let mut speed = Speed::default();
    for text in texts {
        let tokens = slowest.map_or_else(|| text.split_whitespace().count(), |encoder| encoder.tokens(text));
        let (cpu, start) = (ProcessTime::now(), Instant::now());
        let understood = interpreter.understand(text, &Context::default());
        let wall = start.elapsed().as_secs_f64() * 1e3;
        if understood.remembered {
            continue;
        }
        speed.cpu_ms += cpu.elapsed().as_secs_f64() * 1e3;
        if tokens <= SHORT { &mut speed.short } else { &mut speed.long }.push(wall);
        let ran = understood.understanding.stages.into_iter().filter(|stage| stage.ran == Ran::Yes);
        for stage in ran {
            *speed.asked.entry(stage.name).or_default() += 1;
        }
    }
    Ok(speed)
}

impl Speed {
    pub(super) fn extend(&mut self, other: Option<Self>) {
        let Some(other) = other else { return };
        self.cpu_ms += other.cpu_ms;
        self.short.extend(other.short);
        self.long.extend(other.long);
        for (stage, count) in other.asked {
            *self.asked.entry(stage).or_default() += count;
        }
    }

    fn texts(&self) -> usize {
        self.short.len() + self.long.len()
    }

    fn mean_cpu_ms(&self) -> f64 {
        self.cpu_ms / self.texts().max(1) as f64
    }

    /// The share of the texts for which each stage was asked.
    fn shares(&self) -> BTreeMap<&str, f64> {
        let texts = self.texts().max(1) as f64;
        self.asked.iter().map(|(stage, count)| (stage.as_str(), *count as f64 / texts)).collect()
    }

    pub(super) fn as_json(&self) -> Value {
        let times = |times: &[f64]| json!({ "texts": times.len(), "p50_ms": percentile(times, 50), "p99_ms": percentile(times, 99) });
        json!({
            "mean_cpu_ms": self.mean_cpu_ms(),
            "short": times(&self.short),
            "long": times(&self.long),
            "asked": self.shares(),
        })
    }

    pub(super) fn in_words(&self) -> Vec<String> {
        let asked: Vec<String> =
            self.shares().iter().map(|(stage, share)| format!("{stage} {:.1} %", share * 100.0)).collect();
        let times = |name: &str, times: &[f64]| {
            let (median, late) = (percentile(times, 50), percentile(times, 99));
            format!("{name}: {} texts, p50 {median:.2} ms, p99 {late:.2} ms", times.len())
        };
        vec![
            format!("one message: {:.2} ms of CPU on average; asks {}", self.mean_cpu_ms(), asked.join(", ")),
            times(&format!("up to {SHORT} tokens"), &self.short),
            times("longer", &self.long),
        ]
    }
}

/// Of times in any order; zero where there is none.
fn percentile(times: &[f64], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_put_together() {
        let one = |short: &[f64], long: &[f64]| Speed {
            cpu_ms: short.iter().chain(long).sum(),
            short: short.to_vec(),
            long: long.to_vec(),
            asked: BTreeMap::from([("ngrams".to_owned(), short.len() + long.len())]),
        };
        let mut all = Speed::default();
        assert!(all.mean_cpu_ms().abs() < f64::EPSILON);
        all.extend(Some(one(&[1.0, 3.0], &[])));
        all.extend(None);
        all.extend(Some(one(&[2.0], &[10.0])));
        assert!((all.mean_cpu_ms() - 4.0).abs() < 1e-9);
        assert!(
            (percentile(&all.short, 50) - 2.0).abs() < 1e-9
                && (percentile(&all.short, 99) - 3.0).abs() < 1e-9
        );
        assert!((all.shares()["ngrams"] - 1.0).abs() < 1e-9);
    }
}
