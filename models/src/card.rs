//! The model card: what a registry folder holds and how its graph wants to be used.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::backend::ONNX;
use crate::encode::Purpose;
use crate::error::LoadError;

/// The card's file name in a registry folder.
pub(crate) const CARD: &str = "model.toml";
pub(crate) const GRAPH: &str = "model.onnx";
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// `model.toml`: everything that code needs to know about a model, and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// The folder's name.
    pub name: String,
    /// Changes whenever any file changes, so that stored vectors can be told apart.
    pub version: String,
    pub task: Task,
    /// What runs it: `onnx`, or the name of a backend that only some programs have ([`crate::OtherBackend`]).
    #[serde(default = "onnx")]
    pub backend: String,
    /// Numbers in one embedding.
    pub dimensions: usize,
    /// Longest input in tokens, special tokens included; longer texts are cut.
    pub max_tokens: usize,
    /// The same for texts that ask, where they are cut earlier: what a message wants is said at its beginning, and the
    /// time an encoder takes grows with the length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_tokens: Option<usize>,
    pub pooling: Pooling,
    /// The graph's output that `pooling` reads.
    pub output: String,
    /// Most rows in one run. Only with 1 a text has the same vector whatever is encoded beside it, to the last bit.
    pub batch_rows: usize,
    /// Put before texts that ask, as the model was trained.
    #[serde(default)]
    pub query_prefix: String,
    /// Put before texts that answer.
    #[serde(default)]
    pub passage_prefix: String,
    /// BCP 47 codes of the languages it is good for.
    pub languages: Vec<String>,
    /// SPDX expression.
    pub licence: String,
    /// Where the weights come from, for people.
    pub origin: String,
    /// Channels of activations that are many times as large as all others, by the name that the graph gives the
    /// activation. Given, ONNX Runtime multiplies 4-bit matrices in bytes, but for these channels
    /// (`models/export/find_outliers.py` finds them).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outliers: BTreeMap<String, Vec<usize>>,
    /// Every other file of the folder by name.
    pub files: BTreeMap<String, FileCard>,
    /// Measured results, for people; any keys.
    #[serde(default)]
    pub scores: toml::Table,
    /// How the files were made, for people; any keys.
    #[serde(default)]
    pub recipe: toml::Table,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Text to one vector.
    Encoder,
}

/// How one vector is made of the graph's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The output already is rows x dimensions.
    InGraph,
    /// Mean over the unpadded tokens of rows x tokens x dimensions.
    Mean,
    /// The first token of rows x tokens x dimensions.
    First,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileCard {
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// For people and for size limits; the sum is what is checked.
    pub bytes: u64,
}

impl ModelCard {
    /// Reads `model.toml` of a registry folder and checks that its values make sense. The files are checked by
    /// [`ModelCard::verify`].
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        let path = folder.join(CARD);
        let text = std::fs::read_to_string(&path)
            .map_err(|source| LoadError::Unreadable { path: path.clone(), source })?;
        let card: Self = toml::from_str(&text)
            .map_err(|error| LoadError::BadCard { path: path.clone(), reason: error.to_string() })?;
        match card.fault() {
            Some(reason) => Err(LoadError::BadCard { path, reason }),
            None => Ok(card),
        }
    }

    /// The cards of all models in a registry, by folder name; folders without a card are not models.
    pub fn read_all(registry: &Path) -> Result<Vec<Self>, LoadError> {
        let unreadable = |source| LoadError::Unreadable { path: registry.to_owned(), source };
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(registry).map_err(unreadable)? {
            let folder = entry.map_err(unreadable)?.path();
            if folder.join(CARD).is_file() {
                folders.push(folder);
            }
        }
        folders.sort();
        folders.iter().map(|folder| Self::read(folder)).collect()
    }

    /// Whether every file that the card lists is there in its size: what can be said without reading them.
    pub fn is_whole(&self, folder: &Path) -> bool {
        let has_size = |path: PathBuf, bytes| std::fs::metadata(path).is_ok_and(|file| file.len() == bytes);
        self.files.iter().all(|(name, file)| has_size(folder.join(name), file.bytes))
    }

    /// Checks the sum of every file that the card lists. Reads them whole (0.1 s for 43 MB).
    pub fn verify(&self, folder: &Path) -> Result<(), LoadError> {
        for (name, file) in &self.files {
            let path = folder.join(name);
            let found = match sha256_of(&path) {
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(LoadError::MissingFile { path, expected: file.sha256.clone() });
                }
                Err(source) => return Err(LoadError::Unreadable { path, source }),
            };
            if found != file.sha256 {
                let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
                let (expected, expected_bytes) = (file.sha256.clone(), file.bytes);
                return Err(LoadError::WrongChecksum { path, expected, found, bytes, expected_bytes });
            }
        }
        Ok(())
    }

    /// What an error about the model's numbers names: the graph, or the folder where another backend reads its own files.
    pub(crate) fn weights_in(&self, folder: &Path) -> PathBuf {
        if self.backend == ONNX { folder.join(GRAPH) } else { folder.to_owned() }
    }

    /// The text as the model wants to see it.
    pub(crate) fn prefixed(&self, text: &str, purpose: Purpose) -> String {
        let prefix = match purpose {
            Purpose::Query => &self.query_prefix,
            Purpose::Passage => &self.passage_prefix,
        };
        let mut prefixed = String::with_capacity(prefix.len() + text.len());
        prefixed.push_str(prefix);
        prefixed.push_str(text);
        prefixed
    }

    fn fault(&self) -> Option<String> {
        if self.name.is_empty() {
            return Some("name is empty".to_owned());
        }
        for (key, value) in [("dimensions", self.dimensions), ("batch_rows", self.batch_rows)] {
            if value == 0 {
                return Some(format!("{key} is 0"));
            }
        }
        if !self.outliers.is_empty() && self.batch_rows != 1 {
            return Some(
                "batch_rows is not 1: beside outliers, rows of one run change each other".to_owned(),
            );
        }
        for (key, value) in [("max_tokens", Some(self.max_tokens)), ("query_tokens", self.query_tokens)] {
            if value.is_some_and(|value| value < 3) {
                return Some(format!("{key} leaves no room between the special tokens"));
            }
        }
        [GRAPH, TOKENIZER]
            .into_iter()
            .filter(|name| *name != GRAPH || self.backend == ONNX)
            .find(|name| !self.files.contains_key(*name))
            .map(|name| format!("files has no entry for {name}"))
    }
}

