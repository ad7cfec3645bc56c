//! Group commit on SQLite: many transactions, one wait for the disk.
//!
//! SQLite has one writer, and making a commit durable waits for the disk (milliseconds). So one
//! connection writes; each [`GroupTx`] is a savepoint in an outer transaction, and savepoints whose
//! owners want to commit are made durable together as soon as nobody waits for the connection, the
//! group is large or its first member has waited long enough. `commit` returns only after that.
//! What an earlier member of the group wrote is visible to the later ones; that is sound because
//! they are kept or lost together.
//!
//! Never wait for another task while holding a [`GroupTx`]: every writer stands behind it.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, oneshot};

use crate::store::StoreError;

/// Transactions written together at most; measured: larger groups gain little.
const GROUP_MAX: usize = 64;
/// A member of a group waits no longer for others than this.
const GROUP_AGE_MAX: Duration = Duration::from_millis(20);

/// The one connection that writes, and the queue for it (first come, first served).
#[derive(Debug)]
pub(crate) struct Writer {
    state: Arc<Mutex<State>>,
    shared: Arc<Shared>,
    wait_max: Duration,
}

/// What may be looked at without having the connection.
#[derive(Debug, Default)]
struct Shared {
    /// Tasks in the queue for the connection.
    waiting: AtomicUsize,
    /// Whether SQLite may commit now; consulted by its commit hook.
    commit_allowed: AtomicBool,
    /// How often SQLite has rolled back a whole transaction.
    rollbacks: AtomicU64,
    /// Wakes the janitor.
    janitor: Notify,
    /// Whether the janitor shall end.
    closed: AtomicBool,
}

#[derive(Debug)]
struct State {
    connection: SqliteConnection,
    /// The outer transaction, if one is open.
    group: Option<Group>,
    /// `begin` was sent, and its answer not seen.
    beginning: bool,
    /// A savepoint was set, and not released.
    unfinished: bool,
}

/// An outer transaction and those who wait for its commit.
#[derive(Debug)]
struct Group {
    /// [`Shared::rollbacks`] when it began; another number means that it is lost.
    rollbacks: u64,
    began: Instant,
    members: Vec<oneshot::Sender<Result<(), String>>>,
}

/// One writing transaction; rolled back if dropped before [`GroupTx::commit`].
#[derive(Debug)]
pub(crate) struct GroupTx {
    /// `None` only while it is being committed.
    state: Option<OwnedMutexGuard<State>>,
    shared: Arc<Shared>,
}

impl Writer {
    /// Opens the connection; `wait_max` bounds the time in the queue.
    pub(crate) async fn open(
        options: &SqliteConnectOptions,
        wait_max: Duration,
    ) -> Result<Self, StoreError> {
        let mut connection = options.connect().await?;
        let shared = Arc::new(Shared::default());
        shared.commit_allowed.store(true, Ordering::SeqCst);
        {
            let mut handle = connection.lock_handle().await?;
            // After SQLite has lost the outer transaction (disk full, say), a statement would
            // commit by itself; the hook refuses any commit but our own.
            let hook = Arc::clone(&shared);
            handle.set_commit_hook(move || hook.commit_allowed.load(Ordering::SeqCst));
            let hook = Arc::clone(&shared);
            handle.set_rollback_hook(move || {
                hook.rollbacks.fetch_add(1, Ordering::SeqCst);
            });
        }
        let state = State { connection, group: None, beginning: false, unfinished: false };
        let writer = Self { state: Arc::new(Mutex::new(state)), shared, wait_max };
        tokio::spawn(sweep(Arc::clone(&writer.state), Arc::clone(&writer.shared)));
        Ok(writer)
    }

    /// Runs `work` on the connection outside any transaction.
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let mut state = self.enter().await?;
        state.settle(&self.shared).await;
        state.finish(&self.shared).await;
        self.shared.commit_allowed.store(true, Ordering::SeqCst);
        sqlx::migrate!("migrations/sqlite")
            .run(&mut state.connection)
            .await
            .map_err(StoreError::Migrate)
    }

    /// Waits for the connection and sets a savepoint in a new or the open outer transaction.
    pub(crate) async fn begin(&self) -> Result<GroupTx, StoreError> {
        let state = self.enter().await?;
        // From here on, giving up means dropping the transaction, which cleans up.
        let mut tx = GroupTx { state: Some(state), shared: Arc::clone(&self.shared) };
        if let Some(state) = &mut tx.state {
            state.settle(&self.shared).await;
            state.open(&self.shared).await?;
        }
        Ok(tx)
    }

    async fn enter(&self) -> Result<OwnedMutexGuard<State>, StoreError> {
        let mut place = Place::new(&self.shared);
        let lock = Arc::clone(&self.state).lock_owned();
        let state = tokio::time::timeout(self.wait_max, lock).await;
        place.reached = state.is_ok();
        state.map_err(|_| StoreError::Busy)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.shared.janitor.notify_one();
    }
}

/// A place in the queue for the connection.
struct Place<'a> {
    shared: &'a Shared,
    reached: bool,
}

impl<'a> Place<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        Self { shared, reached: false }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.shared.waiting.fetch_sub(1, Ordering::SeqCst);
        if !self.reached {
            // The owner gave up, and a group may have counted on it to come.
            self.shared.janitor.notify_one();
        }
    }
}

