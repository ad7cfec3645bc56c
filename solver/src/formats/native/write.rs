//! Any case as a problem of our own format.

mod names;
mod people;
mod work;

use std::collections::BTreeSet;

use self::names::Words;
use super::problem::{
    Allow, Amounts, Current, Freeze, Lock as WrittenLock, Matrix as WrittenMatrix, Place, Pool,
    Problem, Relaxation as WrittenRelaxation, Taken,
};
use super::time::Time;
use super::weights::Weights as WrittenWeights;
use super::{FORMAT, VERSION};
use crate::formats::cases::Case;
use crate::optimize::model::{Lock, Matrix, Relaxation, UNIT, Weights};
use crate::units::{Moment, Seconds};

/// A case as a problem of our own format, and what could not be written, a sentence each.
///
/// Moments are written in ticks of the case's clock, as whole seconds unless they are dates; costs
/// in the document's own unit, or in the smallest one where drives have costs of their own that are
/// no whole numbers in it.
pub fn write_problem(case: &Case) -> (String, Vec<String>) {
    let mut writer = Writer::new(case);
    let problem = writer.problem();
    let mut text = serde_json::to_string_pretty(&problem).unwrap_or_default();
    text.push('\n');
    (text, writer.lost.into_iter().collect())
}

/// What is being written.
struct Writer<'a> {
    case: &'a Case,
    words: Words,
    /// Grains in one unit of cost as it is written.
    unit: i64,
    lost: BTreeSet<String>,
}

impl<'a> Writer<'a> {
    fn new(case: &'a Case) -> Self {
        let mut writer =
            Self { case, words: Words::new(case), unit: case.cost_scale, lost: BTreeSet::new() };
        let costs = || case.model.matrices.iter().flat_map(Matrix::own_costs);
        if case.cost_scale < 1 || costs().any(|cost| cost % case.cost_scale != 0) {
            writer.unit = 1;
            writer.lose(format!("the unit of cost: costs are {} times as large", case.cost_scale));
        }
        writer
    }

    fn lose(&mut self, what: String) {
        self.lost.insert(what);
    }

    fn problem(&mut self) -> Problem {
        let model = &self.case.model;
        let technicians = people::technicians(self);
        let shifts = people::shifts(self);
        let visits = work::visits(self);
        let links = model.links.iter().map(|link| work::link(self, *link)).collect();
        Problem {
            format: FORMAT.to_owned(),
            version: VERSION,
            places: self.places(),
            matrices: self.matrices(),
            loads: self.words.loads.clone(),
            technicians,
            shifts,
            visits,
            pools: self.pools(),
            links,
            current: self.current(),
            freeze: self.freeze(),
            weights: self.weights(&model.weights),
            from: model.from.map(|from| self.time(from)),
        }
    }

    fn places(&self) -> Vec<Place> {
        let spot = |at: usize| self.case.coordinates.get(at).copied().flatten();
        let place = |(at, id): (usize, &String)| Place {
            id: id.clone(),
            lat: spot(at).map(|spot| spot.lat),
            lon: spot(at).map(|spot| spot.lon),
        };
        self.words.places.iter().enumerate().map(place).collect()
    }

    fn matrices(&mut self) -> Vec<WrittenMatrix> {
        let case = self.case;
        let matrices = case.model.matrices.iter().enumerate();
        matrices.map(|(at, matrix)| self.matrix(at, matrix)).collect()
    }

    fn matrix(&mut self, at: usize, matrix: &Matrix) -> WrittenMatrix {
        let size = matrix.place_count().max(1);
        let rows = || matrix.legs().chunks(size);
        let whole = |number: i64| u32::try_from(number).ok();
        let seconds = rows().map(|row| {
            let leg = |leg: &crate::problem::Leg| {
                leg.is_reachable().then(|| whole(leg.travel().0)).flatten()
            };
            row.iter().map(leg).collect()
        });
        let metres = rows().map(|row| {
            let leg = |leg: &crate::problem::Leg| {
                if leg.is_reachable() { whole(leg.distance().0).unwrap_or(0) } else { 0 }
            };
            row.iter().map(leg).collect()
        });
        let costs: Vec<i64> = matrix.own_costs().collect();
        if costs.iter().any(|cost| whole(cost / self.unit).is_none()) {
            self.lose("drives whose cost is below 0 or above 4294967295".to_owned());
        }
        let unit = self.unit;
        let cost = |cost: &i64| whole(cost / unit).unwrap_or(if *cost < 0 { 0 } else { u32::MAX });
        let costs = costs.chunks(size).map(|row| row.iter().map(cost).collect());
        WrittenMatrix {
            profile: Words::profile(at),
            seconds: seconds.collect(),
            metres: Some(metres.collect()),
            costs: matrix.has_costs().then(|| costs.collect()),
        }
    }

