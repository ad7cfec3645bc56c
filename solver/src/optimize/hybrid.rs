//! Both engines on plain days of any size, on several threads.
//!
//! Ruin and recreate makes the first plans and has the large days, cut into parts; hybrid genetic
//! search goes on from there for days of up to some hundred visits, when there is time for it.

mod large;
mod parts;
mod small;
mod threads;

use super::plain::{Legs, PlainError, Vehicle, Visit};
use super::search::{Budget, Observer, Routes, Settings};

/// Visits up to which a day is one problem for hybrid genetic search.
const SMALL: usize = 600;

/// A plain day as given.
#[derive(Clone, Copy)]
pub struct Day<'a> {
    /// Costs and times between the places of visits and vehicles.
    pub legs: &'a dyn Legs,
    /// What is to be done.
    pub visits: &'a [Visit],
    /// Who can do it.
    pub vehicles: &'a [Vehicle],
}

/// How to search.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Same seed, threads and number of steps: same answer.
    pub seed: u64,
    /// Threads to search with; 0 counts as 1.
    pub threads: usize,
    /// How ruin and recreate behaves.
    pub settings: Settings,
    /// A plan to begin with: the visits of each vehicle. Routes that break a rule are left out.
    pub start: Option<&'a [Vec<u32>]>,
    /// Told of better plans, from any thread.
    pub hear: &'a (dyn Fn(Found) + Sync),
}

/// A better plan was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Cost of all routes and of what is left out.
    pub cost: i64,
    /// Visits left out.
    pub unserved: usize,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The visits of each vehicle in order.
    pub routes: Vec<Vec<u32>>,
    /// Cost of all routes and of what is left out.
    pub cost: i64,
    /// Visits left out.
    pub unserved: usize,
    /// Steps of ruin and recreate over all threads.
    pub steps: u64,
    /// Children of hybrid genetic search over all threads.
    pub children: u64,
}

/// Plans a day.
///
/// The answer holds every window, capacity and shift; what cannot or need not be served is left
/// out. It is never worse than [`Options::start`], if that breaks nothing.
///
/// # Errors
/// What [`Problem::new`](super::plain::Problem::new) refuses.
pub fn solve(
    day: &Day<'_>,
    options: &Options<'_>,
    budget: &Budget<'_>,
) -> Result<Answer, PlainError> {
    if day.visits.len() <= SMALL {
        small::solve(day, options, budget)
    } else {
        large::solve(day, options, budget)
    }
}

/// Tells of better plans.
struct Ear<'a> {
    hear: &'a (dyn Fn(Found) + Sync),
    /// Only what is cheaper than this is news.
    cost: i64,
}

impl<R: Routes> Observer<R> for Ear<'_> {
    fn improved(&mut self, _: &R, cost: i64, unserved: usize) {
        if cost < self.cost {
            self.cost = cost;
            (self.hear)(Found { cost, unserved });
        }
    }
}
