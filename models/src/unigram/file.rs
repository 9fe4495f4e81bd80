//! The kind of `tokenizer.json` that the Unigram tokenizer understands, and nothing wider.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
pub(super) struct File<'a> {
    pub(super) added_tokens: Vec<AddedToken>,
    #[serde(borrow)]
    pub(super) normalizer: Normalizers<'a>,
    pub(super) pre_tokenizer: Metaspace,
    post_processor: Template,
    #[serde(borrow)]
    pub(super) model: Model<'a>,
}

#[derive(Deserialize)]
pub(super) struct AddedToken {
    pub(super) id: u32,
    special: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Normalizers<'a> {
    Sequence {
        #[serde(borrow)]
        normalizers: Vec<Normalizer<'a>>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Normalizer<'a> {
    Precompiled {
        #[serde(deserialize_with = "from_base64")]
        precompiled_charsmap: Vec<u8>,
    },
    Strip {
        strip_left: bool,
        strip_right: bool,
    },
    Replace {
        #[serde(borrow)]
        pattern: Pattern<'a>,
        content: Cow<'a, str>,
    },
}

#[derive(Deserialize)]
pub(super) enum Pattern<'a> {
    #[serde(borrow)]
    Regex(Cow<'a, str>),
}

/// The normaliser as its parts.
pub(super) struct NormalizerParts<'a> {
    pub(super) charsmap: &'a [u8],
    pub(super) strips: bool,
}

#[derive(Deserialize)]
enum MetaspaceKind {
    Metaspace,
}

#[derive(Deserialize)]
pub(super) struct Metaspace {
    #[serde(rename = "type")]
    _kind: MetaspaceKind,
    replacement: char,
    #[serde(rename = "prepend_scheme")]
    _prepend_scheme: Always,
    pub(super) split: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Always {
    Always,
}

#[derive(Deserialize)]
struct Template {
    single: Vec<Part>,
    special_tokens: HashMap<String, SpecialToken>,
}

#[derive(Deserialize)]
enum Part {
    SpecialToken { id: String },
    Sequence {},
}

#[derive(Deserialize)]
struct SpecialToken {
    ids: Vec<u32>,
}

#[derive(Deserialize)]
pub(super) struct Model<'a> {
    #[serde(rename = "type")]
    _kind: UnigramKind,
    pub(super) unk_id: u32,
    #[serde(borrow)]
    pub(super) vocab: Vec<Piece<'a>>,
    byte_fallback: bool,
}

#[derive(Deserialize)]
enum UnigramKind {
    Unigram,
}

/// A piece and its log probability.
#[derive(Deserialize)]
pub(super) struct Piece<'a>(#[serde(borrow)] pub(super) Cow<'a, str>, pub(super) f64);

impl File<'_> {
    /// The ids of the start and the end token. Also checks what the types cannot say.
    pub(super) fn frame(&self) -> Result<(u32, u32), String> {
        if self.model.byte_fallback {
            return Err("byte_fallback is not supported".to_owned());
        }
        if self.pre_tokenizer.replacement != super::MARK {
            return Err("another replacement for spaces".to_owned());
        }
        if let Some(token) = self.added_tokens.iter().find(|token| !token.special) {
            return Err(format!("added token {} is not special", token.id));
        }
        let [Part::SpecialToken { id: start }, Part::Sequence {}, Part::SpecialToken { id: end }] =
            &self.post_processor.single[..]
        else {
            return Err("the template is not start, text, end".to_owned());
        };
        Ok((self.special(start)?, self.special(end)?))
    }

    fn special(&self, name: &str) -> Result<u32, String> {
        match self.post_processor.special_tokens.get(name).map(|token| &token.ids[..]) {
            Some([id]) => Ok(*id),
            _ => Err(format!("the template's {name} is not one token")),
        }
    }
}

impl Normalizers<'_> {
    pub(super) fn parts(&self) -> Result<NormalizerParts<'_>, String> {
        let Self::Sequence { normalizers } = self;
        let [Normalizer::Precompiled { precompiled_charsmap: charsmap }, rest @ ..] = &normalizers[..] else {
            return Err("the normaliser does not start with a charsmap".to_owned());
        };
        let (strips, rest) = match rest {
            [Normalizer::Strip { strip_left: true, strip_right: true }, rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        match rest {
            [Normalizer::Replace { pattern: Pattern::Regex(pattern), content }]
                if pattern == " {2,}" && content == " " =>
            {
                Ok(NormalizerParts { charsmap, strips })
            }
            _ => Err("the normaliser has other steps".to_owned()),
        }
    }
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text: Cow<'de, str> = Deserialize::deserialize(deserializer)?;
    STANDARD.decode(text.as_bytes()).map_err(serde::de::Error::custom)
}