    fn pools(&mut self) -> Vec<Pool> {
        let case = self.case;
        let pool = |(at, pool): (usize, &crate::optimize::model::Pool)| Pool {
            id: self.words.pools[at].clone(),
            units: pool.units,
            taken: pool
                .taken
                .iter()
                .map(|taken| Taken {
                    from: self.time(taken.span.from),
                    until: self.time(taken.span.until),
                    units: taken.units,
                })
                .collect(),
        };
        case.model.pools.iter().enumerate().map(pool).collect()
    }

    fn current(&self) -> Vec<Current> {
        let planned = self.case.model.current.iter().enumerate();
        let planned = planned.filter_map(|(visit, current)| Some((visit, current.as_ref()?)));
        let current = |(visit, current): (usize, &crate::optimize::model::Current)| Current {
            visit: self.words.visits[visit].clone(),
            start: self.time(current.start),
            shifts: current.shifts.iter().map(|at| self.words.shifts[at.at()].clone()).collect(),
            lock: match current.lock {
                Lock::Free => WrittenLock::Free,
                Lock::Time => WrittenLock::Time,
                Lock::Technician => WrittenLock::Technician,
                Lock::Both => WrittenLock::Both,
                Lock::Window => WrittenLock::Window,
            },
            started: current.started,
        };
        planned.map(current).collect()
    }

    fn freeze(&mut self) -> Freeze {
        let freeze = &self.case.model.freeze;
        let relaxation = |(from, allowed): &(Moment, Relaxation)| WrittenRelaxation {
            from: self.time(*from),
            allow: match allowed {
                Relaxation::Times => Allow::Times,
                Relaxation::Order => Allow::Order,
                Relaxation::Anything => Allow::Anything,
            },
        };
        Freeze {
            until: freeze.until.map(|until| self.time(until)),
            relaxations: freeze.relaxations.iter().map(relaxation).collect(),
            notice_s: self.seconds(freeze.notice),
        }
    }

    fn weights(&mut self, weights: &Weights) -> WrittenWeights {
        WrittenWeights {
            drive_per_hour: self.per_hour(weights.drive_second),
            drive_per_km: self.per_km(weights.drive_metre),
            waiting_per_hour: self.per_hour(weights.waiting_second),
            overtime_per_hour: self.per_hour(weights.overtime_second),
            late_percent: self.whole(weights.late_percent, "a per cent of lateness"),
            largest_late_per_hour: self.per_hour(weights.largest_late_second),
            largest_idle_per_hour: self.per_hour(weights.largest_idle_second),
            secondary_zone: self.money(weights.secondary_zone),
            unusual_technician: self.money(weights.unusual_technician),
            moved_technician: self.money(weights.moved_technician),
            moved_per_hour: self.per_hour(weights.moved_second),
            moved_visit: self.money(weights.moved_visit),
            broken_promise: weights.broken_promise.map(|grains| self.money(grains)),
            broken_promise_per_hour: self.per_hour(weights.broken_promise_second),
            balance_per_hour: self.per_hour(weights.balance_second),
            technician_used: self.money(weights.technician_used),
            shift_used: self.money(weights.shift_used),
            later_day: self.money(weights.later_day),
            unneeded_level: self.money(weights.unneeded_level),
            risk_margin_s: self.seconds(weights.risk.margin),
            risk_priority_min: weights.risk.priority_min,
            risk_per_hour: self.per_hour(weights.risk.second),
        }
    }

    fn time(&self, moment: Moment) -> Time {
        Time { seconds: moment.0, is_date: self.case.dates }
    }

    fn seconds(&mut self, length: Seconds) -> u32 {
        self.whole(length.0, "a length of time")
    }

    fn whole(&mut self, number: i64, what: &str) -> u32 {
        u32::try_from(number).unwrap_or_else(|_| {
            self.lose(format!("{what} of {number}"));
            if number < 0 { 0 } else { u32::MAX }
        })
    }

    fn amounts(&self, amounts: &[i64]) -> Amounts {
        self.words.loads.iter().cloned().zip(amounts.iter().copied()).collect()
    }

    /// Grains as units of cost.
    fn money(&self, grains: i64) -> f64 {
        decimal(grains) / decimal(self.unit)
    }

    /// Grains per second as units of cost per hour.
    fn per_hour(&self, grains: i64) -> f64 {
        decimal(grains) * 3600.0 / decimal(self.unit)
    }

    /// Grains per metre as units of cost per kilometre.
    fn per_km(&self, grains: i64) -> f64 {
        decimal(grains) * 1000.0 / decimal(self.unit)
    }
}

const _: () = assert!(UNIT == 3_600_000, "rates per hour and kilometre are written exactly");

#[expect(clippy::cast_precision_loss, reason = "costs of documents are below 2^53 grains")]
fn decimal(grains: i64) -> f64 {
    grains as f64
}
