//! Random models small enough to try every plan: times of a few seconds, two people, three visits.

use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{
    Break, CrewRole, Due, Link, Matrix, Pool, PoolNeed, Promise, Shift, Visit, Weights, Window,
};
use roundsman_solver::problem::{HeldSkill, Leg, SkillNeed, Technician};
use roundsman_solver::units::{
    Moment, PlaceIdx, PoolIdx, Seconds, SkillIdx, TechnicianIdx, VisitIdx,
};

use crate::chance::Chance;

/// Last moment at which a shift may end.
pub const END: i64 = 11;
const PLACES: usize = 3;

/// A random tiny model with about half of all rules.
pub fn tiny(chance: &mut Chance) -> Model {
    let legs = (0..PLACES * PLACES).map(|at| {
        let apart = if at % (PLACES + 1) == 0 { 0 } else { chance.within(1, 3) as u32 };
        Leg::new(apart, apart * 7)
    });
    let mut model =
        Model { matrices: vec![Matrix::new(PLACES, legs.collect()).unwrap()], ..Model::default() };
    let people = chance.count(1, 2) as u32;
    for at in 0..people {
        let mut technician = Technician::new(u128::from(at) + 1);
        if chance.happens(2, 3) {
            technician.skills = vec![HeldSkill::lasting(SkillIdx(0), chance.within(1, 3) as u8)];
        }
        model.technicians.push(technician);
        model.shifts.push(shift(chance, at));
    }
    model.pools = vec![Pool { units: 1, taken: vec![] }];
    for _ in 0..chance.count(1, 3) {
        let visit = visit(chance, people);
        model.visits.push(visit);
    }
    for _ in 0..chance.count(0, 2) {
        if let Some(link) = link(chance, &model) {
            model.links.push(link);
        }
    }
    weights(chance, &mut model.weights);
    model
}

fn place(chance: &mut Chance) -> Option<PlaceIdx> {
    chance.happens(7, 8).then(|| PlaceIdx(chance.count(0, PLACES - 1) as u32))
}

fn shift(chance: &mut Chance, technician: u32) -> Shift {
    let over = chance.within(0, 2);
    let end = Moment(chance.within(7, END - over));
    let mut shift = Shift::new(TechnicianIdx(technician), Moment(chance.within(0, 2)), end);
    shift.overtime_limit = Seconds(over);
    (shift.start_place, shift.end_place) = (place(chance), place(chance));
    for _ in 0..chance.count(0, 1) + usize::from(chance.happens(1, 4)) {
        let from = Moment(chance.within(0, 8));
        let length = Seconds(chance.within(1, 2));
        let mut pause = if chance.happens(1, 4) {
            Break::absence(from, from + length)
        } else {
            Break::floating(from, from + Seconds(chance.within(0, 4)), length)
        };
        if chance.happens(1, 3) {
            pause.missed_cost = Some(chance.within(0, 20));
        }
        if chance.happens(1, 6) {
            pause.place = Some(PlaceIdx(chance.count(0, PLACES - 1) as u32));
        }
        shift.breaks.push(pause);
    }
    shift.rates.paid_second = chance.within(0, 2);
    shift.visits_max = chance.happens(1, 6).then_some(2);
    shift.paid_max = chance.happens(1, 6).then(|| Seconds(chance.within(6, 9)));
    shift
}

fn visit(chance: &mut Chance, people: u32) -> Visit {
    let mut visit = Visit::new(place(chance), Seconds(chance.within(1, 3)));
    if chance.happens(1, 3) {
        visit.setup = Seconds(1);
        visit.pad_after = Seconds(chance.within(0, 2));
        visit.pad_before = Seconds(chance.within(0, 2));
    }
    if chance.happens(2, 3) {
        let open = Moment(chance.within(0, 6));
        visit.windows = vec![Window::hard(open, open + Seconds(chance.within(0, 4)))];
        if chance.happens(1, 3) {
            let again = visit.windows[0].latest + Seconds(chance.within(1, 2));
            visit.windows.push(Window::hard(again, again + Seconds(2)));
        }
        for window in &mut visit.windows {
            window.early_second = chance.happens(1, 4).then(|| chance.within(0, 4));
            window.late_second = chance.happens(1, 4).then(|| chance.within(0, 4));
        }
    }
    if people > 1 && chance.happens(1, 3) {
        let duration = chance.happens(1, 2).then(|| Seconds(chance.within(1, 3)));
        visit.crew.push(CrewRole { duration, ..CrewRole::default() });
    }
    if chance.happens(1, 4) {
        let skill = SkillIdx(0);
        let need = SkillNeed { skill, level_min: chance.within(1, 2) as u8 };
        visit.crew[0].needs.skills.push(need);
    }
    if chance.happens(1, 3) {
        let (lead, trail) = (Seconds(chance.within(0, 1)), Seconds(chance.within(0, 1)));
        visit.pools = vec![PoolNeed { pool: PoolIdx(0), units: 1, lead, trail }];
    }
    if chance.happens(1, 4) {
        visit.due = Some(Due { by: Moment(chance.within(3, 9)), late_second: 3 });
    }
    if chance.happens(1, 5) {
        let earliest = Moment(chance.within(0, 6));
        visit.promise = Some(Promise { earliest, latest: earliest + Seconds(2) });
    }
    if chance.happens(1, 3) {
        visit.mandatory = 0;
        visit.prize = chance.within(0, 30);
    }
    if chance.happens(1, 4) {
        visit.wishes.preferred = vec![(TechnicianIdx(0), chance.within(0, 9))];
    }
    visit
}

fn link(chance: &mut Chance, model: &Model) -> Option<Link> {
    let count = model.visits.len();
    let (one, other) = (chance.count(0, count - 1), chance.count(0, count - 1));
    if one >= other {
        return None;
    }
    let (first, second) = (VisitIdx(one as u32), VisitIdx(other as u32));
    let min = Seconds(chance.within(0, 2));
    let max = chance.happens(1, 2).then(|| min + Seconds(chance.within(0, 2)));
    let (before, after) = (first, second);
    let crews = (model.visits[one].crew.len(), model.visits[other].crew.len());
    Some(match chance.count(0, 5) {
        0 => Link::Gap { before, after, min, max },
        1 => Link::Starts { before, after, min, max },
        2 if crews.0 == crews.1 => Link::SameTechnicians { first, second },
        3 => Link::DifferentTechnicians { first, second },
        4 if crews == (1, 1) => Link::Shipment { first, second },
        _ => Link::Both { first, second },
    })
}

fn weights(chance: &mut Chance, weights: &mut Weights) {
    weights.drive_metre = chance.within(0, 1);
    weights.waiting_second = chance.within(0, 2);
    weights.technician_used = chance.within(0, 5);
    weights.largest_late_second = chance.within(0, 1);
    weights.unneeded_level = chance.within(0, 2);
    weights.balance_second = chance.within(0, 1);
    weights.broken_promise = chance.happens(1, 2).then(|| chance.within(0, 9));
    weights.broken_promise_second = chance.within(0, 2);
    weights.largest_idle_second = chance.within(0, 1);
}
