//! Cutting a long text where it hurts least.

use icu_segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu_segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};

use crate::LengthUnit;

/// `text` in pieces of at most `limit` units (limits below 4 count as 4, so that every character fits). A text that fits
/// stays as it is; a blank one has no pieces. A longer one is cut at the last line border of the second half of what
/// fits, else sentence, space or word (Thai, Chinese, Japanese, Khmer, Lao and Burmese by dictionary), else grapheme;
/// only a single grapheme beyond the limit is cut inside. White space at the cuts is left out, nothing else.
pub(super) fn split(text: &str, unit: LengthUnit, limit: usize) -> Vec<String> {
    let limit = limit.max(4);
    if text.trim().is_empty() {
        return Vec::new();
    }
    if unit.measure(text) <= limit {
        return vec![text.to_owned()];
    }
    let borders = Borders::of(text);
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = start + longest(&text[start..], unit, limit);
        let cut = if end == text.len() { end } else { borders.best(start, end) };
        let piece = text[start..cut].trim_end();
        if !piece.is_empty() {
            pieces.push(piece.to_owned());
        }
        let rest = &text[cut..];
        start = cut + (rest.len() - rest.trim_start().len());
    }
    pieces
}

/// The length in bytes of the longest start of `text` that fits.
fn longest(text: &str, unit: LengthUnit, limit: usize) -> usize {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += match unit {
            LengthUnit::Characters => 1,
            LengthUnit::Utf16 => character.len_utf16(),
            LengthUnit::Bytes => character.len_utf8(),
        };
        if used > limit {
            return at;
        }
    }
    text.len()
}

/// The places at which a text may be cut, in bytes, rising.
struct Borders {
    /// Best first: lines, sentences, spaces, words.
    good: [Vec<usize>; 4],
    graphemes: Vec<usize>,
}

impl Borders {
    fn of(text: &str) -> Self {
        let after = |matches: fn(char) -> bool| {
            text.char_indices().filter(move |(_, c)| matches(*c)).map(|(at, c)| at + c.len_utf8()).collect()
        };
        let sentences = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
        let words = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
        Self {
            good: [
                after(|c| c == '\n'),
                sentences.segment_str(text).collect(),
                after(char::is_whitespace),
                words.segment_str(text).collect(),
            ],
            graphemes: GraphemeClusterSegmenter::new().segment_str(text).collect(),
        }
    }

    /// Where to cut so that the piece begins at `start` and ends no later than `end`.
    fn best(&self, start: usize, end: usize) -> usize {
        let half = start + (end - start) / 2;
        let good = self.good.iter().find_map(|borders| last_in(borders, half, end));
        good.or_else(|| last_in(&self.graphemes, start, end)).unwrap_or(end)
    }
}

/// The last border after `start` and not after `end`.
fn last_in(borders: &[usize], start: usize, end: usize) -> Option<usize> {
    let last = borders[..borders.partition_point(|border| *border <= end)].last()?;
    (*last > start).then_some(*last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, unit: LengthUnit, limit: usize, pieces: &[&str]) {
        assert_eq!(split(text, unit, limit), pieces, "{text} in {limit}");
    }

    #[test]
    fn a_text_that_fits_is_untouched() {
        check("  hello \n", LengthUnit::Characters, 9, &["  hello \n"]);
        check(" \n\u{3000}", LengthUnit::Characters, 9, &[]);
        check("", LengthUnit::Bytes, 9, &[]);
    }

    #[test]
    fn sentences_stay_whole_where_they_can() {
        check(
            "We open at nine. We close at five. Come in!",
            LengthUnit::Characters,
            36,
            &["We open at nine. We close at five.", "Come in!"],
        );
        check("First line\nSecond line", LengthUnit::Characters, 15, &["First line", "Second line"]);
        check(
            "今天下雨。明天晴天。后天呢?",
            LengthUnit::Characters,
            10,
            &["今天下雨。明天晴天。", "后天呢?"],
        );
    }

    #[test]
    fn words_stay_whole_in_a_long_sentence() {
        check("alpha beta gamma delta", LengthUnit::Characters, 12, &["alpha beta", "gamma delta"]);
        check("ร้านเปิดทุกวันเวลาเก้าโมงเช้า", LengthUnit::Characters, 15, &["ร้านเปิดทุกวัน", "เวลาเก้าโมงเช้า"]);
    }

    #[test]
    fn graphemes_stay_whole_in_a_long_word() {
        let family = "👨‍👩‍👧";
        check(&family.repeat(3), LengthUnit::Utf16, 17, &[&family.repeat(2), family]);
        check("ที่ที่ที่", LengthUnit::Bytes, 10, &["ที่", "ที่", "ที่"]);
    }

    #[test]
    fn one_giant_grapheme_is_cut_inside() {
        let zalgo = format!("a{}", "\u{301}".repeat(9));
        let pieces = split(&zalgo, LengthUnit::Characters, 4);
        assert_eq!(pieces.concat(), zalgo);
        assert!(pieces.iter().all(|piece| piece.chars().count() <= 4));
    }
}
