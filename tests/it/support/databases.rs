//! A fresh, empty, migrated database of every kind, for one test.

use std::ops::Deref;
use std::time::Duration;

use roundsman::store::{Db, DbSettings};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::samples::id;

/// A database that no other test uses.
pub(crate) struct TestDb {
    db: Db,
    /// Its address, to open it once more.
    pub(crate) url: String,
    /// Keeps the file of SQLite.
    _folder: Option<TempDir>,
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

/// SQLite in a temporary file always; PostgreSQL, in a schema of its own, if `TEST_POSTGRES_URL`
/// is set.
pub(crate) async fn databases() -> Vec<TestDb> {
    let mut all = vec![sqlite().await];
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        all.push(postgres(&url).await);
    }
    all
}

/// SQLite alone, for what only it has.
pub(crate) async fn sqlite() -> TestDb {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let db = connect(&url).await;
    TestDb { db, url, _folder: Some(folder) }
}

async fn postgres(server: &str) -> TestDb {
    let schema = format!("test_{}", id::<Uuid>().simple());
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("create schema {schema}")))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let mark = if server.contains('?') { '&' } else { '?' };
    // The extension that the tables need lives in `public`.
    let url = format!("{server}{mark}options[search_path]={schema},public");
    let db = connect(&url).await;
    TestDb { db, url, _folder: None }
}

/// Opens and migrates the database at `url`.
pub(crate) async fn connect(url: &str) -> Db {
    let settings = DbSettings {
        connections_max: 6,
        wait_max: Duration::from_secs(30),
        ..DbSettings::new(url)
    };
    let db = Db::connect(&settings).await.unwrap();
    db.migrate().await.unwrap();
    db
}

impl TestDb {
    /// Runs SQL on a connection of its own, past all of the program's code.
    pub(crate) async fn raw(&self, sql: &str) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await?;
            Ok(sqlx::raw_sql(sql).execute(&mut connection).await?.rows_affected())
        } else {
            let mut connection = PgConnection::connect(&self.url).await?;
            Ok(sqlx::raw_sql(sql).execute(&mut connection).await?.rows_affected())
        }
    }

    /// The first column of every row that SQL gives, as text.
    pub(crate) async fn raw_column(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        }
    }
}
