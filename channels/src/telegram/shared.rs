//! Stories, people, chats and lists that were passed on, and what was filled in.

use serde_json::{Map, Value};

use super::content::full_name;
use super::parts::{Checklist, Parts, SharedUser};
use super::receive::chat_name;
use super::update::Story as TelegramStory;
use crate::json::read_json;
use crate::{Content, Shared, Story};

pub(super) fn shared(parts: &Parts) -> Option<Content> {
    let story = parts.story.0.as_ref().map(|story| {
        let Story { id, url } = story_of(story);
        let title = story.chat.0.as_ref().and_then(chat_name);
        Shared { kind: "story".into(), id, url, title, ..Shared::default() }
    });
    let users = || {
        let users: Vec<&SharedUser> = parts
            .users_shared
            .0
            .as_ref()?
            .users
            .0
            .iter()
            .flatten()
            .filter_map(|user| user.0.as_ref())
            .collect();
        let ids: Vec<String> =
            users.iter().filter_map(|user| user.user_id.0).map(|id| id.to_string()).collect();
        let names: Vec<String> = users
            .iter()
            .filter_map(|user| {
                full_name(&user.first_name, &user.last_name).or_else(|| user.username.0.clone())
            })
            .collect();
        Some(Shared {
            kind: "users_shared".into(),
            id: Some(ids.join(",")).filter(|ids| !ids.is_empty()),
            title: Some(names.join(", ")).filter(|names| !names.is_empty()),
            ..Shared::default()
        })
    };
    let chat = || {
        let chat = parts.chat_shared.0.as_ref()?;
        Some(Shared {
            kind: "chat_shared".into(),
            id: chat.chat_id.0.map(|id| id.to_string()),
            title: chat.title.0.clone(),
            url: chat.username.0.as_deref().and_then(public_address),
            ..Shared::default()
        })
    };
    let checklist = || parts.checklist.0.as_ref().map(checklist);
    story.or_else(users).or_else(chat).or_else(checklist).map(|shared| Content::Shared { shared })
}

fn checklist(list: &Checklist) -> Shared {
    let tasks = list.tasks.0.iter().flatten().filter_map(|task| task.0.as_ref()?.text.0.clone());
    let tasks: Vec<String> = tasks.collect();
    Shared {
        kind: "checklist".into(),
        title: list.title.0.clone(),
        text: Some(tasks.join("\n")).filter(|tasks| !tasks.is_empty()),
        ..Shared::default()
    }
}

pub(super) fn story_of(story: &TelegramStory) -> Story {
    let id = story.id.0.map(|id| id.to_string());
    let chat = story.chat.0.as_ref().and_then(|chat| public_address(chat.username.0.as_deref()?));
    Story { url: chat.zip(id.as_ref()).map(|(chat, id)| format!("{chat}/s/{id}")), id }
}

fn public_address(username: &str) -> Option<String> {
    let is_name = !username.is_empty() && username.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| format!("https://t.me/{username}"))
}

/// What a web app sent, or a Telegram Passport. A web app may send any text: where it is not an object, it is the value
/// `data`. A Passport stays encrypted.
pub(super) fn form(parts: &Parts, raw: &Value) -> Option<Content> {
    if let Some(Value::Object(passport)) = raw.get("passport_data") {
        return Some(Content::Form { name: "passport_data".into(), values: passport.clone() });
    }
    let form = parts.web_app_data.0.as_ref()?;
    let data = form.data.0.clone()?;
    let values = match read_json(data.as_bytes()) {
        Some(Value::Object(values)) => values,
        _ => Map::from_iter([("data".to_owned(), Value::String(data))]),
    };
    let button = form.button_text.0.clone().filter(|title| !title.trim().is_empty());
    Some(Content::Form { name: button.unwrap_or_else(|| "web_app_data".into()), values })
}
