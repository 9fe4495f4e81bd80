//! Failures asked of a demo's pretended platforms, so that people see what their customers and colleagues would.

use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::{Extension, Json};
use channels::ChannelName;
use channels::simulator::Fault;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Caller;
use super::channels::find;
use super::json::JsonBody;
use super::problem::Problem;
use crate::app::App;
use crate::ids::ChannelAccountId;
use crate::safe_http::OutgoingRequest;

/// As many failures may be asked for at once.
const MOST: usize = 50;

/// Where the pretended platform of an account is asked for failures; none where the platform is a real one.
pub(super) fn faults_of(app: &App, channel: &str, api_base: &str) -> Option<String> {
    app.demo_account()?;
    let (host, name) = api_base.trim_end_matches('/').rsplit_once('/')?;
    let is_here = host.starts_with("http://127.0.0.1:") && name == channel;
    is_here.then(|| format!("{host}/demo/faults"))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Each is met by one of the next calls that send something, in order.
    #[schema(value_type = Vec<Object>)]
    faults: Vec<Fault>,
}

/// Let the next sends on a demo's pretended platform fail.
#[utoipa::path(post, path = "/api/v1/channels/{id}/faults", params(("id" = String, Path)), request_body = Asked,
    responses((status = 202, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(super) async fn ask(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let account = find(&app, &caller, &id).await?;
    let name: ChannelName = account.name;
    let address = faults_of(&app, name.as_str(), &account.config.api_base)
        .ok_or_else(|| Problem::not_found("pretended platform"))?;
    if !(1..=MOST).contains(&asked.faults.len()) {
        return Err(Problem::invalid(format!("from 1 to {MOST} failures at once")));
    }
    let body = json!({ "channel": name, "faults": asked.faults });
    let request = OutgoingRequest {
        method: Method::POST,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
        ..OutgoingRequest::get(address)
    };
    let answered = app.http.send(request).await;
    if !answered.is_ok_and(|answer| answer.status == 202) {
        return Err(Problem::unavailable());
    }
    app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), "channel.faults_asked", id.as_str()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "faults": asked.faults.len() }))))
}
