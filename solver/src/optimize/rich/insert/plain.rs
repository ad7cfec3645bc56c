//! The cheapest gap of a route on days without any rule about it but windows, breaks and who may
//! do what: nearly all gaps fall out by two comparisons.

use crate::optimize::rich::data::{Car, Data, NEVER, OUT, Rest};
use crate::optimize::rich::rests::Between;
use crate::optimize::rich::route::Route;
use crate::optimize::rich::spots::{Probe, Trial};
use crate::optimize::rich::travel::Rows;

impl Probe {
    /// Whether [`Probe::cheapest`] finds what [`Probe::scan`] does, on all cars.
    pub(super) fn are_plain(data: &Data) -> bool {
        let is_plain = |car: &Car| {
            !car.loaded
                && !car.picky
                && !car.is_limited()
                && car.placed.is_empty()
                && car.must.is_empty()
        };
        let same = data.narrowed.is_empty() && data.paced.is_empty();
        let free = !(data.timed || data.setups || data.limited);
        free && same && data.model.weights.technician_used == 0 && data.cars.iter().all(is_plain)
    }

    /// The cheapest gap of a route in which the task fits, the first of several, and its cost.
    ///
    /// * `route`: of any car that may do the task.
    /// * `rows`: drives of this car to and from the task.
    /// * `limit`: it has to cost less.
    pub(super) fn cheapest(
        &self,
        data: &Data,
        (route, rows): (&Route, &Rows<'_>),
        mut limit: i64,
    ) -> Option<(i64, usize)> {
        let of = &data.cars[route.car as usize];
        let (from, to, dur) = (self.node.from, self.node.to, self.node.dur);
        let idle = if route.visits > 0 { 0 } else { of.used + route.row[1].cost };
        let fit = data.even[self.node.task as usize];
        let fit = if fit < NEVER { fit } else { data.fit(self.node.task, route.car) };
        let base = fit + idle + i64::from(dur) * of.onsite_second;
        let ready = from + dur;
        let stride = route.stride();
        let mut best = None;
        // What breaks leave of the time is looked at below.
        let mut lates = route.lates.chunks_exact(stride).skip(1);
        let first = lates.position(|late| late[stride - 1] >= ready)?;
        for gap in first..route.end() {
            let (leave, late) = (route.ends[gap * stride], route.lates[(gap + 2) * stride - 1]);
            if leave > to {
                break;
            }
            if late < ready {
                continue;
            }
            let (start, goal) = (route.row[gap], route.row[gap + 1]);
            let (drives, cost) = rows.between(start.place, goal.place);
            let cost = base + cost - goal.cost;
            let begin = (leave + drives.0).max(from);
            if cost < limit
                && begin <= to
                && begin + dur + drives.1 + goal.dur <= late
                && drives.0.max(drives.1) <= of.leg_max
                && self.fits_between(data, route, gap, drives)
            {
                (limit, best) = (cost, Some((cost, gap)));
            }
        }
        best
    }

    /// Whether it fits between two stops; apart from the loop above, which has to be tight.
    #[inline(never)]
    fn fits_between(&self, data: &Data, route: &Route, gap: usize, drives: (i32, i32)) -> bool {
        match route.rests[..] {
            [] if !data.pads => self.fits_in((data, route), gap, drives),
            [rest] if !data.pads => {
                let rest = &data.cars[route.car as usize].rests[usize::from(rest)];
                self.fits_with((data, route), rest, gap, drives)
            }
            _ => {
                let lies = Trial { hops: drives, stay: self.node.dur, more: 0 };
                self.fits(data, route, gap, lies).is_some()
            }
        }
    }

    /// Whether it fits without breaks.
    #[inline]
    fn fits_in(&self, (data, route): (&Data, &Route), gap: usize, drives: (i32, i32)) -> bool {
        let (end, next) = (route.ends[gap], &route.nodes[gap + 1]);
        let low = if end < OUT { self.node.start_after(data, end + drives.0) } else { OUT };
        if low >= OUT {
            return false;
        }
        let start = next.start_after(data, low + self.node.dur + drives.1);
        start < OUT && start + next.dur <= route.lates[gap + 1]
    }

    /// Whether it fits with one break, which is over before the gap, or comes before the task, after
    /// it, or later.
    #[inline]
    fn fits_with(
        &self,
        (data, route): (&Data, &Route),
        rest: &Rest,
        gap: usize,
        drives: (i32, i32),
    ) -> bool {
        let (next, dur) = (&route.nodes[gap + 1], self.node.dur);
        let (ends, lates) = (&route.ends[gap * 2..][..2], &route.lates[gap * 2 + 2..][..2]);
        let lies = |travel: i32| Between { travel, pad_after: 0, pad_before: 0 };
        let in_time = |arrival: i32, late: i32| {
            // Windows only make it later.
            if arrival >= OUT || arrival + next.dur > late {
                return false;
            }
            let start = next.start_after(data, arrival);
            start < OUT && start + next.dur <= late
        };
        // What comes with fewer breaks is never later.
        let low = if ends[0] < OUT { self.node.start_after(data, ends[0] + drives.0) } else { OUT };
        if low < OUT {
            let end = low + dur;
            if in_time(end + drives.1, lates[0])
                || in_time(rest.arrive(end, lies(drives.1)), lates[1])
            {
                return true;
            }
        }
        let before = if ends[0] < OUT { rest.arrive(ends[0], lies(drives.0)) } else { OUT };
        let arrival = before.min(ends[1].saturating_add(drives.0));
        if arrival >= OUT {
            return false;
        }
        let low = self.node.start_after(data, arrival);
        low < OUT && in_time(low + dur + drives.1, lates[1])
    }
}
