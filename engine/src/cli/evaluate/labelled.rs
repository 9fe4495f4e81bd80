//! Labelled files: JSON lines with a text and its label.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use nlu::{Language, OUT_OF_SCOPE};
use serde::Deserialize;
use serde_json::json;
use training::{Answer, Example, text_hash};

use super::named_path;
use crate::cli::counted;

/// One line. Other keys are ignored, so that public sets can be read as they are.
#[derive(Deserialize)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) label: String,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    pub(super) split: String,
}

impl Line {
    fn with_name(self) -> Result<Self, String> {
        if self.label.trim().is_empty() {
            return Err(
                "the label is empty: give the one that the text has, or `oos` where no label fits".to_owned()
            );
        }
        if self.label.chars().any(char::is_control) {
            return Err(format!(
                "the label `{}` has control characters: rename it",
                self.label.escape_debug()
            ));
        }
        Ok(self)
    }

    pub(super) fn into_example(self) -> Example {
        let told = self.lang.as_deref().and_then(Language::from_code);
        let language = told.unwrap_or_else(|| nlu::detect(&self.text, None).language);
        Example::new(self.text, self.label, language)
    }
}

/// The examples of a file. Empty lines are left out; a wrong one is named with its number.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Example>> {
    Ok(lines(path)?.into_iter().map(Line::into_example).collect())
}

pub(super) fn lines(path: &Path) -> anyhow::Result<Vec<Line>> {
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", named_path(path)))?;
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    let written = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    written
        .map(|(number, line)| {
            crate::cli::object::<Line>(line)
                .and_then(Line::with_name)
                .map_err(|error| anyhow::anyhow!("{}: line {}: {error}", named_path(path), number + 1))
        })
        .collect()
}

/// At most `most` examples, chosen by the hashes of their texts and kept in their order.
pub(super) fn sample(examples: Vec<Example>, most: Option<usize>) -> Vec<Example> {
    let Some(most) = most.filter(|most| *most < examples.len()) else { return examples };
    let hashes: Vec<_> = examples.iter().map(|example| text_hash(&example.text)).collect();
    let mut sorted = hashes.clone();
    sorted.sort_unstable();
    let Some(limit) = sorted.get(most) else { return examples };
    examples.into_iter().zip(hashes).filter(|(_, hash)| hash < limit).map(|(example, _)| example).collect()
}

/// Refuses a file that could not be written, and leaves no trace.
pub(super) fn expect_writable(path: &Path) -> anyhow::Result<()> {
    let is_new = !path.exists();
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened.with_context(|| {
        format!("{} cannot be written: name a file in a folder that is there", named_path(path))
    })?;
    if is_new {
        std::fs::remove_file(path).with_context(|| format!("{} cannot be written", named_path(path)))?;
    }
    Ok(())
}

/// The labels of a test that nothing was learned about.
pub(super) fn unknown_labels(learned: &[String], test: &[Example]) -> Vec<String> {
    let labels: BTreeSet<&String> = test.iter().map(|example| &example.label).collect();
    let unknown = labels.into_iter().filter(|label| *label != OUT_OF_SCOPE && !learned.contains(label));
    unknown.cloned().collect()
}

/// Refuses a test in which no text has a label that could be found.
pub(super) fn expect_measurable(name: &str, test: &[Example]) -> anyhow::Result<()> {
    anyhow::ensure!(
        test.iter().any(|example| example.label != OUT_OF_SCOPE),
        "there is nothing to measure in {name}: it has {}, and none with a label other than `{OUT_OF_SCOPE}`; add lines \
         such as {{\"text\":\"…\",\"label\":\"…\"}}",
        counted(test.len(), "text")
    );
    Ok(())
}

/// Writes what was answered wrongly, the surest mistake first.
pub(super) fn write_errors(path: &Path, answers: &[Answer]) -> anyhow::Result<()> {
    let mut wrong: Vec<&Answer> = answers.iter().filter(|answer| answer.expected != answer.found).collect();
    wrong.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    let write = || -> std::io::Result<()> {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        for answer in wrong {
            let line = json!({
                "text": answer.text,
                "label": answer.expected,
                "predicted": answer.found,
                "confidence": answer.confidence,
            });
            writeln!(file, "{line}")?;
        }
        file.flush()
    };
    write().with_context(|| format!("{} cannot be written", named_path(path)))
}
