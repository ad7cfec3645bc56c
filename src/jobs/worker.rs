//! The loop: claim, hand over, renew leases, give back what failed.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::jobs::handlers::{Failure, HOUSEKEEPING, Handlers};
use crate::jobs::retries::delay;
use crate::shutdown::Shutdown;
use crate::store::queue::claim::{Claim, claim, next_due};
use crate::store::queue::{
    ATTEMPTS_MAX, Failed, Finished, Lease, NewTask, Task, enqueue, fail, renew,
};
use crate::store::{Db, StoreError};

/// Shortest pause between two looks at the queue, when what is due is locked by other workers.
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Its name; no other worker of the database may have it, nor an earlier run of this one.
    pub name: String,
    /// Tasks done at the same time, at least 1.
    pub concurrency: u32,
    /// How long a claim lasts without a sign of life.
    pub lease: Duration,
    /// How often to look for what other processes put into the queue.
    pub poll: Duration,
    /// How long running tasks may take at a shutdown; what is left is done after the restart.
    pub grace: Duration,
    /// Seed of the random part of the waits after failures.
    pub seed: u64,
}

/// A background worker. Clones share everything.
#[derive(Debug, Clone)]
pub struct Worker {
    db: Db,
    clock: Arc<dyn Clock>,
    handlers: Handlers,
    settings: WorkerSettings,
    rng: Arc<Mutex<StdRng>>,
}

impl WorkerSettings {
    /// Four tasks at a time, leases of a minute, a look every second, ten seconds of grace.
    pub fn new(name: impl Into<String>, seed: u64) -> Self {
        Self {
            name: name.into(),
            concurrency: 4,
            lease: Duration::from_mins(1),
            poll: Duration::from_secs(1),
            grace: Duration::from_secs(10),
            seed,
        }
    }
}

