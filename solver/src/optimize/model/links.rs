//! What binds two visits to each other.

use crate::units::{Seconds, VisitIdx};

/// A rule between two visits. It holds when both are done; see each kind for what happens when one
/// is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// `after` starts at least `min` and at most `max` seconds after the *end* of `before`, and is
    /// left out if `before` is.
    Gap {
        /// Comes first.
        before: VisitIdx,
        /// Comes later.
        after: VisitIdx,
        /// Least time between the two.
        min: Seconds,
        /// Most time between the two; `None` = without limit.
        max: Option<Seconds>,
    },
    /// `after` starts at least `min` and at most `max` seconds after the *start* of `before`, and
    /// is left out if `before` is. Both 0: they start together.
    Starts {
        /// Comes first.
        before: VisitIdx,
        /// Comes later.
        after: VisitIdx,
        /// Least time between the two starts.
        min: Seconds,
        /// Most time between the two starts; `None` = without limit.
        max: Option<Seconds>,
    },
    /// The same people do both, role by role; their crews are equally large.
    SameTechnicians {
        /// One.
        first: VisitIdx,
        /// The other.
        second: VisitIdx,
    },
    /// Nobody does both.
    DifferentTechnicians {
        /// One.
        first: VisitIdx,
        /// The other.
        second: VisitIdx,
    },
    /// Both in one shift, `first` before `second`, or neither: a pickup and its delivery, each for
    /// a crew of one.
    Shipment {
        /// Where something is taken.
        first: VisitIdx,
        /// Where it is left.
        second: VisitIdx,
    },
    /// Either both are done or neither.
    Both {
        /// One.
        first: VisitIdx,
        /// The other.
        second: VisitIdx,
    },
}

impl Link {
    /// The two visits, in the order of the fields.
    pub const fn visits(self) -> (VisitIdx, VisitIdx) {
        match self {
            Self::Gap { before, after, .. } | Self::Starts { before, after, .. } => (before, after),
            Self::SameTechnicians { first, second }
            | Self::DifferentTechnicians { first, second }
            | Self::Shipment { first, second }
            | Self::Both { first, second } => (first, second),
        }
    }
}
