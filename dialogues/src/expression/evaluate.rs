//! What an expression is worth, within its fuel.

use std::cell::Cell;

use super::date::Date;
use super::format::{Titles, show};
use super::{Function, Operator, Record, Term, Value};

/// How many parts of an expression are looked at before the value is none.
pub const FUEL: u32 = 1_000;

/// The longest text, in bytes, that an expression makes.
const MAX_TEXT: usize = 20_000;

/// The names an expression sees, and the language that its texts are shown in.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub names: &'a Record,
    pub language: &'a str,
    pub titles: &'a dyn Titles,
}

pub(crate) fn evaluate(term: &Term, scope: &Scope<'_>) -> Value {
    let fuel = Cell::new(FUEL);
    let evaluation = Evaluation { scope, fuel: &fuel, item: None };
    let value = evaluation.term(term);
    if fuel.get() == 0 { Value::None } else { value }
}

struct Evaluation<'a> {
    scope: &'a Scope<'a>,
    fuel: &'a Cell<u32>,
    item: Option<&'a Value>,
}

impl Evaluation<'_> {
    /// Uses fuel; false when there is none left.
    fn spend(&self, steps: usize) -> bool {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.fuel.set(self.fuel.get().saturating_sub(steps));
        self.fuel.get() > 0
    }

    fn term(&self, term: &Term) -> Value {
        if !self.spend(1) {
            return Value::None;
        }
        match term {
            Term::Literal(value) => value.clone(),
            Term::Name(name) => self.name(name),
            Term::Member(inner, name) => self.member(inner, name),
            Term::Index(list, index) => index_of(self.term(list), &self.term(index)),
            Term::Not(inner) => Value::Boolean(!self.term(inner).is_true()),
            Term::Negative(inner) => match self.term(inner) {
                Value::Number(number) => Value::number(-number),
                _ => Value::None,
            },
            Term::Binary(Operator::And, left, right) => {
                Value::Boolean(self.term(left).is_true() && self.term(right).is_true())
            }
            Term::Binary(Operator::Or, left, right) => {
                Value::Boolean(self.term(left).is_true() || self.term(right).is_true())
            }
            Term::Binary(operator, left, right) => binary(*operator, &self.term(left), &self.term(right)),
            Term::List(items) => Value::List(items.iter().map(|item| self.term(item)).collect()),
            Term::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn name(&self, name: &str) -> Value {
        self.reference(&Term::Name(name.to_owned())).cloned().unwrap_or_default()
    }

    /// Fields of fields are followed by reference, so that a long record is not copied at every dot.
    fn member(&self, inner: &Term, name: &str) -> Value {
        match self.reference(inner) {
            Some(Value::Record(record)) => record.get(name).cloned().unwrap_or_default(),
            Some(_) => Value::None,
            None => self.term(inner).member(name),
        }
    }

    fn reference<'t>(&'t self, term: &Term) -> Option<&'t Value> {
        match term {
            Term::Name(name) if name == "item" && self.item.is_some() => self.item,
            Term::Name(name) => self.scope.names.get(name),
            Term::Member(inner, name) => match self.reference(inner)? {
                Value::Record(record) => record.get(name),
                _ => None,
            },
            _ => None,
        }
    }

    fn call(&self, function: Function, arguments: &[Term]) -> Value {
        match (function, arguments) {
            (Function::If, [condition, yes, no]) => {
                self.term(if self.term(condition).is_true() { yes } else { no })
            }
            (Function::Default, [value, instead]) => match self.term(value) {
                Value::None => self.term(instead),
                value => value,
            },
            (Function::Where, [list, condition]) => self.filter(self.term(list), condition),
            (Function::Join, [list, separator, rest @ ..]) => {
                let (list, separator) = (self.term(list), self.term(separator));
                self.join(&list, &separator, rest.first())
            }
            _ => {
                let values: Vec<Value> = arguments.iter().map(|argument| self.term(argument)).collect();
                self.apply(function, &values)
            }
        }
    }

    fn with_item<'b>(&'b self, item: &'b Value) -> Evaluation<'b> {
        Evaluation { scope: self.scope, fuel: self.fuel, item: Some(item) }
    }

    fn filter(&self, list: Value, condition: &Term) -> Value {
        let Value::List(items) = list else { return Value::None };
        Value::List(items.into_iter().filter(|item| self.with_item(item).term(condition).is_true()).collect())
    }

    fn join(&self, list: &Value, separator: &Value, each: Option<&Term>) -> Value {
        let (Value::List(items), Value::Text(separator)) = (list, separator) else { return Value::None };
        let mut joined = String::new();
        for (index, item) in items.iter().enumerate() {
            let shown = each.map(|each| self.with_item(item).term(each));
            let shown = show(shown.as_ref().unwrap_or(item), self.scope.language);
            if index > 0 {
                joined.push_str(separator);
            }
            joined.push_str(&shown);
            if !self.spend(1) || joined.len() > MAX_TEXT {
                return Value::None;
            }
        }
        Value::Text(joined)
    }

    fn apply(&self, function: Function, values: &[Value]) -> Value {
        match (function, values) {
            (Function::Text, [value]) => Value::Text(show(value, self.scope.language)),
            (Function::Baht, [Value::Number(satang)]) => {
                Value::Text(self.scope.titles.baht(*satang, self.scope.language))
            }
            (Function::Title, [Value::Text(id)]) => {
                Value::Text(self.scope.titles.title(id, self.scope.language).unwrap_or_else(|| id.clone()))
            }
            (Function::Contains, [list @ Value::List(_), item]) => binary(Operator::In, item, list),
            _ => text_function(function, values)
                .or_else(|| number_function(function, values))
                .or_else(|| other_function(function, values))
                .unwrap_or_default(),
        }
    }
}

