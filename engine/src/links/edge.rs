//! Taking proofs out of what arrives: what is stored holds no code that anybody could read.

use channels::line::agreed_nonce;
use channels::{ChannelName, Content, InboundMessage};

use super::proof::{self, TOKEN_PAYLOAD};
use super::veiled::VEIL;
use super::{HINT, TOO_MANY};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::store::StoreError;

/// Wrong codes within ten minutes after which none counts: of one address, and of all visitors of a company's web chats.
const FAILURES_OF_ADDRESS: i64 = 5;
const FAILURES_OF_VISITORS: i64 = 300;
const VEILED_PAYLOAD: &str = "link";

/// A proof in a message.
struct Found {
    /// None where it is no token of ours.
    hash: Option<String>,
    /// A plain text may look like a code by chance.
    explicit: bool,
}

/// Where a private message is or brings a code or token, takes it out and leaves its hash as a hint for the turn. Where
/// others read, too, it links nobody: everybody there has read it, so it is good for nobody any more.
pub async fn veil(app: &App, account: &OpenAccount, message: &mut InboundMessage) -> Result<(), StoreError> {
    message.hints.retain(|(name, _)| name != HINT);
    if message.thread.is_empty() {
        return Ok(());
    }
    let is_open = matches!(message.content, Content::Comment { .. } | Content::Edited { .. });
    if is_open || message.group || !message.addressed || message.standby {
        return void(app, account, message).await;
    }
    if let Some(hash) = agreed(app, account, message) {
        if app.store.is_link(&account.tenant, &hash).await? {
            hide(message, hash);
        }
        // Another nonce is of a service that links accounts without us.
        return Ok(());
    }
    let Some(found) = found(app, account, message) else { return Ok(()) };
    let tenant = &account.tenant;
    let who = format!("{}/{}", account.id, message.sender.external_id);
    let known = match &found.hash {
        Some(hash) => app.store.is_link(tenant, hash).await?,
        None => false,
    };
    // Visitors of the web chat are made at will, so they share a limit; whoever comes by a platform has their own.
    let is_visitor = account.name == ChannelName::Web;
    let limited = app.store.failed_attempts(tenant, &who).await? >= FAILURES_OF_ADDRESS
        || is_visitor && app.store.failed_attempts(tenant, "").await? >= FAILURES_OF_VISITORS;
    if limited && (known || found.explicit) {
        metrics::counter!("sala_links_total", "outcome" => "too_many").increment(1);
        hide(message, TOO_MANY.to_owned());
        return Ok(());
    }
    if !known && !limited {
        let shared = is_visitor.then(String::new);
        app.store.count_failed_attempt(tenant, std::iter::once(who).chain(shared).collect()).await?;
    }
    if known || found.explicit {
        hide(message, found.hash.unwrap_or_default());
    }
    Ok(())
}

/// Voids every live code and token in a message that links nobody, and puts dots in their place.
async fn void(app: &App, account: &OpenAccount, message: &mut InboundMessage) -> Result<(), StoreError> {
    let tenant = &account.tenant;
    let is_written = words(&mut message.content).is_some();
    let brought = found(app, account, message).filter(|_| !is_written).and_then(|found| found.hash);
    if let Some(hash) = brought
        && app.store.void_link(tenant, &hash).await?
    {
        metrics::counter!("sala_links_total", "outcome" => "public").increment(1);
        cover(message);
    }
    let Some(text) = words(&mut message.content) else { return Ok(()) };
    for secret in proof::secrets_in(text) {
        let hash = match proof::read_code(&secret) {
            Some(code) => Some(proof::hash(&app.key, tenant, &code)),
            None => proof::read_token(&app.key, tenant, &secret),
        };
        let Some(hash) = hash else { continue };
        if app.store.void_link(tenant, &hash).await? {
            metrics::counter!("sala_links_total", "outcome" => "public").increment(1);
            *text = text.replace(&secret, VEIL);
        }
    }
    Ok(())
}

/// What people wrote in it.
fn words(content: &mut Content) -> Option<&mut String> {
    match content {
        Content::Text { text } | Content::StoryReply { text, .. } => Some(text),
        Content::Edited { text, .. } => text.as_mut(),
        Content::Comment { comment } => comment.text.as_mut(),
        Content::Media { media } => media.caption.as_mut(),
        _ => None,
    }
}

/// The hash of the nonce with which LINE says that the person linked their account. LINE vouches for it, so it is no guess.
fn agreed(app: &App, account: &OpenAccount, message: &InboundMessage) -> Option<String> {
    let Content::Notice { notice } = &message.content else { return None };
    let nonce = agreed_nonce(notice).filter(|_| account.name == ChannelName::Line)?;
    Some(proof::hash(&app.key, &account.tenant, nonce))
}

fn found(app: &App, account: &OpenAccount, message: &InboundMessage) -> Option<Found> {
    let of_code = |code: String| Some(proof::hash(&app.key, &account.tenant, &code));
    let brought = |payload: &str| {
        proof::read_payload(payload).map(|code| Found { hash: of_code(code), explicit: true })
    };
    let by_referral = || brought(message.referral.as_ref()?.payload.as_deref()?);
    let by_text = |text: &str| {
        let within = || proof::secrets_in(text).iter().find_map(|secret| proof::read_code(secret));
        let code = proof::read_code(text).or_else(within);
        code.map(|code| Found { hash: of_code(code), explicit: false })
    };
    let by_content = match &message.content {
        Content::Text { text } => by_text(text),
        Content::Media { media } => media.caption.as_deref().and_then(by_text),
        Content::Started { payload: Some(payload) } => brought(payload),
        Content::Referral { referral } => referral.payload.as_deref().and_then(brought),
        Content::Choice { payload, .. } => payload
            .strip_prefix(TOKEN_PAYLOAD)
            .map(|token| Found { hash: proof::read_token(&app.key, &account.tenant, token), explicit: true }),
        _ => None,
    };
    by_content.or_else(by_referral)
}

fn hide(message: &mut InboundMessage, hint: String) {
    cover(message);
    message.hints.push((HINT.to_owned(), hint));
}

/// Takes what was found out of the message.
fn cover(message: &mut InboundMessage) {
    match &mut message.content {
        Content::Text { text } => cover_codes(text),
        Content::Media { media } => media.caption.iter_mut().for_each(cover_codes),
        Content::Started { payload } => *payload = Some(VEILED_PAYLOAD.to_owned()),
        Content::Referral { referral } => {
            referral.payload = Some(VEILED_PAYLOAD.to_owned());
            referral.url = None;
        }
        Content::Choice { payload, .. } => VEILED_PAYLOAD.clone_into(payload),
        Content::Notice { notice } => notice.details["nonce"] = VEILED_PAYLOAD.into(),
        _ => {}
    }
    if let Some(referral) = &mut message.referral {
        referral.payload = Some(VEILED_PAYLOAD.to_owned());
        referral.url = None;
    }
}

fn cover_codes(text: &mut String) {
    if proof::read_code(text).is_some() {
        VEIL.clone_into(text);
        return;
    }
    let codes = proof::secrets_in(text).into_iter().filter(|one| proof::read_code(one).is_some());
    *text = codes.fold(text.clone(), |text, code| text.replace(&code, VEIL));
}
