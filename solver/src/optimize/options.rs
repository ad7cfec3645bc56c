//! How long and how hard to search, what is heard on the way, and what comes out.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::optimize::solution::{Score, Solution};

/// When to stop and how to search. The first limit that is reached ends the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Time limit by [`Control::elapsed`]; `None` = no limit.
    pub time: Option<Duration>,
    /// Most steps of the search, per thread; `None` = no limit.
    pub steps: Option<u64>,
    /// Most steps without improvement, per thread; `None` = no limit.
    pub steps_unimproved: Option<u64>,
    /// Same seed, threads and step limits: same answer.
    pub seed: u64,
    /// Threads to search with; 1 = only the caller's.
    pub threads: usize,
}

impl Default for Options {
    /// Ten seconds, one thread, seed 1.
    fn default() -> Self {
        Self {
            time: Some(Duration::from_secs(10)),
            steps: None,
            steps_unimproved: None,
            seed: 1,
            threads: 1,
        }
    }
}

/// What a search tells while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Since the start, by [`Control::elapsed`].
    pub elapsed: Duration,
    /// Steps so far, over all threads.
    pub steps: u64,
    /// Best score so far.
    pub score: Score,
}

/// The search's view of the world outside: a clock, a wish to stop, an ear.
///
/// The solver has no clock of its own, so that it stays pure and tests decide what time it is.
pub struct Control<'a> {
    /// Time since the search started.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// Set to true from anywhere to stop; the best plan so far is the answer.
    pub cancel: &'a AtomicBool,
    /// Called on improvement and now and then, from any thread of the search.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The best plan.
    pub solution: Solution,
    /// Steps over all threads.
    pub steps: u64,
    /// When the best plan was found.
    pub found_after: Duration,
}
