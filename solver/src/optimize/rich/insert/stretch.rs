//! What a route would cost with one more stop, in constant time where only length and end count.

use crate::optimize::rich::data::{Data, narrow};
use crate::optimize::rich::insert::peaks::Peaks;
use crate::optimize::rich::route::{Node, Role, Route, between};
use crate::optimize::rich::segment::Segment;
use crate::optimize::rich::spots::Spot;

/// A whole route with something new in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) whole: Segment,
    /// Seconds of drives, stays and stops at depots.
    pub(super) busy: i64,
}

impl Stretch {
    /// A route with one more stop.
    pub(super) fn around(route: &Route, node: &Node, spot: Spot) -> Option<Self> {
        let (before, next) = (&route.nodes[spot.gap], &route.nodes[spot.gap + 1]);
        let mut own = Segment::of(node);
        own.length = spot.lies.stay;
        if node.coupled {
            (own.early, own.late) = (spot.low, spot.low);
        }
        let into = between(before, node, spot.lies.hops.0).travel;
        let out = between(node, next, spot.lies.hops.1).travel;
        let whole = route.heads[spot.gap].join(into, own)?.join(out, route.tails[spot.gap + 1])?;
        let drive = spot.lies.hops.0 + spot.lies.hops.1 - next.hop;
        let onsite = if node.role == Role::Work { spot.lies.stay } else { 0 };
        Some(Self { whole, busy: route.busy() + i64::from(drive) + i64::from(onsite) })
    }

    /// Added cost, together with what is added to costs that do not depend on times; `None` beyond
    /// the longest paid time.
    pub(super) fn cost(
        &self,
        data: &Data,
        route: &Route,
        peaks: &Peaks,
        fixed: i64,
    ) -> Option<i64> {
        let of = &data.cars[route.car as usize];
        if i64::from(self.whole.length) > of.paid_max {
            return None;
        }
        let idle = i64::from(self.whole.end().max(of.soft_end) - of.first_start) - self.busy;
        let added = of.length_cost(data, self.whole, self.busy) - (route.cost - route.fixed_cost);
        Some(fixed + added + peaks.cost(data, route.car, 0, narrow(idle.max(0))))
    }
}
