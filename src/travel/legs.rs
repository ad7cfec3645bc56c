//! Legs in eight bytes, and rows of them.

use crate::domain::travel::{Leg, TravelMode};

/// A drive in eight bytes, so that rows stay small; see [`LegRaw::UNREACHABLE`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct LegRaw {
    /// Seconds of driving.
    pub seconds: u32,
    /// Metres driven.
    pub metres: u32,
}

/// Drives between one place and others, in the order of the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows<L> {
    /// From each of the others to the place.
    pub to: Vec<L>,
    /// From the place to each of the others.
    pub from: Vec<L>,
    /// What stepped in, if a server did not answer.
    pub fallback: Option<Fallback>,
}

/// What stepped in for a server that did not answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Fallback {
    /// How the drives were reckoned instead.
    pub mode: TravelMode,
    /// Why, without secrets.
    pub reason: String,
}

impl LegRaw {
    /// Staying where one is.
    pub const ZERO: Self = Self { seconds: 0, metres: 0 };
    /// No way from here to there.
    pub const UNREACHABLE: Self = Self { seconds: u32::MAX, metres: u32::MAX };

    /// Whether there is a way.
    pub const fn is_reachable(self) -> bool {
        self.seconds != u32::MAX
    }

    /// The leg as the domain has it; none if there is no way.
    pub fn leg(self) -> Option<Leg> {
        let (seconds, metres) = (self.seconds.into(), self.metres.into());
        self.is_reachable().then_some(Leg { seconds, metres })
    }

    /// The same drive taking `percent` hundredths of the time, rounded up to whole seconds.
    #[must_use]
    pub fn slowed(self, percent: u16) -> Self {
        if percent == 100 || !self.is_reachable() {
            return self;
        }
        let seconds = (u64::from(self.seconds) * u64::from(percent)).div_ceil(100);
        // One less than what stands for "no way".
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX).min(u32::MAX - 1);
        Self { seconds, ..self }
    }
}

impl From<Option<roundsman_roads::Leg>> for LegRaw {
    fn from(leg: Option<roundsman_roads::Leg>) -> Self {
        leg.map_or(Self::UNREACHABLE, |leg| Self { seconds: leg.seconds, metres: leg.metres })
    }
}
