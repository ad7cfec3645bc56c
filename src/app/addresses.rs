//! Addresses of the region: suggestions while somebody types, and the place that a text means.

use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::TEXT_MAX;
use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, check_length};
use crate::domain::places::Place;

/// Most suggestions of one answer.
pub const LIMIT_MAX: u32 = 50;
/// Metres around a point within which an address is taken to be the point's.
const NEAR_M: f64 = 60.0;

/// An address that fits what was typed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AddressFound {
    /// Where it is.
    pub place: Place,
    /// The address in one line.
    pub label: String,
    /// Whether it names a house; a street that wants a number otherwise, at the middle of the street.
    pub complete: bool,
}

/// Addresses that fit an unfinished text, best first: in any case, without accents, with at most one
/// slip. None where the server has no addresses.
///
/// # Errors
/// [`AppError::Invalid`] for a text that is too long or a limit out of range;
/// [`AppError::Forbidden`].
pub fn suggest(
    app: &App,
    actor: &Actor,
    text: &str,
    limit: u32,
) -> Result<Vec<AddressFound>, AppError> {
    permit(actor, Operation::AddressesRead)?;
    let mut faults = Faults::default();
    check_length(&mut faults, "q", text, TEXT_MAX);
    faults.check((1..=LIMIT_MAX).contains(&limit), "limit", limit, "must be 1 to 50");
    faults.into_result()?;
    let found = app.addresses.suggest(text, limit as usize);
    Ok(found.into_iter().map(|one| shown(one.place, one.complete)).collect())
}

/// The houses of the street that a text names best.
pub fn houses(app: &App, text: &str, limit: u32) -> Vec<AddressFound> {
    let found = app.addresses.houses(text, limit as usize);
    found.into_iter().map(|one| shown(one.place, one.complete)).collect()
}

/// The place that a whole text means, for instance `Skeifan 15, 108 Reykjavík`; none if it means none
/// or several, or if the server has no addresses.
pub fn geocode(app: &App, text: &str) -> Option<Place> {
    app.addresses.geocode(text)
}

/// The one house that people's own words mention, with other words around it; none if that is not sure.
pub fn mentioned(app: &App, text: &str) -> Option<Place> {
    app.addresses.mentioned(text)
}

/// The address at a point; none if none is near.
pub fn at_point(app: &App, lat: f64, lon: f64) -> Option<Place> {
    app.addresses.nearest(lat, lon, NEAR_M)
}

/// Whether the server has addresses at all.
pub fn any(app: &App) -> bool {
    !app.addresses.is_empty()
}

fn shown(place: Place, complete: bool) -> AddressFound {
    let label = place.address.to_string();
    AddressFound { place, label, complete }
}
