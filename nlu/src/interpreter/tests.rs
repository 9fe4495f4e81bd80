use models::HashEncoder;

use super::*;
use crate::classifier::{Classifier, EncoderHead, Fusion, OUT_OF_SCOPE};
use crate::entities::EntityConfig;
use crate::out_of_scope::OutOfScope;
use crate::sparse_head::{SparseHead, Vocabulary};
use crate::stages::Doubt;

const TEXTS: [(&str, &str); 3] =
    [("price", "ราคาเท่าไหร่"), ("track", "where is my parcel"), (OUT_OF_SCOPE, "今天天气怎么样")];

/// An encoder that fails as it is told.
struct Broken(EncodeError);

impl Encode for Broken {
    fn dimensions(&self) -> usize {
        32
    }

    fn name(&self) -> &'static str {
        "hash-32"
    }

    fn encode_blocking(&self, _: &[String], _: Purpose) -> Result<Vec<Embedding>, EncodeError> {
        Err(self.0.clone())
    }
}

/// A model that knows each text of `TEXTS` by heart, with a head for `HashEncoder::new(32)`.
fn model() -> Arc<IntentModel> {
    let featuriser = Featuriser::default();
    let features: Vec<SparseVector> =
        TEXTS.iter().map(|(_, text)| featuriser.features(&Normalised::new(text))).collect();
    let vocabulary = Vocabulary::fit(&features.iter().collect::<Vec<_>>(), 10_000);
    let mut weights = vec![0.0; vocabulary.len() * 3];
    for (label, text) in features.iter().enumerate() {
        for (row, weight) in vocabulary.weigh(text).features {
            weights[row as usize * 3 + label] = weight * 2.0;
        }
    }
    let labels: Vec<String> = TEXTS.iter().map(|(label, _)| (*label).to_owned()).collect();
    let texts: Vec<String> = TEXTS.iter().map(|(_, text)| (*text).to_owned()).collect();
    let embeddings = HashEncoder::new(32).encode_blocking(&texts, Purpose::Query).unwrap();
    let centroids: Vec<f32> = embeddings.iter().flat_map(|embedding| embedding.iter().copied()).collect();
    let matrix = ndarray::Array2::from_shape_fn((32, 3), |(row, column)| 5.0 * embeddings[column][row]);
    let head = models::LinearHead::new(matrix, ndarray::Array1::zeros(3), labels.clone()).unwrap();
    let rule = |numbers: usize| {
        let mut weights = vec![0.0; numbers];
        weights[2] = 1.0;
        Some(OutOfScope { weights, bias: 0.0, threshold: 0.5 })
    };
    let fusion = |heads: &[usize]| Fusion {
        heads: heads.to_vec(),
        weights: vec![1.0; heads.len()],
        out_of_scope: rule(3 + 2 * heads.len()),
    };
    let classifier = Classifier {
        labels,
        ngrams: SparseHead::new(vocabulary, &weights, vec![0.0; 3]).unwrap(),
        ngrams_temperature: 1.0,
        encoders: vec![EncoderHead { encoder: "hash-32".to_owned(), head, temperature: 1.0, centroids }],
        fusions: vec![fusion(&[0]), fusion(&[0, 1])],
        doubt: Doubt::default(),
    };
    Arc::new(IntentModel::new(classifier, "test".to_owned()))
}

fn interpreter(encoder: Option<Arc<dyn Encode>>, stages: Stages) -> Interpreter {
    let words = Words::default();
    let finder = EntityFinder::new(&EntityConfig::default(), &words).unwrap();
    let encoders = encoder.into_iter().collect();
    Interpreter::new(&words, finder).with_model(model()).with_encoders(encoders, stages)
}

/// Asks the encoder where the n-grams' best intent has a smaller probability.
fn unsure(encoder: &Arc<dyn Encode>, below: f32) -> Interpreter {
    let mut classifier = model().classifier().clone();
    classifier.doubt = Doubt { below, agreed_below: below, grey: 0.0 };
    let stages = Stages { always: Vec::new(), when_unsure: vec!["hash".to_owned()] };
    interpreter(Some(encoder.clone()), stages)
        .with_model(Arc::new(IntentModel::new(classifier, "test".to_owned())))
}

fn check(interpreter: &Interpreter, text: &str, intent: Option<&str>, ran: &[Ran]) -> Understood {
    let understood = interpreter.understand(text, &Context::default());
    let understanding = &understood.understanding;
    assert_eq!(understanding.intent(), intent, "{text}: {understanding:#?}");
    let stages: Vec<Ran> = understanding.stages.iter().map(|stage| stage.ran).collect();
    assert_eq!(stages, ran, "{text}");
    understood
}