impl GroupTx {
    /// The connection, inside this transaction.
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        match &mut self.state {
            Some(state) => Ok(&mut state.connection),
            None => Err(StoreError::NotDurable("the transaction is over".to_owned())),
        }
    }

    /// Returns once the transaction is durable, or that it is not stored at all.
    ///
    /// Dropped while waiting, it may be stored or not, like a commit whose answer got lost.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let Some(mut state) = self.state.take() else {
            return Err(StoreError::NotDurable("the transaction is over".to_owned()));
        };
        let sent = state.release(&self.shared).await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => {
                drop(state);
                self.shared.janitor.notify_one();
                return Err(error);
            }
        };
        if state.is_due(&self.shared) {
            // In a task of its own, so that a caller who gives up does not stop it half way.
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move { state.finish(&shared).await });
        } else {
            drop(state);
        }
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(StoreError::NotDurable(reason)),
            Err(_) => Err(StoreError::NotDurable("the database is closing".to_owned())),
        }
    }
}

impl Drop for GroupTx {
    fn drop(&mut self) {
        if self.state.take().is_some() {
            // Whoever has the connection next rolls the savepoint back; if nobody comes, the
            // janitor does, and it commits the members of the group that are waiting.
            self.shared.janitor.notify_one();
        }
    }
}

impl State {
    /// Opens an outer transaction unless there is one, and sets the savepoint.
    async fn open(&mut self, shared: &Shared) -> Result<(), StoreError> {
        if self.group.is_none() {
            shared.commit_allowed.store(false, Ordering::SeqCst);
            self.beginning = true;
            let began = self.run("begin immediate").await;
            self.beginning = false;
            began?;
            let rollbacks = shared.rollbacks.load(Ordering::SeqCst);
            let members = Vec::new();
            self.group = Some(Group { rollbacks, began: Instant::now(), members });
        }
        self.unfinished = true;
        self.run("savepoint member").await
    }

    /// Brings the connection into a known state after a task left it at any point.
    async fn settle(&mut self, shared: &Shared) {
        if mem::take(&mut self.beginning) {
            // No group exists yet, so nothing of anybody is lost. Fails if `begin` never ran.
            self.run("rollback").await.ok();
        }
        if mem::take(&mut self.unfinished) && !self.is_lost(shared) {
            // Fails only if the savepoint was never set or already released.
            if self.run("rollback to member").await.is_ok() {
                self.run("release member").await.ok();
            }
        }
        if self.is_lost(shared) {
            self.fail("SQLite rolled the transaction back");
        }
    }

    /// Releases the savepoint and joins those who wait for the outer commit.
    async fn release(
        &mut self,
        shared: &Shared,
    ) -> Result<oneshot::Receiver<Result<(), String>>, StoreError> {
        if self.is_lost(shared) {
            return Err(StoreError::NotDurable("SQLite rolled the transaction back".to_owned()));
        }
        self.run("release member").await?;
        self.unfinished = false;
        let (sender, receiver) = oneshot::channel();
        if let Some(group) = &mut self.group {
            group.members.push(sender);
        }
        Ok(receiver)
    }

    /// Whether the group shall be committed now rather than wait for the next member.
    fn is_due(&self, shared: &Shared) -> bool {
        let Some(group) = &self.group else { return false };
        shared.waiting.load(Ordering::SeqCst) == 0
            || group.members.len() >= GROUP_MAX
            || group.began.elapsed() >= GROUP_AGE_MAX
    }

    /// Commits the outer transaction, if one is open, and tells its members.
    async fn finish(&mut self, shared: &Shared) {
        if self.is_lost(shared) {
            self.fail("SQLite rolled the transaction back");
        }
        let Some(group) = self.group.take() else { return };
        shared.commit_allowed.store(true, Ordering::SeqCst);
        let result = self.run("commit").await;
        if let Err(error) = &result {
            tracing::error!(error = ?error, "Cannot commit {} transactions", group.members.len());
            // A failed commit leaves the transaction open unless SQLite rolled it back already.
            self.run("rollback").await.ok();
        }
        let answer = result.map_err(|error| error.to_string());
        for member in group.members {
            // A member that gave up waiting does not listen.
            member.send(answer.clone()).ok();
        }
    }

    fn is_lost(&self, shared: &Shared) -> bool {
        let rollbacks = shared.rollbacks.load(Ordering::SeqCst);
        self.group.as_ref().is_some_and(|group| group.rollbacks != rollbacks)
    }

    /// Tells the members of a lost group that nothing of them is stored.
    fn fail(&mut self, reason: &str) {
        let Some(group) = self.group.take() else { return };
        tracing::error!("Lost {} transactions: {reason}", group.members.len());
        for member in group.members {
            member.send(Err(reason.to_owned())).ok();
        }
    }

    async fn run(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.connection.execute(sqlx::query(text)).await?;
        Ok(())
    }
}

/// The janitor: commits groups whose next member never came, and cleans up after dropped ones.
async fn sweep(state: Arc<Mutex<State>>, shared: Arc<Shared>) {
    loop {
        shared.janitor.notified().await;
        let mut state = Arc::clone(&state).lock_owned().await;
        state.settle(&shared).await;
        if shared.waiting.load(Ordering::SeqCst) == 0 {
            state.finish(&shared).await;
        }
        if shared.closed.load(Ordering::SeqCst) {
            state.finish(&shared).await;
            return;
        }
    }
}

#[cfg(test)]
mod tests;
