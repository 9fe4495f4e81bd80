//! Making a registry folder of an encoder that others have exported (sentence-transformers' layout).

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use prost::Message as _;
use serde::Deserialize;

use crate::backend::ONNX;
use crate::card::{CARD, FileCard, GRAPH, ModelCard, Pooling, TOKENIZER, Task, sha256_of};
use crate::encode::{Encode, Purpose};
use crate::encoder::{Encoder, EncoderOptions};
use crate::error::LoadError;
use crate::onnx::{Extent, Model, ValueInfo};
use crate::runtime::Runtime;

/// Files of an export that are read; only the graph and the tokenizer must be there. Each is looked for in the folder
/// itself and in `onnx/`.
pub const IMPORTED: [&str; 7] = [
    GRAPH,
    TOKENIZER,
    "config.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "README.md",
];
/// Where a graph has no other limit.
const MOST_TOKENS: usize = 512;

/// An encoder to be taken into a registry.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The folder in the registry.
    pub name: String,
    /// Where it comes from, for people.
    pub origin: String,
    /// SPDX expression; by default the one that its README states.
    pub licence: Option<String>,
    /// By default those that its README states.
    pub languages: Vec<String>,
    /// How one vector is made; by default as the export says.
    pub pooling: Option<Pooling>,
}

#[derive(Default, Deserialize)]
struct PoolingConfig {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
}

#[derive(Default, Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

#[derive(Default, Deserialize)]
struct TransformersConfig {
    max_position_embeddings: Option<usize>,
}

#[derive(Default, Deserialize)]
struct Prompts {
    #[serde(default)]
    prompts: BTreeMap<String, String>,
}

impl Import {
    /// Copies graph and tokenizer of the export in `from` into the registry, writes the card, and proves it by encoding a
    /// text. Nothing is left behind where that fails. A model that is there already stays.
    pub fn run(&self, from: &Path, registry: &Path, runtime: Runtime) -> Result<ModelCard, LoadError> {
        let target = registry.join(&self.name);
        let bad = |reason: String| LoadError::BadCard { path: target.join(CARD), reason };
        if self.name.is_empty()
            || !self.name.chars().all(|one| one.is_ascii_alphanumeric() || "-_.".contains(one))
        {
            return Err(bad("a model's name has letters, digits, - _ and . only".to_owned()));
        }
        if self.name.starts_with('.') {
            return Err(bad("a model's name does not begin with a dot".to_owned()));
        }
        if target.exists() {
            return Err(bad(
                "there is a model of that name; take it away first or choose another name".to_owned()
            ));
        }
        let part = registry.join(format!(".{}.part", self.name));
        let made = self.make(from, &part, runtime).map_err(|error| self.by_its_source(error, from, &part));
        let made = made.and_then(|card| {
            let unreadable = |source| LoadError::Unreadable { path: target.clone(), source };
            std::fs::rename(&part, &target).map_err(unreadable)?;
            Ok(card)
        });
        if made.is_err() {
            // What cannot be removed is named by the next attempt.
            drop(std::fs::remove_dir_all(&part));
        }
        made
    }

    /// Names a file as the source has it: the copy is gone when the error is read, and so may be what was fetched.
    fn by_its_source(&self, error: LoadError, from: &Path, part: &Path) -> LoadError {
        let named = |error: LoadError, name: &str| match find(from, name) {
            Some(source) => error.renamed(&part.join(name), &source),
            None => error,
        };
        [GRAPH, TOKENIZER].into_iter().fold(error, named).renamed(from, Path::new(&self.origin))
    }

