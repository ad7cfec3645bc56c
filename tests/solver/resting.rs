//! Breaks and rests: where they come by cost and by the limit on work, and that a plan in force that
//! places them well is kept.

use roundsman_solver::check::plans::verify;
use roundsman_solver::optimize::model::{Break, Current, Lock, UNIT, Weights, WorkLimit};
use roundsman_solver::optimize::solution::StopKind;
use roundsman_solver::optimize::{Model, Solution};
use roundsman_solver::units::{Moment, Seconds, ShiftIdx};

use crate::chance::Chance;
use crate::rich_laws::assert_sound;
use crate::rich_models::{planned, solved};
use crate::tiny_days::{self, HOUR};
use crate::tiny_models::{END, tiny};
use crate::tiny_plans::brute_force;

/// Places in a line, ten minutes and ten kilometres apart; people start at the first one from 8 to 16,
/// and visits at the second one take an hour each.
fn day(people: u32, visits: usize, weights: Weights) -> Model {
    Model { weights, ..tiny_days::day(people, &vec![1; visits]) }
}

fn driving(per_hour: i64) -> Weights {
    Weights { drive_second: per_hour * UNIT / HOUR, ..Weights::none() }
}

fn pause(earliest: i64, latest: i64) -> Break {
    Break::floating(Moment(earliest), Moment(latest), Seconds(HOUR / 2))
}

/// Six hours of work, at most four of them without half an hour of rest.
fn limited(breaks: Vec<Break>) -> Model {
    let mut model = day(1, 6, driving(60));
    let (longest, rest) = (Seconds(4 * HOUR), Seconds(HOUR / 2));
    model.shifts[0].work_limit = Some(WorkLimit { longest, rest });
    model.shifts[0].breaks = breaks;
    model
}

fn in_force(start: i64, shift: u32) -> Current {
    let shifts = vec![ShiftIdx(shift)];
    Current { start: Moment(start), shifts, lock: Lock::Free, started: false }
}

fn best(model: &Model, steps: u64, what: &str) -> Solution {
    let solution = solved(model, steps, 1);
    assert_sound(model, &solution, what);
    solution
}

fn breaks_of(solution: &Solution) -> Vec<i64> {
    let stops = solution.routes.iter().flat_map(|route| &route.stops);
    let breaks = stops.filter(|stop| matches!(stop.kind, StopKind::Break { .. }));
    breaks.map(|stop| stop.start.0).collect()
}

#[test]
fn a_break_comes_where_the_limit_on_work_asks_for_it() {
    for (from, to) in [(8, 16), (11, 12)] {
        let model = limited(vec![pause(from * HOUR, to * HOUR)]);
        let solution = best(&model, 300, "a break within the work");
        assert!(solution.unassigned.is_empty(), "from {from} to {to}: {:?}", solution.unassigned);
        assert_eq!(solution.score.cost, 20 * UNIT);
    }
}

#[test]
fn who_has_no_break_waits_where_the_limit_on_work_asks_for_rest() {
    let model = limited(Vec::new());
    let solution = best(&model, 300, "no break");
    assert!(solution.unassigned.is_empty());
}

#[test]
fn a_plan_in_force_that_keeps_the_limit_on_work_is_taken_over_whole() {
    let mut model = limited(vec![pause(8 * HOUR, 16 * HOUR)]);
    let first = 8 * HOUR + 600;
    model.current = (0..6)
        .map(|at| Some(in_force(first + at * HOUR + if at < 3 { 0 } else { HOUR / 2 }, 0)))
        .collect();
    (model.weights.moved_visit, model.weights.moved_second) = (10 * UNIT, UNIT);
    // Else it might wait there and take the break at home.
    model.weights.waiting_second = 1;
    let solution = best(&model, 0, "a break after the third visit");
    assert!(solution.unassigned.is_empty());
    assert_eq!(planned(&model, &solution), model.current);
    assert_eq!(breaks_of(&solution), [first + 3 * HOUR]);
}

#[test]
fn nobody_moves_who_may_stay_with_a_break_elsewhere() {
    let hourly = |amount: i64| amount * UNIT / HOUR;
    let mut model = day(2, 3, driving(30));
    model.weights.moved_visit = 10 * UNIT;
    model.weights.moved_second = hourly(10);
    model.weights.waiting_second = hourly(2);
    for shift in &mut model.shifts {
        shift.breaks = vec![pause(41_400, 46_800)];
    }
    model.current = [29_400, 40_200, 45_600].map(|start| Some(in_force(start, 0))).to_vec();
    for steps in [0, 1000] {
        let solution = best(&model, steps, "the plan in force is the best one");
        assert_eq!(planned(&model, &solution), model.current, "{steps} steps");
        assert!(solution.score.cost <= 14 * UNIT, "{steps} steps: {:?}", solution.score);
    }
}

#[test]
fn a_day_in_force_is_moved_as_a_whole_if_only_that_saves_something() {
    // All three visits one hour later than they could start: paid time costs more than any one of
    // them saves by staying, but all of them can stay for nothing.
    let mut model = day(1, 3, driving(30));
    model.weights.moved_second = UNIT / 200;
    model.shifts[0].rates.paid_second = UNIT / 100;
    let first = 9 * HOUR + 600;
    model.current = (0..3).map(|at| Some(in_force(first + at * HOUR, 0))).collect();
    let solution = best(&model, 0, "everything stays");
    assert_eq!(planned(&model, &solution), model.current);
}

/// A tiny day of visits for one, on which it costs something when breaks and rests come.
fn tiny_day(seed: u64) -> Model {
    let chance = &mut Chance::new(seed);
    let mut model = tiny(chance);
    model.links.clear();
    for visit in &mut model.visits {
        visit.crew.truncate(1);
        visit.pools.clear();
    }
    for shift in &mut model.shifts {
        if shift.breaks.is_empty() {
            let from = Moment(chance.within(0, 6));
            let latest = from + Seconds(chance.within(0, 4));
            shift.breaks.push(Break::floating(from, latest, Seconds(chance.within(1, 2))));
        }
        for pause in &mut shift.breaks {
            pause.missed_cost = None;
            pause.paid = chance.happens(1, 2);
        }
        if chance.happens(1, 2) {
            let (longest, rest) = (Seconds(chance.within(3, 6)), Seconds(chance.within(1, 2)));
            shift.work_limit = Some(WorkLimit { longest, rest });
        }
        shift.rates.overtime_second = chance.within(0, 2);
    }
    if chance.happens(1, 2) {
        let shifts = model.shifts.len() - 1;
        for _ in 0..model.visits.len() {
            let shift = chance.count(0, shifts) as u32;
            model.current.push(Some(in_force(chance.within(1, END - 3), shift)));
        }
        model.weights.moved_second = chance.within(0, 3);
        model.weights.moved_visit = chance.within(0, 5);
        model.weights.moved_technician = chance.within(0, 5);
    }
    model
}

#[test]
fn breaks_and_rests_of_tiny_days_are_hardly_ever_placed_worse_than_can_be() {
    let mut worse = Vec::new();
    for seed in 0..60 {
        let model = tiny_day(seed);
        model.check().unwrap();
        let (best, _) = brute_force(&model);
        let found = solved(&model, 300, seed);
        assert_eq!(verify(&model, &found), [], "seed {seed}");
        assert!(found.score >= best, "seed {seed}: {:?} is better than {best:?}", found.score);
        if found.score > best {
            worse.push((seed, found.score, best));
        }
    }
    assert!(worse.len() <= 1, "seeds with what was found and what is best: {worse:?}");
}
