//! Violations of a planned route: none exactly if the checker has no complaint, and exact numbers.

use proptest::prelude::*;
use roundsman_solver::check::verify_shift;
use roundsman_solver::constraints::{Violation, evaluate};
use roundsman_solver::problem::{Caps, Leg, Pause, Shift, Stop, Usage};
use roundsman_solver::schedule::tidied;
use roundsman_solver::units::{Moment, Seconds};

use crate::chance::Chance;
use crate::plans;

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_has_violations_exactly_if_the_checker_finds_a_fault(seed: u64) {
        let mut chance = Chance::new(seed);
        let mut shift = plans::shift(&mut chance, 3, 3);
        if chance.happens(1, 2) {
            // Half of the plans are sound but for one stop.
            for stop in &mut shift.stops {
                stop.planned_start = stop.earliest;
                stop.leg_in = Leg::ZERO;
            }
        }
        let caps = plans::caps(&mut chance);
        let elsewhere = Usage {
            day_visits: chance.within(0, 1) as u32,
            week_onsite: Seconds(chance.within(0, 2)),
            day_drive: Seconds(chance.within(0, 2)),
            ..Usage::default()
        };
        let violations = evaluate(&shift, &caps, &elsewhere);
        let faults = verify_shift(&tidied(&shift), &caps, &elsewhere);
        prop_assert_eq!(violations.is_empty(), faults.is_empty(), "{:?} / {:?}", violations, faults);
        // Only an instant pause can be broken by nothing.
        let is_instant = |violation: &Violation| matches!(violation, Violation::Pause { .. });
        prop_assert!(violations.iter().all(|v| v.amount() > 0 || is_instant(v)));
    }
}

fn visit(start: i64, minutes: i64, drive: u32) -> Stop {
    let start = Moment(0) + Seconds::minutes(start);
    Stop { leg_in: Leg::new(drive * 60, 0), ..Stop::exact(start, Seconds::minutes(minutes)) }
}

fn eight_hours() -> Shift {
    Shift::new(Moment(0), Moment(0) + Seconds::hours(8))
}

fn violations(shift: &Shift) -> Vec<Violation> {
    evaluate(shift, &Caps::default(), &Usage::default())
}

#[test]
fn too_little_time_to_drive_names_both_times() {
    let mut shift = eight_hours();
    shift.stops = vec![visit(0, 60, 0), visit(75, 60, 20)];
    // The first ends at 60, the second starts at 75; the drive takes 20.
    let expected = Violation::Travel { stop: 1, needed: Seconds(1200), available: Seconds(900) };
    assert_eq!(violations(&shift), [expected]);
    assert_eq!(expected.amount(), 300);
}

#[test]
fn a_late_visit_does_not_make_the_way_home_look_wrong_too() {
    let mut shift = eight_hours();
    let mut late = visit(100, 60, 0);
    late.latest = Moment(0) + Seconds::minutes(90);
    late.earliest = Moment(0);
    shift.stops = vec![late];
    let promised = late.latest;
    let planned = late.planned_start;
    assert_eq!(violations(&shift), [Violation::Late { stop: 0, promised, planned }]);
}

#[test]
fn a_break_that_does_not_fit_says_how_much_is_missing() {
    let mut shift = eight_hours();
    // Free from 200 to 220 only; the break of 30 must start between 195 and 215, so 10 are missing.
    shift.stops = vec![visit(0, 200, 0), visit(220, 100, 0)];
    let at = |minutes| Moment(0) + Seconds::minutes(minutes);
    shift.pauses = vec![Pause::floating(at(195), at(215), Seconds::minutes(30))];
    assert_eq!(violations(&shift), [Violation::Pause { pause: 0, by: Seconds::minutes(10) }]);
}

#[test]
fn overtime_counts_the_way_home_and_the_limit() {
    let mut shift = eight_hours();
    shift.overtime_limit = Seconds::minutes(30);
    shift.stops = vec![visit(400, 80, 0)];
    shift.leg_out = Leg::new(45 * 60, 0);
    // Done at 480 = the end of the shift, home 45 minutes later, 15 more than allowed.
    let expected =
        Violation::Overtime { limit: Seconds::minutes(30), needed: Seconds::minutes(45) };
    assert_eq!(violations(&shift), [expected]);
    assert_eq!(expected.amount(), 900);
}

#[test]
fn caps_count_what_other_shifts_of_the_day_already_use() {
    let mut shift = eight_hours();
    shift.stops = vec![visit(0, 60, 0), visit(60, 60, 0)];
    let caps = Caps {
        visits_per_day: Some(3),
        onsite_per_week: Some(Seconds::hours(5)),
        ..Caps::default()
    };
    let elsewhere = Usage { day_visits: 2, week_onsite: Seconds::hours(4), ..Usage::default() };
    // 2 + 2 visits against 3; 4 + 2 hours against 5.
    let expected = [
        Violation::VisitsPerDay { cap: 3, needed: 4 },
        Violation::OnsitePerWeek { cap: Seconds::hours(5), needed: Seconds::hours(6) },
    ];
    assert_eq!(evaluate(&shift, &caps, &elsewhere), expected);
}
