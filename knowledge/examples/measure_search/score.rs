//! Recall, what was answered, and the time it took.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use knowledge::{Answer, Hit, Index, Query};

use crate::judged::Judged;

/// Retrieval of the right article.
#[derive(Default, Clone, Copy)]
pub(crate) struct Retrieval {
    pub(crate) count: usize,
    pub(crate) first: usize,
    pub(crate) five: usize,
    pub(crate) reciprocal: f32,
}

impl Retrieval {
    pub(crate) fn add(&mut self, rank: Option<usize>) {
        self.count += 1;
        self.first += usize::from(rank == Some(0));
        self.five += usize::from(rank.is_some_and(|rank| rank < 5));
        self.reciprocal += rank.filter(|rank| *rank < 10).map_or(0.0, |rank| 1.0 / (rank + 1) as f32);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.first += other.first;
        self.five += other.five;
        self.reciprocal += other.reciprocal;
    }

    pub(crate) fn row(&self) -> String {
        let percent = |count: usize| 100.0 * count as f32 / self.count.max(1) as f32;
        let mrr = 100.0 * self.reciprocal / self.count.max(1) as f32;
        format!(
            "n={:<4} R@1 {:5.1}  R@5 {:5.1}  MRR@10 {:5.1}",
            self.count,
            percent(self.first),
            percent(self.five),
            mrr
        )
    }
}

/// The place of the first right article among the different articles of the hits, from 0.
pub(crate) fn rank(hits: &[Hit], right: &[String]) -> Option<usize> {
    let mut seen: Vec<&str> = Vec::new();
    for hit in hits {
        let id = hit.article.id.as_str();
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen.iter().position(|id| right.iter().any(|right| right == id))
}

pub(crate) fn retrieval(index: &Index, texts: &[(Judged, Query)]) -> Result<Retrieval, Box<dyn Error>> {
    let mut retrieval = Retrieval::default();
    for (judged, query) in texts.iter().filter(|(judged, _)| !judged.right.is_empty()) {
        retrieval.add(rank(&index.search(query)?, &judged.right));
    }
    Ok(retrieval)
}

/// What became of a text, in the order in which it is printed.
fn outcome(judged: &Judged, answer: &Answer) -> &'static str {
    let in_scope = !judged.right.is_empty();
    match answer {
        Answer::Found { citations, .. } => {
            let article = citations[0].article.as_str();
            let is_in = |list: &[String]| list.iter().any(|id| id == article);
            match (in_scope, is_in(&judged.right), is_in(&judged.near)) {
                (true, true, _) => "1 answered right",
                (true, false, _) => "2 answered wrong",
                (false, _, true) => "4 no answer exists: answered from a near article",
                (false, _, false) => "5 no answer exists: answered wrong",
            }
        }
        Answer::Unsure { candidates } if in_scope => {
            let offers =
                candidates.iter().any(|one| judged.right.iter().any(|id| id == one.article.as_str()));
            if offers { "1 offered right" } else { "3 offered others" }
        }
        Answer::Unsure { .. } => "6 no answer exists: offered",
        Answer::Nothing if in_scope => "3 nothing said",
        Answer::Nothing => "6 no answer exists: nothing said",
    }
}

pub(crate) fn print(index: &Index, texts: &[(Judged, Query)], show: bool) -> Result<(), Box<dyn Error>> {
    let mut by_language: BTreeMap<&str, Retrieval> = BTreeMap::new();
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for (judged, query) in texts {
        let hits = index.search(query)?;
        if !judged.right.is_empty() {
            for language in [judged.language.as_str(), "all"] {
                by_language.entry(language).or_default().add(rank(&hits, &judged.right));
            }
        }
        let answer = index.answer(query, &hits);
        let outcome = outcome(judged, &answer);
        *outcomes.entry(outcome).or_default() += 1;
        if show {
            print_text(judged, &hits, outcome);
            if let Answer::Found { text, citations, .. } = &answer {
                println!("      says {:?} {}", citations[0].headings, text.replace('\n', " / "));
            }
        }
    }
    for (language, retrieval) in by_language {
        println!("{language:<4} {}", retrieval.row());
    }
    for (outcome, count) in outcomes {
        println!("{count:>5} {outcome}");
    }
    let started = Instant::now();
    for (_, query) in texts {
        index.search(query)?;
    }
    println!("{:.2?} a query without encoding", started.elapsed() / texts.len().max(1) as u32);
    Ok(())
}

fn print_text(judged: &Judged, hits: &[Hit], outcome: &str) {
    let signals = knowledge::Signals::of(hits);
    let confidence = signals.map_or(0.0, |signals| signals.confidence());
    println!("{confidence:.2} [{outcome}] {} {:?}", judged.text, judged.right);
    for hit in hits.iter().take(3) {
        let features = &hit.features;
        println!(
            "      {:6.2} {:<36} words {:5.1} grams {:5.1} coverage {:.2} {:?}",
            hit.score,
            hit.passage.id.as_str(),
            features.words,
            features.grams,
            features.coverage,
            features.likeness.values().collect::<Vec<_>>()
        );
    }
}
