//! Runs of ASCII in which repeated letters may mean something: codes, addresses, sizes.

use crate::normalise::Piece;

/// A run of ASCII letters, digits and signs.
#[derive(Debug, Default)]
pub(super) struct Token {
    pub(super) end: usize,
    /// Its letters are no words: an address, an order number, a size.
    pub(super) is_code: bool,
}

impl Token {
    /// The token that begins at `start`; empty where no ASCII sign stands there.
    pub(super) fn at(pieces: &[Piece], start: usize) -> Self {
        let length = pieces[start..].iter().take_while(|piece| piece.character.is_ascii_graphic()).count();
        let text: String = pieces[start..start + length].iter().map(|piece| piece.character).collect();
        Self { end: start + length.max(1), is_code: is_code(&text) }
    }
}

fn is_code(token: &str) -> bool {
    let token = token.trim_matches(|sign: char| sign.is_ascii_punctuation());
    let lower = token.to_ascii_lowercase();
    is_address(&lower) || is_numbered(token) || is_size(&lower)
}

/// Endings of hosts that people type without "www".
const HOSTS: [&str; 12] =
    [".com", ".net", ".org", ".th", ".co", ".io", ".me", ".app", ".shop", ".asia", ".cn", ".info"];

fn is_address(lower: &str) -> bool {
    let host = lower.split(['/', '?', ':']).next().unwrap_or(lower);
    lower.contains("://")
        || lower.starts_with("www.")
        || lower.contains(['@', '_'])
        || HOSTS.iter().any(|ending| host.ends_with(ending))
}

/// Letters with digits are an order number or the name of a machine, but not a word with laughter behind it
/// ("kaaaa5555").
fn is_numbered(token: &str) -> bool {
    let word = token.trim_end_matches('5');
    let laughter = token.len() - word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    token.bytes().any(|byte| byte.is_ascii_digit()) && !laughter
}

/// "XXXL", "xxxs".
fn is_size(lower: &str) -> bool {
    let rest = lower.trim_start_matches('x');
    rest.len() + 1 < lower.len() && matches!(rest, "l" | "s")
}
