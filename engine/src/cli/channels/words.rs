//! A report on a channel account in words: what happened, why, and what to do.

use channels::{AccountCheck, Advice, ChannelName, Fact, SendError};

use super::super::print;
use crate::channel_check::{BLOCKED, Checked, NO_ANSWER};
use crate::channel_setup::reason_of;
use crate::ids::ChannelAccountId;

/// Prints the report; true where nothing is wrong.
pub(super) fn tell((channel, id): (ChannelName, &ChannelAccountId), report: &[Checked]) -> bool {
    if report.is_empty() {
        print("    nothing to ask: this channel has no platform of its own");
    }
    for checked in report {
        let Some([what, why, remedy]) = trouble((channel, id), checked) else {
            print(&format!("    well   {:<8} {}", name(checked.check), said(checked)));
            continue;
        };
        let mark = if checked.finding.good { "LOOK " } else { "WRONG" };
        print(&format!("    {mark}  {:<8} {what}", name(checked.check)));
        print(&format!("           why      {why}"));
        print(&format!("           do       {remedy}"));
    }
    report.iter().all(|checked| checked.finding.good)
}

/// The same as one line.
pub(in crate::cli) fn line(whose: (ChannelName, &ChannelAccountId), checked: &Checked) -> String {
    match trouble(whose, checked) {
        Some([what, why, remedy]) => format!("{what}: {}. What to do: {remedy}", unstopped(&why)),
        None => said(checked),
    }
}

/// What a check is called.
pub(in crate::cli) fn name(check: AccountCheck) -> &'static str {
    match check {
        AccountCheck::Token => "token",
        AccountCheck::Scopes => "rights",
        AccountCheck::Webhook => "webhook",
        AccountCheck::Quota => "quota",
        AccountCheck::Expiry => "expiry",
        AccountCheck::Clock => "clock",
    }
}

/// Why the platform has not taken our webhook, and what to do.
pub(super) fn unregistered(reason: &str, id: &ChannelAccountId) -> String {
    let why = if reason.is_empty() { "it does not say why" } else { unstopped(reason) };
    format!(
        "The platform did not take our webhook: {why}.\n    do       see that `sala serve` runs and is reached under \
         server.public_url, and that the secrets are those of this account; then `sala channels register {id}`"
    )
}

/// What became of a message that was sent for a trial.
pub(super) fn tried(
    (channel, id): (ChannelName, &ChannelAccountId),
    to: &str,
    error: Option<&SendError>,
) -> String {
    let Some(error) = error else { return format!("The platform took the test message to {to}.") };
    let remedy = match error {
        SendError::Retry { .. } => CONNECTION,
        SendError::Ambiguous { .. } => "look at the other side whether it arrived, before you try again",
        SendError::Refused { advice, .. } => {
            advised(channel, advice).unwrap_or("ask the platform what it means")
        }
    };
    let (why, remedy) = (reason_of(error), remedy.replace(ACCOUNT, id.as_str()));
    format!("The test message did not reach {to}: {}.\n    do       {remedy}", unstopped(&why))
}

/// A reason without its own full stop, where ours follows.
pub(super) fn unstopped(reason: &str) -> &str {
    reason.trim_end().trim_end_matches('.')
}

/// Stands in a remedy for the account's id.
const ACCOUNT: &str = "ACCOUNT";

const CONNECTION: &str =
    "see that this machine reaches the platform (name service, firewall, proxy), then check again";

/// What the platform says, or a word where it says nothing.
fn said(checked: &Checked) -> String {
    let finding = &checked.finding;
    let said: Vec<&str> = finding
        .name
        .iter()
        .map(String::as_str)
        .chain([finding.says.as_str()])
        .filter(|say| !say.is_empty())
        .collect();
    let facts: Vec<String> = finding.facts.iter().map(|(fact, number)| counted(*fact, *number)).collect();
    let said: Vec<&str> = said.into_iter().chain(facts.iter().map(String::as_str)).collect();
    if said.is_empty() { "good".to_owned() } else { said.join(", ") }
}

fn counted(fact: Fact, number: i64) -> String {
    match fact {
        Fact::Used => format!("{number} used"),
        Fact::MonthlyMost if number == 0 => "no limit".to_owned(),
        Fact::MonthlyMost => format!("{number} a month"),
        Fact::Waiting => format!("{number} waiting"),
    }
}

/// What happened, why, and what to do; none where all is well.
fn trouble((channel, id): (ChannelName, &ChannelAccountId), checked: &Checked) -> Option<[String; 3]> {
    if checked.finding.good && !checked.warning {
        return None;
    }
    let why = match checked.finding.says.as_str() {
        "" => "the platform does not say why",
        says => says,
    };
    let advice = checked.advice.as_deref().unwrap_or_default();
    Some([
        what(channel, checked).to_owned(),
        why.to_owned(),
        aimed(channel, checked.sentence)
            .unwrap_or_else(|| remedy(channel, checked.check, advice).replace(ACCOUNT, id.as_str())),
    ])
}

