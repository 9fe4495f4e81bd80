//! One account of a platform is one account here: two of them would hear every message twice, and answer it twice.

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::TenantId;
use crate::store::StoreError;

/// What we show a platform to prove who we are.
const TOKENS: [&str; 2] = ["access_token", "bot_token"];

/// An account that has what another one wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Of the same company, by the name that people gave it.
    Ours(String),
    /// Of another company: nothing is told of it.
    Elsewhere,
}

/// The account that is the same as `wanted` at the platform: by its id there, or by its token where an id is not known.
/// One token may serve several numbers of a company.
pub async fn holder(app: &App, wanted: &OpenAccount) -> Result<Option<Holder>, StoreError> {
    for id in app.store.accounts_of_channel(wanted.name.as_str()).await? {
        if id == wanted.id {
            continue;
        }
        let Some(other) = app.accounts.find(&id).await else { continue };
        if is_same(wanted, &other) {
            return holder_of(app, &wanted.tenant, &other).await.map(Some);
        }
    }
    Ok(None)
}

async fn holder_of(app: &App, asks: &TenantId, other: &OpenAccount) -> Result<Holder, StoreError> {
    if other.tenant != *asks {
        return Ok(Holder::Elsewhere);
    }
    let known = app.store.channel_accounts(asks).await?;
    let known = known.into_iter().find(|known| known.id == other.id);
    Ok(known.map_or(Holder::Elsewhere, |known| Holder::Ours(known.name)))
}

fn is_same(one: &OpenAccount, other: &OpenAccount) -> bool {
    let (one, other) = (&one.config, &other.config);
    if !one.external_id.is_empty() && !other.external_id.is_empty() {
        return other.is_called(&one.external_id) || other.is_called(&one.other_external_id);
    }
    TOKENS.into_iter().any(|name| {
        let token = one.secrets.get(name).filter(|token| !token.is_empty());
        token.is_some() && token == other.secrets.get(name)
    })
}
