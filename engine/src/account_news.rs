//! What a platform tells of a channel account itself is acted on: its templates are fetched again, and the account is
//! looked at at once where its standing may have changed.

use channels::{Content, InboundMessage, NoticeKind};

use crate::account_care::{LOOK, add_job};
use crate::accounts::OpenAccount;
use crate::app::App;

/// Acts on it; what it says is kept by the caller.
pub async fn heard(app: &App, account: &OpenAccount, message: &InboundMessage) -> anyhow::Result<()> {
    match &message.content {
        Content::Notice { notice } if notice.kind != NoticeKind::Account => Ok(()),
        Content::Notice { notice } if notice.name.contains("template") => {
            crate::templates::heard(app, account, message).await
        }
        Content::Notice { .. } => add_job(app, &account.tenant, &account.id, LOOK).await,
        _ => Ok(()),
    }
}