fn onnx() -> String {
    ONNX.to_owned()
}

/// The sum of a file in lower-case hexadecimal.
pub(crate) fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
    }
    Ok(hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "tiny"
        version = "1"
        task = "encoder"
        dimensions = 4
        max_tokens = 16
        pooling = "mean"
        output = "last_hidden_state"
        batch_rows = 1
        query_prefix = "query: "
        languages = ["th", "en", "zh"]
        licence = "MIT"
        origin = "made up"
        [files]
        "model.onnx" = { sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", bytes = 3 }
        "tokenizer.json" = { sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", bytes = 3 }
        [scores]
        thai = 0.5
    "#;

    fn folder_with(card: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(CARD), card).unwrap();
        for name in [GRAPH, TOKENIZER] {
            std::fs::write(folder.path().join(name), "abc").unwrap();
        }
        folder
    }

    fn check_refused(card: &str, reason: &str) {
        let folder = folder_with(card);
        let error = ModelCard::read(folder.path()).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, LoadError::BadCard { .. }) && message.contains(reason), "{message}");
        assert!(message.contains(CARD), "{message}");
    }

    #[test]
    fn a_card_round_trips_and_its_files_verify() {
        let folder = folder_with(GOOD);
        let card = ModelCard::read(folder.path()).unwrap();
        assert_eq!(toml::from_str::<ModelCard>(&toml::to_string(&card).unwrap()).unwrap(), card);
        assert_eq!(card.prefixed("ราคา", Purpose::Query), "query: ราคา");
        assert_eq!(card.prefixed("价格", Purpose::Passage), "价格");
        card.verify(folder.path()).unwrap();
    }

    #[test]
    fn wrong_cards_are_refused_with_the_reason() {
        check_refused(&GOOD.replace("licence", "license"), "license");
        check_refused(&GOOD.replace("dimensions = 4", "dimensions = 0"), "dimensions");
        check_refused(&GOOD.replace("max_tokens = 16", "max_tokens = 2"), "max_tokens");
        check_refused(&GOOD.replace("max_tokens = 16", "max_tokens = 16\nquery_tokens = 2"), "query_tokens");
        check_refused(&GOOD.replace("\"tokenizer.json\" =", "\"other.json\" ="), "tokenizer.json");
        check_refused(&GOOD.replace("\"mean\"", "\"median\""), "median");
        let several = GOOD.replace("batch_rows = 1", "batch_rows = 4");
        check_refused(&several.replace("[files]", "[outliers]\nx = [1]\n[files]"), "batch_rows");
    }

    #[test]
    fn a_missing_or_changed_file_is_named_with_the_sum_it_should_have() {
        let folder = folder_with(GOOD);
        let card = ModelCard::read(folder.path()).unwrap();
        std::fs::write(folder.path().join(GRAPH), "ab").unwrap();
        assert!(
            card.verify(folder.path()).unwrap_err().to_string().contains("(2 of 3 bytes): put the file back")
        );
        assert!(!card.is_whole(folder.path()));
        std::fs::write(folder.path().join(GRAPH), "abd").unwrap();
        assert!(card.is_whole(folder.path()));
        let changed = card.verify(folder.path()).unwrap_err();
        assert!(matches!(changed, LoadError::WrongChecksum { .. }));
        std::fs::remove_file(folder.path().join(GRAPH)).unwrap();
        let missing = card.verify(folder.path()).unwrap_err();
        assert!(matches!(missing, LoadError::MissingFile { .. }));
        for message in [changed.to_string(), missing.to_string()] {
            assert!(message.contains(GRAPH) && message.contains("ba7816bf8f01cfea"), "{message}");
        }
    }

    #[test]
    fn a_registry_lists_its_models_and_skips_other_folders() {
        let registry = tempfile::tempdir().unwrap();
        for name in ["b", "a", "runtime"] {
            std::fs::create_dir(registry.path().join(name)).unwrap();
        }
        for name in ["b", "a"] {
            let card = GOOD.replace("tiny", name);
            std::fs::write(registry.path().join(name).join(CARD), card).unwrap();
        }
        let names: Vec<_> =
            ModelCard::read_all(registry.path()).unwrap().into_iter().map(|card| card.name).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn the_shipped_files_verify_and_stay_under_90_megabytes() {
        let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("registry");
        let cards = ModelCard::read_all(&registry).unwrap();
        assert_eq!(cards.len(), 2);
        let mut bytes = 0;
        for card in &cards {
            let folder = registry.join(&card.name);
            card.verify(&folder).unwrap();
            for (name, file) in &card.files {
                assert_eq!(std::fs::metadata(folder.join(name)).unwrap().len(), file.bytes, "{name}");
                bytes += file.bytes;
            }
        }
        assert!(bytes <= 90_000_000, "{bytes}");
    }
}
