//! The Graph's calls: which does what, and how it says no.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::WhatsappSimulator;
use super::sending::{Failure, text_at};
use crate::simulator::{Answer, Fault, NO_ANSWER, Webhook};
use crate::{HttpCall, HttpMethod};

pub(super) type Answered = Result<(Value, Vec<Webhook>), Failure>;

impl WhatsappSimulator {
    pub(super) fn answer(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if parts.first().is_some_and(|first| is_version(first)) {
            parts.remove(0);
        }
        if let Err(failure) = self.check_token(&parts, call) {
            return (refusal(&failure), Vec::new());
        }
        if parts.first() == Some(&"whatsapp_business") {
            return (self.serve_file(call), Vec::new());
        }
        let body = parameters(call);
        let sends = call.method == HttpMethod::Post
            && parts.get(1) == Some(&"messages")
            && body.get("status").is_none();
        let fault = if sends { self.faults.pop_front() } else { None };
        match fault {
            Some(Fault::Reset) => return (silence(), Vec::new()),
            Some(Fault::AcceptThenSilence) => {
                let webhooks = self.call(&parts, call, &body).map(|(_, webhooks)| webhooks);
                return (silence(), webhooks.unwrap_or_default());
            }
            Some(Fault::TooManyRequests { seconds }) => {
                let mut answer = refusal(&too_fast());
                answer.headers.push(("retry-after".into(), seconds.to_string()));
                return (answer, Vec::new());
            }
            Some(fault @ (Fault::ServerError | Fault::TokenExpired)) => {
                return (refusal(&failure_of(fault)), Vec::new());
            }
            Some(Fault::None) | None => {}
        }
        match self.call(&parts, call, &body) {
            Ok((result, webhooks)) => (json_answer(200, &result), webhooks),
            Err(failure) => (refusal(&failure), Vec::new()),
        }
    }

    fn check_token(&self, parts: &[&str], call: &HttpCall<'_>) -> Result<(), Failure> {
        let query =
            call.query.iter().find(|(name, _)| name == "access_token").map(|(_, value)| value.as_str());
        let given = call.header("authorization").and_then(|header| header.strip_prefix("Bearer ")).or(query);
        let for_app = format!("{}|{}", self.app, self.app_secret);
        match given {
            Some(token) if token == self.access_token => Ok(()),
            Some(token) if parts.first() == Some(&self.app.as_str()) && token == for_app => Ok(()),
            Some(_) => Err(Failure::new(401, 190, "Invalid OAuth access token - Cannot parse access token")),
            None => Err(Failure::new(401, 104, "An access token is required to request this resource.")),
        }
    }

    fn call(&mut self, parts: &[&str], call: &HttpCall<'_>, body: &Value) -> Answered {
        let success = || Ok((json!({"success": true}), Vec::new()));
        let number = self.number.clone();
        match (call.method, parts) {
            (HttpMethod::Post, [id, "messages"]) if *id == number => self.post_message(body, call.now),
            (HttpMethod::Post, [id, "media"]) if *id == number => {
                let (mime, bytes) = uploaded(call)?;
                Ok((json!({"id": self.add_file(&mime, bytes)}), Vec::new()))
            }
            (HttpMethod::Get, [id]) if *id == number => Ok((self.number_info(), Vec::new())),
            (_, [id, "whatsapp_business_profile"]) if *id == number => match call.method {
                HttpMethod::Get => {
                    let profile =
                        json!({"about": "Sala", "messaging_product": "whatsapp", "vertical": "RETAIL"});
                    Ok((json!({"data": [profile]}), Vec::new()))
                }
                _ => success(),
            },
            (HttpMethod::Post, [id, "register" | "deregister"]) if *id == number => success(),
            (_, ["debug_token"]) => Ok((self.debug_token(call), Vec::new())),
            (_, [id, "subscribed_apps"]) if *id == self.waba => {
                Ok((self.subscribe(call.method, body)?, Vec::new()))
            }
            (HttpMethod::Post, [id, "subscriptions"]) if *id == self.app => {
                self.post_to(text_at(body, "/callback_url"), body)?;
                success()
            }
            (HttpMethod::Get, [id, "subscriptions"]) if *id == self.app => {
                let one = |url: &String| {
                    let fields = json!([{"name": "messages", "version": "v25.0"}]);
                    json!({"object": "whatsapp_business_account", "callback_url": url, "active": true, "fields": fields})
                };
                Ok((json!({"data": self.webhook.iter().map(one).collect::<Vec<_>>()}), Vec::new()))
            }
            (HttpMethod::Get, [id, "phone_numbers"]) if *id == self.waba => {
                Ok((json!({"data": [self.number_info()]}), Vec::new()))
            }
            (HttpMethod::Get, [id, "message_templates"]) if *id == self.waba => {
                Ok((self.templates_told(call), Vec::new()))
            }
            (HttpMethod::Get, [id]) if self.files.contains_key(*id) => Ok((self.file_info(id), Vec::new())),
            (HttpMethod::Delete, [id]) if self.files.remove(*id).is_some() => success(),
            _ => {
                let id = parts.first().unwrap_or(&"");
                let words = format!(
                    "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                     permissions, or does not support this operation",
                    format!("{:?}", call.method).to_lowercase()
                );
                Err(Failure::new(400, 100, &words))
            }
        }
    }

    fn subscribe(&mut self, method: HttpMethod, body: &Value) -> Result<Value, Failure> {
        match method {
            HttpMethod::Get => {
                let app = json!({"id": self.app, "name": "Sala", "link": "https://www.facebook.com/games/"});
                let subscribed = self
                    .webhook
                    .iter()
                    .map(|url| json!({"whatsapp_business_api_data": app, "override_callback_uri": url}));
                return Ok(json!({"data": subscribed.collect::<Vec<_>>()}));
            }
            HttpMethod::Delete => self.webhook = None,
            _ if body.get("override_callback_uri").is_some() => {
                self.post_to(text_at(body, "/override_callback_uri"), body)?;
            }
            _ => {}
        }
        Ok(json!({"success": true}))
    }

