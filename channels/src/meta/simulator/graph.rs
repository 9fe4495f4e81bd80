//! The Graph's calls beside sending: who we are, subscriptions, profiles, comments, control of threads, media.

use serde_json::{Value, json};

use super::params::params;
use super::{Platform, Remark};
use crate::meta::Product;
use crate::meta::fields::text;
use crate::simulator::{Answer, Speaker, Webhook};
use crate::{HttpCall, HttpMethod};

/// A refusal in Meta's words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) code: i64,
    pub(super) subcode: Option<i64>,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: i64, subcode: Option<i64>, message: &str) -> Self {
        Self { code, subcode, message: message.to_owned() }
    }

    /// An invalid parameter.
    pub(super) fn param(message: &str) -> Self {
        Self::new(100, None, &format!("(#100) {message}"))
    }

    pub(super) fn answer(&self) -> Answer {
        let mut error = json!({
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "AZs1mul4t3dTr4ce0",
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        answer(400, &json!({"error": error}))
    }
}

pub(super) type Done = Result<(Value, Vec<Webhook>), Failure>;

fn answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type".to_owned(), "application/json; charset=UTF-8".to_owned())];
    Answer { status, headers, body: super::escaped(body).into_bytes() }
}

/// The Graph names the wait in minutes, in a header.
pub(super) fn too_fast(account: &str, seconds: u64) -> Answer {
    let words = "(#613) Calls to this api have exceeded the rate limit.";
    let mut answer = Failure::new(613, None, words).answer();
    let usage = json!({account: [{
        "type": "messenger",
        "call_count": 100,
        "total_cputime": 30,
        "total_time": 30,
        "estimated_time_to_regain_access": seconds.div_ceil(60),
    }]});
    answer.headers.push(("x-business-use-case-usage".to_owned(), usage.to_string()));
    answer
}

pub(super) fn broken() -> Answer {
    let message = "An unexpected error has occurred. Please retry your request later.";
    let error = json!({"message": message, "type": "OAuthException", "is_transient": true, "code": 2});
    answer(500, &json!({"error": error}))
}

pub(super) fn expired() -> Failure {
    let words = "Error validating access token: Session has expired on Sunday, 22-Nov-26 00:00:00 PST.";
    Failure::new(190, Some(463), words)
}

