use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::tokenizer::{encode_with_library, library};

const MODELS: [&str; 2] = ["multilingual-e5-small", "use-multilingual-v3"];
const LONG: usize = 1 << 20;

/// One of the shipped tokenizers in both implementations.
struct Pair {
    name: &'static str,
    own: Unigram,
    library: tokenizers::Tokenizer,
}

fn pairs() -> Vec<Pair> {
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("registry");
    MODELS
        .iter()
        .map(|name| {
            let json = std::fs::read(registry.join(name).join("tokenizer.json")).unwrap();
            Pair { name, own: Unigram::parse(&json).unwrap(), library: library(&json).unwrap() }
        })
        .collect()
}

fn check(pair: &Pair, text: &str) {
    let library = encode_with_library(&pair.library, text, LONG).unwrap();
    assert_eq!(pair.own.encode(text, LONG), library, "{}: {text:?}", pair.name);
}

#[test]
fn hard_texts_give_the_librarys_ids() {
    let texts = [
        "",
        " ",
        "  สวัสดีค่ะ   ขอสอบถามราคา\nสินค้าหน่อยค่ะ\r\n\r\n",
        "พัสดุ iPhone15Proสีดำ ๒๕๖๙ ราคาOnlineกี่บาท??",
        "กำกำ ก ำ เเปลก แปลก ปีี่",
        "Where's my ORDER #TH000123?",
        "我的订单在哪里？「请」帮我查一下。",
        "ｶﾀｶﾅ ＡＢＣ　①②③ ㌔ ㎏ ﬁ ½",
        "배송이 언제 오나요 각 가\u{301}",
        "❤️👍🏻👨‍👩‍👧🇹🇭 💒 ʕ•ᴥ•ʔ",
        "e\u{301}\u{302} n\u{303} a\u{30a} Å \u{feff}\u{200b}\u{200d}\u{ad}",
        "\u{0}\u{1}\u{7f}\u{85}\u{a0}\u{2028}\u{3000}\t\u{fffd}\u{10ffff}",
        "ཀཁ ខ្មែរ ລາວ हिन्दी العربية עברית",
        "▁▁already▁marked ▁",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "555555555555 ฮ่าๆๆๆๆๆๆๆๆๆๆ",
    ];
    for pair in &pairs() {
        for text in texts {
            check(pair, text);
            let library = encode_with_library(&pair.library, text, 8).unwrap();
            assert_eq!(pair.own.encode(text, 8), library, "{}: {text:?}", pair.name);
        }
    }
}

#[test]
fn names_of_special_tokens_are_plain_text() {
    for pair in &pairs() {
        let ids = pair.own.encode("a</s>b<s><mask><unk><pad>", LONG);
        let inner = &ids[1..ids.len() - 1];
        let special = [pair.own.start, pair.own.end, pair.own.unknown];
        assert!(inner.iter().all(|id| !special.contains(id)), "{}: {ids:?}", pair.name);
    }
}

#[test]
fn long_texts_are_cut_between_the_special_tokens() {
    for pair in &pairs() {
        let text = "ขอเลขพัสดุหน่อยครับ ".repeat(2000);
        let whole = pair.own.encode(&text, LONG);
        let cut = pair.own.encode(&text, 512);
        assert_eq!((cut.len(), cut.last()), (512, whole.last()));
        assert_eq!(cut[..511], whole[..511]);
    }
}

/// Every line of the repository's bots and, where a checkout has them, of the shared data sets.
#[test]
fn corpora_give_the_librarys_ids() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lines = Vec::new();
    lines_under(&here.join("../dialogues/bots"), 20_000, &mut lines);
    let shared = here.join("../../shared/data");
    if shared.is_dir() {
        lines_under(&shared, 1_500, &mut lines);
    } else {
        #[expect(clippy::disallowed_methods, reason = "a test asks what its lane requires")]
        let required = std::env::var("SALA_REQUIRE").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == "shared"), "needs the shared data");
        eprintln!("SKIPPED part of corpora_give_the_librarys_ids: no shared data");
    }
    for pair in &pairs() {
        for line in &lines {
            check(pair, line);
        }
    }
}

/// At most `most` lines of each text file, raw: the syntax around the sentences is text as well.
fn lines_under(folder: &Path, most: usize, lines: &mut Vec<String>) {
    if !folder.is_dir() {
        return;
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            lines_under(&path, most, lines);
        } else if path
            .extension()
            .is_some_and(|kind| ["yaml", "md", "jsonl", "csv"].iter().any(|known| kind == *known))
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            lines
                .extend(text.lines().filter(|line| !names_special_token(line)).take(most).map(str::to_owned));
        }
    }
}

fn names_special_token(text: &str) -> bool {
    ["<s>", "</s>", "<unk>", "<pad>", "<mask>"].iter().any(|name| text.contains(name))
}

/// 6,000 made-up texts for each model: mixtures of scripts, combining marks, emoji, controls and anything else.
#[test]
fn random_texts_give_the_librarys_ids() {
    let pairs = pairs();
    let text = proptest::collection::vec(
        prop_oneof![
            "[ก-๛]{1,12}",
            "[a-zA-Z0-9 ]{1,12}",
            "[一-鿿]{1,6}",
            "[ぁ-ヿ]{1,6}",
            "[가-힣]{1,6}",
            "[\u{300}-\u{36f}\u{200b}-\u{200f}\u{fe00}-\u{fe0f}]{1,3}",
            "[\u{1f300}-\u{1faff}]{1,3}",
            "[ \\t\\r\\n\u{a0}\u{3000}]{1,4}",
            "[\u{ff00}-\u{ffef}\u{2460}-\u{24ff}\u{fb00}-\u{fb06}]{1,4}",
            "\\PC{1,6}",
            proptest::collection::vec(any::<char>(), 1..4)
                .prop_map(|characters| characters.into_iter().collect()),
        ],
        0..8,
    );
    let config = ProptestConfig { cases: 6_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(parts in text)| {
        let text = parts.concat();
        pairs.iter().filter(|_| !names_special_token(&text)).for_each(|pair| check(pair, &text));
    });
}

#[test]
fn other_kinds_of_files_are_refused_with_the_reason() {
    let json = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("registry/use-multilingual-v3/tokenizer.json"),
    )
    .unwrap();
    for (from, to, reason) in [
        ("\"byte_fallback\":false", "\"byte_fallback\":true", "byte_fallback"),
        ("\"unk_id\":0", "\"unk_id\":999999", "unk_id"),
        ("\"replacement\":\"▁\"", "\"replacement\":\"_\"", "replacement"),
        ("\"prepend_scheme\":\"always\"", "\"prepend_scheme\":\"never\"", "never"),
        (" {2,}", " {3,}", "other steps"),
        ("\"type\":\"Unigram\"", "\"type\":\"BPE\"", "BPE"),
        ("\"special\":true", "\"special\":false", "not special"),
    ] {
        assert!(json.contains(from), "{from}");
        let error = Unigram::parse(json.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert!(error.contains(reason), "{from}: {error}");
    }
}
