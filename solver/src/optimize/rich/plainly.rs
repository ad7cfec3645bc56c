//! Models without any special rule go to the engines that know nothing else and are faster.

use std::sync::Mutex;
use std::time::Duration;

use crate::optimize::hybrid::{Day, Found, Options as HybridOptions, solve};
use crate::optimize::model::Freeze;
use crate::optimize::options::{Control, Options, Outcome, Progress};
use crate::optimize::plain::{Legs, Vehicle, Visit};
use crate::optimize::rich::answer;
use crate::optimize::rich::data::{Data, Kind, NONE, index};
use crate::optimize::rich::insert::{ANY_TIME, Builder};
use crate::optimize::rich::travel::Travel;
use crate::optimize::search::{Budget, Settings};
use crate::optimize::solution::Score;

/// Grains per unit of [`crate::optimize::model::Visit::mandatory`]: more than any plain day costs.
const UNSERVED: i64 = 1_000_000_000_000;
/// Weights up to which the two parts of the score can be told apart in one number.
const MANDATORY_MAX: i64 = 2_000;
/// Largest time, cost of a leg or load of plain days.
const LARGEST: i64 = 500_000_000;
/// What compiled limits hold where there is none.
const FREE: i64 = i64::MAX / 4;

/// Roads as plain days know them.
struct Roads<'a, 'm> {
    travel: &'a Travel<'m>,
    places: usize,
}

impl Legs for Roads<'_, '_> {
    fn place_count(&self) -> usize {
        self.places
    }

    fn cost(&self, from: u32, to: u32) -> i32 {
        let hop = self.travel.hop(from, to);
        i32::try_from(hop.cost).unwrap_or(i32::MAX)
    }

    fn time(&self, from: u32, to: u32) -> i32 {
        self.travel.seconds(from, to)
    }
}

/// Solves a model that is plain; `None` if it is not, or too dear for plain numbers.
pub(super) fn try_solve(data: &Data, options: &Options, control: &Control<'_>) -> Option<Outcome> {
    if !is_plain(data) {
        return None;
    }
    let visits: Vec<Visit> =
        (0..data.jobs.len()).map(|job| visit(data, job)).collect::<Option<_>>()?;
    let vehicles: Vec<Vehicle> =
        (0..data.shifts).map(|car| vehicle(data, car)).collect::<Option<_>>()?;
    let roads = Roads { travel: &data.travels[0], places: data.model.place_count() };
    let found = Mutex::new(Duration::ZERO);
    let hear = |better: Found| {
        let elapsed = (control.elapsed)();
        if let Ok(mut after) = found.lock() {
            *after = elapsed;
        }
        let (unserved, cost) = (better.cost / UNSERVED, better.cost % UNSERVED);
        (control.progress)(Progress {
            elapsed,
            steps: 0,
            score: Score { hard: 0, unserved, cost },
        });
    };
    let budget = budget(options, control);
    let hybrid = HybridOptions {
        seed: options.seed,
        threads: options.threads,
        settings: Settings::default(),
        start: None,
        hear: &hear,
    };
    let day = Day { legs: &roads, visits: &visits, vehicles: &vehicles };
    let answer = solve(&day, &hybrid, &budget).ok()?;
    let mut builder = Builder::new(data, options.seed);
    for (car, jobs) in (0_u32..).zip(&answer.routes) {
        for &job in jobs {
            if !builder.append(job, car) {
                debug_assert!(false, "a plain route can be driven");
                return None;
            }
        }
    }
    builder.plan.reprice(data);
    let found_after = found.into_inner().unwrap_or_default();
    Some(Outcome { solution: answer::build(data, &builder.plan), steps: answer.steps, found_after })
}

fn budget<'a>(options: &Options, control: &'a Control<'a>) -> Budget<'a> {
    let mut budget = match options.time {
        Some(time) => Budget::until(control.elapsed, time),
        None => Budget::default(),
    };
    if let Some(steps) = options.steps {
        budget = budget.and_steps(steps);
    }
    if let Some(steps) = options.steps_unimproved {
        budget = budget.and_idle(steps);
    }
    budget.and_cancel(control.cancel)
}

