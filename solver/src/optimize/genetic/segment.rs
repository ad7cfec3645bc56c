//! A part of a route, summed up so that two parts join in constant time.

use super::super::plain::Stay;

/// What a sequence of visits asks for, allowing it to be late: *time warp* is the time it would
/// have to go back to start each visit within its window.
///
/// Source: Nagata, Braysy, Dullaert (2010), "A penalty-based edge assembly memetic algorithm for
/// the vehicle routing problem with time windows"; joining as in Vidal, Crainic, Gendreau, Prins
/// (2013), section 4.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Segment {
    /// From the start of the first visit to the end of the last, at best, with all time warp.
    duration: i32,
    /// Time to go back.
    pub(super) warp: i32,
    /// Starting sooner only adds waiting.
    earliest: i32,
    /// Starting later only adds time warp.
    latest: i32,
    pub(super) load: i32,
}

impl Segment {
    /// One visit alone.
    pub(super) fn of(stay: Stay) -> Self {
        let Stay { earliest, latest, service, load } = stay;
        Self { duration: service, warp: 0, earliest, latest, load }
    }

    /// The place where a vehicle begins or ends, open from `earliest` to `latest`.
    pub(super) fn end(earliest: i32, latest: i32) -> Self {
        Self { duration: 0, warp: 0, earliest, latest, load: 0 }
    }

    /// This, then `travel` seconds, then `next`.
    #[inline]
    pub(super) fn join(self, travel: i32, next: &Self) -> Self {
        let shift = self.duration - self.warp + travel;
        let wait = (next.earliest - shift - self.latest).max(0);
        let warp = (self.earliest + shift - next.latest).max(0);
        Self {
            duration: self.duration + next.duration + travel + wait,
            warp: self.warp + next.warp + warp,
            earliest: (next.earliest - shift).max(self.earliest) - wait,
            latest: (next.latest - shift).min(self.latest) + warp,
            load: self.load + next.load,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(earliest: i32, latest: i32, service: i32) -> Segment {
        Segment::of(Stay { earliest, latest, service, load: 1 })
    }

    #[test]
    fn late_arrivals_are_warp_and_early_ones_wait() {
        // Leaves the first at 10 at the earliest, arrives at 30, must start by 25: 5 back.
        let late = visit(0, 100, 10).join(20, &visit(0, 25, 10));
        assert_eq!((late.warp, late.duration, late.load), (5, 40, 2));
        // Leaves the first at 20 at the latest, arrives at 40, waits until 70.
        let early = visit(0, 10, 10).join(20, &visit(70, 90, 10));
        assert_eq!((early.warp, early.duration), (0, 70 - 10 + 10));
    }

    #[test]
    fn joining_is_associative() {
        let parts = [visit(0, 9, 4), visit(20, 30, 5), visit(10, 25, 6), visit(40, 41, 1)];
        let left = parts[0].join(3, &parts[1]).join(8, &parts[2]).join(2, &parts[3]);
        let right = parts[2].join(2, &parts[3]);
        let right = parts[0].join(3, &parts[1].join(8, &right));
        assert_eq!((left.warp, left.load), (right.warp, right.load));
    }
}
