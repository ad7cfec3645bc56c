//! Travel between two places: seconds and metres, or unreachable.

use crate::units::{Metres, PlaceIdx, Seconds};

/// One drive from a place to another.
///
/// Eight bytes, so rows of legs stay small. Use [`Leg::UNREACHABLE`] where no road leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leg {
    seconds: u32,
    metres: u32,
}

impl Leg {
    /// No travel: the same place, or a visit that needs none.
    pub const ZERO: Self = Self { seconds: 0, metres: 0 };
    /// No way from here to there.
    pub const UNREACHABLE: Self = Self { seconds: u32::MAX, metres: u32::MAX };
    /// Longest drive a leg can hold, in seconds (about two years).
    pub const SECONDS_MAX: u32 = 1 << 26;

    /// A drive of so many seconds and metres.
    ///
    /// More seconds than [`Leg::SECONDS_MAX`] mean unreachable.
    pub const fn new(seconds: u32, metres: u32) -> Self {
        if seconds > Self::SECONDS_MAX { Self::UNREACHABLE } else { Self { seconds, metres } }
    }

    /// Whether there is a way.
    pub const fn is_reachable(self) -> bool {
        self.seconds != u32::MAX
    }

    /// Seconds at the wheel; for an unreachable leg more than four billion, which no shift can hold.
    pub const fn travel(self) -> Seconds {
        Seconds(self.seconds as i64)
    }

    /// Metres driven; meaningless for an unreachable leg.
    pub const fn distance(self) -> Metres {
        Metres(self.metres as i64)
    }
}

/// Travel between every known place and the place of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravelRows {
    /// From each place to the new one; `to_place[place]`, one entry per [`PlaceIdx`].
    pub to_place: Vec<Leg>,
    /// From the new place to each other; `from_place[place]`, one entry per [`PlaceIdx`].
    pub from_place: Vec<Leg>,
}

impl TravelRows {
    /// Leg from `place` to the new place; nothing to drive where `place` is `None`.
    pub fn to(&self, place: Option<PlaceIdx>) -> Leg {
        place.map_or(Leg::ZERO, |place| self.to_place[place.at()])
    }

    /// Leg from the new place to `place`; nothing to drive where `place` is `None`.
    pub fn from(&self, place: Option<PlaceIdx>) -> Leg {
        place.map_or(Leg::ZERO, |place| self.from_place[place.at()])
    }
}
