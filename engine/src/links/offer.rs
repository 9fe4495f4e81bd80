//! Handing out a code, with an address for each other channel account on which it can be used.

use std::collections::HashSet;

use channels::{Button, ButtonAction, ChannelName, Part};
use serde::Serialize;

use super::proof::{self, TokenUse};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};
use crate::store::{AccountStanding, Evidence, HealthState, LinkOwner, MessageBody, NewLink};

/// A code and where it can be used.
#[derive(Clone, Debug, Serialize)]
pub struct Offer {
    /// As people read it.
    pub code: String,
    /// Milliseconds UTC.
    pub expires_at: i64,
    pub links: Vec<Invitation>,
    /// When the last of its links ends.
    #[serde(skip)]
    pub good_until: i64,
    /// What everything in it is stored under.
    #[serde(skip)]
    pub id: String,
}

/// A channel account with the address that opens it and brings the code.
#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    pub channel: ChannelName,
    pub account: ChannelAccountId,
    pub name: String,
    /// None where the account's settings do not say under which name people find it.
    pub url: Option<String>,
}

/// Makes a code for its owner. `here` is the account on which it is shown: one does not go on there.
pub async fn offer(
    app: &App,
    tenant: &TenantId,
    (owner, by): (&LinkOwner, &str),
    here: Option<&ChannelAccountId>,
) -> anyhow::Result<Offer> {
    let code = proof::new_code();
    let expires_at = Micros(app.store.clock().now().0 + proof::CODE_LIFE);
    let hash = proof::hash(&app.key, tenant, &code);
    let id = proof::new_nonce();
    let maker = Maker { owner, by, offer: Some(&id) };
    add(app, tenant, maker, (hash, Evidence::OneTimeCode, expires_at)).await?;
    let mut links = Vec::new();
    let accounts = app.store.channel_accounts(tenant).await?;
    let broken = broken(app, tenant).await?;
    // Whoever is in a web chat goes on in an app, and from an app to one web chat.
    let web = ChannelName::Web.as_str();
    let mut has_web = accounts.iter().any(|account| Some(&account.id) == here && account.channel == web);
    for stored in accounts {
        if here == Some(&stored.id) || (stored.channel == web && std::mem::replace(&mut has_web, true)) {
            continue;
        }
        if broken.contains(&stored.id) {
            continue;
        }
        let Some(account) = app.accounts.find(&stored.id).await else { continue };
        let url = match (account.name, owner) {
            (ChannelName::Web, LinkOwner::Agent(_)) | (ChannelName::Webhook, _) => continue,
            (ChannelName::Web, LinkOwner::Person(_)) => {
                let token = signed(app, &account, (TokenUse::Web, maker)).await?;
                Some(format!("{}/chat/{}?link={token}", public_url(app), account.id))
            }
            (ChannelName::Line, LinkOwner::Person(_))
                if channels::line::login::can_log_in(&account.config) =>
            {
                let token = signed(app, &account, (TokenUse::Login, maker)).await?;
                Some(format!("{}/channels/{}/login?link={token}", public_url(app), account.id))
            }
            _ => account.adapter.invitation(&account.config, &proof::payload(&code), &proof::shown(&code)),
        };
        links.push(Invitation { channel: account.name, account: stored.id, name: stored.name, url });
    }
    let good_until = app.store.clock().now().0 + proof::CODE_LIFE.max(proof::TOKEN_LIFE);
    Ok(Offer { code: proof::shown(&code), expires_at: expires_at.millis(), links, good_until, id })
}

/// The accounts on which nobody would be answered now.
async fn broken(app: &App, tenant: &TenantId) -> anyhow::Result<HashSet<ChannelAccountId>> {
    let standings = app.store.account_standings(tenant).await?;
    let fails = |standing: &AccountStanding| {
        let state = standing.health.as_ref().map(|health| health.state);
        !standing.enabled || standing.held_at.is_some() || state == Some(HealthState::Failing)
    };
    Ok(standings.into_iter().filter(fails).map(|standing| standing.id).collect())
}

