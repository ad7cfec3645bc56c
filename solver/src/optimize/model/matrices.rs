//! Travel between all places: seconds, metres and, where somebody has another idea of it, cost.

use crate::problem::Leg;
use crate::units::PlaceIdx;

/// Travel from every place to every place, flat and by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matrix {
    places: usize,
    legs: Vec<Leg>,
    costs: Option<Vec<i64>>,
}

impl Matrix {
    /// A matrix from rows laid end to end: `legs[from * places + to]`.
    ///
    /// Returns `None` unless there are `places * places` legs.
    pub fn new(places: usize, legs: Vec<Leg>) -> Option<Self> {
        (places.checked_mul(places) == Some(legs.len())).then_some(Self {
            places,
            legs,
            costs: None,
        })
    }

    /// The same matrix with a cost of its own for every leg, in grains, laid out like the legs;
    /// it takes the place of the rates per second and metre driven.
    ///
    /// Returns `None` unless there are as many costs as legs.
    pub fn with_costs(self, costs: Vec<i64>) -> Option<Self> {
        (costs.len() == self.legs.len()).then_some(Self { costs: Some(costs), ..self })
    }

    /// Number of places.
    pub fn place_count(&self) -> usize {
        self.places
    }

    /// The drive from a place to another; nothing to drive where one of them is `None`.
    #[inline]
    pub fn leg(&self, from: Option<PlaceIdx>, to: Option<PlaceIdx>) -> Leg {
        match (from, to) {
            (Some(from), Some(to)) => self.legs[from.at() * self.places + to.at()],
            _ => Leg::ZERO,
        }
    }

    /// The cost of a drive in grains, if this matrix has costs of its own.
    #[inline]
    pub fn cost(&self, from: Option<PlaceIdx>, to: Option<PlaceIdx>) -> Option<i64> {
        let costs = self.costs.as_ref()?;
        match (from, to) {
            (Some(from), Some(to)) => Some(costs[from.at() * self.places + to.at()]),
            _ => Some(0),
        }
    }

    /// Its own costs, by row; nothing without any.
    pub(crate) fn own_costs(&self) -> impl Iterator<Item = i64> {
        self.costs.iter().flatten().copied()
    }

    /// Whether it has costs of its own.
    pub fn has_costs(&self) -> bool {
        self.costs.is_some()
    }

    /// Largest magnitude of the matrix's own costs; 0 without any. Cost: O(places squared).
    pub(crate) fn cost_largest(&self) -> i64 {
        let costs = self.costs.iter().flatten();
        costs.map(|cost| cost.saturating_abs()).max().unwrap_or(0)
    }

    /// Most metres of a leg that can be driven. Cost: O(places squared).
    pub(crate) fn metres_largest(&self) -> i64 {
        let legs = self.legs.iter().filter(|leg| leg.is_reachable());
        legs.map(|leg| leg.distance().0).max().unwrap_or(0)
    }

    /// All legs, by row.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }
}
