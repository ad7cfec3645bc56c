//! `/api/v1/skills`.

use crate::api::catalogue::{self, Noun};
use crate::api::routes::Routes;
use crate::domain::skills::Skill;

impl Noun for Skill {}

/// Adds the endpoints of skills.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Skill>(routes);
}
