//! While a secret is changed on the other side, two are good. It is noted which of them verifies calls, so that the one
//! that the other side uses is never the one that goes.

use channels::{AccountConfig, HttpCall};
use dashmap::DashMap;
use serde::Serialize;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::ChannelAccountId;
use crate::store::StoreError;

/// So long a note is good enough: a call that proves the same again is not written down.
const AGAIN: i64 = 60 * Micros::SECOND;
/// The same while nothing is changed.
const AGAIN_IN_PEACE: i64 = 3_600 * Micros::SECOND;

/// A secret of which two values are good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rotation {
    pub name: String,
    /// When the new one last verified a call; none where it never has. Milliseconds UTC.
    pub new_proved_at: Option<i64>,
    /// The same of the former one.
    pub former_proved_at: Option<i64>,
}

impl Rotation {
    /// True where ending it would most likely cut the other side off.
    pub fn is_risky(&self) -> bool {
        self.new_proved_at.is_none() && self.former_proved_at.is_some()
    }
}

/// Tokens are what we show the platform: only the new one counts. The others prove what comes to us, which may still be
/// signed with the former one.
pub fn rotates(name: &str) -> bool {
    !matches!(name, "access_token" | "bot_token")
}

pub(crate) fn former_of(name: &str) -> String {
    format!("{name}.previous")
}

/// What was noted last of each secret by this process.
#[derive(Default)]
pub struct Noted(DashMap<(ChannelAccountId, &'static str), (i64, String, Micros)>);

/// Notes which secret has verified a call of the other side. `call` was verified before.
pub async fn note(app: &App, account: &OpenAccount, call: &HttpCall<'_>) {
    note_by(app, account, |config| account.adapter.verify(config, call)).await;
}

/// The same for whatever is verified with secrets of the account: `verifies` tells whether it is with these.
pub async fn note_by(app: &App, account: &OpenAccount, verifies: impl Fn(&AccountConfig) -> bool) {
    let now = app.store.clock().now();
    for field in account.adapter.setup().iter().filter(|field| field.secret && rotates(field.name)) {
        let key = (account.id.clone(), field.name);
        let last = app.accounts.noted.0.get(&key).map(|noted| noted.clone());
        let is_rotating = account.config.secrets.contains_key(&former_of(field.name));
        let is_recent = last.as_ref().is_some_and(|(version, mark, at)| {
            let pause = if mark.is_empty() { AGAIN } else { AGAIN_IN_PEACE };
            *version == account.version && now.0 - at.0 < pause && !is_rotating
        });
        if is_recent {
            continue;
        }
        let Some(secret) = proved(&account.config, field.name, &verifies) else {
            app.accounts.noted.0.entry(key).or_insert((account.version, String::new(), now));
            continue;
        };
        let mark = mark(app, account, field.name, secret);
        let is_same = |(_, noted, at): &(i64, String, Micros)| *noted == mark && now.0 - at.0 < AGAIN;
        if is_rotating && last.as_ref().is_some_and(is_same) {
            continue;
        }
        match app.store.note_proof(&account.tenant, &account.id, &mark).await {
            Ok(()) => drop(app.accounts.noted.0.insert(key, (account.version, mark, now))),
            // The next call says it again.
            Err(error) => tracing::warn!(%error, "it cannot be noted which secret verified a call"),
        }
    }
}

/// The value of `name` that verifies; none where it is not by this secret that it is verified.
fn proved<'a>(
    config: &'a AccountConfig,
    name: &str,
    verifies: impl Fn(&AccountConfig) -> bool,
) -> Option<&'a str> {
    let former = former_of(name);
    let mut without = config.clone();
    without.secrets.remove(name);
    without.secrets.remove(&former);
    let mut verifies_with = |secret: &'a String| {
        without.secrets.insert(name.to_owned(), secret.clone());
        let does = verifies(&without);
        without.secrets.remove(name);
        does
    };
    let found = [name, &former].into_iter().filter_map(|name| config.secrets.get(name));
    let found = found.into_iter().find(|secret| verifies_with(secret))?;
    (!verifies(&without)).then_some(found.as_str())
}

fn mark(app: &App, account: &OpenAccount, name: &str, secret: &str) -> String {
    app.key.mark("secret that verified a call", &format!("{}/{name}/{secret}", account.id))
}

/// The secrets of an account of which two values are good, and which of them verified calls.
pub async fn rotations(app: &App, account: &OpenAccount) -> Result<Vec<Rotation>, StoreError> {
    let names = account.config.secrets.keys().filter_map(|name| name.strip_suffix(".previous"));
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let proofs = app.store.proofs(&account.tenant, &account.id).await?;
    let at = |name: &str, of: &str| {
        let secret = account.config.secrets.get(of)?;
        proofs.get(&mark(app, account, name, secret)).map(|at| at.millis())
    };
    let told = names.into_iter().map(|name| Rotation {
        name: name.to_owned(),
        new_proved_at: at(name, name),
        former_proved_at: at(name, &former_of(name)),
    });
    Ok(told.collect())
}

/// The value of `name` that stays good when a further one takes its place: the one that verified a call last, and before
/// any did, the one that was there first.
pub async fn stays(app: &App, account: &OpenAccount, name: &str) -> Result<Option<String>, StoreError> {
    let secrets = &account.config.secrets;
    let rotations = rotations(app, account).await?;
    let under_way = rotations.iter().find(|rotation| rotation.name == name);
    let is_former = under_way.is_some_and(|rotation| rotation.new_proved_at <= rotation.former_proved_at);
    let stays = if is_former { secrets.get(&former_of(name)) } else { secrets.get(name) };
    Ok(stays.cloned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_secret_that_verifies_is_found() {
        let secrets = [("app_secret", "new"), ("app_secret.previous", "old"), ("verify_token", "v")];
        let secrets = secrets.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config =
            AccountConfig { secrets: secrets.collect::<BTreeMap<_, _>>(), ..AccountConfig::default() };
        let check = |name: &str, signed_with: &str, expected: Option<&str>| {
            let verifies =
                |config: &AccountConfig| config.secrets_of("app_secret").any(|secret| secret == signed_with);
            assert_eq!(proved(&config, name, verifies), expected, "{name} by {signed_with}");
        };
        check("app_secret", "new", Some("new"));
        check("app_secret", "old", Some("old"));
        check("app_secret", "other", None);
        check("verify_token", "new", None);
    }
}
