//! Goods and parts in the car, and stops at depots: the search against every plan there is.

use roundsman_solver::check::plans::{PlanFault, verify};
use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::UNIT;
use roundsman_solver::optimize::solution::{RouteStop, Solution, StopKind};
use roundsman_solver::units::{Moment, PlaceIdx, Seconds};

use crate::chance::Chance;
use crate::rich_laws::assert_sound;
use crate::rich_models::solved;
use crate::tiny_days::{HOUR, brute_force, day};

const STEPS: u64 = 1500;

/// One person with room for so much, who may stop at a depot at the third place.
fn carrying(capacity: i64, stops: u32, places: &[u32]) -> Model {
    let mut model = day(1, places);
    model.loads = vec!["boxes".to_owned()];
    let shift = &mut model.shifts[0];
    shift.capacity = vec![capacity];
    (shift.depots, shift.depot_stops_max) = (vec![PlaceIdx(2)], stops);
    shift.depot_duration = Seconds(600);
    model
}

fn solution(model: &Model, what: &str) -> Solution {
    let solution = solved(model, STEPS, 1);
    assert_sound(model, &solution, what);
    solution
}

#[test]
fn a_stop_at_a_depot_brings_new_goods_to_deliver() {
    // Two fit, and two more after each stop.
    for (stops, left_out) in [(0, 3), (1, 1), (2, 0), (3, 0)] {
        let mut model = carrying(2, stops, &[1, 2, 3, 4, 5]);
        model.visits.iter_mut().for_each(|visit| visit.delivery = vec![1]);
        let solution = solution(&model, "deliveries");
        assert_eq!(solution.unassigned.len(), left_out, "{stops} stops");
    }
}

#[test]
fn parts_need_room_in_the_car() {
    for stock in [vec![], vec![2]] {
        let mut model = carrying(2, 1, &[1, 2, 3, 4, 5]);
        model.shifts[0].stock = stock;
        model.visits.iter_mut().for_each(|visit| visit.parts = vec![2]);
        let solution = solution(&model, "parts");
        assert_eq!(solution.unassigned.len(), 3);
    }
}

#[test]
fn goods_and_parts_share_the_room() {
    let mut model = carrying(3, 0, &[1, 2]);
    model.visits[0].delivery = vec![2];
    model.visits[1].parts = vec![2];
    assert_eq!(solution(&model, "too much").unassigned.len(), 1);
    model.shifts[0].capacity = vec![4];
    assert_eq!(solution(&model, "just enough").unassigned.len(), 0);
}

#[test]
fn a_plan_is_told_that_parts_do_not_fit() {
    let mut model = carrying(4, 1, &[1, 2]);
    model.visits.iter_mut().for_each(|visit| visit.parts = vec![2]);
    let plan = solution(&model, "both");
    assert_eq!(verify(&model, &plan), []);
    model.shifts[0].capacity = vec![3];
    let overloaded = |fault: &PlanFault| {
        matches!(fault, PlanFault::Overloaded { stop: None, load: 4, capacity: 3, .. })
    };
    let faults = verify(&model, &plan);
    assert!(faults.len() == 1 && faults.iter().all(overloaded), "{faults:?}");
    let depot = StopKind::Depot { place: PlaceIdx(2) };
    let mut stops = plan.routes[0].stops.clone();
    let at = Moment(0);
    let (drive, metres) = (Seconds(0), roundsman_solver::units::Metres(0));
    stops.insert(1, RouteStop { kind: depot, drive, metres, arrival: at, start: at, end: at });
    let mut stopping = plan.clone();
    stopping.routes[0].stops = stops;
    let faults = verify(&model, &stopping);
    assert!(
        !faults.iter().any(|fault| matches!(fault, PlanFault::Overloaded { .. })),
        "{faults:?}"
    );
}

/// A random day with two kinds of load.
fn random(chance: &mut Chance) -> Model {
    let places: Vec<u32> = (0..chance.count(2, 5)).map(|_| chance.within(0, 5) as u32).collect();
    let mut model = day(chance.count(1, 2) as u32, &places);
    model.loads = vec!["boxes".to_owned(), "pipes".to_owned()];
    for shift in &mut model.shifts {
        shift.end = Moment((11 + chance.within(0, 4)) * HOUR);
        if chance.happens(4, 5) {
            shift.capacity = vec![chance.within(2, 5), chance.within(2, 5)];
        }
        if chance.happens(1, 2) {
            shift.stock = vec![chance.within(0, 4), chance.within(0, 4)];
        }
        shift.depots =
            (0..chance.count(0, 2)).map(|_| chance.within(0, 5) as u32).map(PlaceIdx).collect();
        shift.depot_stops_max = chance.within(0, 3) as u32;
        shift.depot_duration = Seconds(chance.within(0, 2) * 600);
    }
    for visit in &mut model.visits {
        let mut amounts = || vec![chance.within(0, 2), chance.within(0, 2)];
        (visit.delivery, visit.pickup, visit.parts) = (amounts(), amounts(), amounts());
        for list in [&mut visit.delivery, &mut visit.pickup, &mut visit.parts] {
            if chance.happens(1, 2) {
                list.clear();
            }
        }
        if chance.happens(1, 4) {
            (visit.mandatory, visit.prize) = (0, chance.within(0, 8) * 10 * UNIT);
        }
    }
    model
}

#[test]
fn tiny_days_with_loads_and_depots_are_planned_as_well_as_can_be() {
    for seed in 0..100 {
        let model = random(&mut Chance::new(seed));
        model.check().unwrap();
        let best = brute_force(&model);
        let found = solved(&model, STEPS, seed);
        assert_sound(&model, &found, "loads");
        let score = (found.score.unserved, found.score.cost);
        assert_eq!(score, best, "seed {seed}");
    }
}
