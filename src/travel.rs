//! How long drives take: fixed, as the crow flies, on the embedded roads, or by an OSRM server.
//!
//! [`Travel`] answers for pairs of places; [`PlaceTable`](places::PlaceTable) for one place against
//! all the places of a live plan. "There is no way" is an answer, not an error.
//!
//! Nobody waits for a server while holding a transaction that writes: there, [`Travel::at_hand`]
//! answers from memory, and says so where it cannot.

pub mod cache;
pub mod errors;
pub mod factors;
pub mod legs;
pub mod lines;
pub mod matrix;
pub mod osrm;
pub mod places;
pub mod road;
pub mod straight;
pub mod zones;

use std::collections::HashMap;
use std::sync::Arc;

use roundsman_roads::Roads;

use crate::domain::organizations::Organization;
use crate::domain::places::Place;
use crate::domain::travel::{Leg, OsrmServer, TravelMode};
use crate::travel::cache::{Cache, PairKey, PlaceKey, Way};
use crate::travel::errors::TravelError;
use crate::travel::factors::{HourFactors, HourSpan};
use crate::travel::legs::{Fallback, LegRaw, Rows};
use crate::travel::osrm::{Osrm, OsrmSettings};
use crate::travel::road::RoadTravel;
use crate::travel::straight::StraightLine;

/// Pairs that are worth leaving the thread of the request for.
const PAIRS_INLINE_MAX: usize = 100;

/// Plain settings of travel for the whole server.
#[derive(Debug, Clone)]
pub struct TravelSettings {
    /// How drive times on the embedded roads grow over the day.
    pub hour_factors: HourFactors,
    /// How OSRM servers are asked.
    pub osrm: OsrmSettings,
    /// Most pairs remembered, 64 bytes each. Must hold the drives of one question, or nothing that
    /// needs an OSRM server can be booked.
    pub pairs_max: usize,
}

impl Default for TravelSettings {
    fn default() -> Self {
        Self {
            hour_factors: HourFactors::default(),
            osrm: OsrmSettings::default(),
            pairs_max: 500_000,
        }
    }
}

/// How travel is reckoned for one question: the mode, and what the organization decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// How travel is reckoned.
    pub mode: TravelMode,
    /// Places farther than this from a road have no way there, in metres.
    pub snap_limit_m: u32,
    /// The organization's OSRM server.
    pub osrm: Option<OsrmServer>,
    /// The civil hours in which the drives may happen; of their factors the highest counts.
    pub hours: HourSpan,
}

impl Ask {
    /// Travel by `mode` with what `organization` decided, at any hour of the day. What was planned
    /// by an OSRM server that the organization no longer has goes the organization's own way.
    pub fn new(organization: &Organization, mode: TravelMode) -> Self {
        let gone = mode == TravelMode::Osrm && organization.osrm.is_none();
        let mode = if gone { organization.travel } else { mode };
        let (snap_limit_m, osrm) = (organization.snap_limit_m, organization.osrm.clone());
        Self { mode, snap_limit_m, osrm, hours: HourSpan::default() }
    }

    /// The same within some hours of the day.
    #[must_use]
    pub fn during(self, hours: HourSpan) -> Self {
        Self { hours, ..self }
    }

    /// The same in another mode.
    #[must_use]
    pub fn by(&self, mode: TravelMode) -> Self {
        Self { mode, ..self.clone() }
    }
}

/// Travel for the whole server; clones share everything.
#[derive(Debug, Clone)]
pub struct Travel {
    inner: Arc<Inner>,
    at_hand: bool,
}

#[derive(Debug)]
struct Inner {
    settings: TravelSettings,
    road: Option<RoadTravel>,
    osrm: Osrm,
    pairs: Cache<PairKey, LegRaw>,
}

