//! The templates of the pretended business account: which there are, in pages, and what may be sent with them.

use serde_json::{Value, json};

use super::WhatsappSimulator;
use super::sending::{Failure, text_at};
use crate::HttpCall;
use crate::simulator::Webhook;
use crate::templates::blanks;

/// How many of a page at most, whatever is asked for: small, so that whoever reads only one page is found out.
const PAGE: usize = 2;

impl WhatsappSimulator {
    /// Knows only the templates that are named so, in every language and with any blanks.
    #[must_use]
    pub fn approving(self, template: &str) -> Self {
        self.with_template(json!({"name": template, "status": "APPROVED"}))
    }

    /// Knows this template, too, in the shape in which the Graph tells it.
    #[must_use]
    pub fn with_template(mut self, template: Value) -> Self {
        self.templates.push(template);
        self
    }

    /// Knows the templates of a small company: approved ones, a paused one, one that waits.
    #[must_use]
    pub fn with_samples(mut self) -> Self {
        self.templates.extend(super::samples::templates());
        self
    }

    /// Gives a template another state and tells it: what Meta's reviewers do.
    pub fn review(
        &mut self,
        (name, language): (&str, &str),
        (status, reason): (&str, &str),
        now: i64,
    ) -> Vec<Webhook> {
        for template in &mut self.templates {
            if text_at(template, "/name") == Some(name) && text_at(template, "/language") == Some(language) {
                template["status"] = status.into();
            }
        }
        let value = json!({
            "event": status,
            "message_template_id": 594_425_479_261_596_u64,
            "message_template_name": name,
            "message_template_language": language,
            "reason": reason,
        });
        self.webhook("message_template_status_update", value, now)
    }

    /// A page of the templates, with their summary where it is asked for.
    pub(super) fn templates_told(&self, call: &HttpCall<'_>) -> Value {
        let asked =
            |name: &str| call.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let from = asked("after").and_then(|after| after.parse::<usize>().ok()).unwrap_or_default();
        let until = (from + PAGE).min(self.templates.len());
        let page = self.templates.get(from..until).unwrap_or_default();
        let data: Vec<Value> = (from..).zip(page).map(|(place, template)| told(place, template)).collect();
        let mut told = json!({"data": data, "paging": {"cursors": {"before": from.to_string(), "after": until.to_string()}}});
        if until < self.templates.len() {
            told["paging"]["next"] =
                format!("https://graph.facebook.com/v25.0/{}/message_templates", self.waba).into();
        }
        if asked("summary").is_some() {
            told["summary"] = json!({
                "total_count": self.templates.len(),
                "message_template_count": self.templates.len(),
                "message_template_limit": 250,
                "are_translations_complete": true,
            });
        }
        told
    }

    /// Whether a template may be sent so, by Meta's numbers.
    pub(super) fn check_template(&self, body: &Value) -> Result<(), Failure> {
        let name = text_at(body, "/template/name").unwrap_or_default();
        let language = text_at(body, "/template/language/code").unwrap_or_default();
        let fits = |known: &&Value| {
            text_at(known, "/name") == Some(name)
                && text_at(known, "/language").is_none_or(|known| known == language)
        };
        let Some(known) = self.templates.iter().find(fits) else {
            let words = "(#132001) Template name does not exist in the translation";
            return Err(Failure::new(404, 132_001, words));
        };
        match text_at(known, "/status").unwrap_or("APPROVED") {
            "APPROVED" => {}
            "PAUSED" => return Err(Failure::new(400, 132_015, "(#132015) Template is Paused")),
            "DISABLED" => return Err(Failure::new(400, 132_016, "(#132016) Template is Disabled")),
            _ => {
                return Err(Failure::new(
                    404,
                    132_001,
                    "(#132001) Template name does not exist in the translation",
                ));
            }
        }
        let Some(components) = known.get("components") else { return Ok(()) };
        let wanted = blanks(components).unwrap_or_default();
        for place in ["header", "body"] {
            let expected = wanted.iter().filter(|blank| blank.key.split('.').next() == Some(place)).count();
            // A header takes one parameter, and a place with its four values is one.
            let expected = if place == "header" { expected.min(1) } else { expected };
            let given = given(body, place);
            if expected != given {
                let details = format!(
                    "{place}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
                );
                let failure = Failure::new(
                    400,
                    132_000,
                    "(#132000) Number of parameters does not match the expected number of params",
                );
                return Err(Failure { details: Some(details), ..failure });
            }
        }
        Ok(())
    }

