//! From the model to flat tables.

mod cars;
mod near;
mod people;
mod starts;
mod tasks;
mod ties;

use std::collections::HashMap;

use crate::optimize::model::{Model, Visit};
use crate::optimize::rich::data::{Car, Care, Data, index};
use crate::optimize::rich::travel::Travel;
use crate::problem::Technician;

/// On days of so few visits there is time for care with every route.
const CAREFUL_MAX: usize = 20;
/// The same where there is a plan in force that should stay.
const CAREFUL_IN_FORCE_MAX: usize = 200;

impl<'m> Data<'m> {
    /// Compiles a model that passed its check.
    ///
    /// Cost: linear in visits times shifts. A search needs [`Data::prepare`], too.
    pub(super) fn new(model: &'m Model) -> Self {
        let origin = model.shifts.iter().map(|shift| shift.start.0).min().unwrap_or(0);
        let mut data = Self {
            model,
            origin,
            jobs: Vec::new(),
            tasks: Vec::new(),
            firsts: Vec::new(),
            cars: Vec::new(),
            shifts: model.shifts.len(),
            windows: Vec::new(),
            fit: Vec::new(),
            able: Vec::new(),
            even: Vec::new(),
            narrowed: HashMap::new(),
            paced: HashMap::new(),
            ties: vec![Vec::new(); model.visits.len()],
            limits: Vec::new(),
            travels: Vec::new(),
            units: Vec::new(),
            near: Vec::new(),
            alone: Vec::new(),
            remote: Vec::new(),
            bundles: Vec::new(),
            coupled: false,
            linked: !model.links.is_empty(),
            parts: Vec::new(),
            lacking: Vec::new(),
            setups: false,
            pads: false,
            limited: false,
            must: false,
            may_gain: false,
            prizes: false,
            shifts_cost: false,
            timed: false,
            pays_time: false,
            care: Care::Usual,
            shares: Vec::new(),
            first_day: model.shifts.iter().map(|shift| shift.day).min().unwrap_or(0),
        };
        data.add_shifts();
        data.add_units();
        data.add_visits();
        data.add_placed_breaks();
        data.add_taken();
        data.firsts = data.jobs.iter().map(|job| job.first).collect();
        data.firsts.push(index(data.tasks.len()));
        data.add_ties();
        data.rate_people();
        data.add_loads();
        data.note_rules();
        data.care = data.needs_care();
        data
    }

    /// Notes which rules there are at all.
    fn note_rules(&mut self) {
        self.must = self.cars.iter().any(|car| !car.must.is_empty());
        let (model, weights) = (self.model, &self.model.weights);
        self.may_gain = self.fit.iter().any(|&cost| cost < 0)
            || model.visits.iter().any(|visit| visit.mandatory == 0)
            || self.cars.iter().any(|car| !car.placed.is_empty())
            || weights.largest_idle_second != 0
            || weights.balance_second != 0
            || weights.waiting_second != 0
            || self.jobs.iter().any(|job| job.timed && !job.late_only)
            || self.travels.iter().any(|travel| !travel.is_metric());
        self.prizes = self.jobs.iter().any(|job| job.optional_prize() > 0);
        self.shifts_cost =
            weights.technician_used != 0 || self.cars.iter().any(|car| car.used != 0);
        self.timed = self.cars.iter().any(|car| car.timed) || self.jobs.iter().any(|job| job.timed);
        self.setups = self.tasks.iter().any(|task| task.setup != 0)
            || self.paced.values().any(|&(setup, _)| setup != 0);
        self.pads = self.tasks.iter().any(|task| task.pad_before != 0 || task.pad_after != 0)
            || self.cars.iter().any(|car| car.rests.iter().any(|rest| rest.padded))
            || model.shifts.iter().any(|shift| shift.breaks.iter().any(|pause| pause.padded));
        self.limited = self
            .limits
            .iter()
            .any(|limit| limit.visits.min(limit.onsite).min(limit.drive) < i64::MAX / 8);
        self.pays_time = self.cars.iter().any(Car::pays_time) || weights.waiting_second != 0;
        self.timed |= model.weights.balance_second != 0 || model.weights.largest_idle_second != 0;
    }

    /// A limit on work decides what can be done at all, and who is in force should stay if possible;
    /// but where breaks only cost more or less, plans tried in the same time are worth more.
    fn needs_care(&self) -> Care {
        let (model, weights) = (self.model, &self.model.weights);
        let planned = model.current.iter().any(Option::is_some);
        let moves = planned && (weights.moved_second != 0 || weights.moved_visit != 0);
        let limits = model.shifts.iter().any(|shift| shift.work_limit.is_some());
        let rests = self.cars.iter().any(|car| !car.rests.is_empty());
        let up_to = |most: usize| model.visits.len() <= most;
        let few = rests && up_to(CAREFUL_MAX) || moves && up_to(CAREFUL_IN_FORCE_MAX);
        if !self.timed {
            Care::Usual
        } else if limits || few {
            Care::Always
        } else if rests || moves {
            Care::Best
        } else {
            Care::Usual
        }
    }

    fn add_loads(&mut self) {
        let model = self.model;
        if model.visits.iter().any(|visit| visit.parts.iter().any(|&parts| parts != 0)) {
            let part = |visit: &Visit, kind: usize| visit.parts.get(kind).copied().unwrap_or(0);
            let kinds = 0..model.loads.len();
            let visits = model.visits.iter();
            self.parts =
                visits.flat_map(|visit| kinds.clone().map(move |kind| part(visit, kind))).collect();
        }
        if model.visits.iter().any(|visit| !visit.tools.is_empty()) {
            let lacks = |visit: &Visit, who: &Technician| {
                visit.crew.len() == 1 && visit.tools.iter().any(|tool| !who.carried.contains(tool))
            };
            let people = &model.technicians;
            let visits = model.visits.iter();
            self.lacking =
                visits.flat_map(|visit| people.iter().map(move |who| lacks(visit, who))).collect();
        }
    }

    /// Makes what only the search over every rule needs: tables of drives, neighbours.
    ///
    /// Cost: quadratic in the visits.
    pub(super) fn prepare(&mut self) {
        self.travels.iter_mut().for_each(Travel::fill_tables);
        let metres_count = self.cars.iter().any(|car| car.metres_max < i64::MAX / 8);
        self.travels.iter_mut().for_each(|travel| travel.metres_count = metres_count);
        self.find_neighbours();
        self.rank_shifts();
    }
}
