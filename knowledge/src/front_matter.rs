//! The YAML between the two `---` lines of an article, read so that every problem is found and knows its line.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Options, Spanned};

use crate::problem::{Fault, Mark, Problem};

/// What the front matter says; empty where it is wrong.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct FrontMatter {
    pub(crate) title: String,
    pub(crate) questions: Vec<String>,
    pub(crate) tags: Vec<String>,
}

/// Reads the YAML text, whose first line is line `first_line` of `file`.
pub(crate) fn read(file: &str, yaml: &str, first_line: u32, problems: &mut Vec<Problem>) -> FrontMatter {
    let mut reader = Reader { file, first_line, problems };
    // A front matter of blank lines and comments is a mapping without keys.
    let blank = yaml.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    let mut options = Options::default();
    options.strict_booleans = true;
    options.with_snippet = false;
    match serde_saphyr::from_str_with_options::<Node>(if blank { "{}" } else { yaml }, options) {
        Ok(node) => reader.front_matter(node),
        Err(error) => {
            let mark = error.location().map_or(Mark { line: 1, column: 1 }, Mark::from);
            reader.report(fault(error.without_snippet()), mark, "yaml");
            FrontMatter::default()
        }
    }
}

fn fault(error: &serde_saphyr::Error) -> Fault {
    match error {
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => Fault::DoubledKey(key.clone()),
        other => Fault::Syntax(other.render().lines().next().unwrap_or_default().to_owned()),
    }
}

struct Reader<'a> {
    file: &'a str,
    first_line: u32,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn front_matter(&mut self, node: Node) -> FrontMatter {
        let mut read = FrontMatter::default();
        let entries = match node.value {
            Yaml::Map(entries) => entries,
            other => {
                self.report(Fault::NotAMapping(other.what()), node.mark, "yaml");
                return read;
            }
        };
        let mut has_title = false;
        let mut has_questions = false;
        for (key, value) in entries {
            match key.value {
                Yaml::Text(name) if name == "title" => {
                    has_title = true;
                    read.title = self.text(value, "title").unwrap_or_default();
                }
                Yaml::Text(name) if name == "questions" => {
                    has_questions = true;
                    read.questions = self.texts(value, "questions");
                }
                Yaml::Text(name) if name == "tags" => read.tags = self.tags(value),
                Yaml::Text(name) => self.report(Fault::UnknownKey(name.clone()), key.mark, &name),
                other => self.report(Fault::NotAText(other.what()), key.mark, "yaml"),
            }
        }
        let start = Mark { line: 1, column: 1 };
        for (is_there, key) in [(has_title, "title"), (has_questions, "questions")] {
            if !is_there {
                self.report(Fault::Missing(key), start, key);
            }
        }
        read
    }

    fn text(&mut self, node: Node, key: &str) -> Option<String> {
        match node.value {
            Yaml::Text(text) if !text.trim().is_empty() => return Some(text.trim().to_owned()),
            Yaml::Text(_) | Yaml::Null => self.report(Fault::Empty, node.mark, key),
            other => self.report(Fault::NotAText(other.what()), node.mark, key),
        }
        None
    }

    fn texts(&mut self, node: Node, key: &str) -> Vec<String> {
        let items = match node.value {
            Yaml::List(items) => items,
            other => {
                self.report(Fault::NotAList(other.what()), node.mark, key);
                return Vec::new();
            }
        };
        if items.is_empty() {
            self.report(Fault::Empty, node.mark, key);
        }
        let mut texts = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let mark = item.mark;
            let name = format!("{key}[{index}]");
            match self.text(item, &name) {
                Some(text) if texts.contains(&text) => self.report(Fault::Twice, mark, &name),
                Some(text) => texts.push(text),
                None => {}
            }
        }
        texts
    }

    fn tags(&mut self, node: Node) -> Vec<String> {
        let mark = node.mark;
        let tags = if matches!(&node.value, Yaml::List(items) if items.is_empty()) {
            Vec::new()
        } else {
            self.texts(node, "tags")
        };
        for tag in tags.iter().filter(|tag| !is_slug(tag)) {
            self.report(Fault::Tag(tag.clone()), mark, "tags");
        }
        tags
    }

    fn report(&mut self, fault: Fault, mark: Mark, key: &str) {
        let mark = Mark { line: mark.line.max(1) + self.first_line - 1, column: mark.column.max(1) };
        self.problems.push(fault.at(self.file, mark, key));
    }
}

/// Small ASCII letters and digits in groups joined by single hyphens.
pub(crate) fn is_slug(text: &str) -> bool {
    text.split('-').all(|group| {
        !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// A value and the place where it begins.
struct Node {
    mark: Mark,
    value: Yaml,
}

/// As much of a YAML value as an article may use; the rest is only named.
enum Yaml {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Other(&'static str),
}

impl Yaml {
    fn what(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Other(what) => what,
        }
    }
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
        f.write_str("a YAML value")
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

    fn visit_bool<E: Error>(self, _: bool) -> Result<Yaml, E> {
        Ok(Yaml::Other("true or false"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Yaml, E> {
        Ok(Yaml::Other("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Yaml, E> {
        Ok(Yaml::Other("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Yaml, E> {
        Ok(Yaml::Other("a number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Yaml, E> {
        Ok(Yaml::Text(value))
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Yaml, E> {
        Ok(Yaml::Other("binary"))
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

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<Yaml, A::Error> {
        let (IgnoredAny, _) = data.variant()?;
        Ok(Yaml::Other("a tagged value"))
    }
}