/// Whether nothing but one window, one load and travel matters.
fn is_plain(data: &Data) -> bool {
    let model = data.model;
    let mut people: Vec<u32> = model.shifts.iter().map(|shift| shift.technician.0).collect();
    people.sort_unstable();
    let one_shift_each =
        model.weights.technician_used == 0 || people.windows(2).all(|pair| pair[0] != pair[1]);
    let deliveries = model.visits.iter().any(|visit| !visit.delivery.is_empty());
    let pickups = model.visits.iter().any(|visit| !visit.pickup.is_empty());
    let restocks = model.shifts.iter().any(|shift| {
        !shift.capacity.is_empty() && !shift.depots.is_empty() && shift.depot_stops_max > 0
    });
    data.shifts > 0
        && !data.coupled
        && !data.timed
        && data.narrowed.is_empty()
        && data.paced.is_empty()
        && data.travels.len() == 1
        && one_shift_each
        && model.links.is_empty()
        && model.loads.len() <= 1
        && !(deliveries && pickups)
        && !(deliveries && restocks)
        && model.freeze == Freeze::default()
        && model.current.iter().all(Option::is_none)
        && data.limits.iter().all(|limit| limit.visits.min(limit.onsite).min(limit.drive) >= FREE)
}

fn visit(data: &Data, job: usize) -> Option<Visit> {
    let of = &data.jobs[job];
    let task = data.tasks.get(of.first as usize)?;
    let asked = data.model.visits.get(job)?;
    // Anybody may come; that is asked here once for each pair, not by each vehicle.
    let row = &data.fit[of.first as usize * data.shifts..][..data.shifts];
    let extra = !asked.transfer.is_empty() || !asked.parts.is_empty() || !asked.tools.is_empty();
    let plain = of.kind == Kind::Visit
        && of.tasks == 1
        && of.windows.1 - of.windows.0 == 1
        && task.place != NONE
        && task.setup + task.pad_before + task.pad_after == 0
        && !extra
        && row.iter().all(|&cost| cost == 0)
        && (0..=MANDATORY_MAX).contains(&of.mandatory)
        && (0..UNSERVED / 1_000).contains(&of.prize);
    if !plain || of.outer.1 < 0 {
        return None;
    }
    let load = asked.delivery.first().or(asked.pickup.first()).copied().unwrap_or(0);
    if !(0..=LARGEST).contains(&load) {
        return None;
    }
    Some(Visit {
        place: task.place,
        service: task.service + task.exit,
        earliest: of.outer.0.max(0),
        latest: of.outer.1.min(i32::try_from(LARGEST).ok()?),
        load: i32::try_from(load).ok()?,
        skip_cost: of.mandatory * UNSERVED + of.prize,
        required: of.mandatory > 0,
    })
}

fn vehicle(data: &Data, car: usize) -> Option<Vehicle> {
    let of = &data.cars[car];
    let shift = &data.model.shifts[car];
    let plain = of.rests.is_empty()
        && of.placed.is_empty()
        && of.must.is_empty()
        && i64::from(of.leg_max) >= LARGEST
        && of.drive_max.min(of.metres_max).min(of.visits_max).min(of.paid_max) >= FREE
        && of.onsite_second == 0
        && of.used >= 0;
    let place = |place: u32| (place != NONE).then_some(place);
    let capacity = shift.capacity.first().copied().unwrap_or(LARGEST).min(LARGEST);
    plain.then_some(Vehicle {
        start: place(of.start_place),
        end: place(of.end_place),
        earliest: of.start,
        latest: of.hard_end,
        capacity: i32::try_from(capacity).ok()?,
        fixed_cost: of.used + data.model.weights.technician_used,
    })
}

impl Builder<'_, '_> {
    /// Puts a visit for one person at the end of a route.
    fn append(&mut self, job: u32, car: u32) -> bool {
        let task = self.data.jobs[job as usize].first;
        let gap = self.plan.routes[car as usize].end() - 1;
        debug_assert!((job as usize) < self.data.jobs.len() && car < index(self.data.shifts));
        self.put_planned(job, &[(task, car, gap)], ANY_TIME)
    }
}
