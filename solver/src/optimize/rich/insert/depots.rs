//! A task that needs one more stop at a depot: before it, or elsewhere where there is no room for it.

use crate::optimize::rich::data::{Data, narrow};
use crate::optimize::rich::insert::stretch::Stretch;
use crate::optimize::rich::insert::{Builder, FREE, Move, keep};
use crate::optimize::rich::loads::{Verdict, measure, verdict};
use crate::optimize::rich::route::{Node, Route, between};
use crate::optimize::rich::segment::Segment;
use crate::optimize::rich::spots::{Probe, Spot, Trial};
use crate::optimize::rich::travel::Hop;

impl Builder<'_, '_> {
    /// Tries every gap for a depot and every gap after it for the task; where room in the car counts,
    /// the gaps before it, too.
    pub(super) fn try_depots(&mut self, task: u32, (probe, car): (&Probe, u32), limit: i64) {
        let data = self.data;
        let shift = &data.model.shifts[car as usize];
        let Self { plan, tryout, kept, most, peaks, .. } = self;
        let route = &plan.routes[car as usize];
        let roomy = shift.capacity.is_empty();
        // Where nothing else counts, all is at hand from the first depot on.
        let most_stops = if roomy { shift.depot_stops_max.min(1) } else { shift.depot_stops_max };
        if shift.depots.is_empty() || route.depots().count() >= most_stops as usize {
            return;
        }
        let mut gaps = if roomy { route.end() - 1 } else { 0 }..route.end();
        if !gaps.any(|gap| verdict(data, route, gap, task) == Verdict::AfterDepot) {
            return;
        }
        if route.is_joined() && roomy && probe.node.is_simple() {
            let jobs = &data.jobs[probe.node.job as usize];
            if !jobs.timed {
                self.try_depots_joined(probe, car, limit);
                return;
            }
        }
        let mut copy = Box::new(route.clone());
        let stops =
            (0..route.end()).flat_map(|before| shift.depots.iter().map(move |at| (before, at.0)));
        for (before, place) in stops {
            copy.copy_from(route);
            copy.insert(before + 1, Node::depot(place, narrow(shift.depot_duration.0)));
            // An idle car pays for its way to the depot only together with the visit.
            if !(copy.measure(data) && copy.forward(data) && copy.backward(data)) {
                continue;
            }
            let detour = if route.visits > 0 { copy.fixed_cost - route.fixed_cost } else { 0 };
            if !roomy {
                measure(data, &mut copy);
            }
            probe.scan(data, (&*plan, &copy), limit, |spot| {
                if spot.gap <= before && roomy {
                    return limit;
                }
                let cost = if data.timed {
                    let cost = tryout.cost(data, (plan, &copy), (probe, spot), (peaks, FREE));
                    cost.map(|cost| cost + copy.cost - route.cost)
                } else {
                    Some(spot.cost + detour)
                };
                if let Some(cost) = cost {
                    let found = Move { task, spot, depot: Some((place, before)) };
                    keep(kept, (cost, found), (limit, *most));
                }
                limit
            });
        }
    }

    /// The same in constant time for each pair of gaps.
    fn try_depots_joined(&mut self, probe: &Probe, car: u32, limit: i64) {
        let data = self.data;
        let shift = &data.model.shifts[car as usize];
        let of = &data.cars[car as usize];
        let travel = &data.travels[of.travel];
        let Self { plan, kept, most, peaks, .. } = self;
        let route = &plan.routes[car as usize];
        let fixed = probe.fixed_cost(data, plan, route);
        for before in 0..route.end() {
            let place = cheapest_depot(data, route, before);
            let node = Node::depot(place, narrow(shift.depot_duration.0));
            let to = travel.hop(route.nodes[before].place, place);
            let on = travel.hop(place, route.nodes[before + 1].place);
            let joined = route.heads[before].join(to.seconds, Segment::of(&node));
            let Some(so_far) = joined.filter(|_| to.seconds <= of.leg_max) else { continue };
            let walk = Walk { route, node: &node, before, so_far, to, on };
            walk.gaps(data, probe, |gap, stretch, (drive, cost)| {
                let room = (i64::from(probe.node.dur), drive, 0);
                if plan.has_room(data, route, room)
                    && let Some(cost) = stretch.cost(data, route, peaks, fixed + cost)
                {
                    let (low, lies) = (probe.node.from, Trial::default());
                    let spot = Spot { car, gap: gap + 1, cost, low, high: low, lies };
                    let task = probe.node.task;
                    let found = Move { task, spot, depot: Some((place, before)) };
                    keep(kept, (cost, found), (limit, *most));
                }
            });
        }
    }
}

/// A route that stops at a depot after one of its nodes.
struct Walk<'a> {
    route: &'a Route,
    node: &'a Node,
    before: usize,
    /// From the start to the depot.
    so_far: Segment,
    /// Drives to the depot and on from there.
    to: Hop,
    on: Hop,
}

impl Walk<'_> {
    /// Tells every gap behind the depot with the whole route, and what is driven and paid more.
    fn gaps(&self, data: &Data, probe: &Probe, mut tell: impl FnMut(usize, Stretch, (i64, i64))) {
        let Self { route, node, before, mut so_far, to, on } = *self;
        let of = &data.cars[route.car as usize];
        let travel = &data.travels[of.travel];
        let rows = travel.rows(probe.node.place);
        let own = Segment::of(&probe.node);
        let idle = route.busy() + i64::from(own.length) + i64::from(node.dur);
        // From the depot on: the stop before the gap, and what the way there adds.
        let (mut last, mut detour) = (node, (to.seconds, to.cost));
        for gap in before..route.end() {
            let next = &route.nodes[gap + 1];
            let spots = (travel.spot(last.place), travel.spot(next.place));
            let (into, out) = (rows.here(spots.0), rows.away(spots.1));
            let (way, back) =
                (between(last, &probe.node, into.0), between(&probe.node, next, out.0));
            let whole = so_far
                .join(way.travel, own)
                .and_then(|so_far| so_far.join(back.travel, route.tails[gap + 1]));
            if let Some(whole) = whole
                && into.0 <= of.leg_max
                && out.0 <= of.leg_max
            {
                let drive = i64::from(detour.0 + into.0 + out.0 - next.hop);
                let cost = detour.1 + into.1 + out.1 - next.hop_cost;
                tell(gap, Stretch { whole, busy: idle + drive }, (drive, cost));
            }
            let mut hop = next.hop;
            if gap == before {
                hop = on.seconds;
                detour = (detour.0 + hop - next.hop, detour.1 + on.cost - next.hop_cost);
            }
            let joined = so_far.join(between(last, next, hop).travel, Segment::of(next));
            let Some(longer) = joined.filter(|_| hop <= of.leg_max) else { break };
            (so_far, last) = (longer, next);
        }
    }
}

fn cheapest_depot(data: &Data, route: &Route, before: usize) -> u32 {
    if let [only] = data.model.shifts[route.car as usize].depots[..] {
        return only.0;
    }
    let travel = &data.travels[data.cars[route.car as usize].travel];
    let (from, to) = (route.nodes[before].place, route.nodes[before + 1].place);
    let depots = data.model.shifts[route.car as usize].depots.iter().map(|depot| depot.0);
    let cost = |&depot: &u32| {
        let (there, on) = (travel.hop(from, depot), travel.hop(depot, to));
        (there.cost + on.cost, there.seconds.saturating_add(on.seconds), depot)
    };
    depots.min_by_key(cost).unwrap_or(0)
}
