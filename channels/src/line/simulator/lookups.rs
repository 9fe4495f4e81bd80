//! Questions about people, groups, files and the account itself.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::LineSimulator;
use super::api::{Asked, Done};
use super::failure::Failure;
use crate::HttpCall;
use crate::line::plan::is_group;
use crate::simulator::Answer;

impl LineSimulator {
    pub(super) fn info(&self) -> Value {
        json!({
            "userId": self.bot,
            "basicId": "@000sala",
            "displayName": "Sala",
            "pictureUrl": "https://profile.line-scdn.net/sala",
            "chatMode": "bot",
            "markAsReadMode": "manual",
        })
    }

    pub(super) fn profile(&self, person: &str) -> Result<Done, Failure> {
        let blocked = self.chats.get(person).is_none_or(|chat| chat.blocked);
        if blocked { Err(Failure::not_found()) } else { self.told(person, true) }
    }

    pub(super) fn member(&self, group: &str, person: &str) -> Result<Done, Failure> {
        let known = self.chats.get(group).is_some_and(|chat| chat.members.contains(person));
        if known { self.told(person, false) } else { Err(Failure::not_found()) }
    }

    fn told(&self, id: &str, friend: bool) -> Result<Done, Failure> {
        let person = self.people.get(id).ok_or_else(Failure::not_found)?;
        let mut profile = json!({
            "userId": id,
            "displayName": person.name,
            "pictureUrl": format!("https://profile.line-scdn.net/{}", id.len()),
        });
        if friend {
            profile["language"] = person.language.as_str().into();
        }
        Ok(Done::with(&profile))
    }

    pub(super) fn followers(&self) -> Value {
        let ids: Vec<&String> = self.people.keys().filter(|id| self.chats.contains_key(*id)).collect();
        json!({"userIds": ids})
    }

    pub(super) fn summary(&self, group: &str) -> Result<Done, Failure> {
        self.group(group)?;
        let picture = "https://profile.line-scdn.net/group";
        Ok(Done::with(&json!({"groupId": group, "groupName": "กลุ่ม", "pictureUrl": picture})))
    }

    pub(super) fn count(&self, group: &str) -> Result<Done, Failure> {
        Ok(Done::with(&json!({"count": self.group(group)?})))
    }

    pub(super) fn left(&mut self, group: &str) -> Result<Done, Failure> {
        self.group(group)?;
        self.chats.remove(group);
        Ok(Done::with(&json!({})))
    }

    /// How many people of a group are known.
    fn group(&self, group: &str) -> Result<usize, Failure> {
        let chat = self.chats.get(group).filter(|_| is_group(group));
        chat.map(|chat| chat.members.len()).ok_or_else(Failure::not_found)
    }

    pub(super) fn content(&self, id: &str, now: i64) -> Result<Done, Failure> {
        if self.unsent.contains(id) {
            return Err(Failure::new(410, "Gone"));
        }
        let stored = self.contents.get(id).ok_or_else(Failure::not_found)?;
        if stored.ready_at > now {
            return Ok(Done::status(202, &json!({})));
        }
        let headers = vec![("content-type".to_owned(), stored.mime.clone())];
        let answer = Answer { status: 200, headers, body: stored.bytes.clone() };
        Ok(Done { answer, webhooks: Vec::new() })
    }

    pub(super) fn transcoding(&self, id: &str, now: i64) -> Result<Done, Failure> {
        let stored = self.contents.get(id).ok_or_else(Failure::not_found)?;
        let status = if stored.ready_at > now { "processing" } else { "succeeded" };
        Ok(Done::with(&json!({"status": status})))
    }

    pub(super) fn start_loading(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        let seconds = asked.body.get("loadingSeconds").map_or(Some(20), Value::as_i64).unwrap_or_default();
        if !(5..=60).contains(&seconds) || seconds % 5 != 0 {
            return Err(Failure::bad(
                "The value for 'loadingSeconds' must be a multiple of 5 between 5 and 60",
            ));
        }
        let person = asked.body["chatId"].as_str().unwrap_or_default();
        let chat = self.chats.get_mut(person).filter(|_| !is_group(person));
        let words = "The property, 'chatId', in the request body is invalid (line: -, column: -)";
        let chat = chat.ok_or_else(|| Failure::bad(words))?;
        chat.loading_until = asked.call.now + seconds * 1_000_000;
        Ok(Done::status(202, &json!({})))
    }

