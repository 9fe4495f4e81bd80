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
    /// Files of the folder that are not read because of their kind: no text of a bot, or a link.
    pub left_out: Vec<LeftOut>,
    /// Files that are not UTF-8. Their text stands in `files` with marks in place of what cannot be read, so that the
    /// other files can be checked.
    pub not_utf8: Vec<NotUtf8>,
}

/// Where a file's first bytes stand that are not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotUtf8 {
    /// Relative to the bot's folder.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// In Unicode scalar values, from 1.
    pub column: u32,
}

/// A file of a bot's folder that is not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Relative to the bot's folder.
    pub path: String,
    pub is_link: bool,
}

/// Why the files cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum BotFilesError {
    #[error("there is no bot {0}")]
    Missing(String),
    #[error(
        "the name of the bot's folder is empty: give the folder that has the bot.yaml, or no name at all for the bot \
         that comes with the program"
    )]
    NoName,
    #[error("there is no folder {0}: give the folder that has the bot.yaml")]
    NoFolder(String),
    #[error("{0} is a file: give the folder that has the bot.yaml")]
    NotAFolder(String),
    #[error("the folder {folder} holds no bot: there is no bot.yaml in it ({advice})")]
    NoBot { folder: String, advice: String },
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
    Ok(BotFiles { name: bot.to_owned(), files, left_out: Vec::new(), not_utf8: Vec::new() })
}

impl BotFiles {
    /// Reads the folder of one bot. Only text files that a bot is made of are read; links are not followed.
    pub fn from_folder(folder: &Path) -> Result<Self, BotFilesError> {
        expect_bot(folder)?;
        // `.` and `..` have no name of their own.
        let own = folder.file_name().map(ToOwned::to_owned);
        let name = own.or_else(|| folder.canonicalize().ok()?.file_name().map(ToOwned::to_owned));
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        let (mut files, mut left_out, mut not_utf8) = (BTreeMap::new(), Vec::new(), Vec::new());
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
                    let bytes = read(&path)?;
                    let path = relative(folder, &path);
                    not_utf8.extend(not_utf8_in(&path, &bytes));
                    files.insert(path, String::from_utf8_lossy(&bytes).into_owned());
                } else {
                    left_out.push(LeftOut { path: relative(folder, &path), is_link: kind.is_symlink() });
                }
            }
        }
        left_out.sort();
        not_utf8.sort();
        Ok(Self { name, files, left_out, not_utf8 })
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

/// Refuses a folder that holds no bot, and says which one may be meant.
fn expect_bot(folder: &Path) -> Result<(), BotFilesError> {
    let shown = folder.display().to_string();
    if shown.is_empty() {
        return Err(BotFilesError::NoName);
    }
    if !folder.exists() {
        return Err(BotFilesError::NoFolder(shown));
    }
    if !folder.is_dir() {
        return Err(BotFilesError::NotAFolder(shown));
    }
    let has_bot = |folder: &Path| folder.join("bot.yaml").is_file();
    if has_bot(folder) {
        return Ok(());
    }
    let inside: Vec<String> = BotSource::Folder(folder.to_owned())
        .bots()
        .iter()
        .map(|bot| folder.join(bot).display().to_string())
        .collect();
    let advice = if folder.join("bot.yml").is_file() {
        "rename bot.yml to bot.yaml".to_owned()
    } else if !inside.is_empty() {
        format!("did you mean {}?", inside.join(" or "))
    } else if let Some(above) = folder.parent().filter(|above| has_bot(above)) {
        format!("did you mean {}?", above.display())
    } else {
        "a bot is a folder with bot.yaml, flows, wording and intents".to_owned()
    };
    Err(BotFilesError::NoBot { folder: shown, advice })
}

fn is_bot_file(path: &Path) -> bool {
    matches!(path.extension().and_then(|extension| extension.to_str()), Some("yaml" | "md" | "toml"))
}

fn relative(folder: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn read(path: &Path) -> Result<Vec<u8>, BotFilesError> {
    let size = path.metadata().map_err(|error| failed(path, error))?.len();
    if size > LARGEST_FILE {
        return Err(BotFilesError::TooLarge(path.display().to_string()));
    }
    std::fs::read(path).map_err(|error| failed(path, error))
}

fn not_utf8_in(path: &str, bytes: &[u8]) -> Option<NotUtf8> {
    let good = std::str::from_utf8(bytes).err()?.valid_up_to();
    let before = String::from_utf8_lossy(&bytes[..good]);
    let line = before.matches('\n').count() as u32 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
    Some(NotUtf8 { path: path.to_owned(), line, column })
}

fn failed(path: &Path, error: std::io::Error) -> BotFilesError {
    BotFilesError::File(path.display().to_string(), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a bot in `mine`, and the files given.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in ["mine/bot.yaml"].iter().chain(files) {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_without_a_bot_is_refused_with_what_may_be_meant() {
        let folder = folder(&["mine/flows/a.yaml", "other/bot.yml", "none/notes.txt"]);
        let at = |path: &str| folder.path().join(path);
        let check = |path: PathBuf, expected: &str| {
            let error = BotFiles::from_folder(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{}: {error}", path.display());
        };
        check(PathBuf::new(), "the name of the bot's folder is empty");
        check(at("nowhere"), "there is no folder");
        check(at("mine/bot.yaml"), "is a file: give the folder");
        check(at(""), &format!("did you mean {}?", at("mine").display()));
        check(at("mine/flows"), &format!("did you mean {}?", at("mine").display()));
        check(at("other"), "rename bot.yml to bot.yaml");
        check(at("none"), "holds no bot: there is no bot.yaml in it");
    }

    #[test]
    fn a_bot_has_its_folders_name_and_knows_what_is_left_out() {
        let folder = folder(&["mine/flows/a.yml", "mine/flows/a.yaml"]);
        #[cfg(unix)]
        std::os::unix::fs::symlink("a.yaml", folder.path().join("mine/flows/b.yaml")).unwrap();
        let bot = BotFiles::from_folder(&folder.path().join("mine/flows/..")).unwrap();
        assert_eq!(bot.name, "mine");
        assert_eq!(bot.files.keys().collect::<Vec<_>>(), ["bot.yaml", "flows/a.yaml"]);
        let left_out: Vec<_> = bot.left_out.iter().map(|one| (one.path.as_str(), one.is_link)).collect();
        #[cfg(unix)]
        assert_eq!(left_out, [("flows/a.yml", false), ("flows/b.yaml", true)]);
        #[cfg(not(unix))]
        assert_eq!(left_out, [("flows/a.yml", false)]);
    }

    #[test]
    fn what_is_not_utf8_is_named_with_its_place() {
        let check = |bytes: &[u8], expected: Option<(u32, u32)>| {
            let found = not_utf8_in("a.yaml", bytes).map(|found| (found.line, found.column));
            assert_eq!(found, expected, "{bytes:?}");
        };
        check("ก: ข\n".as_bytes(), None);
        check(b"\xff\xfea", Some((1, 1)));
        check(b"a: 1\nb: caf\xe9\n", Some((2, 7)));
        check("ก: 1\r\nกข".as_bytes().split_last().unwrap().1, Some((2, 2)));
    }
}
