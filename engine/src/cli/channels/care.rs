//! Changing an account that is in use, and what it used.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

use anyhow::Context;
use clap::Args;
use console::Term;

use super::super::print;
use super::{ACTOR, entering, find, proofs, words};
use crate::account_change::{self, NewSecret, Wanted};
use crate::app::App;
use crate::channel_setup::SetupError;
use crate::quota::{Month, usage as usage_of};

#[derive(Args)]
pub(super) struct Set {
    /// The account
    id: String,
    /// What people call it here
    #[arg(long)]
    name: Option<String>,
    /// The bot that answers on it
    #[arg(long)]
    bot: Option<String>,
    /// A setting; an empty value takes it away
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// The secret to replace, by its name; its value is read from the standard input
    #[arg(long, value_name = "NAME")]
    secret: Option<String>,
    /// The secret whose former value is no longer good
    #[arg(long, value_name = "NAME")]
    end_rotation: Option<String>,
    /// End the rotation without asking, even where only the former value has verified calls
    #[arg(long)]
    yes: bool,
    /// Keep a token that the platform does not take
    #[arg(long)]
    force: bool,
}

pub(super) async fn set(app: &App, wanted: Set) -> anyhow::Result<bool> {
    let account = find(app, &wanted.id).await?;
    let fields = entering::settings(account.adapter.setup(), &wanted.fields)?;
    let fields = fields.into_iter().collect::<BTreeMap<_, _>>();
    let says_something = wanted.name.is_some() || wanted.bot.is_some() || !fields.is_empty();
    anyhow::ensure!(
        says_something || wanted.secret.is_some() || wanted.end_rotation.is_some(),
        "say what to change: --name, --bot, --field, --secret or --end-rotation"
    );
    if says_something {
        let settings = (!fields.is_empty()).then_some(fields);
        let change = Wanted { name: wanted.name, bot: wanted.bot, enabled: None, settings };
        account_change::change(app, &account, change, ACTOR).await?;
        print("The account is changed.");
    }
    if let Some(name) = &wanted.end_rotation
        && !proofs::end(app, &wanted.id, name, wanted.yes).await?
    {
        return Ok(false);
    }
    match wanted.secret {
        Some(name) => replace(app, (&wanted.id, &name), wanted.force).await,
        None => Ok(true),
    }
}

async fn replace(app: &App, (id, name): (&str, &str), insists: bool) -> anyhow::Result<bool> {
    let account = find(app, id).await?;
    let value = entering::secret(name)?;
    let new = NewSecret { name, value: value.trim(), insists };
    let replaced = match account_change::replace_secret(app, &account, new, ACTOR).await {
        Err(SetupError::TokenRefused { name, says }) => {
            print(&format!(
                "The platform does not take this {name}: {}. The former one stays.\n    do       enter it again, or add \
                 --force to keep it nevertheless",
                words::unstopped(&says)
            ));
            return Ok(false);
        }
        replaced => replaced?,
    };
    print(&format!("The secret {name} is replaced."));
    if replaced.rotating {
        print(&format!(
            "The former one is good beside it until `sala channels set {id} --end-rotation {name}`."
        ));
    }
    if let Some(why) = &replaced.untried {
        print(&format!("It is untried, as the platform was not reached: {}.", words::unstopped(why)));
    }
    if let Some(made) = &replaced.made {
        print(&format!("Made up by us, shown only now: {name}={made}"));
    }
    if let Some(refused) = &replaced.refused {
        print(&words::unregistered(refused, &account.id));
    }
    let well = replaced
        .looked
        .as_ref()
        .is_none_or(|looked| words::tell((account.name, &account.id), &looked.checks));
    Ok(well && replaced.refused.is_none())
}

pub(super) async fn switch(app: &App, id: &str, enabled: bool) -> anyhow::Result<bool> {
    let account = find(app, id).await?;
    let change = Wanted { enabled: Some(enabled), ..Wanted::default() };
    account_change::change(app, &account, change, ACTOR).await?;
    print(if enabled {
        "The account is on: what has waited goes out."
    } else {
        "The account is off: nothing is taken in, and replies wait."
    });
    Ok(true)
}

pub(super) async fn remove(app: &App, id: &str, insists: bool) -> anyhow::Result<bool> {
    let account = find(app, id).await?;
    let why = format!("Its secrets go for ever, and replies that wait on {id} are not sent.");
    if !insists && !agreed(&why, "Remove it?")? {
        return Ok(false);
    }
    account_change::remove(app, &account, ACTOR).await?;
    print("The account and its secrets are removed; its conversations stay readable.");
    Ok(true)
}

/// Asks a person; where nobody can be asked, says how to go on without.
pub(super) fn agreed(why: &str, question: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        print(&format!("{why} Nothing is changed: add --yes to go on."));
        return Ok(false);
    }
    let term = Term::stderr();
    term.write_str(&format!("{why} {question} (yes or no): "))?;
    let is_agreed = term.read_line()?.trim() == "yes";
    if !is_agreed {
        print("Nothing is changed.");
    }
    Ok(is_agreed)
}

pub(super) async fn usage(app: &App, id: &str, month: Option<&str>) -> anyhow::Result<bool> {
    let account = find(app, id).await?;
    let zone = app.time_zone(&account.tenant);
    let month = match month {
        Some(name) => Month::named(&zone, name)
            .with_context(|| format!("{name} is no month: write a year and a month such as 2026-11"))?,
        None => Month::of(&zone, app.store.clock().now()),
    };
    if let Err(error) = crate::quota::ask(app, &account).await {
        print(&format!("The platform does not tell its quota now: {error:#}"));
    }
    let usage = usage_of(app, &account, month).await?;
    print(&format!("{id} ({}), {}", account.name.as_str(), usage.month));
    if let Some(quota) = &usage.quota {
        let most = quota.most.map_or_else(|| "no limit".to_owned(), |most| most.to_string());
        let left = quota.left.map(|left| format!(", {left} left")).unwrap_or_default();
        print(&format!("    quota    {} of {most} used{left}", quota.used));
        if let Some(until) = quota.lasts_until.and_then(|at| jiff::Timestamp::from_millisecond(at).ok()) {
            print(&format!("    LOOK     at this pace it lasts until {}", until.strftime("%Y-%m-%d")));
        }
    }
    for counted in &usage.money.messages {
        let free = if counted.cost.billable { "" } else { " (free)" };
        print(&format!("    messages {} {}{free}", counted.count, counted.cost.category));
    }
    for (currency, amount) in &usage.money.amounts {
        print(&format!("    cost     {} {currency}", decimal(*amount)));
    }
    if usage.money.unpriced > 0 {
        print(&format!("    LOOK     {} billable messages have no rate", usage.money.unpriced));
    }
    Ok(true)
}

/// Millionths as people write them.
fn decimal(millionths: i64) -> String {
    let (whole, rest) = (millionths / 1_000_000, (millionths % 1_000_000).unsigned_abs());
    let rest = format!("{rest:06}");
    let rest = rest.trim_end_matches('0');
    if rest.len() > 2 { format!("{whole}.{rest}") } else { format!("{whole}.{rest:0<2}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn amounts_have_two_places_at_least() {
        for (millionths, text) in
            [(0, "0.00"), (1_500_000, "1.50"), (60_000, "0.06"), (123_456_789, "123.456789")]
        {
            assert_eq!(super::decimal(millionths), text);
        }
    }
}