    pub(super) fn mark_as_read(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        let token = asked.body["markAsReadToken"].as_str().unwrap_or_default();
        let found = self.read_tokens.get(token).cloned();
        let (chat, message) = found.ok_or_else(|| Failure::bad("Invalid markAsReadToken"))?;
        self.chats.entry(chat).or_default().read = Some(message);
        Ok(Done::with(&json!({})))
    }

    pub(super) fn set_webhook(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        let url = asked.body["endpoint"].as_str().unwrap_or_default();
        // The real one takes https alone; a simulator's peers may be on this machine.
        let known = url.starts_with("https://") || url.starts_with("http://127.0.0.1");
        if !known || url.len() > 500 {
            return Err(Failure::bad("Invalid webhook endpoint URL"));
        }
        self.webhook = Some(url.to_owned());
        Ok(Done::with(&json!({})))
    }

    pub(super) fn webhook_state(&self) -> Result<Done, Failure> {
        let url = self.webhook.as_ref().ok_or_else(Failure::not_found)?;
        Ok(Done::with(&json!({"endpoint": url, "active": true})))
    }

    /// Calls the webhook without events. How it answered is not known here, so it is said to be fine.
    pub(super) fn test_webhook(&mut self, asked: &Asked<'_>) -> Result<Done, Failure> {
        let url = asked.body["endpoint"].as_str().map(str::to_owned).or_else(|| self.webhook.clone());
        let url = url.ok_or_else(Failure::not_found)?;
        let timestamp = iso(asked.call.now);
        let answer = json!({
            "success": true, "timestamp": timestamp, "statusCode": 200, "reason": "OK", "detail": "200",
        });
        let webhooks = self
            .post(&[])
            .into_iter()
            .map(|webhook| crate::simulator::Webhook { url: url.clone(), ..webhook });
        Ok(Done { webhooks: webhooks.collect(), ..Done::with(&answer) })
    }

    pub(super) fn insight(&self, parts: &[&str], asked: &Asked<'_>) -> Result<Done, Failure> {
        let body = match parts {
            ["followers"] => return self.insight_of_followers(asked),
            ["message", "delivery"] => return self.insight_of_deliveries(asked),
            ["demographic"] => json!({"available": false}),
            ["message", "event"] | ["message", "event", "aggregation"] => {
                json!({"overview": {}, "messages": [], "clicks": []})
            }
            ["richmenu", id, "summary" | "daily"] => json!({"richMenuId": id}),
            _ => return Err(Failure::not_found()),
        };
        Ok(Done::with(&body))
    }

    /// A token for a quarter of an hour, for who knows the channel's secret.
    pub(super) fn issue_token(&mut self, call: &HttpCall<'_>) -> Done {
        let form: Vec<(String, String)> = form_urlencoded::parse(call.body).into_owned().collect();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        if field("grant_type") != Some("client_credentials") {
            return Done::status(400, &json!({"error": "unsupported_grant_type"}));
        }
        if field("client_id").is_none_or(str::is_empty) || field("client_secret") != Some(&self.secret) {
            let words = "invalid client_id or client_secret";
            return Done::status(400, &json!({"error": "invalid_client", "error_description": words}));
        }
        let token = format!("stateless{}", self.number());
        self.access_tokens.push(token.clone());
        Done::with(&json!({"token_type": "Bearer", "access_token": token, "expires_in": 900}))
    }
}

/// A time as the API writes it: `2026-11-21T08:00:00.000Z`.
pub(super) fn iso(micros: i64) -> String {
    let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
    // The civil calendar from the day's number, by Howard Hinnant's "days_from_civil" turned around.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let millis = rest / 1_000;
    let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
    let (second, milli) = (millis / 1_000 % 60, millis % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}
