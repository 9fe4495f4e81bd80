//! Settings: the defaults compiled in, then a file, then the environment.

pub(crate) mod address;
mod written;

use std::path::{Path, PathBuf};

use models::OtherBackend;
use serde::Deserialize;

use written::Written;

const DEFAULTS: &str = include_str!("../config.default.toml");

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {0} cannot be read: {1}")]
    File(String, std::io::Error),
    /// Every mistake, each with its file and line (or its variable), its key and what to do.
    #[error("the settings are wrong:\n{}", .0.join("\n"))]
    Wrong(Vec<String>),
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
    pub jobs: Jobs,
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
    /// Ways to run models that are no ONNX graphs: the program has them or not, which no file can say.
    #[serde(skip)]
    pub backends: &'static [OtherBackend],
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turns {
    pub workers: usize,
    pub thinkers_per_core: usize,
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
pub struct Jobs {
    pub media: usize,
    pub platform: usize,
    pub line: usize,
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
    pub files_per_visitor_per_hour: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    pub allow_networks: Vec<ipnet::IpNet>,
    pub timeout_ms: u64,
    pub max_body: usize,
    pub max_media: usize,
}

impl Config {
    /// Reads the settings. `environment` yields the variables of the process.
    pub fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let defaults = parse(DEFAULTS, "config.default.toml")?;
        let mut written = Vec::new();
        if let Some(path) = file {
            let place = path.display().to_string();
            let bytes = std::fs::read(path).map_err(|error| ConfigError::File(place.clone(), error))?;
            written = match std::str::from_utf8(&bytes) {
                Ok(text) => written::in_file(text, &place, &defaults),
                Err(error) => vec![Err(written::not_utf8(&bytes[..error.valid_up_to()], &place))],
            };
        }
        written.extend(environment.filter_map(|(name, value)| {
            let (section, key) = key_of(&name)?;
            Some(Ok(Written::from_variable(name, section, key, &value)))
        }));
        let (mut settings, mut mistakes) = (defaults.clone(), Vec::new());
        for one in written {
            let checked = one.and_then(|one| Ok((one.check(&defaults)?, one)));
            match checked {
                Ok((value, Written { section, key, .. })) => put(&mut settings, &section, &key, value),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if !mistakes.is_empty() {
            return Err(ConfigError::Wrong(mistakes));
        }
        read(settings).map_err(|reason| ConfigError::Wrong(vec![reason]))
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

    /// The SQLite file, where that is the database.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let url = self.database_url();
        Some(PathBuf::from(url.strip_prefix("sqlite:")?.trim_start_matches("//")))
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
    text.parse().map_err(|error: toml::de::Error| ConfigError::Wrong(vec![format!("{place}: {error}")]))
}

fn put(settings: &mut toml::Table, section: &str, key: &str, value: toml::Value) {
    if let Some(toml::Value::Table(section)) = settings.get_mut(section) {
        section.insert(key.to_owned(), value);
    }
}

fn read(settings: toml::Table) -> Result<Config, String> {
    toml::Value::Table(settings)
        .try_into()
        .map_err(|error: toml::de::Error| error.message().trim().to_owned())
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
    fn a_mistake_in_the_environment_is_named() {
        for (name, value, expected) in [
            ("SALA_TURNS__WORKRES", "7", "turns.workres: there is no such setting (did you mean `workers`?)"),
            ("SALA_TURNS__WORKERS", "many", "turns.workers: expected a whole number, found a text"),
            ("SALA_TURNS__WORKERS", "0", "turns.workers: must be 1 or more, not 0"),
            ("SALA_NOWHERE__KEY", "1", "nowhere: there is no such section (known: bots, data, "),
            ("SALA_DATABASE__URL", "mysql://root:secret@db/sala", "there is no database of the kind `mysql`"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(&format!("{name}: ")) && error.contains(expected), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_text_in_the_environment_needs_no_quotes() {
        let config = read(&[("SALA_DATA__FOLDER", "123"), ("SALA_DATABASE__URL", "\"memory\"")]).unwrap();
        assert_eq!(config.data.folder, PathBuf::from("123"));
        assert_eq!(config.database.url, "memory");
    }

    /// The mistakes in a settings file, without the file's name.
    fn check(text: impl AsRef<[u8]>, expected: &[&str]) {
        let text = text.as_ref();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sala.toml");
        std::fs::write(&file, text).unwrap();
        let prefix = format!("{}:", file.display());
        let found = match Config::read(Some(&file), std::iter::empty()) {
            Err(ConfigError::Wrong(mistakes)) => mistakes,
            Err(error) => panic!("{error}"),
            Ok(_) => Vec::new(),
        };
        let found: Vec<&str> = found.iter().map(|mistake| mistake.strip_prefix(&prefix).unwrap()).collect();
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(text));
    }

    #[test]
    fn a_right_file_has_no_mistakes() {
        check("", &[]);
        check(DEFAULTS, &[]);
        for url in ["memory", "sqlite:/srv/sala.db", "postgres://u:p@db/sala", "postgresql://db/sala"] {
            check(format!("[database]\nurl = \"{url}\"\n"), &[]);
        }
    }

    #[test]
    fn every_mistake_of_a_file_is_named_with_its_line() {
        check(
            "[turns]\nworkers = 0\nworkres = 3\n\n[models]\nthreads = 0\nqueue = -1\nlease_ms = 5\n",
            &[
                "2: turns.workers: must be 1 or more, not 0",
                "3: turns.workres: there is no such setting (did you mean `workers`?)",
                "6: models.threads: must be 1 or more, not 0",
                "7: models.queue: must be 1 or more, not -1",
                "8: models.lease_ms: there is no such setting (it belongs under [turns])",
            ],
        );
        check("[limits]\napi_burst = 0\n", &["2: limits.api_burst: must be 1 or more, not 0"]);
        check("[turn]\nworkers = 1\n", &["1: turn: there is no such section (did you mean `turns`?)"]);
        check("workers = 1\n", &["1: workers: this setting stands in no section (it belongs under [turns])"]);
        check("turns = 1\n", &["1: turns: expected a section, found a whole number (write [turns])"]);
    }

    #[test]
    fn a_file_that_is_not_utf8_is_named_with_its_line() {
        check(b"\n[server]\n# caf\xe9\n", &["3: file: is not UTF-8 (save it in the encoding UTF-8)"]);
    }

    #[test]
    fn values_of_the_wrong_kind_are_named() {
        check("\n[turns]\nworkers = \"8\"\n", &["3: turns.workers: expected a whole number, found a text"]);
        check("[bots]\nreload = 1\n", &["2: bots.reload: expected true or false, found a whole number"]);
        check("[server]\nlisten = \"here\"\n", &["2: server.listen: invalid socket address syntax"]);
        check(
            "[server]\ntrusted_proxies = \"10.0.0.0/8\"\n",
            &["2: server.trusted_proxies: expected a list, found a text"],
        );
        check("[turns]\nworkers = \n", &["2: toml: string values must be quoted, expected literal string"]);
    }

    #[test]
    fn an_address_of_no_known_database_is_refused_without_its_password() {
        let kinds = "(the kinds are sqlite, sqlite:FILE, postgres://USER:PASSWORD@HOST:PORT/NAME and memory)";
        let one = |url: &str, expected: &str| {
            check(
                format!("[database]\nurl = \"{url}\"\n"),
                &[&format!("2: database.url: {expected} {kinds}")],
            );
        };
        one("mysql://root:secret@db/sala", "there is no database of the kind `mysql`");
        one("sala.db", "this is the address of no database");
        one("", "this is the address of no database");
        one("sqlite:", "this names no file");
        one("postgres://db:port/sala", "this is no address of a PostgreSQL: invalid port number");
    }
}
