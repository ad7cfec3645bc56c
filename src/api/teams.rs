//! `/api/v1/teams`.

use crate::api::catalogue::{self, Noun};
use crate::api::routes::Routes;
use crate::domain::teams::Team;

impl Noun for Team {}

/// Adds the endpoints of teams.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Team>(routes);
}
