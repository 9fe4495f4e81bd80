//! Rich menus: the pictures with areas to tap that stand below a chat.
//!
//! A menu is created, gets its picture, and is then shown to everybody or to single people; an alias is a name under which
//! a `richmenuswitch` action finds it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::request::{data, delete, get, post, segment, with_header};
use crate::{AccountConfig, HttpMethod, PlatformRequest};

/// Creates a menu as the reference describes it (`size`, `selected`, `name`, `chatBarText`, `areas`); the answer has its
/// `richMenuId`.
pub fn create(account: &AccountConfig, menu: &Value) -> PlatformRequest {
    post(account, "/v2/bot/richmenu", menu.clone())
}

/// Asks whether [`create`] would take a menu.
pub fn validate(account: &AccountConfig, menu: &Value) -> PlatformRequest {
    post(account, "/v2/bot/richmenu/validate", menu.clone())
}

/// Gives a menu its picture: JPEG or PNG up to 1 MB, 800 to 2500 wide and at least 250 high. It cannot be changed.
pub fn upload_image(account: &AccountConfig, menu: &str, mime: &str, picture: &[u8]) -> PlatformRequest {
    let path = format!("/v2/bot/richmenu/{}/content", segment(menu));
    let mut request = with_header(data(account, HttpMethod::Post, &path), "Content-Type", mime);
    request.body = Value::String(BASE64_STANDARD.encode(picture));
    request
}

/// The picture of a menu.
pub fn image(account: &AccountConfig, menu: &str) -> PlatformRequest {
    data(account, HttpMethod::Get, &format!("/v2/bot/richmenu/{}/content", segment(menu)))
}

pub fn find(account: &AccountConfig, menu: &str) -> PlatformRequest {
    get(account, &format!("/v2/bot/richmenu/{}", segment(menu)))
}

pub fn list(account: &AccountConfig) -> PlatformRequest {
    get(account, "/v2/bot/richmenu/list")
}

pub fn remove(account: &AccountConfig, menu: &str) -> PlatformRequest {
    delete(account, &format!("/v2/bot/richmenu/{}", segment(menu)))
}

/// Shows a menu to everybody who has none of their own.
pub fn set_default(account: &AccountConfig, menu: &str) -> PlatformRequest {
    post(account, &format!("/v2/bot/user/all/richmenu/{}", segment(menu)), Value::Null)
}

pub fn default(account: &AccountConfig) -> PlatformRequest {
    get(account, "/v2/bot/user/all/richmenu")
}

pub fn clear_default(account: &AccountConfig) -> PlatformRequest {
    delete(account, "/v2/bot/user/all/richmenu")
}

/// Shows a menu to one person.
pub fn link(account: &AccountConfig, person: &str, menu: &str) -> PlatformRequest {
    post(account, &format!("/v2/bot/user/{}/richmenu/{}", segment(person), segment(menu)), Value::Null)
}

pub fn unlink(account: &AccountConfig, person: &str) -> PlatformRequest {
    delete(account, &format!("/v2/bot/user/{}/richmenu", segment(person)))
}

/// The menu linked to one person.
pub fn of_person(account: &AccountConfig, person: &str) -> PlatformRequest {
    get(account, &format!("/v2/bot/user/{}/richmenu", segment(person)))
}

/// Shows a menu to up to 500 people.
pub fn link_all(account: &AccountConfig, people: &[String], menu: &str) -> PlatformRequest {
    post(account, "/v2/bot/richmenu/bulk/link", json!({"richMenuId": menu, "userIds": people}))
}

/// Takes their menu from up to 500 people.
pub fn unlink_all(account: &AccountConfig, people: &[String]) -> PlatformRequest {
    post(account, "/v2/bot/richmenu/bulk/unlink", json!({"userIds": people}))
}

/// Names a menu: small letters, digits, `_` and `-`, up to 32.
pub fn create_alias(account: &AccountConfig, alias: &str, menu: &str) -> PlatformRequest {
    post(account, "/v2/bot/richmenu/alias", json!({"richMenuAliasId": alias, "richMenuId": menu}))
}

/// Lets a name mean another menu.
pub fn change_alias(account: &AccountConfig, alias: &str, menu: &str) -> PlatformRequest {
    post(account, &alias_path(alias), json!({"richMenuId": menu}))
}

pub fn find_alias(account: &AccountConfig, alias: &str) -> PlatformRequest {
    get(account, &alias_path(alias))
}

pub fn remove_alias(account: &AccountConfig, alias: &str) -> PlatformRequest {
    delete(account, &alias_path(alias))
}

pub fn aliases(account: &AccountConfig) -> PlatformRequest {
    get(account, "/v2/bot/richmenu/alias/list")
}

fn alias_path(alias: &str) -> String {
    format!("/v2/bot/richmenu/alias/{}", segment(alias))
}

/// Shows those who see one menu by a link of their own another one; LINE does it within minutes.
pub fn replace(account: &AccountConfig, from: &str, to: &str) -> PlatformRequest {
    let operation = json!({"type": "link", "from": from, "to": to});
    post(account, "/v2/bot/richmenu/batch", json!({"operations": [operation]}))
}
