//! Any bytes are understood in bounded memory and without a fault.

use std::sync::Arc;

use models::{Encode, HashEncoder};
use nlu::{
    Context, EntityConfig, EntityFinder, Interpreter, ListEntity, ListValue, PatternEntity, SentimentModel,
    Stages, Understanding, Words,
};
use proptest::prelude::*;

/// Everything that reads a text: words of the bot's own, lists, patterns, sentiment and an encoder.
fn interpreter() -> Interpreter {
    let words = Words::new(&["พร้อมเพย์".to_owned()]);
    let value = |value: &str, synonyms: &[&str]| ListValue {
        value: value.to_owned(),
        synonyms: synonyms.iter().map(|name| (*name).to_owned()).collect(),
    };
    let config = EntityConfig {
        patterns: vec![PatternEntity {
            name: "order_number".to_owned(),
            pattern: r"[A-Z]{2}\d{6}".to_owned(),
            keep_case: false,
        }],
        lists: vec![ListEntity {
            name: "product".to_owned(),
            values: vec![value("moka_pot", &["โมก้าพอต", "moka pot"]), value("v60", &["วีหกสิบ", "V60"])],
        }],
        ..EntityConfig::default()
    };
    let finder = EntityFinder::new(&config, &words).expect("the configuration is usable");
    let encoder: Arc<dyn Encode> = Arc::new(HashEncoder::new(32));
    Interpreter::new(&words, finder)
        .with_encoders(vec![encoder], Stages::everything())
        .with_sentiment(SentimentModel::shipped().expect("weights are shipped"))
}

#[track_caller]
fn check(interpreter: &Interpreter, text: &str) -> Understanding {
    let context = Context { now_us: 1_780_000_000_000_000, offset_minutes: 420, ..Context::default() };
    let understanding = interpreter.understand(text, &context).understanding;
    let mut end = 0;
    for entity in &understanding.entities {
        assert!(entity.start >= end && entity.end > entity.start, "{:?}", entity.kind);
        let there: String = text.chars().skip(entity.start).take(entity.end - entity.start).collect();
        assert_eq!(there, entity.text);
        end = entity.end;
    }
    assert!(
        understanding.normalised.len() <= 4 * text.len() + 4,
        "{} of {}",
        understanding.normalised.len(),
        text.len()
    );
    understanding
}

#[test]
fn any_bytes_up_to_64_kilobytes_are_understood() {
    let interpreter = interpreter();
    let mut config = ProptestConfig::with_cases(24);
    config.failure_persistence = None;
    proptest!(config, |(bytes in proptest::collection::vec(any::<u8>(), 0..65_536))| {
        check(&interpreter, &String::from_utf8_lossy(&bytes));
    });
}

#[test]
fn texts_of_what_grammars_look_for_are_understood() {
    let interpreter = interpreter();
    let piece = prop::sample::select(vec![
        "วันที่",
        "พรุ่งนี้",
        "บ่ายสาม",
        "ครึ่ง",
        "2569",
        "๕",
        "ห้าร้อย",
        "บาท",
        "%",
        " ",
        "-",
        ".",
        "/",
        ":",
        "+66",
        "081",
        "2345678",
        "BK",
        "240117",
        "โมก้า",
        "moka",
        "V60",
        "กรุงเทพ",
        "10110",
        "https://a.b",
        "@",
        "between",
        "to",
        "ถึง",
        "明天",
        "三点半",
        "不",
        "😀",
        "\u{e31}",
        "\u{e48}",
        "\u{200d}",
        "5555",
        "มากกกก",
        "\u{202e}",
        "Ａ",
        "half past",
        "million",
        "พัน",
        "ล้าน",
    ]);
    let mut config = ProptestConfig::with_cases(400);
    config.failure_persistence = None;
    proptest!(config, |(pieces in proptest::collection::vec(piece, 0..120))| {
        check(&interpreter, &pieces.concat());
    });
}

#[test]
fn ten_thousand_emoji_and_a_million_letters_without_a_space_are_understood() {
    let interpreter = interpreter();
    for (unit, count) in [
        ("😀", 10_000),
        ("👩‍👩‍👧‍👦", 10_000),
        ("🇹🇭", 10_000),
        ("ที่สุดแห่งความอร่อย", 53_000),
        ("ก", 1_000_000),
        ("\u{e49}", 1_000_000),
        ("ห้าร้อย", 150_000),
        ("9", 1_000_000),
        ("是", 1_000_000),
    ] {
        let text = unit.repeat(count);
        let found = check(&interpreter, &text);
        assert_eq!(found.text.len(), text.len(), "{unit}");
    }
}
