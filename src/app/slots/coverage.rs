//! Coverage: can the people of a location do some work at a place at all, whenever that may be?

use std::collections::BTreeSet;

use crate::app::live::Setup;
use crate::domain::id::{LocationId, TechnicianId, ZoneId};
use crate::domain::technicians::Technician;
use crate::domain::visits::RoleNeed;
use crate::planning::combine::Work;

/// What decides whether somebody comes to a place.
#[derive(Clone, Copy)]
pub(crate) struct Coming<'a> {
    /// The zones that contain the place.
    pub(crate) zones: &'a [ZoneId],
    /// Whether people who have no zones come there.
    pub(crate) anywhere: bool,
}

/// Whether enough technicians of a location, one for each role of the crew among them, have the skills of
/// the work and come to the place. Says nothing of when.
///
/// * `only`: the technicians who may come; none means all.
///
/// Cost: O(technicians x roles x skills).
pub(crate) fn covers(
    setup: &Setup,
    work: &Work,
    location_id: LocationId,
    (reach, only): (Coming<'_>, Option<&BTreeSet<TechnicianId>>),
) -> bool {
    let near = |technician: &Technician| {
        (reach.anywhere && technician.zones.is_empty())
            || technician.zones.iter().any(|held| reach.zones.contains(&held.zone_id))
    };
    let people: Vec<&Technician> = setup
        .catalogue
        .technicians
        .iter()
        .filter(|(id, technician)| {
            technician.active
                && technician.location_id == location_id
                && only.is_none_or(|only| only.contains(id))
                && near(technician)
        })
        .map(|(_, technician)| technician)
        .collect();
    let crew = &work.needs.crew;
    let useful = people.iter().filter(|one| crew.iter().any(|role| is_able(one, role))).count();
    useful >= crew.len() && crew.iter().all(|role| people.iter().any(|one| is_able(one, role)))
}

/// Whether a technician has the skills of a role, whenever they hold.
fn is_able(technician: &Technician, role: &RoleNeed) -> bool {
    role.skills.iter().all(|need| {
        let mut held = technician.skills.iter();
        held.any(|held| held.skill_id == need.skill_id && held.level >= need.level_min)
    })
}
