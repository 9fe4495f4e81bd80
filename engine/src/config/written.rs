//! The settings that somebody wrote: each with the place where it stands, checked by itself against the defaults.

use dialogues::advise;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::{address, put, read};

/// One setting as it was written.
pub(super) struct Written {
    /// The file and line, or the variable.
    place: String,
    pub(super) section: String,
    pub(super) key: String,
    value: Value,
    /// What a variable holds: a text needs no quotes there.
    plain: Option<String>,
}

/// The settings of a file in the order of their lines, or what is wrong where there should be one.
pub(super) fn in_file(text: &str, file: &str, defaults: &Table) -> Vec<Result<Written, String>> {
    let line = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
    let (table, faults) = DeTable::parse_recoverable(text);
    let values = match text.parse::<Table>() {
        Ok(values) if faults.is_empty() => values,
        // The message alone: the line itself may hold a password.
        _ => {
            let said = |fault: &toml::de::Error| {
                let line = fault.span().map_or(1, |span| line(span.start));
                Err(format!("{file}:{line}: toml: {}", fault.message().trim()))
            };
            return faults.iter().map(said).collect();
        }
    };
    let mut written = Vec::new();
    for (section, keys) in table.get_ref() {
        let (name, section_line) = (section.get_ref().as_ref(), line(section.span().start));
        let value = values.get(name).cloned().unwrap_or(Value::Boolean(false));
        let (DeValue::Table(keys), Value::Table(values)) = (keys.get_ref(), value.clone()) else {
            written.push((section_line, Err(no_section(name, &value, defaults))));
            continue;
        };
        if let Some(mistake) = unknown_section(name, defaults) {
            written.push((section_line, Err(mistake)));
            continue;
        }
        for key in keys.keys() {
            let line = line(key.span().start);
            let Some(value) = values.get(key.get_ref().as_ref()) else { continue };
            let place = format!("{file}:{line}");
            let (section, key) = (name.to_owned(), key.get_ref().to_string());
            written.push((line, Ok(Written { place, section, key, value: value.clone(), plain: None })));
        }
    }
    written.sort_by_key(|(line, _)| *line);
    let placed = |(line, one): (usize, Result<Written, String>)| {
        one.map_err(|mistake| format!("{file}:{line}: {mistake}"))
    };
    written.into_iter().map(placed).collect()
}

/// The mistake of a file whose text ends with `before` and goes on with something else.
pub(super) fn not_utf8(before: &[u8], file: &str) -> String {
    let line = before.split(|byte| *byte == b'\n').count();
    format!("{file}:{line}: file: is not UTF-8 (save it in the encoding UTF-8)")
}

impl Written {
    /// The setting of a variable, whose value is read as TOML, or taken as text.
    pub(super) fn from_variable(name: String, section: String, key: String, text: &str) -> Self {
        let value = format!("value = {text}").parse::<Table>().ok();
        let value = value.and_then(|mut table| table.remove("value"));
        let value = value.unwrap_or_else(|| Value::String(text.to_owned()));
        Self { place: name, section, key, value, plain: Some(text.to_owned()) }
    }

    /// The value if the defaults with this one change are settings; else what is wrong, with its place.
    pub(super) fn check(&self, defaults: &Table) -> Result<Value, String> {
        self.value_for(defaults).map_err(|mistake| format!("{}: {mistake}", self.place))
    }

    fn value_for(&self, defaults: &Table) -> Result<Value, String> {
        if let Some(mistake) = unknown_section(&self.section, defaults) {
            return Err(mistake);
        }
        let Self { section, key, .. } = self;
        let named = |mistake: String| format!("{section}.{key}: {mistake}");
        let Some(default) = defaults.get(section).and_then(|section| section.get(key)) else {
            return Err(named(format!("there is no such setting ({})", key_advice(section, key, defaults))));
        };
        let value = match (&self.value, default, &self.plain) {
            (Value::String(_), ..) => self.value.clone(),
            (_, Value::String(_), Some(plain)) => Value::String(plain.clone()),
            _ => self.value.clone(),
        };
        if kind(&value) != kind(default) {
            return Err(named(format!("expected {}, found {}", kind(default), kind(&value))));
        }
        if let Some(number) = value.as_integer().filter(|number| *number < 1) {
            return Err(named(format!("must be 1 or more, not {number}")));
        }
        if let (Some(url), "database", "url") = (value.as_str(), section.as_str(), key.as_str())
            && let Some(mistake) = address::mistake(url)
        {
            return Err(named(mistake));
        }
        let mut settings = defaults.clone();
        put(&mut settings, section, key, value.clone());
        read(settings).map(|_| value).map_err(named)
    }
}

/// What a value is, in the words of a mistake.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

fn unknown_section(section: &str, defaults: &Table) -> Option<String> {
    let advice = || advise(section, defaults.keys().map(String::as_str));
    (!defaults.contains_key(section)).then(|| format!("{section}: there is no such section ({})", advice()))
}

/// Something at the top of a file that is no section.
fn no_section(name: &str, value: &Value, defaults: &Table) -> String {
    if defaults.contains_key(name) {
        return format!("{name}: expected a section, found {} (write [{name}])", kind(value));
    }
    format!("{name}: this setting stands in no section ({})", key_advice("", name, defaults))
}

/// What may be meant by a key that its section does not have.
fn key_advice(section: &str, key: &str, defaults: &Table) -> String {
    let elsewhere = defaults.iter().find(|(_, keys)| keys.get(key).is_some());
    if let Some((section, _)) = elsewhere {
        return format!("it belongs under [{section}]");
    }
    match defaults.get(section).and_then(Value::as_table) {
        Some(keys) => advise(key, keys.keys().map(String::as_str)),
        None => advise(key, defaults.keys().map(String::as_str)),
    }
}
