//! Random models with chosen rules, and a way to solve them within steps.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::optimize::model::{
    Break, CrewRole, Current, Due, Freeze, Link, Lock, Matrix, OwnTimes, Pace, Pool, PoolNeed,
    Promise, Relaxation, Risk, Shift, ShiftRates, Visit, Weights, Window, WorkLimit,
};
use roundsman_solver::optimize::{Control, Model, Options, Solution, solve};
use roundsman_solver::problem::{
    Coverage, HeldSkill, HeldZone, Leg, PoolUse, SkillNeed, Technician, ZoneLevel,
};
use roundsman_solver::units::{
    EquipmentIdx, Metres, Moment, PlaceIdx, PoolIdx, Seconds, ShiftIdx, SkillIdx, Span,
    TechnicianIdx, VisitIdx, ZoneIdx,
};

use crate::chance::Chance;

/// Which rules a random model has.
#[expect(clippy::struct_excessive_bools, reason = "each rule is on or off by itself")]
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    pub windows: bool,
    pub soft: bool,
    pub breaks: bool,
    pub skills: bool,
    pub crews: bool,
    pub pools: bool,
    pub links: bool,
    pub loads: bool,
    pub limits: bool,
    pub rates: bool,
    pub current: bool,
    pub wishes: bool,
    pub days: bool,
}

impl Rules {
    /// Every rule.
    pub const ALL: Self = Self {
        windows: true,
        soft: true,
        breaks: true,
        skills: true,
        crews: true,
        pools: true,
        links: true,
        loads: true,
        limits: true,
        rates: true,
        current: true,
        wishes: true,
        days: true,
    };

    /// Each rule or not, at random.
    pub fn random(chance: &mut Chance) -> Self {
        let mut draw = || chance.happens(1, 2);
        Self {
            windows: draw(),
            soft: draw(),
            breaks: draw(),
            skills: draw(),
            crews: draw(),
            pools: draw(),
            links: draw(),
            loads: draw(),
            limits: draw(),
            rates: draw(),
            current: draw(),
            wishes: draw(),
            days: draw(),
        }
    }
}

const START: i64 = 1_000_000;

/// A model of so many technicians and visits under these rules.
pub fn model(chance: &mut Chance, people: usize, visits: usize, rules: Rules) -> Model {
    let places = visits + 3;
    let mut model = Model {
        technicians: (0..people).map(|at| technician(chance, at, rules)).collect(),
        matrices: vec![matrix(chance, places)],
        ..Model::default()
    };
    if rules.loads {
        model.loads = vec!["boxes".to_owned(), "pipes".to_owned()];
    }
    if rules.pools {
        model.pools = (0..2).map(|_| pool(chance)).collect();
    }
    for who in 0..people {
        let days = if rules.days { chance.count(1, 3) } else { 1 };
        for day in 0..days {
            model.shifts.push(shift(chance, who, day, rules));
        }
    }
    for at in 0..visits {
        let visit = visit(chance, &model, (at + 3, people), rules);
        model.visits.push(visit);
    }
    if rules.links {
        links(chance, &mut model);
    }
    if rules.skills {
        model.paces.push(Pace {
            technician: TechnicianIdx(0),
            skill: SkillIdx(0),
            percent: chance.within(50, 150) as u32,
        });
    }
    weights(chance, &mut model, rules);
    own_times(chance, &mut model);
    if rules.loads && !rules.current {
        transfers(chance, &mut model);
        load_limits(chance, &mut model);
    }
    model
}

/// People who take other times, and shifts that begin set up.
fn own_times(chance: &mut Chance, model: &mut Model) {
    for shift in &mut model.shifts {
        shift.set_up = chance.happens(1, 2);
    }
    for visit in &mut model.visits {
        if chance.happens(1, 4) {
            let technician = TechnicianIdx(chance.count(0, model.technicians.len() - 1) as u32);
            let setup = Seconds(chance.within(0, 2) * 300);
            let duration = Seconds(chance.within(0, 8) * 600);
            visit.own_times.push(OwnTimes { technician, setup, duration });
        }
    }
}

