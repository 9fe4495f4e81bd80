//! Our own files: a folder of intents, and JSON lines.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Labelled, TextFile, add_line, file_name, quoted};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    examples: Vec<String>,
}

/// Language and intent are in the path: `intents/th/track_order.yaml`.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Labelled>, String> {
    let mut parts = file.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let label = name.rsplit_once('.').map_or(name, |(label, _)| label);
    let language = parts.next().filter(|part| part.len() == 2).map(str::to_owned);
    let read: File = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let examples = read.examples.into_iter();
    Ok(examples
        .map(|marked| Labelled { label: label.to_owned(), language: language.clone(), marked })
        .collect())
}

/// Examples without a language go where their script says nothing: `intents/und/`.
pub(super) fn write(examples: &[Labelled]) -> Vec<TextFile> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for example in examples {
        let language = example.language.as_deref().unwrap_or("und");
        let path = format!("intents/{}/{}.yaml", file_name(language), file_name(&example.label));
        let text = files.entry(path).or_insert_with(|| "examples:\n".to_owned());
        add_line(text, &["  - ", &quoted(&example.marked)]);
    }
    files.into_iter().collect()
}

#[derive(Deserialize)]
struct Line {
    text: String,
    #[serde(alias = "intent")]
    label: String,
    #[serde(default, alias = "language")]
    lang: Option<String>,
}

pub(super) fn read_lines(text: &str) -> Result<Vec<Labelled>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let line: Line =
                serde_json::from_str(line).map_err(|error| format!("line {}: {error}", number + 1))?;
            Ok(Labelled { label: line.label, language: line.lang, marked: line.text })
        })
        .collect()
}

pub(super) fn write_lines(examples: &[Labelled]) -> String {
    let mut text = String::new();
    for example in examples {
        let mut line = json!({ "text": example.marked, "label": example.label });
        if let Some(language) = &example.language {
            line["lang"] = json!(language);
        }
        add_line(&mut text, &[&line.to_string()]);
    }
    text
}
