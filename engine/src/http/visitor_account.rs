//! What becomes of an open web chat when people switch its account off, take it away, or end its key.

use std::sync::Arc;

use axum::extract::ws::WebSocket;

use super::frames;
use crate::accounts::OpenAccount;
use crate::app::App;

/// How long a visitor is asked to wait for an account that is off.
pub(super) const OFF_MILLIS: u64 = 5_000;
/// The close code of a socket whose account was removed.
const REMOVED: u16 = 4404;
/// The close code of a socket whose visitor can no longer be known by the token.
pub(super) const UNAUTHORISED: u16 = 4401;

/// How the account of an open socket is now.
pub(super) enum Standing {
    Open(Arc<OpenAccount>),
    /// People have switched it off.
    Off(Arc<OpenAccount>),
    /// The store cannot tell at the moment.
    Unknown,
    /// Nothing can be said on this socket any more: the close code says why.
    Gone(u16),
}

/// Looks at the account again; what was read within half a second is good enough. `token` is the visitor's.
pub(super) async fn standing(app: &App, held: &Arc<OpenAccount>, token: &str) -> Standing {
    let account = match app.accounts.try_find(&held.id).await {
        Ok(Some(account)) => account,
        Ok(None) => return Standing::Gone(REMOVED),
        Err(error) => {
            tracing::warn!(%error, "a web chat's account cannot be read");
            return Standing::Unknown;
        }
    };
    let is_changed = !Arc::ptr_eq(&account, held);
    let now = app.store.clock().now().0;
    if is_changed && channels::web::verify_token(&account.config, token, now).is_none() {
        return Standing::Gone(UNAUTHORISED);
    }
    if account.enabled { Standing::Open(account) } else { Standing::Off(account) }
}

/// Closes with a code that tells the widget not to come back, or to come back as somebody new.
pub(super) async fn close(socket: &mut WebSocket, code: u16) {
    let reason = if code == REMOVED { "this chat was closed" } else { "the token is no longer good" };
    frames::close(socket, code, reason.to_owned()).await;
}
