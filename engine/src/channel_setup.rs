//! Setting channel accounts up: taking what a person enters, asking the platform whether it works, registering our
//! webhook, and saying in words what is wrong.

use std::collections::BTreeMap;

use channels::{
    AccountConfig, ChannelName, Destination, FieldFault, HttpResponse, PlatformRequest, Reply, SendError,
    SetupField,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::accounts::{OpenAccount, secret_row};
use crate::app::App;
use crate::channel_check::{WRONG_SECRET, without_secrets};
use crate::ids::{ChannelAccountId, TenantId, random_bytes};
use crate::platform::{CallLimits, call};
use crate::same_account::{self, Holder};
use crate::store::NewChannelAccount;

pub use crate::channel_check::{Checked, check};

/// What a person entered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub channel: String,
    /// What people call it here.
    pub name: String,
    pub bot: String,
    /// The platform's id; asked of the platform where it is left out.
    #[serde(default)]
    pub external_id: String,
    /// Only for tests and simulators: where the platform's API answers.
    #[serde(default)]
    pub api_base: String,
    /// Settings and secrets by the names of the channel's fields.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// The platform's own id of an account is no field of a channel, and as short as one.
const EXTERNAL_ID: SetupField = SetupField::setting("external_id").optional();

/// Why an account cannot be set up; each says what to change.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("there is no channel called {0:.60}")]
    NoSuchChannel(String),
    #[error("there is no bot called {0:.60}")]
    NoSuchBot(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0:.60} is not a field of this channel")]
    NoSuchField(String),
    #[error(transparent)]
    Field(#[from] FieldFault),
    #[error("the platform does not take this {name}: {says}")]
    TokenRefused { name: &'static str, says: String },
    #[error("{}", in_use(.0))]
    InUse(Holder),
    #[error("there is no former {0:.60} that is still good")]
    NotRotating(String),
    #[error(
        "the new {0:.60} has not verified a call yet, and the former one has: enter it on the other side and wait for a \
         call, or insist"
    )]
    Unproved(String),
    #[error("the name is empty or longer than 100 characters")]
    Name,
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

/// An account that was added. `made` are secrets of ours that the person gives to the platform: they are shown once.
#[derive(Clone, Debug, Serialize)]
pub struct Added {
    pub id: ChannelAccountId,
    pub external_id: String,
    /// The address that the platform is to call.
    pub webhook: String,
    pub made: BTreeMap<String, String>,
    pub checks: Vec<Checked>,
    /// The platform took our webhook; none where a person must enter it there.
    pub registered: Option<bool>,
    /// Why the platform did not take it.
    pub refused: Option<String>,
}

/// Stores an account and tries it. It is stored whatever the platform says, so that a mistake can be mended; what is
/// missing or unknown is refused before anything is stored.
pub async fn add(app: &App, tenant: &TenantId, new: NewAccount) -> Result<Added, SetupError> {
    let channel = checked(app, &new)?;
    let adapter = channels::channel(channel);
    let (settings, mut secrets) = sorted(channel, new.fields)?;
    let made = make_up(channel, &mut secrets);
    let id: ChannelAccountId = app.store.new_id();
    let api_base = if new.api_base.is_empty() { adapter.default_api_base().to_owned() } else { new.api_base };
    let config = AccountConfig {
        id: id.as_str().to_owned(),
        external_id: new.external_id.clone(),
        other_external_id: String::new(),
        api_base: api_base.clone(),
        settings: settings.clone(),
        secrets: secrets.clone(),
    };
    let mut trial = OpenAccount {
        tenant: tenant.clone(),
        id: id.clone(),
        name: channel,
        bot: new.bot.clone(),
        config,
        adapter,
        version: 0,
        enabled: true,
    };
    is_free(app, &trial).await?;
    let mut checks = check(app, &trial).await;
    let told = checks.iter().find_map(|checked| checked.finding.external_id.clone());
    let external_id = if new.external_id.is_empty() { told.unwrap_or_default() } else { new.external_id };
    let other_id = checks.iter().find_map(|checked| checked.finding.other_external_id.clone());
    trial.config.external_id.clone_from(&external_id);
    is_free(app, &trial).await?;
    let sealed_secrets = sealed(app, &id, &secrets);
    app.store
        .save_channel_account(NewChannelAccount {
            tenant: tenant.clone(),
            id: id.clone(),
            channel: channel.as_str().to_owned(),
            external_id: external_id.clone(),
            other_external_id: String::new(),
            name: new.name.trim().to_owned(),
            bot: new.bot,
            api_base,
            settings,
            sealed_secrets,
        })
        .await?;
    if let Some(other) = &other_id {
        app.store.learn_other_id(tenant, &id, other).await?;
    }
    app.accounts.forget();
    let webhook = webhook_of(app, &id);
    let registered = register(app, &id, &webhook).await;
    let refused = registered.as_ref().and_then(|outcome| outcome.as_ref().err()).map(reason_of);
    let registered = registered.map(|outcome| outcome.is_ok());
    if registered == Some(true) {
        // Before, the platform could not know our webhook.
        checks = check(app, &trial).await;
    }
    Ok(Added { id, external_id, webhook, made, checks, registered, refused })
}

/// Each secret encrypted for its row.
pub(crate) fn sealed(app: &App, id: &ChannelAccountId, secrets: &Fields) -> Fields {
    let seal =
        |(name, secret): (&String, &String)| (name.clone(), app.key.seal(&secret_row(id, name), secret));
    secrets.iter().map(seal).collect()
}

/// Refuses an account that somebody here has already.
pub(crate) async fn is_free(app: &App, wanted: &OpenAccount) -> Result<(), SetupError> {
    match same_account::holder(app, wanted).await? {
        Some(holder) => Err(SetupError::InUse(holder)),
        None => Ok(()),
    }
}

fn in_use(holder: &Holder) -> String {
    match holder {
        Holder::Ours(name) => format!("the platform's account is here already: it is {name}"),
        Holder::Elsewhere => "the platform's account is in use elsewhere on this server".to_owned(),
    }
}

/// The channel of an account, where everything beside its fields is as it must be.
fn checked(app: &App, new: &NewAccount) -> Result<ChannelName, SetupError> {
    let channel =
        ChannelName::parse(&new.channel).ok_or_else(|| SetupError::NoSuchChannel(new.channel.clone()))?;
    if new.name.trim().is_empty() || new.name.chars().count() > 100 {
        return Err(SetupError::Name);
    }
    if let Some(fault) = EXTERNAL_ID.fault(&new.external_id) {
        return Err(fault.into());
    }
    if app.bots.get(&new.bot).is_none() && !app.source.bots().contains(&new.bot) {
        return Err(SetupError::NoSuchBot(new.bot.clone()));
    }
    Ok(channel)
}

/// The address at which a platform calls us for an account.
pub fn webhook_of(app: &App, id: &ChannelAccountId) -> String {
    format!("{}/channels/{id}/webhook", app.config.server.public_url.trim_end_matches('/'))
}

/// Gives the platform our webhook. None where it takes none by a call.
pub async fn register(app: &App, id: &ChannelAccountId, webhook: &str) -> Option<Result<(), SendError>> {
    let account = app.accounts.find(id).await?;
    let requests = account.adapter.register(&account.config, webhook);
    if requests.is_empty() {
        return None;
    }
    for request in requests {
        if let Err(error) = taken(app, &account, &request).await {
            return Some(Err(blotted(&account, error)));
        }
    }
    Some(Ok(()))
}

/// Whether the platform took a request of a registration. LINE calls the webhook at once and says how we answered.
async fn taken(app: &App, account: &OpenAccount, request: &PlatformRequest) -> Result<(), SendError> {
    let answer = call(app, account, request, CallLimits::default()).await?;
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let is_good = (200..300).contains(&answer.status);
    if is_good && said["success"] != false {
        return Ok(());
    }
    let called = said["statusCode"].as_u64();
    let response = HttpResponse { status: answer.status, headers: answer.headers, body: &answer.body };
    if let (Err(error), None) = (account.adapter.outcome(request, &response), called) {
        return Err(error);
    }
    let reason = match called {
        Some(status) => format!("it called our webhook and was answered {status}"),
        None => format!("HTTP {}", answer.status),
    };
    let advice = if matches!(called, Some(401 | 403)) { WRONG_SECRET } else { "" };
    Err(SendError::Refused { code: "webhook".to_owned(), reason, advice: advice.to_owned() })
}

/// Sends a message for a trial and says what the platform made of it.
pub async fn send_test(app: &App, account: &OpenAccount, to: &str, text: &str) -> Result<(), SendError> {
    let destination = Destination { human: true, ..Destination::thread(to) };
    let plan = account.adapter.plan(&account.config, &destination, &Reply::text(text));
    for request in &plan.requests {
        let sent = call(app, account, request, CallLimits::default()).await.and_then(|answer| {
            let response =
                HttpResponse { status: answer.status, headers: answer.headers, body: &answer.body };
            account.adapter.outcome(request, &response)
        });
        sent.map_err(|error| blotted(account, error))?;
    }
    Ok(())
}

/// The same refusal without our secrets, which the platform may repeat.
fn blotted(account: &OpenAccount, error: SendError) -> SendError {
    let clean = |reason: &str| without_secrets(&account.config.secrets, reason);
    match error {
        SendError::Retry { after_ms, reason } => SendError::Retry { after_ms, reason: clean(&reason) },
        SendError::Ambiguous { reason } => SendError::Ambiguous { reason: clean(&reason) },
        SendError::Refused { code, reason, advice } => {
            SendError::Refused { code, reason: clean(&reason), advice }
        }
    }
}

/// Why something was refused, in the other side's words.
pub fn reason_of(error: &SendError) -> String {
    match error {
        SendError::Retry { reason, .. }
        | SendError::Ambiguous { reason }
        | SendError::Refused { reason, .. } => reason.clone(),
    }
}

type Fields = BTreeMap<String, String>;

/// Settings and secrets apart; what is required is there.
fn sorted(channel: ChannelName, fields: Fields) -> Result<(Fields, Fields), SetupError> {
    let known = channels::channel(channel).setup();
    let (mut settings, mut secrets) = (Fields::new(), Fields::new());
    for (name, value) in fields {
        let Some(field) = known.iter().find(|field| field.name == name) else {
            return Err(SetupError::NoSuchField(name));
        };
        let value = value.trim().to_owned();
        if value.is_empty() {
            continue;
        }
        if let Some(fault) = field.fault(&value) {
            return Err(fault.into());
        }
        if field.secret {
            secrets.insert(name, value)
        } else {
            settings.insert(name, value)
        };
    }
    let missing = known.iter().find(|field| {
        field.required && !secrets.contains_key(field.name) && !settings.contains_key(field.name)
    });
    match missing {
        Some(field) => Err(SetupError::Missing(field.name)),
        None => Ok((settings, secrets)),
    }
}

/// Makes up the secrets that are ours and were left out; returns them.
fn make_up(channel: ChannelName, secrets: &mut Fields) -> Fields {
    let mut made = Fields::new();
    for field in channels::channel(channel).setup().iter().filter(|field| field.ours) {
        secrets.entry(field.name.to_owned()).or_insert_with(|| {
            let secret = made_up();
            made.insert(field.name.to_owned(), secret.clone());
            secret
        });
    }
    made
}

/// A secret of 128 bits in letters that every platform's form takes.
pub(crate) fn made_up() -> String {
    let mut bits = [0; 16];
    random_bytes(&mut bits);
    crate::secrets::hex(&bits)
}
