//! Templates that a platform has approved for a wording: what is said where it takes nothing else.
//!
//! ```yaml
//! order_shipped:
//!   text: Your order {order_number} is on its way.
//!   templates:
//!     whatsapp: { name: order_shipped, language: en_US, values: { body.1: '{order_number}' } }
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::template::Template;
use crate::expression::Scope;
use crate::problem::Named;
use crate::reading::{Fields, Node, Reading};

/// The channels whose platforms approve templates.
const CHANNELS: [&str; 2] = ["messenger", "whatsapp"];

/// One template, with what stands in its blanks.
#[derive(Debug, Clone)]
pub struct Approved {
    pub name: Named,
    /// As the platform writes it; none is the language of the wording.
    pub language: Option<String>,
    /// By the blanks' names: `header`, `body.1`, `button.0`.
    pub values: BTreeMap<String, Template>,
    /// Said in the open window, too.
    pub always: bool,
}

/// A template with its blanks filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordedTemplate {
    pub name: String,
    pub language: String,
    pub values: BTreeMap<String, String>,
    pub always: bool,
}

impl Approved {
    /// `language` is that of the wording.
    pub(super) fn fill(&self, scope: &Scope<'_>, language: &str) -> WordedTemplate {
        // A value is one line: platforms refuse others.
        let one_line = |template: &Template| {
            let text = template.fill(scope).join(" ");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        WordedTemplate {
            name: self.name.id.clone(),
            language: self.language.clone().unwrap_or_else(|| language.to_owned()),
            values: self.values.iter().map(|(name, template)| (name.clone(), one_line(template))).collect(),
            always: self.always,
        }
    }
}

/// The templates of a wording by channel; what is wrong is reported and left out.
pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> BTreeMap<String, Approved> {
    let mut approved = BTreeMap::new();
    let Some(fields) = reading.any_fields(node, "templates") else { return approved };
    for (channel, mark, node) in fields.iter() {
        if !CHANNELS.contains(&channel) {
            let advice = format!("the channels with templates are {}", CHANNELS.join(" and "));
            reading.error(mark, channel, format!("`{channel}` has no templates"), advice);
            continue;
        }
        approved.extend(read_one(node, reading).map(|one| (channel.to_owned(), one)));
    }
    approved
}

fn read_one(node: &Node, reading: &mut Reading<'_>) -> Option<Approved> {
    let fields = reading.fields(node, "templates", &["name", "language", "values", "when"])?;
    let name = fields.need("name", reading).and_then(|node| reading.named(node, "name"))?;
    let is_name = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if !is_name(&name.id) {
        let advice = "platforms take small letters, digits and _";
        reading.error(name.mark, "name", format!("`{}` is no template's name", name.id), advice);
    }
    Some(Approved {
        language: fields.get("language").and_then(|node| reading.text(node, "language")),
        values: fields.get("values").map(|node| read_values(node, reading)).unwrap_or_default(),
        always: read_when(&fields, reading),
        name,
    })
}

fn read_when(fields: &Fields<'_>, reading: &mut Reading<'_>) -> bool {
    let Some(node) = fields.get("when") else { return false };
    match reading.text(node, "when").as_deref() {
        Some("always") => true,
        Some("window_shut") | None => false,
        Some(other) => {
            let advice = "write window_shut or always";
            reading.error(node.mark, "when", format!("`{other}` says nothing here"), advice);
            false
        }
    }
}

fn read_values(node: &Node, reading: &mut Reading<'_>) -> BTreeMap<String, Template> {
    let mut values = BTreeMap::new();
    let Some(fields) = reading.any_fields(node, "values") else { return values };
    for (name, _, node) in fields.iter() {
        let Some(text) = reading.named(node, name) else { continue };
        match Template::parse(&text.id, text.mark) {
            Ok(template) => {
                values.insert(name.to_owned(), template);
            }
            Err(error) => reading.error(text.mark, name, error.to_string(), ""),
        }
    }
    values
}
