//! Settings: the defaults compiled in, then a file, then the environment.

use std::path::{Path, PathBuf};

use serde::Deserialize;

const DEFAULTS: &str = include_str!("../config.default.toml");

/// Why the settings cannot be used; names the key where it can.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {0} cannot be read: {1}")]
    File(String, std::io::Error),
    #[error("the settings in {place} are wrong: {reason}")]
    Wrong { place: String, reason: String },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub data: Data,
    pub bots: Bots,
    pub models: Models,
    pub turns: Turns,
    pub outbox: Outbox,
    pub limits: Limits,
    pub outgoing: Outgoing,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: std::net::SocketAddr,
    pub public_url: String,
    pub trusted_proxies: Vec<ipnet::IpNet>,
    pub max_body: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub folder: PathBuf,
    pub key_file: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bots {
    pub folder: PathBuf,
    pub reload: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    pub folder: PathBuf,
    pub encoders: Vec<String>,
    pub threads: usize,
    pub queue: usize,
    pub library: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turns {
    pub workers: usize,
    pub lease_ms: u64,
    pub deadline_ms: u64,
    pub attempts: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbox {
    pub senders: usize,
    pub attempts: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub sign_in_per_20_seconds: u32,
    pub sign_in_per_account_in_5_minutes: u32,
    pub socket_messages_per_second: u32,
    pub api_per_second: u32,
    pub api_burst: u32,
    pub ip_per_second: u32,
    pub ip_burst: u32,
    pub webhook_per_second: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    pub allow_networks: Vec<ipnet::IpNet>,
    pub timeout_ms: u64,
    pub max_body: usize,
}

impl Config {
    /// Reads the settings. `environment` yields the variables of the process.
    pub fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut settings = parse(DEFAULTS, "the defaults")?;
        if let Some(path) = file {
            let place = path.display().to_string();
            let text =
                std::fs::read_to_string(path).map_err(|error| ConfigError::File(place.clone(), error))?;
            merge(&mut settings, parse(&text, &place)?);
        }
        let mut place = file.map_or_else(|| "the defaults".to_owned(), |path| path.display().to_string());
        for (name, value) in environment {
            let Some((section, key)) = key_of(&name) else { continue };
            place = format!("{place}, {name}");
            merge(&mut settings, one_key(&section, &key, &value));
        }
        toml::Value::Table(settings).try_into().map_err(|error: toml::de::Error| ConfigError::Wrong {
            place,
            reason: error.message().to_owned(),
        })
    }

    pub fn is_https(&self) -> bool {
        self.server.public_url.starts_with("https://")
    }

    /// The file with the sealing key.
    pub fn key_file(&self) -> PathBuf {
        if self.data.key_file.as_os_str().is_empty() {
            self.data.folder.join("secret.key")
        } else {
            self.data.key_file.clone()
        }
    }

    /// The database address as the store takes it.
    pub fn database_url(&self) -> String {
        if self.database.url == "sqlite" {
            format!("sqlite:{}", self.data.folder.join("sala.db").display())
        } else {
            self.database.url.clone()
        }
    }
}

/// The section and key that a variable sets.
fn key_of(name: &str) -> Option<(String, String)> {
    match name {
        "SALA_MODELS" => Some(("models".to_owned(), "folder".to_owned())),
        "ORT_DYLIB_PATH" => Some(("models".to_owned(), "library".to_owned())),
        _ => {
            let (section, key) = name.strip_prefix("SALA_")?.split_once("__")?;
            Some((section.to_lowercase(), key.to_lowercase()))
        }
    }
}

fn parse(text: &str, place: &str) -> Result<toml::Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| ConfigError::Wrong {
        place: place.to_owned(),
        reason: error.to_string(),
    })
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// A table of one key whose value is read as TOML, or taken as text.
fn one_key(section: &str, key: &str, value: &str) -> toml::Table {
    let value = format!("value = {value}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    let inner = toml::Table::from_iter([(key.to_owned(), value)]);
    toml::Table::from_iter([(section.to_owned(), toml::Value::Table(inner))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(None, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_environment_wins_over_the_defaults() {
        let config = read(&[
            ("SALA_SERVER__LISTEN", "0.0.0.0:9000"),
            ("SALA_TURNS__WORKERS", "7"),
            ("SALA_OUTGOING__ALLOW_NETWORKS", "[\"10.1.0.0/16\"]"),
            ("HOME", "elsewhere"),
        ])
        .unwrap();
        assert_eq!(config.server.listen.port(), 9000);
        assert_eq!(config.turns.workers, 7);
        assert_eq!(config.outgoing.allow_networks.len(), 1);
    }

    #[test]
    fn a_mistake_is_named() {
        for (name, value, expected) in [
            ("SALA_TURNS__WORKRES", "7", "workres"),
            ("SALA_TURNS__WORKERS", "many", "invalid type"),
            ("SALA_NOWHERE__KEY", "1", "nowhere"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(name), "{error}");
        }
    }
}
