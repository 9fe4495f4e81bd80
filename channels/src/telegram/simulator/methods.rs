//! The Bot API: which method does what, and how it says no.

use serde_json::{Value, json};

use super::fields::Fields;
use super::{TelegramSimulator, WebhookSetting};
use crate::HttpCall;
use crate::simulator::{Answer, Speaker, Webhook};
use crate::telegram::thread::Thread;

/// The largest file that a bot may download, bytes (Bot API, `getFile`).
const DOWNLOAD_LIMIT: usize = 20 * 1024 * 1024;

/// A refusal in Telegram's own words.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    code: u16,
    description: String,
}

impl Failure {
    pub(super) fn new(code: u16, description: &str) -> Self {
        Self { code, description: description.into() }
    }

    pub(super) fn bad(description: &str) -> Self {
        Self::new(400, &format!("Bad Request: {description}"))
    }

    pub(super) fn answer(&self) -> Answer {
        let body = json!({"ok": false, "error_code": self.code, "description": self.description});
        answer(self.code, &body)
    }
}

pub(super) fn too_many_requests(seconds: u64) -> Answer {
    let body = json!({
        "ok": false,
        "error_code": 429,
        "description": format!("Too Many Requests: retry after {seconds}"),
        "parameters": {"retry_after": seconds},
    });
    let mut answer = answer(429, &body);
    answer.headers.push(("retry-after".into(), seconds.to_string()));
    answer
}

fn answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type".into(), "application/json".into())];
    Answer { status, headers, body: body.to_string().into_bytes() }
}

impl TelegramSimulator {
    pub(super) fn call_method(&mut self, method: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        let fields = Fields::of(call);
        match self.result(&method.to_ascii_lowercase(), &fields, call.now) {
            Ok(result) => (answer(200, &json!({"ok": true, "result": result})), self.flush()),
            Err(failure) => (failure.answer(), Vec::new()),
        }
    }

    fn result(&mut self, method: &str, fields: &Fields, now: i64) -> Result<Value, Failure> {
        match method {
            "getme" => Ok(self.me()),
            "setwebhook" => self.set_webhook(fields),
            "deletewebhook" => {
                self.webhook = None;
                if fields.json("drop_pending_updates") == Some(true.into()) {
                    self.waiting.clear();
                }
                Ok(true.into())
            }
            "getwebhookinfo" => Ok(self.webhook_info()),
            "getupdates" => self.get_updates(fields),
            "getfile" => self.get_file(fields),
            "getchat" => self.get_chat(fields),
            "getuserprofilephotos" => self.get_profile_photos(fields),
            "answercallbackquery" => self.answer_callback_query(fields),
            "sendchataction" => self.send_chat_action(fields),
            "setmessagereaction" => self.set_reaction(fields),
            "editmessagetext" => self.edit(Some("text"), fields, now),
            "editmessagecaption" => self.edit(Some("caption"), fields, now),
            "editmessagereplymarkup" => self.edit(None, fields, now),
            "deletemessage" => self.delete(fields, now),
            "deletebusinessmessages" => self.delete_business(fields),
            "readbusinessmessage" => self.read_business(fields),
            "deletemessages" => self.delete_all(fields),
            "sendmediagroup" => self.send_media_group(fields, now),
            "forwardmessage" => self.pass_on("forward", fields, now),
            "forwardmessages" => self.pass_all_on("forward", fields, now),
            "copymessage" => self.pass_on("copy", fields, now),
            "copymessages" => self.pass_all_on("copy", fields, now),
            _ => match self.profile_method(method, fields) {
                Some(answered) => answered,
                None => self.send(method, fields, now),
            },
        }
    }

