//! Texts whose articles people have judged.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use knowledge::Article;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// A text and what is right to do with it.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) text: String,
    pub(crate) language: String,
    /// The articles that answer it; none where no article does.
    pub(crate) right: Vec<String>,
    /// Articles that answering from is no harm, although they have no answer.
    pub(crate) near: Vec<String>,
    pub(crate) half: Half,
}

/// Weights and thresholds are chosen on one half; the other is only measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Dev,
    Blind,
}

impl Half {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "dev" => Some(Self::Dev),
            "blind" => Some(Self::Blind),
            _ => None,
        }
    }

    fn of(text: &str) -> Self {
        if Sha256::digest(text)[0] % 2 == 0 { Self::Dev } else { Self::Blind }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topics {
    answered: BTreeMap<String, Vec<String>>,
    unanswered: BTreeMap<String, Vec<String>>,
    texts: BTreeMap<String, Override>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Override {
    Answered(Vec<String>),
    Unanswered(Vec<String>),
}

#[derive(Deserialize)]
struct TopicLine {
    text: String,
    lang: String,
    topic: String,
}

#[derive(Deserialize)]
struct LabelLine {
    text: String,
    lang: String,
    label: String,
}

/// All judged texts: those about a topic, and those that are out of scope.
pub(crate) fn texts(root: &Path) -> Result<Vec<Judged>, Box<dyn Error>> {
    let topics: Topics = toml::from_str(&std::fs::read_to_string(root.join("fixtures/topics.toml"))?)?;
    let folder = root.join("../tests/scenarios/judging");
    let mut texts = Vec::new();
    for line in std::fs::read_to_string(folder.join("knowledge.jsonl"))?.lines() {
        let line: TopicLine = serde_json::from_str(line)?;
        let (right, near) = match topics.texts.get(&line.text) {
            Some(Override::Answered(right)) => (right.clone(), Vec::new()),
            Some(Override::Unanswered(near)) => (Vec::new(), near.clone()),
            None => match (topics.answered.get(&line.topic), topics.unanswered.get(&line.topic)) {
                (Some(right), _) => (right.clone(), Vec::new()),
                (None, Some(near)) => (Vec::new(), near.clone()),
                (None, None) => return Err(format!("topics.toml has no topic {}", line.topic).into()),
            },
        };
        let half = Half::of(&line.text);
        texts.push(Judged { text: line.text, language: line.lang, right, near, half });
    }
    for line in std::fs::read_to_string(folder.join("understand.jsonl"))?.lines() {
        let line: LabelLine = serde_json::from_str(line)?;
        if line.label == "oos" {
            let half = Half::of(&line.text);
            texts.push(Judged {
                text: line.text,
                language: line.lang,
                right: Vec::new(),
                near: Vec::new(),
                half,
            });
        }
    }
    Ok(texts)
}

/// The articles of a folder, in the order of their names.
pub(crate) fn articles(folder: &Path) -> Result<Vec<Article>, Box<dyn Error>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path)?;
            Article::parse(&path.to_string_lossy(), &text).map_err(|problems| format!("{problems:#?}").into())
        })
        .collect()
}
