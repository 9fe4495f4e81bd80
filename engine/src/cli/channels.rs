//! `sala channels`: the accounts on which people write, without the console.

mod care;
mod entering;
mod proofs;
mod rich_menu;
pub(super) mod words;

use std::collections::BTreeMap;
use std::process::ExitCode;

use channels::ChannelName;
use clap::{Args, Subcommand};

use super::user::{company_for, shown};
use super::{Common, print};
use crate::accounts::OpenAccount;
use crate::app::{App, Extras};
use crate::channel_setup::{self, Added, NewAccount, SetupError};
use crate::demo::beside;
use crate::ids::ChannelAccountId;
use crate::store::{AccountStanding, ChannelAccount, Tenant};

/// Who did it, in the audit trail.
const ACTOR: &str = "command line";

#[derive(Args)]
pub(super) struct Channels {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the channel accounts
    List {
        /// Only those of this company
        #[arg(long, value_name = "ID")]
        company: Option<String>,
    },
    /// Add an account: it is stored, tried, and our webhook given to the platform where it takes it by a call
    Add(Add),
    /// Ask the platforms whether the accounts work
    Check {
        /// The account; every one when none is given
        id: Option<String>,
    },
    /// Give the platform our webhook again
    Register {
        /// The account
        id: String,
    },
    /// Change an account; with --secret the new value is read from the standard input
    Set(care::Set),
    /// Switch an account off: nothing is taken in, and replies wait
    Off {
        /// The account
        id: String,
    },
    /// Switch an account on again
    On {
        /// The account
        id: String,
    },
    /// Remove an account with its secrets; its conversations stay readable
    Remove {
        /// The account
        id: String,
        /// Remove it without asking
        #[arg(long)]
        yes: bool,
    },
    /// What an account used in a month, and what that costs
    Usage {
        /// The account
        id: String,
        /// A month such as 2026-11; the present one when none is given
        #[arg(long)]
        month: Option<String>,
    },
    /// Send a message for a trial
    Test {
        /// The account
        id: String,
        /// The platform's id of the person
        to: String,
        /// What to say
        #[arg(long, default_value = "A test message from Sala.")]
        text: String,
    },
    /// The pictures with areas to tap below a LINE chat
    RichMenu {
        #[command(subcommand)]
        action: rich_menu::RichMenu,
    },
}

#[derive(Args)]
struct Add {
    /// messenger, instagram, whatsapp, line, telegram, web or webhook
    #[arg(value_parser = super::channel_named)]
    channel: ChannelName,
    /// What people call the account here
    #[arg(long)]
    name: Option<String>,
    /// The bot that answers on it; the one that there is when none is given
    #[arg(long)]
    bot: Option<String>,
    /// The company's id; the one that there is when none is given
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// The platform's id of the account; the platform is asked when none is given
    #[arg(long, value_name = "ID", default_value = "")]
    external_id: String,
    /// A setting; secrets are asked for, or read as lines from the standard input
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// Where the platform's API answers, for a simulator or a proxy
    #[arg(long, value_name = "URL", default_value = "")]
    api_base: String,
    /// Send a message for a trial to this person, by the platform's id
    #[arg(long, value_name = "ID")]
    test_to: Option<String>,
}

