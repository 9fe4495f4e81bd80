//! People: looking for them, making two of them one, taking that back, and giving somebody a code to go on elsewhere.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::caller::Caller;
use super::json::{JsonBody, QueryOf, page_size};
use super::problem::Problem;
use crate::app::App;
use crate::ids::{ConversationId, PersonId, RowId, TenantId};
use crate::links::offer;
use crate::store::{Conversation, Evidence, LinkOwner, NewAgentMessage, NewMerge, Posted, SessionAgent};
use crate::views::{ConversationView, MessageView};

const PAGE: i64 = 20;
const LONGEST_NOTE: usize = 500;
const MOST_CONVERSATIONS: i64 = 50;
const LANGUAGES: [&str; 3] = ["th", "en", "zh"];

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct FindQuery {
    /// Part of a name, user name or number, or an id at a platform.
    q: String,
    /// 1 to 100; 20 when it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Look for people by name, user name, number or id.
#[utoipa::path(get, path = "/api/v1/people", params(FindQuery),
    responses((status = 200, body = Object), (status = 400), (status = 401), (status = 403), (status = 422)))]
pub(super) async fn find(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    QueryOf(query): QueryOf<FindQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = page_size(query.limit, PAGE)?;
    let words: String = query.q.trim().chars().take(100).collect();
    if words.is_empty() {
        return Err(Problem::invalid("q is empty: say whom to look for"));
    }
    let people = app.store.find_people(&caller.tenant.id, &words, limit).await?;
    Ok(Json(json!({ "people": people })))
}

/// One person: addresses with what proves them, what is remembered, and the history of merges.
#[utoipa::path(get, path = "/api/v1/people/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn show(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<PersonId>,
) -> Result<Json<Value>, Problem> {
    let person = view(&app, &caller.tenant.id, &id).await?;
    Ok(Json(json!({ "person": person.ok_or_else(|| Problem::not_found("person"))? })))
}

/// A person with the history of merges; each address says what proves that it is theirs, where it came with a merge.
pub(super) async fn view(app: &App, tenant: &TenantId, id: &PersonId) -> Result<Option<Value>, Problem> {
    let Some(person) = app.store.person(tenant, id).await? else { return Ok(None) };
    let merges = app.store.merges_of(tenant, id).await?;
    let mut addresses = Vec::with_capacity(person.addresses.len());
    for address in &person.addresses {
        let standing =
            |merge: &&crate::store::Merge| merge.undone_at.is_none() && merge.merged == address.home;
        let evidence = merges.iter().find(standing).map(|merge| merge.evidence);
        let mut shown = json!(address);
        shown["evidence"] = json!(evidence);
        addresses.push(shown);
    }
    let mut shown = json!(person);
    shown["addresses"] = Value::Array(addresses);
    shown["merges"] = json!(merges);
    Ok(Some(shown))
}

