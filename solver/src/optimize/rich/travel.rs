//! Travel of one kind of car: seconds, metres and grains between two places.

use crate::optimize::model::Matrix;
use crate::optimize::rich::data::{NONE, OUT};
use crate::problem::Leg;
use crate::units::PlaceIdx;

/// One drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) seconds: i32,
    pub(super) metres: i64,
    pub(super) cost: i64,
}

/// A matrix seen with the speed and the rates of a shift.
#[derive(Debug, Clone)]
pub(super) struct Travel<'m> {
    matrix: Option<&'m Matrix>,
    legs: &'m [Leg],
    places: usize,
    percent: u32,
    second: i64,
    metre: i64,
    own_costs: bool,
}

impl<'m> Travel<'m> {
    /// * `rates`: grains per second and per metre.
    pub(super) fn new(matrix: Option<&'m Matrix>, percent: u32, rates: (i64, i64)) -> Self {
        Self {
            legs: matrix.map_or(&[], Matrix::legs),
            places: matrix.map_or(0, Matrix::place_count),
            own_costs: matrix.is_some_and(Matrix::has_costs),
            matrix,
            percent,
            second: rates.0,
            metre: rates.1,
        }
    }

    /// Whether the two see the same roads alike.
    pub(super) fn same(&self, other: &Self) -> bool {
        let same_matrix = match (self.matrix, other.matrix) {
            (Some(one), Some(two)) => std::ptr::eq(one, two),
            (None, None) => true,
            _ => false,
        };
        let rates = (self.percent, self.second, self.metre);
        same_matrix && rates == (other.percent, other.second, other.metre)
    }

    /// Seconds only.
    #[inline]
    pub(super) fn seconds(&self, from: u32, to: u32) -> i32 {
        if from == NONE || to == NONE {
            return 0;
        }
        let leg = self.legs[from as usize * self.places + to as usize];
        self.scaled(leg)
    }

    #[inline]
    fn scaled(&self, leg: Leg) -> i32 {
        if !leg.is_reachable() {
            return OUT;
        }
        let seconds = leg.travel().0;
        let scaled = if self.percent == 100 {
            seconds
        } else {
            (seconds * i64::from(self.percent) + 99) / 100
        };
        i32::try_from(scaled.min(i64::from(OUT))).unwrap_or(OUT)
    }

    /// The drive between two places; nothing where one of them is `NONE`.
    #[inline]
    pub(super) fn hop(&self, from: u32, to: u32) -> Hop {
        if from == NONE || to == NONE {
            return Hop { seconds: 0, metres: 0, cost: 0 };
        }
        let leg = self.legs[from as usize * self.places + to as usize];
        let seconds = self.scaled(leg);
        if seconds >= OUT {
            return Hop { seconds, metres: 0, cost: 0 };
        }
        let metres = leg.distance().0;
        let cost = if self.own_costs {
            let (from, to) = (Some(PlaceIdx(from)), Some(PlaceIdx(to)));
            self.matrix.and_then(|matrix| matrix.cost(from, to)).unwrap_or(0)
        } else {
            i64::from(seconds) * self.second + metres * self.metre
        };
        Hop { seconds, metres, cost }
    }
}
