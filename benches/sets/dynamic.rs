//! A day on which requests come in: each is taken or refused when it is released, with a second of
//! search, and nothing that has happened is changed.
//!
//! The rule of release: at the moment a request becomes known everything is planned anew from the
//! plan in force. A technician leaves for the next stop as late as its planned start allows; a stop
//! for which somebody has left stays, with its start; everybody else may be sent elsewhere from now
//! on. Who has stopped at the depot, or has left for it, has every tool and part from then on, does
//! not stop there again, and is told there where to go next. A request that was taken before is never
//! given up for a new one.

use std::fs;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::check::plans;
use roundsman_solver::formats::{Case, trsp};
use roundsman_solver::optimize::model::{Current, Lock, Visit, Window};
use roundsman_solver::optimize::solution::{Route, RouteStop, StopKind};
use roundsman_solver::optimize::{Control, Model, Options, Solution, solve};
use roundsman_solver::problem::SkillNeed;
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, ShiftIdx, SkillIdx, VisitIdx};

use super::clock::Clock;
use super::folders::Instance;

/// The first plan is made before the day, with so many times the time of an event.
const FIRST: f64 = 10.0;
/// What it weighs to give up a request that was taken, against one that is new.
const TAKEN: u32 = 1000;

/// Where tools and parts are fetched.
const DEPOT: PlaceIdx = PlaceIdx(0);

/// How a day went.
pub struct Day {
    /// Requests released during the day.
    pub released: usize,
    /// Of all requests, how many were refused, or given up.
    pub refused: usize,
    /// CPU seconds of the slowest event.
    pub slowest: f64,
    /// CPU seconds of all.
    pub cpu: f64,
    /// Total duration of all tours, in the words of the set.
    pub duration: f64,
    /// Stops of the past that a later plan had changed; 0 in a day that could be.
    pub changed_past: usize,
    /// Whether the tours as driven hold every rule.
    pub feasible: bool,
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unknown,
    New,
    Taken,
    Refused,
}

struct Run<'a> {
    case: &'a Case,
    standing: Vec<Standing>,
    /// The plan in force, with visits by their numbers in the case.
    routes: Vec<Route>,
    /// Stops per shift for which somebody had left.
    begun: Vec<Vec<RouteStop>>,
    changed_past: usize,
}

/// Plays a day.
pub fn play(instance: &Instance, time: f64, seed: u64) -> Day {
    let name = instance.file.file_stem().unwrap().to_string_lossy().into_owned();
    let above = instance.file.parent().unwrap().parent().unwrap();
    let base = above.join(format!("{}.txt", name.rsplit_once("_rd_").unwrap().0));
    let case = trsp::read(&fs::read_to_string(base).unwrap()).unwrap();
    let releases = trsp::releases(&case, &fs::read_to_string(&instance.file).unwrap()).unwrap();
    let mut run = Run {
        case: &case,
        standing: vec![Standing::Unknown; case.model.visits.len()],
        routes: Vec::new(),
        begun: vec![Vec::new(); case.model.shifts.len()],
        changed_past: 0,
    };
    let mut moments: Vec<Option<Moment>> = releases.iter().map(|it| it.at).collect();
    moments.push(None);
    moments.sort_unstable();
    moments.dedup();
    let (mut slowest, mut cpu) = (0.0_f64, 0.0);
    for now in moments {
        for release in releases.iter().filter(|it| it.at == now) {
            run.standing[release.visit.at()] = Standing::New;
        }
        let clock = Clock::start();
        let limit = if now.is_some() { time } else { FIRST * time };
        run.event(now, limit, seed, &clock);
        let used = clock.elapsed().as_secs_f64();
        cpu += used;
        if now.is_some() {
            slowest = slowest.max(used);
        }
    }
    let refused = run.standing.iter().filter(|&&it| it != Standing::Taken).count();
    let (feasible, duration) = run.driven();
    Day {
        released: releases.iter().filter(|it| it.at.is_some()).count(),
        refused,
        slowest,
        cpu,
        duration,
        changed_past: run.changed_past,
        feasible,
    }
}

