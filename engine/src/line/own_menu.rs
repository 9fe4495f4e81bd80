//! The menu of one person, as a flow wants it: the engine's own action `sala:/line-menu`.

use anyhow::Context as _;
use channels::line::rich_menu;
use channels::{ChannelName, SendError};
use serde::{Deserialize, Serialize};

use super::{ask, menus};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::ChannelAccountId;
use crate::store::{Job, NewJob, PendingMessage};
use crate::turn::Thought;

/// The path of the action.
pub const MENU_PATH: &str = "/line-menu";
/// The kind of the job that shows the menu.
pub const SHOW: &str = "line_menu_show";

#[derive(Serialize, Deserialize)]
struct Show {
    account: ChannelAccountId,
    /// LINE's id of the person.
    person: String,
    /// Nothing shows the menu that everybody sees.
    alias: String,
}

/// The job that follows from what a flow wants; none where there is nothing to show: elsewhere than on LINE, and in
/// groups, which have no menus. A newer wish for the same person takes the place of one that waits.
pub fn wish(
    account: &OpenAccount,
    message: &PendingMessage,
    (thought, now): (&Thought, Micros),
) -> Option<NewJob> {
    let alias = thought.performance.menu.clone()?;
    let heard = message.inbound_message.as_ref().filter(|heard| !heard.group)?;
    if account.name != ChannelName::Line {
        return None;
    }
    let person = heard.sender.external_id.clone();
    let dedupe = format!("{}/{person}", account.id);
    let show = Show { account: account.id.clone(), person, alias };
    let payload = serde_json::to_string(&show).ok()?;
    Some(NewJob { tenant: account.tenant.clone(), kind: SHOW, dedupe, payload, run_at: now })
}

/// Shows it. What LINE refuses is for good: an alias that is not there, a person who left.
pub async fn show(app: &App, job: &Job) -> anyhow::Result<()> {
    let Show { account: id, person, alias } = serde_json::from_str(&job.payload)?;
    let account = app.accounts.try_find(&id).await?.context("the channel account is gone")?;
    match try_show(app, &account, (&person, &alias)).await {
        Ok(()) => Ok(()),
        Err(SendError::Refused { reason, .. }) => {
            tracing::warn!(account = %id, %alias, %reason, "LINE does not show the menu that a flow wants");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

async fn try_show(app: &App, account: &OpenAccount, (person, alias): (&str, &str)) -> Result<(), SendError> {
    if alias.is_empty() {
        return menus::link(app, account, person, None).await;
    }
    let named = ask(app, account, &rich_menu::find_alias(&account.config, alias)).await?;
    let menu = named.body["richMenuId"].as_str();
    let menu = menu.ok_or_else(|| SendError::Retry {
        after_ms: None,
        reason: "LINE does not tell which menu the alias means".to_owned(),
    })?;
    menus::link(app, account, person, Some(menu)).await
}
