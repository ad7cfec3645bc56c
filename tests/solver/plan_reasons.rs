//! Why a plan is as it is: matches, differences, what keeps a visit out and what would help.

use roundsman_solver::check::plans::verify;
use roundsman_solver::explain::Change;
use roundsman_solver::optimize::explain::{
    Amount, Difference, PlanFault, Subject, Verdict, difference, matches, why_each_unassigned,
    why_here, why_unassigned,
};
use roundsman_solver::optimize::model::{CrewRole, Window};
use roundsman_solver::optimize::solution::{Rule, Solution};
use roundsman_solver::optimize::{Control, Model, Options, solve};
use roundsman_solver::problem::SkillNeed;
use roundsman_solver::units::{Moment, Seconds, SkillIdx, VisitIdx};

use crate::chance::Chance;
use crate::plan_checks::day;
use crate::rich_models::{Rules, model, solved as solve_within};

fn solved(model: &Model) -> Solution {
    let options = Options { time: None, steps: Some(50), ..Options::default() };
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let elapsed = || std::time::Duration::ZERO;
    let control = Control { elapsed: &elapsed, cancel: &cancel, progress: &|_| {} };
    let solution = solve(model, &options, &control).unwrap().solution;
    assert_eq!(verify(model, &solution), []);
    solution
}

#[test]
fn the_overtime_named_is_exactly_what_is_missing() {
    let mut model = day(1);
    // Visits at 10 and 20 seconds from home, 50 seconds each: 140 seconds in all.
    model.shifts[0].end = Moment(125);
    model.visits[0].mandatory = 2;
    let plan = solved(&model);
    assert_eq!(plan.unassigned, [VisitIdx(1)]);
    let verdicts = why_unassigned(&model, &plan, VisitIdx(1));
    assert!(matches!(verdicts[0].faults[..], [PlanFault::ReturnsLate { .. }]), "{verdicts:?}");
    assert_eq!(verdicts[0].changes, [Change::Seconds { more: Seconds(15) }]);
    model.shifts[0].overtime_limit = Seconds(14);
    assert_eq!(solved(&model).unassigned, [VisitIdx(1)]);
    model.shifts[0].overtime_limit = Seconds(15);
    assert_eq!(solved(&model).unassigned, []);
    assert!(why_unassigned(&model, &plan, VisitIdx(1))[0].faults.is_empty());
}

#[test]
fn a_missing_skill_and_a_narrow_window_are_named_together() {
    let mut model = day(1);
    let need = SkillNeed { skill: SkillIdx(1), level_min: 2 };
    model.visits[1].crew[0].needs.skills = vec![need];
    model.visits[1].windows = vec![Window::hard(Moment(0), Moment(15))];
    let plan = solved(&model);
    let verdict = &why_unassigned(&model, &plan, VisitIdx(1))[0];
    // It is 20 seconds away: the window would have to be open 5 seconds longer.
    let needs = vec![need];
    let late = Change::Seconds { more: Seconds(5) };
    assert_eq!(verdict.changes, [Change::Skills { needs }, late]);
}

#[test]
fn a_crew_whose_members_work_at_other_times_cannot_start_together() {
    let mut model = day(2);
    model.visits[1].crew = vec![CrewRole::default(); 2];
    // Both visits take the first one 140 seconds.
    model.shifts[0].end = Moment(150);
    model.shifts[1].start = Moment(150);
    let plan = solved(&model);
    let verdicts = why_unassigned(&model, &plan, VisitIdx(1));
    let missing = |verdict: &Verdict| matches!(verdict.faults[..], [PlanFault::RoleMissing { .. }]);
    assert!(verdicts.iter().all(missing), "{verdicts:?}");
}

#[test]
fn several_threads_say_the_same_as_one() {
    for seed in 0..6 {
        let mut chance = Chance::new(seed);
        let rules = Rules { current: false, ..Rules::random(&mut chance) };
        let model = model(&mut chance, 2, 16, rules);
        let plan = solve_within(&model, 40, seed);
        let left = &plan.unassigned;
        let told = why_each_unassigned(&model, &plan, left, 1);
        let one_by_one: Vec<_> =
            left.iter().map(|&visit| why_unassigned(&model, &plan, visit)).collect();
        assert_eq!(told, one_by_one, "seed {seed}");
        for threads in [2, 3, 64] {
            assert_eq!(why_each_unassigned(&model, &plan, left, threads), told, "seed {seed}");
        }
    }
}

#[test]
fn a_crew_that_is_not_complete_is_named() {
    let mut model = day(2);
    model.visits[1].crew = vec![CrewRole::default(); 3];
    let plan = solved(&model);
    let verdicts = why_unassigned(&model, &plan, VisitIdx(1));
    let missing = PlanFault::RoleMissing { visit: VisitIdx(1), role: 2 };
    assert!(verdicts.iter().all(|verdict| verdict.faults == [missing.clone()]), "{verdicts:?}");
}

#[test]
fn the_alternative_costs_what_the_difference_says() {
    let mut model = day(2);
    model.shifts[1].rates.metre = 1;
    let plan = solved(&model);
    let here = why_here(&model, &plan, VisitIdx(1)).unwrap();
    // Both with the first technician: 40 seconds; visit 0 alone: 20.
    assert_eq!(here.cost, 20);
    // With the other: 40 seconds and 400 metres on top of the 20 that stay, instead of 40.
    assert_eq!(here.alternatives.len(), 1);
    assert_eq!(here.alternatives[0].more, 420);
    assert!(here.alternatives[0].faults.is_empty());
}

#[test]
fn matches_name_amount_and_weight_and_sum_up_to_the_cost() {
    let mut model = day(1);
    model.weights.drive_metre = 2;
    let plan = solved(&model);
    let found = matches(&model, &plan);
    assert_eq!(found.iter().map(|one| one.cost).sum::<i64>(), plan.score.cost);
    let shift = Subject::Shift { shift: plan.routes[0].shift };
    let lines: Vec<_> = found.iter().map(|one| (one.rule, one.subject, one.amount)).collect();
    assert_eq!(
        lines,
        [(Rule::Driving, shift, Amount::Seconds(40)), (Rule::Driving, shift, Amount::Metres(400))]
    );
}

#[test]
fn the_difference_of_two_plans_names_what_moves_and_what_it_saves() {
    let mut model = day(2);
    model.shifts[1].rates.metre = 1;
    model.visits[0].windows = vec![Window::hard(Moment(10), Moment(10))];
    model.visits[0].wishes.only = Some(vec![model.shifts[0].technician]);
    let good = solved(&model);
    model.visits[1].wishes.excluded = vec![model.shifts[0].technician];
    let bad = solved(&model);
    model.visits[1].wishes.excluded.clear();
    let found = difference(&model, &bad, &good);
    assert_eq!(found.moved.len(), 1);
    assert_eq!(found.moved[0].visit, VisitIdx(1));
    assert!(found.moved[0].other_people);
    // 60 seconds of driving become 40, and 400 metres at the rate of the second are not driven.
    assert_eq!(found.drive_saved, Seconds(20));
    assert_eq!(found.costs, [(Rule::Driving, -420)]);
    assert_eq!(difference(&model, &good, &good), Difference::default());
}