    /// Meta asks the address for its token first: an address that knew another one would not answer.
    fn post_to(&mut self, url: Option<&str>, body: &Value) -> Result<(), Failure> {
        let url = url.ok_or_else(|| Failure::lacks("callback_url"))?;
        if text_at(body, "/verify_token") != Some(self.verify_token.as_str()) {
            return Err(Failure::new(
                400,
                2200,
                "(#2200) Callback verification failed: HTTP Status Code = 403",
            ));
        }
        self.webhook = Some(url.to_owned());
        Ok(())
    }

    fn number_info(&self) -> Value {
        json!({
            "id": self.number,
            "display_phone_number": format!("+{}", self.display),
            "verified_name": "Sala",
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
        })
    }

    fn debug_token(&self, call: &HttpCall<'_>) -> Value {
        let asked = call.query.iter().find(|(name, _)| name == "input_token").map(|(_, value)| value);
        let is_valid = asked == Some(&self.access_token);
        let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
        let granular = scopes.map(|scope| json!({"scope": scope, "target_ids": [self.waba]}));
        json!({"data": {
            "app_id": self.app,
            "type": "SYSTEM_USER",
            "application": "Sala",
            "expires_at": 0,
            "is_valid": is_valid,
            "scopes": scopes,
            "granular_scopes": granular,
        }})
    }

    fn file_info(&self, id: &str) -> Value {
        let base = if self.base.is_empty() { "https://lookaside.fbsbx.com" } else { self.base.as_str() };
        let Some(file) = self.files.get(id) else { return Value::Null };
        json!({
            "messaging_product": "whatsapp",
            "url": format!("{base}/whatsapp_business/attachments/?mid={id}&ext=1795270000&hash=ATt"),
            "mime_type": file.mime,
            "sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=",
            "file_size": file.bytes.len().to_string(),
            "id": id,
        })
    }

    fn serve_file(&self, call: &HttpCall<'_>) -> Answer {
        let id = call.query.iter().find(|(name, _)| name == "mid").map(|(_, id)| id.as_str());
        let file = id.and_then(|id| self.files.get(id)).filter(|_| call.header("user-agent").is_some());
        match file {
            Some(file) => {
                let headers = vec![("content-type".into(), file.mime.clone())];
                Answer { status: 200, headers, body: file.bytes.clone() }
            }
            None => Answer { status: 404, headers: Vec::new(), body: Vec::new() },
        }
    }
}

/// The parameters of a call: as JSON, as a form, and what stands in the address.
fn parameters(call: &HttpCall<'_>) -> Value {
    let kind = call.header("content-type").unwrap_or_default();
    let mut body = match kind.split(';').next() {
        Some("multipart/form-data") => Value::Null,
        Some("application/x-www-form-urlencoded") => {
            form_urlencoded::parse(call.body).map(|(name, value)| (name, Value::from(value))).collect()
        }
        _ => serde_json::from_slice(call.body).unwrap_or_default(),
    };
    for (name, value) in call.query.iter().filter(|(name, _)| name != "access_token") {
        if body.get(name).is_none() && (body.is_null() || body.is_object()) {
            body[name] = value.as_str().into();
        }
    }
    body
}

fn too_fast() -> Failure {
    let details = Some("Cloud API message throughput has been reached.".to_owned());
    Failure { details, ..Failure::new(429, 130_429, "(#130429) Rate limit hit") }
}

fn failure_of(fault: Fault) -> Failure {
    match fault {
        Fault::TokenExpired => {
            let words =
                "Error validating access token: Session has expired on Tuesday, 01-Sep-26 08:00:00 PDT.";
            Failure::new(401, 190, words)
        }
        _ => Failure::new(500, 131_000, "(#131000) Something went wrong"),
    }
}

fn refusal(failure: &Failure) -> Answer {
    json_answer(failure.status, &failure.body())
}

fn silence() -> Answer {
    Answer { status: NO_ANSWER, headers: Vec::new(), body: Vec::new() }
}

fn json_answer(status: u16, body: &Value) -> Answer {
    let headers = vec![
        ("content-type".into(), "application/json; charset=UTF-8".into()),
        ("facebook-api-version".into(), "v25.0".into()),
    ];
    Answer { status, headers, body: body.to_string().into_bytes() }
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|rest| rest.contains('.') && rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The type and bytes of the file in an upload, which comes as a form.
fn uploaded<'a>(call: &'a HttpCall<'_>) -> Result<(String, &'a [u8]), Failure> {
    let lacks = || Failure::lacks("file");
    let kind = call.header("content-type").unwrap_or_default();
    let boundary = kind.split("boundary=").nth(1).ok_or_else(lacks)?.trim_matches('"');
    let mark = format!("--{boundary}");
    let part = find(call.body, b"filename=").ok_or_else(lacks)?;
    let head = find(&call.body[part..], b"\r\n\r\n").ok_or_else(lacks)?;
    let bytes = &call.body[part + head + 4..];
    let end = find(bytes, format!("\r\n{mark}").as_bytes()).ok_or_else(lacks)?;
    let told = String::from_utf8_lossy(&call.body[part..part + head]).to_lowercase();
    let mime =
        told.lines().find_map(|line| line.strip_prefix("content-type:").map(|kind| kind.trim().to_owned()));
    Ok((mime.unwrap_or_else(|| "application/octet-stream".into()), &bytes[..end]))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
