//! `sala doctor`: how the installation is, in words.

use std::process::ExitCode;

use clap::Args;

use super::{Common, print};
use crate::app::{App, Check, Extras};
use crate::serve;

#[derive(Args)]
pub(super) struct Doctor {
    /// One JSON document instead of lines
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let mut checks = Vec::new();
        match common.config() {
            Ok(config) => {
                checks.push(Check::good("settings", "read".to_owned()));
                checks.extend(examine(config, common.no_models).await);
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

async fn examine(config: crate::config::Config, no_models: bool) -> Vec<Check> {
    let folder = config.data.folder.display().to_string();
    let extras = Extras { no_models, ..Extras::default() };
    let app = match App::assemble(config, extras).await {
        Ok(app) => app,
        Err(error) => return vec![Check::bad("start", format!("{error:#} (data folder {folder})"))],
    };
    if let Err(error) = serve::load_bots(&app, serve::teller(|_| {})).await {
        return vec![Check::bad("bots", format!("{error:#}"))];
    }
    let mut checks = app.health().await.checks;
    checks.extend(accounts(&app).await);
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
