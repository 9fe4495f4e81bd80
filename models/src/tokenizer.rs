//! Text to token ids.

use std::path::Path;

use tokenizers::{PostProcessor as _, TruncationDirection};
use tracing::debug;

use crate::error::LoadError;
use crate::unigram::Unigram;

/// A tokenizer read from a `tokenizer.json`.
#[derive(Debug)]
pub struct Tokenizer {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// The shipped encoders: small in memory and fast.
    Unigram(Box<Unigram>),
    /// Every other kind: WordPiece, BPE, Unigram with other normalisers.
    Library(Box<tokenizers::Tokenizer>),
}

impl Tokenizer {
    /// Reads the file; which implementation runs it follows from its content.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let json =
            std::fs::read(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
        match Unigram::parse(&json) {
            Ok(unigram) => return Ok(Self { kind: Kind::Unigram(Box::new(unigram)) }),
            Err(reason) => debug!(path = %path.display(), reason, "tokenizer runs on the library"),
        }
        let library =
            library(&json).map_err(|reason| LoadError::BadTokenizer { path: path.to_owned(), reason })?;
        Ok(Self { kind: Kind::Library(Box::new(library)) })
    }

    /// One more than the largest id that a text can get.
    pub(crate) fn ids(&self) -> usize {
        match &self.kind {
            Kind::Unigram(unigram) => unigram.ids(),
            Kind::Library(library) => {
                library.get_vocab(true).into_values().max().map_or(0, |largest| largest as usize + 1)
            }
        }
    }

    /// The ids of a text between its special tokens, at most `max_tokens` in all: the text's end is cut, never the
    /// special tokens.
    pub fn encode(&self, text: &str, max_tokens: usize) -> Result<Vec<u32>, String> {
        match &self.kind {
            Kind::Unigram(unigram) => Ok(unigram.encode(text, max_tokens)),
            Kind::Library(library) => encode_with_library(library, text, max_tokens),
        }
    }
}

/// The library's tokenizer without the padding and cutting that its file may ask for.
pub(crate) fn library(json: &[u8]) -> Result<tokenizers::Tokenizer, String> {
    let mut library = tokenizers::Tokenizer::from_bytes(json).map_err(|error| error.to_string())?;
    library.with_padding(None);
    library.with_truncation(None).map_err(|error| error.to_string())?;
    library.set_encode_special_tokens(true);
    Ok(library)
}

pub(crate) fn encode_with_library(
    library: &tokenizers::Tokenizer,
    text: &str,
    max_tokens: usize,
) -> Result<Vec<u32>, String> {
    let mut encoding = library.encode_fast(text, false).map_err(|error| error.to_string())?;
    let special = library.get_post_processor().map_or(0, |processor| processor.added_tokens(false));
    encoding.truncate(max_tokens.saturating_sub(special), 0, TruncationDirection::Right);
    let encoding = library.post_process(encoding, None, true).map_err(|error| error.to_string())?;
    Ok(encoding.get_ids().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WordPiece tokenizer as BERT has it, which only the library runs.
    const WORD_PIECE: &str = r###"{
        "version": "1.0", "truncation": null, "padding": {"strategy": {"Fixed": 9}, "direction": "Right",
            "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [], "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                       {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                               "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "track": 4, "##ing": 5, "order": 6, "ส่ง": 7}}
    }"###;

    #[test]
    fn other_kinds_run_on_the_library_and_are_cut_between_the_special_tokens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokenizer.json");
        std::fs::write(&path, WORD_PIECE).unwrap();
        let tokenizer = Tokenizer::load(&path).unwrap();
        for (text, max_tokens, expected) in [
            ("Tracking order ส่ง", 16, vec![2, 4, 5, 6, 7, 3]),
            ("Tracking order", 4, vec![2, 4, 5, 3]),
            ("", 4, vec![2, 3]),
            ("订单", 4, vec![2, 1, 3]),
        ] {
            assert_eq!(tokenizer.encode(text, max_tokens).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_broken_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokenizer.json");
        for content in ["", "{}", "{\"model\": {\"type\": \"None\"}}"] {
            std::fs::write(&path, content).unwrap();
            let error = Tokenizer::load(&path).unwrap_err();
            assert!(error.to_string().contains("tokenizer.json"), "{error}");
        }
        assert!(matches!(
            Tokenizer::load(&folder.path().join("none.json")),
            Err(LoadError::Unreadable { .. })
        ));
    }
}
