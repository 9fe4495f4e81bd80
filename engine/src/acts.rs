//! What people of ours do to messages beside saying: react, change, take back, hide, and give the thread away. The platform
//! does it first, and what it took is kept; no lock is held meanwhile, and every act may be done twice.

use std::sync::Arc;

use channels::{Act, Action, Destination, HttpResponse, SendError};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{AgentId, ConversationId, MessageId, TenantId};
use crate::platform::{CallLimits, call};
use crate::store::{
    Author, ChangeKind, CommentAnswer, ControlChange, Conversation, Message, MessageState, OURS, StoreError,
};

const HOUR: i64 = 3_600 * Micros::SECOND;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be done to this message or on this channel: the words say why.
    #[error("{0}")]
    Impossible(&'static str),
    #[error("the account is switched off")]
    Off,
    /// The platform's own words, and in brackets what to do.
    #[error("{0}")]
    Refused(String),
    /// Nobody knows whether it was done; to try again does no harm.
    #[error("{0}")]
    Unknown(String),
}

/// A message and where it stands.
struct Scene {
    message: Message,
    account: Arc<OpenAccount>,
    to: Destination,
}

async fn scene(app: &App, tenant: &TenantId, message: &MessageId) -> Result<Scene, ActError> {
    let message = app.store.message(tenant, message).await?.ok_or(StoreError::NotFound("message"))?;
    let (account, to) = place(app, tenant, &message.conversation).await?;
    Ok(Scene { message, account, to })
}

async fn place(
    app: &App,
    tenant: &TenantId,
    conversation: &ConversationId,
) -> Result<(Arc<OpenAccount>, Destination), ActError> {
    let target = app.store.act_target(tenant, conversation).await?;
    let target = target.ok_or(StoreError::NotFound("conversation"))?;
    let account = app.accounts.find(&target.account).await.filter(|account| account.tenant == *tenant);
    let account = account.ok_or(StoreError::NotFound("channel account"))?;
    let now = app.store.clock().now().0;
    Ok((account, Destination { human: true, now, ..target.destination }))
}

impl Scene {
    fn can(&self, act: Act) -> bool {
        self.account.adapter.acts(&self.account.config, &self.to.thread).can(act)
    }

    /// A message of ours that the platform has and that still stands, by everything that the platform calls it.
    async fn ours(&self, app: &App) -> Result<Vec<String>, ActError> {
        let Message { author, body, state, .. } = &self.message;
        if !matches!(author, Author::Bot | Author::Agent) || body.heard.is_some() {
            return Err(ActError::Impossible("only what we said ourselves from here can be changed"));
        }
        if body.deleted || matches!(state, MessageState::Queued | MessageState::Failed) {
            return Err(ActError::Impossible("the customer does not have this message"));
        }
        if body.answer == Some(CommentAnswer::Private) {
            return Err(ActError::Impossible("a private answer to a comment cannot be changed"));
        }
        let ids = app.store.platform_ids(&self.account.tenant, &self.message).await?;
        if ids.is_empty() {
            Err(ActError::Impossible("the platform gave this message no id"))
        } else {
            Ok(ids)
        }
    }

    async fn act(&self, app: &App, action: &Action) -> Result<(), ActError> {
        perform(app, &self.account, &self.to, action).await
    }

    async fn keep(self, app: &App, what: ChangeKind) -> Result<Message, ActError> {
        Ok(app.store.keep_act(&self.account.tenant, &self.message.id, what).await?)
    }
}

async fn perform(
    app: &App,
    account: &OpenAccount,
    to: &Destination,
    action: &Action,
) -> Result<(), ActError> {
    if !account.enabled {
        return Err(ActError::Off);
    }
    let request = account.adapter.act(&account.config, to, action);
    let request = request.ok_or(ActError::Impossible("this channel does not let us do that"))?;
    keep_pace(app, account, to).await?;
    let outcome = match call(app, account, &request, CallLimits::default()).await {
        Ok(response) => {
            let body = &response.body;
            let answer = HttpResponse { status: response.status, headers: response.headers, body };
            account.adapter.outcome(&request, &answer).map(drop)
        }
        Err(error) => Err(error),
    };
    metrics::counter!("sala_acts_total", "outcome" => if outcome.is_ok() { "done" } else { "refused" })
        .increment(1);
    outcome.map_err(|error| match error {
        SendError::Refused { reason, advice, .. } => ActError::Refused(format!("{reason} ({advice})")),
        SendError::Retry { reason, .. } | SendError::Ambiguous { reason } => ActError::Unknown(reason),
    })
}

/// Waits for the platform's pace as long as somebody looks on.
async fn keep_pace(app: &App, account: &OpenAccount, to: &Destination) -> Result<(), ActError> {
    let mut left = LONGEST_WAIT;
    while let Err(wait) = app.pace.admit(account, to).await {
        left = left.checked_sub(wait).ok_or(ActError::Impossible(
            "the platform lets us do no more at this moment: try again in a minute",
        ))?;
        tokio::time::sleep(wait).await;
    }
    Ok(())
}

