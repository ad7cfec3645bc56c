//! The verifier of whole plans: each rule broken on purpose is found, and each cost is what its
//! formula says.

use roundsman_solver::check::plans::{Limit, PlanFault, costs, score, verify};
use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{
    Break, CrewRole, Current, Due, Link, Lock, Matrix, Pool, PoolNeed, Promise, Shift, Visit,
    Weights, Window, WorkLimit,
};
use roundsman_solver::optimize::solution::{Route, RouteStop, Rule, Solution, StopKind};
use roundsman_solver::problem::{Coverage, HeldSkill, Leg, SkillNeed, Technician};
use roundsman_solver::units::{
    EquipmentIdx, Metres, Moment, PlaceIdx, PoolIdx, Seconds, ShiftIdx, SkillIdx, TechnicianIdx,
    VisitIdx, ZoneIdx,
};

/// Three places in a row, 10 seconds and 100 metres apart.
pub fn row(places: i64) -> Matrix {
    let legs = (0..places * places).map(|at| {
        let apart = (at / places - at % places).abs();
        Leg::new(apart as u32 * 10, apart as u32 * 100)
    });
    Matrix::new(places as usize, legs.collect()).unwrap()
}

/// Technicians with a shift from 0 to 1000 at place 0, and visits of 50 seconds at places 1 and 2.
pub fn day(technicians: u32) -> Model {
    let mut model = Model { matrices: vec![row(3)], ..Model::default() };
    for at in 0..technicians {
        model.technicians.push(Technician::new(u128::from(at) + 1));
        let mut shift = Shift::new(TechnicianIdx(at), Moment(0), Moment(1000));
        (shift.start_place, shift.end_place) = (Some(PlaceIdx(0)), Some(PlaceIdx(0)));
        model.shifts.push(shift);
    }
    model.visits = (1..3).map(|at| Visit::new(Some(PlaceIdx(at)), Seconds(50))).collect();
    model
}

fn stop(kind: StopKind, drive: i64, arrival: i64, span: (i64, i64)) -> RouteStop {
    RouteStop {
        kind,
        drive: Seconds(drive),
        metres: Metres(drive * 10),
        arrival: Moment(arrival),
        start: Moment(span.0),
        end: Moment(span.1),
    }
}

fn visit(visit: u32, role: u8) -> StopKind {
    StopKind::Visit { visit: VisitIdx(visit), role }
}

/// A route that departs at 0 and drives `home` seconds from its last stop.
fn route(shift: u32, stops: Vec<RouteStop>, home: i64) -> Route {
    let arrival = stops.last().unwrap().end + Seconds(home);
    Route {
        shift: ShiftIdx(shift),
        departure: Moment(0),
        stops,
        drive_home: Seconds(home),
        metres_home: Metres(home * 10),
        arrival,
    }
}

/// Visit 0 from 10 to 60, visit 1 from 70 to 120, home at 140.
fn both() -> Solution {
    let stops = vec![stop(visit(0, 0), 10, 10, (10, 60)), stop(visit(1, 0), 10, 70, (70, 120))];
    Solution { routes: vec![route(0, stops, 20)], ..Solution::default() }
}

/// The only fault of a plan.
fn fault(model: &Model, plan: &Solution) -> PlanFault {
    let faults = verify(model, plan);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].clone()
}

#[test]
fn a_sound_plan_has_no_fault_and_costs_its_driving() {
    // 10 + 10 + 20 seconds at the wheel, one grain each by default.
    assert_eq!(verify(&day(1), &both()), []);
    assert_eq!(costs(&day(1), &both()), [(Rule::Driving, 40)]);
    let found = score(&day(1), &both());
    assert_eq!((found.hard, found.unserved, found.cost), (0, 0, 40));
}

#[test]
fn a_visit_is_done_or_listed_as_left_out() {
    let mut plan = both();
    plan.routes[0] = route(0, plan.routes[0].stops[..1].to_vec(), 10);
    assert_eq!(fault(&day(1), &plan), PlanFault::Unlisted { visit: VisitIdx(1) });
    plan.unassigned = vec![VisitIdx(1)];
    assert_eq!(verify(&day(1), &plan), []);
    assert_eq!(score(&day(1), &plan).unserved, 1);
}

