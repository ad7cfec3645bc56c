//! Places on a plane: Euclidean distances under the rounding conventions of benchmark sets.

use crate::formats::decimals;
use crate::problem::Leg;

/// How distances on a plane become whole numbers.
///
/// Results are only comparable under one convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Truncated to one decimal; cost is distance (DIMACS challenge 2021, CVRPLIB).
    Dimacs,
    /// Not rounded; fewest vehicles first, then distance (SINTEF). Reckoned to 1/1000, times
    /// rounded up so that what fits here fits exactly.
    Exact,
    /// To the nearest whole number (TSPLIB `EUC_2D`, CVRPLIB without time windows).
    Nearest,
    /// Truncated to a whole number.
    Truncated,
}

impl Rounding {
    /// Whole ticks in one unit of the document.
    pub const fn scale(self) -> i64 {
        match self {
            Self::Dimacs => 10,
            Self::Exact => 1_000,
            Self::Nearest | Self::Truncated => 1,
        }
    }

    /// Ticks of time and of distance from one point to another; `None` if they are too far apart
    /// or no numbers.
    pub(super) fn leg(self, from: (f64, f64), to: (f64, f64)) -> Option<Leg> {
        let (dx, dy) = (from.0 - to.0, from.1 - to.1);
        // Square root and products are exact to the last bit everywhere, unlike `hypot`.
        let distance = (dx * dx + dy * dy).sqrt();
        let (seconds, metres) = match self {
            Self::Dimacs => (decimals::floor(distance * 10.0)?, decimals::floor(distance * 10.0)?),
            Self::Exact => {
                (decimals::ceil(distance * 1_000.0)?, decimals::round(distance * 1_000.0)?)
            }
            Self::Nearest => (decimals::round(distance)?, decimals::round(distance)?),
            Self::Truncated => (decimals::floor(distance)?, decimals::floor(distance)?),
        };
        leg(seconds, metres)
    }

    /// All legs between points, by row; `None` if some pair is too far apart.
    pub(super) fn legs(self, points: &[(f64, f64)]) -> Option<Vec<Leg>> {
        let pairs = points.iter().flat_map(|from| points.iter().map(move |to| (*from, *to)));
        pairs.map(|(from, to)| self.leg(from, to)).collect()
    }
}

/// A leg of so many seconds and metres; `None` if a leg cannot hold them.
pub(super) fn leg(seconds: i64, metres: i64) -> Option<Leg> {
    let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds <= Leg::SECONDS_MAX)?;
    Some(Leg::new(seconds, u32::try_from(metres).ok()?))
}
