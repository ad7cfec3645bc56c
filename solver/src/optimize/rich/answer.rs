//! The plan as routes with times and its cost rule by rule.

use crate::optimize::rich::compile_costs::static_costs;
use crate::optimize::rich::data::{Data, Kind, index};
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::price::{Crews, Ledger, Pricing};
use crate::optimize::rich::route::{Role, Route as Row};
use crate::optimize::solution::{Route, RouteStop, Rule, Score, Solution, StopKind};
use crate::units::{Metres, PlaceIdx, Seconds, ShiftIdx, VisitIdx};

pub(super) use crate::optimize::rich::plan::Saved;

/// The solution of a plan whose routes are all priced.
pub(super) fn build(data: &Data, plan: &Plan) -> Solution {
    let mut ledger = Ledger::default();
    let mut pricing = Pricing::default();
    let mut routes = Vec::new();
    let crews = Crews::new(&plan.at, &plan.span);
    for row in plan.routes[..data.shifts].iter().filter(|row| row.visits > 0) {
        let Some(timed) = pricing.schedule(data, row, crews, data.careful_below(true)) else {
            debug_assert!(false, "a route of the plan can be driven");
            continue;
        };
        ledger.merge(&timed.costs);
        fixed_costs(data, row, &mut ledger);
        routes.push(route(data, row, &pricing));
    }
    ledger.add(Rule::Used, plan.technicians_used(data));
    ledger.add(Rule::LargestLate, plan.largest_late(data));
    ledger.add(Rule::LargestIdle, plan.largest_idle(data));
    ledger.add(Rule::Balance, plan.imbalance(data));
    let visits = 0..index(data.model.visits.len());
    let unassigned: Vec<VisitIdx> =
        visits.filter(|&job| !plan.has(data, job)).map(VisitIdx).collect();
    let prizes = unassigned.iter().map(|visit| data.model.visits[visit.at()].prize).sum();
    ledger.add(Rule::Prizes, prizes);
    let score = Score { hard: 0, unserved: plan.unserved(data), cost: ledger.sum() };
    Solution { routes, unassigned, score, costs: ledger.lines() }
}

/// Costs of a route that do not depend on times.
fn fixed_costs(data: &Data, row: &Row, ledger: &mut Ledger) {
    let car = &data.cars[row.car as usize];
    let drives: i64 = row.nodes[1..].iter().map(|node| node.hop_cost).sum();
    ledger.add(Rule::Driving, drives);
    ledger.add(Rule::Onsite, row.onsite * car.onsite_second);
    ledger.add(Rule::Used, car.used);
    ledger.add(Rule::MissedBreaks, row.missed(data));
    for node in row.nodes.iter().filter(|node| node.role == Role::Work) {
        static_costs(data, node.task, row.car, ledger);
    }
}

fn route(data: &Data, row: &Row, pricing: &Pricing) -> Route {
    let mut stops = Vec::new();
    let travel = &data.travels[data.cars[row.car as usize].travel];
    let end = row.end();
    let rests_after = |at: usize| {
        pricing
            .rests
            .iter()
            .filter(move |rest| rest.after == at && (at > 0 || rest.start >= pricing.departure))
    };
    let rest_stop = |rest: &crate::optimize::rich::price::Rested| {
        let of = &data.cars[row.car as usize].rests[rest.rest as usize];
        RouteStop {
            kind: StopKind::Break { index: of.index as usize },
            drive: Seconds::ZERO,
            metres: Metres(0),
            arrival: data.moment(rest.start),
            start: data.moment(rest.start),
            end: data.moment(rest.start + of.duration),
        }
    };
    let early =
        pricing.rests.iter().filter(|rest| rest.after == 0 && rest.start < pricing.departure);
    stops.extend(early.map(rest_stop));
    let mut left = pricing.departure;
    let mut arrival = left;
    for at in 1..=end {
        let node = &row.nodes[at];
        let (mut now, mut ahead) = (left, node.hop);
        for rest in rests_after(at - 1) {
            ahead -= (rest.start - now).max(0).min(ahead);
            now = rest.start + data.cars[row.car as usize].rests[rest.rest as usize].duration;
            stops.push(rest_stop(rest));
        }
        arrival = now + ahead;
        if at == end {
            break;
        }
        let start = pricing.starts[at];
        let metres = travel.hop(row.nodes[at - 1].place, node.place).metres;
        stops.push(RouteStop {
            kind: kind(data, row, at),
            drive: Seconds(i64::from(node.hop)),
            metres: Metres(metres),
            arrival: data.moment(arrival),
            start: data.moment(start),
            end: data.moment(start + node.dur),
        });
        left = start + node.dur;
    }
    stops.extend(pricing.rests.iter().filter(|rest| rest.after == end).map(rest_stop));
    let last = &row.nodes[end];
    Route {
        shift: ShiftIdx(row.car),
        departure: data.moment(pricing.departure),
        stops,
        drive_home: Seconds(i64::from(last.hop)),
        metres_home: Metres(travel.hop(row.nodes[end - 1].place, last.place).metres),
        arrival: data.moment(arrival),
    }
}

fn kind(data: &Data, row: &Row, at: usize) -> StopKind {
    let node = &row.nodes[at];
    if node.role == Role::Depot {
        return StopKind::Depot { place: PlaceIdx(node.place) };
    }
    let task = &data.tasks[node.task as usize];
    match data.jobs[task.job as usize].kind {
        Kind::Break(at) => StopKind::Break { index: at as usize },
        _ => StopKind::Visit { visit: VisitIdx(task.job), role: task.role },
    }
}
