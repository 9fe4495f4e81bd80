//! XQuAD as a check of retrieval: 1,190 questions, 240 paragraphs a language.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use knowledge::{Article, Index, Query, Weights};
use nlu::Words;
use serde::Deserialize;

use crate::encoders::Encoders;
use crate::score::{Retrieval, rank};

#[derive(Deserialize)]
struct Line {
    text: String,
    label: usize,
}

/// Every paragraph is an article without questions.
pub(crate) fn print(folder: &Path, language: &str, encoders: &mut Encoders) -> Result<(), Box<dyn Error>> {
    let paragraphs: Vec<String> =
        serde_json::from_str(&std::fs::read_to_string(folder.join(format!("docs-{language}.json")))?)?;
    let articles = paragraphs
        .iter()
        .enumerate()
        .map(|(number, paragraph)| {
            let body =
                paragraph.trim_start_matches('\u{feff}').split_whitespace().collect::<Vec<_>>().join(" ");
            let text = format!("---\ntitle: \"-\"\nquestions: [\"-\"]\n---\n{body}");
            Article::parse(&format!("p{number}.{language}.md"), &text)
                .map_err(|problems| format!("{problems:#?}"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let index = Index::build(articles, Words::default())?;
    let lines = std::fs::read_to_string(folder.join(format!("{language}.jsonl")))?;
    let lines: Vec<Line> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    for names in encoders.combinations() {
        let index = index.with_vectors(&encoders.cache(&index, &names)?);
        // All titles are the same here, so that their half of the cosines says nothing.
        let index = index.with_weights(Weights { asks_cosine: 0.0, ..Weights::default() });
        let mut retrieval = Retrieval::default();
        let mut spent = std::time::Duration::ZERO;
        for line in &lines {
            let embeddings = encoders.embeddings(&line.text, &names)?;
            let query =
                Query { text: line.text.clone(), language: language.to_owned(), embeddings, limit: 30 };
            let started = Instant::now();
            let hits = index.search(&query)?;
            spent += started.elapsed();
            retrieval.add(rank(&hits, &[format!("p{}", line.label)]));
        }
        println!(
            "XQuAD-{language} {:<50} {}  {:.2?} a query",
            names.join(" + "),
            retrieval.row(),
            spent / lines.len() as u32
        );
    }
    Ok(())
}
