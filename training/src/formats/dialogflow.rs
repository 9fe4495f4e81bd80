//! Agents exported from Dialogflow ES: what users say is a file for each intent and language.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Labelled, TextFile, file_name};
use crate::dataset::Example;

const SAID: &str = "_usersays_";

#[derive(Deserialize)]
struct Said {
    data: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    text: String,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    meta: Option<String>,
}

/// Files that hold the intent itself have no examples.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Labelled>, String> {
    let name = file.rsplit('/').next().unwrap_or_default();
    let Some((label, language)) = name.strip_suffix(".json").and_then(|name| name.rsplit_once(SAID)) else {
        return Ok(Vec::new());
    };
    let said: Vec<Said> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let language = language.split(['-', '_']).next().unwrap_or(language).to_owned();
    Ok(said
        .into_iter()
        .map(|one| Labelled {
            label: label.to_owned(),
            language: Some(language.clone()),
            marked: one.data.into_iter().map(Part::marked).collect(),
        })
        .collect())
}

impl Part {
    fn marked(self) -> String {
        let named = |name: Option<String>| name.filter(|name| !name.is_empty());
        let meta =
            named(self.meta).map(|meta| meta.trim_start_matches("@sys.").trim_start_matches('@').to_owned());
        match named(self.alias).or(meta) {
            Some(entity) if !self.text.trim().is_empty() => {
                format!("[{}]({})", self.text, entity.replace(|one: char| !one.is_alphanumeric(), "_"))
            }
            _ => self.text,
        }
    }
}

pub(super) fn write(examples: &[Labelled]) -> Vec<TextFile> {
    let mut said: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for example in examples {
        let language = example.language.clone().unwrap_or_else(|| "en".to_owned());
        let one = json!({ "data": parts(&example.marked), "isTemplate": false, "count": 0, "updated": 0 });
        said.entry((file_name(&example.label), language)).or_default().push(one);
    }
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for ((label, language), examples) in said {
        let intent = json!({ "name": label, "auto": true, "contexts": [], "responses": [], "priority": 500_000,
            "webhookUsed": false, "fallbackIntent": false, "events": [] });
        files.insert(format!("intents/{label}.json"), format!("{intent:#}\n"));
        files.insert(
            format!("intents/{label}{SAID}{language}.json"),
            format!("{:#}\n", Value::from(examples)),
        );
    }
    files.into_iter().collect()
}

fn parts(marked: &str) -> Vec<Value> {
    let (plain, spans) = Example::parse_marked(marked);
    let characters: Vec<char> = plain.chars().collect();
    let text = |start: usize, end: usize| characters[start..end].iter().collect::<String>();
    let (mut parts, mut at) = (Vec::new(), 0);
    for span in spans {
        if span.start > at {
            parts.push(json!({ "text": text(at, span.start), "userDefined": false }));
        }
        parts.push(json!({ "text": text(span.start, span.end), "alias": span.entity,
            "meta": format!("@{}", span.entity), "userDefined": true }));
        at = span.end;
    }
    if at < characters.len() {
        parts.push(json!({ "text": text(at, characters.len()), "userDefined": false }));
    }
    parts
}
