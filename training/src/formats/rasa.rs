//! Rasa's `nlu.yml` (versions 2 and 3): intents with examples as a block of `- ` lines or as a list.

use serde::Deserialize;

use super::{Labelled, add_line, quoted};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    nlu: Vec<Section>,
}

/// Synonyms, regular expressions and look-up tables are sections too; they have no intent and are passed over.
#[derive(Deserialize)]
struct Section {
    #[serde(default)]
    intent: Option<String>,
    #[serde(default)]
    examples: Option<Examples>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Examples {
    Block(String),
    List(Vec<Example>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Example {
    Text(String),
    Full { text: String },
}

pub(super) fn read(text: &str) -> Result<Vec<Labelled>, String> {
    let file: File = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let mut examples = Vec::new();
    for section in file.nlu {
        let (Some(label), Some(found)) = (section.intent, section.examples) else { continue };
        let texts = match found {
            Examples::Block(block) => of_block(&block),
            Examples::List(list) => list
                .into_iter()
                .flat_map(|example| match example {
                    Example::Text(text) => vec![text],
                    Example::Full { text } => of_block(&text),
                })
                .collect(),
        };
        let labelled = texts.into_iter().map(|text| Labelled {
            label: label.clone(),
            language: None,
            marked: plain_marks(&text),
        });
        examples.extend(labelled);
    }
    Ok(examples)
}

/// The lines of a block that begin with a dash; a text without one is itself an example.
fn of_block(block: &str) -> Vec<String> {
    let lines: Vec<&str> = block.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.iter().any(|line| line.starts_with("- ") || *line == "-") {
        lines.iter().filter_map(|line| line.strip_prefix('-')).map(|line| line.trim().to_owned()).collect()
    } else {
        lines.into_iter().map(str::to_owned).collect()
    }
}

/// `[Ladprao]{"entity": "district", "value": "ลาดพร้าว"}` and `[x](district:ลาดพร้าว)` are written as ours: what the text
/// says, and the entity's name.
fn plain_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        if let Some((value, entity, length)) = mark(rest) {
            out.push_str(&["[", value, "](", &entity, ")"].concat());
            rest = &rest[length..];
        } else {
            out.push('[');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// The value, the entity and the length in bytes of a mark at the start.
fn mark(text: &str) -> Option<(&str, String, usize)> {
    let close = text.find(']')?;
    let value = text.get(1..close).filter(|value| !value.is_empty())?;
    let after = &text[close + 1..];
    if let Some(inner) = after.strip_prefix('(') {
        let end = inner.find(')')?;
        let entity = inner[..end].split(':').next().unwrap_or_default().trim();
        return (!entity.is_empty()).then(|| (value, entity.to_owned(), close + 1 + end + 2));
    }
    let end = after.starts_with('{').then(|| after.find('}'))??;
    let object: serde_json::Value = serde_json::from_str(&after[..=end]).ok()?;
    let entity = object.get("entity")?.as_str()?.to_owned();
    Some((value, entity, close + 1 + end + 1))
}

pub(super) fn write(examples: &[Labelled]) -> String {
    let mut text = "version: \"3.1\"\nnlu:\n".to_owned();
    let mut last = None;
    for example in examples {
        if last != Some(&example.label) {
            add_line(&mut text, &["- intent: ", &quoted(&example.label), "\n  examples: |"]);
            last = Some(&example.label);
        }
        add_line(&mut text, &["    - ", &example.marked]);
    }
    text
}
