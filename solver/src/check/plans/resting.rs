//! Rest at least every so many hours.

use crate::check::plans::trips::Trip;
use crate::check::plans::{Limit, PlanFault};
use crate::units::Seconds;

/// The longest stretch of driving and work without rest, against the limit of the shift.
pub(super) fn verify(trip: &Trip, faults: &mut Vec<PlanFault>) {
    let Some(limit) = trip.shift.work_limit else { return };
    let used = longest(trip, limit.rest);
    if used > limit.longest {
        let (allowed, used, shift) = (limit.longest.0, used.0, trip.route.shift);
        faults.push(PlanFault::OverLimit { limit: Limit::Stretch, shift, allowed, used });
    }
}

/// Driving comes before waiting, on every way and between breaks on it.
fn longest(trip: &Trip, rest: Seconds) -> Seconds {
    let mut tally = Tally { rest, stretch: Seconds::ZERO, longest: Seconds::ZERO };
    for way in &trip.ways {
        let mut now = way.from.map_or(trip.route.departure, |stop| trip.end(stop));
        let mut ahead = way.drive.seconds;
        for &stop in &way.breaks {
            let start = trip.route.stops[stop].start;
            let free = (start - now).max(Seconds::ZERO);
            let driven = free.min(ahead);
            ahead -= driven;
            tally.work(driven);
            tally.wait(free - driven);
            tally.pause(trip.length(stop));
            now = trip.end(stop);
        }
        tally.work(ahead);
        let Some(stop) = way.to else { continue };
        tally.wait((trip.route.stops[stop].start - (now + ahead)).max(Seconds::ZERO));
        match trip.pause(stop) {
            Some(_) => tally.pause(trip.length(stop)),
            None => tally.work(trip.length(stop)),
        }
    }
    tally.longest
}

struct Tally {
    rest: Seconds,
    stretch: Seconds,
    longest: Seconds,
}

impl Tally {
    fn work(&mut self, time: Seconds) {
        self.stretch += time;
        self.longest = self.longest.max(self.stretch);
    }

    fn wait(&mut self, time: Seconds) {
        if time >= self.rest {
            self.stretch = Seconds::ZERO;
        } else {
            self.work(time);
        }
    }

    fn pause(&mut self, time: Seconds) {
        if time >= self.rest {
            self.stretch = Seconds::ZERO;
        }
    }
}
