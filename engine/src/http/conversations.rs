//! The conversation list, and who owns the next word.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::caller::Caller;
use super::json::{QueryOf, page_size};
use super::problem::Problem;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId};
use crate::store::{ControlChange, Conversation, ConversationFilter, Tab};
use crate::views::ConversationView;

const PAGE: i64 = 50;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// mine, waiting, comments (that nobody has answered) or all
    tab: Option<String>,
    /// open or resolved
    status: Option<String>,
    /// Part of the person's name or of a message's text.
    q: Option<String>,
    /// The `next` of the page before.
    before: Option<String>,
    /// 1 to 100; 50 when it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

impl ListQuery {
    fn filter(self) -> Result<ConversationFilter, Problem> {
        let tab = match self.tab.as_deref() {
            Some("mine") => Tab::Mine,
            Some("waiting") => Tab::Waiting,
            Some("comments") => Tab::Comments,
            Some("all") | None => Tab::All,
            Some(_) => return Err(Problem::invalid("tab is mine, waiting, comments or all")),
        };
        let status = self.status.unwrap_or_else(|| "open".to_owned());
        if !matches!(status.as_str(), "open" | "resolved") {
            return Err(Problem::invalid("status is open or resolved"));
        }
        Ok(ConversationFilter {
            tab,
            status,
            words: self.q.map(|words| words.chars().take(100).collect()),
            before: self.before.map(|cursor| read_cursor(&cursor)).transpose()?,
            limit: page_size(self.limit, PAGE)?,
        })
    }
}

/// Where a page ended: the time of its last conversation in microseconds, and its id.
fn cursor(last: &Conversation, tab: Tab) -> String {
    let (at, id) = last.place(tab);
    format!("{}.{id}", at.0)
}

fn read_cursor(cursor: &str) -> Result<(Micros, ConversationId), Problem> {
    let parts = cursor.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id)));
    let (at, id) = parts.ok_or_else(|| Problem::invalid("before is the next of another page"))?;
    Ok((Micros(at), ConversationId::from_text(id)))
}

/// List conversations, newest first; those who wait longest first.
#[utoipa::path(get, path = "/api/v1/conversations", params(ListQuery),
    responses((status = 200, body = Object), (status = 400), (status = 401), (status = 403), (status = 422)))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let filter = query.filter()?;
    let page = app.store.conversations(&caller.tenant.id, &caller.agent.id, &filter).await?;
    let is_full = page.conversations.len() as i64 == filter.limit;
    let last = page.conversations.last().filter(|_| is_full);
    let next = last.map(|last| cursor(last, filter.tab));
    let conversations: Vec<_> = page.conversations.iter().map(ConversationView::of).collect();
    Ok(Json(json!({ "conversations": conversations, "counts": page.counts, "next": next })))
}

/// One conversation with its person. What was understood comes with the pages of its messages.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn show(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
) -> Result<Json<Value>, Problem> {
    let tenant = &caller.tenant.id;
    let conversation = find(&app, &caller, &id).await?;
    let person = super::people::view(&app, tenant, &conversation.person).await?;
    let tags = app.store.tags(tenant, &id).await?;
    let acts = super::replying::acts(&app, tenant, &conversation).await?;
    let account = ChannelAccountId::from_text(conversation.channel_account.as_str());
    let colleague = app.store.agent_of_address(tenant, &account, &conversation.thread).await?;
    let colleague = colleague.map(|(id, name)| json!({ "id": id, "name": name }));
    let cost = crate::quota::cost_of(&app, (tenant, &account), &id).await.map_err(|error| {
        tracing::error!(%error, "the cost of a conversation cannot be read");
        Problem::unavailable()
    })?;
    let conversation = ConversationView::of(&conversation);
    Ok(Json(json!({
        "conversation": conversation, "person": person, "colleague": colleague, "tags": tags, "acts": acts,
        "cost": cost,
    })))
}

/// Take a conversation over: the bot falls silent.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/take", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(super) async fn take(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
) -> Result<Json<Value>, Problem> {
    let change = ControlChange::Take(caller.agent.id.clone());
    change_control(&app, &caller, &id, change, "conversation.taken").await
}

/// Hand a conversation back: the bot answers again.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/hand-back", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn hand_back(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
) -> Result<Json<Value>, Problem> {
    change_control(&app, &caller, &id, ControlChange::HandBack, "conversation.handed_back").await
}

/// Mark a conversation as resolved; the bot answers what comes next.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/resolve", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn resolve(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
) -> Result<Json<Value>, Problem> {
    change_control(&app, &caller, &id, ControlChange::Resolve, "conversation.resolved").await
}

async fn change_control(
    app: &App,
    caller: &crate::store::SessionAgent,
    id: &ConversationId,
    change: ControlChange,
    action: &str,
) -> Result<Json<Value>, Problem> {
    let conversation = app.store.change_control(&caller.tenant.id, id, change).await?;
    app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), action, id.as_str()).await?;
    Ok(Json(json!({ "conversation": ConversationView::of(&conversation) })))
}

/// The conversation, if it is the caller's tenant's.
pub(super) async fn find(
    app: &App,
    caller: &crate::store::SessionAgent,
    id: &ConversationId,
) -> Result<Conversation, Problem> {
    app.store.conversation(&caller.tenant.id, id).await?.ok_or_else(|| Problem::not_found("conversation"))
}
