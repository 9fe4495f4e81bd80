//! Rich menus as LINE keeps them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::LineSimulator;
use super::api::{Asked, Done};
use super::failure::Failure;
use crate::HttpMethod;
use crate::line::fields::list;
use crate::line::fit::length;
use crate::simulator::Answer;

/// The menus of the account, and who sees which.
#[derive(Clone, Debug, Default)]
pub(super) struct Menus {
    known: BTreeMap<String, Menu>,
    aliases: BTreeMap<String, String>,
    default: Option<String>,
    of_people: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
struct Menu {
    menu: Value,
    /// Its type and its bytes.
    image: Option<(String, Vec<u8>)>,
}

impl LineSimulator {
    /// The menu that a person sees.
    pub fn menu_of(&self, person: &str) -> Option<&str> {
        self.menus.of_people.get(person).or(self.menus.default.as_ref()).map(String::as_str)
    }

    pub(super) fn menu_call(&mut self, parts: &[&str], asked: &Asked<'_>) -> Result<Done, Failure> {
        use HttpMethod::{Delete, Get, Post};
        match (asked.call.method, parts) {
            (Post, ["richmenu"]) => {
                check(&asked.body)?;
                let id = format!("richmenu-{:032x}", self.number());
                self.menus.known.insert(id.clone(), Menu { menu: asked.body.clone(), image: None });
                Ok(Done::with(&json!({"richMenuId": id})))
            }
            (Post, ["richmenu", "validate"]) => check(&asked.body).map(|()| empty()),
            (Get, ["richmenu", "list"]) => {
                let all: Vec<Value> = self.menus.known.iter().map(|(id, menu)| told(id, menu)).collect();
                Ok(Done::with(&json!({"richmenus": all})))
            }
            (Post, ["richmenu", "bulk", "link"]) => {
                let menu = self.menus.ready(text(&asked.body, "richMenuId"))?;
                for person in list(&asked.body, "/userIds").iter().filter_map(Value::as_str) {
                    self.menus.of_people.insert(person.to_owned(), menu.clone());
                }
                Ok(Done::status(202, &json!({})))
            }
            (Post, ["richmenu", "batch"]) => {
                for operation in list(&asked.body, "/operations") {
                    let to = self.menus.ready(text(operation, "to"))?;
                    let seen = self.menus.of_people.values_mut();
                    seen.filter(|menu| *menu == text(operation, "from"))
                        .for_each(|menu| menu.clone_from(&to));
                }
                Ok(Done::status(202, &json!({})))
            }
            (Post, ["richmenu", "bulk", "unlink"]) => {
                for person in list(&asked.body, "/userIds").iter().filter_map(Value::as_str) {
                    self.menus.of_people.remove(person);
                }
                Ok(Done::status(202, &json!({})))
            }
            (_, ["richmenu", "alias", rest @ ..]) => self.menus.alias_call(rest, asked),
            (Post, ["richmenu", id, "content"]) => self.menus.upload(id, asked),
            (Get, ["richmenu", id, "content"]) => {
                let image = self.menus.menu(id)?.image.clone().ok_or_else(Failure::not_found)?;
                let headers = vec![("content-type".to_owned(), image.0)];
                Ok(Done { answer: Answer { status: 200, headers, body: image.1 }, webhooks: Vec::new() })
            }
            (Get, ["richmenu", id]) => Ok(Done::with(&told(id, self.menus.menu(id)?))),
            (Delete, ["richmenu", id]) => {
                self.menus.menu(id)?;
                self.menus.known.remove(*id);
                Ok(empty())
            }
            (_, ["user", person, "richmenu", rest @ ..]) => {
                self.menus.person_call(asked.call.method, person, rest)
            }
            _ => Err(Failure::not_found()),
        }
    }
}

impl Menus {
    fn menu(&self, id: &str) -> Result<&Menu, Failure> {
        self.known.get(id).ok_or_else(|| Failure::new(404, "richmenu not found"))
    }

    /// A menu that has its picture.
    fn ready(&self, id: &str) -> Result<String, Failure> {
        if self.menu(id)?.image.is_none() {
            return Err(Failure::bad("must upload richmenu image before applying it to user"));
        }
        Ok(id.to_owned())
    }