    /// What a template is counted as.
    pub(super) fn category_of(&self, body: &Value) -> String {
        let name = text_at(body, "/template/name");
        let known = self.templates.iter().find(|known| text_at(known, "/name") == name);
        known.and_then(|known| text_at(known, "/category")).unwrap_or("UTILITY").to_lowercase()
    }
}

/// How many parameters a component was given.
fn given(body: &Value, place: &str) -> usize {
    let components = body.pointer("/template/components").and_then(Value::as_array).map(Vec::as_slice);
    let of = components
        .unwrap_or_default()
        .iter()
        .filter(|component| text_at(component, "/type").is_some_and(|kind| kind.eq_ignore_ascii_case(place)));
    of.filter_map(|component| component["parameters"].as_array()).map(Vec::len).sum()
}

fn told(place: usize, template: &Value) -> Value {
    let mut told = template.clone();
    if told.get("id").is_none() {
        told["id"] = format!("{}", FIRST_ID + place).into();
    }
    for (name, value) in [("language", "th"), ("category", "UTILITY"), ("parameter_format", "POSITIONAL")] {
        if told.get(name).is_none() {
            told[name] = value.into();
        }
    }
    if told.get("components").is_none() {
        told["components"] = json!([]);
    }
    told
}

/// Ids as long as Meta's.
const FIRST_ID: usize = 700_000_000_000_001;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountConfig, HttpMethod};

    fn whatsapp() -> WhatsappSimulator {
        let body = json!([{"type": "BODY", "text": "Order {{1}} of {{2}}"}]);
        let template = |name: &str, status: &str| json!({"name": name, "language": "th", "status": status, "category": "MARKETING", "components": body});
        WhatsappSimulator::new(&AccountConfig::default())
            .with_template(template("good", "APPROVED"))
            .with_template(template("paused", "PAUSED"))
            .with_template(template("off", "DISABLED"))
            .with_template(template("new", "PENDING"))
    }

    fn sent(name: &str, language: &str, texts: usize) -> Value {
        let parameters: Vec<Value> = (0..texts).map(|_| json!({"type": "text", "text": "x"})).collect();
        json!({"template": {"name": name, "language": {"code": language},
            "components": [{"type": "body", "parameters": parameters}]}})
    }

    #[test]
    fn templates_are_refused_by_their_numbers() {
        let whatsapp = whatsapp();
        let check = |name: &str, language: &str, texts: usize, code: Option<i64>| {
            let found = whatsapp.check_template(&sent(name, language, texts));
            assert_eq!(found.err().map(|failure| failure.code), code, "{name} {language} {texts}");
        };
        check("good", "th", 2, None);
        check("good", "th", 1, Some(132_000));
        check("good", "en", 2, Some(132_001));
        check("other", "th", 2, Some(132_001));
        check("new", "th", 2, Some(132_001));
        check("paused", "th", 2, Some(132_015));
        check("off", "th", 2, Some(132_016));
        assert_eq!(whatsapp.category_of(&sent("good", "th", 2)), "marketing");
    }

    #[test]
    fn templates_come_in_pages() {
        let whatsapp = whatsapp();
        let page = |after: Option<&str>| {
            let query = after.map(|after| ("after".to_owned(), after.to_owned())).into_iter().collect();
            let call = HttpCall { method: HttpMethod::Get, query, headers: vec![], body: b"", now: 0 };
            let body = whatsapp.templates_told(&call).to_string();
            crate::templates::told(&crate::HttpResponse {
                status: 200,
                headers: vec![],
                body: body.as_bytes(),
            })
        };
        let (first, last) = (page(None), page(Some("2")));
        assert_eq!((first.templates.len(), first.next.as_deref()), (2, Some("2")));
        assert_eq!((last.templates.len(), last.next), (2, None));
    }
}
