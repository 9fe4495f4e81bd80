//! The words of an expression.

use super::parse::ParseError;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 18] =
    ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ".", ",", "&&", "||"];

/// The tokens with the position of each, in characters from 1.
pub(crate) fn tokens(source: &str) -> Result<Vec<(Token, usize)>, ParseError> {
    let characters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = characters.get(at) {
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        let rest = &characters[at..];
        let (token, length) = match first {
            '0'..='9' => number(rest),
            '"' | '\'' => text(rest, at)?,
            _ if first == '_' || first.is_alphabetic() => name(rest),
            _ => symbol(rest, at)?,
        };
        tokens.push((token, at + 1));
        at += length;
    }
    Ok(tokens)
}

fn number(rest: &[char]) -> (Token, usize) {
    let mut length = digits(rest);
    // A dot belongs to the number only when a digit follows it.
    if rest.get(length) == Some(&'.') {
        let fraction = digits(&rest[length + 1..]);
        if fraction > 0 {
            length += 1 + fraction;
        }
    }
    let text: String = rest[..length].iter().collect();
    (Token::Number(text.parse().unwrap_or(f64::MAX)), length)
}

fn digits(rest: &[char]) -> usize {
    rest.iter().take_while(|character| character.is_ascii_digit()).count()
}

fn text(rest: &[char], at: usize) -> Result<(Token, usize), ParseError> {
    let quote = rest[0];
    let mut text = String::new();
    let mut index = 1;
    loop {
        match rest.get(index) {
            None => return Err(ParseError::UnclosedText { position: at + 1 }),
            Some('\\') => {
                let escaped = rest.get(index + 1).ok_or(ParseError::UnclosedText { position: at + 1 })?;
                text.push(if *escaped == 'n' { '\n' } else { *escaped });
                index += 2;
            }
            Some(character) if *character == quote => return Ok((Token::Text(text), index + 1)),
            Some(character) => {
                text.push(*character);
                index += 1;
            }
        }
    }
}

fn name(rest: &[char]) -> (Token, usize) {
    let length = rest.iter().take_while(|c| **c == '_' || c.is_alphanumeric()).count();
    (Token::Name(rest[..length].iter().collect()), length)
}

fn symbol(rest: &[char], at: usize) -> Result<(Token, usize), ParseError> {
    for symbol in SYMBOLS {
        if symbol.chars().eq(rest.iter().copied().take(symbol.len())) {
            return Ok((Token::Symbol(symbol), symbol.len()));
        }
    }
    Err(ParseError::Character { character: rest[0], position: at + 1 })
}
