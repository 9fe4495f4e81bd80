//! Mistakes that can be seen without running: unknown names and fields, and comparisons that never hold.

use std::collections::BTreeMap;

use super::{Field, Function, Kind, Operator, Term, Value};
use crate::problem::advise;

/// The kinds of the names an expression may use.
pub type Kinds = BTreeMap<String, Kind>;

/// A certain mistake in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindProblem {
    pub message: String,
    pub advice: String,
}

pub(crate) fn check(term: &Term, kinds: &Kinds) -> (Kind, Vec<KindProblem>) {
    let mut checker = Checker { kinds, item: None, problems: Vec::new() };
    let kind = checker.term(term);
    (kind, checker.problems)
}

struct Checker<'a> {
    kinds: &'a Kinds,
    item: Option<Kind>,
    problems: Vec<KindProblem>,
}

impl Checker<'_> {
    fn report(&mut self, message: String, advice: impl Into<String>) {
        self.problems.push(KindProblem { message, advice: advice.into() });
    }

    fn term(&mut self, term: &Term) -> Kind {
        match term {
            Term::Literal(value) => literal(value),
            Term::Name(name) => self.name(name),
            Term::Member(inner, name) => {
                let inner = self.term(inner);
                self.member(&inner, name)
            }
            Term::Index(list, index) => {
                self.term(index);
                if let Kind::List(item) = self.term(list) { *item } else { Kind::Unknown }
            }
            Term::Not(inner) => {
                self.boolean(inner, "not");
                Kind::Boolean
            }
            Term::Negative(inner) => {
                self.number(inner, "-");
                Kind::Number
            }
            Term::Binary(operator, left, right) => self.binary(*operator, left, right),
            Term::List(items) => self.list(items),
            Term::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn name(&mut self, name: &str) -> Kind {
        if let (true, Some(item)) = (name == "item", &self.item) {
            return item.clone();
        }
        if let Some(kind) = self.kinds.get(name) {
            return kind.clone();
        }
        let advice = advise(name, self.kinds.keys().map(String::as_str));
        self.report(format!("there is nothing named `{name}` here"), advice);
        Kind::Unknown
    }

    fn member(&mut self, inner: &Kind, name: &str) -> Kind {
        match inner {
            Kind::Unknown => Kind::Unknown,
            Kind::Record(fields) => {
                if let Some(Field { kind, .. }) = fields.get(name) {
                    return kind.clone();
                }
                let advice = advise(name, fields.keys().map(String::as_str));
                self.report(format!("there is no field `{name}`"), advice);
                Kind::Unknown
            }
            other => {
                self.report(format!("`.{name}` asks {other} for a field"), "only records have fields");
                Kind::Unknown
            }
        }
    }

    fn list(&mut self, items: &[Term]) -> Kind {
        let kinds: Vec<Kind> = items.iter().map(|item| self.term(item)).collect();
        let texts: Option<Vec<String>> = kinds
            .iter()
            .map(|kind| match kind {
                Kind::OneOf(texts) => texts.first().cloned(),
                _ => None,
            })
            .collect();
        if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
            return Kind::List(Box::new(Kind::OneOf(texts)));
        }
        let first = kinds.first().cloned().unwrap_or(Kind::Unknown);
        let alike = kinds.iter().all(|kind| *kind == first);
        Kind::List(Box::new(if alike { first } else { Kind::Unknown }))
    }

    fn binary(&mut self, operator: Operator, left: &Term, right: &Term) -> Kind {
        match operator {
            Operator::And | Operator::Or => {
                self.boolean(left, "and, or");
                self.boolean(right, "and, or");
                Kind::Boolean
            }
            Operator::In => {
                let (item, list) = (self.term(left), self.term(right));
                self.membership(&item, &list);
                Kind::Boolean
            }
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
                let (left, right) = (self.term(left), self.term(right));
                self.arithmetic(operator, &left, &right)
            }
            _ => {
                let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
                let none = is_none(left) || is_none(right);
                let (left, right) = (self.term(left), self.term(right));
                if !(equality && none) {
                    self.comparison(&left, &right, equality);
                }
                Kind::Boolean
            }
        }
    }

    fn comparison(&mut self, left: &Kind, right: &Kind, equality: bool) {
        if let (Kind::OneOf(known), Kind::OneOf(asked)) = (left, right)
            && !left.meets(right)
        {
            let (known, asked) = if known.len() >= asked.len() { (known, asked) } else { (asked, known) };
            let asked = asked.join(", ");
            let advice = advise(&asked, known.iter().map(String::as_str));
            self.report(format!("it is never \"{asked}\""), advice);
        } else if !left.meets(right) {
            self.report(format!("compares {left} with {right}, which is never true"), "");
        } else if !(equality || left.is_ordered() && right.is_ordered()) {
            self.report(format!("{left} has no order"), "compare it with == or !=");
        }
    }

    fn membership(&mut self, item: &Kind, list: &Kind) {
        match list {
            Kind::List(each) => {
                if !item.meets(each) {
                    self.report(format!("{item} is never in a list of {each}"), "");
                }
            }
            Kind::Unknown | Kind::Record(_) => {}
            text if text.is_text() && item.is_text() => {}
            other => self.report(format!("`in` looks for {item} in {other}"), "give it a list or a text"),
        }
    }

    fn arithmetic(&mut self, operator: Operator, left: &Kind, right: &Kind) -> Kind {
        if *left == Kind::Unknown || *right == Kind::Unknown {
            return Kind::Unknown;
        }
        let adds = operator == Operator::Add;
        if left.is_number() && right.is_number() {
            let money = *left == Kind::Money || *right == Kind::Money;
            return if money { Kind::Money } else { Kind::Number };
        }
        if adds && left.is_text() && right.is_text() {
            return Kind::Text;
        }
        let moves = adds || operator == Operator::Subtract;
        if moves && *left == Kind::Date && right.is_number() {
            return Kind::Date;
        }
        let advice = if adds { "text(…) makes a text of any value" } else { "" };
        self.report(format!("cannot work out {left} with {right}"), advice);
        Kind::Unknown
    }

    fn boolean(&mut self, term: &Term, around: &str) {
        let kind = self.term(term);
        if !matches!(kind, Kind::Boolean | Kind::Unknown) {
            self.report(format!("`{around}` needs true or false, not {kind}"), "compare it with something");
        }
    }

    fn number(&mut self, term: &Term, around: &str) {
        let kind = self.term(term);
        if !kind.is_number() {
            self.report(format!("`{around}` needs a number, not {kind}"), "");
        }
    }

    fn call(&mut self, function: Function, arguments: &[Term]) -> Kind {
        let mut kinds: Vec<Kind> = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            let outer = self.item.clone();
            if function.binds_item(position) {
                self.item = Some(match kinds.first() {
                    Some(Kind::List(item)) => (**item).clone(),
                    _ => Kind::Unknown,
                });
            }
            let kind = self.term(argument);
            self.item = outer;
            if let Some(wanted) = wanted(function, position)
                && !wanted.iter().any(|wanted| kind.meets(wanted))
            {
                self.report(format!("`{}` cannot use {kind} here", function.name()), "");
            }
            kinds.push(kind);
        }
        result(function, &kinds)
    }
}

