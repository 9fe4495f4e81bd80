//! A YAML file as a tree whose every key and value knows where it stands.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Options, Spanned};

use crate::problem::{Mark, Place, Problems};

/// A value and the place where it begins.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) mark: Mark,
    pub(crate) value: Yaml,
}

/// The values that YAML has, without tags and aliases.
#[derive(Debug, Clone)]
pub(crate) enum Yaml {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The text, or what a plain number or truth value looks like when it is used as a name.
    pub(crate) fn as_word(&self) -> Option<String> {
        match &self.value {
            Yaml::Text(text) => Some(text.clone()),
            Yaml::Number(number) => Some(number.to_string()),
            Yaml::Boolean(boolean) => Some(boolean.to_string()),
            Yaml::Null | Yaml::List(_) | Yaml::Map(_) => None,
        }
    }

    /// What the value is, in the words of a problem report.
    pub(crate) fn what(&self) -> &'static str {
        match self.value {
            Yaml::Null => "nothing",
            Yaml::Boolean(_) => "true or false",
            Yaml::Number(_) => "a number",
            Yaml::Text(_) => "a text",
            Yaml::List(_) => "a list",
            Yaml::Map(_) => "a mapping",
        }
    }
}

/// The tree of one file; a syntax error or a doubled key is reported, and a doubled key does not
/// keep the rest of the file from being read.
pub(crate) fn parse(file: &str, text: &str, problems: &mut Problems) -> Option<Node> {
    match read(text, DuplicateKeyPolicy::Error) {
        Ok(node) => Some(node),
        Err(error) => {
            let node = read(text, DuplicateKeyPolicy::LastWins).ok();
            let doubled = node.as_ref().map(doubled_keys).unwrap_or_default();
            if doubled.is_empty() {
                let mark = error.location().map(Mark::from).unwrap_or_default();
                problems.error(Place { file, mark, key: "yaml" }, told(&error), "");
            }
            for Doubled { key, mark, first } in doubled {
                let message = format!("the key `{key}` stands twice (line {first})");
                problems.error(Place { file, mark, key: &key }, message, "remove one of them");
            }
            node
        }
    }
}

/// What is wrong with a YAML file, in one line.
pub(crate) fn told(error: &serde_saphyr::Error) -> String {
    match error.without_snippet() {
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{key}` stands twice")
        }
        other => first_line(&other.render()),
    }
}

/// A key that its mapping has already in line `first`.
struct Doubled {
    key: String,
    mark: Mark,
    first: u32,
}

fn doubled_keys(node: &Node) -> Vec<Doubled> {
    match &node.value {
        Yaml::List(items) => items.iter().flat_map(doubled_keys).collect(),
        Yaml::Map(entries) => {
            let mut seen: BTreeMap<String, u32> = BTreeMap::new();
            let mut doubled = Vec::new();
            for (name, value) in entries {
                doubled.extend(doubled_keys(value));
                let (Some(key), mark) = (name.as_word(), name.mark) else { continue };
                match seen.get(&key).copied() {
                    Some(first) => doubled.push(Doubled { key, mark, first }),
                    None => drop(seen.insert(key, mark.line)),
                }
            }
            doubled
        }
        Yaml::Null | Yaml::Boolean(_) | Yaml::Number(_) | Yaml::Text(_) => Vec::new(),
    }
}

fn read(text: &str, duplicate_keys: DuplicateKeyPolicy) -> Result<Node, serde_saphyr::Error> {
    let mut options = Options::default();
    options.duplicate_keys = duplicate_keys;
    options.strict_booleans = true;
    options.with_snippet = false;
    serde_saphyr::from_str_with_options(text, options)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

impl From<Location> for Mark {
    fn from(location: Location) -> Self {
        Mark { line: location.line() as u32, column: location.column() as u32 }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Yaml>::deserialize(deserializer)?;
        Ok(Node { mark: spanned.referenced.into(), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Yaml, E> {
        Ok(Yaml::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Yaml, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Yaml::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Yaml, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Yaml::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line() {
        let mut problems = Problems::default();
        let node = parse("a.yaml", "a: 1\nb:\n  - x: no\n    y: ก ข\n", &mut problems).unwrap();
        assert!(!problems.has_errors());
        let Yaml::Map(entries) = &node.value else { panic!("not a map") };
        let Yaml::List(list) = &entries[1].1.value else { panic!("not a list") };
        let Yaml::Map(inner) = &list[0].value else { panic!("not a map") };
        assert_eq!(inner[1].0.mark, Mark { line: 4, column: 5 });
        assert_eq!(inner[1].1.mark, Mark { line: 4, column: 8 });
        assert!(matches!(&inner[0].1.value, Yaml::Text(text) if text == "no"));
    }

    #[test]
    fn a_doubled_key_is_reported_and_the_file_still_read() {
        let mut problems = Problems::default();
        let node = parse("a.yaml", "a: 1\na: 2\nb:\n  - { c: 1, c: 2 }\n  - c: 3\n", &mut problems);
        assert!(node.is_some());
        let found: Vec<String> = problems.into_sorted().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "a.yaml:2:1: a: the key `a` stands twice (line 1) (remove one of them)",
                "a.yaml:4:13: c: the key `c` stands twice (line 4) (remove one of them)",
            ]
        );
    }

    #[test]
    fn broken_yaml_is_one_problem() {
        let mut problems = Problems::default();
        assert!(parse("a.yaml", "a: [1, 2\nb: 3\n", &mut problems).is_none());
        assert_eq!(problems.into_sorted().len(), 1);
    }
}