fn text_function(function: Function, values: &[Value]) -> Option<Value> {
    Some(match (function, values) {
        (Function::Length, [Value::Text(text)]) => Value::Number(text.chars().count() as f64),
        (Function::Lower, [Value::Text(text)]) => Value::Text(text.to_lowercase()),
        (Function::Upper, [Value::Text(text)]) => Value::Text(text.to_uppercase()),
        (Function::Trim, [Value::Text(text)]) => Value::text(text.trim()),
        (Function::Contains, [Value::Text(text), Value::Text(part)]) => Value::Boolean(text.contains(part)),
        (Function::StartsWith, [Value::Text(text), Value::Text(part)]) => {
            Value::Boolean(text.starts_with(part))
        }
        (Function::EndsWith, [Value::Text(text), Value::Text(part)]) => Value::Boolean(text.ends_with(part)),
        (Function::Contains | Function::StartsWith | Function::EndsWith, _) => Value::Boolean(false),
        (Function::Replace, [Value::Text(text), Value::Text(part), Value::Text(by)]) if !part.is_empty() => {
            bounded_text(text.replace(part.as_str(), by))
        }
        (Function::Number, [Value::Text(text)]) => {
            text.trim().replace(',', "").parse().map_or(Value::None, Value::number)
        }
        (Function::Date, [Value::Text(text)]) => text.trim().parse().map_or(Value::None, Value::Date),
        _ => return None,
    })
}

fn number_function(function: Function, values: &[Value]) -> Option<Value> {
    Some(match (function, values) {
        (Function::Round, [Value::Number(number)]) => Value::number(number.round()),
        (Function::Round, [Value::Number(number), Value::Number(digits)]) => {
            let scale = 10_f64.powi(digits.clamp(0.0, 9.0) as i32);
            Value::number((number * scale).round() / scale)
        }
        (Function::Floor, [Value::Number(number)]) => Value::number(number.floor()),
        (Function::Absolute, [Value::Number(number)]) => Value::number(number.abs()),
        (Function::Number, [Value::Number(number)]) => Value::Number(*number),
        (Function::Least | Function::Greatest, values) => {
            let numbers: Option<Vec<f64>> = values.iter().map(Value::as_number).collect();
            let best = if function == Function::Least { f64::min } else { f64::max };
            numbers?.into_iter().reduce(best).map_or(Value::None, Value::number)
        }
        _ => return None,
    })
}

