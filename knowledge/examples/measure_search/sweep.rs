//! Other weights, to see how flat the top is.

use std::error::Error;

use knowledge::{Index, Query, Weights};

use crate::judged::Judged;
use crate::score::{Retrieval, retrieval};

/// Texts and the indexes to search for them.
type Set<'a> = (&'a str, &'a [(Index, Vec<(Judged, Query)>)]);

pub(crate) fn print(sets: &[Set<'_>]) -> Result<(), Box<dyn Error>> {
    let base = Weights::default();
    let mut tried = vec![("as it is".to_owned(), base)];
    for value in [0.2, 0.3, 0.5, 0.7, 1.0] {
        let (words_with_use, words_with_e5, words_with_both) = (value, value, 2.0 * value);
        tried.push((
            format!("words {value}"),
            Weights { words_with_use, words_with_e5, words_with_both, ..base },
        ));
    }
    for value in [0.0, 0.25, 0.5, 0.75, 1.0] {
        for words_with_both in [0.4, 0.6, 0.8] {
            let name = format!("use {value} words {words_with_both}");
            tried.push((name, Weights { use_beside_e5: value, words_with_both, ..base }));
        }
    }
    for value in [0.0, 0.25, 0.75, 1.0] {
        tried.push((format!("grams {value}"), Weights { grams: value, ..base }));
    }
    for value in [0.3, 0.6, 1.0, 1.5] {
        tried.push((format!("asks {value}"), Weights { asks: value, asks_with_encoder: value, ..base }));
    }
    for value in [0.0, 0.3, 0.4, 0.6, 0.7, 1.0] {
        tried.push((format!("asks cosine {value}"), Weights { asks_cosine: value, ..base }));
    }
    for value in [0.0, 0.02, 0.06, 0.1] {
        tried.push((format!("deviation {value}"), Weights { least_deviation: value, ..base }));
    }
    for value in [0.0, 0.5, 1.5] {
        tried.push((format!("foreign cosine {value}"), Weights { foreign_cosine: value, ..base }));
    }
    for value in [0.0, 1.0, 2.0] {
        tried.push((format!("foreign {value}"), Weights { foreign: value, ..base }));
    }
    for (name, weights) in tried {
        print!("{name:<20}");
        for (set, texts) in sets {
            let mut all = Retrieval::default();
            for (index, texts) in *texts {
                all.merge(&retrieval(&index.with_weights(weights), texts)?);
            }
            print!(" | {set} {}", all.row());
        }
        println!();
    }
    Ok(())
}
