//! The page's utility templates: listed in pages, made, asked for one by one, taken away, and held to when one is sent.

use serde_json::{Value, json};

use super::Platform;
use super::graph::{Done, Failure};
use crate::HttpMethod;
use crate::meta::fields::{list, text};
use crate::templates::blanks;

/// How many of a page at most, whatever is asked for: small, so that whoever reads only one page is found out.
const PAGE: usize = 2;
/// Ids as long as Meta's.
const FIRST_ID: usize = 800_000_000_000_001;
/// There is one of this name in this language already.
const EXISTS: i64 = 2_388_024;
/// A component lacks what it must have, such as an example for each blank.
const INCOMPLETE: i64 = 2_388_043;

/// What a small company has: approved in two languages, one that waits, one that was refused.
pub(super) fn samples() -> Vec<Value> {
    let body = |text: &str, example: &[&str]| json!([{"type": "BODY", "text": text, "example": {"body_text": [example]}}]);
    let shipped = body("คุณ{{1}} คำสั่งซื้อ {{2}} ส่งแล้วค่ะ", &["มะลิ", "BK240117"]);
    let shipped_en = body("{{1}}, your order {{2}} is on its way.", &["Mali", "BK240117"]);
    let one = |name: &str, language: &str, status: &str, components: Value| json!({"name": name, "language": language, "category": "UTILITY", "status": status, "components": components});
    let mut refused = one("order_gift", "th", "REJECTED", body("รับของแถมกับคำสั่งซื้อ {{1}}", &["BK240117"]));
    refused["rejected_reason"] = "PROMOTIONAL".into();
    vec![
        one("order_shipped", "th", "APPROVED", shipped),
        one("order_shipped", "en", "APPROVED", shipped_en),
        one("visit_tomorrow", "th", "PENDING", body("ช่างนัดเข้าพรุ่งนี้ {{1}} ค่ะ", &["10:00"])),
        refused,
    ]
}

impl Platform {
    pub(crate) fn add_samples(&mut self) {
        self.templates.extend(samples());
    }

    pub(super) fn call_templates(&mut self, method: HttpMethod, params: &Value) -> Done {
        match method {
            HttpMethod::Post => self.make_template(params),
            HttpMethod::Delete => self.drop_template(params),
            _ => Ok((self.templates_told(params), Vec::new())),
        }
    }

    /// One template by its id: how a program asks for its state.
    pub(super) fn template_told(&mut self, id: &str) -> Option<Value> {
        let place = id.parse::<usize>().ok()?.checked_sub(FIRST_ID)?;
        let template = self.templates.get_mut(place).filter(|template| !template.is_null())?;
        if template["is_new"] == true {
            // Whoever asks finds that the reviewers are done.
            template["status"] = "APPROVED".into();
        }
        Some(told(place, template))
    }

    fn templates_told(&mut self, params: &Value) -> Value {
        let from = text(params, "/after").and_then(|after| after.parse::<usize>().ok()).unwrap_or_default();
        let wanted = text(params, "/name");
        let ids: Vec<String> = (FIRST_ID..).take(self.templates.len()).map(|id| id.to_string()).collect();
        let all: Vec<Value> = ids
            .iter()
            .filter_map(|id| self.template_told(id))
            .filter(|one| wanted.as_ref().is_none_or(|wanted| one["name"] == **wanted))
            .collect();
        let until = (from + PAGE).min(all.len());
        let mut page = json!({
            "data": all.get(from..until).unwrap_or_default(),
            "paging": {"cursors": {"before": from.to_string(), "after": until.to_string()}},
        });
        if until < all.len() {
            let page_id = &self.names.account;
            page["paging"]["next"] =
                format!("https://graph.facebook.com/v25.0/{page_id}/message_templates").into();
        }
        page
    }

    fn make_template(&mut self, params: &Value) -> Done {
        let name = text(params, "/name").filter(|name| is_name(name)).ok_or_else(|| {
            Failure::param("Param name must be lower-case letters, digits and underscores, up to 512")
        })?;
        let language = text(params, "/language")
            .filter(|language| language.len() <= 16)
            .ok_or_else(|| Failure::param("The parameter language is required."))?;
        if text(params, "/category").as_deref() != Some("UTILITY") {
            return Err(Failure::param("Param category must be one of {UTILITY}"));
        }
        let components = params["components"].clone();
        check_components(&components)?;
        if self.templates.iter().any(|one| one["name"] == *name && one["language"] == *language) {
            let words = "(#100) Content in this language already exists";
            return Err(Failure::new(100, Some(EXISTS), words));
        }
        let id = (FIRST_ID + self.templates.len()).to_string();
        self.templates.push(json!({
            "name": name, "language": language, "category": "UTILITY", "status": "PENDING",
            "components": components, "is_new": true,
        }));
        Ok((json!({"id": id, "status": "PENDING", "category": "UTILITY"}), Vec::new()))
    }

