//! What an adapter knows of one channel account.

use std::collections::BTreeMap;

/// What an adapter needs to know of one channel account. Secrets are plain here and live only as long as the call.
#[derive(Clone, Default)]
pub struct AccountConfig {
    /// Our id of the channel account, as it stands in webhook addresses.
    pub id: String,
    /// The platform's id of the account (a bot id, a page id), where it has one.
    pub external_id: String,
    /// Its second id there, as Instagram has one: the same where it has no other, empty while nobody knows.
    pub other_external_id: String,
    /// Where the platform's API answers; the simulators put theirs here.
    pub api_base: String,
    /// Ordinary settings of the adapter.
    pub settings: BTreeMap<String, String>,
    /// Secrets by name. Two names may hold one secret while it is rotated: see [`AccountConfig::secrets_of`].
    pub secrets: BTreeMap<String, String>,
}

impl AccountConfig {
    /// True for an id by which the platform names this account.
    pub fn is_called(&self, id: &str) -> bool {
        !id.is_empty() && (self.external_id == id || self.other_external_id == id)
    }

    /// The secret `name` and, during rotation, `name.previous`.
    pub fn secrets_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let previous = format!("{name}.previous");
        self.secrets.get(name).into_iter().chain(self.secrets.get(&previous)).map(String::as_str)
    }

    /// `template` with every `{name}` of a known secret replaced by that secret, in one pass: what a secret itself
    /// holds is never expanded. Requests are stored and logged with the names; the engine fills a request's address
    /// and header values (never its body, which may hold a customer's words) in the moment it sends it.
    pub fn fill_secrets(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            let named = rest.find('}').and_then(|close| Some((close, self.secrets.get(&rest[1..close])?)));
            if let Some((close, secret)) = named {
                filled.push_str(secret);
                rest = &rest[close + 1..];
            } else {
                filled.push('{');
                rest = &rest[1..];
            }
        }
        filled.push_str(rest);
        filled
    }
}

impl std::fmt::Debug for AccountConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountConfig").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_filled(template: &str, filled: &str) {
        let secrets = [("bot_token", "1:a{other}"), ("other", "never")];
        let account = AccountConfig {
            secrets: secrets.into_iter().map(|(name, secret)| (name.into(), secret.into())).collect(),
            ..AccountConfig::default()
        };
        assert_eq!(account.fill_secrets(template), filled);
    }

    #[test]
    fn secrets_are_filled_once_and_only_by_known_names() {
        check_filled("https://x/bot{bot_token}/getMe", "https://x/bot1:a{other}/getMe");
        check_filled("{bot_token}{bot_token}", "1:a{other}1:a{other}");
        check_filled("{unknown} {{bot_token} {", "{unknown} {1:a{other} {");
        check_filled("ไทย{bot_token", "ไทย{bot_token");
        check_filled("", "");
    }

    #[test]
    fn a_config_never_prints_its_secrets() {
        let secrets = BTreeMap::from([("bot_token".to_owned(), "hush".to_owned())]);
        let account = AccountConfig { id: "shop".into(), secrets, ..AccountConfig::default() };
        assert!(!format!("{account:?}").contains("hush"));
    }
}
