//! Inserting many rows with one statement.

use sqlx::{AnyConnection, AssertSqlSafe};

use super::StoreError;

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
    table: &'static str,
    columns: &'static str,
    width: usize,
    waiting: Vec<Vec<Value>>,
}

impl Rows {
    /// `columns` is the comma-separated list of the `width` columns that each row fills.
    pub(crate) fn new(table: &'static str, columns: &'static str) -> Self {
        Self { table, columns, width: columns.split(',').count(), waiting: Vec::new() }
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
        let mut sql = format!("INSERT INTO {} ({}) VALUES ", self.table, self.columns);
        for row in 0..size {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.width {
                if column > 0 {
                    sql.push_str(", ");
                }
                sql.push('$');
                sql.push_str(&(row * self.width + column + 1).to_string());
            }
            sql.push(')');
        }
        sql
    }
}
