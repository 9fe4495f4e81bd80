//! What the papers of the Bot API say of calls, answers and updates: names, what is required, and types of values.

use std::sync::LazyLock;

use serde_json::Value;

use crate::fixtures::shared;

static SCHEMA: LazyLock<Option<Value>> = LazyLock::new(|| {
    let path = shared("schema", "telegram/spec/api.json")?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
});

/// A call is one of the papers' methods with parameters of its own, all that are required, of their types.
pub(in crate::telegram) fn check_call((method, body): (&str, &Value)) {
    let Some(schema) = SCHEMA.as_ref() else { return };
    let fields = &schema["methods"][method]["fields"];
    assert!(schema["methods"].get(method).is_some(), "no method {method}");
    if let Err(wrong) = fits_fields(schema, fields, body) {
        panic!("{method}: {wrong} in {body}");
    }
}

/// The result of a method is of a type that the method returns.
pub(in crate::telegram) fn check_answer(method: &str, result: &Value) {
    let Some(schema) = SCHEMA.as_ref() else { return };
    let types = &schema["methods"][method]["returns"];
    if let Err(wrong) = fits_any(schema, types, result) {
        panic!("{method}: {wrong} in {result}");
    }
}

/// An update is one that Telegram could send.
pub(in crate::telegram) fn check_update(update: &Value) {
    let Some(schema) = SCHEMA.as_ref() else { return };
    if let Err(wrong) = fits(schema, "Update", update) {
        panic!("{wrong} in {update}");
    }
}

/// The names of a type's fields.
pub(super) fn names(kind: &str) -> Option<Vec<String>> {
    let fields = SCHEMA.as_ref()?["types"][kind]["fields"].as_array().unwrap();
    Some(fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect())
}

fn fits_fields(schema: &Value, fields: &Value, body: &Value) -> Result<(), String> {
    let fields = fields.as_array().map(Vec::as_slice).unwrap_or_default();
    let body = body.as_object().ok_or("not an object")?;
    for (name, value) in body {
        let field = fields.iter().find(|field| field["name"] == name.as_str());
        let field = field.ok_or_else(|| format!("{name} is not known"))?;
        fits_any(schema, &field["types"], value).map_err(|wrong| format!("{name}: {wrong}"))?;
    }
    let missing = fields.iter().find(|field| {
        field["required"] == true && field["name"].as_str().is_some_and(|name| !body.contains_key(name))
    });
    missing.map_or(Ok(()), |field| Err(format!("{} is missing", field["name"])))
}

fn fits_any(schema: &Value, types: &Value, value: &Value) -> Result<(), String> {
    let types = types.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut wrong = "has no type".to_owned();
    for kind in types.iter().filter_map(Value::as_str) {
        match fits(schema, kind, value) {
            Ok(()) => return Ok(()),
            Err(error) => wrong = error,
        }
    }
    Err(wrong)
}

fn fits(schema: &Value, kind: &str, value: &Value) -> Result<(), String> {
    if let Some(of) = kind.strip_prefix("Array of ") {
        let items = value.as_array().ok_or_else(|| format!("{value} is no list"))?;
        return items.iter().try_for_each(|item| fits(schema, of, item));
    }
    let is_so = match kind {
        "Integer" => value.is_i64(),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "String" | "InputFile" => value.is_string(),
        _ => {
            let definition = schema["types"].get(kind).ok_or_else(|| format!("no type {kind}"))?;
            return match definition.get("subtypes") {
                Some(subtypes) => fits_any(schema, subtypes, value),
                None => fits_fields(schema, &definition["fields"], value)
                    .map_err(|wrong| format!("{kind}: {wrong}")),
            };
        }
    };
    if is_so { Ok(()) } else { Err(format!("{value} is no {kind}")) }
}
