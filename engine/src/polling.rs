//! Polling: channel accounts whose platform is asked instead of calling us.

use std::time::Duration;

use channels::HttpResponse;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::http::take_in;
use crate::ids::ChannelAccountId;
use crate::platform::{CallLimits, call};

/// How often the list of accounts is looked at.
const ACCOUNTS: Duration = Duration::from_secs(10);
/// The wait after a poll that failed.
const FAILED: Duration = Duration::from_secs(3);
/// A platform that answers at once with nothing is not asked faster than this.
const EMPTY: Duration = Duration::from_millis(500);
/// Longer than any platform holds a poll open.
const DEADLINE: Duration = Duration::from_mins(1);

/// Polls every account whose setting `receive` is `poll`, until the app is closing.
pub async fn run(app: App) {
    let mut polled: Vec<ChannelAccountId> = Vec::new();
    while !app.is_closing() {
        if let Ok(tenants) = app.store.tenants().await {
            for tenant in tenants {
                for account in app.store.channel_accounts(&tenant.id).await.unwrap_or_default() {
                    let wanted = account.settings.get("receive").is_some_and(|how| how == "poll");
                    if wanted && !polled.contains(&account.id) {
                        polled.push(account.id.clone());
                        tokio::spawn(poll(app.clone(), account.id));
                    }
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(ACCOUNTS) => {}
            () = app.closing() => {}
        }
    }
}

/// Asks for news again and again. The cursor moves only past what is stored, so a crash asks again.
async fn poll(app: App, id: ChannelAccountId) {
    let mut cursor = String::new();
    while !app.is_closing() {
        let Some(account) = app.accounts.find(&id).await else { return };
        if !account.enabled {
            tokio::select! {
                () = tokio::time::sleep(FAILED) => continue,
                () = app.closing() => return,
            }
        }
        let pause = tokio::select! {
            outcome = poll_once(&app, &account, &mut cursor) => match outcome {
                Ok(0) => EMPTY,
                Ok(_) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(account = %id, %error, "the platform cannot be polled; trying again");
                    FAILED
                }
            },
            () = app.closing() => return,
        };
        tokio::time::sleep(pause).await;
    }
}

async fn poll_once(app: &App, account: &OpenAccount, cursor: &mut String) -> anyhow::Result<usize> {
    let Some(request) = account.adapter.poll(&account.config, cursor) else {
        anyhow::bail!("this channel cannot be polled: use its webhook")
    };
    let limits = CallLimits { timeout: Some(DEADLINE), max_body: None };
    let response = call(app, account, &request, limits).await?;
    let answer = HttpResponse { status: response.status, headers: response.headers, body: &response.body };
    let polled = account.adapter.polled(&account.config, &answer, app.store.clock().now().0)?;
    let count = polled.events.len();
    for event in polled.events {
        take_in(app, account, event.event)
            .await
            .map_err(|problem| anyhow::anyhow!("{}", problem.status()))?;
    }
    if !polled.cursor.is_empty() {
        *cursor = polled.cursor;
    }
    Ok(count)
}
