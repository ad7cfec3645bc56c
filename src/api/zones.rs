//! `/api/v1/zones`.

use crate::api::catalogue::{self, Noun};
use crate::api::routes::Routes;
use crate::domain::zones::Zone;

impl Noun for Zone {}

/// Adds the endpoints of zones.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Zone>(routes);
}
