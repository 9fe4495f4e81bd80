//! Typed reads of a mapping: a wrong or unknown key is reported, and reading goes on.

use std::collections::BTreeMap;

use crate::expression::Expression;
use crate::problem::{Mark, Named, Place, Problems, advise};
use crate::reading::{Node, Yaml};

/// The file being read and the problems found in it.
pub(crate) struct Reading<'a> {
    pub(crate) file: &'a str,
    pub(crate) problems: &'a mut Problems,
}

/// The entries of one mapping whose keys are all known to belong there.
pub(crate) struct Fields<'n> {
    pub(crate) mark: Mark,
    entries: Vec<(String, Mark, &'n Node)>,
}

impl Reading<'_> {
    pub(crate) fn error(
        &mut self,
        mark: Mark,
        key: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.problems.error(Place { file: self.file, mark, key }, message, advice);
    }

    /// The mapping's fields, if it is one; keys outside `known` are reported with the likeliest meant key.
    pub(crate) fn fields<'n>(&mut self, node: &'n Node, key: &str, known: &[&str]) -> Option<Fields<'n>> {
        let fields = self.any_fields(node, key)?;
        for (name, mark, _) in &fields.entries {
            if !known.contains(&name.as_str()) {
                self.error(*mark, name, "unknown key", advise(name, known.iter().copied()));
            }
        }
        Some(fields)
    }

    /// The fields of a mapping whose keys are names of the writer's choice.
    pub(crate) fn any_fields<'n>(&mut self, node: &'n Node, key: &str) -> Option<Fields<'n>> {
        let Yaml::Map(entries) = &node.value else {
            self.wrong(node, key, "a mapping");
            return None;
        };
        let mut fields = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            match name.as_word() {
                Some(word) => fields.push((word, name.mark, value)),
                None => self.wrong(name, key, "a word as key"),
            }
        }
        Some(Fields { mark: node.mark, entries: fields })
    }

    pub(crate) fn wrong(&mut self, node: &Node, key: &str, wanted: &str) {
        self.error(node.mark, key, format!("expected {wanted}, found {}", node.what()), "");
    }

    pub(crate) fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let word = node.as_word();
        if word.as_ref().is_some_and(|word| word.trim().is_empty()) {
            self.error(node.mark, key, "expected a text, found an empty one".to_owned(), "");
            return None;
        }
        if word.is_none() {
            self.wrong(node, key, "a text");
        }
        word
    }

    pub(crate) fn named(&mut self, node: &Node, key: &str) -> Option<Named> {
        Some(Named { id: self.text(node, key)?, mark: node.mark })
    }

    /// A list of texts, or one text alone.
    pub(crate) fn names(&mut self, node: &Node, key: &str) -> Vec<Named> {
        match &node.value {
            Yaml::List(items) => items.iter().filter_map(|item| self.named(item, key)).collect(),
            _ => self.named(node, key).into_iter().collect(),
        }
    }

    pub(crate) fn boolean(&mut self, node: &Node, key: &str) -> Option<bool> {
        if let Yaml::Boolean(boolean) = node.value {
            return Some(boolean);
        }
        self.wrong(node, key, "true or false");
        None
    }

    /// A number from `least` to `most`, both included.
    pub(crate) fn number(&mut self, node: &Node, key: &str, least: f64, most: f64) -> Option<f64> {
        match node.value {
            Yaml::Number(number) if (least..=most).contains(&number) => Some(number),
            Yaml::Number(number) => {
                self.error(node.mark, key, format!("{number} is outside {least} to {most}"), "");
                None
            }
            _ => {
                self.wrong(node, key, "a number");
                None
            }
        }
    }

    /// A whole number from 0 to `most`.
    pub(crate) fn count(&mut self, node: &Node, key: &str, most: u32) -> Option<u32> {
        let number = self.number(node, key, 0.0, f64::from(most))?;
        if number.fract() != 0.0 {
            self.wrong(node, key, "a whole number");
            return None;
        }
        Some(number as u32)
    }

    pub(crate) fn expression(&mut self, node: &Node, key: &str) -> Option<Expression> {
        let source = self.text(node, key)?;
        match Expression::parse(&source) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.error(node.mark, key, error.to_string(), "docs/expressions.md has the whole language");
                None
            }
        }
    }

    /// A mapping of names to expressions, in the order they are written.
    pub(crate) fn expressions(&mut self, node: &Node, key: &str) -> Vec<(Named, Expression)> {
        let Some(fields) = self.any_fields(node, key) else { return Vec::new() };
        let mut list = Vec::new();
        for (name, mark, value) in fields.iter() {
            if let Some(expression) = self.expression(value, name) {
                list.push((Named { id: name.to_owned(), mark }, expression));
            }
        }
        list
    }

    /// A text for each language; whether the languages are the bot's is checked later.
    pub(crate) fn by_language(&mut self, node: &Node, key: &str) -> BTreeMap<String, String> {
        let Some(fields) = self.any_fields(node, key) else { return BTreeMap::new() };
        let entries = fields.iter();
        entries.filter_map(|(name, _, value)| Some((name.to_owned(), self.text(value, name)?))).collect()
    }
}

impl<'n> Fields<'n> {
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.0 == name).map(|entry| entry.2)
    }

    /// Where the key itself stands.
    pub(crate) fn key_mark(&self, name: &str) -> Option<Mark> {
        self.entries.iter().find(|entry| entry.0 == name).map(|entry| entry.1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Mark, &'n Node)> {
        self.entries.iter().map(|(name, mark, node)| (name.as_str(), *mark, *node))
    }

    /// A key that must be there; its absence is reported at the mapping's beginning.
    pub(crate) fn need(&self, name: &str, reading: &mut Reading<'_>) -> Option<&'n Node> {
        let node = self.get(name);
        if node.is_none() {
            reading.error(self.mark, name, "is missing", "");
        }
        node
    }
}