#[test]
fn a_start_before_the_drive_is_over_is_found() {
    let mut model = day(1);
    model.visits[0].pad_after = Seconds(25);
    // The pad of 25 is longer than the drive of 10.
    let (shift, start, earliest) = (ShiftIdx(0), Moment(70), Moment(85));
    assert_eq!(
        fault(&model, &both()),
        PlanFault::StartsTooSoon { shift, stop: 1, start, earliest }
    );
}

#[test]
fn wrong_numbers_are_found() {
    let mut plan = both();
    plan.routes[0].stops[1].drive = Seconds(9);
    plan.routes[0].arrival = Moment(139);
    let names: Vec<_> = verify(&day(1), &plan)
        .into_iter()
        .map(|fault| match fault {
            PlanFault::WrongNumber { name, told, expected, .. } => (name, told, expected),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(names, [("seconds driven", 9, 10), ("arrival", 139, 140)]);
}

#[test]
fn windows_promises_and_hard_ends_are_kept() {
    let mut model = day(1);
    model.visits[0].windows = vec![Window::hard(Moment(20), Moment(30))];
    assert!(matches!(
        fault(&model, &both()),
        PlanFault::OutsideWindows { short_by: Seconds(10), .. }
    ));
    model.visits[0].windows = vec![Window { early_second: Some(3), ..model.visits[0].windows[0] }];
    model.weights.late_percent = 50;
    // Ten seconds early at three grains, half of it.
    assert_eq!(costs(&model, &both()), [(Rule::Driving, 40), (Rule::Windows, 15)]);
    model.visits[1].promise = Some(Promise { earliest: Moment(0), latest: Moment(69) });
    assert!(matches!(fault(&model, &both()), PlanFault::BrokenPromise { .. }));
    model.weights.broken_promise = Some(7);
    model.weights.broken_promise_second = 2;
    assert!(costs(&model, &both()).contains(&(Rule::Promises, 9)));
    model.shifts[0].end = Moment(139);
    assert!(matches!(fault(&model, &both()), PlanFault::ReturnsLate { latest: Moment(139), .. }));
}

#[test]
fn breaks_are_taken_in_time_or_paid_for() {
    let mut model = day(1);
    model.shifts[0].breaks = vec![Break::floating(Moment(60), Moment(65), Seconds(30))];
    let (shift, index) = (ShiftIdx(0), 0);
    assert_eq!(fault(&model, &both()), PlanFault::BreakMissing { shift, index });
    model.shifts[0].breaks[0].missed_cost = Some(5);
    assert_eq!(costs(&model, &both()), [(Rule::Driving, 40), (Rule::MissedBreaks, 5)]);
    // Five of the ten seconds are driven before the break, five after.
    let pause = stop(StopKind::Break { index: 0 }, 0, 65, (65, 95));
    let stops =
        vec![stop(visit(0, 0), 10, 10, (10, 60)), pause, stop(visit(1, 0), 10, 100, (100, 150))];
    let mut plan = Solution { routes: vec![route(0, stops, 20)], ..Solution::default() };
    assert_eq!(verify(&model, &plan), []);
    model.shifts[0].breaks[0].starts = vec![(Moment(60), Moment(64))];
    let start = Moment(65);
    assert_eq!(fault(&model, &plan), PlanFault::BreakMisplaced { shift, index, start });
    plan.routes[0].stops[2].arrival = Moment(99);
    assert_eq!(verify(&model, &plan).len(), 2);
}

#[test]
fn a_break_after_the_return_is_taken_at_home() {
    let mut model = day(1);
    model.shifts[0].breaks = vec![Break::absence(Moment(150), Moment(900))];
    model.shifts[0].rates.paid_second = 1;
    let mut plan = both();
    plan.routes[0].stops.push(stop(StopKind::Break { index: 0 }, 0, 150, (150, 900)));
    assert_eq!(verify(&model, &plan), []);
    // 140 seconds from departure to return; the absence is no part of it.
    assert_eq!(costs(&model, &plan), [(Rule::Driving, 40), (Rule::PaidTime, 140)]);
}

#[test]
fn rest_is_needed_after_so_much_driving_and_work() {
    let mut model = day(1);
    model.shifts[0].work_limit = Some(WorkLimit { longest: Seconds(139), rest: Seconds(5) });
    // 10 + 50 + 10 + 50 + 20 without rest.
    let (limit, shift) = (Limit::Stretch, ShiftIdx(0));
    let expected = PlanFault::OverLimit { limit, shift, allowed: 139, used: 140 };
    assert_eq!(fault(&model, &both()), expected);
    let stops = vec![stop(visit(0, 0), 10, 10, (10, 60)), stop(visit(1, 0), 10, 70, (75, 125))];
    let plan = Solution { routes: vec![route(0, stops, 20)], ..Solution::default() };
    assert_eq!(verify(&model, &plan), []);
}

#[test]
fn people_must_be_able_wished_for_equipped_and_in_their_zone() {
    let mut model = day(1);
    let need = SkillNeed { skill: SkillIdx(4), level_min: 3 };
    model.visits[0].crew[0].needs.skills = vec![need];
    assert!(matches!(fault(&model, &both()), PlanFault::Skill { held: 0, level_min: 3, .. }));
    let mut held = HeldSkill::lasting(SkillIdx(4), 5);
    held.valid_until = Some(Moment(10));
    model.technicians[0].skills = vec![held];
    assert!(matches!(fault(&model, &both()), PlanFault::Skill { held: 0, .. }));
    model.technicians[0].skills[0].valid_until = Some(Moment(11));
    model.weights.unneeded_level = 4;
    assert_eq!(costs(&model, &both()), [(Rule::Driving, 40), (Rule::UnneededLevels, 8)]);
    model.visits[0].wishes.excluded = vec![TechnicianIdx(0)];
    assert!(matches!(fault(&model, &both()), PlanFault::Wish { .. }));
    model.visits[0].wishes.excluded.clear();
    model.visits[0].tools = vec![EquipmentIdx(1)];
    assert!(matches!(fault(&model, &both()), PlanFault::Equipment { role: None, .. }));
    model.technicians[0].carried = vec![EquipmentIdx(1)];
    model.visits[1].zones = Some(vec![ZoneIdx(1)]);
    assert_eq!(verify(&model, &both()), []);
    model.technicians[0].coverage = Coverage::Zones(vec![]);
    assert!(matches!(fault(&model, &both()), PlanFault::OutsideZones { .. }));
}

#[test]
fn crews_are_complete_and_start_together() {
    let mut model = day(2);
    model.visits.truncate(1);
    model.visits[0].crew.push(CrewRole::default());
    let alone = |shift, role, start| {
        route(shift, vec![stop(visit(0, role), 10, 10, (start, start + 50))], 10)
    };
    let mut plan = Solution { routes: vec![alone(0, 0, 10)], ..Solution::default() };
    assert_eq!(fault(&model, &plan), PlanFault::RoleMissing { visit: VisitIdx(0), role: 1 });
    plan.routes.push(alone(1, 1, 11));
    assert!(matches!(fault(&model, &plan), PlanFault::NotTogether { role: 1, .. }));
    plan.routes[1] = alone(1, 1, 10);
    assert_eq!(verify(&model, &plan), []);
    model.shifts[1].technician = TechnicianIdx(0);
    let faults = verify(&model, &plan);
    assert!(faults.iter().any(|fault| matches!(fault, PlanFault::SamePerson { .. })));
    assert!(faults.iter().any(|fault| matches!(fault, PlanFault::Overlap { .. })));
}

#[test]
fn pools_and_links_hold_across_routes() {
    let mut model = day(2);
    model.pools = vec![Pool { units: 1, taken: vec![] }];
    let need = PoolNeed { pool: PoolIdx(0), units: 1, lead: Seconds(5), trail: Seconds(10) };
    for visit in &mut model.visits {
        visit.pools = vec![need];
    }
    // Visit 0 has the unit from 5 to 70; visit 1, driven alone, from 65 on if it starts at 70.
    let mut plan = both();
    plan.routes = vec![
        route(0, vec![stop(visit(0, 0), 10, 10, (10, 60))], 10),
        route(1, vec![stop(visit(1, 0), 20, 20, (70, 120))], 20),
    ];
    let (pool, at) = (PoolIdx(0), Moment(65));
    assert_eq!(fault(&model, &plan), PlanFault::PoolExceeded { pool, at, used: 2, units: 1 });
    plan.routes[1] = route(1, vec![stop(visit(1, 0), 20, 20, (75, 125))], 20);
    assert_eq!(verify(&model, &plan), []);
    let (before, after) = (VisitIdx(0), VisitIdx(1));
    model.links = vec![Link::Gap { before, after, min: Seconds(16), max: None }];
    // 75 - 60 = 15, one second short.
    assert!(matches!(fault(&model, &plan), PlanFault::Link { amount: -1, .. }));
    let (first, second) = (before, after);
    model.links = vec![Link::SameTechnicians { first, second }];
    assert!(matches!(fault(&model, &plan), PlanFault::Link { link: 0, amount: 0, .. }));
    model.links = vec![Link::DifferentTechnicians { first, second }];
    assert_eq!(verify(&model, &plan), []);
}

#[test]
fn loads_and_parts_run_out() {
    let mut model = day(1);
    model.loads = vec!["boxes".to_owned()];
    model.visits[0].delivery = vec![3];
    model.visits[1].pickup = vec![4];
    model.shifts[0].capacity = vec![3];
    let expected =
        PlanFault::Overloaded { shift: ShiftIdx(0), stop: Some(1), kind: 0, load: 4, capacity: 3 };
    assert_eq!(fault(&model, &both()), expected);
    // Three boxes to deliver, and two parts until the second visit.
    model.shifts[0].capacity = vec![5];
    model.shifts[0].stock = vec![1];
    model.visits[1].parts = vec![2];
    assert!(matches!(fault(&model, &both()), PlanFault::OutOfStock { used: 2, stock: 1, .. }));
}

#[test]
fn caps_count_over_the_shifts_of_a_day() {
    let mut model = day(1);
    model.technicians[0].caps.visits_per_day = Some(1);
    model.technicians[0].caps.drive_per_leg = Some(Seconds(19));
    model.shifts[0].metres_max = Some(Metres(399));
    let limits: Vec<_> = verify(&model, &both())
        .into_iter()
        .map(|fault| match fault {
            PlanFault::OverLimit { limit, allowed, used, .. } => (limit, allowed, used),
            other => panic!("{other}"),
        })
        .collect();
    let expected = [
        (Limit::MetresPerShift, 399, 400),
        (Limit::DrivePerLeg, 19, 20),
        (Limit::VisitsPerDay, 1, 2),
    ];
    assert_eq!(limits, expected);
}

#[test]
fn what_is_locked_frozen_or_started_stays() {
    let mut model = day(2);
    let current = |start, lock| {
        Some(Current { start: Moment(start), shifts: vec![ShiftIdx(1)], lock, started: false })
    };
    model.current = vec![current(10, Lock::Free), None];
    model.weights = Weights {
        moved_technician: 100,
        moved_second: 1,
        moved_visit: 1000,
        drive_second: 0,
        ..Weights::default()
    };
    assert_eq!(costs(&model, &both()), [(Rule::Stability, 1100)]);
    model.current[0] = current(12, Lock::Both);
    assert_eq!(verify(&model, &both()).len(), 2);
    model.freeze.until = Some(Moment(13));
    // Frozen: start and shift; and visit 1 may not start before 13, which it does not.
    assert!(
        verify(&model, &both())
            .iter()
            .all(|fault| matches!(fault, PlanFault::Moved { why: "freeze", .. }))
    );
    model.freeze.until = Some(Moment(71));
    assert!(
        verify(&model, &both())
            .iter()
            .any(|fault| matches!(fault, PlanFault::BeforeFrom { earliest: Moment(71), .. }))
    );
    model.current = vec![None, None];
    model.freeze.until = None;
    model.visits[1].due = Some(Due { by: Moment(100), late_second: 2 });
    model.weights.largest_late_second = 5;
    // Ends at 120, 20 seconds late.
    assert_eq!(costs(&model, &both()), [(Rule::Due, 40), (Rule::LargestLate, 100)]);
}

#[test]
fn the_largest_idle_time_is_that_of_the_shift_with_least_to_do() {
    let weights = Weights {
        largest_idle_second: 3,
        drive_second: 0,
        overtime_second: 0,
        ..Weights::default()
    };
    let mut model = Model { weights, ..day(1) };
    // 1000 seconds of shift, 40 of them at the wheel and 100 on site.
    assert_eq!(costs(&model, &both()), [(Rule::LargestIdle, 3 * 860)]);
    // Overtime counts as part of the shift: from 0 to 140 all is work.
    model.shifts[0].end = Moment(100);
    model.shifts[0].overtime_limit = Seconds(100);
    assert_eq!(costs(&model, &both()), []);
    // Who has no work is idle all day.
    let model = Model { weights: model.weights, ..day(2) };
    assert_eq!(costs(&model, &both()), [(Rule::LargestIdle, 3 * 1000)]);
}
