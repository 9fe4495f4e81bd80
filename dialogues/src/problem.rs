//! What is wrong with a bot's files, said so that the writer can mend it without asking anyone.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mistake in one file of a bot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Path relative to the bot's folder, such as `flows/track_order.yaml`.
    pub file: String,
    /// Line of the mistake, from 1; 0 where the whole file is meant.
    pub line: u32,
    /// Column in Unicode scalar values, from 1; 0 where the whole file is meant.
    pub column: u32,
    /// The YAML key or the id that is wrong.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says it all.
    pub advice: String,
    /// Whether the bot can run in spite of it.
    pub severity: Severity,
}

/// Whether a bot with this problem can be put into service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The bot cannot run.
    Error,
    /// The bot runs, though probably not as its writer meant.
    Warning,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}: {}", self.file, self.line, self.column, self.key, self.message)?;
        if !self.advice.is_empty() {
            write!(f, " ({})", self.advice)?;
        }
        Ok(())
    }
}

/// A place in a file, both numbers from 1; 0 means the file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    pub line: u32,
    pub column: u32,
}

/// An id together with the place where it was written, so that a check can point at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub id: String,
    pub mark: Mark,
}

/// Where a problem is: the arguments that every report has in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) mark: Mark,
    pub(crate) key: &'a str,
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    pub(crate) fn error(&mut self, place: Place<'_>, message: impl Into<String>, advice: impl Into<String>) {
        self.add(place, message.into(), advice.into(), Severity::Error);
    }

    pub(crate) fn warning(
        &mut self,
        place: Place<'_>,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.add(place, message.into(), advice.into(), Severity::Warning);
    }

    fn add(&mut self, place: Place<'_>, message: String, advice: String, severity: Severity) {
        self.list.push(Problem {
            file: place.file.to_owned(),
            line: place.mark.line,
            column: place.mark.column,
            key: place.key.to_owned(),
            message,
            advice,
            severity,
        });
    }

    /// Takes in problems that were found elsewhere.
    pub(crate) fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.list.extend(problems);
    }

    /// Whether any of them keeps the bot from running.
    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// All of them by file, line and column, each said once.
    pub(crate) fn into_sorted(mut self) -> Vec<Problem> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

/// Advice for an unknown word: the likeliest meant one, or else the few that exist.
pub fn advise<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(nearest) = nearest(word, &known) {
        return format!("did you mean `{nearest}`?");
    }
    if known.is_empty() {
        return "there are none".to_owned();
    }
    if known.len() <= 24 { format!("known: {}", known.join(", ")) } else { String::new() }
}

fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .iter()
        .map(|candidate| (edit_distance(word, candidate), *candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters differ, are missing, too many or swapped with their neighbour (optimal string
/// alignment distance), in Unicode scalar values.
fn edit_distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let changed = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if swapped {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, known: &[&str], expected: &str) {
        assert_eq!(advise(word, known.iter().copied()), expected, "{word}");
    }

    #[test]
    fn advice_names_the_nearest_word_or_the_known_ones() {
        check("colect", &["collect", "call", "choose"], "did you mean `collect`?");
        check("say_hello", &["collect", "call"], "known: collect, call");
        check("PSOT", &["GET", "POST"], "did you mean `POST`?");
        check("x", &[], "there are none");
        check("บอกสถาน", &["บอกสถานะ", "ยกเลิก"], "did you mean `บอกสถานะ`?");
    }

    #[test]
    fn a_problem_reads_as_one_line() {
        let mut problems = Problems::default();
        let place = Place { file: "flows/a.yaml", mark: Mark { line: 3, column: 5 }, key: "go_to" };
        problems.error(place, "no flow `b`", "did you mean `a`?");
        let text = problems.into_sorted()[0].to_string();
        assert_eq!(text, "flows/a.yaml:3:5: go_to: no flow `b` (did you mean `a`?)");
    }
}
