//! Rich menus: drawn, pictured, brought to LINE, and shown to people.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use channels::line::menu::{Menu, MenuProblem, picture_problem, picture_size};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::caller::Caller;
use super::super::json::JsonBody;
use super::super::problem::Problem;
use super::{audit, broken, find, refused};
use crate::app::App;
use crate::ids::{ChannelAccountId, RowId};
use crate::line::menus;
use crate::store::{LineMenu, PeopleChoice, SessionAgent};

/// The account's menus, each with what LINE would refuse.
#[utoipa::path(get, path = "/api/v1/channels/{id}/line/menus", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    find(&app, &caller, &id).await?;
    let mut shown = Vec::new();
    for menu in app.store.line_menus(&caller.tenant.id, &id).await? {
        shown.push(view(&app, &menu).await?);
    }
    Ok(Json(json!({ "menus": shown })))
}

async fn view(app: &App, menu: &LineMenu) -> Result<Value, Problem> {
    let problems = menus::problems(app, menu).await.map_err(broken)?;
    let mut shown = serde_json::to_value(menu).map_err(broken)?;
    shown["problems"] = json!(problems);
    Ok(shown)
}

/// Draw a menu: a new one, or another revision of the one with this name. It stays a draft until it is brought to LINE.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/menus", params(("id" = String, Path)), request_body = Object,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn draw(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    JsonBody(menu): JsonBody<Menu>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    find(&app, &caller, &id).await?;
    named(&menu)?;
    let drawn = app.store.draft_line_menu(&caller.tenant.id, &id, menu).await?;
    audit(&app, &caller, "line_menu.drawn", drawn.as_str()).await?;
    let drawn = menu_of(&app, &caller, &id, &drawn).await?;
    Ok((StatusCode::CREATED, Json(json!({ "menu": view(&app, &drawn).await? }))))
}

/// A draft may have any mistake but these: it must be found again.
fn named(menu: &Menu) -> Result<(), Problem> {
    let faults = menu.problems();
    let of_name = faults.iter().find(|fault| ["name", "areas"].contains(&fault.what));
    of_name.map_or(Ok(()), |fault| Err(wrong(fault)))
}

fn wrong(fault: &MenuProblem) -> Problem {
    let area = fault.area.map(|area| format!("area {}: ", area + 1)).unwrap_or_default();
    Problem::invalid(format!("{area}{}", fault.what))
}

async fn menu_of(
    app: &App,
    caller: &SessionAgent,
    account: &ChannelAccountId,
    id: &RowId,
) -> Result<LineMenu, Problem> {
    let found = menus::find(app, &caller.tenant.id, account, id).await.map_err(broken)?;
    found.ok_or_else(|| Problem::not_found("menu"))
}

type Place = Path<(ChannelAccountId, RowId)>;

/// Change a menu.
#[utoipa::path(put, path = "/api/v1/channels/{id}/line/menus/{menu}", params(("id" = String, Path), ("menu" = String, Path)),
    request_body = Object, responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn change(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
    JsonBody(menu): JsonBody<Menu>,
) -> Result<Json<Value>, Problem> {
    find(&app, &caller, &account).await?;
    let known = menu_of(&app, &caller, &account, &id).await?;
    named(&menu)?;
    let others = app.store.line_menus(&caller.tenant.id, &account).await?;
    if others.iter().any(|other| other.id != id && other.menu.name == menu.name) {
        return Err(Problem::invalid("another menu has this name"));
    }
    app.store.change_line_menu(&LineMenu { menu, ..known }).await?;
    audit(&app, &caller, "line_menu.changed", id.as_str()).await?;
    let changed = menu_of(&app, &caller, &account, &id).await?;
    Ok(Json(json!({ "menu": view(&app, &changed).await? })))
}

