//! Asking a platform whether an account works: what it says, when the token runs out, and whether our clock agrees.

use std::collections::BTreeMap;

use channels::{AccountCheck, Advice, Finding, HttpResponse, PlatformRequest, SendError, Transport};
use serde::Serialize;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_setup::webhook_of;
use crate::clock::Micros;
use crate::platform::{CallLimits, call};
use crate::quota::Meter;

/// Two clocks that are further apart spoil signatures that carry a time, and the age of what we answer.
const APART: i64 = 60;
/// So many days before a token runs out somebody should make a new one.
const SOON: i64 = 14;
/// The platform did not answer at all: the name that stands where an [`Advice`] would.
pub const NO_ANSWER: &str = "no-answer";
/// The address is one that this program must not call.
pub const BLOCKED: &str = "blocked";
/// The platform's call of our webhook was refused by us.
pub const WRONG_SECRET: &str = "wrong-secret";

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    pub check: AccountCheck,
    #[serde(flatten)]
    pub finding: Finding,
    /// What to do about it: the name of an [`Advice`] or of one of this module's constants, where the answer tells.
    pub advice: Option<String>,
    /// It works, and somebody should look at it all the same.
    pub warning: bool,
    /// Which sentence says it, in the catalogues of texts, with what stands in it.
    #[serde(rename = "finding")]
    pub sentence: &'static str,
    pub arguments: BTreeMap<&'static str, String>,
}

impl Checked {
    fn of(check: AccountCheck, good: bool, says: String) -> Self {
        let finding = Finding { good, says, ..Finding::default() };
        Self { check, finding, advice: None, warning: false, sentence: "", arguments: BTreeMap::new() }
    }

    #[cfg(test)]
    pub(crate) fn found(check: AccountCheck, finding: Finding) -> Self {
        Self { finding, ..Self::of(check, false, String::new()) }
    }

    /// What a meter says where it is worth a warning.
    pub fn quota(meter: &Meter) -> Option<Self> {
        let (level, most) = meter.level.zip(meter.most)?;
        let says = format!("{} of {most} used", meter.used);
        let arguments = BTreeMap::from([
            ("level", level.to_string()),
            ("used", meter.used.to_string()),
            ("most", most.to_string()),
        ]);
        let sentence = if level >= 100 { "quota-used-up" } else { "quota-nearly" };
        let advice = Some(Advice::RaiseQuota.as_str().to_owned());
        Some(Self { warning: true, advice, sentence, arguments, ..Self::of(AccountCheck::Quota, true, says) })
    }

    /// The sentence of a check that has none of its own yet.
    fn sentence(&self) -> &'static str {
        match (self.check, self.finding.good, self.advice.as_deref()) {
            (_, false, Some(NO_ANSWER)) => "no-answer",
            (_, false, Some(BLOCKED)) => "blocked",
            (AccountCheck::Token, true, _) => "token-good",
            (AccountCheck::Token, false, _) => "token-refused",
            (AccountCheck::Scopes, true, _) => "scopes-good",
            (AccountCheck::Scopes, false, _) => "scopes-missing",
            (AccountCheck::Webhook, true, _) => "webhook-good",
            (AccountCheck::Webhook, false, _) => "webhook-silent",
            (AccountCheck::Quota, true, _) => "quota-good",
            (AccountCheck::Quota, false, _) => "quota-unknown",
            (AccountCheck::Expiry, true, _) => "expiry-far",
            (AccountCheck::Expiry, false, _) => "expiry-over",
            (AccountCheck::Clock, ..) => "clock-agrees",
        }
    }
}

/// Asks the platform everything that shows whether the account works. Nothing of the report holds a secret, whatever the
/// platform repeats of what it was sent.
pub async fn check(app: &App, account: &OpenAccount) -> Vec<Checked> {
    let mut report = Vec::new();
    let mut apart: Option<i64> = None;
    for (check, request) in account.adapter.checks(&account.config) {
        let (checked, seconds) = ask_either(app, account, check, &request).await;
        // Without an answer, or with a token that is not taken, every further question ends alike.
        let is_told = match checked.advice.as_deref() {
            Some(NO_ANSWER) => true,
            Some(advice) => {
                check == AccountCheck::Token && !checked.finding.good && advice == Advice::CheckToken.as_str()
            }
            None => false,
        };
        report.push(checked);
        apart = [apart, seconds].into_iter().flatten().min_by_key(|seconds| seconds.abs());
        if is_told {
            break;
        }
    }
    crate::webhook_aim::judge(&mut report, &webhook_of(app, &account.id));
    let mut report = joined(report);
    let ends = report.iter().find_map(|checked| checked.finding.expires_at);
    report.extend(ends.map(|ends| expiry(ends, app.store.clock().now())));
    report.extend(apart.map(clock));
    for checked in &mut report {
        checked.finding.says = without_secrets(&account.config.secrets, &checked.finding.says);
        if checked.sentence.is_empty() {
            checked.sentence = checked.sentence();
        }
    }
    report
}

