//! Laws of plans with every rule, checked by the independent verifier.

use roundsman_solver::check::plans::{costs, score, verify};
use roundsman_solver::optimize::model::{Lock, WorkLimit};
use roundsman_solver::optimize::{Model, Solution};
use roundsman_solver::units::Seconds;

use crate::chance::Chance;
use crate::rich_models::{Rules, model, planned, put_in_force, solved};

/// Fails unless the plan is sound and its cost is what its rules say.
pub fn assert_sound(model: &Model, solution: &Solution, what: &str) {
    let faults = verify(model, solution);
    assert!(faults.is_empty(), "{what}: {faults:?}");
    assert_eq!(costs(model, solution), sorted(solution), "{what}");
    assert_eq!(score(model, solution), solution.score, "{what}");
}

fn sorted(solution: &Solution) -> Vec<(roundsman_solver::optimize::solution::Rule, i64)> {
    let mut lines = solution.costs.clone();
    lines.sort_unstable();
    lines
}

#[test]
fn no_plan_breaks_a_rule_and_every_cost_is_true() {
    for seed in 0..300 {
        let mut chance = Chance::new(seed);
        let rules = Rules::random(&mut chance);
        let (people, visits) = (chance.count(1, 5), chance.count(1, 18));
        let mut model = model(&mut chance, people, visits, rules);
        model.check().unwrap_or_else(|faults| panic!("seed {seed}: {faults}"));
        let solution = solved(&model, 60, seed);
        assert_sound(&model, &solution, &format!("seed {seed}, {rules:?}"));
        if rules.current {
            put_in_force(&mut chance, &mut model, &solution, rules);
            let again = solved(&model, 60, seed);
            assert_sound(&model, &again, &format!("seed {seed} again, {rules:?}"));
        }
    }
}

#[test]
fn a_day_without_shifts_leaves_everything_out() {
    let mut chance = Chance::new(3);
    let mut model =
        model(&mut chance, 2, 6, Rules { pools: true, crews: true, ..Rules::default() });
    model.shifts.clear();
    for pools in [true, false] {
        if !pools {
            model.pools.clear();
            model.visits.iter_mut().for_each(|visit| visit.pools.clear());
        }
        let solution = solved(&model, 20, 1);
        assert_eq!(solution.unassigned.len(), 6);
        assert_sound(&model, &solution, "nobody works");
    }
}

#[test]
fn work_that_has_begun_stays_beyond_the_paid_time_and_without_rest() {
    let mut chance = Chance::new(5);
    let mut model = model(&mut chance, 1, 3, Rules::default());
    let before = solved(&model, 20, 1);
    model.current = planned(&model, &before);
    let began = model.current.iter().flatten().map(|current| current.start).min();
    for current in model.current.iter_mut().flatten() {
        current.started = Some(current.start) == began;
    }
    for limit in [0, 1] {
        model.shifts[0].paid_max = (limit == 0).then_some(Seconds(60));
        let longest = WorkLimit { longest: Seconds(60), rest: Seconds(30) };
        model.shifts[0].work_limit = (limit == 1).then_some(longest);
        let solution = solved(&model, 40, 1);
        let stays = planned(&model, &solution);
        let begun = model
            .current
            .iter()
            .zip(&stays)
            .filter(|(old, _)| old.as_ref().is_some_and(|old| old.started));
        for (old, new) in begun {
            assert_eq!(old.as_ref().map(|it| it.start), new.as_ref().map(|it| it.start));
        }
        // Nothing is added where the limit is broken already.
        assert_eq!(solution.unassigned.len(), 2, "{:?}", verify(&model, &solution));
        assert_eq!(verify(&model, &solution).len(), 1);
    }
}

#[test]
fn the_same_seed_gives_the_same_answer() {
    for seed in 0..20 {
        let mut chance = Chance::new(seed);
        let model = model(&mut chance, 4, 16, Rules::ALL);
        assert_eq!(solved(&model, 80, seed), solved(&model, 80, seed), "seed {seed}");
    }
}

