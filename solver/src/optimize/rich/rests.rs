//! Breaks without a place between two stops: how early the second can start, how late the first may end.

use crate::optimize::rich::data::{OUT, Rest, snap_down, snap_up};

/// What lies between two stops, apart from breaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Between {
    /// Drive, or pads where they are longer.
    pub(super) travel: i32,
    /// Pad of the stop before.
    pub(super) pad_after: i32,
    /// Pad of the stop after.
    pub(super) pad_before: i32,
}

/// Earliest arrival after `end` with these breaks in between, taken as early as they can; `OUT` if
/// one of them comes too late.
///
/// Drives are cut wherever a break falls into them.
pub(super) fn arrive(
    rests: &[Rest],
    taken: &[u8],
    end: i32,
    between: Between,
    tell: impl FnMut(u8, i32),
) -> i32 {
    arrive_holding(rests, taken, (end, -OUT), between, tell)
}

/// The same where no break begins before `hold`.
pub(super) fn arrive_holding(
    rests: &[Rest],
    taken: &[u8],
    (end, hold): (i32, i32),
    between: Between,
    mut tell: impl FnMut(u8, i32),
) -> i32 {
    let (mut free, mut paused, mut clear) = (end, 0, -OUT);
    for &at in taken {
        let rest = &rests[at as usize];
        let from = if rest.padded { free.max(end + between.pad_after) } else { free };
        let start = snap_up(&rest.starts, from.max(hold));
        if start >= OUT {
            return OUT;
        }
        tell(at, start);
        free = start + rest.duration;
        paused += rest.duration;
        if rest.padded {
            clear = free + between.pad_before;
        }
    }
    end.saturating_add(between.travel + paused).max(free).max(clear)
}

impl Rest {
    /// [`arrive`] with this break alone.
    #[inline]
    pub(super) fn arrive(&self, end: i32, between: Between) -> i32 {
        let from = if self.padded { end + between.pad_after } else { end };
        let start = snap_up(&self.starts, from);
        if start >= OUT {
            return OUT;
        }
        let free = start + self.duration;
        let clear = if self.padded { free + between.pad_before } else { free };
        (end + between.travel + self.duration).max(clear)
    }

    /// [`leave`] with this break alone.
    #[inline]
    pub(super) fn leave(&self, start: i32, between: Between) -> i32 {
        let bound = if self.padded { start - between.pad_before } else { start };
        let begin = snap_down(&self.starts, bound - self.duration);
        if begin <= -OUT {
            return -OUT;
        }
        let clear = if self.padded { begin - between.pad_after } else { begin };
        (start - between.travel - self.duration).min(clear)
    }
}

/// Latest end of the stop before so that the stop after can start at `start`; `-OUT` if it cannot.
pub(super) fn leave(rests: &[Rest], taken: &[u8], start: i32, between: Between) -> i32 {
    let (mut until, mut paused, mut clear) = (start, 0, OUT);
    for &at in taken.iter().rev() {
        let rest = &rests[at as usize];
        let bound = if rest.padded { until.min(start - between.pad_before) } else { until };
        let begin = snap_down(&rest.starts, bound - rest.duration);
        if begin <= -OUT {
            return -OUT;
        }
        until = begin;
        paused += rest.duration;
        if rest.padded {
            clear = begin - between.pad_after;
        }
    }
    (start - between.travel - paused).min(until).min(clear)
}

/// Latest moment that is clear of all absences among these breaks, when the last one is taken as
/// late as it may be.
pub(super) fn clear_before(rests: &[Rest], taken: &[u8]) -> i32 {
    let (mut until, mut clear) = (OUT, OUT);
    for &at in taken.iter().rev() {
        let rest = &rests[at as usize];
        until = snap_down(&rest.starts, until - rest.duration);
        if rest.padded {
            clear = until;
        }
    }
    clear
}

/// End of the last absence among these breaks, taken as early as they can be.
pub(super) fn clear_after(rests: &[Rest], taken: &[u8]) -> i32 {
    let (mut free, mut clear) = (-OUT, -OUT);
    for &at in taken {
        let rest = &rests[at as usize];
        free = snap_up(&rest.starts, free).saturating_add(rest.duration);
        if rest.padded {
            clear = free;
        }
    }
    clear
}
