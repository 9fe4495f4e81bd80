use std::sync::Mutex;

use models::{Embedding, EncodeError, HashEncoder, Purpose};
use nlu::{Language, Normalised};

use super::*;
use crate::embed::MemoryCache;

/// Three intents of twenty texts each in three languages.
fn dataset() -> Dataset {
    let stems = [
        ("track_order", "ของถึงไหนแล้ว", "where is my parcel", "我的包裹在哪里"),
        ("product_price", "ราคาเท่าไหร่", "how much does it cost", "多少钱"),
        ("opening_hours", "ร้านเปิดกี่โมง", "when are you open", "几点开门"),
    ];
    let fillers = ["", "ค่ะ", "1", "please", "x 22", "ครับ", "now", "吗"];
    let mut examples = Vec::new();
    for (label, thai, english, chinese) in stems {
        for (index, filler) in fillers.iter().enumerate() {
            examples.push(Example::new(format!("{thai} {filler}"), label, Language::Thai));
            examples.push(Example::new(format!("{english} {filler} {index}"), label, Language::English));
            examples.push(Example::new(format!("{chinese}{filler}"), label, Language::Chinese));
        }
    }
    Dataset::new(examples)
}

/// An encoder that always refuses.
struct Refuses;

impl Encode for Refuses {
    fn dimensions(&self) -> usize {
        8
    }

    fn name(&self) -> &'static str {
        "refuses 1"
    }

    fn encode_blocking(&self, _: &[String], _: Purpose) -> Result<Vec<Embedding>, EncodeError> {
        Err(EncodeError::Overloaded { model: "refuses".to_owned() })
    }
}

fn train(encoders: &[Arc<dyn Encode>], options: &IntentOptions) -> (IntentModel, Report) {
    let (words, mut cache) = (Words::default(), MemoryCache::default());
    let mut resources = Resources { words: &words, encoders, cache: &mut cache };
    train_intents(&dataset(), options, &mut resources, &|_| {}).unwrap()
}

#[test]
fn n_grams_alone_learn_the_intents_and_the_model_survives_storage() {
    let (model, report) = train(&[], &IntentOptions::default());
    assert!(report.cross_validated.accuracy > 0.9, "{report:#?}");
    assert_eq!(report.heads.len(), 1);
    let copy = IntentModel::from_blobs(&nlu::borrowed(&model.to_blobs())).unwrap();
    assert_eq!(copy, model);
    assert_eq!(model.intents().collect::<Vec<_>>(), ["opening_hours", "product_price", "track_order"]);
    let classifier = copy.classifier();
    let featuriser = nlu::Featuriser::default();
    for (text, expected) in
        [("ของถึงไหน", "track_order"), ("多少钱啊", "product_price"), ("OPEN when?", "opening_hours")]
    {
        let output = classifier.ngrams_output(&featuriser.features(&Normalised::new(text)));
        let fused = classifier.fuse(&[(0, &output)]).unwrap();
        assert_eq!(classifier.labels[fused.best().unwrap().0], expected);
    }
}

#[test]
fn every_set_of_heads_can_answer_and_training_repeats_exactly() {
    let encoders: [Arc<dyn Encode>; 1] = [Arc::new(HashEncoder::new(64))];
    let (model, report) = train(&encoders, &IntentOptions::default());
    assert_eq!(report.heads.len(), 3);
    assert!(report.heads.iter().all(|score| score.out_of_scope_auroc > 0.7), "{:#?}", report.heads);
    assert_eq!(model.encoders().collect::<Vec<_>>(), ["hash-64"]);
    let (again, _) = train(&encoders, &IntentOptions::default());
    assert_eq!(again.to_blobs(), model.to_blobs());
}

#[test]
fn an_encoder_that_fails_is_left_out_and_named() {
    let (model, report) = train(&[Arc::new(Refuses)], &IntentOptions::default());
    assert_eq!(model.encoders().count(), 0);
    assert_eq!(report.skipped[0].0, "refuses 1");
}

#[test]
fn the_content_hash_follows_data_words_options_and_encoders() {
    let (data, options, words) = (dataset(), IntentOptions::default(), Words::default());
    let hash = |data: &Dataset, words: &Words, encoders: &[Arc<dyn Encode>], options: &IntentOptions| {
        content_hash(data, words, encoders, options)
    };
    let plain = hash(&data, &words, &[], &options);
    assert_eq!(plain, hash(&data, &words, &[], &options));
    assert_eq!(train(&[], &options).0.content(), plain);
    assert_ne!(plain, hash(&data, &words, &[], &IntentOptions { balance: 0.9, ..options }));
    assert_ne!(plain, hash(&data, &words, &[Arc::new(Refuses)], &options));
    assert_ne!(plain, hash(&data, &Words::new(&["พร้อมเพย์"]), &[], &options));
    assert_ne!(plain, hash(&Dataset::default(), &words, &[], &options));
}

#[test]
fn one_label_is_too_few_and_progress_is_told() {
    let (words, mut cache) = (Words::default(), MemoryCache::default());
    let mut resources = Resources { words: &words, encoders: &[], cache: &mut cache };
    let told = Mutex::new(Vec::new());
    let tell = |progress| told.lock().unwrap().push(progress);
    let one = Dataset::new(vec![Example::new("a", "only", Language::English)]);
    let error = train_intents(&one, &IntentOptions::default(), &mut resources, &tell).unwrap_err();
    assert_eq!(error, TrainingError::TooFewLabels { labels: 1 });
    train_intents(&dataset(), &IntentOptions::default(), &mut resources, &tell).unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!(told.last(), Some(&Progress::Fitting { done: 4, total: 4 }));
}
