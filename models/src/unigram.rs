//! The Unigram tokenizer of SentencePiece models, small in memory.
//!
//! It reads the kind of `tokenizer.json` that the shipped encoders have and gives the same ids as the `tokenizers`
//! library, which needs 94 to 131 MB and 0.2 s to load one; this needs 6 MB and 0.06 s, and 6 µs for a sentence. One
//! difference is meant: names of special tokens within a text (`</s>`) are plain text here, as in SentencePiece
//! itself.

mod charsmap;
mod file;
mod piece_trie;

use unicode_segmentation::UnicodeSegmentation;

use charsmap::Charsmap;
use file::File;
use piece_trie::PieceTrie;

/// What stands for a space in a piece.
const MARK: char = '▁';

/// How far under the worst piece an unknown character scores, as in SentencePiece.
const UNKNOWN_PENALTY: f64 = 10.0;

#[derive(Debug)]
pub(crate) struct Unigram {
    charsmap: Charsmap,
    strips: bool,
    splits: bool,
    pieces: PieceTrie,
    /// Log probabilities by id.
    scores: Vec<f64>,
    unknown: u32,
    unknown_score: f64,
    start: u32,
    end: u32,
}

/// The best way found to reach a place in the text.
#[derive(Debug, Clone, Copy)]
struct Step {
    score: f64,
    /// Where its last piece starts; `NOWHERE` if the place has not been reached.
    from: u32,
    id: u32,
}

const NOWHERE: u32 = u32::MAX;

impl Unigram {
    /// Reads a `tokenizer.json`; an error says what about it is not of the kind described above.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let (start, end) = file.frame()?;
        let normalizer = file.normalizer.parts()?;
        let charsmap = Charsmap::parse(normalizer.charsmap)?;
        let unknown = file.model.unk_id;
        if unknown as usize >= file.model.vocab.len() {
            return Err("unk_id is not in the vocabulary".to_owned());
        }
        let scores: Vec<f64> = file.model.vocab.iter().map(|piece| piece.1).collect();
        let worst = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let special: Vec<u32> = file.added_tokens.iter().map(|token| token.id).collect();
        let plain = file.model.vocab.iter().zip(0_u32..).filter(|(_, id)| !special.contains(id));
        let pieces = PieceTrie::new(plain.map(|(piece, id)| (piece.0.as_bytes(), id)).collect());
        Ok(Self {
            charsmap,
            strips: normalizer.strips,
            splits: file.pre_tokenizer.split,
            pieces,
            scores,
            unknown,
            unknown_score: worst - UNKNOWN_PENALTY,
            start,
            end,
        })
    }

    /// One more than the largest id that a text can get.
    pub(crate) fn ids(&self) -> usize {
        self.scores.len().max(self.start as usize + 1).max(self.end as usize + 1)
    }

    /// The ids of a text between start and end, at most `max_tokens` in all. Linear in the text's length.
    pub(crate) fn encode(&self, text: &str, max_tokens: usize) -> Vec<u32> {
        let most = max_tokens.saturating_sub(1).max(1);
        let mut ids = vec![self.start];
        let prepared = self.prepare(text);
        let mut steps = Vec::new();
        for word in words(&prepared, self.splits) {
            self.cut(word, &mut steps, &mut ids);
            if ids.len() >= most {
                break;
            }
        }
        ids.truncate(most);
        ids.push(self.end);
        ids
    }

    /// Normalised, runs of spaces joined, marks for spaces, a mark in front. Empty where nothing is left.
    fn prepare(&self, text: &str) -> String {
        let normal = self.normalize(text);
        let normal = if self.strips { normal.trim() } else { &normal };
        let mut prepared = String::with_capacity(normal.len() + normal.len() / 4 + MARK.len_utf8());
        if !normal.is_empty() && !normal.starts_with([' ', MARK]) {
            prepared.push(MARK);
        }
        let mut after_space = false;
        for character in normal.chars() {
            match character {
                ' ' if after_space => {}
                ' ' => prepared.push(MARK),
                other => prepared.push(other),
            }
            after_space = character == ' ';
        }
        prepared
    }

    /// The map applied to whole grapheme clusters under 6 bytes, else to their characters: what the `tokenizers`
    /// library does, which differs from SentencePiece for a few combining sequences.
    fn normalize(&self, text: &str) -> String {
        let mut normal = String::with_capacity(text.len());
        for grapheme in text.graphemes(true) {
            if grapheme.len() < 6
                && let Some(replacement) = self.charsmap.replacement(grapheme)
            {
                normal.push_str(replacement);
                continue;
            }
            let mut buffer = [0; 4];
            for character in grapheme.chars() {
                let part = character.encode_utf8(&mut buffer);
                normal.push_str(self.charsmap.replacement(part).unwrap_or(part));
            }
        }
        normal
    }

    /// Appends the ids of the most probable cut (Viterbi). Neighbouring unknown characters become one id.
    fn cut(&self, word: &str, steps: &mut Vec<Step>, ids: &mut Vec<u32>) {
        steps.clear();
        steps.resize(word.len() + 1, Step { score: 0.0, from: NOWHERE, id: self.unknown });
        for (at, character) in word.char_indices() {
            let so_far = steps[at].score;
            let mut knows_character = false;
            self.pieces.prefixes(&word.as_bytes()[at..], |length, id| {
                knows_character |= length == character.len_utf8();
                steps[at + length].offer(so_far + self.scores[id as usize], at, id);
            });
            if !knows_character {
                steps[at + character.len_utf8()].offer(so_far + self.unknown_score, at, self.unknown);
            }
        }
        let before = ids.len();
        let mut at = word.len();
        while at > 0 {
            let step = steps[at];
            let joins = step.id == self.unknown && ids.len() > before && ids.last() == Some(&self.unknown);
            if !joins {
                ids.push(step.id);
            }
            at = step.from as usize;
        }
        ids[before..].reverse();
    }
}

impl Step {
    /// Takes a way to this place if it is the first or a better one.
    fn offer(&mut self, score: f64, from: usize, id: u32) {
        if self.from == NOWHERE || score > self.score {
            *self = Self { score, from: from as u32, id };
        }
    }
}

/// The text's words, each with the mark in front of it, or all of it as one.
fn words(prepared: &str, splits: bool) -> impl Iterator<Item = &str> {
    let mut rest = prepared;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end =
            if splits { rest[first.len_utf8()..].find(MARK).map(|at| at + first.len_utf8()) } else { None };
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests;
