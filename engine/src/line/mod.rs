//! What only LINE has: rich menus, messages to many, audiences, figures.
//!
//! Everything that takes several calls is a job that can be repeated: what was done before is found again by a mark of
//! ours or by LINE's retry keys.

pub mod audiences;
pub mod broadcasts;
pub mod figures;
pub mod menus;
pub mod own_menu;

use channels::{HttpResponse, PlatformRequest, SendError};
use serde_json::Value;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_check::without_secrets;
use crate::platform::{CallLimits, call};
use crate::store::Job;

/// The kinds of our jobs begin so: they have a lane of their own.
pub const KINDS: &str = "line_";

/// An answer of LINE's that is no refusal.
pub(crate) struct Answer {
    pub(crate) body: Value,
    headers: Vec<(String, String)>,
}

impl Answer {
    /// What LINE calls the request: it is asked about by that.
    fn request_id(&self) -> Option<String> {
        let accepted = ["x-line-accepted-request-id", "x-line-request-id"];
        accepted.into_iter().find_map(|name| {
            let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        })
    }
}

/// Calls LINE. What it refuses comes back in its own words, without our secrets.
pub(crate) async fn ask(
    app: &App,
    account: &OpenAccount,
    request: &PlatformRequest,
) -> Result<Answer, SendError> {
    let answer = call(app, account, request, CallLimits::default()).await?;
    let response =
        HttpResponse { status: answer.status, headers: answer.headers.clone(), body: &answer.body };
    account.adapter.outcome(request, &response).map_err(|error| clean(account, error))?;
    let body = serde_json::from_slice(&answer.body).unwrap_or_default();
    Ok(Answer { body, headers: answer.headers })
}

fn clean(account: &OpenAccount, error: SendError) -> SendError {
    match error {
        SendError::Refused { code, reason, advice } => {
            SendError::Refused { code, reason: without_secrets(&account.config.secrets, &reason), advice }
        }
        other => other,
    }
}

/// Does a job of ours.
pub async fn work(app: &App, job: &Job) -> anyhow::Result<()> {
    match job.kind.as_str() {
        menus::UPLOAD => menus::upload(app, job).await,
        menus::LINK => menus::link_many(app, job).await,
        own_menu::SHOW => own_menu::show(app, job).await,
        broadcasts::SEND => broadcasts::send(app, job).await,
        audiences::MAKE => audiences::make(app, job).await,
        other => Err(anyhow::anyhow!("this program does not know jobs of the kind {other}")),
    }
}
