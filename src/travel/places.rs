//! The places of a live plan as dense numbers, for asking drives between one place and all of them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use roundsman_roads::Snap;

use crate::domain::places::Place;
use crate::travel::cache::{Cache, PairKey, PlaceKey, Way};
use crate::travel::errors::TravelError;
use crate::travel::legs::{Fallback, LegRaw, Rows};
use crate::travel::road::RoadTravel;
use crate::travel::straight::{Bearing, StraightLine};
use crate::travel::{Ask, Means, Travel};

/// Rows kept: a search, its hold and its booking ask for the same place soon after each other.
const ROWS_KEPT: usize = 256;

/// From this many places on, rows by road are reckoned outside the threads that serve requests.
const INLINE_MAX: usize = 512;

/// The places of one organization's plan; clones share everything.
///
/// Places are added and never removed, so numbers stay valid; a new table costs some microseconds
/// a place. Each place keeps its snap to the road.
#[derive(Debug, Clone)]
pub struct PlaceTable {
    travel: Travel,
    snap_limit_m: u32,
    known: Arc<RwLock<Known>>,
    rows: Arc<Cache<RowKey, Arc<Rows<LegRaw>>>>,
}

/// What a row was asked for: the place, and by what drives were slowed.
type RowKey = (PlaceKey, u16);

#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<PlaceKey, u32>,
    keys: Vec<PlaceKey>,
    bearings: Vec<Bearing>,
    /// Snaps of the places that are on a road, and for each of them the number of its place.
    snaps: Vec<Snap>,
    snapped: Vec<u32>,
}

impl PlaceTable {
    /// An empty table.
    ///
    /// * `snap_limit_m`: places farther than this from a road have no way there by road.
    pub fn new(travel: Travel, snap_limit_m: u32) -> Self {
        let (known, rows) = (Arc::default(), Arc::new(Cache::new(ROWS_KEPT)));
        Self { travel, snap_limit_m, known, rows }
    }

    /// The same table, but servers are not asked; see [`Travel::at_hand`].
    #[must_use]
    pub fn at_hand(&self) -> Self {
        Self { travel: self.travel.at_hand(), ..self.clone() }
    }

    /// What answers for pairs.
    pub fn travel(&self) -> &Travel {
        &self.travel
    }

