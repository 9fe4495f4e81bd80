//! Setting an account up: what a person must enter, and what the platform says when it is tried.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{HttpResponse, SendError};

/// One thing to be entered. Its name is that of the setting or secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetupField {
    pub name: &'static str,
    /// Stored encrypted, and never shown again.
    pub secret: bool,
    pub required: bool,
    /// Made by us where it is left out: the person gives it to the platform.
    pub ours: bool,
    /// What may be entered.
    #[serde(flatten)]
    pub kind: FieldKind,
    /// How many characters it has at most.
    pub most: usize,
    /// How many it has at least, where it is not empty.
    pub least: usize,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldKind {
    /// One of these words.
    Choice { choices: &'static [&'static str] },
    /// Any line of text.
    Text,
    /// Digits: an id of Meta's or of LINE Login.
    Number,
    /// An address that begins with `https://` or `http://`.
    Url,
    /// A secret, on one line.
    Secret,
}

/// Why a value cannot be taken. It names the field and what is allowed, and never repeats the value, which may be a secret
/// in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFault {
    #[error("{name} must be one of: {}", choices.join(", "))]
    Choice { name: &'static str, choices: &'static [&'static str] },
    #[error("{name} must be one line without control characters")]
    Line { name: &'static str },
    #[error("{name} must be digits")]
    Number { name: &'static str },
    #[error(
        "{name} must be an address that begins with https:// (http:// only inside your own network), without a user or password"
    )]
    Url { name: &'static str },
    #[error("{name} must have at most {most} characters")]
    Long { name: &'static str, most: usize },
    #[error("{name} must have at least {least} characters: see that the whole of it was copied")]
    Cut { name: &'static str, least: usize },
    #[error(
        "{name} must have at least {least} characters, or somebody could guess it: `openssl rand -hex 32` makes a good one"
    )]
    Weak { name: &'static str, least: usize },
}

/// The setting of [`SetupField::inbox_minutes`].
pub const INBOX_MINUTES: &str = "inbox_minutes";

/// How long settings and secrets may be, where a platform does not say less.
const MOST: usize = 200;
const MOST_OF_SECRET: usize = 2000;
/// No platform gives out shorter secrets: a shorter one is a piece of one.
const LEAST_OF_GIVEN: usize = 8;
/// What we and the other side agree on ourselves has at least 64 bits, even in hex.
const LEAST_OF_MADE: usize = 16;

impl SetupField {
    pub const fn secret(name: &'static str) -> Self {
        let kind = FieldKind::Secret;
        let (most, least) = (MOST_OF_SECRET, LEAST_OF_GIVEN);
        Self { name, secret: true, required: true, ours: false, kind, most, least }
    }

    pub const fn setting(name: &'static str) -> Self {
        let kind = FieldKind::Text;
        Self { name, secret: false, required: true, ours: false, kind, most: MOST, least: 0 }
    }

    /// A setting that is one of a few words.
    pub const fn choice(name: &'static str, choices: &'static [&'static str]) -> Self {
        Self { kind: FieldKind::Choice { choices }, ..Self::setting(name) }
    }

    /// A setting that is an id in digits.
    pub const fn number(name: &'static str) -> Self {
        Self { kind: FieldKind::Number, most: 32, ..Self::setting(name) }
    }

    /// A setting that is a web address.
    pub const fn url(name: &'static str) -> Self {
        Self { kind: FieldKind::Url, most: MOST_OF_SECRET, ..Self::setting(name) }
    }

    /// A secret that we make up.
    pub const fn made(name: &'static str) -> Self {
        Self { required: false, ours: true, least: LEAST_OF_MADE, ..Self::secret(name) }
    }

    /// Whether people see that their messages were read: the same on every platform that shows it.
    pub const fn seen() -> Self {
        Self::choice("seen", &["yes", "no"]).optional()
    }

    /// How the bot answers comments below posts.
    pub const fn comments() -> Self {
        Self::choice("comments", &["public", "private"]).optional()
    }

    /// After how many minutes a customer whom a colleague in the platform's own inbox leaves waiting comes into our queue; 0 for
    /// never.
    pub const fn inbox_minutes() -> Self {
        Self { most: 4, ..Self::number(INBOX_MINUTES) }.optional()
    }

    #[must_use]
    pub const fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    #[must_use]
    pub const fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    #[must_use]
    pub const fn at_least(self, least: usize) -> Self {
        Self { least, ..self }
    }

    /// Why a value that is not empty cannot be taken.
    pub fn fault(&self, value: &str) -> Option<FieldFault> {
        let Self { name, most, least, .. } = *self;
        let count = value.chars().count();
        if count > most {
            return Some(FieldFault::Long { name, most });
        }
        if value.chars().any(char::is_control) {
            return Some(FieldFault::Line { name });
        }
        if count < least {
            return Some(if self.ours {
                FieldFault::Weak { name, least }
            } else {
                FieldFault::Cut { name, least }
            });
        }
        match self.kind {
            FieldKind::Choice { choices } => {
                (!choices.contains(&value)).then_some(FieldFault::Choice { name, choices })
            }
            FieldKind::Number => {
                (!value.bytes().all(|byte| byte.is_ascii_digit())).then_some(FieldFault::Number { name })
            }
            FieldKind::Url => (!is_web_address(value)).then_some(FieldFault::Url { name }),
            FieldKind::Text | FieldKind::Secret => None,
        }
    }
}

fn is_web_address(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|url| {
        let is_safe = match url.scheme() {
            "https" => url.has_host(),
            "http" => url.host().is_some_and(|host| is_of_the_house(&host)),
            _ => false,
        };
        is_safe && url.username().is_empty() && url.password().is_none()
    })
}

/// True for a host that only one's own network reaches: customers' words may go there without encryption. Names are those
/// that no public name server answers (RFC 6762, RFC 8375, ICANN's `internal`), and those without a dot.
fn is_of_the_house(host: &url::Host<&str>) -> bool {
    const SUFFIXES: [&str; 5] = [".localhost", ".local", ".lan", ".internal", ".home.arpa"];
    match host {
        url::Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_lowercase();
            !name.contains('.') || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        }
        url::Host::Ipv4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        url::Host::Ipv6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// What one of [`crate::Channel::checks`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountCheck {
    /// The token works, and belongs to this account.
    Token,
    /// The token has the rights that we need.
    Scopes,
    /// The platform calls our webhook.
    Webhook,
    /// How many messages may still be sent this month.
    Quota,
    /// Until when the token is good. No adapter asks for it: it is read from what the platform says to another check.
    Expiry,
    /// Whether our clock agrees with the platform's. No adapter asks for it: every answer of a platform is dated.
    Clock,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub good: bool,
    /// The platform's own id of the account, where the answer names it.
    pub external_id: Option<String>,
    /// A second id by which the platform names the account; the same as the first where it says that there is no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_external_id: Option<String>,
    /// What the platform calls the account.
    pub name: Option<String>,
    /// What the platform says, short.
    pub says: String,
    /// When the token runs out, microseconds UTC, where the platform says it; written in milliseconds, as the API has them.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "in_millis")]
    pub expires_at: Option<i64>,
    /// Numbers that the platform tells, by what they count: whoever shows them has the words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<Fact, i64>,
    /// The address that the platform calls, where it tells. It may be a stranger's, with secrets in it: never shown whole.
    #[serde(skip)]
    pub webhook: Option<String>,
    /// Kinds of events that we ask for and the platform does not send us, where it tells.
    #[serde(skip)]
    pub lacks: Vec<String>,
}

#[expect(clippy::ref_option, reason = "serde asks for a reference")]
fn in_millis<S: serde::Serializer>(at: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at / 1_000).serialize(serializer)
}

/// What a number of a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Messages that were counted against the month's quota.
    Used,
    /// The month's quota; 0 stands for none.
    MonthlyMost,
    /// Calls that wait to be delivered to our webhook.
    Waiting,
}

impl Finding {
    /// From the status alone: for adapters that read no more.
    pub fn of_status(response: &HttpResponse<'_>) -> Self {
        let good = (200..300).contains(&response.status);
        Self { good, says: format!("HTTP {}", response.status), ..Self::default() }
    }

    /// From why it failed.
    pub fn failed(error: &SendError) -> Self {
        Self { says: error.to_string(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use crate::{ChannelName, channel};

    #[test]
    fn a_field_takes_what_it_says_and_nothing_else() {
        let check = |channel_name: ChannelName, name: &str, value: &str, expected: Option<&str>| {
            let field = channel(channel_name).setup().iter().find(|field| field.name == name).unwrap();
            let said = field.fault(value).map(|fault| fault.to_string());
            assert_eq!(said.as_deref(), expected, "{name}={value:.40}");
        };
        let (line, webhook) = (ChannelName::Line, ChannelName::Webhook);
        let long = "น".repeat(100_000);
        check(line, "seen", "yes", None);
        check(line, "seen", "perhaps", Some("seen must be one of: yes, no"));
        check(line, "seen", "Yes", Some("seen must be one of: yes, no"));
        check(line, "names", "น้องกาแฟ, Sala", None);
        check(line, "names", &long, Some("names must have at most 500 characters"));
        check(line, "names", "a\nb", Some("names must be one line without control characters"));
        check(line, "channel_secret", &long, Some("channel_secret must have at most 2000 characters"));
        let cut = "channel_secret must have at least 8 characters: see that the whole of it was copied";
        check(line, "channel_secret", "1234567", Some(cut));
        check(line, "channel_secret", "12345678", None);
        let weak = |name: &str, least: usize| {
            format!(
                "{name} must have at least {least} characters, or somebody could guess it: `openssl rand -hex 32` makes a good one"
            )
        };
        let web = ChannelName::Web;
        check(web, "identity_secret", &"x".repeat(31), Some(&weak("identity_secret", 32)));
        check(web, "identity_secret", &"x".repeat(32), None);
        check(webhook, "signing_secret", "hush-hush", Some(&weak("signing_secret", 16)));
        check(line, "login_channel_id", "1234567890", None);
        check(line, "login_channel_id", "12x", Some("login_channel_id must be digits"));
        check(ChannelName::Instagram, "login", "google", Some("login must be one of: instagram, facebook"));
        check(ChannelName::Messenger, "comments", "all", Some("comments must be one of: public, private"));
        let wrong = "url must be an address that begins with https:// (http:// only inside your own network), without a user or \
                     password";
        for (url, is_good) in [
            ("https://shop.example/hook", true),
            ("http://127.0.0.1:9/hook", true),
            ("http://10.1.2.3/hook", true),
            ("http://[::1]:9/hook", true),
            ("http://crm/hook", true),
            ("http://crm.internal/hook", true),
            ("http://shop.example/hook", false),
            ("http://203.0.113.7/hook", false),
            ("file:///", false),
            ("file:///etc/passwd", false),
            ("https://", false),
            ("javascript:alert(1)", false),
            ("https://me:hush@shop.example/", false),
            ("shop.example", false),
        ] {
            check(webhook, "url", url, (!is_good).then_some(wrong));
        }
    }

    #[test]
    fn a_refusal_never_repeats_the_value() {
        for name in ChannelName::ALL {
            for field in channel(name).setup() {
                let said = field.fault("hush\u{7}").map(|fault| fault.to_string()).unwrap_or_default();
                assert!(said.starts_with(field.name) && !said.contains("hush"), "{said}");
            }
        }
    }
}
