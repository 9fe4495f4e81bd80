//! Bots exported from Botpress 12: a file for each intent, with utterances by language.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Labelled, TextFile, file_name};
use crate::dataset::Example;

#[derive(Deserialize)]
struct Intent {
    name: String,
    utterances: BTreeMap<String, Vec<String>>,
}

pub(super) fn is_one(text: &str) -> bool {
    serde_json::from_str::<Intent>(text).is_ok()
}

/// Utterances mark slots as we mark entities.
pub(super) fn read(text: &str) -> Result<Vec<Labelled>, String> {
    let intent: Intent = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let examples = intent.utterances.into_iter().flat_map(|(language, utterances)| {
        let label = intent.name.clone();
        utterances.into_iter().map(move |marked| Labelled {
            label: label.clone(),
            language: Some(language.clone()),
            marked,
        })
    });
    Ok(examples.collect())
}

pub(super) fn write(examples: &[Labelled]) -> Vec<TextFile> {
    let mut intents: BTreeMap<String, Vec<&Labelled>> = BTreeMap::new();
    for example in examples {
        intents.entry(file_name(&example.label)).or_default().push(example);
    }
    let file = |(name, examples): (String, Vec<&Labelled>)| {
        let mut utterances: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut entities = BTreeSet::new();
        for example in examples {
            utterances.entry(example.language.as_deref().unwrap_or("en")).or_default().push(&example.marked);
            entities.extend(Example::parse_marked(&example.marked).1.into_iter().map(|span| span.entity));
        }
        let slots: Vec<Value> =
            entities.iter().map(|name| json!({ "name": name, "entities": [name], "color": 1 })).collect();
        let intent =
            json!({ "name": name, "contexts": ["global"], "slots": slots, "utterances": utterances });
        (format!("intents/{name}.json"), format!("{intent:#}\n"))
    };
    intents.into_iter().map(file).collect()
}
