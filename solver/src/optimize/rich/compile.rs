//! From the model to flat tables.

mod cars;
mod near;
mod people;
mod starts;
mod tasks;
mod ties;

use std::collections::HashMap;

use crate::optimize::model::Model;
use crate::optimize::rich::data::Data;

impl<'m> Data<'m> {
    /// Compiles a model that passed its check.
    ///
    /// Cost: linear in visits times shifts, and in visits squared for the lists of neighbours.
    pub(super) fn new(model: &'m Model) -> Self {
        let origin = model.shifts.iter().map(|shift| shift.start.0).min().unwrap_or(0);
        let mut data = Self {
            model,
            origin,
            jobs: Vec::new(),
            tasks: Vec::new(),
            cars: Vec::new(),
            shifts: model.shifts.len(),
            windows: Vec::new(),
            fit: Vec::new(),
            narrowed: HashMap::new(),
            paced: HashMap::new(),
            ties: vec![Vec::new(); model.visits.len()],
            limits: Vec::new(),
            travels: Vec::new(),
            units: Vec::new(),
            near: Vec::new(),
            remote: Vec::new(),
            bundles: Vec::new(),
            coupled: false,
            timed: false,
            shares: Vec::new(),
            first_day: model.shifts.iter().map(|shift| shift.day).min().unwrap_or(0),
        };
        data.add_shifts();
        data.add_units();
        data.add_visits();
        data.add_placed_breaks();
        data.add_taken();
        data.add_ties();
        data.rate_people();
        data.find_neighbours();
        data.timed = data.cars.iter().any(|car| car.timed) || data.jobs.iter().any(|job| job.timed);
        data.timed |= model.weights.balance_second != 0 || model.weights.largest_idle_second != 0;
        data
    }
}