fn is_none(term: &Term) -> bool {
    matches!(term, Term::Literal(Value::None))
}

fn literal(value: &Value) -> Kind {
    match value {
        Value::None | Value::Record(_) | Value::List(_) => Kind::Unknown,
        Value::Boolean(_) => Kind::Boolean,
        Value::Number(_) => Kind::Number,
        Value::Text(text) => Kind::OneOf(vec![text.clone()]),
        Value::Date(_) => Kind::Date,
    }
}

/// The kinds a function can do something with at a position; nothing where it takes any.
fn wanted(function: Function, position: usize) -> Option<Vec<Kind>> {
    let list = || Kind::List(Box::new(Kind::Unknown));
    Some(match (function, position) {
        (Function::Lower | Function::Upper | Function::Trim | Function::Title, 0)
        | (Function::StartsWith | Function::EndsWith | Function::Replace, _)
        | (Function::Join, 1) => vec![Kind::Text],
        (Function::Length, 0) => vec![Kind::Text, list(), Kind::Record(BTreeMap::new())],
        (Function::Contains, 0) => vec![Kind::Text, list()],
        (
            Function::Round
            | Function::Floor
            | Function::Absolute
            | Function::Least
            | Function::Greatest
            | Function::Baht,
            _,
        ) => vec![Kind::Number],
        (Function::Number, 0) => vec![Kind::Text, Kind::Number],
        (Function::Date, 0) => vec![Kind::Text, Kind::Date],
        (Function::Weekday | Function::DaysBetween, _) => vec![Kind::Date],
        (Function::First | Function::Last | Function::Join | Function::Where, 0) => vec![list()],
        (Function::If, 0) | (Function::Where, 1) => vec![Kind::Boolean],
        _ => return None,
    })
}

fn result(function: Function, kinds: &[Kind]) -> Kind {
    let first = kinds.first().cloned().unwrap_or(Kind::Unknown);
    match function {
        Function::Length | Function::Number | Function::Weekday | Function::DaysBetween => Kind::Number,
        Function::Lower
        | Function::Upper
        | Function::Trim
        | Function::Replace
        | Function::Text
        | Function::Join
        | Function::Baht
        | Function::Title => Kind::Text,
        Function::Contains | Function::StartsWith | Function::EndsWith => Kind::Boolean,
        Function::Date => Kind::Date,
        Function::Round | Function::Floor | Function::Absolute | Function::Least | Function::Greatest => {
            if first == Kind::Money {
                Kind::Money
            } else {
                Kind::Number
            }
        }
        Function::Where => first,
        Function::First | Function::Last => {
            if let Kind::List(item) = first {
                *item
            } else {
                Kind::Unknown
            }
        }
        Function::Default => same(&first, kinds.get(1)),
        Function::If => same(kinds.get(1).unwrap_or(&Kind::Unknown), kinds.get(2)),
    }
}

fn same(left: &Kind, right: Option<&Kind>) -> Kind {
    match right {
        Some(right) if left == right => left.clone(),
        Some(right) if left.is_text() && right.is_text() && *left != Kind::Unknown => match right {
            Kind::Unknown => Kind::Unknown,
            _ => Kind::Text,
        },
        _ => Kind::Unknown,
    }
}
