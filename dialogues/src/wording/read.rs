//! From `wording/<language>.yaml` to its entries.

use std::collections::BTreeMap;

use super::template::Template;
use super::{BeginChoice, Entry, Wording};
use crate::reading::{Node, Reading, Yaml};
use crate::settings::known_channel;

/// The wording of one file; entries that are wrong are reported and left out.
pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Wording {
    let mut entries = BTreeMap::new();
    if let Some(fields) = reading.any_fields(node, "wording") {
        for (id, mark, node) in fields.iter() {
            let entry = match &node.value {
                Yaml::Map(_) => read_mapping(id, node, reading),
                _ => Some(Entry {
                    mark,
                    texts: read_texts(id, node, reading),
                    channels: BTreeMap::new(),
                    choices: Vec::new(),
                    approved: BTreeMap::new(),
                    imagemap: None,
                }),
            };
            if let Some(entry) = entry {
                // A text that cannot be read is a problem already; the id itself exists.
                entries.insert(id.to_owned(), Entry { mark, ..entry });
            }
        }
    }
    Wording { file: reading.file.to_owned(), entries }
}

fn read_texts(id: &str, node: &Node, reading: &mut Reading<'_>) -> Vec<Template> {
    let mut templates = Vec::new();
    for named in reading.names(node, id) {
        match Template::parse(&named.id, named.mark) {
            Ok(template) => templates.push(template),
            Err(error) => reading.error(named.mark, id, error.to_string(), ""),
        }
    }
    templates
}

fn read_mapping(id: &str, node: &Node, reading: &mut Reading<'_>) -> Option<Entry> {
    let fields = reading.fields(node, id, &["text", "channels", "choices", "templates", "imagemap"])?;
    let texts = fields.need("text", reading).map(|node| read_texts(id, node, reading)).unwrap_or_default();
    let mut channels = BTreeMap::new();
    if let Some(node) = fields.get("channels")
        && let Some(fields) = reading.any_fields(node, "channels")
    {
        for (channel, mark, node) in fields.iter() {
            known_channel(channel, mark, reading);
            channels.insert(channel.to_owned(), read_texts(id, node, reading));
        }
    }
    let choices = fields.get("choices").map(|node| read_choices(node, reading)).unwrap_or_default();
    let approved =
        fields.get("templates").map(|node| super::approved::read(node, reading)).unwrap_or_default();
    let imagemap = fields.get("imagemap").and_then(|node| super::imagemap::read(node, reading));
    Some(Entry { mark: fields.mark, texts, channels, choices, approved, imagemap })
}

fn read_choices(node: &Node, reading: &mut Reading<'_>) -> Vec<BeginChoice> {
    let Yaml::List(items) = &node.value else {
        reading.wrong(node, "choices", "a list");
        return Vec::new();
    };
    let mut choices = Vec::new();
    for item in items {
        let Some(fields) = reading.fields(item, "choices", &["title", "begin"]) else { continue };
        let begin = fields.need("begin", reading).and_then(|node| reading.named(node, "begin"));
        let title = fields.need("title", reading).and_then(|node| reading.named(node, "title"));
        if let (Some(begin), Some(title)) = (begin, title) {
            choices.push(BeginChoice { title, begin });
        }
    }
    choices
}
