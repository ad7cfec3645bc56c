//! Places that somebody drives to: does a road lead there?

use crate::app::App;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::OrganizationId;
use crate::domain::organizations::Organization;
use crate::domain::places::Place;
use crate::store::{Tx, organizations};
use crate::travel::errors::TravelError;
use crate::travel::{Ask, Travel};

/// Notes a fault for every place that is too far from the roads, where the organization travels by
/// the embedded roads. Otherwise roads do not matter, and every place will do.
///
/// * `places`: with the fields that name them; see [`new`].
pub(super) async fn check(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    places: Vec<(String, Place)>,
    faults: &mut Faults,
) -> Result<(), AppError> {
    if places.is_empty() {
        return Ok(());
    }
    let Some(organization) = organizations::get(tx, organization_id).await? else { return Ok(()) };
    for (field, place) in places {
        note(&app.travel, &organization.value, &place, &field, faults);
    }
    Ok(())
}

/// Notes a fault of `field` if a place is too far from the roads.
pub(crate) fn note(
    travel: &Travel,
    organization: &Organization,
    place: &Place,
    field: &str,
    faults: &mut Faults,
) {
    let ask = Ask::new(organization, organization.travel);
    let checked = travel.check_place(&ask, place);
    if let Err(error @ TravelError::OffRoad { distance_m, .. }) = checked {
        faults.add(field, format!("{distance_m} m off the road"), error.to_string());
    }
}

/// The places that a value did not have before: who changes a telephone number is not asked about
/// the others.
pub(crate) fn new(
    mut places: Vec<(String, Place)>,
    kept: &[(String, Place)],
) -> Vec<(String, Place)> {
    let is_kept =
        |place: &Place| kept.iter().any(|(_, old)| (old.lat, old.lon) == (place.lat, place.lon));
    places.retain(|(_, place)| !is_kept(place));
    places
}