#[test]
fn the_cascade_asks_encoders_only_when_unsure() {
    let encoder: Arc<dyn Encode> = Arc::new(HashEncoder::new(32));
    let all: Arc<dyn Encode> = encoder.clone();
    let always = interpreter(Some(all), Stages::everything());
    let understood = check(&always, "ราคาเท่าไหร่คะ", Some("price"), &[Ran::Yes, Ran::Yes]);
    assert_eq!(understood.embeddings.len(), 1);
    assert_eq!(understood.understanding.intents.len(), 2);
    check(&always, "今天天气怎么样", None, &[Ran::Yes, Ran::Yes]);
    let never = unsure(&encoder, 0.0);
    let understood = check(&never, "where is my parcel", Some("track"), &[Ran::Yes, Ran::NotNeeded]);
    assert!(understood.embeddings.is_empty());
    check(&unsure(&encoder, 1.1), "where is my parcel", Some("track"), &[Ran::Yes, Ran::Yes]);
    check(&interpreter(Some(encoder), Stages::ngrams_only()), "my parcel?", Some("track"), &[Ran::Yes]);
}

#[test]
fn an_encoder_that_is_full_gone_or_missing_costs_no_answer() {
    let model = || "hash".to_owned();
    for (encoder, ran) in [
        (Some(EncodeError::Overloaded { model: model() }), Ran::Overloaded),
        (Some(EncodeError::Stopped { model: model() }), Ran::Failed),
        (None, Ran::Failed),
    ] {
        let encoder = encoder.map(|error| Arc::new(Broken(error)) as Arc<dyn Encode>);
        check(
            &interpreter(encoder, Stages::everything()),
            "where is my parcel",
            Some("track"),
            &[Ran::Yes, ran],
        );
    }
}

#[test]
fn empty_messages_and_missing_models_are_understood_as_nothing() {
    let interpreter = interpreter(None, Stages::ngrams_only());
    for text in ["", " \u{200b} "] {
        let understanding = interpreter.understand(text, &Context::default()).understanding;
        assert!(understanding.intents.is_empty() && !understanding.out_of_scope);
        assert_eq!(understanding.sentiment, Sentiment::NEUTRAL);
    }
    let words = Words::default();
    let bare = Interpreter::new(&words, EntityFinder::new(&EntityConfig::default(), &words).unwrap());
    let understanding = bare.understand("โทร 0812345678", &Context::default()).understanding;
    assert_eq!(understanding.language.language, Language::Thai);
    assert_eq!(understanding.entity("phone").unwrap().value, "+66812345678");
    assert_eq!(understanding.intent(), None);
}

#[test]
fn urgency_and_mixed_languages_are_told_with_the_understanding() {
    let interpreter = interpreter(None, Stages::ngrams_only());
    let understood = interpreter.understand("help, someone is using my card ตอนนี้", &Context::default());
    assert!(understood.urgency.urgent && !understood.urgency.toxic && understood.is_mixed);
    assert!(understood.urgency.fired.iter().any(|rule| rule.section == "theft"), "{:?}", understood.urgency);
    let own = UrgencyRules::new(&["[vip urgent 9]\nmy parcel"]).unwrap();
    let own = interpreter.with_urgency(Arc::new(own)).understand("where is my parcel", &Context::default());
    assert!(own.urgency.urgent && !own.is_mixed);
}

#[test]
fn an_understanding_survives_json() {
    let understood = interpreter(None, Stages::ngrams_only()).understand("ราคา 500 บาท", &Context::default());
    let json = serde_json::to_value(&understood.understanding).unwrap();
    assert_eq!(json["language"]["language"], "th");
    assert_eq!(json["entities"][0]["type"], "money");
    let back: Understanding = serde_json::from_value(json).unwrap();
    assert_eq!(back, understood.understanding);
}

#[test]
fn a_model_survives_its_blobs_and_faults_are_named() {
    use crate::intent_model::{ModelError, borrowed, pack, unpack};
    let model = model();
    let blobs = model.to_blobs();
    assert_eq!(IntentModel::from_blobs(&unpack(&pack(&blobs)).unwrap()).unwrap(), *model);
    for name in blobs.keys() {
        let mut less = blobs.clone();
        less.remove(name);
        assert_eq!(IntentModel::from_blobs(&borrowed(&less)), Err(ModelError::Missing(name.clone())));
        let mut broken = blobs.clone();
        broken.insert(name.clone(), b"{}".to_vec());
        let error = IntentModel::from_blobs(&borrowed(&broken)).unwrap_err();
        assert!(matches!(error, ModelError::Unreadable { ref file, .. } if file == name), "{error}");
    }
    let mut other = blobs.clone();
    other.insert("manifest.json".to_owned(), br#"{"format": 99}"#.to_vec());
    assert_eq!(IntentModel::from_blobs(&borrowed(&other)), Err(ModelError::OtherFormat { found: 99 }));
    assert_eq!(unpack(b""), None);
    assert_eq!(unpack(&[1, 0, 0, 0]), None);
}

#[test]
fn a_million_characters_are_understood() {
    let interpreter = interpreter(Some(Arc::new(HashEncoder::new(32))), Stages::everything());
    for unit in ["ก", "ราคา", "1", "a@", "วันที่ 5 ", "+66 81 "] {
        let text = unit.repeat(1_000_000 / unit.chars().count());
        let understanding = interpreter.understand(&text, &Context::default()).understanding;
        assert_eq!(understanding.text.len(), text.len());
    }
}