/// What the platform says to a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It is taken; whose it is, where the platform says so.
    Taken(Option<String>),
    /// It is not, in the platform's words.
    Refused(String),
    /// The platform could not be asked, or said nothing of it: why.
    Untried(String),
}

/// Tries the token of an account that need not be stored.
pub async fn try_token(app: &App, account: &OpenAccount) -> Tried {
    let mut tried = Tried::Taken(None);
    for (check, request) in account.adapter.checks(&account.config) {
        if check != AccountCheck::Token {
            continue;
        }
        let (checked, _) = ask(app, account, check, &request).await;
        let says = without_secrets(&account.config.secrets, &checked.finding.says);
        match checked.advice.as_deref() {
            _ if checked.finding.good => {
                if checked.finding.external_id.is_some() {
                    tried = Tried::Taken(checked.finding.external_id);
                }
            }
            Some(NO_ANSWER | BLOCKED) | None => return Tried::Untried(says),
            Some(_) => return Tried::Refused(says),
        }
    }
    tried
}

/// One line for each check, whatever number of questions it took: the first that failed, else all that was said.
fn joined(report: Vec<Checked>) -> Vec<Checked> {
    let mut lines: Vec<Checked> = Vec::new();
    for checked in report {
        match lines.iter_mut().find(|line| line.check == checked.check) {
            // A warning says all that the plain lines say.
            Some(line) if line.finding.good && checked.finding.good && line.warning == checked.warning => {
                let says = [line.finding.says.as_str(), &checked.finding.says];
                line.finding.says =
                    says.into_iter().filter(|say| !say.is_empty()).collect::<Vec<_>>().join(", ");
                line.finding.facts.extend(checked.finding.facts);
            }
            Some(line) if line.finding.good && (checked.warning || !checked.finding.good) => *line = checked,
            Some(_) => {}
            None => lines.push(checked),
        }
    }
    lines
}

/// The same; what the new app secret does not open is asked with the former one while it is changed, as the platform may
/// know that alone yet. A token has no such time: it is used from us and must be good.
async fn ask_either(
    app: &App,
    account: &OpenAccount,
    check: AccountCheck,
    request: &PlatformRequest,
) -> (Checked, Option<i64>) {
    let asked = ask(app, account, check, request).await;
    match with_former(account, request) {
        Some(former) if !asked.0.finding.good && former != *request => {
            let with_former = ask(app, account, check, &former).await;
            if with_former.0.finding.good { with_former } else { asked }
        }
        _ => asked,
    }
}

/// The request with the former app secret, where it holds the new one.
fn with_former(account: &OpenAccount, request: &PlatformRequest) -> Option<PlatformRequest> {
    const NEW: &str = "{app_secret}";
    const FORMER: &str = "{app_secret.previous}";
    account.config.secrets.get("app_secret.previous")?;
    let mut request = request.clone();
    let Transport::Http { url, headers, .. } = &mut request.transport else { return None };
    let values = std::iter::once(url).chain(headers.iter_mut().map(|(_, value)| value));
    for value in values.filter(|value| value.contains(NEW)) {
        *value = value.replace(NEW, FORMER);
    }
    Some(request)
}

/// What one check found, and by how many seconds our clock is ahead of the platform's.
async fn ask(
    app: &App,
    account: &OpenAccount,
    check: AccountCheck,
    request: &PlatformRequest,
) -> (Checked, Option<i64>) {
    let answer = match call(app, account, request, CallLimits::default()).await {
        Ok(answer) => answer,
        Err(error) => return (unanswered(check, error), None),
    };
    let ahead = date(&answer.headers).map(|date| (app.store.clock().now().0 - date.0) / Micros::SECOND);
    let response = HttpResponse { status: answer.status, headers: answer.headers, body: &answer.body };
    let finding = account.adapter.finding(&account.config, check, &response);
    let mut checked = Checked { finding, ..Checked::of(check, false, String::new()) };
    // That a right is missing stands in an answer that is good as such.
    if !checked.finding.good || check == AccountCheck::Scopes {
        match account.adapter.outcome(request, &response) {
            Err(SendError::Refused { reason, advice, .. }) => {
                checked.finding = Finding { good: false, says: reason, ..checked.finding };
                checked.advice = Some(advice);
            }
            Err(SendError::Retry { reason, .. } | SendError::Ambiguous { reason }) => {
                if !checked.finding.good {
                    checked.finding.says = reason;
                }
            }
            Ok(_) => {}
        }
    }
    (checked, ahead)
}

fn unanswered(check: AccountCheck, error: SendError) -> Checked {
    let (reason, advice) = match error {
        SendError::Refused { reason, .. } => (reason, BLOCKED),
        SendError::Retry { reason, .. } | SendError::Ambiguous { reason } => (reason, NO_ANSWER),
    };
    Checked { advice: Some(advice.to_owned()), ..Checked::of(check, false, reason) }
}

/// The time at which an answer was made, to the second.
fn date(headers: &[(String, String)]) -> Option<Micros> {
    let (_, date) = headers.iter().find(|(name, _)| name == "date")?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(Micros(date.timestamp().as_microsecond()))
}

