//! The files of a bot's folder, from disk or from the program itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::secrets::hex;

#[derive(RustEmbed)]
#[folder = "../dialogues/bots"]
struct Embedded;

/// The larger a text file, the likelier it is not one.
const LARGEST_FILE: u64 = 2 << 20;

/// Where bots come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotSource {
    /// The bots that were compiled in.
    Embedded,
    /// A folder of bots, each a folder.
    Folder(PathBuf),
}

/// The text files of one bot, by path relative to its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotFiles {
    pub name: String,
    pub files: BTreeMap<String, String>,
}

/// Why the files cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum BotFilesError {
    #[error("there is no bot {0}")]
    Missing(String),
    #[error("the bot's file {0} cannot be read: {1}")]
    File(String, std::io::Error),
    #[error("the bot's file {0} is larger than 2 MiB")]
    TooLarge(String),
}

impl BotSource {
    pub fn bots(&self) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Self::Embedded => Embedded::iter()
                .filter_map(|path| path.split_once('/').map(|(bot, _)| bot.to_owned()))
                .collect(),
            Self::Folder(folder) => std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .filter_map(Result::ok)
                .filter(|entry| entry.path().join("bot.yaml").is_file())
                .filter_map(|entry| entry.file_name().into_string().ok())
                .collect(),
        };
        names.sort();
        names.dedup();
        names
    }

    pub fn read(&self, bot: &str) -> Result<BotFiles, BotFilesError> {
        match self {
            Self::Embedded => embedded(bot),
            Self::Folder(folder) => BotFiles::from_folder(&folder.join(bot)),
        }
    }
}

fn embedded(bot: &str) -> Result<BotFiles, BotFilesError> {
    let prefix = format!("{bot}/");
    let files: BTreeMap<String, String> = Embedded::iter()
        .filter_map(|path| {
            let relative = path.strip_prefix(&prefix)?.to_owned();
            let file = Embedded::get(&path)?;
            Some((relative, String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    if files.is_empty() {
        return Err(BotFilesError::Missing(bot.to_owned()));
    }
    Ok(BotFiles { name: bot.to_owned(), files })
}

impl BotFiles {
    /// Reads the folder of one bot. Only text files that a bot is made of are read; links are not followed.
    pub fn from_folder(folder: &Path) -> Result<Self, BotFilesError> {
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        if !folder.is_dir() {
            return Err(BotFilesError::Missing(folder.display().to_string()));
        }
        let mut files = BTreeMap::new();
        let mut waiting = vec![folder.to_owned()];
        while let Some(next) = waiting.pop() {
            let entries = std::fs::read_dir(&next).map_err(|error| failed(&next, error))?;
            for entry in entries {
                let entry = entry.map_err(|error| failed(&next, error))?;
                let path = entry.path();
                let kind = entry.file_type().map_err(|error| failed(&path, error))?;
                if kind.is_dir() {
                    waiting.push(path);
                } else if kind.is_file() && is_bot_file(&path) {
                    files.insert(relative(folder, &path), read(&path)?);
                }
            }
        }
        Ok(Self { name, files })
    }

    /// The hash of all files: two bots with the same hash behave the same.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (path, text) in &self.files {
            for part in [path.as_bytes(), text.as_bytes()] {
                hasher.update((part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        hex(&hasher.finalize())
    }
}

fn is_bot_file(path: &Path) -> bool {
    matches!(path.extension().and_then(|extension| extension.to_str()), Some("yaml" | "md" | "toml"))
}

fn relative(folder: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn read(path: &Path) -> Result<String, BotFilesError> {
    let size = path.metadata().map_err(|error| failed(path, error))?.len();
    if size > LARGEST_FILE {
        return Err(BotFilesError::TooLarge(path.display().to_string()));
    }
    std::fs::read_to_string(path).map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: std::io::Error) -> BotFilesError {
    BotFilesError::File(path.display().to_string(), error)
}