/// Whose a proof is, and what it is handed out with.
#[derive(Clone, Copy)]
pub(super) struct Maker<'m> {
    pub(super) owner: &'m LinkOwner,
    /// An agent's id, or `customer`.
    pub(super) by: &'m str,
    pub(super) offer: Option<&'m str>,
}

/// The token of a signed link for its owner.
async fn signed(
    app: &App,
    account: &OpenAccount,
    (at, maker): (TokenUse, Maker<'_>),
) -> anyhow::Result<String> {
    let expires_at = Micros(app.store.clock().now().0 + proof::TOKEN_LIFE);
    let (token, hash) = proof::new_token(&app.key, &account.tenant, (at, expires_at));
    add(app, &account.tenant, maker, (hash, Evidence::SignedLink, expires_at)).await?;
    Ok(token)
}

pub(super) async fn add(
    app: &App,
    tenant: &TenantId,
    maker: Maker<'_>,
    (hash, evidence, expires_at): (String, Evidence, Micros),
) -> anyhow::Result<()> {
    let link = NewLink {
        tenant: tenant.clone(),
        hash,
        owner: maker.owner.clone(),
        evidence,
        by: maker.by.to_owned(),
        expires_at,
        offer: maker.offer.map(str::to_owned),
    };
    Ok(app.store.add_link(link).await?)
}

fn public_url(app: &App) -> &str {
    app.config.server.public_url.trim_end_matches('/')
}

/// Platforms are called the same in every language.
pub fn title(app: &App, language: &str, channel: ChannelName) -> String {
    match channel {
        ChannelName::Line => "LINE".to_owned(),
        ChannelName::Messenger => "Messenger".to_owned(),
        ChannelName::Instagram => "Instagram".to_owned(),
        ChannelName::Whatsapp => "WhatsApp".to_owned(),
        ChannelName::Telegram => "Telegram".to_owned(),
        ChannelName::Web | ChannelName::Webhook => app.texts.get(language, "channel-web"),
    }
}

impl Offer {
    /// Everything in it that lets somebody in, as it may stand in a text or an address.
    pub(super) fn secrets(&self) -> Vec<String> {
        let tokens = self.links.iter().filter_map(|link| {
            let address = url::Url::parse(link.url.as_deref()?).ok()?;
            address.query_pairs().find(|(name, _)| name == "link").map(|(_, token)| token.into_owned())
        });
        let code = [self.code.clone(), self.code.replace('-', "")];
        code.into_iter().chain(tokens).filter(|secret| !secret.is_empty()).collect()
    }

    /// The platform, and the account's own name where there are several of it.
    fn title(&self, app: &App, language: &str, link: &Invitation) -> String {
        let platform = title(app, language, link.channel);
        let same = |other: &&Invitation| other.channel == link.channel && other.url.is_some();
        if self.links.iter().filter(same).count() > 1 {
            format!("{platform} · {}", link.name)
        } else {
            platform
        }
    }

    /// What a customer is told, as it is stored: the code, and a button for each account that can be opened.
    pub fn body(&self, app: &App, tenant: &TenantId, language: &str) -> anyhow::Result<MessageBody> {
        let text = app.texts.with(language, "link-offer", &[("code", &self.code)]);
        let open = |link: &Invitation| {
            let url = link.url.clone()?;
            let title = self.title(app, language, link);
            Some(Button { title, action: ButtonAction::Open { url } })
        };
        let buttons: Vec<Button> = self.links.iter().filter_map(open).collect();
        let part = if buttons.is_empty() { Part::Text { text } } else { Part::Buttons { text, buttons } };
        super::veiled::veiled(app, tenant, (self, vec![part]))
    }

    /// The same as plain text, for a message of an agent.
    pub fn plain_body(&self, app: &App, tenant: &TenantId, language: &str) -> anyhow::Result<MessageBody> {
        let mut lines = vec![app.texts.with(language, "link-offer-short", &[("code", &self.code)])];
        for link in &self.links {
            if let Some(url) = &link.url {
                lines.push(format!("{}: {url}", self.title(app, language, link)));
            }
        }
        let part = Part::Text { text: lines.join("\n") };
        super::veiled::veiled(app, tenant, (self, vec![part]))
    }
}
