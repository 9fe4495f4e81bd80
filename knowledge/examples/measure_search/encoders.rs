//! Encoders from a registry, and the vectors that they made before.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use knowledge::{Index, Query, VectorCache};
use models::{Embedding, Encode, Encoder, EncoderOptions, ModelCard, Purpose, Runtime, RuntimeSearch};

use crate::judged::Judged;

pub(crate) struct Encoders {
    /// Fast ones first.
    loaded: Vec<Encoder>,
    cache: VectorCache,
    queries: BTreeMap<(String, String), Embedding>,
}

impl Encoders {
    pub(crate) fn load(
        models: Option<&Path>,
        library: Option<PathBuf>,
        cache: Option<&Path>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut encoders = Vec::new();
        if let Some(models) = models {
            let runtime = Runtime::start(&RuntimeSearch::new(library, Some(models)));
            let mut cards = ModelCard::read_all(models)?;
            cards.sort_by_key(|card| std::cmp::Reverse(card.name.clone()));
            for card in cards {
                encoders.push(Encoder::load(&runtime, &models.join(card.name), &EncoderOptions::default())?);
            }
        }
        let mut all = VectorCache::new();
        for encoder in &encoders {
            if let Some(bytes) = cache.and_then(|folder| std::fs::read(file(folder, encoder.name())).ok()) {
                all.merge(VectorCache::from_bytes(&bytes)?)?;
            }
        }
        Ok(Self { loaded: encoders, cache: all, queries: BTreeMap::new() })
    }

    /// No encoder, each alone, all together.
    pub(crate) fn combinations(&self) -> Vec<Vec<String>> {
        let names: Vec<_> = self.loaded.iter().map(|encoder| encoder.name().to_owned()).collect();
        let mut combinations = vec![Vec::new()];
        combinations.extend(names.iter().map(|name| vec![name.clone()]));
        if names.len() > 1 {
            combinations.push(names);
        }
        combinations
    }

    /// The cache with the vectors of these encoders only, after encoding what the index misses.
    pub(crate) fn cache(&mut self, index: &Index, names: &[String]) -> Result<VectorCache, Box<dyn Error>> {
        let mut chosen = VectorCache::new();
        for encoder in self.loaded.iter().filter(|encoder| names.iter().any(|name| name == encoder.name())) {
            for text in index.missing(&self.cache, encoder.name()) {
                let embeddings = encoder.encode_blocking(&[text.text], text.purpose)?;
                self.cache.add(encoder.name(), text.key, &embeddings[0])?;
            }
            let bytes = self.cache.to_bytes(encoder.name()).unwrap_or_default();
            chosen.merge(VectorCache::from_bytes(&bytes)?)?;
        }
        Ok(chosen)
    }

    /// The judged texts as queries with the embeddings of these encoders.
    pub(crate) fn queries(
        &mut self,
        texts: &[Judged],
        names: &[String],
    ) -> Result<Vec<(Judged, Query)>, Box<dyn Error>> {
        texts
            .iter()
            .map(|judged| {
                let embeddings = self.embeddings(&judged.text, names)?;
                let (text, language) = (judged.text.clone(), judged.language.clone());
                Ok((judged.clone(), Query { text, language, embeddings, limit: 30 }))
            })
            .collect()
    }

    pub(crate) fn embeddings(
        &mut self,
        text: &str,
        names: &[String],
    ) -> Result<BTreeMap<String, Embedding>, Box<dyn Error>> {
        let mut embeddings = BTreeMap::new();
        for encoder in self.loaded.iter().filter(|encoder| names.iter().any(|name| name == encoder.name())) {
            let key = (encoder.name().to_owned(), text.to_owned());
            let embedding = match self.queries.get(&key) {
                Some(embedding) => embedding.clone(),
                None => encoder.encode_blocking(&[text.to_owned()], Purpose::Query)?.remove(0),
            };
            self.queries.insert(key, embedding.clone());
            embeddings.insert(encoder.name().to_owned(), embedding);
        }
        Ok(embeddings)
    }

    pub(crate) fn save(&self, cache: Option<&Path>) -> Result<(), Box<dyn Error>> {
        let Some(folder) = cache else { return Ok(()) };
        std::fs::create_dir_all(folder)?;
        for encoder in &self.loaded {
            if let Some(bytes) = self.cache.to_bytes(encoder.name()) {
                std::fs::write(file(folder, encoder.name()), bytes)?;
            }
        }
        Ok(())
    }
}

fn file(folder: &Path, encoder: &str) -> PathBuf {
    folder.join(format!("{}.vectors", encoder.replace(' ', "-")))
}
