//! Many rows as one JSON parameter: one statement with the same text for any number of them.

use serde_json::{Map, Value};

use super::Dialect;

/// A column of such rows: a short name and its SQL type, `TEXT` or `BIGINT`.
pub(super) type Column = (&'static str, &'static str);

/// Rows on their way into a statement.
pub(super) struct JsonRows {
    columns: &'static [Column],
    rows: Vec<Value>,
}

impl JsonRows {
    pub(super) fn new(columns: &'static [Column]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row: a value for each column.
    pub(super) fn push<const WIDTH: usize>(&mut self, values: [Value; WIDTH]) {
        debug_assert_eq!(WIDTH, self.columns.len());
        let fields = self.columns.iter().zip(values).map(|((name, _), value)| ((*name).to_owned(), value));
        self.rows.push(Value::Object(fields.collect::<Map<_, _>>()));
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The parameter's value.
    pub(super) fn json(self) -> String {
        Value::Array(self.rows).to_string()
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

/// Text for a JSON parameter: PostgreSQL's text has no place for the null character.
pub(super) fn plain(text: &str) -> String {
    text.replace('\0', "")
}
