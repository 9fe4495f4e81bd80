//! Taking proofs out of what arrives: what is stored holds no code that anybody could read.

use channels::line::agreed_nonce;
use channels::{ChannelName, Content, InboundMessage};

use super::proof::{self, TOKEN_PAYLOAD, TokenUse};
use super::veiled::VEIL;
use super::{HINT, TOO_MANY, mistyped};
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
    /// A code that somebody mistyped, as it stands in the text.
    slip: Option<String>,
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
            hide(message, (None, hash));
        }
        // Another nonce is of a service that links accounts without us.
        return Ok(());
    }
    let Some((found, known)) = looked_up(app, account, message).await? else { return Ok(()) };
    let tenant = &account.tenant;
    let who = format!("{}/{}", account.id, message.sender.external_id);
    // Visitors of the web chat are made at will, so they share a limit; whoever comes by a platform has their own.
    let is_visitor = account.name == ChannelName::Web;
    let limited = app.store.failed_attempts(tenant, &who).await? >= FAILURES_OF_ADDRESS
        || is_visitor && app.store.failed_attempts(tenant, "").await? >= FAILURES_OF_VISITORS;
    if limited && (known || found.explicit) {
        metrics::counter!("sala_links_total", "outcome" => "too_many").increment(1);
        hide(message, (found.slip.as_deref(), TOO_MANY.to_owned()));
        return Ok(());
    }
    if !known && !limited {
        let shared = is_visitor.then(String::new);
        app.store.count_failed_attempt(tenant, std::iter::once(who).chain(shared).collect()).await?;
    }
    if known || found.explicit {
        hide(message, (found.slip.as_deref(), found.hash.unwrap_or_default()));
    }
    Ok(())
}

/// What a private message brings, and whether there is such a proof. What only looks like a code may be a mistyped one.
async fn looked_up(
    app: &App,
    account: &OpenAccount,
    message: &mut InboundMessage,
) -> Result<Option<(Found, bool)>, StoreError> {
    let found = found(app, account, message);
    let known = match found.as_ref().and_then(|found| found.hash.as_deref()) {
        Some(hash) => app.store.is_link(&account.tenant, hash).await?,
        None => false,
    };
    if known || found.as_ref().is_some_and(|found| found.explicit) {
        return Ok(found.map(|found| (found, known)));
    }
    let slip = mistyped(app, account, message).await?;
    let missed = slip.map(|slip| Found { hash: None, explicit: true, slip: Some(slip) });
    Ok(missed.or(found).map(|found| (found, false)))
}

/// A mistyped code in what somebody wrote to us.
async fn mistyped(
    app: &App,
    account: &OpenAccount,
    message: &mut InboundMessage,
) -> Result<Option<String>, StoreError> {
    let is_choice = matches!(message.content, Content::Choice { .. });
    let texts: Vec<String> = texts(&mut message.content).into_iter().map(|text| text.clone()).collect();
    for text in texts.iter().filter(|_| !is_choice) {
        if let Some(slip) = mistyped::find(app, account, (&message.thread, text)).await? {
            return Ok(Some(slip));
        }
    }
    Ok(None)
}

/// Voids every live code and token in a message that links nobody, and puts dots in their place.
async fn void(app: &App, account: &OpenAccount, message: &mut InboundMessage) -> Result<(), StoreError> {
    let tenant = &account.tenant;
    let is_pressed = matches!(message.content, Content::Choice { .. });
    let is_written = !is_pressed && !texts(&mut message.content).is_empty();
    let brought = found(app, account, message).filter(|_| !is_written).and_then(|found| found.hash);
    if let Some(hash) = brought
        && app.store.void_link(tenant, &hash).await?
    {
        metrics::counter!("sala_links_total", "outcome" => "public").increment(1);
        cover(message);
    }
    for text in texts(&mut message.content) {
        void_in(app, account, text).await?;
    }
    Ok(())
}

