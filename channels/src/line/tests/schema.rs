//! LINE's own schemas (the OpenAPI documents that a checkout may have beside it), made strict: each discriminator picks
//! its one kind, and a field that no schema names is refused.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::path_of;
use crate::fixtures::shared;
use crate::{HttpMethod, PlatformRequest, Transport};

/// One document.
pub(super) struct Api {
    document: Value,
    definitions: Value,
    validators: BTreeMap<String, Validator>,
}

static MESSAGING: LazyLock<Option<Api>> = LazyLock::new(|| Api::read("messaging-api.yml"));
static WEBHOOK: LazyLock<Option<Api>> = LazyLock::new(|| Api::read("webhook.yml"));
static INSIGHT: LazyLock<Option<Api>> = LazyLock::new(|| Api::read("insight.yml"));
static MODULE: LazyLock<Option<Api>> = LazyLock::new(|| Api::read("module.yml"));

/// Holds the call to the schema of its operation. A checkout without the documents says that it skips.
pub(super) fn check_request(request: &PlatformRequest) {
    let apis = [&MESSAGING, &INSIGHT, &MODULE];
    let apis: Vec<&Api> = apis.into_iter().filter_map(|api| api.as_ref()).collect();
    if apis.is_empty() {
        return;
    }
    let found = apis.iter().find_map(|api| Some((api, api.operation(request)?)));
    let (api, operation) = found.unwrap_or_else(|| panic!("no such operation: {request:?}"));
    check_query(operation, request);
    let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
    match schema.and_then(Value::as_str) {
        Some(reference) => api.check(reference.rsplit('/').next().unwrap(), &request.body),
        None => assert!(request.body.is_null() || request.body.is_string(), "{request:?}"),
    }
}

/// Holds what the simulator posts to the schema of webhooks.
pub(in crate::line) fn check_webhook(body: &[u8]) {
    if let Some(api) = WEBHOOK.as_ref() {
        api.check("CallbackRequest", &serde_json::from_slice(body).unwrap());
    }
}

/// Holds what the simulator answers to the schema of the operation.
pub(super) fn check_response(request: &PlatformRequest, status: u16, body: &Value) {
    let apis = [&MESSAGING, &INSIGHT];
    let found =
        apis.into_iter().filter_map(|api| api.as_ref()).find_map(|api| Some((api, api.operation(request)?)));
    let Some((api, operation)) = found else { return };
    let pointer = format!("/responses/{status}/content/application~1json/schema/$ref");
    if let Some(reference) = operation.pointer(&pointer).and_then(Value::as_str) {
        api.check(reference.rsplit('/').next().unwrap(), body);
    }
}

fn check_query(operation: &Value, request: &PlatformRequest) {
    let Transport::Http { url, .. } = &request.transport else { return };
    let url = url::Url::parse(url).unwrap();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let named = |name: &str| parameters.iter().any(|known| known["in"] == "query" && known["name"] == name);
    let given: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert!(given.iter().all(|name| named(name)), "{given:?} of {url}");
    for needed in parameters.iter().filter(|known| known["in"] == "query" && known["required"] == true) {
        let name = needed["name"].as_str().unwrap();
        assert!(given.iter().any(|given| given == name), "{url} lacks {name}");
    }
}

impl Api {
    fn read(name: &str) -> Option<Self> {
        let path = shared("line_schemas", &format!("line/openapi/{name}"))?;
        let text = std::fs::read_to_string(path).unwrap();
        // `y` is a property there, not a truth.
        let options = serde_saphyr::options! { strict_booleans: true };
        let document: Value = serde_saphyr::from_str_with_options(&text, options).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let definitions = definitions(schemas);
        let validators = schemas.keys().map(|name| (name.clone(), validator(&definitions, name))).collect();
        Some(Self { document, definitions, validators })
    }

    fn check(&self, name: &str, value: &Value) {
        let validator = &self.validators[name];
        let wrong: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "not a {name}: {wrong:#?}\n{value:#}");
    }

    /// The operation of a call: the one whose path has the same segments, but for those in braces.
    fn operation(&self, request: &PlatformRequest) -> Option<&Value> {
        let Transport::Http { method, .. } = &request.transport else { return None };
        let method = match method {
            HttpMethod::Get => "get",
            HttpMethod::Post => "post",
            HttpMethod::Put => "put",
            HttpMethod::Delete => "delete",
        };
        let asked: Vec<&str> = path_of(request).split('/').collect();
        let paths = self.document["paths"].as_object()?;
        let fits = |path: &str| {
            let known: Vec<&str> = path.split('/').collect();
            known.len() == asked.len()
                && known.iter().zip(&asked).all(|(known, asked)| known.starts_with('{') || known == asked)
        };
        let mut found: Vec<_> = paths.iter().filter(|(path, _)| fits(path)).collect();
        found.sort_by_key(|(path, _)| path.matches('{').count());
        found.into_iter().find_map(|(_, operations)| operations.get(method))
    }
}