/// Which way a question is answered, after settling what needs settings.
#[derive(Debug, Clone, Copy)]
enum Means<'a> {
    Nothing,
    Straight(StraightLine),
    Road(&'a RoadTravel),
    Osrm(&'a OsrmServer),
}

impl Travel {
    /// Travel with these settings, and with roads if there are some.
    pub fn new(settings: TravelSettings, roads: Option<Arc<Roads>>) -> Self {
        let road = roads.map(RoadTravel::new);
        let osrm = Osrm::new(settings.osrm.clone());
        let pairs = Cache::new(settings.pairs_max);
        Self { inner: Arc::new(Inner { settings, road, osrm, pairs }), at_hand: false }
    }

    /// The same, but servers are not asked: what is not remembered of theirs is
    /// [`TravelError::NotAtHand`]. While a server is left alone, its fallback steps in here too.
    #[must_use]
    pub fn at_hand(&self) -> Self {
        Self { at_hand: true, ..self.clone() }
    }

    /// Hours that stand for `hours`; see [`HourFactors::standing_for`].
    pub fn standing_for(&self, hours: HourSpan) -> HourSpan {
        self.inner.settings.hour_factors.standing_for(hours)
    }

    /// The embedded roads, if there are some.
    pub fn roads(&self) -> Option<&Arc<Roads>> {
        self.inner.road.as_ref().map(RoadTravel::roads)
    }

    /// Drives from each of `others` to `place`, and from `place` to each of them.
    ///
    /// Places off the road have no way there. For a plan's places a
    /// [`PlaceTable`](places::PlaceTable) is quicker.
    ///
    /// # Errors
    /// [`TravelError::NoRoads`], [`TravelError::NoOsrm`], [`TravelError::OffRoad`] for `place`,
    /// [`TravelError::Osrm`] when a server without a fallback does not answer.
    pub async fn rows(
        &self,
        ask: &Ask,
        place: &Place,
        others: &[Place],
    ) -> Result<Rows<Option<Leg>>, TravelError> {
        self.check_place(ask, place)?;
        let to = others.iter().map(|other| (other.clone(), place.clone()));
        let from = others.iter().map(|other| (place.clone(), other.clone()));
        let pairs: Vec<(Place, Place)> = to.chain(from).collect();
        let (mut to, fallback) = self.legs(ask, &pairs).await?;
        let from = to.split_off(others.len());
        Ok(Rows { to, from, fallback })
    }

    /// The drive of each pair, from the first place to the second; none if there is no way.
    ///
    /// Each pair is reckoned once and remembered. Cost: some 20 microseconds for a new pair by
    /// road, a tenth of one for others.
    ///
    /// Returns the legs in the order of the pairs, and what stepped in if a server did not answer.
    ///
    /// # Errors
    /// [`TravelError::NoRoads`], [`TravelError::NoOsrm`], [`TravelError::Osrm`].
    pub async fn legs(
        &self,
        ask: &Ask,
        pairs: &[(Place, Place)],
    ) -> Result<(Vec<Option<Leg>>, Option<Fallback>), TravelError> {
        let keys: Vec<PairKey> =
            pairs.iter().map(|(from, to)| (PlaceKey::of(from), PlaceKey::of(to))).collect();
        let (legs, fallback) = self.raw_legs(ask, &keys).await?;
        let percent = self.percent(ask, fallback.as_ref());
        let legs = legs.into_iter().map(|leg| leg.slowed(percent).leg()).collect();
        Ok((legs, fallback))
    }

    /// Refuses a place that nobody can drive to.
    ///
    /// Answers only for modes by road; an OSRM server is asked when a drive is.
    ///
    /// # Errors
    /// [`TravelError::OffRoad`] with the distance, [`TravelError::NotOnEarth`],
    /// [`TravelError::NoRoads`].
    pub fn check_place(&self, ask: &Ask, place: &Place) -> Result<(), TravelError> {
        if let Means::Road(road) = self.means(ask)? {
            road.snap(PlaceKey::of(place), ask.snap_limit_m)?;
        }
        Ok(())
    }

    /// Refuses an OSRM server whose address is private, as far as that can be told now: a name that
    /// cannot be resolved is resolved again when it is needed, and refused then.
    ///
    /// # Errors
    /// [`TravelError::PrivateAddress`].
    pub async fn check_server(&self, server: &OsrmServer) -> Result<(), TravelError> {
        self.inner.osrm.check(server).await
    }

    /// What drive times are multiplied by for the hours of `ask`, in hundredths.
    fn percent(&self, ask: &Ask, fallback: Option<&Fallback>) -> u16 {
        let mode = fallback.map_or(ask.mode, |fallback| fallback.mode);
        match mode {
            TravelMode::Road | TravelMode::MaxFixedRoad { .. } => {
                self.inner.settings.hour_factors.highest(ask.hours)
            }
            TravelMode::Fixed { .. } | TravelMode::StraightLine { .. } | TravelMode::Osrm => 100,
        }
    }

    fn means<'a>(&'a self, ask: &'a Ask) -> Result<Means<'a>, TravelError> {
        Ok(match ask.mode {
            TravelMode::Fixed { .. } => Means::Nothing,
            TravelMode::StraightLine { detour_factor, speed_kmh } => {
                Means::Straight(StraightLine::new(detour_factor, speed_kmh))
            }
            TravelMode::Road | TravelMode::MaxFixedRoad { .. } => {
                Means::Road(self.inner.road.as_ref().ok_or(TravelError::NoRoads)?)
            }
            TravelMode::Osrm => Means::Osrm(ask.osrm.as_ref().ok_or(TravelError::NoOsrm)?),
        })
    }

    /// Legs without the factors of the hour.
    async fn raw_legs(
        &self,
        ask: &Ask,
        pairs: &[PairKey],
    ) -> Result<(Vec<LegRaw>, Option<Fallback>), TravelError> {
        match self.means(ask)? {
            Means::Nothing => Ok((vec![LegRaw::ZERO; pairs.len()], None)),
            Means::Straight(line) => {
                Ok((pairs.iter().map(|(from, to)| line.leg(*from, *to)).collect(), None))
            }
            Means::Road(road) => {
                let way = Way::road(ask.snap_limit_m);
                let known = self.remembered(way, pairs);
                let (missing, limit_m) = (missing(pairs, &known), ask.snap_limit_m);
                let found = if missing.len() > PAIRS_INLINE_MAX {
                    let (road, missing) = (road.clone(), missing.clone());
                    let work = move || road.legs(&missing, limit_m);
                    tokio::task::spawn_blocking(work).await.map_err(|_| TravelError::Stopped)?
                } else {
                    road.legs(&missing, limit_m)
                };
                self.remember(way, &missing, &found);
                Ok((filled(pairs, known, &missing, &found), None))
            }
            Means::Osrm(server) => {
                let way = Way::osrm(server);
                let known = self.remembered(way, pairs);
                let missing = missing(pairs, &known);
                let found = if self.at_hand && missing.iter().any(|(from, to)| from != to) {
                    let rests = self.inner.osrm.check_rest(&server.url);
                    Err(rests.err().unwrap_or(TravelError::NotAtHand))
                } else {
                    self.inner.osrm.legs(server, &missing).await
                };
                match found {
                    Ok(found) => {
                        self.remember(way, &missing, &found);
                        Ok((filled(pairs, known, &missing, &found), None))
                    }
                    Err(error) => self.step_in(ask, server, pairs, error).await,
                }
            }
        }
    }

    /// Answers all pairs by the fallback of a server that did not answer, so that the numbers of
    /// one answer go together.
    async fn step_in(
        &self,
        ask: &Ask,
        server: &OsrmServer,
        pairs: &[PairKey],
        error: TravelError,
    ) -> Result<(Vec<LegRaw>, Option<Fallback>), TravelError> {
        let mode = server.fallback.mode().filter(|_| error.is_of_service());
        let Some(mode) = mode else { return Err(error) };
        if mode == TravelMode::Road && self.inner.road.is_none() {
            return Err(error);
        }
        tracing::warn!(%error, "An OSRM server did not answer; reckoned by {mode:?} instead");
        let other = ask.by(mode);
        // The modes that step in never step in again, so this goes one level deep.
        let (legs, _) = Box::pin(self.raw_legs(&other, pairs)).await?;
        Ok((legs, Some(Fallback { mode, reason: error.to_string() })))
    }

    fn remembered(&self, way: Way, pairs: &[PairKey]) -> Vec<Option<LegRaw>> {
        pairs.iter().map(|pair| self.inner.pairs.get(way, pair)).collect()
    }

    fn remember(&self, way: Way, pairs: &[PairKey], legs: &[LegRaw]) {
        for (pair, leg) in pairs.iter().zip(legs) {
            self.inner.pairs.insert(way, *pair, *leg);
        }
    }
}

/// The pairs that are not known, each once, in order of first use.
fn missing(pairs: &[PairKey], known: &[Option<LegRaw>]) -> Vec<PairKey> {
    let mut seen = std::collections::HashSet::new();
    let unknown = pairs.iter().zip(known).filter(|(_, leg)| leg.is_none()).map(|(pair, _)| *pair);
    unknown.filter(|pair| seen.insert(*pair)).collect()
}

/// The known legs with the gaps filled by those found.
fn filled(
    pairs: &[PairKey],
    known: Vec<Option<LegRaw>>,
    missing: &[PairKey],
    found: &[LegRaw],
) -> Vec<LegRaw> {
    let found: HashMap<&PairKey, LegRaw> = missing.iter().zip(found.iter().copied()).collect();
    let leg = |(pair, known): (&PairKey, Option<LegRaw>)| {
        known.or_else(|| found.get(pair).copied()).unwrap_or(LegRaw::UNREACHABLE)
    };
    pairs.iter().zip(known).map(leg).collect()
}
