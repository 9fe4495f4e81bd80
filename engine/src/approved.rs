//! Templates that a bot's wordings name: filled in from what the platform has approved, and said where it takes nothing
//! else (or always, where the wording says so).

use channels::templates::{blanks, fill};
use channels::{ChannelName, Feature, Part, Reply, TemplateUse};
use dialogues::{Approved, Problem, Severity};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::bots::LiveBot;
use crate::store::{MessageTemplate, OutboxRow, StoreError};
use crate::window::Standing;

/// The platform's word for a template that may be sent.
pub const APPROVED: &str = "APPROVED";

/// What a reply becomes that names a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// It goes out in its own words.
    Words,
    /// The template goes out instead.
    Template(Box<Reply>),
    /// Only the template could go out, and cannot: why.
    Refused(String),
}

/// What to say of a reply in the window in which it is planned.
pub async fn resolve(app: &App, account: &OpenAccount, row: &OutboxRow) -> Result<Resolved, StoreError> {
    let Some(wanted) = &row.reply.template else { return Ok(Resolved::Words) };
    // A template is one message: where some of several went out already, they were the words.
    if row.progress > 0 || !account.adapter.capabilities().has(Feature::Templates) {
        return Ok(Resolved::Words);
    }
    let window = crate::window::standing(account.adapter.rules().window, row.heard_at, row.planned_at);
    let words_go = window.lets_through(row.destination.human, false);
    if (words_go && !wanted.always) || window == Standing::Shut {
        return Ok(Resolved::Words);
    }
    let known = app.store.message_templates(&account.tenant, &account.id).await?;
    Ok(match filled(&known, wanted) {
        Ok(reply) => Resolved::Template(Box::new(reply)),
        Err(reason) if words_go => {
            tracing::warn!(channel.account = %account.id, template = %wanted.name, %reason, "said in its words");
            Resolved::Words
        }
        Err(reason) => Resolved::Refused(reason),
    })
}

fn filled(known: &[MessageTemplate], wanted: &TemplateUse) -> Result<Reply, String> {
    let (name, language) = (wanted.name.as_str(), wanted.language.as_str());
    let template = find(known, (name, language))?;
    match fill((name, language), &template.components, &wanted.values) {
        Ok(template) => Ok(Reply { parts: vec![Part::Template { template }], ..Reply::default() }),
        Err(error) => Err(format!("the template {name} ({language}): {error}")),
    }
}

/// The template, if it may be sent; else why not, in the platform's own words where it has some.
fn find<'t>(
    known: &'t [MessageTemplate],
    (name, language): (&str, &str),
) -> Result<&'t MessageTemplate, String> {
    let found = known.iter().find(|known| known.name == name && known.language == language);
    let template = found.ok_or_else(|| format!("the platform has no template {name} ({language})"))?;
    if template.status == APPROVED {
        return Ok(template);
    }
    let reason = template.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    Err(format!("the platform has the template {name} ({language}) as {}{reason}", template.status))
}

/// What a comparison of a bot's templates with those of its accounts found.
#[derive(Default)]
pub struct Compared {
    pub problems: Vec<Problem>,
    /// How many accounts answer by the bot on channels that have templates.
    pub accounts: usize,
    /// The names of those whose templates were never fetched: nothing is known of them.
    pub unfetched: Vec<String>,
}

/// What is wrong with the templates that a bot names, by what the platforms have approved for its accounts.
pub async fn compared(app: &App, bot: &LiveBot) -> Result<Compared, StoreError> {
    let mut compared = Compared::default();
    for tenant in app.store.tenants().await? {
        for account in app.store.channel_accounts(&tenant.id).await? {
            let has_templates = ChannelName::parse(&account.channel)
                .is_some_and(|name| channels::channel(name).capabilities().has(Feature::Templates));
            if account.bot != bot.own_name() || !has_templates {
                continue;
            }
            compared.accounts += 1;
            if app.store.templates_fetched_at(&tenant.id, &account.id).await?.is_none() {
                compared.unfetched.push(account.name);
                continue;
            }
            let known = app.store.message_templates(&tenant.id, &account.id).await?;
            compared.problems.extend(compare(&bot.dialogue, (&account.channel, &account.name), &known));
        }
    }
    Ok(compared)
}

