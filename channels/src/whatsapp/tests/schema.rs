//! What we send, held to Meta's own schema of the Cloud API (OpenAPI v23.0), where a checkout has it.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::fixtures::shared;

/// The schema of `POST /{number}/messages` and of what lies behind its discriminators, which JSON Schema does not follow.
pub(super) struct Official {
    message: Validator,
    components: Vec<(&'static str, Validator)>,
    coupon: Validator,
    parameters: Vec<(&'static str, Validator)>,
}

pub(super) static OFFICIAL: LazyLock<Option<Official>> = LazyLock::new(|| {
    let path = shared("whatsapp_schema", "whatsapp/openapi/business-messaging-api_v23.0.yaml")?;
    let text = std::fs::read_to_string(path).unwrap();
    let options = serde_saphyr::options! { budget: None };
    let document: Value = serde_saphyr::from_str_with_options(&text, options).unwrap();
    Some(Official::of(&corrected(document["components"]["schemas"].clone())))
});

impl Official {
    fn of(schemas: &Value) -> Self {
        let validator = |name: &str| {
            let root = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": format!("#/components/schemas/{name}"),
                "components": {"schemas": schemas},
            });
            jsonschema::validator_for(&root).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let all = |names: &[(&'static str, &str)]| {
            names.iter().map(|(kind, name)| (*kind, validator(name))).collect::<Vec<_>>()
        };
        Self {
            message: validator("Message"),
            coupon: validator("CouponComponent"),
            components: all(&[
                ("header", "HeaderComponent"),
                ("body", "BodyComponent"),
                ("button", "ButtonComponent"),
            ]),
            parameters: all(&[
                ("text", "TextParameter"),
                ("image", "ImageParameter"),
                ("video", "VideoParameter"),
                ("document", "DocumentParameter"),
                ("location", "LocationParameter"),
            ]),
        }
    }

    /// Everything in which a body differs from the schema. A `recipient`, which v23.0 does not know, is held to what the
    /// schema says of `to`.
    pub(super) fn faults(&self, body: &Value) -> Vec<String> {
        let mut body = body.clone();
        if let Some(recipient) = body.as_object_mut().and_then(|fields| fields.remove("recipient")) {
            body["to"] = recipient;
        }
        // A coupon's button is described apart from the others.
        let mut faults = Vec::new();
        if let Some(components) = body.pointer_mut("/template/components").and_then(Value::as_array_mut) {
            let coupons = components.extract_if(.., |component| component["sub_type"] == "COPY_CODE");
            faults.extend(coupons.flat_map(|coupon| faults_of(&self.coupon, &coupon)));
        }
        faults.extend(faults_of(&self.message, &body));
        let components = body.pointer("/template/components").and_then(Value::as_array);
        for component in components.into_iter().flatten() {
            faults.extend(faults_by_type(&self.components, component));
            let filled = component["parameters"].as_array().into_iter().flatten();
            for parameter in filled.filter(|_| component["type"] != "button") {
                faults.extend(faults_by_type(&self.parameters, parameter));
            }
        }
        faults
    }
}

fn faults_by_type(validators: &[(&str, Validator)], value: &Value) -> Vec<String> {
    let found = validators.iter().find(|(kind, _)| value["type"] == *kind);
    found.map_or_else(|| vec![format!("no type: {value}")], |(_, validator)| faults_of(validator, value))
}

fn faults_of(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The schema with its slips put right, so that it can be held at all:
/// - `allOf` of two parts that forbid each other's properties: what is forbidden is what neither knows;
/// - `biz_opaque_callback_data` and buttons that open an address are in Meta's reference and not in the schema;
/// - the pattern of a template button's index is a set of characters without `0`, where 0 to 9 are meant.
fn corrected(mut schemas: Value) -> Value {
    for schema in schemas.as_object_mut().unwrap().values_mut() {
        let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) else { continue };
        let closed = parts.iter_mut().filter_map(|part| part.as_object_mut()?.remove("additionalProperties"));
        if closed.count() > 0 {
            schema["unevaluatedProperties"] = json!(false);
        }
    }
    schemas["BaseMessageProperties"]["properties"]["biz_opaque_callback_data"] =
        json!({"type": "string", "maxLength": 512});
    schemas["InteractiveObject"]["properties"]["type"]["enum"].as_array_mut().unwrap().push(json!("cta_url"));
    schemas["ActionObject"]["oneOf"].as_array_mut().unwrap().push(json!({
        "required": ["name", "parameters"],
        "properties": {
            "name": {"type": "string", "enum": ["cta_url"]},
            "parameters": {
                "type": "object",
                "required": ["display_text", "url"],
                "additionalProperties": false,
                "properties": {"display_text": {"type": "string", "maxLength": 20}, "url": {"type": "string"}},
            },
        },
    }));
    for component in ["TemplateComponent", "ButtonComponent"] {
        let patterns = all_of(&mut schemas[component], "pattern");
        assert_eq!(patterns, 1, "{component}");
    }
    add_templates_of_the_reference(&mut schemas);
    schemas
}

/// What Meta's pages on location headers and coupon code templates describe, and the schema leaves out.
fn add_templates_of_the_reference(schemas: &mut Value) {
    let text = json!({"type": "string", "minLength": 1});
    let degrees = json!({"type": "string", "pattern": r"^-?\d{1,3}(\.\d+)?$"});
    schemas["LocationParameter"] = json!({
        "type": "object",
        "required": ["type", "location"],
        "additionalProperties": false,
        "properties": {
            "type": {"const": "location"},
            "location": {
                "type": "object",
                "required": ["latitude", "longitude", "name", "address"],
                "additionalProperties": false,
                "properties": {"latitude": &degrees, "longitude": &degrees, "name": &text, "address": &text},
            },
        },
    });
    schemas["CouponComponent"] = json!({
        "type": "object",
        "required": ["type", "sub_type", "index", "parameters"],
        "additionalProperties": false,
        "properties": {
            "type": {"const": "button"},
            "sub_type": {"const": "COPY_CODE"},
            "index": {"type": "integer", "minimum": 0, "maximum": 9},
            "parameters": {"type": "array", "minItems": 1, "maxItems": 1, "items": {
                "type": "object",
                "required": ["type", "coupon_code"],
                "additionalProperties": false,
                "properties": {"type": {"const": "coupon_code"},
                    "coupon_code": {"type": "string", "pattern": "^[A-Za-z0-9]{1,15}$"}},
            }},
        },
    });
    let kinds = schemas["ParameterObject"]["properties"]["type"]["enum"].as_array_mut().unwrap();
    kinds.push(json!("location"));
}

/// Corrects every index pattern below `schema` and counts them.
fn all_of(schema: &mut Value, keyword: &str) -> usize {
    match schema {
        Value::Object(fields) => {
            let own = fields.get_mut(keyword).filter(|pattern| pattern.is_string()).map(|pattern| {
                *pattern = json!("^[0-9]$");
            });
            own.map_or(0, |()| 1) + fields.values_mut().map(|field| all_of(field, keyword)).sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(|item| all_of(item, keyword)).sum(),
        _ => 0,
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let Some(official) = OFFICIAL.as_ref() else { return };
    let base = |kind: &str, content: Value| {
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "66812345678",
               "type": kind, kind: content})
    };
    let check = |body: Value, is_good: bool| {
        let faults = official.faults(&body);
        assert_eq!(faults.is_empty(), is_good, "{body}: {faults:?}");
    };
    let buttons = |title: &str| {
        let key = json!({"type": "reply", "reply": {"id": "1", "title": title}});
        base("interactive", json!({"type": "button", "body": {"text": "?"}, "action": {"buttons": [key]}}))
    };
    check(base("text", json!({"body": "hi"})), true);
    check(base("text", json!({"body": "hi", "colour": "red"})), false);
    check(base("text", json!({"body": 5})), false);
    check(base("image", json!({"caption": "no file"})), false);
    check(base("gif", json!({"link": "https://x.example/a.gif"})), false);
    check(buttons("Yes"), true);
    check(buttons("Twenty-one characters"), false);
    let mut unknown = base("text", json!({"body": "hi"}));
    unknown["tone"] = json!("kind");
    check(unknown, false);
    let mut nobody = base("text", json!({"body": "hi"}));
    nobody.as_object_mut().unwrap().remove("to");
    check(nobody, false);
    let template = |parameter: Value| {
        let component = json!({"type": "body", "parameters": [parameter]});
        let language = json!({"policy": "deterministic", "code": "th"});
        base("template", json!({"name": "a", "language": language, "components": [component]}))
    };
    check(template(json!({"type": "text", "text": "x"})), true);
    check(template(json!({"type": "text"})), false);
    check(template(json!({"type": "poem", "text": "x"})), false);
    let coupon = |index: Value, code: &str| {
        let parameters = json!([{"type": "coupon_code", "coupon_code": code}]);
        let button =
            json!({"type": "button", "sub_type": "COPY_CODE", "index": index, "parameters": parameters});
        let language = json!({"policy": "deterministic", "code": "th"});
        base("template", json!({"name": "a", "language": language, "components": [button]}))
    };
    check(coupon(json!(1), "SPRING25"), true);
    check(coupon(json!("1"), "SPRING25"), false);
    check(coupon(json!(1), "SPRING-25"), false);
}
