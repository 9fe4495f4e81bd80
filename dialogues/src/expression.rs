//! The small total language of conditions and values in a bot's files (docs/expressions.md).
//!
//! Evaluating never fails, never panics and never runs on: a missing field is none, a comparison of
//! different types is false, and after [`FUEL`] steps the value is none.

mod date;
mod evaluate;
mod format;
mod function;
mod kind;
mod kind_check;
mod parse;
mod token;
mod value;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use date::Date;
pub use evaluate::{FUEL, Scope};
pub(crate) use format::grouped;
pub use format::{Titles, show};
pub use function::Function;
pub use kind::{Field, Kind, Mismatch};
pub use kind_check::{KindProblem, Kinds};
pub use parse::ParseError;
pub use value::{Record, Value};

/// A parsed expression; its text is kept for reports and for writing it out again.
#[derive(Clone, PartialEq)]
pub struct Expression {
    source: String,
    root: Term,
}

/// One part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Term {
    Literal(Value),
    Name(String),
    Member(Box<Term>, String),
    Index(Box<Term>, Box<Term>),
    Not(Box<Term>),
    Negative(Box<Term>),
    Binary(Operator, Box<Term>, Box<Term>),
    Call(Function, Vec<Term>),
    List(Vec<Term>),
}

/// The operators with two sides, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Expression {
    /// Reads an expression of at most 2,000 characters and 500 parts.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        Ok(Expression { source: source.to_owned(), root: parse::parse(source)? })
    }

    /// The value under the names of `scope`; none when something is missing or the fuel is used up.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Value {
        evaluate::evaluate(&self.root, scope)
    }

    /// The kind of the value, and what is certain to be a mistake given the kinds of the names.
    pub fn check(&self, kinds: &Kinds) -> (Kind, Vec<KindProblem>) {
        kind_check::check(&self.root, kinds)
    }

    /// The outermost names that the value depends on.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        collect_names(&self.root, &mut names);
        names
    }

    /// The texts that are written out in it.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        self.root.each(&mut |term| {
            if let Term::Literal(Value::Text(text)) = term {
                texts.push(text.as_str());
            }
        });
        texts
    }

    /// What the writer wrote.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl Term {
    /// The term itself and every term inside it.
    fn each<'t>(&'t self, visit: &mut impl FnMut(&'t Term)) {
        visit(self);
        match self {
            Term::Literal(_) | Term::Name(_) => {}
            Term::Member(inner, _) | Term::Not(inner) | Term::Negative(inner) => inner.each(visit),
            Term::Index(left, right) | Term::Binary(_, left, right) => {
                left.each(visit);
                right.each(visit);
            }
            Term::Call(_, terms) | Term::List(terms) => terms.iter().for_each(|term| term.each(visit)),
        }
    }
}

fn collect_names<'t>(term: &'t Term, names: &mut BTreeSet<&'t str>) {
    match term {
        Term::Literal(_) => {}
        Term::Name(name) => {
            names.insert(name);
        }
        Term::Member(inner, _) | Term::Not(inner) | Term::Negative(inner) => collect_names(inner, names),
        Term::Index(left, right) | Term::Binary(_, left, right) => {
            collect_names(left, names);
            collect_names(right, names);
        }
        Term::Call(function, arguments) => {
            for (position, argument) in arguments.iter().enumerate() {
                let mut inner = BTreeSet::new();
                collect_names(argument, &mut inner);
                if function.binds_item(position) {
                    inner.remove("item");
                }
                names.extend(inner);
            }
        }
        Term::List(items) => items.iter().for_each(|item| collect_names(item, names)),
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.source)
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Expression::parse(&source).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
