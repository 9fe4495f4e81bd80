//! The functions of the language, a closed list.

/// A function that expressions may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Length,
    Lower,
    Upper,
    Trim,
    Contains,
    StartsWith,
    EndsWith,
    Replace,
    Text,
    Number,
    Date,
    Round,
    Floor,
    Absolute,
    Least,
    Greatest,
    Default,
    If,
    First,
    Last,
    Join,
    Where,
    Weekday,
    DaysBetween,
    Baht,
    Title,
}

impl Function {
    pub const ALL: [Function; 26] = [
        Function::Length,
        Function::Lower,
        Function::Upper,
        Function::Trim,
        Function::Contains,
        Function::StartsWith,
        Function::EndsWith,
        Function::Replace,
        Function::Text,
        Function::Number,
        Function::Date,
        Function::Round,
        Function::Floor,
        Function::Absolute,
        Function::Least,
        Function::Greatest,
        Function::Default,
        Function::If,
        Function::First,
        Function::Last,
        Function::Join,
        Function::Where,
        Function::Weekday,
        Function::DaysBetween,
        Function::Baht,
        Function::Title,
    ];

    pub fn named(name: &str) -> Option<Self> {
        Function::ALL.into_iter().find(|function| function.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Function::Length => "length",
            Function::Lower => "lower",
            Function::Upper => "upper",
            Function::Trim => "trim",
            Function::Contains => "contains",
            Function::StartsWith => "starts_with",
            Function::EndsWith => "ends_with",
            Function::Replace => "replace",
            Function::Text => "text",
            Function::Number => "number",
            Function::Date => "date",
            Function::Round => "round",
            Function::Floor => "floor",
            Function::Absolute => "abs",
            Function::Least => "min",
            Function::Greatest => "max",
            Function::Default => "default",
            Function::If => "if",
            Function::First => "first",
            Function::Last => "last",
            Function::Join => "join",
            Function::Where => "where",
            Function::Weekday => "weekday",
            Function::DaysBetween => "days_between",
            Function::Baht => "baht",
            Function::Title => "title",
        }
    }

    /// The least and the greatest number of values it takes.
    pub fn arguments(self) -> (usize, usize) {
        match self {
            Function::Length
            | Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::Text
            | Function::Number
            | Function::Date
            | Function::Floor
            | Function::Absolute
            | Function::First
            | Function::Last
            | Function::Weekday
            | Function::Baht
            | Function::Title => (1, 1),
            Function::Contains
            | Function::StartsWith
            | Function::EndsWith
            | Function::Default
            | Function::Where
            | Function::DaysBetween => (2, 2),
            Function::Round => (1, 2),
            Function::Replace | Function::If => (3, 3),
            Function::Join => (2, 3),
            Function::Least | Function::Greatest => (1, 10),
        }
    }

    /// Whether the value at this position is worked out once for each element, which is then `item`.
    pub(crate) fn binds_item(self, position: usize) -> bool {
        matches!((self, position), (Function::Join, 2) | (Function::Where, 1))
    }
}