/// What shipments carry.
fn transfers(chance: &mut Chance, model: &mut Model) {
    for link in model.links.clone() {
        let Link::Shipment { first, second } = link else { continue };
        let ends = [first, second].map(|end| &model.visits[end.at()].transfer);
        if ends.iter().all(|transfer| transfer.is_empty()) {
            let amount = chance.within(0, 3);
            model.visits[first.at()].transfer = vec![amount, 0];
            model.visits[second.at()].transfer = vec![-amount, 0];
        }
    }
}

/// Breaks that may be taken only with little in the car.
fn load_limits(chance: &mut Chance, model: &mut Model) {
    for pause in model.shifts.iter_mut().flat_map(|shift| &mut shift.breaks) {
        if pause.place.is_none() && chance.happens(1, 3) {
            pause.load_max = vec![chance.within(0, 4), chance.within(0, 4)];
        }
    }
}

fn matrix(chance: &mut Chance, places: usize) -> Matrix {
    let at: Vec<(i64, i64)> =
        (0..places).map(|_| (chance.within(0, 1800), chance.within(0, 1800))).collect();
    let mut legs = Vec::new();
    for (from, one) in at.iter().enumerate() {
        for (to, other) in at.iter().enumerate() {
            let away = (one.0 - other.0).abs() + (one.1 - other.1).abs();
            let detour = if from == to { 0 } else { chance.within(0, 200) };
            legs.push(Leg::new((away + detour) as u32, (away * 12) as u32));
        }
    }
    Matrix::new(places, legs).unwrap()
}

fn technician(chance: &mut Chance, at: usize, rules: Rules) -> Technician {
    let mut technician = Technician::new(at as u128 + 1);
    if rules.skills {
        for skill in 0..3 {
            if chance.happens(2, 3) {
                let level = chance.within(1, 4) as u8;
                let mut held = HeldSkill::lasting(SkillIdx(skill), level);
                if chance.happens(1, 8) {
                    held.valid_until = Some(Moment(START + chance.within(0, 30_000)));
                }
                technician.skills.push(held);
            }
        }
    }
    if rules.loads && chance.happens(1, 2) {
        technician.carried.push(EquipmentIdx(0));
    }
    if rules.wishes && chance.happens(1, 2) {
        let zone = |zone, level| HeldZone { zone: ZoneIdx(zone), level };
        technician.coverage =
            Coverage::Zones(vec![zone(0, ZoneLevel::Primary), zone(1, ZoneLevel::Secondary)]);
    }
    if rules.limits {
        let caps = &mut technician.caps;
        caps.visits_per_day = chance.happens(1, 3).then(|| chance.within(2, 6) as u32);
        caps.visits_per_week = chance.happens(1, 3).then(|| chance.within(4, 9) as u32);
        caps.onsite_per_day = chance.happens(1, 3).then(|| Seconds(chance.within(6_000, 20_000)));
        caps.drive_per_leg = chance.happens(1, 4).then(|| Seconds(chance.within(1_500, 4_000)));
        caps.drive_per_day = chance.happens(1, 4).then(|| Seconds(chance.within(4_000, 12_000)));
    }
    technician
}

fn pool(chance: &mut Chance) -> Pool {
    let from = START + chance.within(0, 20_000);
    let span = Span::new(Moment(from), Moment(from + chance.within(600, 6_000)));
    let taken = if chance.happens(1, 2) { vec![PoolUse { span, units: 1 }] } else { Vec::new() };
    Pool { units: chance.within(1, 2) as u32, taken }
}

