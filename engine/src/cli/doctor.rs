//! `sala doctor`: how the installation is, in words.

use std::process::ExitCode;

use clap::Args;

use super::channels::words;
use super::{Common, print, standings};
use crate::app::{App, Check, Extras};
use crate::channel_check;
use crate::config::Config;
use crate::demo::beside;
use crate::model_folder::Encoders;
use crate::serve;

#[derive(Args)]
pub(super) struct Doctor {
    /// One JSON document instead of lines
    #[arg(long)]
    json: bool,
    /// Ask the platforms, too, whether the channel accounts work
    #[arg(long)]
    online: bool,
}

impl Doctor {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let mut checks = Vec::new();
        match common.config() {
            Ok(config) => {
                checks.push(Check::good("settings", "read".to_owned()));
                checks.extend(examine(config, common.no_models, self.online).await);
            }
            Err(error) => checks.push(Check::bad("settings", error.to_string())),
        }
        let well = checks.iter().all(|check| check.good);
        if self.json {
            print(&serde_json::to_string_pretty(&checks)?);
        } else {
            for check in &checks {
                let mark = if check.good { "well " } else { "WRONG" };
                print(&format!("{mark}  {:<28} {}", check.name, check.detail));
            }
        }
        Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

async fn examine(mut config: Config, no_models: bool, online: bool) -> Vec<Check> {
    if let Some(missing) = missing(&config) {
        let mut checks = vec![missing];
        checks.extend(Encoders::load(&config.models, no_models, false).checks());
        return checks;
    }
    let folder = config.data.folder.display().to_string();
    let mut extras = Extras { no_models, ..Extras::default() };
    beside::join(&mut config, &mut extras);
    let app = match App::assemble(config, extras).await {
        Ok(app) => app,
        Err(error) => return vec![Check::bad("start", format!("{error:#} (data folder {folder})"))],
    };
    if let Err(error) = serve::load_bots(&app, serve::teller(|_| {})).await {
        return vec![Check::bad("bots", format!("{error:#}"))];
    }
    let mut checks = app.health().await.checks;
    checks.extend(accounts(&app).await);
    checks.extend(
        standings::checks(&app).await.unwrap_or_else(|error| {
            vec![Check::bad("channel health", format!("it cannot be read: {error:#}"))]
        }),
    );
    checks.extend(templates(&app).await);
    if online {
        checks.extend(platforms(&app).await);
    }
    checks
}

/// What a start would make and a look must not: a database file, a key. A new key beside old data would hide that the
/// old one is lost.
pub(super) fn missing(config: &Config) -> Option<Check> {
    if let Some(file) = config.sqlite_file().filter(|file| !file.exists()) {
        return Some(Check::bad(
            "data",
            format!(
                "there is no data yet, since {} is not there: `sala demo` or `sala serve` makes it; if there is some \
                 elsewhere, name its folder with --data",
                file.display()
            ),
        ));
    }
    let key = Some(config.key_file()).filter(|key| !key.exists())?;
    Some(Check::bad(
        "key",
        format!(
            "the key file {} is not there: put back the one that was beside the data; before the first start there is \
             none, and `sala serve` makes it",
            key.display()
        ),
    ))
}

/// The templates that the bots name must be approved.
async fn templates(app: &App) -> Vec<Check> {
    let mut checks = Vec::new();
    for bot in app.bots.all() {
        for problem in crate::approved::problems(app, &bot).await.unwrap_or_default() {
            checks.push(Check::bad(format!("templates of {}", bot.name), problem.to_string()));
        }
    }
    checks
}

/// Every channel account must open; every audit trail must be whole.
async fn accounts(app: &App) -> Vec<Check> {
    let mut checks = Vec::new();
    for tenant in app.store.tenants().await.unwrap_or_default() {
        for account in app.store.channel_accounts(&tenant.id).await.unwrap_or_default() {
            let name = format!("channel {}", account.id);
            checks.push(match app.accounts.find(&account.id).await {
                Some(open) if app.bots.get(&open.bot).is_none() => {
                    Check::bad(name, format!("its bot {} is not loaded: check the bots folder", open.bot))
                }
                Some(open) => {
                    Check::good(name, format!("{} answers by the bot {}", open.name.as_str(), open.bot))
                }
                None => Check::bad(
                    name,
                    "its secrets do not open: the key file is not the one they were sealed with".to_owned(),
                ),
            });
        }
        checks.push(match app.store.broken_audit_row(&tenant.id).await {
            Ok(None) => Check::good(format!("audit {}", tenant.id), "the trail is whole".to_owned()),
            Ok(Some(row)) => {
                Check::bad(format!("audit {}", tenant.id), format!("row {row} was changed or removed"))
            }
            Err(error) => Check::bad(format!("audit {}", tenant.id), error.to_string()),
        });
    }
    checks
}

/// What the platforms say of every account that opens.
async fn platforms(app: &App) -> Vec<Check> {
    let mut checks = Vec::new();
    for tenant in app.store.tenants().await.unwrap_or_default() {
        for account in app.store.channel_accounts(&tenant.id).await.unwrap_or_default() {
            let Some(account) = app.accounts.find(&account.id).await else { continue };
            for checked in channel_check::check(app, &account).await {
                checks.push(Check {
                    name: format!("channel {} {}", account.id, words::name(checked.check)),
                    good: checked.finding.good,
                    detail: words::line((account.name, &account.id), &checked),
                });
            }
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let check = async |data: &str, url: &str, expected: [&str; 2]| {
            let mut config = Config::read(None, std::iter::empty()).unwrap();
            config.data.folder = folder.path().join(data);
            url.clone_into(&mut config.database.url);
            let before = names(folder.path());
            let checks = examine(config, true, false).await;
            let [name, detail] = expected;
            assert_eq!((checks[0].name.as_str(), checks[0].good), (name, false), "{data} {url}");
            assert!(checks[0].detail.contains(detail), "{}", checks[0].detail);
            assert_eq!(names(folder.path()), before, "{data} {url}");
        };
        let no_data = ["data", "there is no data yet, since "];
        check("none", "sqlite", no_data).await;
        check("none", "memory", ["key", "secret.key is not there: put back the one"]).await;
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        check("empty", "sqlite", no_data).await;
        std::fs::write(folder.path().join("empty/sala.db"), "").unwrap();
        check("empty", "sqlite", ["key", "secret.key is not there: put back the one"]).await;
        check("empty", "sqlite:nowhere/at/all.db", no_data).await;
    }

    fn names(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names.extend(self::names(&path));
            }
            names.push(path);
        }
        names.sort();
        names
    }
}
