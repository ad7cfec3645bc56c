//! Travel for members: drives along places with their lines, tables of drives, and what can be
//! reached within a time.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::places::Place;
use crate::domain::travel::{HourSpan, Leg, Line, TravelMode};
use crate::store::organizations;
use crate::travel::Ask;

/// Most places of one route.
const ROUTE_PLACES_MAX: usize = 100;
/// Most cells of one table.
const CELLS_MAX: usize = 10_000;
/// Most areas of one answer, and the longest drive to their edges, in minutes.
const AREAS_MAX: usize = 8;
const MINUTES_MAX: u32 = 180;

/// How drives are reckoned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Reckoning {
    /// The way of travel; the organization's if none.
    pub mode: Option<TravelMode>,
    /// The hour of the day, 0 to 23, for roads that are slower at some hours; the slowest if none.
    pub hour: Option<u8>,
}

/// Places in the order in which somebody drives to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RouteRequest {
    /// 2 to 100 places.
    pub places: Vec<Place>,
    /// How drives are reckoned.
    #[serde(default)]
    pub travel: Reckoning,
}

/// The drives along some places.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DrivenRoute {
    /// From each place to the next.
    pub legs: Vec<DrivenLeg>,
    /// All of them together; none if one of them has no way.
    pub total: Option<Leg>,
    /// How they were reckoned.
    pub mode: TravelMode,
}

/// One drive with its line.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DrivenLeg {
    /// What it takes; none if no road leads there.
    pub drive: Option<Leg>,
    /// Its line.
    pub line: Line,
}

/// Places between which drives are wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatrixRequest {
    /// Where drives start.
    pub from: Vec<Place>,
    /// Where they end; the same places if none is named. At most 10,000 pairs.
    #[serde(default)]
    pub to: Vec<Place>,
    /// How drives are reckoned.
    #[serde(default)]
    pub travel: Reckoning,
}

/// A table of drives.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DriveMatrix {
    /// Seconds of driving: a row for each place to start from, in it one for each to end at; none
    /// if no road leads there.
    pub seconds: Vec<Vec<Option<i64>>>,
    /// Metres, in the same shape.
    pub metres: Vec<Vec<Option<i64>>>,
    /// How they were reckoned.
    pub mode: TravelMode,
    /// How they were reckoned instead, because the OSRM server did not answer.
    pub fallback: Option<TravelMode>,
}

/// A place, and how far around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IsochroneRequest {
    /// Where drives start.
    pub place: Place,
    /// Minutes of driving, 1 to 180; one area for each, at most 8.
    pub minutes: Vec<u32>,
    /// The hour of the day, 0 to 23, for roads that are slower at some hours; the slowest if none.
    #[serde(default)]
    pub hour: Option<u8>,
}

impl Validate for Reckoning {
    fn validate(&self, faults: &mut Faults) {
        check_hour(self.hour, faults);
        if let Some(mode) = self.mode {
            faults.within("mode.", |faults| mode.validate(faults));
        }
    }
}

impl Validate for RouteRequest {
    fn validate(&self, faults: &mut Faults) {
        let count = self.places.len();
        let fits = (2..=ROUTE_PLACES_MAX).contains(&count);
        faults.check(fits, "places", count, "must be 2 to 100 places");
        check_places("places", &self.places, faults);
        faults.within("travel.", |faults| self.travel.validate(faults));
    }
}

impl Validate for MatrixRequest {
    fn validate(&self, faults: &mut Faults) {
        faults.check(!self.from.is_empty(), "from", 0, "must name at least one place");
        let cells = self.from.len() * self.ends().len();
        faults.check(cells <= CELLS_MAX, "to", cells, "must make at most 10000 pairs");
        check_places("from", &self.from, faults);
        check_places("to", &self.to, faults);
        faults.within("travel.", |faults| self.travel.validate(faults));
    }
}

impl MatrixRequest {
    fn ends(&self) -> &[Place] {
        if self.to.is_empty() { &self.from } else { &self.to }
    }
}

