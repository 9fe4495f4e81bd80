//! Inserting many rows with one statement.

use sqlx::{AnyConnection, AssertSqlSafe};

use super::{Dialect, StoreError};

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

/// Every statement waits for its turn on the connection's thread, so nearly every number of rows has its own.
const SIZES: [usize; 16] = [64, 48, 40, 32, 24, 20, 16, 14, 12, 10, 8, 6, 4, 3, 2, 1];

/// Rows for one table that are inserted together at the end of a batch.
pub(crate) struct Rows {
    dialect: Dialect,
    table: &'static str,
    columns: &'static str,
    width: usize,
    waiting: Vec<Vec<Value>>,
}

impl Rows {
    /// `columns` is the comma-separated list of the `width` columns that each row fills.
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

    /// Inserts all rows in chunks of few sizes, so that the connection keeps their prepared statements.
    pub(crate) async fn flush(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let mut rows = std::mem::take(&mut self.waiting).into_iter();
        while rows.len() > 0 {
            let size = SIZES.iter().copied().find(|size| *size <= rows.len()).unwrap_or(1);
            let sql = self.statement(size);
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for value in rows.by_ref().take(size).flatten() {
                query = match value {
                    Value::Text(text) => query.bind(text),
                    Value::Int(number) => query.bind(number),
                    Value::NoText => query.bind(Option::<String>::None),
                    Value::NoInt => query.bind(Option::<i64>::None),
                };
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// The statement's text is made of constants and numbers only.
    fn statement(&self, size: usize) -> String {
        let insert = match self.dialect {
            // Without "OR FAIL" SQLite keeps a second journal to undo the statement alone; a failed batch is rolled back
            // whole.
            Dialect::Sqlite => "INSERT OR FAIL",
            Dialect::Postgres => "INSERT",
        };
        let mut sql = format!("{insert} INTO {} ({}) VALUES ", self.table, self.columns);
        push_placeholders(&mut sql, self.dialect, (size, self.width), 1);
        sql
    }
}

/// Appends `(?, ?), (?, ?)` or `($1, $2), ($3, $4)`: so many rows of so many values, the first of this number. SQLite
/// looks named parameters up one after another, which is slow for hundreds.
pub(super) fn push_placeholders(
    sql: &mut String,
    dialect: Dialect,
    (rows, width): (usize, usize),
    first: usize,
) {
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            if column > 0 {
                sql.push_str(", ");
            }
            match dialect {
                Dialect::Sqlite => sql.push('?'),
                Dialect::Postgres => {
                    sql.push('$');
                    sql.push_str(&(first + row * width + column).to_string());
                }
            }
        }
        sql.push(')');
    }
}
