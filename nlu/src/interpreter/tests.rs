use models::{EncodeError, HashEncoder};

use super::*;
use crate::classifier::{Classifier, EncoderHead, Fusion, OUT_OF_SCOPE};
use crate::entities::EntityConfig;
use crate::features::SparseVector;
use crate::out_of_scope::OutOfScope;
use crate::sparse_head::{SparseHead, Vocabulary};
use crate::stages::Doubt;
use crate::understanding::{Ran, Sentiment};

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

fn model() -> Arc<IntentModel> {
    model_of(&TEXTS)
}

/// A model that knows each text by heart, with a head for `HashEncoder::new(32)`.
fn model_of(known: &[(&str, &str); 3]) -> Arc<IntentModel> {
    let featuriser = Featuriser::default();
    let features: Vec<SparseVector> =
        known.iter().map(|(_, text)| featuriser.features(&Normalised::new(text))).collect();
    let vocabulary = Vocabulary::fit(&features.iter().collect::<Vec<_>>(), 10_000);
    let mut weights = vec![0.0; vocabulary.len() * 3];
    for (label, text) in features.iter().enumerate() {
        for (row, weight) in vocabulary.weigh(text).features {
            weights[row as usize * 3 + label] = weight * 2.0;
        }
    }
    let labels: Vec<String> = known.iter().map(|(label, _)| (*label).to_owned()).collect();
    let texts: Vec<String> = known.iter().map(|(_, text)| (*text).to_owned()).collect();
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
        leads: Vec::new(),
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
    let understand = |interpreter: &Interpreter, text| {
        let understanding = interpreter.understand(text, &Context::default()).understanding;
        (understanding.urgency, understanding.is_mixed)
    };
    let (urgency, is_mixed) = understand(&interpreter, "help, someone is using my card ตอนนี้");
    assert!(urgency.urgent && !urgency.toxic && is_mixed);
    assert!(urgency.fired.iter().any(|rule| rule.section == "theft"), "{urgency:?}");
    let own = UrgencyRules::new(&["[vip urgent 9]\nmy parcel"]).unwrap();
    let (urgency, is_mixed) = understand(&interpreter.with_urgency(Arc::new(own)), "where is my parcel");
    assert!(urgency.urgent && !is_mixed);
}

#[test]
fn several_requests_are_told_where_each_is_certain() {
    let encoder: Arc<dyn Encode> = Arc::new(HashEncoder::new(32));
    let known = [("price", "how much is it"), TEXTS[1], TEXTS[2]];
    let interpreter = interpreter(Some(encoder), Stages::everything()).with_model(model_of(&known));
    let check = |text: &str, expected: &[(&str, &str)]| {
        let found = interpreter.understand(text, &Context::default()).understanding.requests;
        let told: Vec<(&str, &str)> =
            found.iter().map(|request| (request.text.as_str(), request.intent.name.as_str())).collect();
        assert_eq!(told, expected, "{text}");
        for request in found {
            let there = text.chars().skip(request.start).take(request.end - request.start);
            assert_eq!(there.collect::<String>(), request.text);
        }
    };
    let both = [("where is my parcel", "track"), ("how much is it", "price")];
    check("where is my parcel and how much is it", &both);
    check("where is my parcel", &[]);
    check("where is my parcel and what colour is the moon", &[]);
    check("where is my parcel and where is my parcel", &[]);
}

#[test]
fn the_same_words_are_read_once() {
    let broken = |error| interpreter(Some(Arc::new(Broken(error))), Stages::everything());
    let encoder: Arc<dyn Encode> = Arc::new(HashEncoder::new(32));
    let sound = interpreter(Some(encoder), Stages::everything());
    let full = broken(EncodeError::Overloaded { model: "hash-32".to_owned() });
    for (interpreter, expected) in [(sound, true), (full, false)] {
        let first = interpreter.understand("where is my parcel", &Context::default());
        let again = interpreter.clone().understand("where  is my PARCEL".trim(), &Context::default());
        let same = interpreter.understand("where is my parcel", &Context::default());
        assert!(!first.remembered && !again.remembered);
        assert_eq!(same.remembered, expected);
        assert_eq!(same.understanding, first.understanding);
        let anew = interpreter.with_model(model()).understand("where is my parcel", &Context::default());
        assert!(!anew.remembered);
    }
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

#[test]
fn learned_entities_fill_what_others_leave() {
    let entity = |kind: &str, start: usize, end: usize| Entity {
        kind: kind.to_owned(),
        text: String::new(),
        start,
        end,
        value: serde_json::Value::Null,
    };
    let check = |expecting: Option<&str>, expected: &[(&str, usize)]| {
        let mut entities = vec![entity("number", 4, 6), entity("date", 10, 14)];
        let learned = vec![entity("place", 0, 3), entity("place", 5, 9), entity("place", 14, 20)];
        add_learned(&mut entities, learned, expecting);
        let told: Vec<(&str, usize)> =
            entities.iter().map(|entity| (entity.kind.as_str(), entity.start)).collect();
        assert_eq!(told, expected);
    };
    check(None, &[("place", 0), ("number", 4), ("date", 10), ("place", 14)]);
    check(Some("place"), &[("place", 0), ("place", 5), ("date", 10), ("place", 14)]);
}