const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(5);

/// Our side reacts to a customer's message; `None` takes the reaction back.
pub async fn react(
    app: &App,
    tenant: &TenantId,
    message: &MessageId,
    emoji: Option<String>,
) -> Result<Message, ActError> {
    let scene = scene(app, tenant, message).await?;
    let acts = scene.account.adapter.acts(&scene.account.config, &scene.to.thread);
    if emoji.as_deref().is_some_and(|emoji| !acts.reactions.allow(emoji)) {
        return Err(ActError::Impossible("the platform does not know this reaction"));
    }
    let stands = scene.message.author == Author::Customer && !scene.message.body.deleted;
    let external_id = scene.message.external_id.clone().filter(|_| stands);
    let external_id =
        external_id.ok_or(ActError::Impossible("only what the customer said can be reacted to"))?;
    scene.act(app, &Action::React { external_id, emoji: emoji.clone() }).await?;
    scene.keep(app, ChangeKind::Reaction { by: OURS.to_owned(), emoji }).await
}

/// Changes the words of a message of ours.
pub async fn edit(
    app: &App,
    tenant: &TenantId,
    message: &MessageId,
    text: String,
) -> Result<Message, ActError> {
    let scene = scene(app, tenant, message).await?;
    let ids = scene.ours(app).await?;
    let is_text = matches!(scene.message.body.parts.as_slice(), [channels::Part::Text { .. }]);
    let [external_id] = ids.as_slice() else {
        return Err(ActError::Impossible("the message went out in several parts"));
    };
    if !scene.can(Act::Edit) || !is_text || !scene.message.body.choices.is_empty() {
        return Err(ActError::Impossible("this message cannot be changed on this channel"));
    }
    let limits = scene.account.adapter.capabilities();
    if limits.text_unit.measure(&text) > limits.text_limit {
        return Err(ActError::Impossible("the text is longer than one message of this platform"));
    }
    let external_id = external_id.clone();
    scene.act(app, &Action::Edit { external_id, text: text.clone() }).await?;
    scene.keep(app, ChangeKind::Edited { text }).await
}

/// Takes a message of ours back, with all its parts.
pub async fn delete(app: &App, tenant: &TenantId, message: &MessageId) -> Result<Message, ActError> {
    let scene = scene(app, tenant, message).await?;
    let ids = scene.ours(app).await?;
    let acts = scene.account.adapter.acts(&scene.account.config, &scene.to.thread);
    let age = app.store.clock().now().0 - scene.message.at.0;
    if !acts.can(Act::Delete) {
        return Err(ActError::Impossible("messages cannot be taken back on this channel"));
    }
    if acts.delete_hours > 0 && age > i64::from(acts.delete_hours) * HOUR {
        return Err(ActError::Impossible("the message is too old to be taken back"));
    }
    for external_id in ids {
        scene.act(app, &Action::Delete { external_id }).await?;
    }
    scene.keep(app, ChangeKind::Deleted).await
}

/// Hides a customer's comment from everybody else, or shows it again.
pub async fn hide(
    app: &App,
    tenant: &TenantId,
    message: &MessageId,
    hidden: bool,
) -> Result<Message, ActError> {
    let scene = scene(app, tenant, message).await?;
    let is_comment = matches!(&scene.message.body.heard, Some(channels::Content::Comment { .. }));
    let external_id = scene.message.external_id.clone().filter(|_| is_comment && scene.can(Act::Hide));
    let external_id = external_id.ok_or(ActError::Impossible("only comments can be hidden"))?;
    scene.act(app, &Action::Hide { external_id, hidden }).await?;
    scene.keep(app, ChangeKind::Hidden(hidden)).await
}

/// Who owns the thread on the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadOwner {
    /// The platform's own inbox: nobody can answer from here.
    Inbox,
    /// Us: this agent goes on.
    Us(AgentId),
}

/// Passes the thread to the platform's own inbox, or takes it back.
pub async fn hand_over(
    app: &App,
    tenant: &TenantId,
    conversation: &ConversationId,
    owner: ThreadOwner,
) -> Result<Conversation, ActError> {
    let (account, to) = place(app, tenant, conversation).await?;
    if !account.adapter.acts(&account.config, &to.thread).can(Act::Handover) {
        return Err(ActError::Impossible("the thread cannot be passed on this channel"));
    }
    let metadata = String::new();
    let (action, change) = match owner {
        ThreadOwner::Inbox => (Action::PassControl { metadata }, ControlChange::ToInbox),
        ThreadOwner::Us(agent) => (Action::TakeControl { metadata }, ControlChange::Take(agent)),
    };
    perform(app, &account, &to, &action).await?;
    Ok(app.store.change_control(tenant, conversation, change).await?)
}
