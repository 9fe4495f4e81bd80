//! Changing a channel account that is in use: its name, its bot, its settings, one of its secrets, switching it off and on,
//! and removing it.

use std::collections::BTreeMap;

use channels::ChannelName;
use serde::{Deserialize, Serialize};

use crate::account_care::{Looked, look};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_check::{Tried, try_token};
use crate::channel_setup::{self, SetupError};
use crate::ids::ChannelAccountId;
use crate::rotation;
use crate::store::AccountChange;

/// What may be changed beside secrets; what is none stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    pub name: Option<String>,
    pub bot: Option<String>,
    pub enabled: Option<bool>,
    /// Settings by the names of the channel's fields; an empty one is taken away. Those that are not named stay.
    pub settings: Option<BTreeMap<String, String>>,
}

/// What came of a new secret.
#[derive(Clone, Debug, Serialize)]
pub struct Replaced {
    /// The secret, where we made it up: shown this once.
    pub made: Option<String>,
    /// True while the former one is good, too: until somebody ends that.
    pub rotating: bool,
    #[serde(flatten)]
    pub looked: Option<Looked>,
    /// Why the platform did not take our webhook with it, where it had to be told.
    pub refused: Option<String>,
    /// Why a token could not be tried before it was kept; none where it was.
    pub untried: Option<String>,
}

/// A secret in the place of another.
#[derive(Clone, Copy, Debug)]
pub struct NewSecret<'a> {
    pub name: &'a str,
    /// Empty to have one made up, where the secret is ours.
    pub value: &'a str,
    /// Keep a token even where the platform does not take it.
    pub insists: bool,
}

/// Changes an account. `actor` stands in the audit trail.
pub async fn change(app: &App, account: &OpenAccount, wanted: Wanted, actor: &str) -> Result<(), SetupError> {
    let name = wanted.name.map(|name| name.trim().to_owned());
    if name.as_ref().is_some_and(|name| name.is_empty() || name.chars().count() > 100) {
        return Err(SetupError::Name);
    }
    if let Some(bot) = &wanted.bot
        && app.bots.get(bot).is_none()
        && !app.source.bots().contains(bot)
    {
        return Err(SetupError::NoSuchBot(bot.clone()));
    }
    let settings = wanted.settings.map(|given| merged(account, given)).transpose()?;
    let action = match wanted.enabled {
        Some(true) => "channel.switched_on",
        Some(false) => "channel.switched_off",
        None => "channel.changed",
    };
    let change = AccountChange {
        name,
        bot: wanted.bot,
        enabled: wanted.enabled,
        settings,
        ..AccountChange::default()
    };
    keep(app, account, change, (actor, action)).await
}

/// Takes an account away with its secrets. What was said on it stays readable; what waits to be sent is set aside.
pub async fn remove(app: &App, account: &OpenAccount, actor: &str) -> Result<(), SetupError> {
    let change = AccountChange { remove: true, ..AccountChange::default() };
    keep(app, account, change, (actor, "channel.removed")).await
}

/// Puts a new secret in the place of one. A token is tried before: one that the platform refuses leaves the former one in
/// its place, unless somebody insists. What proves the platform's calls stays good beside the new one until
/// [`end_rotation`].
pub async fn replace_secret(
    app: &App,
    account: &OpenAccount,
    NewSecret { name, value, insists }: NewSecret<'_>,
    actor: &str,
) -> Result<Replaced, SetupError> {
    let form = account.adapter.setup();
    let field = form.iter().find(|field| field.name == name && field.secret);
    let field = field.ok_or_else(|| SetupError::NoSuchField(name.to_owned()))?;
    let value = value.trim();
    let made = (value.is_empty() && field.ours).then(channel_setup::made_up);
    let fresh = made.clone().unwrap_or_else(|| value.to_owned());
    if fresh.is_empty() {
        return Err(SetupError::Missing(field.name));
    }
    if let Some(fault) = field.fault(&fresh) {
        return Err(fault.into());
    }
    let untried = if rotation::rotates(name) || insists {
        None
    } else {
        tried(app, account, (field.name, &fresh)).await?
    };
    let secrets = with_secret(app, account, name, &fresh).await?;
    let rotating = secrets.contains_key(&rotation::former_of(name));
    keep_secrets(app, account, &secrets, (actor, "channel.secret_replaced")).await?;
    let Some(changed) = app.accounts.try_find(&account.id).await? else {
        return Ok(Replaced { made, rotating, looked: None, refused: None, untried });
    };
    let mut refused = None;
    if field.ours {
        let webhook = channel_setup::webhook_of(app, &account.id);
        let told = channel_setup::register(app, &account.id, &webhook).await;
        refused = told.and_then(Result::err).map(|error| channel_setup::reason_of(&error));
    }
    let looked = Some(look(app, &changed).await?);
    Ok(Replaced { made, rotating, looked, refused, untried })
}

