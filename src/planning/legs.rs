//! Drives between places: which are needed, and how an answer becomes a leg of the solver.

use std::collections::HashMap;

use roundsman_solver::problem;
pub use roundsman_solver::problem::TravelRows;

use crate::domain::places::Place;
use crate::domain::travel::{Leg, TravelMode};

/// A drive somebody must reckon.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// In which way.
    pub mode: TravelMode,
}

impl Drive {
    /// Whether it takes nothing by its nature: fixed travel, or staying where one is.
    pub fn is_free(&self) -> bool {
        is_free(&self.from, &self.to, self.mode)
    }
}

/// Drives reckoned so far; none stands for "no road leads there".
#[derive(Debug, Clone, Default)]
pub struct Legs {
    modes: Vec<TravelMode>,
    known: HashMap<(Point, Point, usize), Option<Leg>>,
}

/// Bits of latitude and longitude.
type Point = (u64, u64);

fn point(place: &Place) -> Point {
    (place.lat.to_bits(), place.lon.to_bits())
}

impl Legs {
    /// Notes what a drive takes.
    pub fn insert(&mut self, drive: &Drive, leg: Option<Leg>) {
        let mode = self.modes.iter().position(|known| *known == drive.mode).unwrap_or_else(|| {
            self.modes.push(drive.mode);
            self.modes.len() - 1
        });
        self.known.insert((point(&drive.from), point(&drive.to), mode), leg);
    }

    /// What a drive takes; unreachable if nobody reckoned it, so that a gap in the numbers can
    /// never make a slot look feasible. Fixed travel and staying where one is take nothing.
    pub fn leg(&self, from: &Place, to: &Place, mode: TravelMode) -> problem::Leg {
        if is_free(from, to, mode) {
            return problem::Leg::ZERO;
        }
        let mode = self.modes.iter().position(|known| *known == mode);
        let leg = mode.and_then(|mode| self.known.get(&(point(from), point(to), mode)));
        solver_leg(leg.copied().flatten())
    }

    /// Whether a drive is known or takes nothing.
    pub fn knows(&self, drive: &Drive) -> bool {
        if is_free(&drive.from, &drive.to, drive.mode) {
            return true;
        }
        let mode = self.modes.iter().position(|known| *known == drive.mode);
        let key = |mode| (point(&drive.from), point(&drive.to), mode);
        mode.is_some_and(|mode| self.known.contains_key(&key(mode)))
    }

    /// How many drives are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

/// Whether a drive takes nothing by its nature.
fn is_free(from: &Place, to: &Place, mode: TravelMode) -> bool {
    !mode.uses_places() || point(from) == point(to)
}

/// A leg as the solver wants it; none stands for "no road leads there".
pub fn solver_leg(leg: Option<Leg>) -> problem::Leg {
    let Some(leg) = leg else { return problem::Leg::UNREACHABLE };
    let seconds = u32::try_from(leg.seconds.max(0)).unwrap_or(u32::MAX);
    problem::Leg::new(seconds, u32::try_from(leg.metres.max(0)).unwrap_or(u32::MAX))
}

/// Rows of the solver from drives to the new place and from it, one pair for each known place.
pub fn travel_rows(legs: impl Iterator<Item = (Option<Leg>, Option<Leg>)>) -> TravelRows {
    let (to, from): (Vec<_>, Vec<_>) =
        legs.map(|(to, from)| (solver_leg(to), solver_leg(from))).unzip();
    TravelRows { to_place: to, from_place: from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_drive_is_unreachable_and_a_fixed_one_takes_nothing() {
        let (a, b) = (Place::at(64.1, -21.9), Place::at(64.2, -21.8));
        let mut legs = Legs::default();
        assert!(!legs.leg(&a, &b, TravelMode::Road).is_reachable());
        let drive = Drive { from: a.clone(), to: b.clone(), mode: TravelMode::Road };
        assert!(!legs.knows(&drive));
        legs.insert(&drive, Some(Leg { seconds: 600, metres: 9000 }));
        assert_eq!(legs.leg(&a, &b, TravelMode::Road), problem::Leg::new(600, 9000));
        assert!(!legs.leg(&b, &a, TravelMode::Road).is_reachable());
        let fixed = TravelMode::Fixed { before_min: 30, after_min: 30 };
        assert_eq!(legs.leg(&a, &b, fixed), problem::Leg::ZERO);
        assert_eq!(legs.leg(&a, &a, TravelMode::Road), problem::Leg::ZERO);
    }
}
