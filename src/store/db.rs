//! Connecting to a database, bringing its tables up to date, opening transactions.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, PgPool, Postgres, SqlitePool, Transaction};
use tokio::sync::{Notify, broadcast};

use crate::domain::id::OrganizationId;
use crate::store::StoreError;
use crate::store::error::plain;
use crate::store::group::Writer;
use crate::store::tx::{Backend, Bell, Tx};

/// News kept for a listener that is slow; then it reads the events from the table anyway.
const NOTICES_MAX: usize = 1024;

/// Seconds after which PostgreSQL ends a transaction that does nothing; then its process hangs.
const IDLE_S: u32 = 60;
/// The log of SQLite is cut back to this many bytes after a burst.
const LOG_BYTES: &str = "67108864";

/// How to connect.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// `sqlite:<path of a file>` or `postgres://user:password@host:port/database`.
    pub url: String,
    /// Connections at most: on SQLite readers besides the one writer, on PostgreSQL all.
    pub connections_max: u32,
    /// How long to wait for a connection, or on SQLite for the write lock.
    pub wait_max: Duration,
}

/// A connected database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Db {
    server: Server,
    bell: Bell,
}

#[derive(Debug, Clone)]
enum Server {
    Sqlite { readers: SqlitePool, writer: Arc<Writer> },
    Postgres(PgPool),
}

impl DbSettings {
    /// Settings for `url` with 8 connections and 10 s of patience.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), connections_max: 8, wait_max: Duration::from_secs(10) }
    }
}

impl Db {
    /// Connects; makes the SQLite file if there is none.
    ///
    /// # Errors
    /// If the address is no such address, or the file or server cannot be reached.
    pub async fn connect(settings: &DbSettings) -> Result<Self, StoreError> {
        let url = settings.url.as_str();
        let server = if url.starts_with("sqlite:") {
            sqlite(settings).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres(settings).await?
        } else {
            let message = "the database address must start with `sqlite:` or `postgres://`";
            return Err(StoreError::Setup(message.to_owned()));
        };
        let (events, _) = broadcast::channel(NOTICES_MAX);
        Ok(Self { server, bell: Bell { events, tasks: Arc::new(Notify::new()) } })
    }

    /// Creates or updates the tables.
    ///
    /// # Errors
    /// If a migration fails; the ones before it stay applied.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.server {
            Server::Sqlite { writer, .. } => writer.migrate().await,
            Server::Postgres(pool) => {
                // Several processes may start at once and wait for each other here, however long
                // the migrations take.
                let mut connection = pool.acquire().await?;
                sqlx::query("set lock_timeout = 0").execute(&mut *connection).await?;
                let migrator = sqlx::migrate!("migrations/postgres");
                let result = migrator.run(&mut *connection).await.map_err(StoreError::Migrate);
                sqlx::query("reset lock_timeout").execute(&mut *connection).await?;
                result
            }
        }
    }

    /// Opens a transaction that only reads, all of it at one moment.
    ///
    /// # Errors
    /// If no connection is free in time.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        let backend = match &self.server {
            Server::Sqlite { readers, .. } => Backend::SqliteRead(readers.begin().await?),
            Server::Postgres(pool) => {
                let begin = "begin isolation level repeatable read read only";
                Backend::Postgres(begun(pool, Some(begin)).await?)
            }
        };
        Ok(Tx::new(backend, false, self.bell.clone()))
    }

    /// Opens a transaction that writes.
    ///
    /// On SQLite there is one writer at a time, and the task waits here for its turn. Never wait
    /// for another task, a lock or the network while holding it, and never open a second one.
    /// On PostgreSQL each statement sees what was committed before it; take the locks of
    /// [`crate::store::plans::lock_technicians`] before reading what the writing depends on.
    ///
    /// # Errors
    /// If no connection is free in time.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let backend = match &self.server {
            Server::Sqlite { writer, .. } => Backend::SqliteWrite(writer.begin().await?),
            Server::Postgres(pool) => Backend::Postgres(begun(pool, None).await?),
        };
        Ok(Tx::new(backend, true, self.bell.clone()))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not, or not in time.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match &self.server {
            Server::Sqlite { readers, .. } => {
                sqlx::query("select 1").execute(readers).await?;
            }
            Server::Postgres(pool) => {
                sqlx::query("select 1").execute(pool).await?;
            }
        }
        Ok(())
    }

    /// `sqlite` or `postgres`, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match &self.server {
            Server::Sqlite { .. } => "sqlite",
            Server::Postgres(_) => "postgres",
        }
    }

    /// Whether other processes may write to the same database.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.server, Server::Postgres(_))
    }

    /// Returns when this process has committed new tasks, at once if it did since the last call;
    /// for one worker at a time.
    pub async fn tasks_asked(&self) {
        self.bell.tasks.notified().await;
    }

    /// Organizations in which this process has just committed events.
    pub(crate) fn notices(&self) -> broadcast::Receiver<OrganizationId> {
        self.bell.events.subscribe()
    }
}