fn shift(chance: &mut Chance, who: usize, day: usize, rules: Rules) -> Shift {
    let start = START + 86_400 * day as i64 + chance.within(0, 3) * 1800;
    let end = start + chance.within(5, 9) * 3600;
    let mut shift = Shift::new(TechnicianIdx(who as u32), Moment(start), Moment(end));
    shift.day = day as u32;
    let place =
        |chance: &mut Chance| chance.happens(5, 6).then(|| PlaceIdx(chance.within(0, 2) as u32));
    (shift.start_place, shift.end_place) = (place(chance), place(chance));
    if rules.breaks {
        breaks(chance, &mut shift);
    }
    if rules.limits {
        shift.visits_max = chance.happens(1, 3).then(|| chance.within(2, 5) as u32);
        shift.drive_max = chance.happens(1, 4).then(|| Seconds(chance.within(3_000, 9_000)));
        shift.metres_max = chance.happens(1, 4).then(|| Metres(chance.within(30_000, 90_000)));
        shift.paid_max = chance.happens(1, 3).then(|| Seconds(chance.within(10_000, 30_000)));
        if chance.happens(1, 3) {
            let (longest, rest) = (Seconds(chance.within(9_000, 20_000)), Seconds(1200));
            shift.work_limit = Some(WorkLimit { longest, rest });
        }
    }
    if rules.loads {
        shift.capacity = vec![chance.within(4, 9), chance.within(4, 9)];
        shift.stock = vec![chance.within(0, 4), chance.within(0, 4)];
        shift.depots = vec![PlaceIdx(0), PlaceIdx(1)];
        shift.depot_duration = Seconds(300);
        shift.depot_stops_max = chance.within(0, 3) as u32;
    }
    if rules.rates {
        shift.overtime_limit = Seconds(chance.within(0, 2) * 1800);
        shift.rates = ShiftRates {
            used: chance.within(0, 5_000),
            paid_second: chance.within(0, 2),
            drive_second: chance.within(0, 2),
            metre: chance.within(0, 1),
            onsite_second: chance.within(0, 1),
            overtime_second: chance.within(0, 3),
        };
        shift.drive_percent = chance.within(80, 130) as u32;
    }
    shift
}

fn breaks(chance: &mut Chance, shift: &mut Shift) {
    let noon = shift.start + Seconds(chance.within(2, 5) * 3600);
    let mut lunch =
        Break::floating(noon, noon + Seconds(chance.within(0, 3) * 1800), Seconds(1800));
    if chance.happens(1, 4) {
        lunch.place = Some(PlaceIdx(chance.within(0, 2) as u32));
    }
    if chance.happens(1, 3) {
        lunch.missed_cost = Some(chance.within(0, 3_000));
    }
    lunch.paid = chance.happens(1, 2);
    if chance.happens(4, 5) {
        shift.breaks.push(lunch);
    }
    if chance.happens(1, 3) {
        let from = shift.start + Seconds(chance.within(0, 6) * 3600);
        shift.breaks.push(Break::absence(from, from + Seconds(2400)));
    }
    if chance.happens(1, 4) {
        let from = shift.start + Seconds(chance.within(0, 3) * 1800);
        let mut coffee = Break::floating(from, from + Seconds(1800), Seconds(600));
        coffee.starts.push((from + Seconds(3600), from + Seconds(5400)));
        shift.breaks.push(coffee);
    }
}

fn visit(chance: &mut Chance, model: &Model, at: (usize, usize), rules: Rules) -> Visit {
    let (place, people) = at;
    let place = if chance.happens(1, 6) { 3 + chance.count(0, place - 3) } else { place };
    let place = chance.happens(19, 20).then_some(PlaceIdx(place as u32));
    let mut visit = Visit::new(place, Seconds(chance.within(1, 8) * 600));
    if chance.happens(1, 3) {
        visit.setup = Seconds(300);
        visit.exit = Seconds(120);
        visit.pad_before = Seconds(chance.within(0, 900));
        visit.pad_after = Seconds(chance.within(0, 900));
    }
    if rules.windows {
        windows(chance, &mut visit, rules);
    }
    if rules.skills && chance.happens(1, 2) {
        let skill = SkillIdx(chance.within(0, 2) as u32);
        let level_min = chance.within(1, 3) as u8;
        visit.crew[0].needs.skills.push(SkillNeed { skill, level_min });
    }
    if rules.crews && people > 1 && chance.happens(1, 3) {
        let duration = chance.happens(1, 2).then(|| Seconds(chance.within(1, 8) * 600));
        visit.crew.push(CrewRole { duration, ..CrewRole::default() });
        if people > 2 && chance.happens(1, 4) {
            visit.crew.push(CrewRole::default());
        }
    }
    if rules.pools && chance.happens(1, 3) {
        visit.pools.push(PoolNeed {
            pool: PoolIdx(chance.within(0, model.pools.len() as i64 - 1) as u32),
            units: chance.within(1, 2) as u32,
            lead: Seconds(chance.within(0, 600)),
            trail: Seconds(chance.within(0, 600)),
        });
    }
    if rules.loads {
        loads(chance, &mut visit);
    }
    if rules.wishes {
        wishes(chance, &mut visit, people);
    }
    if chance.happens(1, 5) {
        visit.mandatory = 0;
        visit.prize = chance.within(0, 10_000);
    }
    visit.priority = chance.within(0, 3) as u32;
    visit
}

