//! Inserting many rows with one statement.

use super::Dialect;

/// A value of a row.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Int(i64),
    NoText,
    NoInt,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<crate::clock::Micros> for Value {
    fn from(at: crate::clock::Micros) -> Self {
        Self::Int(at.0)
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::NoText, Self::Text)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::NoText, Self::from)
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::NoInt, Self::Int)
    }
}

impl<Kind> From<&crate::ids::Id<Kind>> for Value {
    fn from(id: &crate::ids::Id<Kind>) -> Self {
        Self::from(id.as_str())
    }
}

impl<Kind> From<Option<&crate::ids::Id<Kind>>> for Value {
    fn from(id: Option<&crate::ids::Id<Kind>>) -> Self {
        id.map_or(Self::NoText, Self::from)
    }
}

/// PostgreSQL keeps a prepared statement for each number of rows.
const SIZES: [usize; 16] = [64, 48, 40, 32, 24, 20, 16, 14, 12, 10, 8, 6, 4, 3, 2, 1];
/// SQLite's statements have room for so many rows, and what stays empty is left out by a filter: so few texts stay prepared
/// whatever the numbers are.
const ROOMS: [usize; 3] = [64, 16, 4];

/// Rows for one table that are inserted together at the end of a batch.
pub(crate) struct Rows {
    dialect: Dialect,
    table: &'static str,
    columns: &'static str,
    width: usize,
    waiting: Vec<Vec<Value>>,
}

impl Rows {
    /// `columns` is the comma-separated list of the columns that each row fills; the first one is never empty.
    pub(crate) fn new(dialect: Dialect, table: &'static str, columns: &'static str) -> Self {
        Self { dialect, table, columns, width: columns.split(',').count(), waiting: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<Value>) {
        debug_assert_eq!(row.len(), self.width, "a row of {} must fill its columns", self.table);
        self.waiting.push(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The collected rows; what is pushed from now on is another collection.
    pub(super) fn take(&mut self) -> Self {
        Self { waiting: std::mem::take(&mut self.waiting), ..*self }
    }

    /// The next statement that inserts waiting rows, with its values.
    pub(super) fn next_insert(&mut self) -> Option<(String, Vec<Value>)> {
        let waiting = self.waiting.len();
        if waiting == 0 {
            return None;
        }
        let (room, taken) = match self.dialect {
            Dialect::Sqlite => {
                let room = ROOMS.iter().copied().rfind(|room| *room >= waiting).unwrap_or(ROOMS[0]);
                (room, room.min(waiting))
            }
            Dialect::Postgres => {
                let size = SIZES.iter().copied().find(|size| *size <= waiting).unwrap_or(1);
                (size, size)
            }
        };
        let mut values: Vec<Value> = self.waiting.drain(..taken).flatten().collect();
        values.resize(room * self.width, Value::NoText);
        Some((self.insert(room), values))
    }

    /// The statement's text is made of constants and numbers only.
    fn insert(&self, room: usize) -> String {
        let Self { table, columns, width, .. } = *self;
        match self.dialect {
            // SQLite looks named parameters up one after another, which is slow for hundreds.
            Dialect::Sqlite => {
                let row = format!("({})", vec!["?"; width].join(", "));
                let rows = vec![row.as_str(); room].join(", ");
                format!(
                    "INSERT INTO {table} ({columns}) SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL"
                )
            }
            Dialect::Postgres => {
                let mut numbers = (1..=room * width).map(|number| format!("${number}"));
                let rows: Vec<String> = (0..room)
                    .map(|_| format!("({})", numbers.by_ref().take(width).collect::<Vec<_>>().join(", ")))
                    .collect();
                format!("INSERT INTO {table} ({columns}) VALUES {}", rows.join(", "))
            }
        }
    }
}