    fn make(&self, from: &Path, part: &Path, runtime: Runtime) -> Result<ModelCard, LoadError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| LoadError::Unreadable { path, source }
        };
        if part.exists() {
            std::fs::remove_dir_all(part).map_err(failed(part))?;
        }
        std::fs::create_dir_all(part).map_err(failed(part))?;
        let mut files = BTreeMap::new();
        for name in [GRAPH, TOKENIZER] {
            let source = find(from, name).ok_or_else(|| {
                let path = from.join(name);
                LoadError::Unreadable { path, source: io::Error::from(io::ErrorKind::NotFound) }
            })?;
            let copy = part.join(name);
            let bytes = std::fs::copy(&source, &copy).map_err(failed(&source))?;
            let sha256 = sha256_of(&copy).map_err(failed(&copy))?;
            files.insert(name.to_owned(), FileCard { sha256, bytes });
        }
        let card = self.card(from, part, files)?;
        let path = part.join(CARD);
        let text = toml::to_string(&card)
            .map_err(|error| LoadError::BadCard { path: path.clone(), reason: error.to_string() })?;
        std::fs::write(&path, text).map_err(failed(&path))?;
        prove(part, runtime)?;
        Ok(card)
    }

    fn card(
        &self,
        from: &Path,
        part: &Path,
        files: BTreeMap<String, FileCard>,
    ) -> Result<ModelCard, LoadError> {
        let graph = part.join(GRAPH);
        let bad = |reason: String| LoadError::BadGraph { path: graph.clone(), reason };
        let bytes =
            std::fs::read(&graph).map_err(|source| LoadError::Unreadable { path: graph.clone(), source })?;
        let model = Model::decode(bytes.as_slice()).map_err(|error| bad(error.to_string()))?;
        drop(bytes);
        let outputs = model.graph.map(|graph| graph.output).unwrap_or_default();
        let output = Output::best(&outputs).ok_or_else(|| {
            let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
            bad(format!(
                "no output is rows x dimensions or rows x tokens x dimensions, only {}",
                names.join(", ")
            ))
        })?;
        let dimensions = output
            .dimensions
            .ok_or_else(|| bad(format!("output {} does not say how many dimensions it has", output.name)))?;
        let stated: PoolingConfig = json(from, "1_Pooling/config.json");
        let pooling = match self.pooling {
            Some(pooling) => pooling,
            None if output.rank == 2 => Pooling::InGraph,
            None if stated.pooling_mode_cls_token && !stated.pooling_mode_mean_tokens => Pooling::First,
            None => Pooling::Mean,
        };
        let sentences: SentenceConfig = json(from, "sentence_bert_config.json");
        let transformer: TransformersConfig = json(from, "config.json");
        let max_tokens =
            [sentences.max_seq_length, transformer.max_position_embeddings].into_iter().flatten();
        let prompts = json::<Prompts>(from, "config_sentence_transformers.json").prompts;
        let prompt = |names: [&str; 2]| names.iter().find_map(|name| prompts.get(*name)).cloned();
        let readme = find(from, "README.md").and_then(|path| std::fs::read_to_string(path).ok());
        let matter = FrontMatter::of(readme.as_deref().unwrap_or_default());
        let sums: Vec<&str> = files.values().map(|file| &file.sha256[..8]).collect();
        Ok(ModelCard {
            name: self.name.clone(),
            version: sums.join("-"),
            task: Task::Encoder,
            backend: ONNX.to_owned(),
            dimensions,
            max_tokens: max_tokens.min().unwrap_or(MOST_TOKENS).clamp(3, MOST_TOKENS),
            query_tokens: None,
            pooling,
            output: output.name.to_owned(),
            batch_rows: 1,
            query_prefix: prompt(["query", "search_query"]).unwrap_or_default(),
            passage_prefix: prompt(["passage", "document"]).unwrap_or_default(),
            languages: if self.languages.is_empty() { matter.languages } else { self.languages.clone() },
            licence: self.licence.clone().or(matter.licence).unwrap_or_else(|| "unknown".to_owned()),
            outliers: BTreeMap::new(),
            origin: self.origin.clone(),
            files,
            scores: toml::Table::new(),
            recipe: toml::Table::new(),
        })
    }
}

