//! Searching on threads of their own, with less right to the processor than requests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::domain::error::AppError;
use crate::domain::optimizations::RunProgress;
use crate::planning::optimizing::{Answer, Outside, Problem, Refused, RunLimits, run};
use crate::planning::plan::Plan;

/// By how much the threads of a search step back behind those that answer requests.
#[cfg(unix)]
const NICE: i32 = 10;

/// What is said of a run that a fault of ours has ended; the log says more.
pub(super) const BROKEN_OFF: &str = "the search broke off by a fault of the server";

/// A search that goes on; dropping it stops the search.
#[derive(Debug)]
pub(super) struct Search {
    begin: Instant,
    cancel: Arc<AtomicBool>,
    progress: Arc<Mutex<Option<RunProgress>>>,
    answer: oneshot::Receiver<Result<Answer, Refused>>,
}

impl Drop for Search {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Search {
    /// Starts a search.
    ///
    /// # Errors
    /// If the machine gives no thread.
    pub(super) fn start(
        (problem, plan): (Arc<Problem>, Arc<Plan>),
        limits: RunLimits,
    ) -> Result<Self, AppError> {
        let cancel = Arc::new(AtomicBool::new(false));
        let progress = Arc::new(Mutex::new(None));
        let (sender, answer) = oneshot::channel();
        let (stop, heard) = (Arc::clone(&cancel), Arc::clone(&progress));
        let begin = Instant::now();
        let work = move || {
            step_back();
            let told = |progress: RunProgress| {
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
            };
            let outside = Outside { elapsed: &|| begin.elapsed(), cancel: &stop, progress: &told };
            let found = run((&problem, &plan), limits, outside);
            // Whoever asked may be gone; then nobody wants the answer.
            let _unheard = sender.send(found);
        };
        let thread = std::thread::Builder::new().name("optimizer".to_owned());
        thread.spawn(work).map_err(|error| AppError::Internal(Box::new(error)))?;
        Ok(Self { begin, cancel, progress, answer })
    }

    /// Lets the search end with the best it has.
    pub(super) fn stop(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// What it said last, with the time it has searched by now; it speaks up when it has found
    /// something better.
    pub(super) fn progress(&self) -> Option<RunProgress> {
        let told = *self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed_ms = u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        told.map(|told| RunProgress { elapsed_ms, ..told })
    }

    /// The answer; waits for it. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if the search broke off or refused its model: it would again.
    pub(super) async fn answer(&mut self) -> Result<Answer, AppError> {
        let broken = || AppError::Conflict(BROKEN_OFF.to_owned());
        match (&mut self.answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(faults)) => {
                tracing::error!(error = ?faults, "The optimizer refused a model of ours");
                Err(broken())
            }
            Err(_) => {
                tracing::error!("A thread of the optimizer panicked");
                Err(broken())
            }
        }
    }
}

/// Threads started from here inherit it. A machine that refuses goes on at equal rights.
fn step_back() {
    #[cfg(unix)]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "The optimizer runs at the priority of requests");
    }
}