impl Validate for IsochroneRequest {
    fn validate(&self, faults: &mut Faults) {
        faults.within("place.", |faults| self.place.validate(faults));
        let count = self.minutes.len();
        faults.check((1..=AREAS_MAX).contains(&count), "minutes", count, "must be 1 to 8 numbers");
        for (row, minutes) in self.minutes.iter().enumerate() {
            let fits = (1..=MINUTES_MAX).contains(minutes);
            faults.check(fits, &format!("minutes[{row}]"), minutes, "must be 1 to 180 minutes");
        }
        check_hour(self.hour, faults);
    }
}

fn check_hour(hour: Option<u8>, faults: &mut Faults) {
    let hour = hour.unwrap_or(0);
    faults.check(hour < 24, "hour", hour, "must be 0 to 23");
}

fn check_places(list: &str, places: &[Place], faults: &mut Faults) {
    for (row, place) in places.iter().enumerate() {
        faults.within(&format!("{list}[{row}]."), |faults| place.validate(faults));
    }
}

/// The drives from each place to the next, with their lines.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Forbidden`]; what travel answers.
#[tracing::instrument(skip_all)]
pub async fn route(
    app: &App,
    actor: &Actor,
    request: &RouteRequest,
) -> Result<DrivenRoute, AppError> {
    permit(actor, Operation::TravelRead)?;
    request.validated()?;
    let ask = ask(app, actor, request.travel).await?;
    let drawn = app.travel.route(&ask, &request.places).await;
    let drawn = drawn.map_err(|error| error.into_app("places"))?;
    let total = drawn.iter().try_fold(Leg::default(), |sum, drawn| {
        let leg = drawn.leg?;
        Some(Leg { seconds: sum.seconds + leg.seconds, metres: sum.metres + leg.metres })
    });
    let legs = drawn.into_iter().map(|drawn| DrivenLeg { drive: drawn.leg, line: drawn.line });
    Ok(DrivenRoute { legs: legs.collect(), total, mode: ask.mode })
}

/// The drives between many places.
///
/// # Errors
/// As [`route`].
#[tracing::instrument(skip_all)]
pub async fn matrix(
    app: &App,
    actor: &Actor,
    request: &MatrixRequest,
) -> Result<DriveMatrix, AppError> {
    permit(actor, Operation::TravelRead)?;
    request.validated()?;
    let ask = ask(app, actor, request.travel).await?;
    let rows = app.travel.matrix(&ask, &request.from, request.ends()).await;
    let (rows, fallback) = rows.map_err(|error| error.into_app("from"))?;
    let table = |number: fn(Leg) -> i64| -> Vec<Vec<Option<i64>>> {
        rows.iter().map(|row| row.iter().map(|leg| leg.map(number)).collect()).collect()
    };
    Ok(DriveMatrix {
        seconds: table(|leg| leg.seconds),
        metres: table(|leg| leg.metres),
        mode: ask.mode,
        fallback: fallback.map(|fallback| fallback.mode),
    })
}

/// The areas around a place that can be reached by road within some minutes, as GeoJSON.
///
/// # Errors
/// As [`route`]; [`AppError::Conflict`] if no roads are loaded.
#[tracing::instrument(skip_all)]
pub async fn isochrone(
    app: &App,
    actor: &Actor,
    request: &IsochroneRequest,
) -> Result<Value, AppError> {
    permit(actor, Operation::TravelRead)?;
    request.validated()?;
    let reckoning = Reckoning { mode: Some(TravelMode::Road), hour: request.hour };
    let ask = ask(app, actor, reckoning).await?;
    let areas = app.travel.isochrone(&ask, &request.place, &request.minutes).await;
    areas.map_err(|error| error.into_app("place"))
}

/// The question with what the organization decided.
async fn ask(app: &App, actor: &Actor, reckoning: Reckoning) -> Result<Ask, AppError> {
    let id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let organization = organizations::get(&mut tx, id).await?;
    let organization = organization.ok_or_else(|| AppError::not_found("organization", id))?.value;
    let ask = Ask::new(&organization, reckoning.mode.unwrap_or(organization.travel));
    let hours = reckoning.hour.map(|hour| HourSpan { from: hour, until: hour + 1 });
    Ok(ask.during(hours.unwrap_or_default()))
}