fn windows(chance: &mut Chance, visit: &mut Visit, rules: Rules) {
    let from = START + chance.within(0, 12) * 1800;
    let first = Window::hard(Moment(from), Moment(from + chance.within(1, 10) * 1800));
    visit.windows.push(first);
    if chance.happens(1, 2) {
        let from = first.latest + Seconds(chance.within(1, 8) * 1800);
        visit.windows.push(Window::hard(from, from + Seconds(chance.within(1, 60) * 1800)));
    }
    if rules.soft && chance.happens(1, 2) {
        let at = chance.count(0, visit.windows.len() - 1);
        visit.windows[at].late_second = Some(chance.within(0, 3));
        visit.windows[0].early_second = chance.happens(1, 2).then(|| chance.within(0, 3));
    }
    if rules.soft && chance.happens(1, 3) {
        let by = Moment(START + chance.within(4, 16) * 1800);
        visit.due = Some(Due { by, late_second: chance.within(1, 3) });
    }
    if rules.soft && chance.happens(1, 4) {
        let earliest = Moment(START + chance.within(0, 12) * 1800);
        visit.promise = Some(Promise { earliest, latest: earliest + Seconds(7200) });
    }
}

fn loads(chance: &mut Chance, visit: &mut Visit) {
    let pair = |chance: &mut Chance| vec![chance.within(0, 2), chance.within(0, 2)];
    match chance.count(0, 4) {
        0 => visit.delivery = pair(chance),
        1 => visit.pickup = pair(chance),
        2 => visit.parts = pair(chance),
        _ => {}
    }
    if chance.happens(1, 4) {
        visit.tools.push(EquipmentIdx(0));
    }
    if chance.happens(1, 8) {
        visit.crew[0].needs.carried.push(EquipmentIdx(0));
    }
}

fn wishes(chance: &mut Chance, visit: &mut Visit, people: usize) {
    let anybody = |chance: &mut Chance| TechnicianIdx(chance.count(0, people - 1) as u32);
    let wishes = &mut visit.wishes;
    if chance.happens(1, 3) {
        wishes.preferred.push((anybody(chance), chance.within(0, 2_000)));
    }
    match chance.count(0, 7) {
        0 => wishes.excluded.push(anybody(chance)),
        1 => wishes.required.push(anybody(chance)),
        _ => {}
    }
    if chance.happens(1, 4) {
        visit.usual.push(anybody(chance));
    }
    if chance.happens(1, 3) {
        visit.zones = Some(vec![ZoneIdx(chance.within(0, 1) as u32)]);
    }
}

fn links(chance: &mut Chance, model: &mut Model) {
    let count = model.visits.len();
    for _ in 0..count / 4 {
        let (one, other) = (chance.count(0, count - 1), chance.count(0, count - 1));
        // From smaller to larger numbers, so that no circle can form.
        let (low, high) = (one.min(other), one.max(other));
        if low == high {
            continue;
        }
        let (first, second) = (VisitIdx(low as u32), VisitIdx(high as u32));
        let min = Seconds(chance.within(0, 4) * 900);
        let max = chance.happens(1, 2).then(|| min + Seconds(chance.within(0, 8) * 900));
        let alike = model.visits[low].crew.len() == model.visits[high].crew.len();
        let single = alike && model.visits[low].crew.len() == 1;
        model.links.push(match chance.count(0, 5) {
            0 => Link::Starts { before: first, after: second, min, max },
            1 if alike => Link::SameTechnicians { first, second },
            2 => Link::DifferentTechnicians { first, second },
            3 => Link::Both { first, second },
            4 if single => Link::Shipment { first, second },
            _ => Link::Gap { before: first, after: second, min, max },
        });
    }
}

