//! Letters that are repeated for emphasis, cut to what spelling allows.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::dictionary;
use crate::normalise::Piece;
use crate::normalise::thai::{is_consonant, is_follower};
use crate::normalise::token::Token;

/// From how many equal letters on a word is stretched.
const STRETCHED: usize = 3;
/// Longer words are not looked up.
const LONGEST_WORD: usize = 24;
/// Letters on each side of a Thai double that are looked up with it.
const THAI_SIDE: usize = 6;

static DOUBLES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| dictionary::lines(include_str!("../../words/english_doubles.txt")).collect());

/// Single spaces, none at the ends, and stretched words at their plain length. Digits, signs and emoji are not letters;
/// codes, addresses and sizes stay as they are.
pub(super) fn collapse(pieces: &[Piece]) -> Vec<Piece> {
    let mut kept: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut token = Token::default();
    let mut at = 0;
    while let Some(first) = pieces.get(at) {
        if at >= token.end {
            token = Token::at(pieces, at);
        }
        let run = run_length(pieces, at);
        let after = at + run;
        let at_an_end = kept.is_empty() || after == pieces.len();
        let keep = match first.character {
            ' ' => usize::from(!at_an_end),
            _ if run < STRETCHED || token.is_code => run,
            _ => run.min(length(pieces, at, after)),
        };
        kept.extend_from_slice(&pieces[at..at + keep]);
        if let Some(last) = kept.last_mut().filter(|_| keep > 0) {
            last.span.1 = last.span.1.max(pieces[after - 1].span.1);
        }
        at = after;
    }
    kept
}

fn run_length(pieces: &[Piece], at: usize) -> usize {
    let first = pieces[at].character;
    pieces[at..].iter().take_while(|piece| piece.character == first).count()
}

/// How many of the equal letters `start..end` stay: one where they are letters of an alphabet, two where a word is
/// spelt so.
fn length(pieces: &[Piece], start: usize, end: usize) -> usize {
    match pieces[start].character {
        'a'..='z' | 'A'..='Z' => 1 + usize::from(is_english_double(pieces, start, end)),
        'ๆ' => end - start,
        '\u{e01}'..='\u{e4e}' => 1 + usize::from(is_thai_double(pieces, start, end)),
        letter if letter.is_alphabetic() => 2,
        _ => end - start,
    }
}

/// A letter of a word in small letters with the number of times it was typed.
type Run = (char, usize);

/// Some spelling of the word around `start..end` has the letter twice.
fn is_english_double(pieces: &[Piece], start: usize, end: usize) -> bool {
    let letter = |piece: &Piece| piece.character.is_ascii_alphabetic();
    let before = pieces[..start].iter().rev().take_while(|piece| letter(piece)).take(LONGEST_WORD);
    let mut runs: Vec<Run> = Vec::new();
    before.for_each(|piece| push_letter(&mut runs, piece));
    runs.reverse();
    let own = runs.len();
    runs.push((pieces[start].character.to_ascii_lowercase(), 2));
    let mut at = end;
    while runs.len() <= LONGEST_WORD && pieces.get(at).is_some_and(letter) {
        let run = run_length(pieces, at);
        runs.push((pieces[at].character.to_ascii_lowercase(), run));
        at += run;
    }
    let open: Vec<usize> =
        (0..runs.len()).filter(|index| *index != own && runs[*index].1 >= STRETCHED).take(3).collect();
    (0..1_usize << open.len()).any(|choice| {
        for (bit, index) in open.iter().enumerate() {
            runs[*index].1 = 1 + (choice >> bit & 1);
        }
        let letters = runs.iter().flat_map(|(letter, count)| std::iter::repeat_n(*letter, *count));
        DOUBLES.contains(letters.take(LONGEST_WORD).collect::<String>().as_str())
    })
}

fn push_letter(runs: &mut Vec<Run>, piece: &Piece) {
    let letter = piece.character.to_ascii_lowercase();
    match runs.last_mut().filter(|run| run.0 == letter) {
        Some(run) => run.1 += 1,
        None => runs.push((letter, 1)),
    }
}

/// A word is spelt with the letter twice ("กรรม", "มากกว่า"), or one ends with it and its last repetition begins the next
/// ("ตอนนี้").
fn is_thai_double(pieces: &[Piece], start: usize, end: usize) -> bool {
    let letter = pieces[start].character;
    if !is_consonant(letter) {
        return false;
    }
    let from = start.saturating_sub(THAI_SIDE);
    let before: Vec<char> = pieces[from..start].iter().map(|piece| piece.character).collect();
    let after: Vec<char> = pieces[end..].iter().take(THAI_SIDE).map(|piece| piece.character).collect();
    let begins = after.first().is_some_and(|next| is_follower(*next));
    (0..before.len()).any(|from| {
        let mut word: String = before[from..].iter().collect();
        word.push(letter);
        if begins && before.len() - from >= 2 && dictionary::is_thai_word(&word) {
            return true;
        }
        word.push(letter);
        dictionary::is_thai_word(&word)
            || after.iter().any(|next| {
                word.push(*next);
                dictionary::is_thai_word(&word)
            })
    })
}