    /// The number of a place, the next one if it is new; places closer than a millionth of a
    /// degree are one. Cost: a look-up, and for a new place a snap of a few microseconds.
    pub fn intern(&self, place: &Place) -> u32 {
        let key = PlaceKey::of(place);
        if let Some(number) = self.read().numbers.get(&key) {
            return *number;
        }
        let snap = self.road().and_then(|road| road.snap(key, self.snap_limit_m).ok());
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.intern(key, snap)
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.read().keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drives between `place` and every place of the table, by number; at least as many as there
    /// were places at the call. Whatever has no way is [`LegRaw::UNREACHABLE`].
    ///
    /// The snap limit is the table's. The last answers are kept. Cost: about 60 nanoseconds a
    /// place as the crow flies; by road two sweeps over the roads, some milliseconds for a city,
    /// however many places.
    ///
    /// # Errors
    /// [`TravelError::OffRoad`] if `place` is, and those of [`Travel::legs`].
    pub async fn rows(&self, ask: &Ask, place: &Place) -> Result<Arc<Rows<LegRaw>>, TravelError> {
        let key = PlaceKey::of(place);
        match self.travel.means(ask)? {
            Means::Nothing => {
                let zeros = vec![LegRaw::ZERO; self.len()];
                Ok(Arc::new(Rows { to: zeros.clone(), from: zeros, fallback: None }))
            }
            Means::Straight(line) => Ok(Arc::new(self.read().straight(line, key))),
            Means::Road(road) => self.road_rows(ask, road, key).await,
            Means::Osrm(_) => self.asked_rows(ask, key).await.map(Arc::new),
        }
    }

    /// The drives between places of the table, in the order of the pairs; pairs are numbers from
    /// [`PlaceTable::intern`], and unknown numbers have no way.
    ///
    /// # Errors
    /// As [`Travel::legs`].
    pub async fn legs(
        &self,
        ask: &Ask,
        pairs: &[(u32, u32)],
    ) -> Result<(Vec<LegRaw>, Option<Fallback>), TravelError> {
        let ask = Ask { snap_limit_m: self.snap_limit_m, ..ask.clone() };
        let (known, positions): (Vec<PairKey>, Vec<usize>) = {
            let places = self.read();
            let key = |number: u32| places.keys.get(number as usize).copied();
            let both = |&(from, to): &(u32, u32)| key(from).zip(key(to));
            let pairs = pairs.iter().enumerate();
            pairs.filter_map(|(at, pair)| Some((both(pair)?, at))).unzip()
        };
        let (found, fallback) = self.travel.raw_legs(&ask, &known).await?;
        let percent = self.travel.percent(&ask, fallback.as_ref());
        let mut legs = vec![LegRaw::UNREACHABLE; pairs.len()];
        for (at, leg) in positions.into_iter().zip(found) {
            legs[at] = leg.slowed(percent);
        }
        Ok((legs, fallback))
    }

    /// Rows by road, kept from before if no place has come since.
    async fn road_rows(
        &self,
        ask: &Ask,
        road: &RoadTravel,
        key: PlaceKey,
    ) -> Result<Arc<Rows<LegRaw>>, TravelError> {
        let percent = self.travel.percent(ask, None);
        let way = Way::road(self.snap_limit_m);
        let count = self.len();
        let kept = self.rows.get(way, &(key, percent));
        if let Some(rows) = kept.as_ref().filter(|rows| rows.to.len() >= count) {
            return Ok(Arc::clone(rows));
        }
        let snap = road.snap(key, self.snap_limit_m)?;
        let (known, road) = (Arc::clone(&self.known), road.clone());
        // Places that came since are reckoned alone: every search brings its own place.
        let mut rows = kept.map_or_else(Rows::default, |rows| Rows::clone(&rows));
        let new_count = count - rows.to.len();
        let work = move || {
            let known = known.read().unwrap_or_else(PoisonError::into_inner);
            known.extend_by_road(&mut rows, &road, snap, percent);
            rows
        };
        let rows = if new_count > INLINE_MAX {
            tokio::task::spawn_blocking(work).await.map_err(|_| TravelError::Stopped)?
        } else {
            work()
        };
        let rows = Arc::new(rows);
        self.rows.insert(way, (key, percent), Arc::clone(&rows));
        Ok(rows)
    }

    /// Rows from a server, pair by pair as far as they are not remembered.
    async fn asked_rows(&self, ask: &Ask, key: PlaceKey) -> Result<Rows<LegRaw>, TravelError> {
        let ask = Ask { snap_limit_m: self.snap_limit_m, ..ask.clone() };
        let others = self.read().keys.clone();
        let to = others.iter().map(|other| (*other, key));
        let pairs: Vec<PairKey> = to.chain(others.iter().map(|other| (key, *other))).collect();
        let (mut to, fallback) = self.travel.raw_legs(&ask, &pairs).await?;
        let percent = self.travel.percent(&ask, fallback.as_ref());
        for leg in &mut to {
            *leg = leg.slowed(percent);
        }
        let from = to.split_off(others.len());
        Ok(Rows { to, from, fallback })
    }

    fn road(&self) -> Option<&RoadTravel> {
        self.travel.inner.road.as_ref()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn intern(&mut self, key: PlaceKey, snap: Option<Snap>) -> u32 {
        let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        // Another thread may have been quicker.
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(key);
            self.bearings.push(key.into());
            if let Some(snap) = snap {
                self.snaps.push(snap);
                self.snapped.push(number);
            }
        }
        number
    }

    fn straight(&self, line: StraightLine, key: PlaceKey) -> Rows<LegRaw> {
        let here = Bearing::from(key);
        // As the crow flies there and back are the same.
        let to: Vec<LegRaw> =
            self.bearings.iter().map(|other| line.between(*other, here)).collect();
        Rows { from: to.clone(), to, fallback: None }
    }

    /// Brings rows to and from `snap` up to all the places there are.
    fn extend_by_road(&self, rows: &mut Rows<LegRaw>, road: &RoadTravel, snap: Snap, percent: u16) {
        let first = self.snapped.partition_point(|number| (*number as usize) < rows.to.len());
        let (numbers, snaps) = (&self.snapped[first..], &self.snaps[first..]);
        let spread = |row: &mut Vec<LegRaw>, legs: Vec<Option<roundsman_roads::Leg>>| {
            row.resize(self.keys.len(), LegRaw::UNREACHABLE);
            for (number, leg) in numbers.iter().zip(legs) {
                row[*number as usize] = LegRaw::from(leg).slowed(percent);
            }
        };
        spread(&mut rows.to, road.roads().row_to(&snap, snaps));
        spread(&mut rows.from, road.roads().row_from(&snap, snaps));
    }
}
