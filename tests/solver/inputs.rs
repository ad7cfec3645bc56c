//! Bad input is refused with every fault named at once.

use roundsman_solver::problem::{
    Day, Grid, Leg, Pause, PoolNeed, ProblemError, Request, Role, Shift, Snapshot, Stop,
    Technician, TravelRows,
};
use roundsman_solver::schedule::PreparedShift;
use roundsman_solver::slots::{SearchOptions, Workspace, search};
use roundsman_solver::units::{Moment, PlaceIdx, PoolIdx, Seconds, Span, TechnicianIdx};

use crate::plans;

fn faults(request: &Request, snapshot: &Snapshot) -> Vec<ProblemError> {
    search(snapshot, request, SearchOptions::default(), &mut Workspace::default()).unwrap_err().0
}

#[test]
fn a_shift_names_all_its_faults() {
    let mut shift = Shift::new(Moment(100), Moment(50));
    shift.overtime_limit = Seconds(-5);
    let closed = Stop { latest: Moment(10), ..Stop::exact(Moment(20), Seconds(-1)) };
    shift.stops = vec![closed];
    shift.pauses = vec![Pause::floating(Moment(9), Moment(8), Seconds(1))];
    let faults = PreparedShift::new(shift).unwrap_err();
    let window = |what, earliest, latest| ProblemError::WindowClosesBeforeItOpens {
        what,
        at: 0,
        earliest: Moment(earliest),
        latest: Moment(latest),
    };
    let negative =
        |what, value| ProblemError::NegativeLength { what, at: 0, value: Seconds(value) };
    let expected = [
        ProblemError::ShiftEndsBeforeItStarts { start: Moment(100), end: Moment(50) },
        negative("overtime limit", -5),
        negative("duration of stop", -1),
        window("stop", 20, 10),
        window("pause", 9, 8),
    ];
    assert_eq!(faults.0, expected);
    // The text shows the values that clash.
    assert!(faults.to_string().contains("Moment(50), before it starts at Moment(100)"));
}

#[test]
fn times_too_far_apart_are_refused_instead_of_overflowing() {
    let shift = Shift::new(Moment(i64::MIN), Moment(i64::MAX));
    let faults = PreparedShift::new(shift).unwrap_err().0;
    assert!(matches!(faults[..], [ProblemError::OutOfRange { .. }]), "{faults:?}");
    let mut shift = Shift::new(Moment(0), Moment(1000));
    shift.stops = vec![Stop::exact(Moment(i64::MAX), Seconds(i64::MAX))];
    // Opening, closing, planned start and duration.
    assert_eq!(PreparedShift::new(shift).unwrap_err().0.len(), 4);
}

#[test]
fn a_request_names_all_its_faults() {
    let mut shift = Shift::new(Moment(0), Moment(1000));
    shift.start_place = Some(PlaceIdx(2));
    let snapshot = plans::solo(shift);
    let range = Span::new(Moment(0), Moment(1000));
    let mut request =
        Request::simple(Seconds(-60), range, Grid::Listed(vec![Moment(5), Moment(5)]));
    request.roles = vec![];
    request.wishes.excluded = vec![TechnicianIdx(7)];
    let need = PoolNeed { pool: PoolIdx(0), units: 1, lead: Seconds::ZERO, trail: Seconds::ZERO };
    request.pools = vec![need, need];
    request.weights.technician = vec![1, 2, 3];
    request.days = vec![
        Day::unused(Span::new(Moment(0), Moment(20))),
        Day::unused(Span::new(Moment(10), Moment(30))),
    ];
    request.travel = Some(TravelRows { to_place: vec![Leg::ZERO], from_place: vec![Leg::ZERO; 3] });
    let length = |what, count, expected| ProblemError::WrongLength { what, count, expected };
    let expected = [
        ProblemError::NoRole,
        ProblemError::NegativeLength { what: "duration", at: 0, value: Seconds(-60) },
        ProblemError::NotAscending { what: "days", at: 1 },
        ProblemError::NotAscending { what: "grid", at: 1 },
        ProblemError::UnknownTechnician {
            what: "the list of excluded people",
            technician: TechnicianIdx(7),
            count: 1,
        },
        ProblemError::UnknownPool { pool: PoolIdx(0), count: 0 },
        ProblemError::UnknownPool { pool: PoolIdx(0), count: 0 },
        ProblemError::RepeatedPool { pool: PoolIdx(0) },
        length("the table of costs per technician", 3, 1),
        length("the row of travel to the place", 1, 3),
    ];
    assert_eq!(faults(&request, &snapshot), expected);
}

#[test]
fn a_step_of_zero_and_a_crew_of_nine_are_refused() {
    let snapshot = plans::solo(Shift::new(Moment(0), Moment(1000)));
    let range = Span::new(Moment(0), Moment(1000));
    let grid = Grid::Anchored { step: Seconds::ZERO, align: Seconds(60), offsets: vec![] };
    let mut request = Request::simple(Seconds(60), range, grid);
    request.roles = vec![Role::default(); 9];
    let expected = [
        ProblemError::TooMany { what: "roles", count: 9, max: 8 },
        ProblemError::NotPositive { what: "step of the grid", value: Seconds::ZERO },
    ];
    assert_eq!(faults(&request, &snapshot), expected);
}

#[test]
fn two_technicians_with_one_key_are_refused() {
    let twins = vec![Technician::new(3), Technician::new(3)];
    let shift = plans::entry(5, Shift::new(Moment(0), Moment(10)));
    let faults = Snapshot::new(twins, vec![shift], vec![]).unwrap_err().0;
    let (first, second) = (TechnicianIdx(0), TechnicianIdx(1));
    let technician = TechnicianIdx(5);
    let expected = [
        ProblemError::SameKey { first, second, key: 3 },
        ProblemError::UnknownTechnician { what: "a shift", technician, count: 2 },
    ];
    assert_eq!(faults, expected);
}

#[test]
fn searches_on_several_threads_agree() {
    let snapshot = plans::solo(Shift::new(Moment(0), Moment(36_000)));
    let range = Span::new(Moment(0), Moment(36_000));
    let grid = Grid::Listed((0..60).map(|n| Moment(n * 600)).collect());
    let request = Request::simple(Seconds::hours(1), range, grid);
    let run = || {
        search(&snapshot, &request, SearchOptions::default(), &mut Workspace::default()).unwrap()
    };
    let alone = run();
    // 36000 s of shift, an hour of work, a start every ten minutes: 0 to 32400.
    assert_eq!(alone.len(), 55);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}
