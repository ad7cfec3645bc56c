//! Plain Dijkstra over the read-only view of the graph; shares no code with the search it checks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use roundsman_roads::{Roads, Snap};

/// Tenths of a second and decimetres.
pub(crate) type Cost = (u32, u32);

fn plus(a: Cost, b: Cost) -> Cost {
    (a.0 + b.0, a.1 + b.1)
}

/// Costs from one place to each of `to`.
pub(crate) fn costs(roads: &Roads, from: &Snap, to: &[Snap]) -> Vec<Option<Cost>> {
    let view = roads.view();
    // The cost of having reached the end of a vertex's piece by way of at least one junction.
    let mut best: Vec<Option<Cost>> = vec![None; view.vertex_count()];
    let mut queue = BinaryHeap::new();
    for copies in view.on(from) {
        let start = copies[0];
        for (next, cost) in view.leaving(start.vertex) {
            let behind = (start.behind.tenths, start.behind.decimetres);
            queue.push(Reverse((plus(behind, (cost.tenths, cost.decimetres)), next)));
        }
    }
    while let Some(Reverse((cost, vertex))) = queue.pop() {
        if best[vertex as usize].is_some() {
            continue;
        }
        best[vertex as usize] = Some(cost);
        for (next, step) in view.leaving(vertex) {
            queue.push(Reverse((plus(cost, (step.tenths, step.decimetres)), next)));
        }
    }
    to.iter()
        .map(|to| {
            let mut costs = Vec::new();
            for end in view.on(to).into_iter().flatten() {
                let rest = (end.behind.tenths, end.behind.decimetres);
                costs.extend(
                    best[end.vertex as usize].map(|cost| (cost.0 - rest.0, cost.1 - rest.1)),
                );
            }
            costs.extend(ahead(roads, from, to));
            costs.into_iter().min()
        })
        .collect()
}

/// Driving straight on along the piece both places lie on.
fn ahead(roads: &Roads, from: &Snap, to: &Snap) -> Option<Cost> {
    let places = |snap: &Snap| -> BTreeMap<u32, Cost> {
        let on = roads.view().on(snap).into_iter();
        on.map(|copies| (copies[0].vertex, (copies[0].before.tenths, copies[0].before.decimetres)))
            .collect()
    };
    let (from, to) = (places(from), places(to));
    from.iter()
        .filter_map(|(vertex, start)| {
            let end = to.get(vertex)?;
            Some((end.0.checked_sub(start.0)?, end.1.checked_sub(start.1)?))
        })
        .min()
}
