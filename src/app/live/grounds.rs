//! The places of a location's plan: dense numbers for the solver, and drives to a new place.

use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::error::AppError;
use crate::domain::organizations::Organization;
use crate::domain::places::Place;
use crate::domain::travel::{HourSpan, TravelMode};
use crate::planning::legs::{TravelRows, travel_rows};
use crate::planning::places::{PlaceIdx, Places, Point, Way};
use crate::travel::places::PlaceTable;
use crate::travel::{Ask, Travel};

/// The places of a plan; clones share them. Places are added, never removed.
#[derive(Debug, Clone)]
pub(crate) struct Grounds {
    organization: Arc<Organization>,
    table: PlaceTable,
    places: Arc<RwLock<Known>>,
}

/// The places by solver number, and for each its number in the table.
#[derive(Debug, Default)]
struct Known {
    places: Places,
    numbers: Vec<u32>,
}

impl Grounds {
    pub(crate) fn new(travel: &Travel, organization: Organization) -> Self {
        let table = PlaceTable::new(travel.clone(), organization.snap_limit_m);
        Self { organization: Arc::new(organization), table, places: Arc::default() }
    }

    /// The same places, but travel servers are not asked: for transactions that write.
    pub(crate) fn at_hand(&self) -> Self {
        Self { table: self.table.at_hand(), ..self.clone() }
    }

    /// What reckons drives between two places.
    pub(crate) fn travel(&self) -> &Travel {
        self.table.travel()
    }

    /// A question for drives by `mode` in some hours, with what the organization decided.
    pub(crate) fn ask(&self, mode: TravelMode, hours: HourSpan) -> Ask {
        Ask::new(&self.organization, mode).during(hours)
    }

    /// Lets `work` number places, and notes those that are new.
    pub(crate) fn number<T>(&self, work: impl FnOnce(&mut Places) -> T) -> T {
        let mut known = self.places.write().unwrap_or_else(PoisonError::into_inner);
        let done = work(&mut known.places);
        let from = known.numbers.len();
        let new: Vec<u32> =
            known.places.points()[from..].iter().map(|p| self.table.intern(&p.place)).collect();
        known.numbers.extend(new);
        done
    }

    /// The number of a place that is asked about, in the hours of any shift. It has no way of its own:
    /// the ways of stops are asked in every search from then on, and a question must not add to them.
    pub(crate) fn place(&self, place: &Place) -> PlaceIdx {
        self.number(|places| {
            let hours = places.ways().first().map(|way| way.hours);
            places.number(place, Way { mode: None, hours: hours.unwrap_or_default() })
        })
    }

    /// The places by number.
    pub(crate) fn points(&self) -> Vec<Point> {
        let known = self.places.read().unwrap_or_else(PoisonError::into_inner);
        known.places.points().to_vec()
    }

    /// How many places there are.
    pub(crate) fn len(&self) -> usize {
        self.places.read().unwrap_or_else(PoisonError::into_inner).numbers.len()
    }

    /// Drives between `place` and every place of the plan, in the hours of the shifts that go there;
    /// a drive to a place is reckoned by the way of that place, or by `mode` where it has none. None
    /// if no drive takes any time.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a place off the roads; what travel answers.
    pub(crate) async fn rows(
        &self,
        place: &Place,
        mode: TravelMode,
    ) -> Result<Option<TravelRows>, AppError> {
        let asked = self.asked(mode);
        if asked.iter().all(|(mode, _)| !mode.uses_places()) {
            return Ok(None);
        }
        let mut answers = Vec::with_capacity(asked.len());
        for (mode, hours) in &asked {
            let rows = self.table.rows(&self.ask(*mode, *hours), place).await;
            answers.push(rows.map_err(|error| error.into_app("place"))?);
        }
        let known = self.places.read().unwrap_or_else(PoisonError::into_inner);
        // Places that came meanwhile belong to later plans; rows must only be long enough for ours.
        let count = answers.iter().map(|rows| rows.to.len()).min().unwrap_or(0);
        let points = known.places.points().iter().zip(&known.numbers);
        let points = points.take_while(|(_, number)| (**number as usize) < count);
        let answer = |mode, hours| {
            let at = asked.iter().position(|known| *known == (mode, hours)).unwrap_or(0);
            &answers[at]
        };
        Ok(Some(travel_rows(points.map(|(point, number)| {
            let (at, hours) = (*number as usize, point.way.hours);
            let way_out = point.way.mode.unwrap_or(mode);
            (answer(mode, hours).to[at].leg(), answer(way_out, hours).from[at].leg())
        }))))
    }

    /// The modes and hours in which somebody may drive to a new place of `mode`, or on from it.
    fn asked(&self, mode: TravelMode) -> Vec<(TravelMode, HourSpan)> {
        let known = self.places.read().unwrap_or_else(PoisonError::into_inner);
        let mut asked = Vec::new();
        for way in known.places.ways() {
            for pair in [(mode, way.hours), (way.mode.unwrap_or(mode), way.hours)] {
                if !asked.contains(&pair) {
                    asked.push(pair);
                }
            }
        }
        if asked.is_empty() {
            // Nobody works anywhere; whether the place can be reached is asked all the same.
            asked.push((mode, HourSpan::default()));
        }
        asked
    }
}
