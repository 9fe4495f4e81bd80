//! What a bot says of itself: its commands, its name and descriptions, the button beside the text line. Clients set these
//! when they start.

use serde_json::{Value, json};

use super::TelegramSimulator;
use super::fields::Fields;
use super::methods::Failure;

impl TelegramSimulator {
    /// The answer of a method that sets or tells something of the bot; none where `method` is another one.
    pub(super) fn profile_method(&mut self, method: &str, fields: &Fields) -> Option<Result<Value, Failure>> {
        Some(match method {
            "setmycommands" => self.set_commands(fields),
            "getmycommands" => Ok(self.told("commands", fields).unwrap_or_else(|| json!([]))),
            "deletemycommands" => {
                self.profile.remove(&key("commands", fields));
                Ok(true.into())
            }
            "setmyname" => self.set_words("name", 64, fields),
            "getmyname" => {
                let name = self.told("name", fields).unwrap_or_else(|| self.bot["first_name"].clone());
                Ok(json!({ "name": name }))
            }
            "setmydescription" => self.set_words("description", 512, fields),
            "getmydescription" => {
                Ok(json!({"description": self.told("description", fields).unwrap_or("".into())}))
            }
            "setmyshortdescription" => self.set_words("short_description", 120, fields),
            "getmyshortdescription" => {
                Ok(json!({"short_description": self.told("short_description", fields).unwrap_or("".into())}))
            }
            "setchatmenubutton" => {
                let button = fields.json("menu_button").unwrap_or_else(default_button);
                self.profile.insert(key("menu_button", fields), button);
                Ok(true.into())
            }
            "getchatmenubutton" => Ok(self.told("menu_button", fields).unwrap_or_else(default_button)),
            "logout" | "close" => Ok(true.into()),
            _ => return None,
        })
    }

    fn told(&self, what: &str, fields: &Fields) -> Option<Value> {
        self.profile.get(&key(what, fields)).cloned()
    }

    /// An empty text takes away what was said before.
    fn set_words(&mut self, what: &str, limit: usize, fields: &Fields) -> Result<Value, Failure> {
        let words = fields.text(what).unwrap_or_default();
        if words.encode_utf16().count() > limit {
            return Err(Failure::bad(&format!("bot {} is too long", what.replace('_', " "))));
        }
        if words.is_empty() {
            self.profile.remove(&key(what, fields));
        } else {
            self.profile.insert(key(what, fields), words.into());
        }
        Ok(true.into())
    }

    /// At most a hundred commands of 1 to 32 small letters, digits and underscores, each with up to 256 characters of
    /// explanation (Bot API, `BotCommand`).
    fn set_commands(&mut self, fields: &Fields) -> Result<Value, Failure> {
        let list = fields.json("commands").and_then(|list| list.as_array().cloned());
        let list = list.ok_or_else(|| Failure::bad("can't parse BotCommands JSON object"))?;
        if list.len() > 100 {
            return Err(Failure::bad("BOT_COMMANDS_TOO_MUCH"));
        }
        for command in &list {
            let name = command["command"].as_str().unwrap_or_default().trim_start_matches('/');
            let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !(1..=32).contains(&name.len()) || !name.chars().all(is_letter) {
                return Err(Failure::bad("BOT_COMMAND_INVALID"));
            }
            let words = command["description"].as_str().unwrap_or_default().trim();
            if !(1..=256).contains(&words.encode_utf16().count()) {
                return Err(Failure::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
            }
        }
        self.profile.insert(key("commands", fields), list.into());
        Ok(true.into())
    }
}

fn default_button() -> Value {
    json!({"type": "default"})
}

/// Commands and words are kept for each language, commands for each circle of chats, the button for each chat.
fn key(what: &str, fields: &Fields) -> String {
    let scope = fields.json("scope").map(|scope| scope.to_string()).unwrap_or_default();
    let language = fields.text("language_code").unwrap_or_default();
    let chat = fields.integer("chat_id").map(|chat| chat.to_string()).unwrap_or_default();
    format!("{what}|{scope}|{language}|{chat}")
}
