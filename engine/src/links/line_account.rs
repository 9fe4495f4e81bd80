//! LINE's account link: LINE asks the person on a page of its own, and tells us by an event that they agreed.

use channels::line::{link_page, link_token, link_token_told};
use channels::{HttpResponse, SendError};

use super::{offer, proof};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::PersonId;
use crate::platform::{CallLimits, call};
use crate::store::{Evidence, LinkOwner};

/// The page, and until when it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPage {
    pub url: String,
    pub expires_at: Micros,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum LinkPageError {
    #[error(transparent)]
    Line(#[from] SendError),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Makes the page on which whoever LINE calls `user` becomes `person`. `by` is the id of who asked for it.
pub async fn page(
    app: &App,
    account: &OpenAccount,
    (user, person, by): (&str, &PersonId, &str),
) -> Result<LinkPage, LinkPageError> {
    let request = link_token(&account.config, user);
    let answer = call(app, account, &request, CallLimits::default()).await?;
    let response =
        HttpResponse { status: answer.status, headers: answer.headers.clone(), body: &answer.body };
    let token = link_token_told(&response)?;
    let nonce = proof::new_nonce();
    let expires_at = Micros(app.store.clock().now().0 + proof::CODE_LIFE);
    let hash = proof::hash(&app.key, &account.tenant, &nonce);
    let owner = LinkOwner::Person(person.clone());
    let maker = offer::Maker { owner: &owner, by, offer: None };
    offer::add(app, &account.tenant, maker, (hash, Evidence::AccountLink, expires_at)).await?;
    Ok(LinkPage { url: link_page(&account.config, &token, &nonce), expires_at })
}
