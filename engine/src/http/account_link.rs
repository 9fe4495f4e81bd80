//! LINE's account link, for a shop that knows by its own sign-in who somebody on LINE is.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use channels::{ChannelName, SendError};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Caller;
use super::json::JsonBody;
use super::problem::Problem;
use crate::app::App;
use crate::ids::{ChannelAccountId, ConversationId, PersonId};
use crate::links::line_account::{LinkPageError, page};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccountLink {
    /// Who the person of the conversation is.
    #[schema(value_type = String)]
    person: PersonId,
}

/// Make the page of LINE's on which the person of this conversation links their account with a person of ours.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/account-link", params(("id" = String, Path)), request_body = NewAccountLink,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 503)))]
pub(super) async fn make(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    JsonBody(new): JsonBody<NewAccountLink>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = &caller.tenant.id;
    let conversation = super::conversations::find(&app, &caller, &id).await?;
    let account = ChannelAccountId::from_text(conversation.channel_account.clone());
    let account = app.accounts.find(&account).await;
    let account = account
        .filter(|account| account.tenant == *tenant && account.name == ChannelName::Line)
        .ok_or_else(|| Problem::invalid("accounts are linked so in conversations of LINE only"))?;
    let person = app.store.person(tenant, &new.person).await?;
    let person = person.ok_or_else(|| Problem::not_found("person"))?;
    if person.id == conversation.person {
        return Err(Problem::conflict("They are the same person already.", None));
    }
    let by = caller.agent.id.as_str();
    let made = page(&app, &account, (&conversation.thread, &person.id, by)).await.map_err(refused)?;
    app.store.audit(tenant, by, "conversation.account_link_made", id.as_str()).await?;
    Ok((StatusCode::CREATED, Json(json!({ "url": made.url, "expires_at": made.expires_at.millis() }))))
}

/// LINE's own words where it refused: a group, or somebody who blocked the account.
fn refused(error: LinkPageError) -> Problem {
    match error {
        LinkPageError::Line(SendError::Refused { reason, .. }) => Problem::invalid(reason),
        error => {
            tracing::warn!(%error, "LINE gives no token for an account link");
            Problem::unavailable()
        }
    }
}
