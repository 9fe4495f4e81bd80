//! Writes the vectors of the demo bot's examples and articles, so that a first start need not compute them:
//! `cargo run --release -p engine --example ship_vectors`. Run it when many examples or articles have changed; what has
//! no vector is computed at the start.

use std::path::{Path, PathBuf};

use engine::bot_files::BotSource;
use engine::config::Models;
use engine::learn::{Learner, Learning, ship};
use engine::model_folder::Encoders;

fn main() -> anyhow::Result<()> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let encoders = Encoders::load(&settings(&models), false, false);
    let cache = tempfile::tempdir()?;
    let learner = Learner { encoders: encoders.all(), cache: cache.path(), shipped: None };
    let files = BotSource::Embedded.read("baan_kafe")?;
    learner.thorough(&files, &|Learning { what, done, total }| eprintln!("{what}: {done} of {total}"))?;
    let written = ship(&learner, &files, &models.join("vectors"))?;
    eprintln!("examples written: {written:?}");
    Ok(())
}

fn settings(models: &Path) -> Models {
    Models {
        folder: PathBuf::from(models),
        encoders: vec!["use-multilingual-v3".to_owned(), "multilingual-e5-small".to_owned()],
        threads: 1,
        queue: 128,
        library: PathBuf::new(),
        backends: &[],
    }
}
