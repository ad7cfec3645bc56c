//! `/api/v1/equipment`.

use crate::api::catalogue::{self, Noun};
use crate::api::routes::Routes;
use crate::domain::equipment::Equipment;

impl Noun for Equipment {}

/// Adds the endpoints of equipment.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Equipment>(routes);
}
