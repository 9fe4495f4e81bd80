//! Thai marks in the one right place.

use crate::normalise::{Piece, Span};

const NIKHAHIT: char = '\u{e4d}';
const SARA_AA: char = '\u{e32}';
const SARA_AM: char = '\u{e33}';
const SARA_E: char = '\u{e40}';
const SARA_AE: char = '\u{e41}';
/// Kinds of marks, in the order in which they are typed after their consonant.
const KINDS: u8 = 4;

/// Every consonant with its marks in the order vowel, tone, silencer, each once; a tone that was typed before its
/// consonant or after the vowel at its side goes where it belongs; two signs that look like one vowel become that one.
pub(super) fn repair(pieces: &[Piece]) -> Vec<Piece> {
    let mut repaired: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while at < pieces.len() {
        let mut carried: &[Piece] = &[];
        if is_leader(pieces[at].character) {
            at += push_leader(&pieces[at..], &mut repaired);
            let tones = run_of(&pieces[at..], is_tone);
            let Some(consonant) = pieces.get(at + tones.len()).filter(|next| is_consonant(next.character))
            else {
                continue;
            };
            repaired.push(*consonant);
            carried = tones;
            at += tones.len() + 1;
        } else if mark_kind(pieces[at].character).is_none() {
            repaired.push(pieces[at]);
            at += 1;
        }
        let marks = run_of(&pieces[at..], |character| mark_kind(character).is_some());
        at += marks.len();
        let side = side_vowels(&pieces[at..]);
        at += side.len();
        let late = if side.is_empty() { side } else { run_of(&pieces[at..], is_tone) };
        at += late.len();
        push_cluster([carried, marks, late], side, &mut repaired);
    }
    repaired
}

/// The leading vowel, two of the short ones as the one that they look like; gives how many pieces that took.
fn push_leader(pieces: &[Piece], repaired: &mut Vec<Piece>) -> usize {
    let doubled = run_of(pieces, |character| character == SARA_E);
    if doubled.len() < 2 {
        repaired.push(pieces[0]);
        return 1;
    }
    repaired.push(Piece { character: SARA_AE, span: joined(doubled) });
    doubled.len()
}

/// Marks in order and once, then the vowel at the side. A circle and a long vowel are one vowel.
fn push_cluster(marks: [&[Piece]; 3], side: &[Piece], repaired: &mut Vec<Piece>) {
    let mut side = side.first().map(|first| Piece { character: first.character, span: joined(side) });
    let begin = repaired.len();
    for kind in 0..KINDS {
        let marks = marks.iter().flat_map(|marks| marks.iter());
        for mark in marks.filter(|mark| mark_kind(mark.character) == Some(kind)) {
            let long = side.as_mut().filter(|side| matches!(side.character, SARA_AA | SARA_AM));
            if let Some(vowel) = long.filter(|_| mark.character == NIKHAHIT) {
                *vowel = Piece { character: SARA_AM, span: wider(vowel.span, mark.span) };
                continue;
            }
            let known = repaired[begin..].iter_mut().find(|known| known.character == mark.character);
            match known {
                Some(known) => known.span = wider(known.span, mark.span),
                None => repaired.push(*mark),
            }
        }
    }
    repaired.extend(side);
}

fn run_of(pieces: &[Piece], wanted: impl Fn(char) -> bool) -> &[Piece] {
    let count = pieces.iter().take_while(|piece| wanted(piece.character)).count();
    &pieces[..count]
}

/// The vowel after a consonant, with its repetitions.
fn side_vowels(pieces: &[Piece]) -> &[Piece] {
    match pieces.first().map(|piece| piece.character) {
        Some(vowel @ ('\u{e30}' | SARA_AA | SARA_AM)) => run_of(pieces, |other| other == vowel),
        _ => &[],
    }
}

fn joined(pieces: &[Piece]) -> Span {
    let spans = pieces.iter().map(|piece| piece.span);
    spans.reduce(wider).unwrap_or_default()
}

fn wider(left: Span, right: Span) -> Span {
    (left.0.min(right.0), left.1.max(right.1))
}

pub(crate) fn is_consonant(character: char) -> bool {
    matches!(character, '\u{e01}'..='\u{e2e}')
}

fn is_leader(character: char) -> bool {
    matches!(character, '\u{e40}'..='\u{e44}')
}

fn is_tone(character: char) -> bool {
    matches!(character, '\u{e48}'..='\u{e4b}')
}

/// Its place among the marks of one consonant: vowels above and below with the shortening mark, the circle, tones, the
/// silencer.
fn mark_kind(character: char) -> Option<u8> {
    match character {
        '\u{e31}' | '\u{e34}'..='\u{e39}' | '\u{e47}' => Some(0),
        NIKHAHIT => Some(1),
        '\u{e48}'..='\u{e4b}' => Some(2),
        '\u{e4c}' => Some(3),
        _ => None,
    }
}

/// Vowels and marks that belong to the consonant before them.
pub(crate) fn is_follower(character: char) -> bool {
    mark_kind(character).is_some() || matches!(character, '\u{e30}' | SARA_AA | SARA_AM)
}
