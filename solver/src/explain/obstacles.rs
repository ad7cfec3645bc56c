//! What a visit collides with, at the place in the route where it comes nearest to fitting.

use crate::explain::candidates::Intervals;
use crate::explain::{Obstacle, Reason};
use crate::problem::Stop;
use crate::schedule::{Gap, PreparedShift};
use crate::slots::scan::{Scan, legs};
use crate::units::{Moment, Seconds};

/// The gap and start that miss by least so far.
pub(super) struct Near<'a> {
    scan: &'a Scan<'a>,
    prepared: &'a PreparedShift,
    best: Option<(i64, &'a Gap, i64, i64)>,
}

impl<'a> Near<'a> {
    pub(super) fn new(scan: &'a Scan<'a>, prepared: &'a PreparedShift) -> Self {
        Self { scan, prepared, best: None }
    }

    /// Looks at a gap that allows `first..=last` (possibly empty) but none of the `planned` starts.
    pub(super) fn consider(
        &mut self,
        gap: &'a Gap,
        (first, last): (i64, i64),
        planned: &Intervals,
    ) {
        for &(from, until) in &planned.0 {
            for start in [first.clamp(from, until), last.clamp(from, until)] {
                let short = (first - start).max(0) + (start - last).max(0);
                if self.best.is_none_or(|(least, ..)| short < least) {
                    self.best = Some((short, gap, start, first));
                }
            }
        }
    }

    pub(super) fn reason(&self) -> Reason {
        let Some((short, gap, start, first)) = self.best else {
            let short_by = self.scan.request.duration;
            return Reason::Time { obstacle: Obstacle::ShiftEnd, short_by };
        };
        let obstacle = if start < first { self.before(gap, first) } else { self.after(gap, start) };
        Reason::Time { obstacle, short_by: Seconds(short) }
    }

    /// What keeps the visit from starting before `first`.
    fn before(&self, gap: &Gap, first: i64) -> Obstacle {
        let relative = first - self.prepared.shift().start.0;
        let (pad, before) = (self.scan.pads.0, gap.before);
        let paused = before.clear.max(before.clear_padded + pad);
        let order = &self.prepared.orders()[usize::from(gap.order)];
        let is_pause = i64::from(paused) == relative && gap.taken > 0;
        match (is_pause, usize::from(gap.position).checked_sub(1)) {
            (true, _) => Obstacle::Pause { pause: order[usize::from(gap.taken) - 1] },
            (false, Some(stop)) => Obstacle::StopBefore { stop },
            (false, None) => Obstacle::ShiftStart,
        }
    }

    /// What breaks if the visit starts at `start`: the first later promise, or else a pause.
    fn after(&self, gap: &Gap, start: i64) -> Obstacle {
        let shift = self.prepared.shift();
        let request = self.scan.request;
        let mut end = Moment(start) + request.duration;
        let mut pad = request.pad_after;
        let mut leg = legs(request, self.prepared, gap).1;
        let position = usize::from(gap.position);
        for (at, stop) in (position..).zip(&shift.stops[position..]) {
            let leg_in = if at == position { leg } else { stop.leg_in };
            let arrival = arrival(end, pad, stop, leg_in.travel());
            if arrival > stop.closes() {
                return Obstacle::Promise { stop: at, latest: stop.closes() };
            }
            end = arrival.max(stop.opens()) + stop.duration;
            pad = stop.pad_after;
            leg = stop.leg_in;
        }
        let order = &self.prepared.orders()[usize::from(gap.order)];
        match order.get(usize::from(gap.taken)) {
            Some(&pause) => Obstacle::Pause { pause },
            None => Obstacle::ShiftEnd,
        }
    }
}

fn arrival(end: Moment, pad: Seconds, stop: &Stop, travel: Seconds) -> Moment {
    end + travel.max(pad + stop.pad_before)
}