impl Channels {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (mut config, mut extras) = (common.config()?, Extras { no_models: true, ..Extras::default() });
        beside::join(&mut config, &mut extras);
        let app = App::assemble(config, extras).await?;
        let well = match self.action {
            Action::List { company } => list(&app, company.as_deref()).await?,
            Action::Add(wanted) => add(&app, wanted).await?,
            Action::Check { id } => check(&app, id.as_deref()).await?,
            Action::Register { id } => register(&app, &id).await?,
            Action::Test { id, to, text } => test(&app, &id, &to, &text).await?,
            Action::Set(wanted) => care::set(&app, wanted).await?,
            Action::Off { id } => care::switch(&app, &id, false).await?,
            Action::On { id } => care::switch(&app, &id, true).await?,
            Action::Remove { id, yes } => care::remove(&app, &id, yes).await?,
            Action::Usage { id, month } => care::usage(&app, &id, month.as_deref()).await?,
            Action::RichMenu { action } => action.run(&app).await?,
        };
        Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

async fn list(app: &App, company: Option<&str>) -> anyhow::Result<bool> {
    let companies = app.store.tenants().await?;
    let wanted = company.map(|_| known_company(company, &companies)).transpose()?;
    let mut any = false;
    for tenant in companies.iter().filter(|tenant| wanted.as_ref().is_none_or(|wanted| wanted == *tenant)) {
        let standings = app.store.account_standings(&tenant.id).await?;
        for account in app.store.channel_accounts(&tenant.id).await? {
            any = true;
            let standing = standings.iter().find(|standing| standing.id == account.id);
            print(&listed(app, tenant, &account, standing));
        }
    }
    if !any {
        print("There is no channel account yet: `sala channels add` adds one.");
    }
    Ok(true)
}

fn listed(
    app: &App,
    tenant: &Tenant,
    account: &ChannelAccount,
    standing: Option<&AccountStanding>,
) -> String {
    let stands = match standing {
        Some(standing) if !standing.enabled => "\n    off: nothing is taken in, and replies wait".to_owned(),
        Some(AccountStanding { held_at: Some(_), waiting, id, .. }) => format!(
            "\n    held: the platform refuses it, {waiting} replies wait; `sala channels check {id}` tries again"
        ),
        _ => String::new(),
    };
    let has_platform =
        !matches!(ChannelName::parse(&account.channel), Some(ChannelName::Web | ChannelName::Webhook));
    let known = if account.external_id.is_empty() { "not known yet" } else { &account.external_id };
    let platform = if has_platform { format!(", platform's id {known}") } else { String::new() };
    format!(
        "{}  {} ({})\n    company {}, bot {}{platform}\n    webhook {}{stands}",
        account.id,
        account.name,
        account.channel,
        shown(tenant),
        account.bot,
        channel_setup::webhook_of(app, &account.id),
    )
}

/// The company that is meant; none is made here, as a company begins with its first person.
fn known_company(asked: Option<&str>, companies: &[Tenant]) -> anyhow::Result<Tenant> {
    let (company, is_new) = company_for(asked, companies)?;
    let id = company.id.as_str();
    anyhow::ensure!(
        !is_new,
        "there is no company {id} yet: `sala user add EMAIL --name NAME --company {id}` makes it with its first person"
    );
    Ok(company)
}

fn bot_for(app: &App, asked: Option<String>) -> anyhow::Result<String> {
    let bots = app.source.bots();
    match (asked, bots.as_slice()) {
        (Some(bot), known) if known.contains(&bot) => Ok(bot),
        (Some(bot), known) => anyhow::bail!("there is no bot {bot}; the bots are {}", known.join(", ")),
        (None, [only]) => Ok(only.clone()),
        (None, known) => anyhow::bail!("say with --bot which bot answers: {}", known.join(", ")),
    }
}

async fn add(app: &App, wanted: Add) -> anyhow::Result<bool> {
    let channel = wanted.channel;
    let company = known_company(wanted.company.as_deref(), &app.store.tenants().await?)?;
    let bot = bot_for(app, wanted.bot)?;
    let form = channels::channel(channel).setup();
    let given = entering::settings(form, &wanted.fields)?;
    let name = entering::name(wanted.name)?;
    let fields = entering::rest(form, given)?;
    let is_real = wanted.api_base.is_empty();
    let new = NewAccount {
        channel: channel.as_str().to_owned(),
        name: name.clone(),
        bot,
        external_id: wanted.external_id,
        api_base: wanted.api_base,
        fields,
    };
    let added = channel_setup::add(app, &company.id, new).await.map_err(|error| missing(channel, error))?;
    app.store.audit(&company.id, ACTOR, "channel.added", added.id.as_str()).await?;
    let whose = shown(&company);
    print(&format!(
        "The account {} is stored: {name} ({}), of the company {whose}.",
        added.id,
        channel.as_str()
    ));
    tell_added(channel, &added);
    if is_real && channel != ChannelName::Web && !added.webhook.starts_with("https://") {
        print(
            "Platforms call https addresses only: set server.public_url to the one under which they reach us.",
        );
    }
    let mut well = words::tell((channel, &added.id), &added.checks) && added.registered != Some(false);
    if let Some(to) = wanted.test_to {
        well &= test(app, added.id.as_str(), &to, "A test message from Sala.").await?;
    }
    Ok(well)
}

/// What the platform said of itself, what it is to be told, and whether it was.
fn tell_added(channel: ChannelName, added: &Added) {
    if !added.external_id.is_empty() {
        print(&format!("The platform calls it {}.", added.external_id));
    }
    if channel != ChannelName::Web {
        print(&format!("Webhook: {}", added.webhook));
    }
    if !added.made.is_empty() {
        print("Made up by us, shown only now; give it to the other side where it asks for it:");
    }
    for (name, secret) in &added.made {
        print(&format!("    {name}={secret}"));
    }
    match added.registered {
        Some(true) => print("The platform took our webhook."),
        Some(false) => print(&words::unregistered(added.refused.as_deref().unwrap_or_default(), &added.id)),
        None if channel == ChannelName::Web => {}
        None => print("Enter that webhook at the platform: it takes none by a call from us."),
    }
}

/// An error of setting up, with what to do on the command line.
fn missing(channel: ChannelName, error: SetupError) -> anyhow::Error {
    let SetupError::Missing(name) = error else { return error.into() };
    let field = channels::channel(channel).setup().iter().find(|field| field.name == name);
    if field.is_some_and(|field| field.secret) {
        return anyhow::anyhow!("{name} is missing: give the line {name}=… on the standard input");
    }
    anyhow::anyhow!("{name} is missing: give it with --field {name}=…")
}

async fn check(app: &App, id: Option<&str>) -> anyhow::Result<bool> {
    let mut ids: Vec<ChannelAccountId> = id.map(ChannelAccountId::from_text).into_iter().collect();
    if id.is_none() {
        for tenant in app.store.tenants().await? {
            let accounts = app.store.channel_accounts(&tenant.id).await?;
            ids.extend(accounts.into_iter().map(|account| account.id));
        }
    }
    if ids.is_empty() {
        print("There is no channel account yet: `sala channels add` adds one.");
    }
    let mut well = true;
    for id in ids {
        let account = find(app, id.as_str()).await?;
        print(&format!("{id} ({})", account.name.as_str()));
        if !account.enabled {
            print(&format!(
                "    LOOK   account  it is off: nothing is taken in, and replies wait; `sala channels on {id}`"
            ));
        }
        let was_held = is_held(app, &account).await?;
        let report = crate::account_care::look(app, &account).await?.checks;
        well &= words::tell((account.name, &account.id), &report);
        if was_held && !is_held(app, &account).await? {
            print("    The account is taken again: what has waited is sent now.");
        }
        proofs::tell(app, &account).await?;
    }
    Ok(well)
}

/// True where sending waits because the platform refused the account.
async fn is_held(app: &App, account: &OpenAccount) -> anyhow::Result<bool> {
    let standings = app.store.account_standings(&account.tenant).await?;
    Ok(standings.iter().any(|standing| standing.id == account.id && standing.held_at.is_some()))
}

async fn register(app: &App, id: &str) -> anyhow::Result<bool> {
    let account = find(app, id).await?;
    let webhook = channel_setup::webhook_of(app, &account.id);
    match channel_setup::register(app, &account.id, &webhook).await {
        Some(Ok(())) => print(&format!("The platform took our webhook {webhook}.")),
        Some(Err(error)) => {
            print(&words::unregistered(&channel_setup::reason_of(&error), &account.id));
            return Ok(false);
        }
        None => print(&format!("This platform takes no webhook by a call from us: enter {webhook} there.")),
    }
    app.store.audit(&account.tenant, ACTOR, "channel.registered", id).await?;
    Ok(true)
}

async fn test(app: &App, id: &str, to: &str, text: &str) -> anyhow::Result<bool> {
    let account = find(app, id).await?;
    anyhow::ensure!(
        account.name != ChannelName::Web,
        "in a web chat nobody can be written to who is not there"
    );
    anyhow::ensure!(
        account.enabled,
        "the account is off, so nothing is sent: `sala channels on {id}` switches it on"
    );
    anyhow::ensure!(
        !to.trim().is_empty() && !text.trim().is_empty(),
        "the person and the text must say something"
    );
    app.store.audit(&account.tenant, ACTOR, "channel.tried", id).await?;
    let outcome = channel_setup::send_test(app, &account, to.trim(), text).await;
    print(&words::tried((account.name, &account.id), to.trim(), outcome.as_ref().err()));
    Ok(outcome.is_ok())
}

async fn find(app: &App, id: &str) -> anyhow::Result<std::sync::Arc<crate::accounts::OpenAccount>> {
    let found = app.accounts.try_find(&ChannelAccountId::from_text(id)).await;
    let found = found.map_err(|error| {
        anyhow::anyhow!(
            "the secrets of {id} do not open, so the key file is not the one they were sealed with: {error}"
        )
    })?;
    found.ok_or_else(|| anyhow::anyhow!("there is no channel account {id}: `sala channels list` shows them"))
}

/// Settings and secrets by the names of their fields.
type Fields = BTreeMap<String, String>;
