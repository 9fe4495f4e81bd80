//! What people read instead of the ids of intents, flows and entities.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::{Extension, Json};
use dialogues::{ListValue, ReadableTitle, Shape};
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::problem::Problem;
use crate::app::App;
use crate::bots::LiveBot;

/// The titles of the company's bots in every language, and which bot answers on which channel account.
#[utoipa::path(get, path = "/api/v1/titles", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let accounts = app.store.bots_of_accounts(&caller.tenant.id).await?;
    let names: BTreeSet<&String> = accounts.values().collect();
    let bots: Map<String, Value> = names
        .into_iter()
        .filter_map(|name| Some((name.clone(), titles_of(app.bots.get(name)?.as_ref()))))
        .collect();
    Ok(Json(json!({ "bots": bots, "accounts": accounts })))
}

fn titles_of(bot: &LiveBot) -> Value {
    let bot = &bot.dialogue;
    let flows: BTreeMap<&str, _> =
        bot.flows.values().filter_map(|flow| Some((flow.id.as_str(), bot.flow_title(flow)?))).collect();
    let values: BTreeMap<&str, _> = bot
        .entities
        .values()
        .filter_map(|entity| match &entity.shape {
            Shape::List(values) => Some((entity.name.as_str(), names_of(values))),
            Shape::Pattern { .. } | Shape::Learned => None,
        })
        .collect();
    json!({
        "intents": by_id(&bot.readable.intents),
        "flows": flows,
        "entities": by_id(&bot.readable.entities),
        "values": values,
    })
}

type ByLanguage = BTreeMap<String, String>;

fn by_id(titles: &BTreeMap<String, ReadableTitle>) -> BTreeMap<&str, &ByLanguage> {
    titles.iter().map(|(id, title)| (id.as_str(), &title.by_language)).collect()
}

fn names_of(values: &BTreeMap<String, ListValue>) -> BTreeMap<&str, &ByLanguage> {
    values.iter().map(|(id, value)| (id.as_str(), &value.name)).collect()
}