/// The problems alone.
pub async fn problems(app: &App, bot: &LiveBot) -> Result<Vec<Problem>, StoreError> {
    Ok(compared(app, bot).await?.problems)
}

/// Says in the log what is wrong with them.
pub async fn warn(app: &App, bot: &LiveBot) {
    match problems(app, bot).await {
        Ok(problems) => {
            for problem in problems {
                tracing::warn!(bot = %bot.name, %problem, "a template that the bot names cannot be sent");
            }
        }
        Err(error) => tracing::warn!(%error, "the templates that a bot names cannot be compared"),
    }
}

/// The same for one account, from its channel and name.
fn compare(
    bot: &dialogues::Bot,
    (channel, account): (&str, &str),
    known: &[MessageTemplate],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (language, wording) in &bot.wording {
        for approved in wording.entries.values().filter_map(|entry| entry.approved.get(channel)) {
            let template_language = approved.language.as_deref().unwrap_or(language);
            let found = find(known, (&approved.name.id, template_language));
            let wrong = found.map_or_else(Some, |template| misfit(template, approved));
            problems.extend(wrong.map(|message| Problem {
                file: wording.file.clone(),
                line: approved.name.mark.line,
                column: approved.name.mark.column,
                key: approved.name.id.clone(),
                message: format!("on {account}, {message}"),
                advice: String::new(),
                severity: Severity::Warning,
            }));
        }
    }
    problems
}

/// What of the wording does not fit the template's blanks.
fn misfit(template: &MessageTemplate, approved: &Approved) -> Option<String> {
    let about = format!("the template {} ({})", template.name, template.language);
    let blanks = match blanks(&template.components) {
        Ok(blanks) => blanks,
        Err(error) => return Some(format!("{about}: {error}")),
    };
    let empty = blanks.iter().find(|blank| !approved.values.contains_key(&blank.key));
    if let Some(blank) = empty {
        return Some(format!("{about} needs a value for {}", blank.key));
    }
    let spare = approved.values.keys().find(|key| !blanks.iter().any(|blank| blank.key == **key));
    spare.map(|key| format!("{about} has no blank called {key}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn template(name: &str, status: &str, reason: Option<&str>) -> MessageTemplate {
        MessageTemplate {
            name: name.to_owned(),
            language: "th".to_owned(),
            category: "UTILITY".to_owned(),
            status: status.to_owned(),
            components: json!([{"type": "BODY", "text": "ออเดอร์ {{1}} มาแล้ว"}]),
            quality: None,
            reason: reason.map(str::to_owned),
        }
    }

    #[track_caller]
    fn check(known: &[MessageTemplate], values: &[(&str, &str)], expected: Result<&str, &str>) {
        let values: BTreeMap<String, String> =
            values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let wanted =
            TemplateUse { name: "here".to_owned(), language: "th".to_owned(), values, always: false };
        let found = filled(known, &wanted).map(|reply| reply.parts[0].words().join(" "));
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn a_template_is_filled_in_or_the_platform_says_why_not() {
        let good = [("body.1", "BK1")];
        check(&[template("here", "APPROVED", None)], &good, Ok("ออเดอร์ BK1 มาแล้ว"));
        check(&[template("other", "APPROVED", None)], &good, Err("the platform has no template here (th)"));
        check(
            &[template("here", "REJECTED", Some("TAG_CONTENT_MISMATCH"))],
            &good,
            Err("the platform has the template here (th) as REJECTED: TAG_CONTENT_MISMATCH"),
        );
        check(
            &[template("here", "APPROVED", None)],
            &[],
            Err("the template here (th): body.1 is not filled in"),
        );
    }
}