/// Asks the platform whether it takes a token, with nothing kept yet. Why it could not be asked, where it could not.
async fn tried(
    app: &App,
    account: &OpenAccount,
    (name, token): (&'static str, &str),
) -> Result<Option<String>, SetupError> {
    let mut trial = account.clone();
    trial.config.secrets.insert(name.to_owned(), token.to_owned());
    channel_setup::is_free(app, &trial).await?;
    let refused = |says| Err(SetupError::TokenRefused { name, says });
    match try_token(app, &trial).await {
        Tried::Refused(says) => refused(says),
        Tried::Untried(why) => Ok(Some(why)),
        Tried::Taken(Some(id)) if is_of_another(account, &id) => {
            refused(format!("it is the token of {id}, and this account is {}", account.config.external_id))
        }
        Tried::Taken(_) => Ok(None),
    }
}

/// True where the platform says that a token is another bot's. Meta is asked about our account, so there it says no.
fn is_of_another(account: &OpenAccount, told: &str) -> bool {
    let is_asked_who = matches!(account.name, ChannelName::Line | ChannelName::Telegram);
    let known = &account.config.external_id;
    is_asked_who && !known.is_empty() && known != told
}

/// The secrets of an account with a new one in its place. Of those that prove calls, the one that did so last stays beside
/// it: a mistyped one is not what the other side signs with.
async fn with_secret(
    app: &App,
    account: &OpenAccount,
    name: &str,
    fresh: &str,
) -> Result<BTreeMap<String, String>, SetupError> {
    let mut secrets = account.config.secrets.clone();
    if secrets.get(name).is_some_and(|known| known == fresh) {
        return Ok(secrets);
    }
    let stays = rotation::stays(app, account, name).await?;
    secrets.insert(name.to_owned(), fresh.to_owned());
    match stays.filter(|former| former != fresh && rotation::rotates(name)) {
        Some(former) => secrets.insert(rotation::former_of(name), former),
        None => secrets.remove(&rotation::former_of(name)),
    };
    Ok(secrets)
}

/// From now on only the newest secret of this name is good. Refused while only the former one has verified calls, unless
/// somebody insists.
pub async fn end_rotation(
    app: &App,
    account: &OpenAccount,
    (name, insists): (&str, bool),
    actor: &str,
) -> Result<(), SetupError> {
    let mut secrets = account.config.secrets.clone();
    if secrets.remove(&rotation::former_of(name)).is_none() {
        return Err(SetupError::NotRotating(name.to_owned()));
    }
    let rotations = rotation::rotations(app, account).await?;
    if !insists && rotations.iter().any(|rotation| rotation.name == name && rotation.is_risky()) {
        return Err(SetupError::Unproved(name.to_owned()));
    }
    keep_secrets(app, account, &secrets, (actor, "channel.rotation_ended")).await
}

async fn keep_secrets(
    app: &App,
    account: &OpenAccount,
    secrets: &BTreeMap<String, String>,
    by: (&str, &'static str),
) -> Result<(), SetupError> {
    let sealed = channel_setup::sealed(app, &account.id, secrets);
    keep(app, account, AccountChange { sealed_secrets: Some(sealed), ..AccountChange::default() }, by).await
}

async fn keep(
    app: &App,
    account: &OpenAccount,
    change: AccountChange,
    by: (&str, &'static str),
) -> Result<(), SetupError> {
    let whose = (&account.tenant, &account.id);
    let kept = app.store.change_account(whose, account.version, change, by).await;
    app.accounts.forget();
    kept?;
    Ok(())
}

fn merged(
    account: &OpenAccount,
    given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, SetupError> {
    let mut settings = account.config.settings.clone();
    for (name, value) in given {
        let field = account.adapter.setup().iter().find(|field| field.name == name && !field.secret);
        let field = field.ok_or_else(|| SetupError::NoSuchField(name.clone()))?;
        let value = value.trim();
        if let Some(fault) = field.fault(value).filter(|_| !value.is_empty()) {
            return Err(fault.into());
        }
        if !value.is_empty() {
            settings.insert(name, value.to_owned());
        } else if field.required {
            return Err(SetupError::Missing(field.name));
        } else {
            settings.remove(&name);
        }
    }
    Ok(settings)
}

/// The account of this id as it is now, past everything that is remembered.
pub async fn fresh(app: &App, id: &ChannelAccountId) -> anyhow::Result<Option<std::sync::Arc<OpenAccount>>> {
    app.accounts.forget();
    app.accounts.try_find(id).await
}
