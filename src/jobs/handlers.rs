//! Which handler does which kind of task.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::error::AppError;
use crate::store::housekeeping::Retention;
use crate::store::queue::{Finished, Lease, Task};
use crate::store::{StoreError, housekeeping};

/// The kind of the task that forgets what nobody needs any more.
pub(crate) const HOUSEKEEPING: &str = "housekeeping";

type Work = Pin<Box<dyn Future<Output = Result<Finished, Failure>> + Send>>;
type End = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Ending = Arc<dyn Fn(Task) -> End + Send + Sync>;
type Handler = Arc<dyn Fn(Lease) -> Work + Send + Sync>;

/// Why a task was not done.
#[derive(Debug)]
pub enum Failure {
    /// It may work later.
    Retry(Box<dyn Error + Send + Sync>),
    /// It will never work, for instance because its payload makes no sense.
    GiveUp(Box<dyn Error + Send + Sync>),
    /// Another worker has it by now; nothing is to be done.
    Lost,
}

/// Which handler does which kind of task.
///
/// A handler makes its changes in a transaction and gives that to [`Lease::finish`], so that they
/// are kept together with the end of the task or not at all:
///
/// ```
/// # use roundsman::jobs::Handlers;
/// let handlers = Handlers::new().on("greet", async |lease| {
///     let tx = lease.db().write().await?;
///     Ok(lease.finish(tx).await?)
/// });
/// assert_eq!(handlers.kinds(), ["greet", "housekeeping"]);
/// ```
#[derive(Clone)]
pub struct Handlers {
    by_kind: BTreeMap<&'static str, Handler>,
    endings: BTreeMap<&'static str, Ending>,
}

impl Handlers {
    /// None at all, for a worker beside one that keeps house.
    pub fn none() -> Self {
        Self { by_kind: BTreeMap::new(), endings: BTreeMap::new() }
    }

    /// Housekeeping alone, with the usual retention.
    pub fn new() -> Self {
        Self::keeping(Retention::default())
    }

    /// Housekeeping alone, which keeps old things for so long.
    pub fn keeping(retention: Retention) -> Self {
        Self::none().on(HOUSEKEEPING, move |lease| async move {
            let count = housekeeping::tidy(lease.db(), lease.now(), retention).await?;
            tracing::debug!("Housekeeping deleted {count} rows");
            let tx = lease.db().write().await?;
            let next = lease.now() + TimeDelta::hours(1);
            Ok(lease.postpone(tx, next).await?)
        })
    }

    /// Lets `handler` do all tasks of a kind, in place of any earlier handler of it.
    #[must_use]
    pub fn on<H, F>(mut self, kind: &'static str, handler: H) -> Self
    where
        H: Fn(Lease) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Finished, Failure>> + Send + 'static,
    {
        self.by_kind.insert(kind, Arc::new(move |lease| Box::pin(handler(lease))));
        self
    }

    /// Lets `ending` follow when a task of a kind is given up, so that what waits for it waits no longer.
    #[must_use]
    pub fn ending<H, F>(mut self, kind: &'static str, ending: H) -> Self
    where
        H: Fn(Task) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.endings.insert(kind, Arc::new(move |task| Box::pin(ending(task))));
        self
    }

    /// The kinds that have a handler, in alphabetical order.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.by_kind.keys().copied().collect()
    }

    pub(crate) fn start(&self, lease: Lease) -> Option<Work> {
        self.by_kind.get(lease.task().kind.as_str()).map(|handler| handler(lease))
    }

    /// Does what follows when a task is given up.
    pub(crate) async fn end(&self, task: &Task) -> Result<(), Failure> {
        match self.endings.get(task.kind.as_str()) {
            Some(ending) => ending(task.clone()).await,
            None => Ok(()),
        }
    }
}

impl Default for Handlers {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_kind.keys()).finish()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost(_) => Self::Lost,
            other => Self::Retry(Box::new(other)),
        }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Invalid(_) => Self::GiveUp(Box::new(error)),
            other => Self::Retry(Box::new(other)),
        }
    }
}
