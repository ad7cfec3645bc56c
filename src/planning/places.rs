//! The places of a plan as dense numbers; a place visited by two ways of travel has two.

use std::collections::HashMap;

pub use roundsman_solver::units::PlaceIdx;

use crate::domain::places::Place;
use crate::domain::travel::TravelMode;

/// The places of a plan. Places are added, never removed, so that numbers stay valid.
#[derive(Debug, Clone, Default)]
pub struct Places {
    points: Vec<Point>,
    modes: Vec<TravelMode>,
    numbers: HashMap<Key, PlaceIdx>,
}

/// One place of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Where, without an address.
    pub place: Place,
    /// How travel to it is reckoned; none for the ends of a shift, which have no way of their own.
    pub mode: Option<TravelMode>,
}

/// Bits of latitude and longitude, and the number of the way of travel.
type Key = (u64, u64, Option<usize>);

impl Places {
    /// The number of a place, new if it was not known.
    pub fn number(&mut self, place: &Place, mode: Option<TravelMode>) -> PlaceIdx {
        let mode_number = mode.map(|mode| {
            self.modes.iter().position(|known| *known == mode).unwrap_or_else(|| {
                self.modes.push(mode);
                self.modes.len() - 1
            })
        });
        let next = PlaceIdx(u32::try_from(self.points.len()).unwrap_or(u32::MAX));
        let key = (place.lat.to_bits(), place.lon.to_bits(), mode_number);
        let points = &mut self.points;
        *self.numbers.entry(key).or_insert_with(|| {
            points.push(Point { place: Place::at(place.lat, place.lon), mode });
            next
        })
    }

    /// The places by number.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The ways of travel to any of them.
    pub fn modes(&self) -> &[TravelMode] {
        &self.modes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_keeps_its_number_and_has_one_for_each_way_of_travel() {
        let mut places = Places::default();
        let (a, b) = (Place::at(64.1, -21.9), Place::at(64.2, -21.8));
        let road = Some(TravelMode::Road);
        assert_eq!(places.number(&a, road), PlaceIdx(0));
        assert_eq!(places.number(&b, road), PlaceIdx(1));
        assert_eq!(places.number(&a, road), PlaceIdx(0));
        assert_eq!(places.number(&a, None), PlaceIdx(2));
        assert_eq!(places.points().len(), 3);
        assert_eq!(places.modes(), [TravelMode::Road]);
    }
}
