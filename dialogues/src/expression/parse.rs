//! From text to an expression, with limits that keep every later walk over it small.

use super::token::{Token, tokens};
use super::{Function, Operator, Term, Value};
use crate::problem::advise;

const MAX_CHARACTERS: usize = 2_000;
const MAX_PARTS: usize = 500;
const MAX_NESTING: usize = 40;

/// Why a text is not an expression; positions are characters from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParseError {
    #[error("`{character}` at character {position} means nothing here")]
    Character { character: char, position: usize },
    #[error("the text begun at character {position} has no closing quote")]
    UnclosedText { position: usize },
    #[error("expected {wanted} at character {position}, found {found}")]
    Unexpected { wanted: &'static str, found: String, position: usize },
    #[error("there is no function `{name}`; {advice}")]
    UnknownFunction { name: String, advice: String },
    #[error("`{name}` takes {wanted} values, not {given}")]
    Arguments { name: &'static str, wanted: String, given: usize },
    #[error("compare two values at a time; join comparisons with `and`")]
    ChainedComparison,
    #[error("the expression is too long or too deeply nested")]
    TooLarge,
}

pub(crate) fn parse(source: &str) -> Result<Term, ParseError> {
    if source.chars().count() > MAX_CHARACTERS {
        return Err(ParseError::TooLarge);
    }
    let tokens = tokens(source)?;
    if tokens.len() > MAX_PARTS {
        return Err(ParseError::TooLarge);
    }
    let mut parser = Parser { tokens, next: 0, nesting: 0, end: source.chars().count() + 1 };
    let term = parser.either()?;
    match parser.peek() {
        None => Ok(term),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    nesting: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(found)) if found == word);
        self.next += usize::from(found);
        found
    }

    fn need_symbol(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(symbol)) }
    }

    fn unexpected(&self, wanted: &'static str) -> ParseError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Token::Number(number)) => number.to_string(),
            Some(Token::Text(text)) => format!("\"{text}\""),
            Some(Token::Name(name)) => format!("`{name}`"),
            Some(Token::Symbol(symbol)) => format!("`{symbol}`"),
        };
        let position = self.tokens.get(self.next).map_or(self.end, |(_, position)| *position);
        ParseError::Unexpected { wanted, found, position }
    }

    fn either(&mut self) -> Result<Term, ParseError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(ParseError::TooLarge);
        }
        let mut left = self.both()?;
        while self.take_word("or") || self.take_symbol("||") {
            left = binary(Operator::Or, left, self.both()?);
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Term, ParseError> {
        let mut left = self.negation()?;
        while self.take_word("and") || self.take_symbol("&&") {
            left = binary(Operator::And, left, self.negation()?);
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Term, ParseError> {
        let mut times = 0_usize;
        while self.take_word("not") {
            times += 1;
        }
        let mut term = self.comparison()?;
        for _ in 0..times {
            term = Term::Not(Box::new(term));
        }
        Ok(term)
    }

    fn comparison(&mut self) -> Result<Term, ParseError> {
        let left = self.sum()?;
        let Some(operator) = self.comparison_operator() else { return Ok(left) };
        let term = binary(operator, left, self.sum()?);
        if self.comparison_operator().is_some() { Err(ParseError::ChainedComparison) } else { Ok(term) }
    }

    fn comparison_operator(&mut self) -> Option<Operator> {
        const COMPARISONS: [(&str, Operator); 6] = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        if self.take_word("in") {
            return Some(Operator::In);
        }
        COMPARISONS.iter().find(|(symbol, _)| self.take_symbol(symbol)).map(|(_, operator)| *operator)
    }

    fn sum(&mut self) -> Result<Term, ParseError> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take_symbol("+") {
                Operator::Add
            } else if self.take_symbol("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Term, ParseError> {
        let mut left = self.signed()?;
        loop {
            let operator = if self.take_symbol("*") {
                Operator::Multiply
            } else if self.take_symbol("/") {
                Operator::Divide
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.signed()?);
        }
    }

    fn signed(&mut self) -> Result<Term, ParseError> {
        let mut times = 0_usize;
        while self.take_symbol("-") {
            times += 1;
        }
        let mut term = self.access()?;
        for _ in 0..times {
            term = Term::Negative(Box::new(term));
        }
        Ok(term)
    }

    fn access(&mut self) -> Result<Term, ParseError> {
        let mut term = self.atom()?;
        loop {
            if self.take_symbol(".") {
                let Some(Token::Name(name)) = self.peek().cloned() else {
                    return Err(self.unexpected("a field's name"));
                };
                self.next += 1;
                term = Term::Member(Box::new(term), name);
            } else if self.take_symbol("[") {
                let index = self.either()?;
                self.need_symbol("]")?;
                term = Term::Index(Box::new(term), Box::new(index));
            } else {
                return Ok(term);
            }
        }
    }

    fn atom(&mut self) -> Result<Term, ParseError> {
        let Some(token) = self.peek().cloned() else { return Err(self.unexpected("a value")) };
        match token {
            Token::Number(number) => Ok(self.literal(Value::number(number))),
            Token::Text(text) => Ok(self.literal(Value::Text(text))),
            Token::Symbol("(") => {
                self.next += 1;
                let term = self.either()?;
                self.need_symbol(")")?;
                Ok(term)
            }
            Token::Symbol("[") => {
                self.next += 1;
                Ok(Term::List(self.values("]")?))
            }
            Token::Symbol(_) => Err(self.unexpected("a value")),
            Token::Name(name) => self.named(&name),
        }
    }

    fn literal(&mut self, value: Value) -> Term {
        self.next += 1;
        Term::Literal(value)
    }

    fn named(&mut self, name: &str) -> Result<Term, ParseError> {
        match name {
            "true" => return Ok(self.literal(Value::Boolean(true))),
            "false" => return Ok(self.literal(Value::Boolean(false))),
            "none" => return Ok(self.literal(Value::None)),
            "and" | "or" | "not" | "in" => return Err(self.unexpected("a value")),
            _ => self.next += 1,
        }
        if !self.take_symbol("(") {
            return Ok(Term::Name(name.to_owned()));
        }
        let Some(function) = Function::named(name) else {
            let advice = advise(name, Function::ALL.iter().map(|function| function.name()));
            return Err(ParseError::UnknownFunction { name: name.to_owned(), advice });
        };
        let arguments = self.values(")")?;
        let (least, most) = function.arguments();
        if (least..=most).contains(&arguments.len()) {
            return Ok(Term::Call(function, arguments));
        }
        let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
        Err(ParseError::Arguments { name: function.name(), wanted, given: arguments.len() })
    }

    /// Values with commas between them up to the closing symbol.
    fn values(&mut self, closing: &'static str) -> Result<Vec<Term>, ParseError> {
        let mut values = Vec::new();
        if self.take_symbol(closing) {
            return Ok(values);
        }
        loop {
            values.push(self.either()?);
            if self.take_symbol(closing) {
                return Ok(values);
            }
            self.need_symbol(",")?;
        }
    }
}

fn binary(operator: Operator, left: Term, right: Term) -> Term {
    Term::Binary(operator, Box::new(left), Box::new(right))
}