fn weights(chance: &mut Chance, model: &mut Model, rules: Rules) {
    let weights = &mut model.weights;
    *weights = Weights::default();
    if rules.rates {
        weights.drive_metre = chance.within(0, 1);
        weights.waiting_second = chance.within(0, 1);
        weights.technician_used = chance.within(0, 3_000);
        weights.shift_used = chance.within(0, 3_000);
        weights.later_day = chance.within(0, 1_000);
        weights.balance_second = chance.within(0, 1);
        weights.unneeded_level = chance.within(0, 100);
        weights.risk = Risk { margin: Seconds(3600), priority_min: 1, second: chance.within(0, 1) };
    }
    if rules.soft {
        weights.late_percent = chance.within(50, 150);
        weights.largest_late_second = chance.within(0, 2);
        if chance.happens(1, 2) {
            weights.broken_promise = Some(chance.within(0, 3_000));
            weights.broken_promise_second = chance.within(0, 2);
        }
    }
    if rules.wishes {
        weights.secondary_zone = chance.within(0, 500);
        weights.unusual_technician = chance.within(0, 500);
    }
}

/// Takes a solution over as the plan in force, with locks, and freezes some of it.
///
/// Work has begun only where no limits are: what has begun stays even beyond them.
pub fn put_in_force(chance: &mut Chance, model: &mut Model, solution: &Solution, rules: Rules) {
    model.current = planned(model, solution);
    let locks = [Lock::Free, Lock::Free, Lock::Time, Lock::Technician, Lock::Both, Lock::Window];
    for current in model.current.iter_mut().flatten() {
        current.lock = locks[chance.count(0, 5)];
    }
    if chance.happens(1, 2) {
        let until = Some(Moment(START + chance.within(0, 20_000)));
        let notice = Seconds(chance.within(0, 2) * 1800);
        let mut relaxations = Vec::new();
        if chance.happens(1, 2) {
            relaxations = vec![
                (Moment(START), Relaxation::Times),
                (Moment(START + 12_000), Relaxation::Order),
                (Moment(START + 20_000), Relaxation::Anything),
            ];
        }
        model.freeze = Freeze { until, relaxations, notice };
        for current in model.current.iter_mut().flatten() {
            current.started =
                !rules.limits && until.is_some_and(|until| current.start + Seconds(6_000) < until);
        }
    }
    model.weights.moved_technician = chance.within(0, 2_000);
    model.weights.moved_second = chance.within(0, 2);
    model.weights.moved_visit = chance.within(0, 500);
}

/// A solution as a plan in force.
pub fn planned(model: &Model, solution: &Solution) -> Vec<Option<Current>> {
    use roundsman_solver::optimize::solution::StopKind;
    let mut current: Vec<Option<Current>> = vec![None; model.visits.len()];
    for route in &solution.routes {
        for stop in &route.stops {
            let StopKind::Visit { visit, role } = stop.kind else { continue };
            let crew = model.visits[visit.at()].crew.len();
            let entry = current[visit.at()].get_or_insert_with(|| Current {
                start: stop.start,
                shifts: vec![ShiftIdx(0); crew],
                lock: Lock::Free,
                started: false,
            });
            entry.shifts[usize::from(role)] = route.shift;
        }
    }
    current
}

/// The answer after so many steps.
pub fn solved(model: &Model, steps: u64, seed: u64) -> Solution {
    let options = Options { time: None, steps: Some(steps), seed, ..Options::default() };
    let cancel = AtomicBool::new(false);
    let elapsed = || Duration::ZERO;
    let control = Control { elapsed: &elapsed, cancel: &cancel, progress: &|_| {} };
    solve(model, &options, &control).unwrap().solution
}
