//! What the offline commands share: a bot that understands as well as it can, with progress while it learns.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Common;
use crate::actions::{Actions, Service};
use crate::bot_files::{BotFiles, BotSource};
use crate::bots::LiveBot;
use crate::clock::Clock;
use crate::learn::{Learner, Learning};
use crate::model_folder::Encoders;
use crate::safe_http::{OutgoingPolicy, SafeHttp};

/// The bot that is meant when none is named.
pub(super) const DEFAULT_BOT: &str = "baan_kafe";

/// The files of the bot in `folder`, or of the one that comes with the program.
pub(super) fn bot_files(folder: Option<&Path>) -> anyhow::Result<BotFiles> {
    Ok(match folder {
        Some(folder) => BotFiles::from_folder(folder)?,
        None => BotSource::Embedded.read(DEFAULT_BOT)?,
    })
}

/// The bot, taught with every encoder there is. What was learned is kept in the data folder's cache.
pub(super) fn taught_bot(common: &Common, folder: Option<&PathBuf>) -> anyhow::Result<Arc<LiveBot>> {
    let config = common.config()?;
    let files = bot_files(folder.map(PathBuf::as_path))?;
    let encoders = Encoders::load(&config.models, common.no_models, false);
    for check in encoders.checks().iter().filter(|check| !check.good) {
        super::print_error(&format!("{}: {}", check.name, check.detail));
    }
    let cache = config.data.folder.join("cache");
    let learner = Learner { encoders: encoders.all(), cache: &cache, shipped: encoders.vectors() };
    let progress = Progress::default();
    let (bot, _) = learner.thorough(&files, &|learning| progress.show(&learning))?;
    progress.finish();
    Ok(Arc::new(bot))
}

/// The actions of the offline commands: the shop inside the program, and nothing outside.
pub(super) fn offline_actions(clock: Clock) -> anyhow::Result<Arc<Actions>> {
    let http = SafeHttp::new(OutgoingPolicy {
        allow_loopback_ports: Vec::new(),
        allow_networks: Vec::new(),
        timeout: Duration::from_secs(10),
        max_body: 1 << 20,
    })?;
    let services = BTreeMap::from([("shop".to_owned(), Service::Embedded(crate::demo::shop::router(clock)))]);
    Ok(Arc::new(Actions::new(services, http)))
}

/// Steps from which on plain lines tell how far they are.
const LONG: usize = 500;

/// A progress bar on a terminal, plain lines elsewhere.
#[derive(Default)]
pub(super) struct Progress(Mutex<Option<Shown>>);

struct Shown {
    what: String,
    bar: ProgressBar,
    /// Quarters that were told in plain lines.
    quarters: usize,
}

impl Progress {
    pub(super) fn show(&self, learning: &Learning) {
        let Ok(mut bar) = self.0.lock() else { return };
        if bar.as_ref().is_none_or(|shown| shown.what != learning.what) {
            if let Some(old) = bar.take() {
                old.bar.finish_and_clear();
            }
            let new = ProgressBar::new(learning.total as u64);
            if new.is_hidden() {
                super::print_error(&format!("learning: {} ({})", learning.what, learning.total));
            }
            if let Ok(style) = ProgressStyle::with_template("learning: {msg} {wide_bar} {pos}/{len} {eta}") {
                new.set_style(style);
            }
            new.set_message(learning.what.clone());
            *bar = Some(Shown { what: learning.what.clone(), bar: new, quarters: 0 });
        }
        let Some(shown) = bar.as_mut() else { return };
        shown.bar.set_length(learning.total as u64);
        shown.bar.set_position(learning.done as u64);
        let quarters = learning.done * 4 / learning.total.max(1);
        if shown.bar.is_hidden() && quarters > shown.quarters && learning.total >= LONG {
            super::print_error(&format!("learning: {} {} %", learning.what, quarters * 25));
            shown.quarters = quarters;
        }
    }

    pub(super) fn finish(&self) {
        if let Ok(mut bar) = self.0.lock()
            && let Some(shown) = bar.take()
        {
            shown.bar.finish_and_clear();
        }
    }
}
