//! Weights in range, and a bound on the cost of any plan, so that no sum of grains can overflow.

use super::{Check, ModelFault};
use crate::optimize::model::{Model, OwnTimes, Shift, Visit};

/// Largest price or rate.
pub(super) const PRICE_MAX: i64 = 1 << 50;
/// Largest load of one visit or car.
pub(super) const LOAD_MAX: i64 = 1 << 38;
/// Largest cost any plan may have: an eighth of what a number holds, for sums on the way.
const COST_MAX: i128 = (i64::MAX / 8) as i128;

impl Check<'_> {
    pub(super) fn weights(&mut self) {
        let weights = &self.model.weights;
        let list = [
            ("drive_second", weights.drive_second),
            ("drive_metre", weights.drive_metre),
            ("waiting_second", weights.waiting_second),
            ("overtime_second", weights.overtime_second),
            ("late_percent", weights.late_percent),
            ("largest_late_second", weights.largest_late_second),
            ("largest_idle_second", weights.largest_idle_second),
            ("secondary_zone", weights.secondary_zone),
            ("unusual_technician", weights.unusual_technician),
            ("moved_technician", weights.moved_technician),
            ("moved_second", weights.moved_second),
            ("moved_visit", weights.moved_visit),
            ("broken_promise", weights.broken_promise.unwrap_or(0)),
            ("broken_promise_second", weights.broken_promise_second),
            ("balance_second", weights.balance_second),
            ("technician_used", weights.technician_used),
            ("shift_used", weights.shift_used),
            ("later_day", weights.later_day),
            ("unneeded_level", weights.unneeded_level),
            ("second of risk", weights.risk.second),
        ];
        for (name, value) in list {
            self.price("the weights", 0, name, value);
        }
        self.range("the weights", 0, "margin of risk", weights.risk.margin.0);
    }

    /// The weights are small enough together with the lengths and numbers they multiply.
    pub(super) fn largest_cost(&mut self) {
        let model = self.model;
        let span = Horizon::new(model);
        let shifts: i128 = model.shifts.iter().map(|shift| shift_cost(model, shift, &span)).sum();
        let visits: i128 = model.visits.iter().map(|visit| visit_cost(model, visit, &span)).sum();
        let work: i128 = model.history.iter().map(|history| i128::from(history.0)).sum();
        let people = model.technicians.len() as i128;
        let balance = work + span.worked + span.length * model.shifts.len() as i128;
        let plan = balance * i128::from(model.weights.balance_second)
            + people * i128::from(model.weights.technician_used)
            + span.reach * i128::from(model.weights.largest_late_second)
            + span.reach * i128::from(model.weights.largest_idle_second);
        let legs = model.shifts.len() as i128 * 40 + span.roles;
        let rates = model.shifts.iter().map(|shift| i128::from(shift.rates.metre)).max();
        let metre = rates.unwrap_or(0) + i128::from(model.weights.drive_metre);
        let leg = model.matrices.iter().map(|matrix| {
            let driven = if metre > 0 { matrix.metres_largest() } else { 0 };
            i128::from(matrix.cost_largest()).max(metre * i128::from(driven))
        });
        let largest = shifts + visits + plan + legs * leg.max().unwrap_or(0);
        if largest > COST_MAX {
            let value = i64::try_from(largest).unwrap_or(i64::MAX);
            let most = i64::try_from(COST_MAX).unwrap_or(i64::MAX);
            let (what, name) = ("the model", "largest cost a plan can have");
            self.faults.push(ModelFault::OutOfRange { what, at: 0, name, value, least: 0, most });
        }
    }
}

/// How long things can last, in seconds and numbers.
struct Horizon {
    /// From the first start to the last hard end.
    length: i128,
    /// From the earliest to the latest moment anywhere.
    reach: i128,
    /// All time on site.
    worked: i128,
    /// Crew roles of all visits.
    roles: i128,
}