/// Loads what was written and encodes a text with it.
fn prove(folder: &Path, runtime: Runtime) -> Result<(), LoadError> {
    let options = EncoderOptions { threads: 1, ..EncoderOptions::default() };
    let encoder = Encoder::load(&runtime, folder, &options)?;
    let vectors =
        encoder.encode_blocking(&["ของถึงไหนแล้ว where is my parcel 我的包裹".to_owned()], Purpose::Query);
    encoder.stop();
    vectors
        .map(drop)
        .map_err(|error| LoadError::BadGraph { path: folder.join(GRAPH), reason: error.to_string() })
}

/// An output that vectors can be made of.
struct Output<'o> {
    name: &'o str,
    rank: usize,
    dimensions: Option<usize>,
}

impl<'o> Output<'o> {
    /// One vector a row goes before one a token.
    fn best(outputs: &'o [ValueInfo]) -> Option<Self> {
        let mut usable: Vec<Self> = outputs.iter().filter_map(Self::of).collect();
        usable.sort_by_key(|output| output.rank);
        usable.into_iter().next()
    }

    fn of(output: &'o ValueInfo) -> Option<Self> {
        let shape = output.kind.as_ref()?.tensor.as_ref()?.shape.as_ref()?;
        let dimensions = match shape.dim.last()?.extent {
            Some(Extent::Fixed(size)) => usize::try_from(size).ok().filter(|size| *size > 0),
            _ => None,
        };
        let rank = shape.dim.len();
        (rank == 2 || rank == 3).then_some(Self { name: &output.name, rank, dimensions })
    }
}

/// A file of the export, in its folder or in `onnx/`.
fn find(from: &Path, name: &str) -> Option<PathBuf> {
    [from.join(name), from.join("onnx").join(name)].into_iter().find(|path| path.is_file())
}

/// What a JSON file of the export says; the default where there is none.
fn json<T: Default + for<'d> Deserialize<'d>>(from: &Path, name: &str) -> T {
    let text = find(from, name).and_then(|path| std::fs::read(path).ok());
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// What the head of a README says, between two lines of dashes.
#[derive(Default)]
struct FrontMatter {
    licence: Option<String>,
    languages: Vec<String>,
}

impl FrontMatter {
    /// Reads the two keys that are looked for, as `key: value`, `key: [a, b]` or a list of lines below the key.
    fn of(readme: &str) -> Self {
        let mut found = Self::default();
        let mut lines = readme.lines();
        if lines.next().map(str::trim) != Some("---") {
            return found;
        }
        let mut key = "";
        for line in lines.take_while(|line| line.trim() != "---") {
            let value = match line.split_once(':') {
                Some((name, value)) if !line.starts_with([' ', '-']) => {
                    key = name.trim();
                    value
                }
                _ => line.trim().strip_prefix('-').unwrap_or_default(),
            };
            let values = value.split([',', '[', ']']).map(|one| one.trim().trim_matches(['"', '\'']));
            let mut values = values.filter(|one| !one.is_empty());
            match key {
                "license" => found.licence = found.licence.or_else(|| values.next().map(spdx)),
                "language" => found.languages.extend(values.map(str::to_owned)),
                _ => {}
            }
        }
        found
    }
}

/// Hubs write licences in lower case.
fn spdx(licence: &str) -> String {
    match licence {
        "mit" => "MIT".to_owned(),
        "apache-2.0" => "Apache-2.0".to_owned(),
        "cc-by-4.0" => "CC-BY-4.0".to_owned(),
        "bsd-3-clause" => "BSD-3-Clause".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_readme_is_read() {
        let readme =
            "---\nlanguage:\n- th\n- en\nlicense: apache-2.0\ntags: [a, b]\n---\n# A model\nlicense: mit\n";
        let found = FrontMatter::of(readme);
        assert_eq!(found.licence.as_deref(), Some("Apache-2.0"));
        assert_eq!(found.languages, ["th", "en"]);
        let found = FrontMatter::of("---\nlanguage: [th, \"zh\"]\n---\n");
        assert_eq!((found.licence, found.languages), (None, vec!["th".to_owned(), "zh".to_owned()]));
        assert!(FrontMatter::of("# No head\nlicense: mit\n").licence.is_none());
    }
}
