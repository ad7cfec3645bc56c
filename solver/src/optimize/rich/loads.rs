//! Loads in the car, parts from the stock, tools, goods and parts from the depot.

use crate::optimize::model::Shift;
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

/// What a visit has taken along from the last depot, or from the start: goods and parts.
fn brought(data: &Data, job: u32, kind: usize) -> i64 {
    amount(&data.visit(job).delivery, kind) + amount(data.parts_of(job), kind)
}

/// What is put into the car for the nodes up to the next stop at a depot.
fn put_in(data: &Data, nodes: &[Node], kind: usize) -> i64 {
    let until = nodes.iter().take_while(|node| node.role != Role::Depot);
    until.filter_map(|node| carrier(data, node)).map(|job| brought(data, job, kind)).sum()
}

/// By how much a visit changes the load of a kind.
fn change(data: &Data, job: u32, kind: usize) -> i64 {
    let visit = data.visit(job);
    amount(&visit.pickup, kind) + amount(&visit.transfer, kind) - brought(data, job, kind)
}

/// Tells the load of a kind after each node, and whether the car has just been filled.
fn each_load(data: &Data, nodes: &[Node], kind: usize, mut tell: impl FnMut(usize, i64, bool)) {
    let mut load = put_in(data, nodes, kind);
    for (at, node) in nodes.iter().enumerate() {
        let filled = node.role == Role::Depot;
        if filled {
            load += put_in(data, &nodes[at + 1..], kind);
        } else if let Some(job) = carrier(data, node) {
            load += change(data, job, kind);
        }
        tell(at, load, filled);
    }
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
        let (mut peak, mut largest) = (i64::MIN, i64::MIN);
        each_load(data, &route.nodes, kind, |at, load, filled| {
            // What is brought to a visit is in the car since the last depot only.
            peak = if filled { load } else { peak.max(load) };
            largest = largest.max(load);
            peaks[at * kinds + kind] = (peak, load);
        });
        fine &= largest <= shift.capacity[kind];
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
        each_load(data, &route.nodes, kind, |at, load, _| {
            let row = &mut barred[at * rests.len()..][..rests.len()];
            for (rest, barred) in rests.iter().zip(row) {
                *barred |= rest.load_max.get(kind).is_some_and(|&most| load > most);
            }
        });
    }
    if barred.contains(&true) { barred } else { Vec::new() }
}

/// Parts of a kind that the first nodes of a route use.
fn used(data: &Data, nodes: &[Node], kind: usize) -> i64 {
    let jobs = nodes.iter().filter_map(|node| carrier(data, node));
    jobs.map(|job| amount(data.parts_of(job), kind)).sum()
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

/// Whether stock, tools and room in the car last for the nodes of a route.
pub(super) fn last_for(data: &Data, car: u32, nodes: &[Node]) -> bool {
    let shift = &data.model.shifts[car as usize];
    let until = nodes.iter().position(|node| node.role == Role::Depot).unwrap_or(nodes.len());
    stock_lasts(data, shift, &nodes[..until])
        && tools_at_hand(data, shift, &nodes[..until])
        && shift.capacity.iter().enumerate().all(|(kind, &capacity)| {
            let mut largest = i64::MIN;
            each_load(data, nodes, kind, |_, load, _| largest = largest.max(load));
            largest <= capacity
        })
}

/// Whether they last without the stop at a depot at position `at`.
pub(super) fn last_without(data: &Data, route: &Route, at: usize) -> bool {
    let shift = &data.model.shifts[route.car as usize];
    if !shift.capacity.is_empty() {
        let mut nodes = route.nodes.clone();
        nodes.remove(at);
        return last_for(data, route.car, &nodes);
    }
    let is_depot = |at: &usize| route.nodes[*at].role == Role::Depot;
    let count = route.nodes.len();
    let next = (at + 1..count).find(is_depot).unwrap_or(count);
    let nodes = &route.nodes[..next];
    route.depot() != Some(at)
        || (stock_lasts(data, shift, nodes) && tools_at_hand(data, shift, nodes))
}

/// Whether a depot has anything that a visit may need: a tool that somebody lacks, parts or, where
/// room in the car counts, goods.
pub(super) fn needs_depot(data: &Data, job: u32, car: u32) -> bool {
    let shift = &data.model.shifts[car as usize];
    let roomy = shift.capacity.is_empty();
    let mut kinds = 0..data.model.loads.len();
    data.lacks(job, shift.technician.0)
        || data.parts_of(job).iter().any(|&parts| parts > 0)
        || (!roomy && kinds.any(|kind| brought(data, job, kind) > 0))
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
    let mut verdict = Verdict::Fits;
    if !shift.capacity.is_empty() {
        let visit = data.visit(of.job);
        for kind in 0..kinds {
            let (before, after) = route.peaks[gap * kinds + kind];
            let more = amount(&visit.pickup, kind) + amount(&visit.transfer, kind);
            let (cap, own) = (shift.capacity[kind], brought(data, of.job, kind));
            // What a shipment takes is left again before the largest load, perhaps.
            let after = if more > 0 && is_taken(data, of.job) { 0 } else { after };
            if own > cap || after + more > cap {
                return Verdict::Never;
            }
            if before + own > cap {
                verdict = Verdict::AfterDepot;
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
    verdict
}

/// The first gap a task may stand in as far as parts and tools go, if no loads have to be carried.
pub(super) fn first_gap(data: &Data, route: &Route, task: u32) -> Option<usize> {
    if verdict(data, route, 0, task) == Verdict::Fits { Some(0) } else { route.depot() }
}

/// Whether stock and tools last as the route is; room in the car is measured.
fn lasts(data: &Data, route: &Route) -> bool {
    let shift = &data.model.shifts[route.car as usize];
    let nodes = &route.nodes[..route.depot().unwrap_or(route.nodes.len())];
    stock_lasts(data, shift, nodes) && tools_at_hand(data, shift, nodes)
}
