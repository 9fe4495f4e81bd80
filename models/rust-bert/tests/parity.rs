//! The shipped encoder on libtorch and on ONNX must give the same vectors. This needs libtorch to link, and a folder that
//! `export/export_weights.py` has written.
#![cfg(not(feature = "doc-only"))]

use std::path::{Path, PathBuf};

use models::{Encode, Encoder, EncoderOptions, Purpose, Runtime, RuntimeSearch};
use sala_rust_bert::BACKENDS;

/// Of unlike lengths, so that some are padded; ONNX Runtime's kernels round activations to 8 bits, hence the tolerance.
const TEXTS: [&str; 8] = [
    "ของถึงไหนแล้วคะ",
    "ขอเปลี่ยนที่อยู่จัดส่งเป็นที่ทำงาน ซอยสุขุมวิท 55 แขวงคลองตันเหนือ เขตวัฒนา กรุงเทพฯ ได้ไหมครับ",
    "where is my parcel?",
    "I would like to return the blue shirt, since it is too small for me",
    "我的包裹到哪里了",
    "请问可以开发票吗",
    "555",
    "",
];
const LEAST_COSINE: f32 = 0.9995;

/// The exported folder; without one the test is skipped, unless `SALA_REQUIRE` names libtorch.
fn exported() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let folder = named("SALA_LIBTORCH_MODEL").map(PathBuf::from);
    if folder.is_none() {
        let reason = "SALA_LIBTORCH_MODEL names no folder of export/export_weights.py";
        let required = named("SALA_REQUIRE").unwrap_or_default();
        let is_required = required.to_string_lossy().split(',').any(|one| one.trim() == "libtorch");
        assert!(!is_required, "SALA_REQUIRE names libtorch, which is not here: {reason}");
        eprintln!("SKIPPED libtorch: {reason}");
    }
    folder
}

#[test]
fn libtorch_and_onnx_give_the_same_vectors() {
    let Some(exported) = exported() else { return };
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let runtime = Runtime::start(&RuntimeSearch::new(None, Some(&models))).with_others(&BACKENDS);
    let load = |folder: &Path| Encoder::load(&runtime, folder, &EncoderOptions::default()).unwrap();
    let (torch, onnx) = (load(&exported), load(&models.join("registry/multilingual-e5-small")));
    assert_eq!((torch.card().backend.as_str(), onnx.card().backend.as_str()), ("libtorch", "onnx"));
    let texts = TEXTS.map(str::to_owned);
    for purpose in [Purpose::Query, Purpose::Passage] {
        let found = torch.encode_blocking(&texts, purpose).unwrap();
        let expected = onnx.encode_blocking(&texts, purpose).unwrap();
        for ((text, found), expected) in texts.iter().zip(found).zip(expected) {
            let cosine: f32 = found.iter().zip(expected.iter()).map(|(left, right)| left * right).sum();
            eprintln!("{cosine:.6} {text}");
            assert!(cosine > LEAST_COSINE, "{purpose:?} {text}: {cosine}");
        }
    }
    torch.stop();
    onnx.stop();
}