#[test]
fn more_steps_are_never_worse() {
    for seed in 0..30 {
        let mut chance = Chance::new(seed);
        let rules = Rules::random(&mut chance);
        let model = model(&mut chance, 3, 14, rules);
        let mut last = None;
        for steps in [0, 10, 100, 600, 1700] {
            let score = solved(&model, steps, 1).score;
            assert!(last.is_none_or(|last| score <= last), "seed {seed}: {last:?}, {score:?}");
            last = Some(score);
        }
    }
}

#[test]
fn what_is_locked_or_has_begun_stays() {
    let mut checked = 0;
    for seed in 0..60 {
        let mut chance = Chance::new(seed);
        let rules = Rules { current: true, ..Rules::random(&mut chance) };
        let mut model = model(&mut chance, 4, 14, rules);
        let before = solved(&model, 60, seed);
        put_in_force(&mut chance, &mut model, &before, rules);
        let after = planned(&model, &solved(&model, 60, seed));
        for (old, new) in model.current.iter().zip(&after) {
            let Some(old) = old else { continue };
            let frozen = model.freeze.until.is_some_and(|until| old.start < until);
            assert!(!old.started || new.is_some(), "seed {seed}: begun work is gone");
            let Some(new) = new else { continue };
            if old.started || frozen {
                assert_eq!((new.start, &new.shifts), (old.start, &old.shifts), "seed {seed}");
                checked += 1;
            } else if matches!(old.lock, Lock::Time | Lock::Both) {
                assert_eq!(new.start, old.start, "seed {seed}");
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} locks were there to be kept");
}

#[test]
fn plain_days_are_sound_too() {
    for seed in 0..20 {
        let mut chance = Chance::new(seed);
        let mut model = model(&mut chance, 3, 12, Rules::default());
        for visit in &mut model.visits {
            (visit.setup, visit.pad_before, visit.pad_after) =
                (Seconds::ZERO, Seconds::ZERO, Seconds::ZERO);
        }
        assert_sound(&model, &solved(&model, 300, seed), &format!("seed {seed}"));
    }
}

/// Small models of which the search finds the best plan, with one rule and without it.
fn assert_relaxed(rules: Rules, relax: impl Fn(&mut Model)) {
    for seed in 0..12 {
        let mut chance = Chance::new(seed);
        let mut model = model(&mut chance, 2, 5, rules);
        for visit in &mut model.visits {
            (visit.setup, visit.mandatory) = (Seconds::ZERO, 1);
        }
        let bound = solved(&model, 3_500, seed).score;
        relax(&mut model);
        let free = solved(&model, 3_500, seed).score;
        assert!(free <= bound, "seed {seed}: {free:?} without the rule, {bound:?} with it");
    }
}

#[test]
fn without_breaks_no_plan_costs_more() {
    let rules = Rules { windows: true, breaks: true, ..Rules::default() };
    assert_relaxed(rules, |model| model.shifts.iter_mut().for_each(|shift| shift.breaks.clear()));
}

#[test]
fn without_windows_no_plan_costs_more() {
    let rules = Rules { windows: true, crews: true, ..Rules::default() };
    assert_relaxed(rules, |model| model.visits.iter_mut().for_each(|visit| visit.windows.clear()));
}

#[test]
fn without_equipment_no_plan_costs_more() {
    let rules = Rules { windows: true, pools: true, ..Rules::default() };
    assert_relaxed(rules, |model| model.visits.iter_mut().for_each(|visit| visit.pools.clear()));
}

#[test]
fn without_links_no_plan_costs_more() {
    let rules = Rules { windows: true, links: true, crews: true, ..Rules::default() };
    assert_relaxed(rules, |model| model.links.clear());
}

#[test]
fn without_skills_no_plan_costs_more() {
    let rules = Rules { skills: true, windows: true, ..Rules::default() };
    assert_relaxed(rules, |model| {
        model.paces.clear();
        for role in model.visits.iter_mut().flat_map(|visit| &mut visit.crew) {
            role.needs.skills.clear();
        }
    });
}
