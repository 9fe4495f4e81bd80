//! A text with `{expression}` places; `{{` and `}}` stand for the braces themselves, and a line of `---`
//! ends a message.

use std::collections::BTreeSet;

use crate::expression::{Expression, ParseError, Scope, show};
use crate::problem::Mark;

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Template {
    pub mark: Mark,
    parts: Vec<Part>,
}

/// A piece of a text.
#[derive(Debug, Clone)]
pub enum Part {
    Text(String),
    Value(Expression),
    /// The message ends and another begins.
    Break,
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TemplateError {
    #[error("a `{{` is never closed")]
    Unclosed,
    #[error("a `}}` was never opened; write `}}}}` for the brace itself")]
    Unopened,
    #[error("in `{{{source_text}}}`: {error}")]
    Expression { source_text: String, error: ParseError },
}

impl Template {
    pub fn parse(text: &str, mark: Mark) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        for (index, message) in messages(text).into_iter().enumerate() {
            if index > 0 {
                parts.push(Part::Break);
            }
            parse_message(&message, &mut parts)?;
        }
        Ok(Template { mark, parts })
    }

    /// The messages with the values in their places; empty ones are left out. Values are inserted as they
    /// are: neither braces nor dashes in them mean anything.
    pub fn fill(&self, scope: &Scope<'_>) -> Vec<String> {
        let mut messages = vec![String::new()];
        for part in &self.parts {
            let message = match part {
                Part::Text(plain) => plain.clone(),
                Part::Value(expression) => show(&expression.evaluate(scope), scope.language),
                Part::Break => {
                    messages.push(String::new());
                    continue;
                }
            };
            if let Some(last) = messages.last_mut() {
                last.push_str(&message);
            }
        }
        let messages = messages.into_iter().map(|message| message.trim().to_owned());
        messages.filter(|message| !message.is_empty()).collect()
    }

    /// The text, if it has no places for values.
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(expression) => Some(expression),
            Part::Text(_) | Part::Break => None,
        })
    }

    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.expressions().flat_map(Expression::names).collect()
    }
}

fn messages(text: &str) -> Vec<String> {
    let mut messages = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim() == "---" {
            messages.push(String::new());
        } else if let Some(message) = messages.last_mut() {
            message.push_str(line);
        }
    }
    messages
}

fn parse_message(text: &str, parts: &mut Vec<Part>) -> Result<(), TemplateError> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else if from.starts_with('}') {
            return Err(TemplateError::Unopened);
        } else {
            let end = closing_brace(from).ok_or(TemplateError::Unclosed)?;
            let source = from[1..end].trim();
            let expression = Expression::parse(source)
                .map_err(|error| TemplateError::Expression { source_text: source.to_owned(), error })?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Value(expression));
            rest = &from[end + 1..];
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(())
}

/// The byte position of the `}` that ends a place, past any inside quotes.
fn closing_brace(from: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (position, character) in from.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            None if character == '"' || character == '\'' => quote = Some(character),
            None if character == '}' => return Some(position),
            Some(_) | None => {}
        }
    }
    None
}
