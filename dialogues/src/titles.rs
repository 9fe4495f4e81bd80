//! What the console calls intents, flows and entities, as `titles.yaml` says. A bot may leave the file or any title out.

use std::collections::BTreeMap;

use crate::problem::Mark;
use crate::reading::{Node, Reading};

/// A readable name by language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title {
    pub by_language: BTreeMap<String, String>,
    pub mark: Mark,
}

/// The titles of each kind, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadableTitles {
    pub intents: BTreeMap<String, Title>,
    pub flows: BTreeMap<String, Title>,
    /// The bot's own entities, and built-in ones that it calls otherwise.
    pub entities: BTreeMap<String, Title>,
}

/// The titles of `titles.yaml`.
pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> ReadableTitles {
    let mut titles = ReadableTitles::default();
    let Some(fields) = reading.fields(node, "titles.yaml", &["intents", "flows", "entities"]) else {
        return titles;
    };
    for (family, _, node) in fields.iter() {
        let place = match family {
            "intents" => &mut titles.intents,
            "flows" => &mut titles.flows,
            "entities" => &mut titles.entities,
            _ => continue,
        };
        let Some(fields) = reading.any_fields(node, family) else { continue };
        for (id, mark, node) in fields.iter() {
            place.insert(id.to_owned(), Title { by_language: reading.by_language(node, id), mark });
        }
    }
    titles
}
