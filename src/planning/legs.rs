//! Drives between places: which are needed, and how an answer becomes a leg of the solver.

use std::collections::HashMap;

use roundsman_solver::problem;
pub use roundsman_solver::problem::TravelRows;

use crate::domain::places::Place;
use crate::domain::travel::{HourSpan, Leg, TravelMode};

/// A drive somebody must reckon.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// In which way.
    pub mode: TravelMode,
    /// In which hours of the day.
    pub hours: HourSpan,
}

impl Drive {
    /// Whether it takes nothing by its nature: fixed travel, or staying where one is.
    pub fn is_free(&self) -> bool {
        !self.mode.uses_places() || point(&self.from) == point(&self.to)
    }
}

/// Drives reckoned so far; none stands for "no road leads there".
#[derive(Debug, Clone, Default)]
pub struct Legs {
    ways: Vec<(TravelMode, HourSpan)>,
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
        let way = self.way(drive).unwrap_or_else(|| {
            self.ways.push((drive.mode, drive.hours));
            self.ways.len() - 1
        });
        self.known.insert((point(&drive.from), point(&drive.to), way), leg);
    }

    /// What a drive takes; unreachable if nobody reckoned it, so that a gap in the numbers can
    /// never make a slot look feasible. Fixed travel and staying where one is take nothing.
    pub fn leg(&self, drive: &Drive) -> problem::Leg {
        if drive.is_free() {
            return problem::Leg::ZERO;
        }
        solver_leg(self.found(drive).copied().flatten())
    }

    /// Whether a drive is known or takes nothing.
    pub fn knows(&self, drive: &Drive) -> bool {
        drive.is_free() || self.found(drive).is_some()
    }

    fn found(&self, drive: &Drive) -> Option<&Option<Leg>> {
        let way = self.way(drive)?;
        self.known.get(&(point(&drive.from), point(&drive.to), way))
    }

    fn way(&self, drive: &Drive) -> Option<usize> {
        self.ways.iter().position(|known| *known == (drive.mode, drive.hours))
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
        let hours = HourSpan::default();
        let drive = |from: &Place, to: &Place, mode| {
            let (from, to) = (from.clone(), to.clone());
            Drive { from, to, mode, hours }
        };
        let there = drive(&a, &b, TravelMode::Road);
        assert!(!legs.leg(&there).is_reachable() && !legs.knows(&there));
        legs.insert(&there, Some(Leg { seconds: 600, metres: 9000 }));
        assert_eq!(legs.leg(&there), problem::Leg::new(600, 9000));
        // The way back, and the same way at another hour, are other drives.
        let rush = Drive { hours: HourSpan { from: 8, until: 9 }, ..there };
        assert!(!legs.leg(&rush).is_reachable());
        assert!(!legs.leg(&drive(&b, &a, TravelMode::Road)).is_reachable());
        let fixed = TravelMode::Fixed { before_min: 30, after_min: 30 };
        assert_eq!(legs.leg(&drive(&a, &b, fixed)), problem::Leg::ZERO);
        assert_eq!(legs.leg(&drive(&a, &a, TravelMode::Road)), problem::Leg::ZERO);
    }
}
