//! Cost and time from place to place.

use std::sync::Arc;

use super::PlainError;

/// The largest time, cost of a leg or load: sums of three stay within 32 bits.
pub(super) const LARGEST: i32 = 500_000_000;

/// Where the costs and times of legs come from.
///
/// A matrix for what fits into memory; something that computes or looks up for large days, of
/// which only parts are laid out as matrices at a time.
pub trait Legs: Sync {
    /// How many places there are, numbered from 0.
    fn place_count(&self) -> usize;

    /// What the leg costs; from 0 to half a billion.
    fn cost(&self, from: u32, to: u32) -> i32;

    /// How long the leg takes; from 0 to half a billion.
    fn time(&self, from: u32, to: u32) -> i32;

    /// Whether cost and time are the same number everywhere, which saves half the memory.
    fn cost_is_time(&self) -> bool {
        false
    }
}

/// Costs and times as square matrices, `[from * places + to]`.
#[derive(Debug, Clone)]
pub struct Matrix {
    places: usize,
    cost: Arc<[i32]>,
    time: Arc<[i32]>,
}

impl Matrix {
    /// Costs and times of their own.
    ///
    /// # Errors
    /// [`PlainError::WrongSize`] and [`PlainError::BadLeg`].
    pub fn new(places: usize, cost: Vec<i32>, time: Vec<i32>) -> Result<Self, PlainError> {
        check(places, &cost)?;
        check(places, &time)?;
        Ok(Self { places, cost: cost.into(), time: time.into() })
    }

    /// One number is cost and time.
    ///
    /// # Errors
    /// [`PlainError::WrongSize`] and [`PlainError::BadLeg`].
    pub fn same(places: usize, cost: Vec<i32>) -> Result<Self, PlainError> {
        check(places, &cost)?;
        let cost: Arc<[i32]> = cost.into();
        Ok(Self { places, time: Arc::clone(&cost), cost })
    }
}

impl Legs for Matrix {
    fn place_count(&self) -> usize {
        self.places
    }

    fn cost(&self, from: u32, to: u32) -> i32 {
        self.cost[from as usize * self.places + to as usize]
    }

    fn time(&self, from: u32, to: u32) -> i32 {
        self.time[from as usize * self.places + to as usize]
    }

    fn cost_is_time(&self) -> bool {
        Arc::ptr_eq(&self.cost, &self.time)
    }
}

fn check(places: usize, entries: &[i32]) -> Result<(), PlainError> {
    let wanted = places * places;
    if entries.len() != wanted {
        return Err(PlainError::WrongSize { places, wanted, given: entries.len() });
    }
    match entries.iter().position(|entry| !(0..=LARGEST).contains(entry)) {
        Some(bad) => Err(PlainError::BadLeg { from: bad / places, to: bad % places }),
        None => Ok(()),
    }
}
