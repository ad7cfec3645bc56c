//! A query text with its values, run on whichever database a transaction belongs to.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};

use crate::store::StoreError;
use crate::store::tx::{Connection, Tx};

/// A value bound to a query; never part of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, or null.
    Text(Option<String>),
    /// A whole number, or null.
    Int(Option<i64>),
    /// True or false.
    Bool(bool),
}

/// A query text under construction with its values, numbered `$1`, `$2`, ...
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    text: String,
    values: Vec<Value>,
}

/// A row that both databases can give.
pub(crate) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

macro_rules! run {
    ($query:expr, $tx:expr, $start:expr, $method:ident) => {{
        let Query { text, values } = $query;
        match $tx.connection()? {
            Connection::Sqlite(connection) => {
                let mut query = $start(AssertSqlSafe(text));
                for value in values {
                    query = match value {
                        Value::Text(value) => query.bind(value),
                        Value::Int(value) => query.bind(value),
                        Value::Bool(value) => query.bind(value),
                    };
                }
                query.$method(connection).await
            }
            Connection::Postgres(connection) => {
                let mut query = $start(AssertSqlSafe(text));
                for value in values {
                    query = match value {
                        Value::Text(value) => query.bind(value),
                        Value::Int(value) => query.bind(value),
                        Value::Bool(value) => query.bind(value),
                    };
                }
                query.$method(connection).await
            }
        }
    }};
}

impl Query {
    /// A query that starts with `text`, which must come from the program, never from input.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    /// Appends text of the program.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Binds the next value and appends its placeholder to the text.
    pub(crate) fn push_value(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Appends `($1, $2, ...)` with a placeholder for each value, or `(null)`, which nothing is in.
    pub(crate) fn push_tuple(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Self {
        self.push("(");
        let before = self.values.len();
        for value in values {
            self.push(if self.values.len() > before { ", " } else { "" });
            self.push_value(value);
        }
        self.push(if self.values.len() == before { "null)" } else { ")" })
    }

    /// Binds the next value; the text already has its placeholder.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it; how many rows it touched.
    pub(crate) async fn execute(self, tx: &mut Tx) -> Result<u64, StoreError> {
        let Query { text, values } = self;
        let count = match tx.connection()? {
            Connection::Sqlite(connection) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = match value {
                        Value::Text(value) => query.bind(value),
                        Value::Int(value) => query.bind(value),
                        Value::Bool(value) => query.bind(value),
                    };
                }
                query.execute(connection).await?.rows_affected()
            }
            Connection::Postgres(connection) => {
                let mut query = sqlx::query(AssertSqlSafe(text));
                for value in values {
                    query = match value {
                        Value::Text(value) => query.bind(value),
                        Value::Int(value) => query.bind(value),
                        Value::Bool(value) => query.bind(value),
                    };
                }
                query.execute(connection).await?.rows_affected()
            }
        };
        Ok(count)
    }

    /// Runs it; every row.
    pub(crate) async fn all<R: Row>(self, tx: &mut Tx) -> Result<Vec<R>, StoreError> {
        Ok(run!(self, tx, sqlx::query_as, fetch_all)?)
    }

    /// Runs it; the first row, if there is one.
    pub(crate) async fn first<R: Row>(self, tx: &mut Tx) -> Result<Option<R>, StoreError> {
        Ok(run!(self, tx, sqlx::query_as, fetch_optional)?)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(Some(number.into()))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}
