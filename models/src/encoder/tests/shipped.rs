//! The shipped encoders against vectors of the packages they were made from.

use std::path::PathBuf;

use serde::Deserialize;

use super::*;
use crate::runtime::test_runtime;

/// What the original gives for one text.
#[derive(Deserialize)]
struct Reference {
    text: String,
    vector: Vec<f32>,
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot =
        |left: &[f32], right: &[f32]| left.iter().zip(right).map(|(left, right)| left * right).sum::<f32>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

fn check_reference(name: &str, references: &str) {
    let encoder = Encoder::load(&test_runtime(), &registry().join(name), &EncoderOptions::default()).unwrap();
    assert_eq!(encoder.card().name, name);
    let references: Vec<Reference> = serde_json::from_str(references).unwrap();
    let asked: Vec<String> = references.iter().map(|reference| reference.text.clone()).collect();
    let together = encoder.encode_blocking(&asked, Purpose::Query).unwrap();
    for (reference, found) in references.iter().zip(&together) {
        let near = cosine(found, &reference.vector);
        assert!(near > 0.999, "{name} {:?}: {near}", reference.text);
        let alone = encoder.encode_blocking(std::slice::from_ref(&reference.text), Purpose::Query).unwrap();
        assert!(cosine(&alone[0], found) > 0.999_9, "{name} {:?} alone", reference.text);
    }
    // The same sentence in Thai, English and Chinese, then an unrelated one: meaning must win over language.
    let meanings =
        texts(&["พัสดุของฉันอยู่ที่ไหน", "Where is my parcel?", "我的包裹在哪里？", "ขอบคุณมากค่ะ อร่อยมาก"]);
    let vectors = encoder.encode_blocking(&meanings, Purpose::Query).unwrap();
    for other in 1..3 {
        assert!(cosine(&vectors[0], &vectors[other]) > cosine(&vectors[0], &vectors[3]), "{name} {other}");
    }
    let odd = texts(&["", " \n", "\u{0}", &"ยาวมาก ".repeat(2_000)]);
    assert_eq!(encoder.encode_blocking(&odd, Purpose::Passage).unwrap().len(), odd.len());
}

#[test]
fn e5_agrees_with_its_original() {
    check_reference("multilingual-e5-small", include_str!("e5-reference.json"));
}

#[test]
fn use_agrees_with_its_original() {
    check_reference("use-multilingual-v3", include_str!("use-reference.json"));
}

fn registry() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("registry")
}
