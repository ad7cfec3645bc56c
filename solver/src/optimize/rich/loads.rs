//! Loads in the car, parts from the stock, tools from the depot.

use crate::optimize::model::{Shift, Visit};
use crate::optimize::rich::data::{Data, Rest, Tie};
use crate::optimize::rich::route::{Node, Role, Route};

/// Whether a task may stand in a gap as far as loads, parts and tools go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    /// Only after a stop at a depot.
    AfterDepot,
    Never,
}

fn amount(list: &[i64], kind: usize) -> i64 {
    list.get(kind).copied().unwrap_or(0)
}

/// The visit whose goods a node carries: those of a crew travel with its first member.
fn carrier(data: &Data, node: &Node) -> Option<u32> {
    if node.role != Role::Work {
        return None;
    }
    let task = &data.tasks[node.task as usize];
    (task.role == 0).then_some(task.job)
}

/// Computes largest loads before and after each node; returns whether everything fits.
pub(super) fn measure(data: &Data, route: &mut Route) -> bool {
    let shift = &data.model.shifts[route.car as usize];
    let kinds = data.model.loads.len();
    let mut fine = lasts(data, route);
    if shift.capacity.is_empty() {
        return fine;
    }
    let count = route.nodes.len();
    let mut peaks = std::mem::take(&mut route.peaks);
    peaks.clear();
    peaks.resize(count * kinds, (0, 0));
    for kind in 0..kinds {
        let jobs = route.nodes.iter().filter_map(|node| carrier(data, node));
        let mut load: i64 = jobs.map(|job| amount(&data.visit(job).delivery, kind)).sum();
        let mut peak = i64::MIN;
        for (at, node) in route.nodes.iter().enumerate() {
            if let Some(job) = carrier(data, node) {
                load += change(data.visit(job), kind);
            }
            peak = peak.max(load);
            peaks[at * kinds + kind] = (peak, load);
        }
        fine &= peak <= shift.capacity[kind];
        let mut peak = i64::MIN;
        for at in (0..count).rev() {
            let own = &mut peaks[at * kinds + kind].1;
            peak = peak.max(*own);
            *own = peak;
        }
    }
    route.peaks = peaks;
    fine
}

/// By node and break: whether the load after the node is more than the break may be taken with;
/// empty if no break is forbidden anywhere.
pub(super) fn barred(data: &Data, route: &Route, rests: &[Rest]) -> Vec<bool> {
    let mut barred = vec![false; route.nodes.len() * rests.len()];
    for kind in 0..data.model.loads.len() {
        let jobs = route.nodes.iter().filter_map(|node| carrier(data, node));
        let mut load: i64 = jobs.map(|job| amount(&data.visit(job).delivery, kind)).sum();
        for (node, row) in route.nodes.iter().zip(barred.chunks_mut(rests.len())) {
            if let Some(job) = carrier(data, node) {
                load += change(data.visit(job), kind);
            }
            for (rest, barred) in rests.iter().zip(row) {
                *barred |= rest.load_max.get(kind).is_some_and(|&most| load > most);
            }
        }
    }
    if barred.contains(&true) { barred } else { Vec::new() }
}

/// By how much a visit changes the load of a kind.
fn change(visit: &Visit, kind: usize) -> i64 {
    amount(&visit.pickup, kind) + amount(&visit.transfer, kind) - amount(&visit.delivery, kind)
}

/// Parts of a kind that the first nodes of a route use.
fn used(data: &Data, nodes: &[Node], kind: usize) -> i64 {
    let jobs = nodes.iter().filter_map(|node| carrier(data, node));
    jobs.map(|job| data.parts_of(job).get(kind).copied().unwrap_or(0)).sum()
}

fn stock_lasts(data: &Data, shift: &Shift, nodes: &[Node]) -> bool {
    if data.parts.is_empty() {
        return true;
    }
    let mut stock = shift.stock.iter().enumerate();
    stock.all(|(kind, &stock)| used(data, nodes, kind) <= stock)
}

fn tools_at_hand(data: &Data, shift: &Shift, nodes: &[Node]) -> bool {
    if data.lacking.is_empty() {
        return true;
    }
    let work = nodes.iter().filter(|node| node.role == Role::Work && !node.settled);
    { work }.all(|node| !data.lacks(node.job, shift.technician.0))
}

/// Whether stock and tools last for the first nodes of a route.
fn last_for(data: &Data, car: u32, nodes: &[Node]) -> bool {
    let shift = &data.model.shifts[car as usize];
    stock_lasts(data, shift, nodes) && tools_at_hand(data, shift, nodes)
}

/// Whether it takes what another visit on the same route leaves.
fn is_taken(data: &Data, job: u32) -> bool {
    data.ties[job as usize].iter().any(|&(_, tie)| tie == Tie::Pickup)
}

/// Whether a task may stand after node `gap`.
pub(super) fn verdict(data: &Data, route: &Route, gap: usize, task: u32) -> Verdict {
    let of = &data.tasks[task as usize];
    let shift = &data.model.shifts[route.car as usize];
    let depot = route.depot();
    let after_depot = depot.is_some_and(|depot| depot <= gap);
    if !after_depot && data.lacks(of.job, shift.technician.0) {
        return Verdict::AfterDepot;
    }
    if of.role != 0 {
        return Verdict::Fits;
    }
    let kinds = data.model.loads.len();
    if !shift.capacity.is_empty() {
        let visit = data.visit(of.job);
        for kind in 0..kinds {
            let (before, after) =
                (route.peaks[gap * kinds + kind].0, route.peaks[gap * kinds + kind].1);
            let more = amount(&visit.pickup, kind) + amount(&visit.transfer, kind);
            let cap = shift.capacity[kind];
            // What a shipment takes is left again before the largest load, perhaps.
            let after = if more > 0 && is_taken(data, of.job) { 0 } else { after };
            if before + amount(&visit.delivery, kind) > cap || after + more > cap {
                return Verdict::Never;
            }
        }
    }
    if !after_depot {
        let until = depot.unwrap_or(route.nodes.len());
        for (kind, (&stock, &own)) in shift.stock.iter().zip(data.parts_of(of.job)).enumerate() {
            if own > 0 && used(data, &route.nodes[..until], kind) + own > stock {
                return Verdict::AfterDepot;
            }
        }
    }
    Verdict::Fits
}

/// The first gap a task may stand in as far as parts and tools go, if no loads have to be carried.
pub(super) fn first_gap(data: &Data, route: &Route, task: u32) -> Option<usize> {
    if verdict(data, route, 0, task) == Verdict::Fits { Some(0) } else { route.depot() }
}

/// Whether stock and tools would last if the route did not stop at a depot.
pub(super) fn last_without_depot(data: &Data, route: &Route) -> bool {
    last_for(data, route.car, &route.nodes)
}

/// Whether stock and tools last as the route is.
pub(super) fn lasts(data: &Data, route: &Route) -> bool {
    let until = route.depot().unwrap_or(route.nodes.len());
    last_for(data, route.car, &route.nodes[..until])
}