    fn upload(&mut self, id: &str, asked: &Asked<'_>) -> Result<Done, Failure> {
        let menu = self.known.get_mut(id).ok_or_else(|| Failure::new(404, "richmenu not found"))?;
        let mime = asked.call.header("content-type").unwrap_or_default().to_owned();
        if mime != "image/png" && mime != "image/jpeg" {
            return Err(Failure::new(415, "Unsupported media type"));
        }
        if menu.image.is_some() {
            return Err(Failure::bad("An image has already been uploaded to the richmenu"));
        }
        if asked.call.body.is_empty() || asked.call.body.len() > 1_024 * 1_024 {
            return Err(Failure::new(413, "Payload Too Large"));
        }
        menu.image = Some((mime, asked.call.body.to_vec()));
        Ok(empty())
    }

    fn alias_call(&mut self, parts: &[&str], asked: &Asked<'_>) -> Result<Done, Failure> {
        use HttpMethod::{Delete, Get, Post};
        let told = |(alias, menu): (&String, &String)| json!({"richMenuAliasId": alias, "richMenuId": menu});
        let missing = || Failure::new(404, "richmenu alias not found");
        match (asked.call.method, parts) {
            (Get, ["list"]) => {
                let all: Vec<Value> = self.aliases.iter().map(told).collect();
                Ok(Done::with(&json!({"aliases": all})))
            }
            (Get, [alias]) => {
                self.aliases.get_key_value(*alias).map(told).map(|told| Done::with(&told)).ok_or_else(missing)
            }
            (Delete, [alias]) => self.aliases.remove(*alias).map(|_| empty()).ok_or_else(missing),
            (Post, rest) => {
                let menu = self.ready(text(&asked.body, "richMenuId"))?;
                let alias = rest.first().copied().unwrap_or(text(&asked.body, "richMenuAliasId"));
                let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
                if alias.is_empty() || alias.len() > 32 || !alias.chars().all(is_name) {
                    return Err(Failure::bad("The value for 'richMenuAliasId' is invalid"));
                }
                match (rest.is_empty(), self.aliases.contains_key(alias)) {
                    (true, true) => return Err(Failure::bad("conflict richmenu alias id")),
                    (false, false) => return Err(missing()),
                    _ => self.aliases.insert(alias.to_owned(), menu),
                };
                Ok(empty())
            }
            _ => Err(Failure::not_found()),
        }
    }

    fn person_call(&mut self, method: HttpMethod, person: &str, parts: &[&str]) -> Result<Done, Failure> {
        use HttpMethod::{Delete, Get, Post};
        let everybody = person == "all";
        match (method, parts) {
            (Post, [menu]) => {
                let menu = self.ready(menu)?;
                if everybody {
                    self.default = Some(menu);
                } else {
                    self.of_people.insert(person.to_owned(), menu);
                }
                Ok(empty())
            }
            (Delete, []) => {
                if everybody {
                    self.default = None;
                } else {
                    self.of_people.remove(person);
                }
                Ok(empty())
            }
            (Get, []) => {
                let menu = if everybody { self.default.as_ref() } else { self.of_people.get(person) };
                let menu = menu.ok_or_else(|| Failure::new(404, "the user has no richmenu"))?;
                Ok(Done::with(&json!({"richMenuId": menu})))
            }
            _ => Err(Failure::not_found()),
        }
    }
}

fn check(menu: &Value) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    let mut say = |property: &str, message: &str| wrong.push((property.to_owned(), message.to_owned()));
    let side = |name: &str| menu.pointer(name).and_then(Value::as_i64).unwrap_or_default();
    if !(800..=2_500).contains(&side("/size/width")) || side("/size/height") < 250 {
        say("size", "Must be 800 to 2500 wide and at least 250 high");
    }
    if length(text(menu, "name")) > 300 || text(menu, "name").is_empty() {
        say("name", "Length must be between 1 and 300");
    }
    if length(text(menu, "chatBarText")) > 14 || text(menu, "chatBarText").is_empty() {
        say("chatBarText", "Length must be between 1 and 14");
    }
    if list(menu, "/areas").len() > 20 {
        say("areas", "Size must be between 0 and 20");
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::body(wrong)) }
}

fn told(id: &str, menu: &Menu) -> Value {
    let mut told = menu.menu.clone();
    told["richMenuId"] = id.into();
    told
}

fn empty() -> Done {
    Done::with(&json!({}))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
