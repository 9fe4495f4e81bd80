//! Audience groups as LINE keeps them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::LineSimulator;
use super::api::{Asked, Done};
use super::failure::Failure;
use crate::HttpMethod;
use crate::line::fields::list;

/// The groups of the account, by their ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Audiences(BTreeMap<u64, Audience>);

#[derive(Clone, Debug)]
struct Audience {
    description: String,
    people: usize,
}

impl LineSimulator {
    pub(super) fn audience_call(&mut self, parts: &[&str], asked: &Asked<'_>) -> Result<Done, Failure> {
        use HttpMethod::{Delete, Get, Post, Put};
        let words = asked.body["description"].as_str().unwrap_or_default().to_owned();
        let people = list(&asked.body, "/audiences").len();
        let missing = || Failure::bad("AUDIENCE_GROUP_NOT_FOUND");
        let groups = &mut self.audiences.0;
        match (asked.call.method, parts) {
            (Post, ["upload" | "click" | "imp"]) => {
                if words.is_empty() || words.chars().count() > 120 || people > 10_000 {
                    return Err(Failure::bad("AUDIENCE_GROUP_NAME_WRONG"));
                }
                let id = 4_389_303_728_991 + groups.len() as u64;
                groups.insert(id, Audience { description: words.clone(), people });
                Ok(Done::status(202, &json!({"audienceGroupId": id, "description": words, "created": 1})))
            }
            (Put, ["upload"]) => {
                let id = asked.body["audienceGroupId"].as_u64().unwrap_or_default();
                groups.get_mut(&id).ok_or_else(missing)?.people += people;
                Ok(Done::status(202, &json!({})))
            }
            (Get, ["list"]) => {
                let all: Vec<Value> = groups.iter().map(|(id, group)| group.told(*id)).collect();
                Ok(Done::with(&json!({"audienceGroups": all, "hasNextPage": false, "totalCount": all.len()})))
            }
            (method, [id, rest @ ..]) => {
                let id: u64 = id.parse().map_err(|_| Failure::not_found())?;
                let group = groups.get_mut(&id).ok_or_else(missing)?;
                match (method, rest) {
                    (Get, []) => Ok(Done::with(&json!({"audienceGroup": group.told(id)}))),
                    (Put, ["updateDescription"]) => {
                        group.description = words;
                        Ok(Done::with(&json!({})))
                    }
                    (Delete, []) => {
                        groups.remove(&id);
                        Ok(Done::status(202, &json!({})))
                    }
                    _ => Err(Failure::not_found()),
                }
            }
            _ => Err(Failure::not_found()),
        }
    }
}

impl Audience {
    fn told(&self, id: u64) -> Value {
        json!({
            "audienceGroupId": id,
            "description": self.description,
            "audienceCount": self.people,
            "status": "READY",
        })
    }
}
