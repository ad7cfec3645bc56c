//! Optional visits that pay only together, and shifts that cost something by themselves: the search
//! against every plan there is.

use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{UNIT, Window};
use roundsman_solver::units::{Moment, TechnicianIdx};

use crate::chance::Chance;
use crate::rich_laws::assert_sound;
use crate::rich_models::solved;
use crate::tiny_days::{HOUR, brute_force, day, with_every_rule};

const STEPS: u64 = 1500;

fn cost(model: &Model, steps: u64, what: &str) -> i64 {
    let solution = solved(model, steps, 1);
    assert_sound(model, &solution, what);
    solution.score.cost
}

#[test]
fn optional_visits_that_pay_only_together_are_done() {
    let days: [(&[u32], &[i64]); 2] =
        [(&[1, 2, 3], &[5, 19, 60]), (&[0, 1, 2, 3, 4, 5], &[0, 5, 19, 60, 19, 21])];
    for (places, prizes) in days {
        let mut model = day(1, places);
        for (visit, prize) in model.visits.iter_mut().zip(prizes) {
            (visit.mandatory, visit.prize) = (0, prize * UNIT);
        }
        // Ten minutes to each place and back again.
        let farthest = i64::from(*places.last().unwrap());
        assert_eq!(cost(&model, STEPS, "plain"), 20 * farthest * UNIT);
        assert_eq!(cost(&with_every_rule(model), STEPS, "every rule"), 20 * farthest * UNIT);
    }
}

#[test]
fn somebody_is_sent_where_no_single_visit_pays_for_it() {
    let mut model = day(2, &[1, 1, 1, 1]);
    model.weights.shift_used = 100 * UNIT;
    for visit in &mut model.visits {
        (visit.mandatory, visit.prize) = (0, 35 * UNIT);
    }
    // One person and twice ten minutes, against four prizes.
    assert_eq!(cost(&model, STEPS, "plain"), 120 * UNIT);
    assert_eq!(cost(&with_every_rule(model.clone()), STEPS, "every rule"), 120 * UNIT);
    model.weights.shift_used = 121 * UNIT;
    assert_eq!(cost(&model, STEPS, "plain, too dear"), 140 * UNIT);
    assert_eq!(cost(&with_every_rule(model), STEPS, "every rule, too dear"), 140 * UNIT);
}

#[test]
fn one_person_does_what_one_can_do_whoever_comes_first() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut model = day(3, &[1; 6]);
        // The forenoon, the afternoon, or both.
        let hours = [(12, 16), (8, 12), (8, 16)];
        for (shift, at) in model.shifts.iter_mut().zip(order) {
            let (start, end) = hours[at as usize];
            (shift.technician, shift.start, shift.end) =
                (TechnicianIdx(at), Moment(start * HOUR), Moment(end * HOUR));
        }
        model.shifts.sort_by_key(|shift| shift.start);
        for by_shift in [false, true] {
            model.weights.shift_used = if by_shift { 100 * UNIT } else { 0 };
            model.weights.technician_used = if by_shift { 0 } else { 100 * UNIT };
            assert_eq!(cost(&model, STEPS, "plain"), 120 * UNIT, "{order:?} {by_shift}");
            let every = with_every_rule(model.clone());
            assert_eq!(cost(&every, STEPS, "every rule"), 120 * UNIT, "{order:?} {by_shift}");
        }
    }
}

/// A random day of up to three shifts and six visits.
fn random(chance: &mut Chance) -> Model {
    let places: Vec<u32> = (0..chance.count(3, 6)).map(|_| chance.within(0, 5) as u32).collect();
    let people = chance.count(1, 3) as u32;
    let mut model = day(people, &places);
    let twice = chance.happens(1, 3);
    for (at, shift) in model.shifts.iter_mut().enumerate() {
        let (mut start, length) = (chance.within(8, 12), chance.within(3, 6));
        if twice {
            // All shifts are those of one person.
            (shift.technician, start) = (TechnicianIdx(0), 8 + 6 * at as i64);
        }
        (shift.start, shift.end) = (Moment(start * HOUR), Moment((start + length) * HOUR));
        shift.rates.used = chance.within(0, 2) * 40 * UNIT;
    }
    model.shifts.sort_by_key(|shift| (shift.start, shift.technician.0));
    model.weights.technician_used = chance.within(0, 2) * 50 * UNIT;
    for visit in &mut model.visits {
        if chance.happens(2, 3) {
            (visit.mandatory, visit.prize) = (0, chance.within(0, 8) * 10 * UNIT);
        }
        if chance.happens(1, 3) {
            let from = chance.within(8, 14);
            visit.windows = vec![Window::hard(Moment(from * HOUR), Moment((from + 2) * HOUR))];
        }
    }
    model
}

#[test]
fn tiny_days_with_prizes_and_dear_shifts_are_planned_as_well_as_can_be() {
    for seed in 0..60 {
        let model = random(&mut Chance::new(seed));
        model.check().unwrap();
        let best = brute_force(&model);
        for (model, what) in [(model.clone(), "plain"), (with_every_rule(model), "every rule")] {
            let found = solved(&model, STEPS, seed);
            assert_sound(&model, &found, what);
            let score = (found.score.unserved, found.score.cost);
            assert_eq!(score, best, "seed {seed}, {what}");
        }
    }
}
