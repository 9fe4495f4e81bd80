//! The vectors that come with the program belong to the demo bot and to the encoders.

use std::sync::Mutex;

use engine::bot_files::BotSource;
use engine::config::Models;
use engine::learn::{Learner, dataset};
use engine::model_folder::Encoders;
use models::Purpose;
use tests::need;
use tests::workspace;

#[test]
fn a_first_start_has_the_whole_bot_and_computes_next_to_nothing() {
    if !need("models") {
        return;
    }
    let encoders = encoders();
    let cache = tempfile::tempdir().unwrap();
    let learner = Learner { encoders: encoders.all(), cache: cache.path(), shipped: encoders.vectors() };
    let files = BotSource::Embedded.read("baan_kafe").unwrap();
    let encoded = Mutex::new(0);
    let bot = learner
        .quick(&files, None, &|learning| {
            if learning.what.starts_with("examples") {
                let mut most = encoded.lock().unwrap();
                *most = learning.total.max(*most);
            }
        })
        .unwrap();
    // Some examples may have changed since the vectors were made; with many the first start would be slow.
    let encoded = encoded.into_inner().unwrap();
    assert!(
        encoded <= 100,
        "{encoded} texts have no vector: cargo run --release -p engine --example ship_vectors"
    );
    assert!(learner.is_complete(&files, &bot).unwrap());
}

#[test]
fn the_shipped_numbers_are_what_the_encoders_compute() {
    if !need("models") {
        return;
    }
    let encoders = encoders();
    let files = BotSource::Embedded.read("baan_kafe").unwrap();
    let dataset = dataset(&files).unwrap();
    let folder = encoders.vectors().unwrap();
    for (encoder, file) in encoders.all().iter().zip(["use-multilingual-v3-1", "multilingual-e5-small-1"]) {
        let shipped = std::fs::read(folder.join(format!("texts-{file}.bin"))).unwrap();
        let width = 32 + 4 + encoder.dimensions();
        let mut compared = 0;
        for example in dataset.examples().iter().step_by(300) {
            let hash = training::text_hash(&example.text);
            let Some(entry) = shipped.chunks(width).find(|entry| entry.starts_with(&hash)) else { continue };
            let text = nlu::Normalised::new(&example.text).text().to_owned();
            let computed = encoder.encode_blocking(&[text], Purpose::Query).unwrap().remove(0);
            let stored = entry[36..].iter().map(|byte| f32::from(*byte as i8));
            let (mut product, mut length) = (0.0, 0.0);
            for (number, stored) in computed.iter().zip(stored) {
                product += number * stored;
                length += stored * stored;
            }
            let cosine = product / f32::sqrt(length);
            assert!(cosine > 0.999, "{}: {} has cosine {cosine}", encoder.name(), example.text);
            compared += 1;
        }
        assert!(compared >= 8, "{compared} of the sampled examples have a vector");
    }
}

fn encoders() -> Encoders {
    let settings = Models {
        folder: workspace::root().join("models"),
        encoders: vec!["use-multilingual-v3".to_owned(), "multilingual-e5-small".to_owned()],
        threads: 1,
        queue: 128,
        library: std::path::PathBuf::new(),
        backends: &[],
    };
    Encoders::load(&settings, false, false)
}
