//! The search against every plan there is, on models small enough to list them all.

use std::collections::HashMap;

use roundsman_solver::check::plans::{PlanFault, score, verify};
use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::solution::{Route, RouteStop, Score, Solution, StopKind};
use roundsman_solver::units::{Metres, Moment, Seconds, ShiftIdx, VisitIdx};

use crate::chance::Chance;
use crate::rich_models::solved;
use crate::tiny_models::{END, tiny};

/// A visit with its start and shift of each role; `None` = left out.
type Choice = Option<(i64, Vec<u32>)>;
/// Visits of one shift in order: visit, role, start.
type Sequence = Vec<(u32, u8, i64)>;

/// Lists every plan of a model.
struct Lister<'a> {
    model: &'a Model,
    /// The cheapest way to drive a sequence, if there is one.
    routes: HashMap<(u32, Sequence), Option<Route>>,
    best: Option<(Score, Solution)>,
}

/// The best of all plans.
pub fn brute_force(model: &Model) -> (Score, Solution) {
    let mut lister = Lister { model, routes: HashMap::new(), best: None };
    lister.choose(&mut Vec::new());
    lister.best.unwrap()
}

impl Lister<'_> {
    fn choose(&mut self, chosen: &mut Vec<Choice>) {
        let at = chosen.len();
        let Some(visit) = self.model.visits.get(at) else {
            self.judge(chosen);
            return;
        };
        chosen.push(None);
        self.choose(chosen);
        chosen.pop();
        let shifts = self.model.shifts.len() as u32;
        let crews: Vec<Vec<u32>> = if visit.crew.len() == 1 {
            (0..shifts).map(|shift| vec![shift]).collect()
        } else {
            let pairs = (0..shifts).flat_map(|a| (0..shifts).map(move |b| vec![a, b]));
            pairs.filter(|pair| pair[0] != pair[1]).collect()
        };
        for start in 0..=END {
            let allowed = visit.windows.iter().any(|window| {
                (window.earliest.0 <= start || window.early_second.is_some())
                    && (start <= window.latest.0 || window.late_second.is_some())
            });
            if !allowed && !visit.windows.is_empty() {
                continue;
            }
            for crew in &crews {
                chosen.push(Some((start, crew.clone())));
                self.choose(chosen);
                chosen.pop();
            }
        }
    }

    fn judge(&mut self, chosen: &[Choice]) {
        let mut solution = Solution::default();
        for (at, choice) in chosen.iter().enumerate() {
            if choice.is_none() {
                solution.unassigned.push(VisitIdx(at as u32));
            }
        }
        for shift in 0..self.model.shifts.len() as u32 {
            let mut sequence = Sequence::new();
            for (at, choice) in chosen.iter().enumerate() {
                let Some((start, crew)) = choice else { continue };
                for role in (0..crew.len()).filter(|&role| crew[role] == shift) {
                    sequence.push((at as u32, role as u8, *start));
                }
            }
            if sequence.is_empty() {
                continue;
            }
            sequence.sort_by_key(|stop| stop.2);
            let key = (shift, sequence);
            if !self.routes.contains_key(&key) {
                let route = self.drive(shift, &key.1);
                self.routes.insert(key.clone(), route);
            }
            match &self.routes[&key] {
                Some(route) => solution.routes.push(route.clone()),
                None => return,
            }
        }
        let found = score(self.model, &solution);
        if found.hard == 0 && self.best.as_ref().is_none_or(|(best, _)| found < *best) {
            self.best = Some((found, solution));
        }
    }

    /// The cheapest departure and breaks for a sequence with given starts.
    fn drive(&self, shift: u32, sequence: &[(u32, u8, i64)]) -> Option<Route> {
        let stops = sequence.iter().map(|&(visit, role, start)| {
            stop(StopKind::Visit { visit: VisitIdx(visit), role }, start)
        });
        let mut best = None;
        self.add_breaks(shift, 0, stops.collect(), &mut best);
        best.map(|(_, route)| route)
    }

    fn add_breaks(
        &self,
        shift: u32,
        index: usize,
        stops: Vec<RouteStop>,
        best: &mut Option<(i64, Route)>,
    ) {
        let breaks = &self.model.shifts[shift as usize].breaks;
        let Some(pause) = breaks.get(index) else {
            // Breaks that end later than the return are taken after it, so both are tried.
            for departure in -2..=END {
                for arrival in [departure, END + 1] {
                    self.try_route(shift, (departure, arrival, &stops), best);
                }
            }
            return;
        };
        if pause.missed_cost.is_some() {
            self.add_breaks(shift, index + 1, stops.clone(), best);
        }
        for &(from, to) in &pause.starts {
            for start in from.0..=to.0 {
                let place = stops.partition_point(|stop| stop.start.0 < start);
                let mut with = stops.clone();
                with.insert(place, stop(StopKind::Break { index }, start));
                self.add_breaks(shift, index + 1, with, best);
            }
        }
    }

    /// Lets the verifier say the numbers, and keeps the route if nothing about its times is wrong.
    fn try_route(
        &self,
        shift: u32,
        given: (i64, i64, &[RouteStop]),
        best: &mut Option<(i64, Route)>,
    ) {
        let (departure, arrival, stops) = given;
        let mut plan = Solution::default();
        plan.routes.push(Route {
            shift: ShiftIdx(shift),
            departure: Moment(departure),
            stops: stops.to_vec(),
            drive_home: Seconds(0),
            metres_home: Metres(0),
            arrival: Moment(arrival),
        });
        for _ in 0..6 {
            let faults = verify(self.model, &plan);
            let mut changed = false;
            for fault in &faults {
                if let PlanFault::WrongNumber { stop, name, expected, .. } = *fault {
                    correct(&mut plan.routes[0], stop, name, expected);
                    changed = true;
                }
            }
            if changed {
                continue;
            }
            let timely = |fault: &PlanFault| {
                !matches!(
                    fault,
                    PlanFault::DepartsEarly { .. }
                        | PlanFault::StartsTooSoon { .. }
                        | PlanFault::ReturnsLate { .. }
                        | PlanFault::BreakMisplaced { .. }
                        | PlanFault::BreakMissing { .. }
                        | PlanFault::OverLimit { .. }
                        | PlanFault::Skill { .. }
                        | PlanFault::NoRoad { .. }
                )
            };
            let cost = score(self.model, &plan).cost;
            if faults.iter().all(timely) && best.as_ref().is_none_or(|(least, _)| cost < *least) {
                *best = Some((cost, plan.routes.remove(0)));
            }
            return;
        }
    }
}

