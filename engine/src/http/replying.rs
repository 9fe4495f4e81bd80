//! What a conversation lets an agent do, and to whom a reply in it may speak.

use channels::Act;
use serde_json::{Value, json};

use super::messages::NewMessage;
use super::problem::Problem;
use crate::accounts::OpenAccount;
use crate::acts::ActError;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, MessageId, TenantId};
use crate::store::{Author, CommentAnswer, Conversation, Message, MessageState, Quote};

/// A private answer to a comment may be sent for so long after it (Meta, private replies).
const PRIVATE_MICROS: i64 = 7 * 24 * 3_600 * Micros::SECOND;
/// The messages among which an earlier private answer is looked for.
const NEWEST: i64 = 100;

/// What the console offers in this conversation.
pub(super) async fn acts(
    app: &App,
    tenant: &TenantId,
    conversation: &Conversation,
) -> Result<Value, Problem> {
    let Some(account) = account(app, tenant, conversation).await else { return Ok(Value::Null) };
    let acts = account.adapter.acts(&account.config, &conversation.thread);
    let private =
        if acts.can(Act::AnswerPrivately) { private_refusal(app, tenant, conversation).await? } else { None };
    Ok(json!({
        "can": acts.can, "reactions": acts.reactions, "delete_hours": acts.delete_hours,
        "quotes_newest": acts.quotes_newest, "private_refused": private,
    }))
}

async fn account(
    app: &App,
    tenant: &TenantId,
    conversation: &Conversation,
) -> Option<std::sync::Arc<OpenAccount>> {
    let id = ChannelAccountId::from_text(conversation.channel_account.clone());
    app.accounts.find(&id).await.filter(|account| account.tenant == *tenant)
}

/// Refuses where the account is removed: nothing could be sent.
pub(super) async fn must_be_open(
    app: &App,
    (tenant, conversation): (&TenantId, &Conversation),
) -> Result<(), Problem> {
    account(app, tenant, conversation).await.map(drop).ok_or_else(Problem::account_gone)
}

/// Why its author cannot be answered alone: `answered` or `too_old`.
async fn private_refusal(
    app: &App,
    tenant: &TenantId,
    conversation: &Conversation,
) -> Result<Option<&'static str>, Problem> {
    let newest = app.store.messages(tenant, &conversation.id, None, NEWEST).await?;
    let is_private = |message: &Message| {
        message.body.answer == Some(CommentAnswer::Private) && message.state != MessageState::Failed
    };
    if newest.iter().any(is_private) {
        return Ok(Some("answered"));
    }
    let heard = newest.iter().rfind(|message| message.author == Author::Customer);
    let age = heard.map_or(0, |message| app.store.clock().now().0 - message.at.0);
    Ok((age > PRIVATE_MICROS).then_some("too_old"))
}

/// The quoted message by the platform's name of it.
pub(super) async fn quote(
    app: &App,
    (tenant, conversation): (&TenantId, &Conversation),
    new: &NewMessage,
) -> Result<Option<Quote>, Problem> {
    let Some(id) = new.quotes.as_ref().filter(|_| !new.note) else { return Ok(None) };
    let quoted = quotable(app, (tenant, conversation), id).await?;
    let external_id =
        quoted.external_id.clone().ok_or(ActError::Impossible("the platform cannot quote it"))?;
    Ok(Some(Quote { message: quoted.id, external_id }))
}

async fn quotable(
    app: &App,
    (tenant, conversation): (&TenantId, &Conversation),
    id: &MessageId,
) -> Result<Message, Problem> {
    let found = app.store.message(tenant, id).await?;
    let found = found.filter(|message| message.conversation == conversation.id);
    let found = found.ok_or_else(|| Problem::not_found("message"))?;
    let account = account(app, tenant, conversation).await;
    let acts = account.map(|account| account.adapter.acts(&account.config, &conversation.thread));
    if !acts.is_some_and(|acts| acts.can(Act::Quote)) || found.body.deleted {
        return Err(ActError::Impossible("the platform cannot quote it").into());
    }
    if acts.is_some_and(|acts| acts.quotes_newest) {
        let newest = app.store.act_target(tenant, &conversation.id).await?.and_then(|target| target.newest);
        if found.author != Author::Customer || newest != found.external_id {
            return Err(
                ActError::Impossible("this platform quotes only the customer's newest message").into()
            );
        }
    }
    Ok(found)
}

/// To whom an answer to a comment speaks. Elsewhere there is nothing to choose.
pub(super) async fn answer(
    app: &App,
    (tenant, conversation): (&TenantId, &Conversation),
    new: &NewMessage,
) -> Result<Option<CommentAnswer>, Problem> {
    let account = account(app, tenant, conversation).await;
    let acts = account.map(|account| account.adapter.acts(&account.config, &conversation.thread));
    let is_comment = acts.is_some_and(|acts| acts.can(Act::AnswerPublicly));
    if new.note || !is_comment {
        return match new.answer {
            Some(_) if !new.note => Err(ActError::Impossible("only comments are answered so").into()),
            _ => Ok(None),
        };
    }
    let answer = new.answer.unwrap_or(CommentAnswer::Private);
    if answer == CommentAnswer::Private {
        match private_refusal(app, tenant, conversation).await? {
            Some("answered") => {
                let why = "a comment has one private answer; the talk goes on when the person answers it";
                return Err(ActError::Impossible(why).into());
            }
            Some(_) => {
                return Err(ActError::Impossible("a comment is answered privately within seven days").into());
            }
            None => {}
        }
    }
    Ok(Some(answer))
}
