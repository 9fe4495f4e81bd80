//! What only its reader may read: a message that hands a code out is stored with dots in the code's place, and the code
//! beside it sealed. It is opened where the message is delivered, and nowhere else: colleagues see the dots.

use channels::Part;
use serde::{Deserialize, Serialize};

use super::offer::Offer;
use super::proof;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::TenantId;
use crate::store::{Message, MessageBody, OutboxRow, StoreError};

/// What stands in the place of a code.
pub const VEIL: &str = "••••-••••";

#[derive(Serialize, Deserialize)]
struct Sealed {
    parts: Vec<Part>,
    expires_at: i64,
}

fn row(tenant: &TenantId) -> String {
    format!("messages/body/{tenant}")
}

/// The message that hands the offer out, as it is stored.
pub fn veiled(
    app: &App,
    tenant: &TenantId,
    (offer, parts): (&Offer, Vec<Part>),
) -> anyhow::Result<MessageBody> {
    let secrets = offer.secrets();

    let mut shown = serde_json::to_string(&parts)?;
    for secret in &secrets {
        shown = shown.replace(secret.as_str(), VEIL);
    }
    let sealed = Sealed { parts, expires_at: offer.good_until };
    let sealed = app.key.seal(&row(tenant), &serde_json::to_string(&sealed)?);
    Ok(MessageBody {
        parts: serde_json::from_str(&shown)?,
        sealed: Some(sealed),
        offer: Some(offer.id.clone()),
        ..MessageBody::default()
    })
}

/// The parts as their reader sees them, while what they hand out is good.
fn opened(app: &App, tenant: &TenantId, body: &MessageBody) -> Option<Vec<Part>> {
    let opened = app.key.open(&row(tenant), body.sealed.as_deref()?).ok()?;
    let opened: Sealed = serde_json::from_str(&opened).ok()?;
    (Micros(opened.expires_at) > app.store.clock().now()).then_some(opened.parts)
}

/// The message as its reader sees it: with the code while it is good and nobody has used it. True where it was opened.
pub async fn open(app: &App, tenant: &TenantId, message: &mut Message) -> bool {
    let Some(parts) = opened(app, tenant, &message.body) else { return false };
    // A code whose use cannot be looked up now is shown: it lets nobody in twice.
    if is_used(app, tenant, &parts).await.unwrap_or(false) {
        return false;
    }
    message.body.parts = parts;
    true
}

async fn is_used(app: &App, tenant: &TenantId, parts: &[Part]) -> anyhow::Result<bool> {
    for code in proof::secrets_in(&serde_json::to_string(parts)?) {
        let Some(code) = proof::read_code(&code) else { continue };
        if app.store.is_link_used(tenant, &proof::hash(&app.key, tenant, &code)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The reply as it is sent.
pub async fn open_row(app: &App, row: &mut OutboxRow) -> Result<(), StoreError> {
    let is_veiled = serde_json::to_string(&row.reply.parts).is_ok_and(|parts| parts.contains(VEIL));
    if !is_veiled {
        return Ok(());
    }
    let Some(message) = app.store.message(&row.tenant, &row.message).await? else { return Ok(()) };
    if let Some(parts) = opened(app, &row.tenant, &message.body) {
        row.reply.parts = parts;
    }
    Ok(())
}
