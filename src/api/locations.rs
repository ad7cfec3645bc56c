//! `/api/v1/locations`.

use crate::api::catalogue::{self, Noun};
use crate::api::routes::Routes;
use crate::domain::locations::Location;

impl Noun for Location {}

/// Adds the endpoints of locations.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Location>(routes);
}