/// A person's conversations on every channel, newest first.
#[utoipa::path(get, path = "/api/v1/people/{id}/conversations", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn conversations(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<PersonId>,
) -> Result<Json<Value>, Problem> {
    let tenant = &caller.tenant.id;
    app.store.person(tenant, &id).await?.ok_or_else(|| Problem::not_found("person"))?;
    let found = app.store.conversations_of_person(tenant, &id, MOST_CONVERSATIONS).await?;
    let views: Vec<_> = found.iter().map(ConversationView::of).collect();
    Ok(Json(json!({ "conversations": views })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// One that the bots speak: `th`, `en` or `zh`.
    language: String,
}

/// Say which language a person is spoken to in.
#[utoipa::path(patch, path = "/api/v1/people/{id}", params(("id" = String, Path)), request_body = Known,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(super) async fn change(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<PersonId>,
    JsonBody(Known { language }): JsonBody<Known>,
) -> Result<Json<Value>, Problem> {
    if !LANGUAGES.contains(&language.as_str()) {
        return Err(Problem::invalid("language is th, en or zh"));
    }
    app.store.set_person_language(&caller.tenant.id, &id, &language, caller.agent.id.as_str()).await?;
    show(State(app), Extension(Caller(caller)), Path(id)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithPerson {
    /// The person who is the same; this one's addresses and conversations move.
    with: String,
    /// Why the caller is sure.
    #[serde(default)]
    note: String,
}

/// Make another person one with this one. It can be undone.
#[utoipa::path(post, path = "/api/v1/people/{id}/merge", params(("id" = String, Path)), request_body = WithPerson,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn merge(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<PersonId>,
    JsonBody(body): JsonBody<WithPerson>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let note: String = body.note.trim().chars().take(LONGEST_NOTE).collect();
    let merge = NewMerge {
        tenant: caller.tenant.id.clone(),
        kept: id,
        merged: PersonId::from_text(body.with),
        evidence: Evidence::Agent,
        detail: json!({ "note": note }),
        by: caller.agent.id.as_str().to_owned(),
    };
    let merge = app.store.merge(merge).await?;
    Ok((StatusCode::CREATED, Json(json!({ "merge": merge }))))
}

/// Take a merge back: both people are as they were.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(super) async fn undo(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<RowId>,
) -> Result<Json<Value>, Problem> {
    let merge = app.store.undo_merge(&caller.tenant.id, &id, caller.agent.id.as_str()).await?;
    Ok(Json(json!({ "merge": merge })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GiveLink {
    /// Made by the client; sending it again gives the same message.
    client_id: String,
    /// The newest message the agent has seen.
    seen_seq: i64,
}

/// Whoever reads the code can be taken for the customer, so it is said where nobody else reads.
async fn only_between_two(
    app: &App,
    caller: &SessionAgent,
    conversation: &Conversation,
) -> Result<(), Problem> {
    let target = app.store.act_target(&caller.tenant.id, &conversation.id).await?;
    let target = target.ok_or_else(|| Problem::not_found("conversation"))?;
    let account = app.accounts.find(&target.account).await;
    let is_comment = account.is_some_and(|account| {
        account.adapter.acts(&account.config, &conversation.thread).can(channels::Act::AnswerPublicly)
    });
    if is_comment || target.destination.hint(crate::pace::GROUP_HINT).is_some() {
        return Err(Problem::read_by_others());
    }
    Ok(())
}

/// Send the customer a code and addresses with which to go on in another app.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/link", params(("id" = String, Path)), request_body = GiveLink,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn give(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    JsonBody(body): JsonBody<GiveLink>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let conversation = super::conversations::find(&app, &caller, &id).await?;
    super::messages::check_client_id(&body.client_id)?;
    // Sent again, it is the code that was given already: another one would be a second proof, and a second entry.
    if let Some(given) = app.store.message_of_client(&caller.tenant.id, &id, &body.client_id).await? {
        return Ok((StatusCode::CREATED, Json(json!({ "message": MessageView::of(&given) }))));
    }
    only_between_two(&app, &caller, &conversation).await?;
    let owner = LinkOwner::Person(conversation.person.clone());
    let here = crate::ids::ChannelAccountId::from_text(conversation.channel_account.as_str());
    let by = caller.agent.id.as_str();
    let offer = offer(&app, &caller.tenant.id, (&owner, by), Some(&here)).await.map_err(failed)?;
    let language = conversation.language.as_deref().unwrap_or(&caller.agent.language);
    let said = offer.plain_body(&app, &caller.tenant.id, language).map_err(failed)?;
    let new = NewAgentMessage {
        tenant: caller.tenant.id.clone(),
        conversation: id.clone(),
        agent: caller.agent.id.clone(),
        agent_name: caller.agent.name.clone(),
        client_id: body.client_id,
        text: said.summary(),
        note: false,
        seen_seq: body.seen_seq,
        live: crate::accounts::delivers_live(&conversation.channel),
        quotes: None,
        answer: None,
    };
    let posted = app.store.post_agent_body(new, said.clone()).await?;
    match posted {
        Posted::Message(message) => {
            // Of two calls at once only one has posted its own words.
            if message.body == said {
                app.store.audit(&caller.tenant.id, by, "conversation.link_given", id.as_str()).await?;
            }
            Ok((StatusCode::CREATED, Json(json!({ "message": MessageView::of(&message) }))))
        }
        Posted::Collision(_) => Err(Problem::conflict(
            "A colleague has answered meanwhile. Nothing was sent: read the answer, then try again.",
            None,
        )),
    }
}

/// The addresses that are linked with the caller.
#[utoipa::path(get, path = "/api/v1/me/addresses",
    responses((status = 200, body = Object), (status = 401)))]
pub(super) async fn own(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let addresses = app.store.agent_addresses(&caller.tenant.id, &caller.agent.id).await?;
    Ok(Json(json!({ "addresses": addresses })))
}

/// A code that links the address from which the caller sends it.
#[utoipa::path(post, path = "/api/v1/me/addresses",
    responses((status = 201, body = Object), (status = 401)))]
pub(super) async fn own_code(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let owner = LinkOwner::Agent(caller.agent.id.clone());
    let by = caller.agent.id.as_str();
    let offer = offer(&app, &caller.tenant.id, (&owner, by), None).await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(json!({ "offer": offer }))))
}

/// Unlink an address of the caller's own.
#[utoipa::path(delete, path = "/api/v1/me/addresses/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 404)))]
pub(super) async fn unlink(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<RowId>,
) -> Result<StatusCode, Problem> {
    app.store.unlink_agent_address(&caller.tenant.id, &caller.agent.id, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn failed(error: anyhow::Error) -> Problem {
    tracing::error!(error = format!("{error:#}"), "no code can be made");
    Problem::unavailable()
}
