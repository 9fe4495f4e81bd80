//! Measures search and answers on the demo's articles: `cargo run -p knowledge --example measure_search -- --help`.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use knowledge::{Article, Index, Query};
use nlu::Words;

mod encoders;
mod fit;
mod judged;
mod score;
mod sweep;
mod xquad;

use encoders::Encoders;
use judged::{Half, Judged};

const HELP: &str = "\
measure [--models DIR] [--library FILE] [--cache DIR] [--xquad DIR] [--half dev|blind] [--fit] [--sweep] [--show]
  --models DIR    registry of encoders; without it only words are measured
  --library FILE  ONNX Runtime library
  --cache DIR     keeps vectors of passages between runs
  --xquad DIR     measures retrieval on XQuAD too
  --half HALF     which judged texts to use (dev)
  --fit           fits the calibration on the judged texts and prints it
  --sweep         tries other weights
  --show          prints every judged text with its outcome";

struct Options {
    models: Option<PathBuf>,
    library: Option<PathBuf>,
    cache: Option<PathBuf>,
    xquad: Option<PathBuf>,
    half: Half,
    flags: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = options() else {
        println!("{HELP}");
        return Ok(());
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let articles = judged::articles(&root.join("../dialogues/bots/baan_kafe/articles"))?;
    let texts = judged::texts(root)?;
    let mut encoders = Encoders::load(options.models.as_deref(), options.library, options.cache.as_deref())?;
    let started = Instant::now();
    let index = Index::build(articles.clone(), Words::default())?;
    println!(
        "{} articles, {} passages, indexed in {:.0?}",
        index.articles().len(),
        index.passages().len(),
        started.elapsed()
    );
    let half: Vec<Judged> = texts.iter().filter(|text| text.half == options.half).cloned().collect();
    let flag = |name: &str| options.flags.iter().any(|flag| flag == name);
    for names in encoders.combinations() {
        let index = index.with_vectors(&encoders.cache(&index, &names)?);
        let title = if names.is_empty() { "words only".to_owned() } else { names.join(" + ") };
        let judged = encoders.queries(&half, &names)?;
        println!("\n## {title}");
        score::print(&index, &judged, flag("--show"))?;
        if flag("--sweep") {
            let held_out = held_out(&articles, &mut encoders, &names)?;
            let few = few_translations(&articles, &mut encoders, &names)?;
            sweep::print(&[
                ("judged", &[(index.clone(), judged.clone())]),
                ("own questions", &held_out),
                ("few translations", &few),
            ])?;
        }
        if flag("--fit") {
            let left_out = left_out(&articles, &judged, &mut encoders, &names)?;
            let mut others = held_out(&articles, &mut encoders, &names)?;
            others.extend(few_translations(&articles, &mut encoders, &names)?);
            others.extend(left_out);
            fit::print(&index, &judged, &others)?;
        }
    }
    if let Some(folder) = &options.xquad {
        for language in ["en", "th", "zh"] {
            xquad::print(folder, language, &mut encoders)?;
        }
    }
    encoders.save(options.cache.as_deref())?;
    Ok(())
}

type HeldOut = Vec<(Index, Vec<(Judged, Query)>)>;

/// Four indexes, each without one question of every article, and these questions as queries: more texts than people
/// have judged, for weights and calibration.
fn held_out(
    articles: &[Article],
    encoders: &mut Encoders,
    names: &[String],
) -> Result<HeldOut, Box<dyn Error>> {
    let mut all = Vec::new();
    for place in 0..4 {
        let mut kept = articles.to_vec();
        let mut texts = Vec::new();
        for article in &mut kept {
            if place >= article.questions.len() {
                continue;
            }
            let text = article.questions.remove(place);
            let right = vec![article.id.as_str().to_owned()];
            texts.push(Judged {
                text,
                language: article.language.clone(),
                right,
                near: Vec::new(),
                half: Half::Dev,
            });
        }
        let index = Index::build(kept, Words::default())?;
        let index = index.with_vectors(&encoders.cache(&index, names)?);
        all.push((index, encoders.queries(&texts, names)?));
    }
    Ok(all)
}

/// Indexes with a quarter of the articles in one language and most in the others, and one question of each article in
/// that language: what people meet who write in a language with few translations. An eighth of the articles is not
/// there in any language.
fn few_translations(
    articles: &[Article],
    encoders: &mut Encoders,
    names: &[String],
) -> Result<HeldOut, Box<dyn Error>> {
    let mut all = Vec::new();
    for (language, group) in [("th", 0), ("th", 1), ("en", 2), ("en", 3)] {
        let mut kept = Vec::new();
        let mut texts = Vec::new();
        for (number, mut article) in
            articles.iter().filter(|article| article.language != "zh").cloned().enumerate()
        {
            let is_gone = number / 2 % 8 == group + 4;
            if article.language != language {
                if !is_gone {
                    kept.push(article);
                }
                continue;
            }
            let text = article.questions.remove(group);
            let right = if is_gone { Vec::new() } else { vec![article.id.as_str().to_owned()] };
            texts.push(Judged {
                text,
                language: language.to_owned(),
                right,
                near: Vec::new(),
                half: Half::Dev,
            });
            if number / 2 % 4 == group {
                kept.push(article);
            }
        }
        let index = Index::build(kept, Words::default())?;
        let index = index.with_vectors(&encoders.cache(&index, names)?);
        all.push((index, encoders.queries(&texts, names)?));
    }
    Ok(all)
}

/// Indexes without some of the articles, and the texts that these would have answered: nobody may answer them.
fn left_out(
    articles: &[Article],
    judged: &[(Judged, Query)],
    encoders: &mut Encoders,
    names: &[String],
) -> Result<HeldOut, Box<dyn Error>> {
    let groups = 7;
    let mut slugs: Vec<_> = articles.iter().map(|article| article.id.clone()).collect();
    slugs.dedup();
    let mut all = Vec::new();
    for group in 0..groups {
        let is_out = |id: &str| {
            slugs.iter().position(|slug| slug.as_str() == id).is_some_and(|at| at % groups == group)
        };
        let (out, kept): (Vec<_>, Vec<_>) =
            articles.iter().cloned().partition(|article| is_out(article.id.as_str()));
        let nobody = |text: &str, language: &str| Judged {
            text: text.to_owned(),
            language: language.to_owned(),
            right: Vec::new(),
            near: Vec::new(),
            half: Half::Dev,
        };
        let mut texts = Vec::new();
        for article in out {
            texts.extend(article.questions.iter().map(|question| nobody(question, &article.language)));
        }
        let of_judged = judged.iter().map(|(judged, _)| judged);
        let unanswerable =
            of_judged.filter(|judged| !judged.right.is_empty() && judged.right.iter().all(|id| is_out(id)));
        texts.extend(unanswerable.map(|judged| nobody(&judged.text, &judged.language)));
        let index = Index::build(kept, Words::default())?;
        let index = index.with_vectors(&encoders.cache(&index, names)?);
        all.push((index, encoders.queries(&texts, names)?));
    }
    Ok(all)
}

fn options() -> Option<Options> {
    let mut options =
        Options { models: None, library: None, cache: None, xquad: None, half: Half::Dev, flags: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--models" => options.models = Some(arguments.next()?.into()),
            "--library" => options.library = Some(arguments.next()?.into()),
            "--cache" => options.cache = Some(arguments.next()?.into()),
            "--xquad" => options.xquad = Some(arguments.next()?.into()),
            "--half" => options.half = Half::named(&arguments.next()?)?,
            "--fit" | "--sweep" | "--show" => options.flags.push(argument),
            _ => return None,
        }
    }
    Some(options)
}
