//! Every gap of a route of which only length and end count, in constant time each.

use crate::optimize::rich::data::{Data, narrow};
use crate::optimize::rich::insert::peaks::Peaks;
use crate::optimize::rich::loads::{Verdict, verdict};
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::route::{Route, between};
use crate::optimize::rich::segment::Segment;
use crate::optimize::rich::spots::{Probe, Spot, Trial};

impl Probe {
    /// As [`Probe::scan`], with all costs in those of the spots.
    ///
    /// The route is joined, the task begins when somebody is there and no stop has a setup.
    pub(super) fn scan_joined(
        &self,
        data: &Data,
        (plan, route, peaks): (&Plan, &Route, &Peaks),
        mut limit: i64,
        mut found: impl FnMut(Spot) -> i64,
    ) {
        let of = &data.cars[self.car as usize];
        let travel = &data.travels[of.travel];
        let rows = travel.rows(self.node.place);
        let node = &self.node;
        let own = Segment::of(node);
        let onsite = i64::from(node.dur);
        let base = self.fixed_cost(data, plan, route);
        let busy = route.busy() + onsite;
        let paid = route.cost - route.fixed_cost;
        let ready = node.from + node.dur;
        let gain = peaks.gain(data, self.car);
        let Some((first, carries)) = self.first_gap(data, route) else { return };
        for gap in first..route.end() {
            if route.ends[gap] > node.to {
                break;
            }
            if route.lates[gap + 1] < ready {
                continue;
            }
            let (start, goal) = (route.row[gap], route.row[gap + 1]);
            let (to, away) = (rows.here(start.place), rows.away(goal.place));
            if to.0 > of.leg_max || away.0 > of.leg_max {
                continue;
            }
            let (before, next) = (&route.nodes[gap], &route.nodes[gap + 1]);
            let drive = i64::from(to.0) + i64::from(away.0) - i64::from(next.hop);
            let fixed = base + to.1 + away.1 - goal.cost;
            // A route takes at least as long as there is to do.
            if fixed + of.paid_second * (busy + drive) - paid >= limit.saturating_add(gain) {
                continue;
            }
            let into = between(before, node, to.0).travel;
            let out = between(node, next, away.0).travel;
            let whole = route.heads[gap].join(into, own);
            let Some(whole) = whole.and_then(|head| head.join(out, route.tails[gap + 1])) else {
                continue;
            };
            if i64::from(whole.length) > of.paid_max {
                continue;
            }
            let busy = busy + drive;
            let idle = i64::from(whole.end().max(of.soft_end) - of.first_start) - busy;
            let cost = fixed + of.length_cost(data, whole, busy) - paid
                + peaks.cost(data, self.car, 0, narrow(idle.max(0)));
            if cost >= limit {
                continue;
            }
            let metres = self.added_metres(data, (before, next));
            if !plan.has_room(data, route, (onsite, drive, metres))
                || (carries && verdict(data, route, gap, node.task) != Verdict::Fits)
            {
                continue;
            }
            let lies = Trial { hops: (to.0, away.0), stay: node.dur, more: 0 };
            limit = found(Spot { car: self.car, gap, cost, low: node.from, high: node.from, lies });
        }
    }
}