impl Run<'_> {
    fn event(&mut self, now: Option<Moment>, limit: f64, seed: u64, clock: &Clock) {
        if let Some(now) = now {
            self.begin(now);
        }
        let known: Vec<usize> = (0..self.standing.len())
            .filter(|&it| matches!(self.standing[it], Standing::New | Standing::Taken))
            .collect();
        let model = self.model(&known, now);
        let options =
            Options { time: Some(Duration::from_secs_f64(limit)), seed, ..Options::default() };
        let cancel = AtomicBool::new(false);
        let control = Control { elapsed: &|| clock.elapsed(), cancel: &cancel, progress: &|_| {} };
        let found = solve(&model, &options, &control).unwrap().solution;
        let faults = plans::verify(&model, &found);
        assert!(faults.is_empty(), "{faults:?}");
        for &visit in &known {
            self.standing[visit] = Standing::Taken;
        }
        for visit in &found.unassigned {
            match known.get(visit.at()) {
                Some(&known) => self.standing[known] = Standing::Refused,
                None => self.changed_past += 1,
            }
        }
        self.routes = found.routes;
        for stop in self.routes.iter_mut().flat_map(|route| &mut route.stops) {
            if let StopKind::Visit { visit, .. } = &mut stop.kind {
                if let Some(&known) = known.get(visit.at()) {
                    *visit = VisitIdx(u32::try_from(known).unwrap());
                } else {
                    stop.kind = StopKind::Depot { place: DEPOT };
                }
            }
        }
        self.keep_the_past();
    }

    /// Notes the stops for which somebody has left by now.
    fn begin(&mut self, now: Moment) {
        for route in &self.routes {
            let left = |stop: &RouteStop| stop.start - now <= stop.drive;
            let count = route.stops.iter().take_while(|stop| left(stop)).count();
            self.begun[route.shift.at()] = route.stops[..count].to_vec();
        }
    }

    /// Puts the past, as it was, before what a new plan says of the time to come, and counts visits
    /// of the past that the plan has elsewhere.
    fn keep_the_past(&mut self) {
        for (shift, begun) in self.begun.iter().enumerate() {
            let mut wanted = begun.iter().filter(|stop| !is_depot(stop)).peekable();
            let Some(route) = self.routes.iter_mut().find(|route| route.shift.at() == shift) else {
                self.changed_past += wanted.count();
                continue;
            };
            let mut past = 0;
            for (at, stop) in route.stops.iter().enumerate() {
                if wanted.next_if(|it| it.kind == stop.kind && it.start == stop.start).is_some() {
                    past = at + 1;
                }
            }
            self.changed_past += wanted.count();
            // Who is at the depot, or on the way there, stops there before anything else.
            if begun.last().is_some_and(is_depot) {
                past += usize::from(route.stops.get(past).is_some_and(is_depot));
            }
            route.stops.splice(..past, begun.iter().copied());
            // The way by a depot of the past is longer than what the new plan knows of.
            if let Some(first) = begun.first() {
                route.departure = route.departure.min(first.start - first.drive);
            }
        }
    }

    /// What is known now, with the plan in force.
    ///
    /// Visits of the past keep their start and technician, and last until their technician left, so
    /// that nobody goes anywhere in the past.
    fn model(&self, known: &[usize], now: Option<Moment>) -> Model {
        let mut model = self.case.model.clone();
        let mut visits: Vec<_> = known.iter().map(|&it| model.visits[it].clone()).collect();
        for (visit, &own) in visits.iter_mut().zip(known) {
            visit.mandatory = if self.standing[own] == Standing::Taken { TAKEN } else { 1 };
        }
        let mut current: Vec<Option<Current>> = vec![None; known.len()];
        let mut begun_visits = vec![false; known.len()];
        for route in &self.routes {
            let begun = &self.begun[route.shift.at()];
            for (at, stop) in route.stops.iter().enumerate() {
                let Some(own) = own(known, stop) else { continue };
                let lock = if at < begun.len() { Lock::Both } else { Lock::Free };
                let (start, shifts) = (stop.start, vec![route.shift]);
                current[own] = Some(Current { start, shifts, lock, started: false });
                if at >= begun.len() {
                    continue;
                }
                begun_visits[own] = true;
                visits[own].mandatory = TAKEN * TAKEN;
                visits[own].windows = vec![Window::hard(start, start)];
                let next = next_begun(&begun[at + 1..]);
                let leaves = next.map_or(now.unwrap_or(start), |next| {
                    next.start - self.drive(visits[own].place, next)
                });
                visits[own].duration = visits[own].duration.max(leaves - start);
            }
        }
        for (visit, place) in self.at_depot(now) {
            visits.push(visit);
            current.push(Some(place));
        }
        // Who has been at the depot has every tool and all the parts that could be asked for.
        let kinds = 0..model.loads.len();
        let all_parts: Vec<i64> =
            kinds.map(|kind| model.visits.iter().map(|it| part(it, kind)).sum()).collect();
        for (shift, begun) in model.shifts.iter_mut().zip(&self.begun) {
            if begun.iter().any(is_depot) {
                let carried = &mut model.technicians[shift.technician.at()].carried;
                for tool in model.visits.iter().flat_map(|it| &it.tools) {
                    if !carried.contains(tool) {
                        carried.push(*tool);
                    }
                }
                shift.stock.clone_from(&all_parts);
                shift.depot_stops_max = 0;
            }
        }
        if let Some(now) = now {
            for (visit, _) in visits.iter_mut().zip(&begun_visits).filter(|it| !it.1) {
                for window in &mut visit.windows {
                    window.earliest = window.earliest.max(now).min(window.latest);
                }
                if visit.windows.iter().all(|window| window.latest < now) {
                    visit.crew[0].needs.skills.push(nobody());
                }
            }
            for (shift, begun) in model.shifts.iter_mut().zip(&self.begun) {
                // Who has left home did not leave earlier, who has not leaves no earlier than now.
                let first = next_begun(begun);
                let left =
                    first.map_or(now, |first| first.start - self.drive(shift.start_place, first));
                shift.start = shift.start.max(left).min(shift.hard_end());
            }
        }
        Model { visits, current, ..model }
    }

    /// Who is at the depot, or on the way there, goes on from there: it is a visit that stays.
    fn at_depot(&self, now: Option<Moment>) -> Vec<(Visit, Current)> {
        let mut found = Vec::new();
        for (shift, begun) in (0..).map(ShiftIdx).zip(&self.begun) {
            let Some(stop) = begun.last().filter(|it| is_depot(it)) else { continue };
            let stay = stop.end.max(now.unwrap_or(stop.end)) - stop.start;
            let mut visit = Visit::new(Some(DEPOT), stay);
            visit.mandatory = TAKEN * TAKEN;
            visit.windows = vec![Window::hard(stop.start, stop.start)];
            let (start, shifts) = (stop.start, vec![shift]);
            found.push((visit, Current { start, shifts, lock: Lock::Both, started: false }));
        }
        found
    }

    /// The drive straight to a stop. Plans made later know of no stop at the depot between two visits
    /// that are begun: with the time it takes, they would send somebody elsewhere in the past.
    fn drive(&self, from: Option<PlaceIdx>, stop: &RouteStop) -> Seconds {
        let model = &self.case.model;
        let place = match stop.kind {
            StopKind::Visit { visit, .. } => model.visits[visit.at()].place,
            _ => Some(DEPOT),
        };
        model.matrices[0].leg(from, place).travel()
    }

    /// The tours as driven, judged as one plan of the whole day, and their duration.
    fn driven(&self) -> (bool, f64) {
        let model = &self.case.model;
        let mut solution = Solution { routes: self.routes.clone(), ..Solution::default() };
        for route in &mut solution.routes {
            let mut free = route.departure;
            for stop in &mut route.stops {
                stop.arrival = free + stop.drive;
                if let StopKind::Visit { visit, .. } = stop.kind {
                    stop.end = stop.start + model.visits[visit.at()].duration;
                } else {
                    let stay = stop.end - stop.start;
                    stop.start = stop.arrival;
                    stop.end = stop.start + stay;
                }
                free = stop.end;
            }
            route.arrival = free + route.drive_home;
        }
        let refused = (0..).zip(&self.standing).filter(|it| *it.1 != Standing::Taken);
        solution.unassigned = refused.map(|(at, _)| VisitIdx(at)).collect();
        let faults = plans::verify(model, &solution);
        for fault in &faults {
            eprintln!("{fault}");
        }
        let paid: i64 = solution.routes.iter().map(|it| (it.arrival - it.departure).0).sum();
        (faults.is_empty(), paid as f64 / self.case.cost_scale as f64)
    }
}

fn is_depot(stop: &RouteStop) -> bool {
    matches!(stop.kind, StopKind::Depot { .. })
}

/// The next of these stops that a later plan knows of: a visit, else the depot where somebody is or
/// to which they are on the way.
fn next_begun(begun: &[RouteStop]) -> Option<&RouteStop> {
    begun.iter().find(|it| !is_depot(it)).or(begun.last())
}

fn part(visit: &Visit, kind: usize) -> i64 {
    visit.parts.get(kind).copied().unwrap_or(0)
}

/// The number among the known requests of the visit of a stop.
fn own(known: &[usize], stop: &RouteStop) -> Option<usize> {
    let StopKind::Visit { visit, .. } = stop.kind else { return None };
    known.binary_search(&visit.at()).ok()
}

/// A skill that nobody has, for what is too late.
fn nobody() -> SkillNeed {
    SkillNeed { skill: SkillIdx(1_000), level_min: 1 }
}