fn stop(kind: StopKind, start: i64) -> RouteStop {
    let at = Moment(start);
    RouteStop { kind, drive: Seconds(0), metres: Metres(0), arrival: at, start: at, end: at }
}

fn correct(route: &mut Route, stop: usize, name: &str, expected: i64) {
    let Some(listed) = route.stops.get_mut(stop) else {
        match name {
            "arrival" => route.arrival = Moment(expected),
            "metres driven" => route.metres_home = Metres(expected),
            _ => route.drive_home = Seconds(expected),
        }
        return;
    };
    match name {
        "arrival" => listed.arrival = Moment(expected),
        "metres driven" => listed.metres = Metres(expected),
        "end" => listed.end = Moment(expected),
        _ => listed.drive = Seconds(expected),
    }
}

/// Nothing is gained by starting later than possible.
fn sooner_is_never_worse(mut model: Model) -> Model {
    model.weights.waiting_second = 0;
    for shift in &mut model.shifts {
        shift.rates.paid_second = 0;
        shift.paid_max = None;
    }
    for visit in &mut model.visits {
        visit.promise = None;
        for window in &mut visit.windows {
            window.early_second = None;
        }
    }
    model
}

#[test]
fn tiny_days_are_planned_as_well_as_can_be() {
    for seed in 0..50 {
        let model = sooner_is_never_worse(tiny(&mut Chance::new(seed)));
        model.check().unwrap();
        let (best, _) = brute_force(&model);
        let found = solved(&model, 400, seed);
        assert_eq!(verify(&model, &found), [], "seed {seed}");
        assert_eq!(found.score, best, "seed {seed}");
    }
}

#[test]
fn no_answer_is_better_than_the_best_of_all_plans() {
    // Where starting later pays, the search is allowed to be a little worse, never to cheat.
    let mut worse = 0;
    let mut left_out = 0;
    for seed in 0..50 {
        let model = tiny(&mut Chance::new(seed));
        let (best, _) = brute_force(&model);
        let found = solved(&model, 400, seed);
        assert_eq!(verify(&model, &found), [], "seed {seed}");
        assert!(found.score >= best, "seed {seed}: {:?} is better than {best:?}", found.score);
        worse += i32::from(found.score > best);
        left_out += i32::from(found.score.unserved > best.unserved);
    }
    assert!(worse <= 10, "{worse} of 50 are not the best");
    assert!(left_out <= 2, "{left_out} of 50 leave out what could be done");
}