impl Worker {
    /// A worker that does the tasks of the given handlers.
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        handlers: Handlers,
        settings: WorkerSettings,
    ) -> Self {
        let rng = Arc::new(Mutex::new(StdRng::seed_from_u64(settings.seed)));
        Self { db, clock, handlers, settings, rng }
    }

    /// Works until the shutdown begins, then lets running tasks end for a while.
    ///
    /// Never fails: while the database does not answer, it goes on trying.
    pub async fn run(self, shutdown: Shutdown) {
        if let Err(error) = self.plan_housekeeping().await {
            tracing::warn!(error = ?error, "Cannot plan the housekeeping");
        }
        let mut running = JoinSet::new();
        while !shutdown.has_begun() {
            let pause = match self.fill(&mut running).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(error = ?error, "Cannot look at the queue; trying again");
                    self.settings.poll
                }
            };
            tokio::select! {
                Some(_) = running.join_next() => {}
                () = self.db.tasks_asked() => {}
                () = tokio::time::sleep(pause) => {}
                () = shutdown.clone().begun() => {}
            }
        }
        let ends = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(self.settings.grace, ends).await.is_err() {
            tracing::warn!("Left {} tasks unfinished; they start over later", running.len());
        }
    }

    /// Claims as many tasks as there is room for; how long to wait before looking again.
    async fn fill(&self, running: &mut JoinSet<()>) -> Result<Duration, StoreError> {
        while running.try_join_next().is_some() {}
        let busy = u32::try_from(running.len()).unwrap_or(u32::MAX);
        let free = self.settings.concurrency.max(1).saturating_sub(busy);
        if free == 0 {
            return Ok(self.settings.poll);
        }
        let kinds = self.handlers.kinds();
        let mut tx = self.db.read().await?;
        let due = next_due(&mut tx, &kinds).await?;
        drop(tx);
        let now = self.clock.now();
        let Some(due) = due else { return Ok(self.settings.poll) };
        if due > now {
            let wait = (due - now).to_std().unwrap_or(PAUSE_MIN);
            return Ok(wait.clamp(PAUSE_MIN, self.settings.poll));
        }
        let until = now + TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::minutes(1));
        let mut tx = self.db.write().await?;
        let worker = self.settings.name.as_str();
        let wanted = Claim { worker, kinds: &kinds, limit: free, now, until };
        let tasks = claim(&mut tx, wanted).await?;
        tx.commit().await?;
        let full = u32::try_from(tasks.len()).unwrap_or(free) == free;
        for task in tasks {
            running.spawn(self.clone().perform(task));
        }
        // With room left, what is due is in other hands or becomes due again soon.
        Ok(if full { self.settings.poll } else { PAUSE_MIN })
    }

    async fn perform(self, task: Task) {
        let Some(result) = self.supervise(&task).await else {
            tracing::info!(task.kind = task.kind, "Another worker has the task {}", task.kind);
            return;
        };
        let (error, delay) = match result {
            Ok(Finished { .. }) | Err(Failure::Lost) => return,
            Err(Failure::Retry(error)) => (error, Some(self.delay(&task))),
            Err(Failure::GiveUp(error)) => (error, None),
        };
        match self.give_back(&task, error.as_ref(), delay).await {
            Ok(Failed::Retried(at)) => {
                let kind = task.kind.as_str();
                tracing::warn!(task.kind = kind, error = ?error, "Task {kind} failed; again at {at}");
            }
            Ok(Failed::Dead) => {
                let kind = task.kind.as_str();
                tracing::error!(task.kind = kind, error = ?error, "Gave the task {kind} up");
                if let Err(failure) = self.handlers.end(&task).await {
                    tracing::error!(task.kind = kind, error = ?failure, "Cannot end what a task did");
                }
            }
            Ok(Failed::Lost) => {}
            // Its lease runs out, and then it is tried again.
            Err(failure) => tracing::warn!(error = ?failure, "Cannot give a task back"),
        }
    }

    /// Runs the handler and renews the lease meanwhile; `None` if the lease was lost.
    async fn supervise(&self, task: &Task) -> Option<Result<Finished, Failure>> {
        if task.attempts > ATTEMPTS_MAX {
            // Its attempts ended without a word: it may be what brings workers down.
            return Some(Err(Failure::GiveUp("every attempt was cut short".into())));
        }
        let lease = Lease::new(self.db.clone(), task.clone(), self.clock.now());
        let Some(work) = self.handlers.start(lease) else {
            return Some(Err(Failure::GiveUp("no handler knows this kind".into())));
        };
        // A task of its own, so that a panic ends it alone; dropping the set aborts it.
        let mut handler = JoinSet::new();
        handler.spawn(work);
        let mut beat = tokio::time::interval(self.settings.lease / 3);
        beat.tick().await;
        loop {
            tokio::select! {
                Some(end) = handler.join_next() => {
                    return Some(end.unwrap_or_else(|_| Err(Failure::Retry("it panicked".into()))));
                }
                _ = beat.tick() => match self.renew(task).await {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(error) => tracing::warn!(error = ?error, "Cannot renew a lease"),
                }
            }
        }
    }

    async fn renew(&self, task: &Task) -> Result<bool, StoreError> {
        let lease = TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::minutes(1));
        let mut tx = self.db.write().await?;
        let ours = renew(&mut tx, task, self.clock.now() + lease).await?;
        tx.commit().await?;
        Ok(ours)
    }

    async fn give_back(
        &self,
        task: &Task,
        error: &(dyn Error + Send + Sync),
        delay: Option<Duration>,
    ) -> Result<Failed, StoreError> {
        let mut tx = self.db.write().await?;
        let failed = fail(&mut tx, task, &error.to_string(), delay, self.clock.now()).await?;
        tx.commit().await?;
        Ok(failed)
    }

    fn delay(&self, task: &Task) -> Duration {
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        delay(task.attempts, &mut rng)
    }

    async fn plan_housekeeping(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let task = NewTask {
            kind: HOUSEKEEPING.to_owned(),
            unique_key: String::new(),
            organization_id: None,
            run_at: now + TimeDelta::minutes(1),
            payload: serde_json::Value::Null,
        };
        let mut tx = self.db.write().await?;
        enqueue(&mut tx, &task, now).await?;
        tx.commit().await?;
        Ok(())
    }
}
