//! Where one message asks for several things: cuts at joining words and at the ends of sentences.

mod cues;

use crate::requests::cues::{CUES, Cues};

/// One request of a message. Offsets count Unicode scalar values of the text, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

/// The requests that a message may be cut into, in order; the whole message where nothing tells of a second one. Joining
/// words, greetings and thanks between them are in none. A cut is a proposal: a classifier that is sure of both sides
/// should confirm it. Messages of more than five hundred characters stay whole:
/// they tell a story.
pub fn requests(text: &str) -> Vec<Request> {
    let short = text.char_indices().nth(LONGEST).is_none();
    let parts = CUES.as_ref().filter(|_| short).map(|cues| parts(text, cues)).unwrap_or_default();
    let whole = parts.len() < 2;
    let parts = if whole { vec![(0, text.len())] } else { parts };
    let mut counted = (0, 0);
    let mut index = |byte: usize| {
        counted = (byte, counted.1 + text[counted.0..byte].chars().count());
        counted.1
    };
    let parts = parts.into_iter();
    parts
        .map(|(start, end)| Request {
            text: text[start..end].to_owned(),
            start: index(start),
            end: index(end),
        })
        .collect()
}

/// Characters of a message that is cut.
const LONGEST: usize = 500;
/// More requests than these are a list, not a message.
const MOST: usize = 8;
const MOST_PIECES: usize = 100;

/// Bytes of a text.
type Range = (usize, usize);

/// What stands between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// A joining word.
    Word,
    /// The end of a sentence, a comma, a new line; in Thai a space.
    Pause,
    /// Nothing: a second question begins.
    None,
}

/// A piece of the text and what stands before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) range: Range,
    pub(crate) joint: Joint,
}

fn parts(text: &str, cues: &Cues) -> Vec<Range> {
    let pieces = cues.pieces(text);
    if pieces.len() > MOST_PIECES {
        return Vec::new();
    }
    let mut parts: Vec<Range> = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let Some(current) = parts.last_mut() else {
            parts.push(piece.range);
            continue;
        };
        let later = pieces[number + 1..].iter().take_while(|later| later.joint != Joint::Word);
        let end = later.last().map_or(piece.range.1, |later| later.range.1);
        let left = &text[current.0..current.1];
        let (next, rest) = (&text[piece.range.0..piece.range.1], &text[piece.range.0..end]);
        if cues.is_greeting(left) {
            *current = piece.range;
        } else if cues.divides(piece.joint, left, next, rest) {
            parts.push(piece.range);
        } else {
            current.1 = piece.range.1;
        }
    }
    if parts.len() < 2 || parts.len() > MOST {
        return Vec::new();
    }
    let trimmed = parts.into_iter().map(|range| cues.without_greetings(text, range));
    trimmed.filter(|(start, end)| start < end).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = requests(text);
        for request in &found {
            let there: String = text.chars().skip(request.start).take(request.end - request.start).collect();
            assert_eq!(there, request.text, "{text}");
        }
        assert_eq!(found.iter().map(|request| request.text.as_str()).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn messages_are_cut_between_requests_only() {
        check(
            "where is my order and what time do you close",
            &["where is my order", "what time do you close"],
        );
        check("two lattes and a croissant please", &["two lattes and a croissant please"]);
        check("hi! cancel order 7 and also send me the menu", &["cancel order 7", "send me the menu"]);
        check("เปิดกี่โมงคะ แล้วก็จองโต๊ะ 2 ที่ค่ะ", &["เปิดกี่โมงคะ", "จองโต๊ะ 2 ที่ค่ะ"]);
        check("ชาเขียวกับชาไทยอันไหนหวานกว่า", &["ชาเขียวกับชาไทยอันไหนหวานกว่า"]);
        check("", &[""]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_into_pieces_in_order(text in "(\\PC|[กาแล้วและมั้ยขอ ]|and |what |\\? ){0,40}") {
            let mut end = 0;
            for request in requests(&text) {
                prop_assert!(request.start >= end && request.end >= request.start);
                end = request.end;
            }
            prop_assert!(end <= text.chars().count());
        }
    }
}
