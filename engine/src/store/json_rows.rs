//! Many rows as one JSON text, into a statement and out of it: one text for any number of them.

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row};

use super::{Dialect, StoreError};

/// A column of such rows: a short name and its SQL type, `TEXT` or `BIGINT`.
pub(super) type Column = (&'static str, &'static str);

/// Rows on their way into a statement: a JSON array of objects, written as they come.
pub(super) struct JsonRows {
    columns: &'static [Column],
    json: String,
    len: usize,
}

impl JsonRows {
    pub(super) fn new(columns: &'static [Column]) -> Self {
        Self { columns, json: "[".to_owned(), len: 0 }
    }

    /// Adds a row: a value for each column.
    pub(super) fn push<const WIDTH: usize>(&mut self, values: [Value; WIDTH]) {
        debug_assert_eq!(WIDTH, self.columns.len());
        if self.len > 0 {
            self.json.push(',');
        }
        for (place, ((name, _), value)) in self.columns.iter().zip(values).enumerate() {
            self.json.push_str(if place == 0 { "{\"" } else { ",\"" });
            self.json.push_str(name);
            self.json.push_str("\":");
            // Writing into a text cannot fail.
            let _written = write!(self.json, "{value}");
        }
        self.json.push('}');
        self.len += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The parameter's value.
    pub(super) fn json(mut self) -> String {
        self.json.push(']');
        self.json
    }

    /// A table `k` of the rows in the parameter of this number, for a FROM clause.
    pub(super) fn table(columns: &[Column], dialect: Dialect, parameter: usize) -> String {
        match dialect {
            Dialect::Sqlite => {
                let fields: Vec<_> =
                    columns.iter().map(|(name, _)| format!("value ->> '$.{name}' AS {name}")).collect();
                format!("(SELECT {} FROM json_each(${parameter})) AS k", fields.join(", "))
            }
            Dialect::Postgres => {
                let fields: Vec<_> = columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
                format!("json_to_recordset(${parameter}::json) AS k({})", fields.join(", "))
            }
        }
    }
}

/// A query for the rows of `SELECT columns rest`, in any order, as one JSON text with an array for each row. Every row
/// that a statement returns by itself is handed from the connection's thread to the caller's, which costs more than
/// reading it.
pub(super) fn gathered(dialect: Dialect, columns: &[&str], rest: &str) -> String {
    let aliases: Vec<_> = (0..columns.len()).map(|place| format!("q{place}")).collect();
    let selected: Vec<_> =
        columns.iter().zip(&aliases).map(|(column, alias)| format!("{column} AS {alias}")).collect();
    let (aliases, selected) = (aliases.join(", "), selected.join(", "));
    match dialect {
        Dialect::Sqlite => {
            format!("SELECT json_group_array(json_array({aliases})) FROM (SELECT {selected} {rest})")
        }
        Dialect::Postgres => format!(
            "SELECT COALESCE(json_agg(json_build_array({aliases})), '[]')::text FROM (SELECT {selected} {rest}) AS q"
        ),
    }
}

/// Runs a [`gathered`] query: each row's columns become a tuple, or a structure's fields in order.
pub(super) async fn fetch_gathered<One: DeserializeOwned>(
    query: Query<'_, Any, AnyArguments>,
    connection: &mut AnyConnection,
) -> Result<Vec<One>, StoreError> {
    let rows: String = query.fetch_one(connection).await?.try_get(0)?;
    serde_json::from_str(&rows).map_err(StoreError::corrupt("row"))
}

/// What makes a `SELECT` from conversations hold the rows that it finds until the commit.
pub(super) fn for_update(dialect: Dialect) -> &'static str {
    match dialect {
        // There is one writer, and it has the whole database.
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR NO KEY UPDATE OF c",
    }
}

/// Text for a JSON parameter: PostgreSQL's text has no place for the null character.
pub(super) fn plain(text: &str) -> String {
    text.replace('\0', "")
}
