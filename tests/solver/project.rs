//! What a delay does to the rest of the day.

use roundsman_solver::problem::{Leg, Pause, Shift, Stop};
use roundsman_solver::project::{Progress, project};
use roundsman_solver::units::{Moment, Seconds};

fn at(hour: i64, minute: i64) -> Moment {
    Moment(hour * 3600 + minute * 60)
}

/// 8 to 17 with half an hour of overtime: A 9:00-10:00, B 10:30-11:30 (promised until 11:00),
/// C 15:00-16:30; 20 minutes from each to the next and home; lunch of 30 minutes from 11:30 to 13:00.
fn day() -> Shift {
    let mut shift = Shift::new(at(8, 0), at(17, 0));
    shift.overtime_limit = Seconds::minutes(30);
    let drive = Leg::new(1200, 10_000);
    let visit = |start, latest, minutes| Stop {
        leg_in: drive,
        latest,
        ..Stop::exact(start, Seconds::minutes(minutes))
    };
    shift.stops = vec![
        visit(at(9, 0), at(9, 30), 60),
        visit(at(10, 30), at(11, 0), 60),
        visit(at(15, 0), at(16, 0), 90),
    ];
    shift.leg_out = drive;
    shift.pauses = vec![Pause::floating(at(11, 30), at(13, 0), Seconds::minutes(30))];
    shift
}

#[test]
fn a_day_on_time_stays_as_planned() {
    let projection = project(&day(), Progress { stop: 0, end: at(10, 0) }).unwrap();
    assert!(projection.stops.iter().all(|stop| stop.delay == Seconds::ZERO));
    // 16:30 + 20 minutes of driving.
    assert_eq!((projection.arrival, projection.overtime), (at(16, 50), Seconds::ZERO));
}

#[test]
fn an_overrun_pushes_the_next_visit_and_waiting_absorbs_it() {
    // A takes until 11:00: B starts at 11:20, 50 minutes late by plan, 20 by promise; C is not touched.
    let projection = project(&day(), Progress { stop: 0, end: at(11, 0) }).unwrap();
    let numbers: Vec<_> =
        projection.stops.iter().map(|s| (s.stop, s.start, s.delay, s.late_by)).collect();
    let expected = [
        (1, at(11, 20), Seconds::minutes(50), Seconds::minutes(20)),
        (2, at(15, 0), Seconds::ZERO, Seconds::ZERO),
    ];
    assert_eq!(numbers, expected);
    // Lunch right after B, at 12:20.
    assert_eq!(projection.pauses[0].start, at(12, 20));
    assert!(projection.late_pauses.is_empty());
}

#[test]
fn a_long_overrun_makes_lunch_late_and_shows_overtime() {
    // B takes until 15:00: lunch from 15:00 (two hours late) to 15:30, C from 15:50 to 17:20, home
    // at 17:40: 40 minutes of overtime, ten too many.
    let projection = project(&day(), Progress { stop: 1, end: at(15, 0) }).unwrap();
    assert_eq!(projection.stops[0].start, at(15, 50));
    assert_eq!(projection.late_pauses, [(0, Seconds::hours(2))]);
    assert_eq!(projection.arrival, at(17, 40));
    assert_eq!(projection.overtime, Seconds::minutes(40));
    assert_eq!(projection.overtime_excess, Seconds::minutes(10));
}

#[test]
fn a_lunch_already_taken_is_not_taken_again() {
    // C is under way and ends half an hour late, at 17:00; lunch was planned before it.
    let projection = project(&day(), Progress { stop: 2, end: at(17, 0) }).unwrap();
    assert!(projection.pauses.is_empty());
    assert_eq!(projection.arrival, at(17, 20));
}

#[test]
fn an_unknown_stop_has_no_future() {
    assert!(project(&day(), Progress { stop: 3, end: at(10, 0) }).is_none());
}
