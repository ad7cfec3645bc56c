//! Vehicle routing with one depot: what the readers of tables hand over, and the model of it.

use crate::formats::cases::{Case, Names};
use crate::formats::faults::Faults;
use crate::formats::planar::Rounding;
use crate::optimize::Model;
use crate::optimize::model::{Matrix, Shift, Visit, Weights, Window};
use crate::problem::{Leg, Technician};
use crate::units::{Moment, PlaceIdx, Seconds, TechnicianIdx};

/// One depot or customer, in ticks.
#[derive(Debug, Clone, Default)]
pub(super) struct Customer {
    pub demand: i64,
    pub service: i64,
    /// First and last start.
    pub window: Option<(i64, i64)>,
}

/// A whole instance, in ticks; the first customer is the depot.
#[derive(Debug, Clone)]
pub(super) struct Fleet {
    pub vehicles: usize,
    pub capacity: Option<i64>,
    pub customers: Vec<Customer>,
    pub legs: Vec<Leg>,
    pub rounding: Rounding,
}

impl Fleet {
    /// The model: one technician with one shift per vehicle, one mandatory visit per customer.
    pub(super) fn case(self) -> Result<Case, Faults> {
        let places = self.customers.len();
        let Some(matrix) = Matrix::new(places, self.legs) else {
            return Err(Faults::one("distances", format!("expected {places} by {places}")));
        };
        let longest = matrix.legs().iter().map(|leg| leg.travel().0).max().unwrap_or(0);
        let busy: i64 = self.customers.iter().map(|customer| customer.service + longest).sum();
        let depot = self.customers.first().and_then(|depot| depot.window);
        let (open, close) = depot.unwrap_or((0, busy + longest));
        let capacity: Vec<i64> = self.capacity.into_iter().collect();
        let amount = |demand: i64| if capacity.is_empty() { Vec::new() } else { vec![demand] };
        let shift = |at: u32| Shift {
            start_place: Some(PlaceIdx(0)),
            end_place: Some(PlaceIdx(0)),
            capacity: capacity.clone(),
            ..Shift::new(TechnicianIdx(at), Moment(open), Moment(close))
        };
        let visit = |(place, customer): (u32, &Customer)| Visit {
            windows: customer
                .window
                .map(|(from, to)| Window::hard(Moment(from), Moment(to)))
                .into_iter()
                .collect(),
            delivery: amount(customer.demand),
            ..Visit::new(Some(PlaceIdx(place)), Seconds(customer.service))
        };
        let vehicles = u32::try_from(self.vehicles).unwrap_or(u32::MAX);
        let model = Model {
            technicians: (0..vehicles).map(|at| Technician::new(u128::from(at))).collect(),
            shifts: (0..vehicles).map(shift).collect(),
            visits: (1..).zip(self.customers.iter().skip(1)).map(visit).collect(),
            loads: if capacity.is_empty() { Vec::new() } else { vec!["load".to_owned()] },
            weights: weights(self.rounding, &matrix),
            matrices: vec![matrix],
            ..Model::default()
        };
        let names = Names {
            technicians: (1..=vehicles).map(|at| at.to_string()).collect(),
            shifts: (1..=vehicles).map(|at| at.to_string()).collect(),
            visits: (1..places).map(|at| at.to_string()).collect(),
            places: (0..places).map(|at| at.to_string()).collect(),
            ..Names::default()
        };
        let scale = self.rounding.scale();
        Ok(Case { names, cost_scale: scale, time_scale: scale, ..Case::new(model) })
    }
}

/// Distance; under [`Rounding::Exact`] a vehicle costs more than any distance that it could save.
fn weights(rounding: Rounding, matrix: &Matrix) -> Weights {
    match rounding {
        Rounding::Exact => {
            let rows = matrix.legs().chunks(matrix.place_count().max(1));
            let longest = rows.map(|row| row.iter().map(|leg| leg.distance().0).max().unwrap_or(0));
            let technician_used = 1 + 2 * longest.sum::<i64>();
            Weights { drive_metre: 1, technician_used, ..Weights::none() }
        }
        _ => Weights { drive_second: 1, ..Weights::none() },
    }
}