async fn sqlite(settings: &DbSettings) -> Result<Server, StoreError> {
    let options = SqliteConnectOptions::from_str(&settings.url)
        .map_err(|error| StoreError::Setup(format!("database address: {error}")))?;
    if settings.url.contains(":memory:") || settings.url.contains("mode=memory") {
        let message = "the database needs a file, since several connections share it";
        return Err(StoreError::Setup(message.to_owned()));
    }
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(settings.wait_max.min(Duration::from_secs(5)))
        .foreign_keys(true)
        .pragma("journal_size_limit", LOG_BYTES)
        .statement_cache_capacity(300);
    let path = options.get_filename().to_owned();
    let writer = Writer::open(&options, settings.wait_max).await.map_err(|error| {
        let why = match &error {
            StoreError::Database(cause) => plain(cause),
            other => other.to_string(),
        };
        let path = path.display();
        StoreError::Setup(format!("cannot open the database file {path}: {why}"))
    })?;
    let readers = SqlitePoolOptions::new()
        .max_connections(settings.connections_max)
        .acquire_timeout(settings.wait_max)
        .connect_with(options.pragma("query_only", "on"))
        .await?;
    Ok(Server::Sqlite { readers, writer: Arc::new(writer) })
}

/// Begins a transaction in a task of its own, which nobody breaks off.
///
/// Who asked may go away at any moment. A beginning that is broken off between request and answer
/// would leave the connection inside a transaction of which the driver does not know, and whoever
/// gets the connection next would read an old moment or could not write.
async fn begun(
    pool: &PgPool,
    statement: Option<&'static str>,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    let pool = pool.clone();
    let begin = tokio::spawn(async move {
        match statement {
            Some(statement) => pool.begin_with(statement).await,
            None => pool.begin().await,
        }
    });
    // Such a task ends early only together with the whole process.
    Ok(begin.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
}

async fn postgres(settings: &DbSettings) -> Result<Server, StoreError> {
    // The address may hold a password, so the error does not show it.
    let options = PgConnectOptions::from_str(&settings.url)
        .map_err(|_| StoreError::Setup("the PostgreSQL address cannot be read".to_owned()))?
        .statement_cache_capacity(300)
        .options([
            // Whatever the server's default: an acknowledged booking is on the disk.
            ("synchronous_commit", "on".to_owned()),
            // A writer that hangs must not keep the others out for ever.
            ("lock_timeout", format!("{}ms", settings.wait_max.as_millis())),
            ("idle_in_transaction_session_timeout", format!("{IDLE_S}s")),
        ]);
    let pool = PgPoolOptions::new()
        .max_connections(settings.connections_max)
        .acquire_timeout(settings.wait_max)
        .connect_with(options.clone())
        .await;
    match pool {
        Ok(pool) => Ok(Server::Postgres(pool)),
        Err(error) => Err(unreachable(settings, &options, error).await),
    }
}

/// Why PostgreSQL cannot be reached. The pool tries until its time is over and then knows only that;
/// one more attempt says why.
async fn unreachable(
    settings: &DbSettings,
    options: &PgConnectOptions,
    error: sqlx::Error,
) -> StoreError {
    let error = match error {
        sqlx::Error::PoolTimedOut => {
            match tokio::time::timeout(settings.wait_max, options.connect()).await {
                Ok(Err(error)) => error,
                Ok(Ok(_)) | Err(_) => error,
            }
        }
        other => other,
    };
    let why = match &error {
        sqlx::Error::PoolTimedOut => format!("no answer in {} s", settings.wait_max.as_secs()),
        other => plain(other),
    };
    let (host, port) = (options.get_host(), options.get_port());
    StoreError::Setup(format!("cannot reach PostgreSQL at {host}:{port}: {why}"))
}