fn what(channel: ChannelName, checked: &Checked) -> &'static str {
    match checked.sentence {
        "webhook-elsewhere" => return "the platform calls another address than ours",
        "webhook-no-address" => return "nobody can tell whether the platform calls us",
        "webhook-fields" => return "the platform does not tell us all that we ask for",
        _ => {}
    }
    match (checked.advice.as_deref(), checked.check) {
        (Some(NO_ANSWER), _) => "the platform does not answer, so nothing more was asked",
        (Some(BLOCKED), _) => "the platform was not asked",
        (_, AccountCheck::Token) if channel == ChannelName::Telegram => {
            "the platform does not take the bot token"
        }
        (_, AccountCheck::Token) => "the platform does not take the access token",
        (_, AccountCheck::Scopes) => {
            "the token lacks a right, or the platform does not show its rights to us"
        }
        (_, AccountCheck::Webhook) if channel == ChannelName::Webhook => {
            "the other side does not take our signed calls"
        }
        (_, AccountCheck::Webhook) => "the platform does not call our webhook, or had trouble with it",
        (_, AccountCheck::Quota) => "the month's quota cannot be read",
        (_, AccountCheck::Expiry) if checked.finding.good => "the access token runs out soon",
        (_, AccountCheck::Expiry) => "the access token has run out",
        (_, AccountCheck::Clock) => "our clock and the platform's are more than a minute apart",
    }
}

/// What to do about a webhook that is not as it should be; none for any other sentence.
fn aimed(channel: ChannelName, sentence: &str) -> Option<String> {
    match sentence {
        "webhook-elsewhere" => {
            Some(format!("find out who still uses that address; to have the calls come here, {}", webhook(channel)))
        }
        "webhook-no-address" => Some(
            "set server.public_url to the https address under which the platforms reach `sala serve`, then check again"
                .to_owned(),
        ),
        "webhook-fields" => Some(webhook(channel).to_owned()),
        _ => None,
    }
}

fn remedy(channel: ChannelName, check: AccountCheck, advice: &str) -> &'static str {
    let general = match advice {
        NO_ANSWER => Some(CONNECTION),
        BLOCKED => Some(
            "correct the address; name its network in outgoing.allow_networks where it is one of your own; or start `sala \
             demo` on this data where it is one of the demo's, whose platforms answer only while it runs",
        ),
        _ => None,
    };
    general.unwrap_or_else(|| match (channel, check) {
        (_, AccountCheck::Clock) => {
            "set the clock of this machine by the network (such as `timedatectl set-ntp true`): signatures and reply \
             tokens depend on it"
        }
        (ChannelName::Webhook, _) if advice == Advice::CheckToken.as_str() => {
            "give both sides the same signing secret: docs/webhook-channel.md tells how a call is signed"
        }
        (ChannelName::Webhook, _) => "see that the server at `url` runs and answers a signed ping with 2xx",
        (_, AccountCheck::Token | AccountCheck::Expiry) => new_token(channel),
        (_, AccountCheck::Webhook) if advice != Advice::CheckToken.as_str() => webhook(channel),
        (_, AccountCheck::Scopes) if advice != Advice::AskForRights.as_str() => {
            "see that app_id and app_secret are those of the app that made the token, and that the token is whole"
        }
        _ => advised(channel, advice).unwrap_or("look at the account on the platform"),
    })
}

fn new_token(channel: ChannelName) -> &'static str {
    match channel {
        ChannelName::Telegram => {
            "ask @BotFather for the bot's token (/token), then `sala channels set ACCOUNT --secret bot_token`"
        }
        ChannelName::Line => {
            "issue a channel access token in the LINE Developers console, then `sala channels set ACCOUNT --secret \
             access_token`"
        }
        _ => {
            "make a new token in Meta's app dashboard (a system user's does not run out), then `sala channels set ACCOUNT \
             --secret access_token`"
        }
    }
}

fn webhook(channel: ChannelName) -> &'static str {
    match channel {
        ChannelName::Line => {
            "run `sala channels register` for it, and switch on “Use webhook” in the LINE Developers console"
        }
        ChannelName::Telegram => {
            "see that `sala serve` is reached under server.public_url by https, then run `sala channels register` for it"
        }
        _ => {
            "run `sala channels register` for it, or subscribe the page or number to the app in Meta's dashboard"
        }
    }
}

/// What an adapter advises, in words; none where it has nothing better than the platform's own.
fn advised(channel: ChannelName, advice: &str) -> Option<&'static str> {
    let advice = Advice::ALL.into_iter().find(|known| known.as_str() == advice)?;
    Some(match advice {
        Advice::CheckToken => new_token(channel),
        Advice::WaitForPerson => "let the person write to the account first",
        Advice::CheckAddress | Advice::UseNewThread => {
            "check the id: it is the platform's own, and of this account"
        }
        Advice::AskForRights => "give the app or token the right that is named, then make a new token",
        Advice::UseTemplate => "let the person write first: the platform's time for free answers is over",
        Advice::TakeControl => "another program owns the thread: take it back there",
        Advice::CheckAccount => {
            "look at the account on the platform: it is restricted, or waits for something"
        }
        Advice::RaiseQuota => "wait for the next month, or buy more messages",
        Advice::RemoveWebhook => "remove the webhook, or the setting receive=poll",
        Advice::UseWebhook => webhook(channel),
        Advice::ChangeText
        | Advice::CheckFile
        | Advice::ChangeButtons
        | Advice::SendNew
        | Advice::CheckTemplate
        | Advice::Report => return None,
    })
}