    /// In every language. The places of those that are gone stay, as ids are counted by them.
    fn drop_template(&mut self, params: &Value) -> Done {
        let name = text(params, "/name").ok_or_else(|| Failure::param("The parameter name is required."))?;
        let mut found = false;
        for template in self.templates.iter_mut().filter(|template| template["name"] == *name) {
            *template = Value::Null;
            found = true;
        }
        if found {
            Ok((json!({"success": true}), Vec::new()))
        } else {
            Err(Failure::new(100, Some(2_593_002), "(#100) Message template not found"))
        }
    }

    /// Whether a template may be sent so. A page of which nobody said which templates it has takes any.
    pub(super) fn check_template(&self, sent: &Value) -> Result<(), Failure> {
        if self.templates.is_empty() {
            return Ok(());
        }
        let Some(known) = self.template_of(sent) else {
            return Err(Failure::param("Template name does not exist in the translation"));
        };
        if known["status"] != "APPROVED" {
            return Err(Failure::param("The template is not approved"));
        }
        let wanted = blanks(&known["components"]).unwrap_or_default();
        for place in ["header", "body"] {
            let expected = wanted.iter().filter(|blank| blank.key.split('.').next() == Some(place)).count();
            let given: usize = parameters(sent, place).count();
            if expected != given {
                let words = format!(
                    "{place}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
                );
                return Err(Failure::param(&words));
            }
        }
        Ok(())
    }

    /// How a sent template reads; its name in brackets where nobody said how it reads.
    pub(super) fn template_words(&self, sent: &Value) -> Option<String> {
        let name = text(sent, "/name")?;
        let known = self.template_of(sent).map(|known| list(known, "/components"));
        let body = known.and_then(|components| components.iter().find(|one| one["type"] == "BODY"));
        let Some(words) = body.and_then(|body| text(body, "/text")) else { return Some(format!("[{name}]")) };
        let values = parameters(sent, "body").map(|value| text(value, "/text").unwrap_or_default());
        let filled = |words: String, (place, value): (usize, String)| {
            words.replace(&format!("{{{{{place}}}}}"), &value)
        };
        Some((1..).zip(values).fold(words, filled))
    }

    fn template_of(&self, sent: &Value) -> Option<&Value> {
        let (name, language) = (text(sent, "/name")?, text(sent, "/language/code")?);
        self.templates.iter().find(|known| known["name"] == *name && known["language"] == *language)
    }
}

fn is_name(name: &str) -> bool {
    (1..=512).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// One body, and an example for each of its blanks: Meta's reviewers read them.
fn check_components(components: &Value) -> Result<(), Failure> {
    let incomplete = |words: &str| Err(Failure::new(100, Some(INCOMPLETE), &format!("(#100) {words}")));
    let all = components.as_array().map(Vec::as_slice).unwrap_or_default();
    let bodies: Vec<&Value> = all.iter().filter(|one| one["type"] == "BODY").collect();
    let [body] = bodies.as_slice() else {
        return incomplete("Message template components must hold one BODY");
    };
    let words = text(body, "/text").unwrap_or_default();
    if words.is_empty() || words.chars().count() > 1024 {
        return incomplete("component of type BODY must have a text of up to 1024 characters");
    }
    let wanted = blanks(&json!([body])).map_err(|error| Failure::param(&error.to_string()))?.len();
    let examples = body.pointer("/example/body_text/0").and_then(Value::as_array).map_or(0, Vec::len);
    if wanted != examples {
        return incomplete("component of type BODY is missing expected field(s) (example)");
    }
    Ok(())
}

/// What a component of a sent template was given.
fn parameters<'a>(sent: &'a Value, place: &'a str) -> impl Iterator<Item = &'a Value> {
    list(sent, "/components")
        .iter()
        .filter(move |component| {
            text(component, "/type").is_some_and(|kind| kind.eq_ignore_ascii_case(place))
        })
        .flat_map(|component| list(component, "/parameters"))
}

fn told(place: usize, template: &Value) -> Value {
    let mut told = template.clone();
    told["id"] = (FIRST_ID + place).to_string().into();
    if let Some(fields) = told.as_object_mut() {
        fields.remove("is_new");
    }
    told
}
