//! A transaction on either database, and what it collects until its commit.

use std::sync::Arc;

use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use tokio::sync::{Notify, broadcast};

use crate::domain::id::OrganizationId;
use crate::store::StoreError;
use crate::store::changes::{Changes, Committed};
use crate::store::group::GroupTx;

/// One transaction. Dropped without [`Tx::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    backend: Backend,
    writes: bool,
    pub(crate) changes: Changes,
    bell: Bell,
}

/// Where a commit is heard by others in this process.
#[derive(Debug, Clone)]
pub(crate) struct Bell {
    /// Organizations with new events.
    pub(crate) events: broadcast::Sender<OrganizationId>,
    /// New tasks.
    pub(crate) tasks: Arc<Notify>,
}

/// The databases' own transactions.
#[derive(Debug)]
pub(crate) enum Backend {
    /// Reads a snapshot of a SQLite file.
    SqliteRead(Transaction<'static, Sqlite>),
    /// Writes a SQLite file.
    SqliteWrite(GroupTx),
    /// On a PostgreSQL server.
    Postgres(Transaction<'static, Postgres>),
}

/// The connection of a transaction.
pub(crate) enum Connection<'a> {
    /// To a SQLite file.
    Sqlite(&'a mut SqliteConnection),
    /// To a PostgreSQL server.
    Postgres(&'a mut PgConnection),
}

impl Tx {
    pub(crate) fn new(backend: Backend, writes: bool, bell: Bell) -> Self {
        Self { backend, writes, changes: Changes::default(), bell }
    }

    /// Whether it may write.
    pub(crate) fn writes(&self) -> bool {
        self.writes
    }

    /// The connection, inside this transaction.
    pub(crate) fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        Ok(match &mut self.backend {
            Backend::SqliteRead(tx) => Connection::Sqlite(&mut *tx),
            Backend::SqliteWrite(tx) => Connection::Sqlite(tx.connection()?),
            Backend::Postgres(tx) => Connection::Postgres(&mut *tx),
        })
    }

    /// Whether it runs on PostgreSQL, whose writers run at the same time.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Raises the versions of what changed, appends the events, and makes all of it durable.
    ///
    /// Returns the new versions. Cost: one statement for each kind of change, and on SQLite the
    /// share of one wait for the disk.
    ///
    /// # Errors
    /// If the database refuses; then nothing has changed.
    pub async fn commit(mut self) -> Result<Committed, StoreError> {
        let committed = Changes::write(&mut self).await?;
        match self.backend {
            Backend::SqliteRead(tx) => tx.commit().await?,
            Backend::SqliteWrite(tx) => tx.commit().await?,
            Backend::Postgres(tx) => tx.commit().await?,
        }
        for organization_id in &committed.told {
            // Nobody listens, nobody is told.
            self.bell.events.send(*organization_id).ok();
        }
        if committed.asked {
            // Several workers wait, each for kinds of its own; and one may just be looking.
            self.bell.tasks.notify_waiters();
            self.bell.tasks.notify_one();
        }
        Ok(committed)
    }
}