fn clock(ahead: i64) -> Checked {
    let warning = ahead.abs() > APART;
    let says = match ahead {
        _ if !warning => "it agrees with the platform's".to_owned(),
        ..0 => format!("it is {} s behind the platform's", ahead.unsigned_abs()),
        _ => format!("it is {ahead} s ahead of the platform's"),
    };
    let sentence = match ahead {
        _ if !warning => "clock-agrees",
        ..0 => "clock-behind",
        _ => "clock-ahead",
    };
    let arguments = BTreeMap::from([("seconds", ahead.unsigned_abs().to_string())]);
    Checked { warning, sentence, arguments, ..Checked::of(AccountCheck::Clock, true, says) }
}

fn expiry(ends: i64, now: Micros) -> Checked {
    let day = jiff::Timestamp::from_microsecond(ends)
        .map_or_else(|_| String::new(), |ends| ends.strftime("%Y-%m-%d").to_string());
    let days = (ends - now.0).div_euclid(Micros::DAY);
    let (good, says) = match days {
        ..0 => (false, format!("it ran out on {day}")),
        _ => (true, format!("it is good until {day}")),
    };
    let advice = (!good).then(|| Advice::CheckToken.as_str().to_owned());
    // People are warned two weeks, a week and a day before; the sentence says how near it is.
    let sentence = match days {
        ..0 => "expiry-over",
        0 => "expiry-tomorrow",
        1..7 => "expiry-this-week",
        7..SOON => "expiry-soon",
        _ => "expiry-far",
    };
    let arguments = BTreeMap::from([("days", days.to_string()), ("date", day)]);
    let warning = good && days < SOON;
    Checked { advice, warning, sentence, arguments, ..Checked::of(AccountCheck::Expiry, good, says) }
}

/// `text` with every secret blotted out: platforms repeat what they were sent.
pub fn without_secrets(secrets: &BTreeMap<String, String>, text: &str) -> String {
    let long = secrets.values().filter(|secret| secret.len() >= 4);
    long.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "•••"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_apart_are_a_warning() {
        let check = |ahead: i64, warning: bool, says: &str| {
            let found = clock(ahead);
            assert_eq!((found.finding.good, found.warning), (true, warning), "{ahead}");
            assert!(found.finding.says.contains(says), "{}", found.finding.says);
        };
        check(0, false, "agrees");
        check(60, false, "agrees");
        check(61, true, "61 s ahead");
        check(-3_600, true, "3600 s behind");
    }

    #[test]
    fn a_token_that_ends_is_told_in_time() {
        let now = Micros(1_795_270_000_000_000);
        let check = |days: i64, good: bool, warning: bool, says: &str| {
            let found = expiry(now.0 + days * Micros::DAY, now);
            assert_eq!((found.finding.good, found.warning), (good, warning), "{days}");
            assert_eq!(found.finding.says, says);
        };
        check(40, true, false, "it is good until 2026-12-31");
        check(13, true, true, "it is good until 2026-12-04");
        check(-1, false, false, "it ran out on 2026-11-20");
        for (days, sentence) in [
            (40, "expiry-far"),
            (14, "expiry-far"),
            (13, "expiry-soon"),
            (7, "expiry-soon"),
            (6, "expiry-this-week"),
            (1, "expiry-this-week"),
            (0, "expiry-tomorrow"),
            (-1, "expiry-over"),
        ] {
            assert_eq!(expiry(now.0 + days * Micros::DAY, now).sentence, sentence, "{days}");
        }
    }

    #[test]
    fn questions_of_one_check_are_one_line() {
        let line = |check, good: bool, says: &str| Checked::of(check, good, says.to_owned());
        let check = |report: Vec<Checked>, expected: &[(AccountCheck, bool, &str)]| {
            let found = joined(report);
            let found: Vec<_> =
                found.iter().map(|one| (one.check, one.finding.good, one.finding.says.as_str())).collect();
            assert_eq!(found, expected);
        };
        let (token, quota) = (AccountCheck::Token, AccountCheck::Quota);
        let both =
            vec![line(token, true, "a"), line(quota, true, "200 a month"), line(quota, true, "7 used")];
        check(both, &[(token, true, "a"), (quota, true, "200 a month, 7 used")]);
        check(vec![line(quota, true, "200"), line(quota, false, "broken")], &[(quota, false, "broken")]);
        check(vec![line(quota, false, "broken"), line(quota, true, "7 used")], &[(quota, false, "broken")]);
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        let date = |text: &str| date(&[("date".to_owned(), text.to_owned())]);
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Micros(784_111_777_000_000)));
        assert_eq!(date("yesterday"), None);
    }

    #[test]
    fn what_a_platform_repeats_is_blotted_out() {
        let secrets = BTreeMap::from([("access_token".to_owned(), "EAAB-1".to_owned())]);
        let said = without_secrets(&secrets, "Malformed access token EAAB-1 (EAAB-1)");
        assert_eq!(said, "Malformed access token ••• (•••)");
    }
}