/// True for the calls that failures asked for in advance meet.
pub(super) fn sends(path: &str, call: &HttpCall<'_>) -> bool {
    let edge = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_sign = || {
        let body = serde_json::from_slice::<Value>(call.body).unwrap_or_default();
        matches!(body["sender_action"].as_str(), Some("typing_on" | "typing_off" | "mark_seen"))
    };
    let says = matches!(edge, "messages" | "comments" | "replies" | "private_replies");
    call.method == HttpMethod::Post && says && !is_sign()
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

impl Platform {
    pub(super) fn call(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        let segments: Vec<&str> =
            path.split('/').filter(|segment| !segment.is_empty() && !is_version(segment)).collect();
        if let (HttpMethod::Get, ["media", file]) = (call.method, segments.as_slice()) {
            return (self.serve_file(file), Vec::new());
        }
        let params = params(call);
        match self.answer_call(call, &segments, &params) {
            Ok((body, webhooks)) => (answer(200, &body), webhooks),
            Err(failure) => (failure.answer(), Vec::new()),
        }
    }

    fn serve_file(&self, id: &str) -> Answer {
        match self.files.get(id) {
            Some((mime, bytes)) => Answer {
                status: 200,
                headers: vec![("content-type".into(), mime.clone())],
                body: bytes.clone(),
            },
            None => Answer { status: 404, headers: Vec::new(), body: b"Not Found".to_vec() },
        }
    }

    fn answer_call(&mut self, call: &HttpCall<'_>, segments: &[&str], params: &Value) -> Done {
        let bearer = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token = bearer.map(str::to_owned).or_else(|| text(params, "/access_token")).unwrap_or_default();
        if token.is_empty() {
            let words = "An access token is required to request this resource.";
            return Err(Failure::new(104, None, words));
        }
        let as_app = token == format!("{}|{}", self.names.app, self.names.app_secret);
        if !as_app && token != self.names.token {
            let words = "Invalid OAuth access token - Cannot parse access token";
            return Err(Failure::new(190, None, words));
        }
        let node = segments.first().copied().unwrap_or_default();
        if as_app {
            return self.call_as_app(call.method, segments, params);
        }
        let is_own = node == "me" || node == self.names.account || segments.get(1) == Some(&"messages");
        match (call.method, segments) {
            (HttpMethod::Get, ["refresh_access_token"]) => {
                let token = self.names.token.clone();
                plain(json!({"access_token": token, "token_type": "bearer", "expires_in": 5_183_944}))
            }
            (HttpMethod::Get, [_]) if is_own => plain(self.me()),
            (HttpMethod::Get, [id]) if self.template_told(id).is_some() => {
                plain(self.template_told(id).unwrap_or_default())
            }
            (HttpMethod::Get, [thread, "messages"]) if thread.starts_with("t_") => self.messages_of(thread),
            (HttpMethod::Post, [_, "messages"]) => self.send(params, call.now),
            (method, [_, edge]) if is_own || self.product == Product::Instagram && node == "me" => {
                self.call_edge(method, edge, params, call.now)
            }
            (_, [id, rest @ ..]) if self.remarks.contains_key(*id) => {
                self.call_comment(call, id, rest, params)
            }
            (HttpMethod::Get, [person]) => self.person(person),
            _ => Err(no_such_path(segments)),
        }
    }

    fn me(&self) -> Value {
        let id = &self.names.account;
        match self.product {
            Product::Messenger => json!({"id": id, "name": "Sala Demo"}),
            Product::Instagram => {
                json!({
                    "id": format!("app-{id}"), "user_id": id, "username": "sala.demo", "name": "Sala Demo",
                    "instagram_business_account": {"id": id, "username": "sala.demo"},
                })
            }
        }
    }

    fn call_as_app(&mut self, method: HttpMethod, segments: &[&str], params: &Value) -> Done {
        match (method, segments) {
            (HttpMethod::Get, ["debug_token"]) => {
                let is_valid = text(params, "/input_token").as_deref() == Some(self.names.token.as_str());
                let scopes = ["pages_messaging", "pages_manage_metadata", "instagram_manage_messages"];
                let data = json!({"app_id": self.names.app, "is_valid": is_valid, "scopes": scopes});
                plain(json!({"data": data}))
            }
            (HttpMethod::Post, [app, "subscriptions"]) if *app == self.names.app => {
                if text(params, "/object").as_deref() != Some(self.object()) {
                    return Err(Failure::param("Invalid parameter: object"));
                }
                let url = text(params, "/callback_url").filter(|url| url.starts_with("http"));
                self.asked = text(params, "/fields").unwrap_or_default();
                self.webhook = Some(
                    url.ok_or_else(|| Failure::new(2200, None, "(#2200) callback verification failed"))?,
                );
                plain(json!({"success": true}))
            }
            (HttpMethod::Get, [app, "subscriptions"]) if *app == self.names.app => {
                let fields: Vec<Value> = self
                    .asked
                    .split(',')
                    .filter(|field| !field.is_empty())
                    .map(|field| json!({"name": field.trim(), "version": "v25.0"}))
                    .collect();
                let one = |url: &String| {
                    let mut one = json!({"object": self.object(), "callback_url": url, "active": true});
                    if !fields.is_empty() {
                        one["fields"] = fields.clone().into();
                    }
                    one
                };
                plain(json!({"data": self.webhook.iter().map(one).collect::<Vec<_>>()}))
            }
            (HttpMethod::Delete, [app, "subscriptions"]) if *app == self.names.app => {
                self.webhook = None;
                plain(json!({"success": true}))
            }
            _ => Err(no_such_path(segments)),
        }
    }

    fn call_edge(&mut self, method: HttpMethod, edge: &str, params: &Value, now: i64) -> Done {
        match (method, edge) {
            (HttpMethod::Post, "subscribed_apps") => {
                let fields = text(params, "/subscribed_fields")
                    .ok_or_else(|| Failure::param("The parameter subscribed_fields is required."))?;
                self.fields = fields.split(',').map(|field| field.trim().to_owned()).collect();
                // A page that stands behind an Instagram account opens the way for all of the account's fields.
                if self.product == Product::Instagram && self.fields.contains("feed") {
                    self.fields.insert("*".into());
                }
                plain(json!({"success": true}))
            }
            (HttpMethod::Get, "subscribed_apps") => {
                let app = json!({"id": self.names.app, "name": "Sala", "subscribed_fields": self.fields});
                let apps = if self.fields.is_empty() { json!([]) } else { json!([app]) };
                plain(json!({"data": apps}))
            }
            (HttpMethod::Delete, "subscribed_apps") => {
                self.fields.clear();
                plain(json!({"success": true}))
            }
            (HttpMethod::Post, "message_attachments") => self.upload(params),
            (_, "message_templates") if self.product == Product::Messenger => {
                self.call_templates(method, params)
            }
            (_, "messenger_profile") => self.call_profile(method, params),
            (HttpMethod::Get, "conversations") => {
                let wanted = text(params, "/user_id");
                let one = |customer: &String| json!({"id": format!("t_{customer}")});
                let known = self.chats.keys().filter(|id| wanted.as_ref().is_none_or(|wanted| wanted == *id));
                plain(json!({"data": known.map(one).collect::<Vec<_>>()}))
            }
            (HttpMethod::Post, control) if control.ends_with("_thread_control") => {
                self.control(control, params, now)
            }
            _ => Err(no_such_path(&["me", edge])),
        }
    }

    fn call_profile(&mut self, method: HttpMethod, params: &Value) -> Done {
        let fields = params.as_object().cloned().unwrap_or_default();
        match method {
            HttpMethod::Post => {
                if let Some(begin) = fields.get("get_started") {
                    self.get_started = text(begin, "/payload");
                }
                if fields.contains_key("persistent_menu") && self.get_started.is_none() {
                    return Err(Failure::new(
                        100,
                        Some(2_018_145),
                        "(#100) You must set a Get Started button",
                    ));
                }
                self.profile.extend(fields.into_iter().filter(|(name, _)| name != "access_token"));
                plain(json!({"result": "success"}))
            }
            HttpMethod::Delete => {
                self.profile.clear();
                self.get_started = None;
                plain(json!({"result": "success"}))
            }
            _ => plain(json!({"data": [self.profile]})),
        }
    }

    fn upload(&mut self, params: &Value) -> Done {
        super::checks::check_upload(params, self.product)?;
        let id = format!("16014728{:08}", self.next_id());
        self.uploads.insert(id.clone());
        plain(json!({"attachment_id": id}))
    }

    /// Passing a thread away makes us listeners, taking it back makes us speakers again.
    fn control(&mut self, control: &str, params: &Value, now: i64) -> Done {
        let customer = text(params, "/recipient/id").unwrap_or_default();
        let Some(chat) = self.chats.get_mut(&customer) else { return Err(self.no_such_person()) };
        match control {
            "pass_thread_control" if params.get("target_app_id").is_none() => {
                return Err(Failure::param("The parameter target_app_id is required"));
            }
            "pass_thread_control" | "release_thread_control" => chat.is_elsewhere = true,
            "take_thread_control" => chat.is_elsewhere = false,
            "extend_thread_control" => {}
            "request_thread_control" => {
                // The inbox grants what is asked for.
                chat.is_elsewhere = false;
                let what = json!({
                    "new_owner_app_id": self.names.app,
                    "previous_owner_app_id": crate::meta::INBOX_APP,
                    "metadata": text(params, "/metadata"),
                });
                let what = json!({"pass_thread_control": what});
                let told = self.tell("messaging_handovers", &customer, what, now);
                return Ok((json!({"success": true}), told));
            }
            _ => return Err(no_such_path(&["me", control])),
        }
        plain(json!({"success": true}))
    }

    pub(super) fn no_such_person(&self) -> Failure {
        match self.product {
            Product::Messenger => Failure::new(100, Some(2_018_001), "(#100) No matching user found"),
            Product::Instagram => {
                Failure::new(100, Some(2_534_014), "(#100) The requested user cannot be found.")
            }
        }
    }

    fn person(&self, person: &str) -> Done {
        if !self.chats.contains_key(person) {
            let words = format!(
                "Unsupported get request. Object with ID '{person}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation."
            );
            return Err(Failure::new(100, Some(33), &words));
        }
        let picture = format!("{}/none", self.media_base);
        plain(match self.product {
            Product::Messenger => {
                json!({"id": person, "first_name": "Customer", "last_name": person, "profile_pic": picture})
            }
            Product::Instagram => {
                let name = format!("Customer {person}");
                json!({"id": person, "name": name, "username": format!("c.{person}"), "profile_pic": picture})
            }
        })
    }

    fn messages_of(&self, thread: &str) -> Done {
        let customer = thread.trim_start_matches("t_");
        let chat = self.chats.get(customer).ok_or_else(|| self.no_such_person())?;
        let one = |line: &crate::simulator::Line| {
            let from = if line.from == Speaker::Us { self.names.account.as_str() } else { customer };
            json!({"id": line.id, "message": line.text, "from": {"id": from}})
        };
        plain(json!({"data": chat.lines.iter().rev().map(one).collect::<Vec<_>>()}))
    }

    /// Answers below a comment, and the comment itself: changed or taken away.
    fn call_comment(&mut self, call: &HttpCall<'_>, id: &str, rest: &[&str], params: &Value) -> Done {
        let message = text(params, "/message").filter(|message| !message.trim().is_empty());
        let edge = match self.product {
            Product::Messenger => "comments",
            Product::Instagram => "replies",
        };
        let hiding = if self.product == Product::Messenger { "is_hidden" } else { "hide" };
        match (call.method, rest) {
            (HttpMethod::Post, [asked]) if *asked == edge => {
                let message = message.ok_or_else(|| Failure::param("The parameter message is required"))?;
                let most = if self.product == Product::Messenger { 8000 } else { 2200 };
                if message.encode_utf16().count() > most {
                    return Err(Failure::param("The comment is too long"));
                }
                Ok(self.answer_comment(id, &message, call.now))
            }
            (HttpMethod::Post, []) if params.get(hiding).is_some() => {
                let hidden = matches!(text(params, &format!("/{hiding}")).as_deref(), Some("true"))
                    || params[hiding] == Value::Bool(true);
                self.hide(id, hidden)
            }
            (HttpMethod::Post, []) if self.product == Product::Messenger => {
                let message = message.ok_or_else(|| Failure::param("The parameter message is required"))?;
                if let Some(remark) = self.remarks.get_mut(id).filter(|remark| remark.author.is_none()) {
                    remark.text = message;
                    return plain(json!({"success": true}));
                }
                Err(Failure::new(200, None, "(#200) You do not have the permission to edit this comment"))
            }
            (HttpMethod::Delete, []) => {
                self.remarks.remove(id);
                plain(json!({"success": true}))
            }
            (HttpMethod::Get, []) => plain(json!({"id": id, "message": self.remarks[id].text})),
            _ => Err(no_such_path(rest)),
        }
    }

    /// Only what somebody else wrote can be hidden.
    fn hide(&mut self, id: &str, hidden: bool) -> Done {
        let remark = self.remarks.get_mut(id).filter(|remark| remark.author.is_some());
        let Some(remark) = remark else {
            return Err(Failure::new(
                200,
                None,
                "(#200) You do not have the permission to hide this comment",
            ));
        };
        remark.is_hidden = hidden;
        plain(json!({"success": true}))
    }

    fn answer_comment(&mut self, id: &str, message: &str, now: i64) -> (Value, Vec<Webhook>) {
        let author = self.remarks.get(id).and_then(|remark| remark.author.clone());
        let remark =
            Remark { author: None, text: message.to_owned(), at: now, is_answered: false, is_hidden: false };
        let made = self.add_remark(remark);
        if let Some(author) = author {
            self.chat(&author).add(Speaker::Us, &made, now, message);
        }
        let told = self.tell_remark(&made, Some(id), now);
        (json!({"id": made}), told)
    }

    pub(super) fn add_remark(&mut self, remark: Remark) -> String {
        let number = 900_000_000_000_000 + self.next_id();
        let id = match self.product {
            Product::Messenger => format!("{}_{number}", super::customer::POST),
            Product::Instagram => format!("178{number}"),
        };
        self.remarks.insert(id.clone(), remark);
        id
    }
}

fn no_such_path(segments: &[&str]) -> Failure {
    Failure::new(2500, None, &format!("Unknown path components: /{}", segments.join("/")))
}

#[expect(clippy::unnecessary_wraps, reason = "most arms of a dispatch end in one")]
fn plain(body: Value) -> Done {
    Ok((body, Vec::new()))
}
