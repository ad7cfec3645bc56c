//! A shift as the passes see it: small integers, seconds after the start of the shift.

use crate::problem::{Leg, Pause, Shift, Stop};
use crate::units::{Moment, Seconds};

/// Farther than any shift reaches, yet small enough to add up without overflow.
pub(crate) const OUT_OF_REACH: i32 = 1 << 28;
/// Largest distance of any time from the start of its shift, and longest length of time.
pub(crate) const REACH: i64 = 1 << 26;
/// Pad at an edge of the shift: so negative that the pad of the visit beside it never counts.
pub(crate) const EDGE: i32 = -OUT_OF_REACH;

/// A stop, or one of the two ends of the shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// First and last start.
    pub(crate) opens: i32,
    pub(crate) closes: i32,
    /// When the plan says it starts.
    pub(crate) planned: i32,
    pub(crate) duration: i32,
    /// Pads; [`EDGE`] at the ends of the shift.
    pub(crate) pad_before: i32,
    pub(crate) pad_after: i32,
    /// Drive from the node before.
    pub(crate) leg_in: i32,
}

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rest {
    pub(crate) opens: i32,
    pub(crate) closes: i32,
    pub(crate) duration: i32,
    pub(crate) padded: bool,
}

/// A shift with its pauses in one order.
///
/// `nodes[0]` is the start of the shift, the last node its end; stop `i` is `nodes[i + 1]`.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) base: Moment,
    pub(crate) nodes: Vec<Node>,
    pub(crate) rests: Vec<Rest>,
}

/// Seconds between two moments as a small integer; clamped, so that nothing overflows.
pub(crate) fn small(seconds: Seconds) -> i32 {
    i32::try_from(seconds.0.clamp(-REACH, REACH)).unwrap_or(0)
}

/// A drive as a small integer; unreachable is [`OUT_OF_REACH`].
#[inline]
pub(crate) fn drive(leg: Leg) -> i32 {
    if leg.is_reachable() {
        i32::try_from(leg.travel().0).unwrap_or(OUT_OF_REACH)
    } else {
        OUT_OF_REACH
    }
}

impl View {
    /// The shift with its pauses in the given order, able to end as late as `hard_end`.
    pub(crate) fn new(shift: &Shift, order: &[usize], hard_end: Moment) -> Self {
        let base = shift.start;
        let mut nodes = Vec::with_capacity(shift.stops.len() + 2);
        nodes.push(Node::edge(0, 0));
        nodes.extend(shift.stops.iter().map(|stop| Node::of(stop, base)));
        nodes.push(Node::edge(small(hard_end - base), drive(shift.leg_out)));
        let rests = order.iter().map(|&at| Rest::of(&shift.pauses[at], base)).collect();
        Self { base, nodes, rests }
    }

    /// Position of the end of the shift in `nodes`.
    pub(crate) fn end(&self) -> usize {
        self.nodes.len() - 1
    }

    /// A moment from seconds after the start of the shift.
    pub(crate) fn moment(&self, seconds: i32) -> Moment {
        self.base + Seconds(i64::from(seconds))
    }
}

impl Node {
    /// The start or the end of the shift.
    pub(crate) fn edge(closes: i32, leg_in: i32) -> Self {
        Self {
            opens: 0,
            closes,
            planned: 0,
            duration: 0,
            pad_before: EDGE,
            pad_after: EDGE,
            leg_in,
        }
    }

    /// A stop.
    pub(crate) fn of(stop: &Stop, base: Moment) -> Self {
        Self {
            opens: small(stop.opens() - base),
            closes: small(stop.closes() - base),
            planned: small(stop.planned_start - base),
            duration: small(stop.duration),
            pad_before: small(stop.pad_before),
            pad_after: small(stop.pad_after),
            leg_in: drive(stop.leg_in),
        }
    }
}

impl Rest {
    /// Fills the unused part of a buffer.
    pub(crate) const NONE: Self = Self { opens: 0, closes: 0, duration: 0, padded: false };

    /// A pause.
    pub(crate) fn of(pause: &Pause, base: Moment) -> Self {
        Self {
            opens: small(pause.earliest - base).max(0),
            closes: small(pause.latest - base),
            duration: small(pause.duration),
            padded: pause.padded,
        }
    }
}
