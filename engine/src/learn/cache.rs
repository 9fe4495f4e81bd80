//! The cache folder: embeddings of examples by text, and files that are replaced whole.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use models::{Embedding, Encode};
use training::{EmbeddingCache, TextHash};

/// The embeddings of texts, one file per encoder: its dimension, then each text's hash and its numbers.
pub(crate) struct TextCache {
    folder: PathBuf,
    encoders: HashMap<String, Known>,
}

#[derive(Default)]
struct Known {
    embeddings: HashMap<TextHash, Embedding>,
    changed: bool,
}

impl TextCache {
    /// What the folder has, and what came with the program.
    pub(crate) fn open(folder: &Path, shipped: Option<&Path>, encoders: &[Arc<dyn Encode>]) -> Self {
        let encoders = encoders
            .iter()
            .map(|encoder| {
                let (name, dimensions) = (encoder.name(), encoder.dimensions());
                let shipped = shipped.and_then(|shipped| read_shipped(&file(shipped, name), dimensions));
                let mut embeddings = shipped.unwrap_or_default();
                embeddings.extend(read(&file(folder, name), dimensions).unwrap_or_default());
                (name.to_owned(), Known { embeddings, changed: false })
            })
            .collect();
        Self { folder: folder.to_owned(), encoders }
    }

    /// Writes all embeddings in 8 bits a number, in the order of their hashes; returns how many there are.
    pub(super) fn ship(&self, encoder: &str, folder: &Path) -> usize {
        let Some(known) = self.encoders.get(encoder) else { return 0 };
        let mut bytes = Vec::new();
        for (hash, embedding) in &known.embeddings.iter().collect::<BTreeMap<_, _>>() {
            let largest = embedding.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
            let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
            bytes.extend_from_slice(*hash);
            bytes.extend(scale.to_le_bytes());
            bytes.extend(embedding.iter().map(|number| (number / scale).round() as i8 as u8));
        }
        write(&file(folder, encoder), &bytes);
        known.embeddings.len()
    }

    /// Writes what has changed.
    pub(crate) fn save(&self) {
        for (encoder, known) in self.encoders.iter().filter(|(_, known)| known.changed) {
            let mut bytes = Vec::new();
            for (hash, embedding) in &known.embeddings {
                bytes.extend_from_slice(hash);
                bytes.extend(embedding.iter().flat_map(|number| number.to_le_bytes()));
            }
            write(&file(&self.folder, encoder), &bytes);
        }
    }
}

impl EmbeddingCache for TextCache {
    fn get(&self, encoder: &str, text: &TextHash) -> Option<Embedding> {
        self.encoders.get(encoder)?.embeddings.get(text).cloned()
    }

    fn put(&mut self, encoder: &str, text: &TextHash, embedding: Embedding) {
        let known = self.encoders.entry(encoder.to_owned()).or_default();
        known.embeddings.insert(*text, embedding);
        known.changed = true;
    }
}

fn file(folder: &Path, encoder: &str) -> PathBuf {
    folder.join(format!("texts-{}.bin", slug(encoder)))
}

/// Full numbers, as the cache keeps them.
fn read(path: &Path, dimensions: usize) -> Option<HashMap<TextHash, Embedding>> {
    entries(path, dimensions * size_of::<f32>(), |numbers| {
        let (numbers, _) = numbers.as_chunks::<4>();
        Some(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
    })
}

/// A scale and signed bytes, as they are shipped.
fn read_shipped(path: &Path, dimensions: usize) -> Option<HashMap<TextHash, Embedding>> {
    entries(path, size_of::<f32>() + dimensions, |numbers| {
        let (scale, numbers) = numbers.split_first_chunk::<4>()?;
        let scale = f32::from_le_bytes(*scale);
        Some(numbers.iter().map(|number| f32::from(*number as i8) * scale).collect())
    })
}

/// Each text's hash with its embedding, which is so many bytes long; none where the file is not made of such entries.
fn entries(
    path: &Path,
    width: usize,
    embedding: impl Fn(&[u8]) -> Option<Embedding>,
) -> Option<HashMap<TextHash, Embedding>> {
    let bytes = std::fs::read(path).ok()?;
    let width = size_of::<TextHash>() + width;
    if bytes.len() % width != 0 {
        return None;
    }
    let entry = |entry: &[u8]| {
        let (hash, numbers) = entry.split_first_chunk::<32>()?;
        Some((*hash, embedding(numbers)?))
    };
    bytes.chunks(width).map(entry).collect()
}

/// A name as part of a file's name.
pub(super) fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}

/// Replaces a file whole. A cache that cannot be written costs time at the next start, nothing else.
pub(super) fn write(path: &Path, bytes: &[u8]) {
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
        let temporary = path.with_extension("part");
        std::fs::write(&temporary, bytes)?;
        std::fs::rename(&temporary, path)
    });
    if let Err(error) = written {
        tracing::warn!(file = %path.display(), %error, "the cache cannot be written");
    }
}
