//! What a running demo tells the other commands on the same data: where it listens, and where its platforms answer.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::app::Extras;
use crate::config::Config;
use crate::data_lock;

const FILE: &str = "demo.json";

/// A demo on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub url: String,
    /// The port of the pretended platforms, on the loopback.
    pub platforms: u16,
}

/// The file that tells of a demo; it goes when this is dropped.
pub struct Announced(PathBuf);

impl Drop for Announced {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::debug!(%error, "the file that tells of the demo stays");
        }
    }
}

/// Tells the commands that work on this data folder of the demo.
pub fn announce(folder: &Path, running: &Running) -> anyhow::Result<Announced> {
    let path = folder.join(FILE);
    std::fs::write(&path, serde_json::to_string(running)?)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(Announced(path))
}

/// Lets a command call the platforms of the demo that runs on its data, if one does, under the demo's own address. A file
/// that a killed demo left behind counts for nothing: nobody holds its data then.
pub fn join(config: &mut Config, extras: &mut Extras) {
    let Ok(text) = std::fs::read_to_string(config.data.folder.join(FILE)) else { return };
    let Ok(running) = serde_json::from_str::<Running>(&text) else { return };
    if config.sqlite_file().is_some_and(|file| data_lock::is_held(&file)) {
        extras.loopback_ports.push(running.platforms);
        config.server.public_url = running.url;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_left_behind_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::read(None, std::iter::empty()).unwrap();
        config.data.folder = folder.path().to_owned();
        let running = Running { url: "http://127.0.0.1:9000".to_owned(), platforms: 9001 };
        let announced = announce(folder.path(), &running).unwrap();
        let before = config.server.public_url.clone();
        let mut extras = Extras::default();
        join(&mut config, &mut extras);
        assert_eq!((extras.loopback_ports.as_slice(), &config.server.public_url), ([].as_slice(), &before));
        drop(announced);
        assert!(!folder.path().join(FILE).exists());
    }
}