    fn me(&self) -> Value {
        let mut me = self.bot.clone();
        for (name, is) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
        ] {
            me[name] = is.into();
        }
        me
    }

    fn set_webhook(&mut self, fields: &Fields) -> Result<Value, Failure> {
        let url = fields.text("url").unwrap_or_default();
        let secret = fields.text("secret_token").unwrap_or_default();
        let is_secret = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if secret.len() > 256 || !secret.chars().all(is_secret) {
            return Err(Failure::bad("secret token contains unallowed characters"));
        }
        self.choose_kinds(fields);
        if fields.json("drop_pending_updates") == Some(true.into()) {
            self.waiting.clear();
        }
        self.webhook = (!url.is_empty()).then(|| WebhookSetting {
            url: url.into(),
            secret: secret.into(),
            max_connections: fields.integer("max_connections").unwrap_or(40),
        });
        Ok(true.into())
    }

    /// A list that is not given leaves the former one.
    fn choose_kinds(&mut self, fields: &Fields) {
        if let Some(kinds) =
            fields.json("allowed_updates").and_then(|kinds| serde_json::from_value(kinds).ok())
        {
            self.allowed = Some(kinds);
        }
    }

    fn webhook_info(&self) -> Value {
        let mut info = json!({
            "url": self.webhook.as_ref().map_or("", |setting| setting.url.as_str()),
            "has_custom_certificate": false,
            "pending_update_count": self.waiting.len(),
        });
        if let Some(setting) = &self.webhook {
            info["max_connections"] = setting.max_connections.into();
        }
        if let Some(kinds) = &self.allowed {
            info["allowed_updates"] = json!(kinds);
        }
        info
    }

    /// An offset confirms all updates before it; a negative one keeps that many of the last.
    fn get_updates(&mut self, fields: &Fields) -> Result<Value, Failure> {
        if self.webhook.is_some() {
            let words = "Conflict: can't use getUpdates method while webhook is active; \
                         use deleteWebhook to delete the webhook first";
            return Err(Failure::new(409, words));
        }
        self.choose_kinds(fields);
        let offset = fields.integer("offset").unwrap_or_default();
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            self.waiting.drain(..self.waiting.len().saturating_sub(keep));
        } else {
            self.waiting.retain(|update| update["update_id"].as_i64() >= Some(offset));
        }
        let limit = fields.integer("limit").unwrap_or(100).clamp(1, 100) as usize;
        Ok(self.waiting.iter().take(limit).cloned().collect())
    }

    fn get_file(&self, fields: &Fields) -> Result<Value, Failure> {
        let id = fields.text("file_id").unwrap_or_default();
        let Some(bytes) = self.files.get(id) else {
            return Err(Failure::bad("wrong file_id or the file is temporarily unavailable"));
        };
        if bytes.len() > DOWNLOAD_LIMIT {
            return Err(Failure::bad("file is too big"));
        }
        Ok(json!({
            "file_id": id,
            "file_unique_id": id,
            "file_size": bytes.len(),
            "file_path": format!("files/{id}"),
        }))
    }

    fn answer_callback_query(&mut self, fields: &Fields) -> Result<Value, Failure> {
        if self.open_presses.remove(fields.text("callback_query_id").unwrap_or_default()) {
            return Ok(true.into());
        }
        Err(Failure::bad("query is too old and response timeout expired or query ID is invalid"))
    }

    pub(super) fn send(&mut self, method: &str, fields: &Fields, now: i64) -> Result<Value, Failure> {
        let mut content = super::sending::content(method, fields)?;
        let bot = self.bot.clone();
        self.room(fields)?;
        self.keep_upload(method, fields, &mut content);
        let room = self.room(fields)?;
        let mut message = super::sending::addressed(content, fields, room)?;
        if room.thread.connection.is_some() {
            message["from"] = super::customer::owner();
            message["sender_business_bot"] = bot;
        } else {
            message["from"] = bot;
        }
        Ok(room.add(Speaker::Us, message, now))
    }

    /// Keeps what was uploaded, so that it can be fetched and sent again by its id.
    fn keep_upload(&mut self, method: &str, fields: &Fields, content: &mut Value) {
        let kind = method.trim_start_matches("send");
        let Some((name, bytes)) = fields.upload(kind) else { return };
        let id = self.keep(bytes.to_vec());
        let sizes = content[kind].is_array();
        let file = if sizes { &mut content[kind][0] } else { &mut content[kind] };
        for (field, value) in [("file_id", id.as_str()), ("file_unique_id", id.as_str())] {
            file[field] = value.into();
        }
        file["file_size"] = bytes.len().into();
        if matches!(kind, "document" | "video" | "animation" | "audio") {
            file["file_name"] = name.into();
        }
    }

    /// The chat of a call, if it exists and has not shut us out.
    pub(super) fn room(&mut self, fields: &Fields) -> Result<&mut super::Room, Failure> {
        let id = fields.integer("chat_id").unwrap_or_default();
        let thread = Thread {
            connection: fields.text("business_connection_id").map(str::to_owned),
            topic: fields.integer("direct_messages_topic_id"),
            ..Thread::of_chat(id)
        };
        let room = self.chats.get_mut(&thread).ok_or_else(|| Failure::bad("chat not found"))?;
        match (room.blocked, id < 0) {
            (false, _) => Ok(room),
            (true, false) => Err(Failure::new(403, "Forbidden: bot was blocked by the user")),
            (true, true) => Err(Failure::new(403, "Forbidden: bot was kicked from the group chat")),
        }
    }
}
