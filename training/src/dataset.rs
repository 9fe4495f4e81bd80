//! Labelled texts, and which of them are kept blind.

use std::fmt::Write as _;

use nlu::{Language, Normalised};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::embed::TextHash;

/// A text with its label. The label [`nlu::OUT_OF_SCOPE`] marks what no intent should answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    pub text: String,
    pub label: String,
    pub language: Language,
}

/// An entity marked in an example: scalar values of the plain text, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MarkedSpan {
    pub start: usize,
    pub end: usize,
    pub entity: String,
}

impl Example {
    pub fn new(text: impl Into<String>, label: impl Into<String>, language: Language) -> Self {
        Self { text: text.into(), label: label.into(), language }
    }

    /// Reads the marks of an intent file: `[BK240117](order_number)` becomes the plain text and a span. Brackets that
    /// are not followed by a name in parentheses stay as they are.
    pub fn parse_marked(marked: &str) -> (String, Vec<MarkedSpan>) {
        let (mut plain, mut spans) = (String::new(), Vec::new());
        let mut rest = marked;
        while let Some(open) = rest.find('[') {
            plain.push_str(&rest[..open]);
            rest = &rest[open..];
            let Some((value, entity, length)) = mark(rest) else {
                plain.push('[');
                rest = &rest[1..];
                continue;
            };
            let start = plain.chars().count();
            plain.push_str(value);
            let end = start + value.chars().count();
            spans.push(MarkedSpan { start, end, entity: entity.to_owned() });
            rest = &rest[length..];
        }
        plain.push_str(rest);
        (plain, spans)
    }

    /// Blind examples are those whose hash says so: a fifth, the same on every machine and after every change of the
    /// other examples.
    pub fn split(&self) -> Split {
        split_of(&text_hash(&self.text))
    }
}

pub(crate) fn split_of(text: &TextHash) -> Split {
    if text[0].is_multiple_of(5) { Split::Blind } else { Split::Train }
}

/// The value, the entity and the length in bytes of a mark at the start of `text`.
fn mark(text: &str) -> Option<(&str, &str, usize)> {
    let close = text.find("](")?;
    let value = &text[1..close];
    let end = close + 2 + text[close + 2..].find(')')?;
    let entity = &text[close + 2..end];
    let named = !entity.is_empty() && entity.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (named && !value.is_empty() && !value.contains('[')).then_some((value, entity, end + 1))
}

/// What an example is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    Train,
    /// Only for measuring.
    Blind,
}

/// The SHA-256 of the text as the models see it, so that spelling variants share one embedding and one split.
pub fn text_hash(text: &str) -> TextHash {
    normalised_hash(&Normalised::new(text))
}

/// The SHA-256 of the text as it was written: judging sets are halved by it.
pub fn raw_hash(text: &str) -> TextHash {
    Sha256::digest(text.as_bytes()).into()
}

pub(crate) fn normalised_hash(text: &Normalised) -> TextHash {
    Sha256::digest(text.text().as_bytes()).into()
}

/// Examples of one bot, each text once for each label.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dataset {
    examples: Vec<Example>,
}

impl Dataset {
    /// Sorts and drops repetitions and empty texts, so that the order of files does not matter.
    pub fn new(mut examples: Vec<Example>) -> Self {
        examples.retain(|example| !Normalised::new(&example.text).is_empty() && !example.label.is_empty());
        examples.sort_by(|left, right| (&left.label, &left.text).cmp(&(&right.label, &right.text)));
        examples.dedup_by(|right, left| left.label == right.label && left.text == right.text);
        Self { examples }
    }

    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// The labels in order, the out-of-scope label last where there is one.
    pub fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = self.examples.iter().map(|example| example.label.clone()).collect();
        labels.dedup();
        labels.sort_by_key(|label| label == nlu::OUT_OF_SCOPE);
        labels
    }

    /// SHA-256 over all examples in lower-case hexadecimal: equal for equal data, whatever its order.
    pub fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        for example in &self.examples {
            for part in [example.label.as_str(), example.text.as_str(), example.language.code()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        hexadecimal(&hash.finalize())
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(marked: &str, plain: &str, spans: &[(usize, usize, &str)]) {
        let (found, marks) = Example::parse_marked(marked);
        assert_eq!(found, plain);
        let marks: Vec<_> = marks.iter().map(|span| (span.start, span.end, span.entity.as_str())).collect();
        assert_eq!(marks, spans, "{marked}");
    }

    #[test]
    fn marks_become_spans_of_scalar_values() {
        check("ออเดอร์ [BK240117](order_number) ถึงไหน", "ออเดอร์ BK240117 ถึงไหน", &[(8, 16, "order_number")]);
        check(
            "[แก้วกระดาษ](product)ที่สั่ง[燕麦奶](product)",
            "แก้วกระดาษที่สั่ง燕麦奶",
            &[(0, 10, "product"), (17, 20, "product")],
        );
        check("no marks [here] (or here)", "no marks [here] (or here)", &[]);
        check("[open", "[open", &[]);
        check("[x](y z)", "[x](y z)", &[]);
        check("", "", &[]);
    }

    #[test]
    fn datasets_ignore_order_and_repetition() {
        let examples = |order: [usize; 4]| {
            let all = [("b", "สวัสดี"), ("a", "order"), ("oos", "天气"), ("b", "สวัสดี")];
            let pick = |index: usize| Example::new(all[index].1, all[index].0, Language::Unknown);
            Dataset::new(order.map(pick).to_vec())
        };
        let (left, right) = (examples([0, 1, 2, 3]), examples([3, 2, 1, 0]));
        assert_eq!(left, right);
        assert_eq!(left.examples().len(), 3);
        assert_eq!(left.labels(), ["a", "b", "oos"]);
        assert_eq!(left.content_hash(), right.content_hash());
        let other = Dataset::new(vec![Example::new("order", "a", Language::English)]);
        assert_ne!(left.content_hash(), other.content_hash());
        assert_eq!(other.content_hash().len(), 64);
    }

    #[test]
    fn about_a_fifth_is_blind_and_spelling_variants_stay_together() {
        let split = |text: &str| Example::new(text, "a", Language::Unknown).split();
        let blind = (0..1000).filter(|index| split(&format!("text {index}")) == Split::Blind).count();
        assert!((150..250).contains(&blind), "{blind}");
        assert_eq!(split("มากกกก"), split("มาก"));
    }
}