async fn void_in(app: &App, account: &OpenAccount, text: &mut String) -> Result<(), StoreError> {
    let tenant = &account.tenant;
    for secret in proof::secrets_in(text) {
        let hash = match proof::read_code(&secret) {
            Some(code) => Some(proof::hash(&app.key, tenant, &code)),
            None => [TokenUse::Web, TokenUse::Login]
                .into_iter()
                .find_map(|at| proof::read_token(&app.key, tenant, (at, &secret))),
        };
        let Some(hash) = hash else { continue };
        if app.store.void_link(tenant, &hash).await? {
            metrics::counter!("sala_links_total", "outcome" => "public").increment(1);
            *text = text.replace(&secret, VEIL);
        }
    }
    Ok(())
}

/// What people wrote in it, and the names of what they sent.
fn texts(content: &mut Content) -> Vec<&mut String> {
    match content {
        Content::Text { text } | Content::StoryReply { text, .. } => vec![text],
        Content::Edited { text, .. } => text.iter_mut().collect(),
        Content::Comment { comment } => comment.text.iter_mut().collect(),
        Content::Media { media } => media.caption.iter_mut().chain(&mut media.name).collect(),
        Content::Choice { title, .. } => title.iter_mut().collect(),
        Content::Contact { contacts } => contacts.iter_mut().map(|contact| &mut contact.name).collect(),
        Content::Location { location } => location.title.iter_mut().chain(&mut location.address).collect(),
        _ => Vec::new(),
    }
}

/// The hash of the nonce with which LINE says that the person linked their account. LINE vouches for it, so it is no guess.
fn agreed(app: &App, account: &OpenAccount, message: &InboundMessage) -> Option<String> {
    let Content::Notice { notice } = &message.content else { return None };
    let nonce = agreed_nonce(notice).filter(|_| account.name == ChannelName::Line)?;
    Some(proof::hash(&app.key, &account.tenant, nonce))
}

fn found(app: &App, account: &OpenAccount, message: &mut InboundMessage) -> Option<Found> {
    let of_code = |code: String| Some(proof::hash(&app.key, &account.tenant, &code));
    let brought = |payload: &str| {
        proof::read_payload(payload).map(|code| Found { hash: of_code(code), explicit: true, slip: None })
    };
    let by_referral = || brought(message.referral.as_ref()?.payload.as_deref()?);
    let by_text = |text: &str| {
        let within = || proof::secrets_in(text).iter().find_map(|secret| proof::read_code(secret));
        let code = proof::read_code(text).or_else(within);
        code.map(|code| Found { hash: of_code(code), explicit: false, slip: None })
    };
    let written = texts(&mut message.content).into_iter().find_map(|text| by_text(text));
    let by_content = match &message.content {
        Content::Started { payload: Some(payload) } => brought(payload),
        Content::Referral { referral } => referral.payload.as_deref().and_then(brought),
        Content::Choice { payload, .. } => payload.strip_prefix(TOKEN_PAYLOAD).map(|token| Found {
            hash: proof::read_token(&app.key, &account.tenant, (TokenUse::Web, token)),
            explicit: true,
            slip: None,
        }),
        _ => None,
    };
    by_content.or(written).or_else(by_referral)
}

fn hide(message: &mut InboundMessage, (slip, hint): (Option<&str>, String)) {
    for text in texts(&mut message.content) {
        if let Some(slip) = slip.filter(|slip| !slip.is_empty()) {
            *text = text.replace(slip, VEIL);
        }
    }
    cover(message);
    message.hints.push((HINT.to_owned(), hint));
}

/// Takes what was found out of the message.
fn cover(message: &mut InboundMessage) {
    texts(&mut message.content).into_iter().for_each(cover_codes);
    match &mut message.content {
        Content::Started { payload } => *payload = Some(VEILED_PAYLOAD.to_owned()),
        Content::Referral { referral } => {
            referral.payload = Some(VEILED_PAYLOAD.to_owned());
            referral.url = None;
        }
        Content::Choice { payload, .. } if payload.starts_with(TOKEN_PAYLOAD) => {
            VEILED_PAYLOAD.clone_into(payload);
        }
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