fn other_function(function: Function, values: &[Value]) -> Option<Value> {
    Some(match (function, values) {
        (Function::Length, [Value::List(items)]) => Value::Number(items.len() as f64),
        (Function::Length, [Value::Record(record)]) => Value::Number(record.len() as f64),
        (Function::First, [Value::List(items)]) => items.first().cloned().unwrap_or_default(),
        (Function::Last, [Value::List(items)]) => items.last().cloned().unwrap_or_default(),
        (Function::Date, [Value::Date(date)]) => Value::Date(*date),
        (Function::Weekday, [Value::Date(date)]) => Value::Number(f64::from(date.weekday())),
        (Function::DaysBetween, [Value::Date(from), Value::Date(to)]) => {
            Value::Number((to.days() - from.days()) as f64)
        }
        _ => return None,
    })
}

/// Lists count from 0; a record may be asked for a field whose name is a value.
fn index_of(value: Value, index: &Value) -> Value {
    match (value, index) {
        (Value::List(mut items), Value::Number(index))
            if index.fract() == 0.0 && *index >= 0.0 && *index < items.len() as f64 =>
        {
            items.swap_remove(*index as usize)
        }
        (record @ Value::Record(_), Value::Text(name)) => record.member(name),
        _ => Value::None,
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Value {
    match operator {
        Operator::Equal => Value::Boolean(left == right),
        Operator::NotEqual => Value::Boolean(left != right),
        Operator::Less => compared(left, right, std::cmp::Ordering::is_lt),
        Operator::LessOrEqual => compared(left, right, std::cmp::Ordering::is_le),
        Operator::Greater => compared(left, right, std::cmp::Ordering::is_gt),
        Operator::GreaterOrEqual => compared(left, right, std::cmp::Ordering::is_ge),
        Operator::In => match (left, right) {
            (item, Value::List(items)) => Value::Boolean(items.contains(item)),
            (Value::Text(part), Value::Text(text)) => Value::Boolean(text.contains(part.as_str())),
            (Value::Text(name), Value::Record(record)) => Value::Boolean(record.contains_key(name)),
            _ => Value::Boolean(false),
        },
        Operator::And => Value::Boolean(left.is_true() && right.is_true()),
        Operator::Or => Value::Boolean(left.is_true() || right.is_true()),
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
            arithmetic(operator, left, right)
        }
    }
}

fn compared(left: &Value, right: &Value, holds: fn(std::cmp::Ordering) -> bool) -> Value {
    let ordering = match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        _ => None,
    };
    Value::Boolean(ordering.is_some_and(holds))
}

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Value {
    match (operator, left, right) {
        (Operator::Add, Value::Text(left), Value::Text(right)) => bounded_text(format!("{left}{right}")),
        (Operator::Add, Value::Date(date), Value::Number(days)) => moved(*date, *days),
        (Operator::Subtract, Value::Date(date), Value::Number(days)) => moved(*date, -days),
        (Operator::Add, Value::Number(left), Value::Number(right)) => Value::number(left + right),
        (Operator::Subtract, Value::Number(left), Value::Number(right)) => Value::number(left - right),
        (Operator::Multiply, Value::Number(left), Value::Number(right)) => Value::number(left * right),
        (Operator::Divide, Value::Number(left), Value::Number(right)) => Value::number(left / right),
        _ => Value::None,
    }
}

fn moved(date: Date, days: f64) -> Value {
    if days.fract() != 0.0 || days.abs() > 4_000_000.0 {
        return Value::None;
    }
    Date::from_days(date.days() + days as i64).map_or(Value::None, Value::Date)
}

fn bounded_text(text: String) -> Value {
    if text.len() > MAX_TEXT { Value::None } else { Value::Text(text) }
}
