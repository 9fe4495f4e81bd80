//! Labelled examples in the files of other programs, to come from them and to leave.

mod botpress;
mod csv_table;
mod dialogflow;
mod own;
mod rasa;

use serde::{Deserialize, Serialize};

/// An example on its way between formats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Labelled {
    pub label: String,
    /// ISO 639-1, where the file says it.
    pub language: Option<String>,
    /// The text with its entities marked as `[value](entity)`.
    pub marked: String,
}

/// A file: its path below the folder that is read or written, with `/` between the parts, and its text.
pub type TextFile = (String, String);

/// What can be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `intents/<language>/<intent>.yaml` with a list of examples.
    Own,
    /// `nlu.yml` of Rasa 2 and 3.
    Rasa,
    /// A table (commas, semicolons or tabs) with the columns text, label (or intent) and language, in any order; the last may lack.
    Csv,
    /// JSON lines with "text", "label" and "lang".
    JsonLines,
    /// `intents/<name>.json` and `intents/<name>_usersays_<language>.json` of an agent exported from Dialogflow ES.
    Dialogflow,
    /// `intents/<name>.json` of a bot exported from Botpress 12.
    Botpress,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct FormatError {
    pub file: String,
    pub reason: String,
}

impl Format {
    pub const ALL: [Self; 6] =
        [Self::Own, Self::Rasa, Self::Csv, Self::JsonLines, Self::Dialogflow, Self::Botpress];

    /// The format that a file seems to have, by its name and how it begins.
    pub fn of(file: &str, text: &str) -> Option<Self> {
        let (_, ending) = file.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            "yml" | "yaml" if text.lines().any(|line| line.starts_with("nlu:")) => Some(Self::Rasa),
            "yml" | "yaml" if text.lines().any(|line| line.starts_with("examples:")) => Some(Self::Own),
            "json" if botpress::is_one(text) => Some(Self::Botpress),
            "json" if file.contains("_usersays_") || file.contains("intents/") => Some(Self::Dialogflow),
            _ => None,
        }
    }

    /// The examples of a file; none where the file belongs to the format and has no examples. Where a row says no label
    /// or no text, that of its example is empty.
    pub fn read(self, file: &str, text: &str) -> Result<Vec<Labelled>, FormatError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let examples = match self {
            Self::Own => own::read(file, text),
            Self::Rasa => rasa::read(text),
            Self::Csv => csv_table::read(text),
            Self::JsonLines => own::read_lines(text),
            Self::Dialogflow => dialogflow::read(file, text),
            Self::Botpress => botpress::read(text),
        };
        let mut examples = examples.map_err(|reason| FormatError { file: file.to_owned(), reason })?;
        for example in &mut examples {
            // Rows and lists may break lines; an example is one.
            example.marked = example.marked.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        examples.retain(|example| !example.marked.is_empty() || !example.label.is_empty());
        Ok(examples)
    }

    /// The files that hold the examples, each once, in order.
    pub fn write(self, examples: &[Labelled]) -> Vec<TextFile> {
        let mut examples = examples.to_vec();
        examples.sort();
        examples.dedup();
        match self {
            Self::Own => own::write(&examples),
            Self::Rasa => vec![("nlu.yml".to_owned(), rasa::write(&examples))],
            Self::Csv => vec![("examples.csv".to_owned(), csv_table::write(&examples))],
            Self::JsonLines => vec![("examples.jsonl".to_owned(), own::write_lines(&examples))],
            Self::Dialogflow => dialogflow::write(&examples),
            Self::Botpress => botpress::write(&examples),
        }
    }
}

/// A name that is safe as a file's: letters, digits, `_`, `-` and `.`; the rest becomes `_`. So an intent is called that
/// had the label elsewhere.
pub fn file_name(label: &str) -> String {
    let name: String = label
        .chars()
        .map(|one| if one.is_alphanumeric() || "_-.".contains(one) { one } else { '_' })
        .collect();
    name.trim_start_matches('.').to_owned()
}

fn add_line(text: &mut String, parts: &[&str]) {
    text.push_str(&parts.concat());
    text.push('\n');
}

/// A text in double quotes, as YAML and JSON both read it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
