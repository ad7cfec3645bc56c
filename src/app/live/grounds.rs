//! The places of a location's plan: dense numbers for the solver, and drives to a new place.

use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::error::AppError;
use crate::domain::organizations::Organization;
use crate::domain::places::Place;
use crate::domain::travel::TravelMode;
use crate::planning::legs::{TravelRows, travel_rows};
use crate::planning::places::{PlaceIdx, Places};
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

    /// The number of one place.
    pub(crate) fn place(&self, place: &Place, mode: TravelMode) -> PlaceIdx {
        self.number(|places| places.number(place, Some(mode)))
    }

    /// How many places there are.
    pub(crate) fn len(&self) -> usize {
        self.places.read().unwrap_or_else(PoisonError::into_inner).numbers.len()
    }

    /// Drives between `place` and every place of the plan; a drive to a place is reckoned by the
    /// way of that place, or by `mode` where it has none. None if no drive takes any time.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a place off the roads; what travel answers.
    pub(crate) async fn rows(
        &self,
        place: &Place,
        mode: TravelMode,
    ) -> Result<Option<TravelRows>, AppError> {
        let mut modes = vec![mode];
        {
            let known = self.places.read().unwrap_or_else(PoisonError::into_inner);
            modes.extend(known.places.modes().iter().filter(|other| **other != mode));
        }
        if modes.iter().all(|mode| !mode.uses_places()) {
            return Ok(None);
        }
        let mut answers = Vec::with_capacity(modes.len());
        for mode in &modes {
            let ask = Ask::new(&self.organization, *mode);
            let rows = self.table.rows(&ask, place).await;
            answers.push(rows.map_err(|error| error.into_app("place"))?);
        }
        let known = self.places.read().unwrap_or_else(PoisonError::into_inner);
        // Places that came meanwhile belong to later plans; rows must only be long enough for ours.
        let count = answers.iter().map(|rows| rows.to.len()).min().unwrap_or(0);
        let points = known.places.points().iter().zip(&known.numbers);
        let points = points.take_while(|(_, number)| (**number as usize) < count);
        Ok(Some(travel_rows(points.map(|(point, number)| {
            let at = *number as usize;
            let way = point.mode.unwrap_or(mode);
            let out = modes.iter().position(|known| *known == way).unwrap_or(0);
            (answers[0].to[at].leg(), answers[out].from[at].leg())
        }))))
    }
}
