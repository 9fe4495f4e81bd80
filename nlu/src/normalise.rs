//! One spelling for what people type in many: the text that every model sees, with the way back to the original.

mod emoji;
mod stretched;
mod thai;
mod token;

pub(crate) use crate::normalise::thai::{is_consonant as is_thai_consonant, is_follower as is_thai_follower};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text in canonical spelling: NFC, ASCII digits and Latin instead of full-width and Thai ones, Thai marks in the
/// order of the keyboard standard (WTT 2.0), nothing invisible outside emoji, no letters repeated for emphasis, single
/// spaces. Letter case, signs, digits and emoji are kept. Every character knows the scalar values of the original that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    text: String,
    spans: Vec<Span>,
}

/// Scalar values of the original, end exclusive.
type Span = (u32, u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    character: char,
    span: Span,
}

impl Normalised {
    /// Takes time linear in the length of the text.
    pub fn new(original: &str) -> Self {
        let pieces = stretched::collapse(&thai::repair(&compose(&fold(original))));
        Self {
            text: pieces.iter().map(|piece| piece.character).collect(),
            spans: pieces.iter().map(|piece| piece.span).collect(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of scalar values of the normalised text.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The scalar values of the original that `start..end` (scalar values of the normalised text) stands for.
    /// `(0, 0)` where the range is empty or not inside the text.
    pub fn original_span(&self, start: usize, end: usize) -> (usize, usize) {
        let covered = self.spans.get(start..end).unwrap_or_default();
        let first = covered.iter().map(|span| span.0).min().unwrap_or(0);
        let last = covered.iter().map(|span| span.1).max().unwrap_or(0);
        (first as usize, last as usize)
    }
}

/// Drops what cannot be seen, outside emoji, and folds widths, Thai digits and all kinds of space.
fn fold(original: &str) -> Vec<Piece> {
    let mut folded_pieces: Vec<Piece> = Vec::with_capacity(original.len() / 2);
    let mut numbered = original.chars().enumerate().peekable();
    while let Some((index, character)) = numbered.next() {
        let before = folded_pieces.last().map(|piece| piece.character);
        let after = numbered.peek().map(|(_, character)| *character);
        if is_invisible(character) && !emoji::is_part(character, before, after) {
            continue;
        }
        let index = index as u32;
        folded_pieces.push(Piece { character: folded(character), span: (index, index + 1) });
    }
    folded_pieces
}

/// Zero-width and direction characters, variation selectors, soft hyphen, byte-order mark.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn folded(character: char) -> char {
    let shifted = |by: u32| char::from_u32(character as u32 - by).unwrap_or(character);
    match character {
        '๐'..='๙' => shifted('๐' as u32 - '0' as u32),
        '！'..='～' => shifted('！' as u32 - '!' as u32),
        character if character.is_whitespace() || character.is_control() => ' ',
        character => character,
    }
}

/// NFC, one base character with its marks at a time, so that spans stay exact.
fn compose(pieces: &[Piece]) -> Vec<Piece> {
    if pieces.iter().all(|piece| piece.character.is_ascii()) {
        return pieces.to_vec();
    }
    let mut composed = Vec::with_capacity(pieces.len());
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        let marks = rest[1..].iter().take_while(|piece| joins(piece.character)).count();
        let (cluster, after) = rest.split_at(1 + marks);
        rest = after;
        if marks == 0 && first.character.is_ascii() {
            composed.push(*first);
            continue;
        }
        let characters = || cluster.iter().map(|piece| piece.character);
        if characters().nfc().eq(characters()) {
            composed.extend_from_slice(cluster);
        } else {
            let span = (first.span.0, cluster[cluster.len() - 1].span.1);
            composed.extend(characters().nfc().map(|character| Piece { character, span }));
        }
    }
    composed
}

/// Combining marks and the Hangul vowels and finals that compose with the character before them.
fn joins(character: char) -> bool {
    is_combining_mark(character) || matches!(character, '\u{1160}'..='\u{11ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(original: &str, expected: &str) {
        assert_eq!(Normalised::new(original).text(), expected, "{original:?}");
    }

    #[test]
    fn one_spelling_for_many() {
        check("  สวัสดี\u{200b}ค่ะ \n\t ", "สวัสดีค่ะ");
        check("๑๒๓ บาท", "123 บาท");
        check("ＡＢ１２　円", "AB12 円");
        check("น\u{e49}\u{e33}", "น\u{e49}\u{e33}");
        check("น\u{e4d}\u{e49}\u{e32}", "น\u{e49}\u{e33}");
        check("น\u{e49}\u{e4d}\u{e32}", "น\u{e49}\u{e33}");
        check("น\u{e33}\u{e49}", "น\u{e49}\u{e33}");
        check("ท\u{e48}\u{e35}", "ท\u{e35}\u{e48}");
        check("ท\u{e35}\u{e48}\u{e48}", "ท\u{e35}\u{e48}");
        check("เเพง", "แพง");
        check("มากกกกกกก", "มาก");
        check("กรรม", "กรรม");
        check("soooo gooood!!!!!", "so good!!!!!");
        check("cooool hellooo tooo kaaa NOOOO", "cool hello too ka NO");
        check("XXXL AAA-001 aaa@example.com krubbb5555", "XXXL AAA-001 aaa@example.com krub5555");
        check("ตอนนนนี้ มากกกกว่า กรรรรม ด่วนนนน", "ตอนนี้ มากกว่า กรรม ด่วน");
        check(
            "โ\u{e49}กโก\u{e49} ค\u{e30}\u{e48} ท\u{e48}\u{e35}\u{e48}",
            "โก\u{e49}โก\u{e49} ค\u{e48}\u{e30} ท\u{e35}\u{e48}",
        );
        check("ค\u{e48}าาา จะะ เร็วๆๆๆ", "ค\u{e48}า จะ เร็วๆๆๆ");
        check("555555", "555555");
        check("see www.example.com AAA001", "see www.example.com AAA001");
        check("哈哈哈哈", "哈哈");
        check("cafe\u{301}", "café");
        check("\u{1112}\u{1161}\u{11ab}", "한");
        check("😭😭😭😭", "😭😭😭😭");
        check("👩\u{200d}🔧 ❤\u{fe0f} 1\u{fe0f}\u{20e3}", "👩\u{200d}🔧 ❤\u{fe0f} 1\u{fe0f}\u{20e3}");
        check("ก\u{200d}า a\u{fe0f}", "กา a");
        check("", "");
        check("\u{200b}", "");
    }

    fn check_span(original: &str, needle: &str, expected: &str) {
        let normalised = Normalised::new(original);
        let byte = normalised.text().find(needle).unwrap();
        let start = normalised.text()[..byte].chars().count();
        let (start, end) = normalised.original_span(start, start + needle.chars().count());
        let found: String = original.chars().skip(start).take(end - start).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn spans_lead_back_to_the_original() {
        check_span("\u{feff}เลข ๑๒๓ ค่ะ", "123", "๑๒๓");
        check_span("ถูกมากกกกกเลย", "มาก", "มากกกกก");
        check_span("ด\u{200b}อ\u{200b}ยช้าง", "ดอยช้าง", "ด\u{200b}อ\u{200b}ยช้าง");
        check_span("cafe\u{301} ok", "café", "cafe\u{301}");
        check_span("ไม่่เอา", "ไม่", "ไม่่");
        check_span("ท\u{e48}\u{e35}\u{e48}อยู่", "ท\u{e35}\u{e48}", "ท\u{e48}\u{e35}\u{e48}");
        check_span("เเพงงงง", "แพง", "เเพงงงง");
        check_span("ＢＫ２４０１１７　到哪了", "BK240117", "ＢＫ２４０１１７");
        assert_eq!(Normalised::new("a").original_span(0, 5), (0, 0));
    }

    proptest! {
        #[test]
        fn any_text_normalises_to_a_fixed_point_with_spans_inside(text in "(\\PC|[กาำํ่้ีเแ ]){0,40}") {
            let once = Normalised::new(&text);
            prop_assert_eq!(once.len(), once.text().chars().count());
            let count = text.chars().count();
            for index in 0..once.len() {
                let (start, end) = once.original_span(index, index + 1);
                prop_assert!(start < end && end <= count);
            }
            let twice = Normalised::new(once.text());
            let thrice = Normalised::new(twice.text());
            prop_assert_eq!(twice.text(), thrice.text());
        }
    }
}
