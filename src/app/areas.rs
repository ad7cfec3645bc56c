//! Areas: does anybody come to a place for some work at all?

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::app::App;
use crate::app::catalogue::roads;
use crate::app::live::{self, Setup};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::slots::asked::Asked;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{LocationId, PackageId, ServiceId};
use crate::domain::places::Place;
use crate::domain::slots::{SlotQuery, Wishes};

/// Whether anybody comes to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Whether anybody comes there.
    pub reach: Reach,
    /// The location that does it, or would.
    pub location_id: LocationId,
    /// Its name.
    pub location: String,
    /// Its zone.
    pub time_zone: Tz,
}

/// Whether anybody comes to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// People who can do the work cover it.
    Inside,
    /// Nobody who can do the work covers it, or too few do.
    Outside,
    /// People cover it for each of the services, but nobody for all of them in one visit.
    Apart,
    /// No road leads near it: the point is wrong, most likely.
    OffRoad,
}

/// Whether anybody who can do some work covers a place. Says nothing of when, or of who.
///
/// # Errors
/// [`AppError::Invalid`] for work that does not exist or is not offered; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn check(
    app: &App,
    actor: &Actor,
    (service_ids, package_id): (&[ServiceId], Option<PackageId>),
    place: &Place,
) -> Result<Area, AppError> {
    let sight = permit(actor, Operation::SlotsSearch)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    drop(tx);
    let query = query(service_ids, package_id, place);
    let asked = Asked::new(&setup, sight, &query)?;
    let mut faults = Faults::default();
    roads::note(&app.travel, &setup.catalogue.organization, place, "place", &mut faults);
    let reach = if !faults.list().is_empty() {
        Reach::OffRoad
    } else if asked.is_covered() {
        Reach::Inside
    } else if is_covered_apart(&setup, sight, (asked.service_ids(), place)) {
        Reach::Apart
    } else {
        Reach::Outside
    };
    let location = asked.location();
    Ok(Area {
        reach,
        location_id: asked.location_id,
        location: location.name.clone(),
        time_zone: location.time_zone,
    })
}

/// Whether people come for each of several services, booked one by one.
fn is_covered_apart(
    setup: &Arc<Setup>,
    sight: Sight,
    (service_ids, place): (&[ServiceId], &Place),
) -> bool {
    let covered = |id: &ServiceId| {
        let asked = Asked::new(setup, sight, &query(&[*id], None, place));
        asked.is_ok_and(|asked| asked.is_covered())
    };
    service_ids.len() > 1 && service_ids.iter().all(covered)
}

/// A question about work at a place, on no date in particular.
pub(crate) fn query(
    service_ids: &[ServiceId],
    package_id: Option<PackageId>,
    place: &Place,
) -> SlotQuery {
    SlotQuery {
        service_ids: service_ids.to_vec(),
        package_id,
        location_id: None,
        place: place.clone(),
        from: NaiveDate::default(),
        until: NaiveDate::default(),
        wishes: Wishes::default(),
        limit: None,
        crews_per_slot: 1,
    }
}

/// The base of the first location by name, for a map on which nothing is chosen yet.
///
/// # Errors
/// [`AppError::Forbidden`]; if the database fails.
pub async fn base(app: &App, actor: &Actor) -> Result<Option<Place>, AppError> {
    permit(actor, Operation::LocationsRead)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let first = setup.catalogue.locations.values().min_by(|a, b| a.name.cmp(&b.name));
    Ok(first.map(|location| location.place.clone()))
}