impl Horizon {
    fn new(model: &Model) -> Self {
        let shifts = model.shifts.iter().flat_map(|shift| [shift.start.0, shift.hard_end().0]);
        let current = model.current.iter().flatten().map(|current| current.start.0);
        let moments: Vec<i64> = shifts.chain(current).collect();
        let (first, last) = (moments.iter().min(), moments.iter().max());
        let length = i128::from(last.copied().unwrap_or(0) - first.copied().unwrap_or(0));
        let windows = model.visits.iter().flat_map(|visit| {
            let windows = visit.windows.iter().flat_map(|w| [w.earliest.0, w.latest.0]);
            let promises = visit.promise.iter().flat_map(|p| [p.earliest.0, p.latest.0]);
            windows.chain(promises).chain(visit.due.map(|due| due.by.0))
        });
        let mut all = moments.clone();
        all.extend(windows);
        let (first, last) = (all.iter().min(), all.iter().max());
        let reach = i128::from(last.copied().unwrap_or(0) - first.copied().unwrap_or(0));
        let onsite = |visit: &Visit| -> i128 {
            let roles = visit.crew.iter();
            let each = roles.map(|role| role.duration.unwrap_or(visit.duration).0 * 10);
            let most = |time: fn(&OwnTimes) -> i64| visit.own_times.iter().map(time).max();
            let longest = most(|own| own.duration.0).unwrap_or(0);
            let setup = most(|own| own.setup.0).unwrap_or(0).max(visit.setup.0);
            each.map(|own| i128::from(own.max(longest) + setup + visit.exit.0)).sum()
        };
        let worked = model.visits.iter().map(onsite).sum::<i128>();
        let roles = model.visits.iter().map(|visit| visit.crew.len() as i128).sum();
        Self { length: length + worked, reach: reach + worked, worked, roles }
    }
}

fn shift_cost(model: &Model, shift: &Shift, span: &Horizon) -> i128 {
    let (weights, rates) = (&model.weights, &shift.rates);
    let seconds = [
        weights.drive_second,
        rates.drive_second,
        rates.paid_second,
        rates.onsite_second,
        weights.waiting_second,
        weights.overtime_second,
        rates.overtime_second,
    ];
    let seconds: i128 = seconds.iter().map(|&rate| i128::from(rate)).sum();
    let missed = shift.breaks.iter().filter_map(|pause| pause.missed_cost);
    let missed: i128 = missed.map(i128::from).sum();
    let once = i128::from(weights.shift_used) + i128::from(rates.used);
    seconds * span.length + missed + once
}

fn visit_cost(model: &Model, visit: &Visit, span: &Horizon) -> i128 {
    let weights = &model.weights;
    let rates = visit.windows.iter().flat_map(|w| [w.early_second, w.late_second]).flatten();
    let window = rates.max().unwrap_or(0);
    let due = visit.due.map_or(0, |due| due.late_second);
    // Times the per cent, before it is divided by 100.
    let late = (i128::from(window) + i128::from(due)) * i128::from(weights.late_percent.max(100));
    let second = late
        + i128::from(weights.moved_second)
        + i128::from(weights.broken_promise_second)
        + i128::from(weights.risk.second) * 8;
    let saved = visit.wishes.preferred.iter().map(|(_, grains)| i128::from(grains.abs()));
    let levels = visit.crew.iter().map(|role| role.needs.skills.len() as i128 * 10).sum::<i128>();
    let once = [
        weights.secondary_zone,
        weights.moved_technician,
        weights.moved_visit,
        weights.unusual_technician,
        weights.broken_promise.unwrap_or(0),
    ];
    let once: i128 = once.iter().map(|&price| i128::from(price)).sum();
    let days = model.shifts.iter().map(|shift| shift.day).max().unwrap_or(0);
    second * span.reach
        + saved.sum::<i128>()
        + levels * i128::from(weights.unneeded_level)
        + once * 8
        + i128::from(visit.prize)
        + i128::from(days) * i128::from(weights.later_day)
}