fn validator(definitions: &Value, name: &str) -> Validator {
    let schema = json!({"$ref": format!("#/$defs/{name}"), "$defs": definitions});
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(&schema).unwrap()
}

/// The schemas as JSON Schema: a kind with a discriminator becomes its base and a choice of kinds.
fn definitions(schemas: &Map<String, Value>) -> Value {
    let mut made = Map::new();
    for (name, schema) in schemas {
        let mut schema = schema.clone();
        rewrite(&mut schema, schemas);
        let Some(discriminator) = schema.as_object_mut().unwrap().remove("discriminator") else {
            if schema.get("properties").is_some() && schema.get("allOf").is_none() {
                let fields = schema.as_object_mut().unwrap();
                fields.entry("additionalProperties").or_insert(false.into());
            }
            made.insert(name.clone(), schema);
            continue;
        };
        let property = discriminator["propertyName"].as_str().unwrap();
        let mapping = discriminator["mapping"].as_object().unwrap();
        let kinds: Vec<Value> = mapping
            .iter()
            .map(|(kind, reference)| {
                let reference = reference.as_str().unwrap().replace("#/components/schemas/", "#/$defs/");
                json!({
                    "if": {"properties": {property: {"const": kind}}},
                    "then": {"$ref": reference},
                })
            })
            .collect();
        let known: Vec<&String> = mapping.keys().collect();
        let choice = json!({
            "required": [property],
            "properties": {property: {"enum": known}},
            "allOf": kinds,
            "$ref": format!("#/$defs/{name}.base"),
            "unevaluatedProperties": false,
        });
        made.insert(format!("{name}.base"), schema);
        made.insert(name.clone(), choice);
    }
    Value::Object(made)
}

/// References point to where the definitions are; who inherits from a kind with a discriminator inherits its base.
fn rewrite(value: &mut Value, schemas: &Map<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, schemas)),
        Value::Object(fields) => {
            for parent in fields.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
                let name = parent["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
                let has_kinds = |name: &&str| schemas[*name].get("discriminator").is_some();
                if let Some(name) = name.filter(has_kinds).map(str::to_owned) {
                    parent["$ref"] = format!("#/components/schemas/{name}.base").into();
                }
            }
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(reference) if name == "$ref" => {
                        *reference = reference.replace("#/components/schemas/", "#/$defs/");
                    }
                    field if name != "discriminator" => rewrite(field, schemas),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The strict schemas still tell right from wrong.
#[test]
fn the_schemas_refuse_what_they_should() {
    let Some(api) = MESSAGING.as_ref() else { return };
    assert!(api.definitions.get("Message.base").is_some());
    let valid = |body: &Value| api.validators["PushMessageRequest"].is_valid(body);
    let push = |message: Value| json!({"to": "U1", "messages": [message]});
    assert!(valid(&push(json!({"type": "text", "text": "hi"}))));
    for wrong in [
        json!({"type": "text"}),
        json!({"type": "tekst", "text": "hi"}),
        json!({"type": "text", "text": "hi", "quote": "x"}),
        json!({"type": "image", "originalContentUrl": "no address", "previewImageUrl": "https://x.example"}),
        json!({"type": "flex", "altText": "a", "contents": {"type": "bubble", "boddy": {}}}),
        json!({"type": "flex", "altText": "a", "contents": {"type": "bubble", "size": "huge"}}),
    ] {
        assert!(!valid(&push(wrong.clone())), "{wrong}");
    }
}

#[test]
fn others_flex_messages_pass() {
    let Some(folder) = shared("others_flex_messages_pass", "line/sdk-java-flex") else { return };
    let Some(api) = MESSAGING.as_ref() else { return };
    for (name, body) in crate::fixtures::read(&folder) {
        let contents: Value = serde_json::from_slice(&body).unwrap();
        let contents = contents.get("contents").filter(|_| contents["type"] == "flex").unwrap_or(&contents);
        api.check("FlexContainer", contents);
        assert!(crate::line::flex::is_container(contents), "{name}");
    }
}