/// Remove a menu here and at LINE.
#[utoipa::path(delete, path = "/api/v1/channels/{id}/line/menus/{menu}", params(("id" = String, Path), ("menu" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn remove(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
) -> Result<StatusCode, Problem> {
    let open = find(&app, &caller, &account).await?;
    let menu = menu_of(&app, &caller, &account, &id).await?;
    menus::remove(&app, &open, &menu).await.map_err(refused)?;
    app.store.remove_line_menu(&menu).await?;
    audit(&app, &caller, "line_menu.removed", id.as_str()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The menu's picture.
#[utoipa::path(get, path = "/api/v1/channels/{id}/line/menus/{menu}/picture", params(("id" = String, Path), ("menu" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/png"), (status = 401), (status = 403), (status = 404)))]
pub(in crate::http) async fn picture(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
) -> Result<Response, Problem> {
    find(&app, &caller, &account).await?;
    let menu = menu_of(&app, &caller, &account, &id).await?;
    let blob = menus::picture(&app, &menu).await.map_err(broken)?;
    let blob = blob.ok_or_else(|| Problem::not_found("picture"))?;
    let kind = picture_size(&blob.bytes).map_or("application/octet-stream", |(kind, ..)| kind);
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], blob.bytes).into_response())
}

/// Give the menu its picture: the body is a JPEG or PNG of just the menu's size, up to 1 MB.
#[utoipa::path(put, path = "/api/v1/channels/{id}/line/menus/{menu}/picture", params(("id" = String, Path), ("menu" = String, Path)),
    request_body(content = Vec<u8>, content_type = "image/png"),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn put_picture(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    find(&app, &caller, &account).await?;
    let menu = menu_of(&app, &caller, &account, &id).await?;
    if let Some(fault) = picture_problem(&bytes, &menu.menu) {
        return Err(wrong(&fault));
    }
    let kind = picture_size(&bytes).map_or("image/png", |(kind, ..)| kind);
    let blob = app.blobs.put(&caller.tenant.id, kind, bytes.to_vec()).await.map_err(broken)?;
    app.store.put_line_menu_picture(&menu, &blob).await?;
    audit(&app, &caller, "line_menu.pictured", id.as_str()).await?;
    let menu = menu_of(&app, &caller, &account, &id).await?;
    Ok(Json(json!({ "menu": view(&app, &menu).await? })))
}

/// Bring the newest revision to LINE.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/menus/{menu}/publish", params(("id" = String, Path), ("menu" = String, Path)),
    responses((status = 202, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn publish(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
) -> Result<(StatusCode, Json<Value>), Problem> {
    find(&app, &caller, &account).await?;
    let menu = menu_of(&app, &caller, &account, &id).await?;
    if let Some(fault) = menus::problems(&app, &menu).await.map_err(broken)?.first() {
        return Err(wrong(fault));
    }
    menus::publish(&app, &menu).await.map_err(broken)?;
    audit(&app, &caller, "line_menu.published", id.as_str()).await?;
    let menu = menu_of(&app, &caller, &account, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "menu": view(&app, &menu).await? }))))
}

/// To whom a menu is shown.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::http) enum Shown {
    /// Everybody who has no menu of their own.
    Everybody { on: bool },
    /// One person, by LINE's id.
    Person { person: String, on: bool },
    /// Those who are so.
    People {
        #[serde(default)]
        #[schema(value_type = Object)]
        choice: PeopleChoice,
        on: bool,
    },
}

/// Show a menu that LINE has to people, or take it away from them.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/menus/{menu}/show", params(("id" = String, Path), ("menu" = String, Path)),
    request_body = Shown, responses((status = 202), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn show(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
    JsonBody(shown): JsonBody<Shown>,
) -> Result<StatusCode, Problem> {
    let open = find(&app, &caller, &account).await?;
    let menu = menu_of(&app, &caller, &account, &id).await?;
    let Some(platform_id) = menu.platform_id.clone() else {
        return Err(Problem::invalid("LINE does not have this menu yet: bring it there first"));
    };
    match shown {
        Shown::Everybody { on } => {
            let wanted = on.then_some(&menu);
            menus::set_default(&app, &open, wanted).await.map_err(refused)?;
            app.store.default_line_menu(&caller.tenant.id, &account, wanted.map(|menu| &menu.id)).await?;
        }
        Shown::Person { person, on } => {
            let wanted = on.then_some(platform_id.as_str());
            menus::link(&app, &open, person.trim(), wanted).await.map_err(refused)?;
        }
        Shown::People { choice, on } => {
            let wanted = on.then_some(platform_id);
            menus::ask_link_many(&app, &open, wanted, choice).await.map_err(broken)?;
        }
    }
    audit(&app, &caller, "line_menu.shown", id.as_str()).await?;
    Ok(StatusCode::ACCEPTED)
}
