//! The places of a plan as dense numbers; a place visited by two ways of travel, or in shifts
//! whose hours differ, has two.

use std::collections::HashMap;

pub use roundsman_solver::units::PlaceIdx;

use crate::domain::places::Place;
use crate::domain::travel::{HourSpan, TravelMode};

/// The places of a plan. Places are added, never removed, so that numbers stay valid.
#[derive(Debug, Clone, Default)]
pub struct Places {
    points: Vec<Point>,
    ways: Vec<Way>,
    numbers: HashMap<Key, PlaceIdx>,
}

/// One place of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Where, without an address.
    pub place: Place,
    /// How travel to and from it is reckoned.
    pub way: Way,
}

/// How travel to and from a place is reckoned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way {
    /// The mode of travel to it; none for the ends of a shift, which have no way of their own.
    pub mode: Option<TravelMode>,
    /// The hours of the day in which the drives happen.
    pub hours: HourSpan,
}

/// Bits of latitude and longitude, and the number of the way of travel.
type Key = (u64, u64, usize);

impl Places {
    /// The number of a place, new if it was not known.
    pub fn number(&mut self, place: &Place, way: Way) -> PlaceIdx {
        let way_number = self.ways.iter().position(|known| *known == way).unwrap_or_else(|| {
            self.ways.push(way);
            self.ways.len() - 1
        });
        let next = PlaceIdx(u32::try_from(self.points.len()).unwrap_or(u32::MAX));
        let key = (place.lat.to_bits(), place.lon.to_bits(), way_number);
        let points = &mut self.points;
        *self.numbers.entry(key).or_insert_with(|| {
            points.push(Point { place: Place::at(place.lat, place.lon), way });
            next
        })
    }

    /// The places by number.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The ways of travel to any of them.
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_keeps_its_number_and_has_one_for_each_way_of_travel() {
        let mut places = Places::default();
        let (a, b) = (Place::at(64.1, -21.9), Place::at(64.2, -21.8));
        let hours = HourSpan::default();
        let road = Way { mode: Some(TravelMode::Road), hours };
        assert_eq!(places.number(&a, road), PlaceIdx(0));
        assert_eq!(places.number(&b, road), PlaceIdx(1));
        assert_eq!(places.number(&a, road), PlaceIdx(0));
        let (none, early) = (None, HourSpan { from: 6, until: 14 });
        assert_eq!(places.number(&a, Way { mode: none, hours }), PlaceIdx(2));
        assert_eq!(places.number(&a, Way { hours: early, ..road }), PlaceIdx(3));
        assert_eq!((places.points().len(), places.ways().len()), (4, 3));
    }
}
