//! The actions a bot may call, as `actions.yaml` declares them; engine performs them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expression::{Field, Kind};
use crate::problem::{Mark, advise};
use crate::reading::{Node, Reading, Yaml};

/// A call to an outside service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub name: String,
    pub method: Method,
    /// The named service; its address and secrets are engine's configuration, never the bot's.
    pub service: String,
    /// Path on the service with `{argument}` in it, such as `/orders/{number}`. Arguments that are not in
    /// the path go into the query (GET, DELETE) or the JSON body (POST, PUT, PATCH).
    pub path: String,
    pub timeout_ms: u32,
    /// How many more times to try when the service is not available.
    pub retries: u32,
    /// Whether doing it twice is the same as once.
    pub idempotent: bool,
    pub args: BTreeMap<String, Field>,
    /// The kind of the JSON answer; read it with [`Kind::read`].
    pub result: Kind,
    pub mark: Mark,
}

/// The HTTP method of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    const ALL: [(&'static str, Method); 5] = [
        ("GET", Method::Get),
        ("POST", Method::Post),
        ("PUT", Method::Put),
        ("PATCH", Method::Patch),
        ("DELETE", Method::Delete),
    ];

    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

const KEYS: [&str; 7] = ["method", "url", "timeout_ms", "retries", "idempotent", "args", "result"];

/// The actions of `actions.yaml`, by name.
pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> BTreeMap<String, Action> {
    let mut actions = BTreeMap::new();
    let Some(fields) = reading.any_fields(node, "actions") else { return actions };
    for (name, mark, node) in fields.iter() {
        if let Some(action) = read_action(name, mark, node, reading) {
            actions.insert(name.to_owned(), action);
        }
    }
    actions
}

fn read_action(name: &str, mark: Mark, node: &Node, reading: &mut Reading<'_>) -> Option<Action> {
    let fields = reading.fields(node, name, &KEYS)?;
    let method = fields.need("method", reading).and_then(|node| read_method(node, reading));
    let url = fields.need("url", reading).and_then(|node| read_url(node, reading));
    let timeout_ms = fields.get("timeout_ms").and_then(|node| reading.count(node, "timeout_ms", 60_000));
    let retries = fields.get("retries").and_then(|node| reading.count(node, "retries", 5)).unwrap_or(0);
    let idempotent = fields.get("idempotent").and_then(|node| reading.boolean(node, "idempotent"));
    let args = match fields.get("args").map(|node| read_kind(node, "args", reading)) {
        Some(Some(Kind::Record(args))) => args,
        Some(Some(_)) => {
            reading.error(mark, "args", "expected a mapping of argument names to kinds", "");
            BTreeMap::new()
        }
        _ => BTreeMap::new(),
    };
    let result = fields.get("result").and_then(|node| read_kind(node, "result", reading));
    let (method, (service, path)) = (method?, url?);
    let idempotent = idempotent.unwrap_or(method == Method::Get);
    if retries > 0 && !idempotent {
        let mark = fields.key_mark("retries").unwrap_or(mark);
        let advice = "set idempotent: true where the service ignores a repeated request, or retries: 0";
        reading.error(mark, "retries", "trying again could do it twice", advice);
    }
    for placeholder in placeholders(&path) {
        if !args.contains_key(placeholder) {
            let mark = fields.key_mark("url").unwrap_or(mark);
            let advice = advise(placeholder, args.keys().map(String::as_str));
            reading.error(mark, "url", format!("there is no argument `{placeholder}`"), advice);
        }
    }
    Some(Action {
        name: name.to_owned(),
        method,
        service,
        path,
        timeout_ms: timeout_ms.unwrap_or(5_000),
        retries,
        idempotent,
        args,
        result: result.unwrap_or(Kind::Unknown),
        mark,
    })
}

fn read_method(node: &Node, reading: &mut Reading<'_>) -> Option<Method> {
    let word = reading.text(node, "method")?;
    let method = Method::ALL.iter().find(|(name, _)| *name == word).map(|(_, method)| *method);
    if method.is_none() {
        let advice = advise(&word, Method::ALL.iter().map(|(name, _)| *name));
        reading.error(node.mark, "method", format!("there is no method `{word}`"), advice);
    }
    method
}

/// `shop:/orders/{number}` is the service `shop` and a path on it.
fn read_url(node: &Node, reading: &mut Reading<'_>) -> Option<(String, String)> {
    let url = reading.text(node, "url")?;
    let parts = url.split_once(":/").filter(|(service, rest)| is_name(service) && !rest.starts_with('/'));
    if let Some((service, rest)) = parts {
        return Some((service.to_owned(), format!("/{rest}")));
    }
    let advice = "write a service's name and a path on it, such as shop:/orders/{number}";
    reading.error(node.mark, "url", format!("`{url}` names no service"), advice);
    None
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The names in braces of a path.
pub(crate) fn placeholders(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

const KINDS: [(&str, Kind); 6] = [
    ("text", Kind::Text),
    ("number", Kind::Number),
    ("money", Kind::Money),
    ("boolean", Kind::Boolean),
    ("date", Kind::Date),
    ("anything", Kind::Unknown),
];

fn read_kind(node: &Node, key: &str, reading: &mut Reading<'_>) -> Option<Kind> {
    match &node.value {
        Yaml::List(items) => {
            if let [item] = items.as_slice() {
                return Some(Kind::List(Box::new(read_kind(item, key, reading)?)));
            }
            let advice = "a list has one kind of element: [text]";
            reading.error(node.mark, key, format!("expected one kind, found {}", items.len()), advice);
            None
        }
        Yaml::Map(_) => read_record_or_choice(node, key, reading),
        _ => {
            let word = reading.text(node, key)?;
            let kind = KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| kind.clone());
            if kind.is_none() {
                let advice = advise(&word, KINDS.iter().map(|(name, _)| *name));
                reading.error(node.mark, key, format!("there is no kind `{word}`"), advice);
            }
            kind
        }
    }
}

/// A mapping is a record, unless its one key is `one_of`; a `?` after a field's name makes it optional.
fn read_record_or_choice(node: &Node, key: &str, reading: &mut Reading<'_>) -> Option<Kind> {
    let fields = reading.any_fields(node, key)?;
    if let Some(choices) = fields.get("one_of") {
        let texts = reading.names(choices, "one_of").into_iter().map(|named| named.id).collect();
        return Some(Kind::OneOf(texts));
    }
    let mut record = BTreeMap::new();
    for (name, _, node) in fields.iter() {
        let optional = name.ends_with('?');
        let name = name.trim_end_matches('?');
        if let Some(kind) = read_kind(node, name, reading) {
            record.insert(name.to_owned(), Field { kind, optional });
        }
    }
    Some(Kind::Record(record))
}
