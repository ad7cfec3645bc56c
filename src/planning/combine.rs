//! One visit out of several services: what it takes and by which rules it may be offered.
//!
//! * Minutes of work add up; a `split` service is divided by its own crew first, rounded up.
//! * Setup and exit count once: the longest of each.
//! * Everybody in the crew needs the skills of every service; levels are the highest asked.
//! * The crew is as large as the largest; roles of one name are one role with all its skills, and
//!   the crew grows if there are more roles than hands.
//! * Equipment is the union; units are the most any service asks.
//! * Notice and arrival window are the longest, priority is the highest, every horizon and blackout
//!   holds.
//! * Step, grid with its offset, travel and assignment policy are the first service's.
//! * A technician must belong to one of the teams of every service that names teams.

use std::collections::BTreeSet;

use crate::domain::equipment::EquipmentNeed;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, ServiceId, TeamId};
use crate::domain::policies::AssignmentPolicy;
use crate::domain::services::{CrewMode, Grid, Horizon, Service};
use crate::domain::skills::SkillNeed;
use crate::domain::travel::TravelMode;
use crate::domain::visits::{RoleNeed, VisitNeeds};

/// What one visit for some services takes, and by which rules it may be offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// What the visit takes.
    pub needs: VisitNeeds,
    /// The names of the services, joined; a title for lists.
    pub title: String,
    /// Minutes between two starts on the grid.
    pub step_min: u32,
    /// Where the grid starts.
    pub grid: Grid,
    /// Minutes by which the grid is shifted.
    pub offset_min: u32,
    /// Minutes of the arrival window; 0 promises the exact time.
    pub arrival_window_min: u32,
    /// Minutes from now to the first start offered.
    pub notice_min: u32,
    /// How far ahead starts are offered; all hold.
    pub horizons: Vec<Horizon>,
    /// Dates without offers.
    pub blackouts: Vec<DateSpan>,
    /// Limits per day and location of each service that has some.
    pub limits: Vec<ServiceLimit>,
    /// For each service that names teams: the technician must be in one of them.
    pub teams: Vec<Vec<TeamId>>,
    /// Locations that offer every service; none means all do.
    pub location_ids: Option<BTreeSet<LocationId>>,
    /// How urgent it is: as the most urgent service.
    pub priority: u8,
    /// Who gets the work.
    pub policy: AssignmentPolicy,
    /// Whether the customer may choose the technician: every service must allow it.
    pub customer_may_choose: bool,
    /// Whether anyone may book it: every service must be public.
    pub public: bool,
    /// Whether it can be booked at all: every service must be active.
    pub active: bool,
}

/// Most of one service a day and location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLimit {
    /// Which service.
    pub service_id: ServiceId,
    /// Seconds of work of this service in the visit.
    pub work_s: i64,
    /// Visits; none means no limit.
    pub visits_per_day: Option<u32>,
    /// Minutes of work; none means no limit.
    pub minutes_per_day: Option<u32>,
}

/// What one visit for all of `services`, in order of work, takes.
///
/// * `travel`: the organization's way, used when the first service names none.
///
/// Returns none if there is no service.
pub fn combine(services: &[(ServiceId, &Service)], travel: TravelMode) -> Option<Work> {
    let (_, first) = services.first()?;
    let all = || services.iter().map(|(_, service)| *service);
    let names: Vec<&str> = all().map(|service| service.name.as_str()).collect();
    let needs = VisitNeeds {
        service_ids: services.iter().map(|(id, _)| *id).collect(),
        setup_s: longest(all().map(|service| service.setup_min)),
        work_s: all().map(work_s).sum(),
        exit_s: longest(all().map(|service| service.exit_min)),
        crew: crew(services),
        crew_mode: mode(services),
        equipment: equipment(services),
        travel: first.travel.unwrap_or(travel),
    };
    Some(Work {
        needs,
        title: names.join(" + "),
        step_min: first.slots.step_min,
        grid: first.slots.grid,
        offset_min: first.slots.offset_min,
        arrival_window_min: all().map(|service| service.slots.arrival_window_min).max()?,
        notice_min: all().map(|service| service.slots.notice_min).max()?,
        horizons: horizons(services),
        blackouts: all().flat_map(|service| service.slots.blackouts.iter().copied()).collect(),
        limits: limits(services),
        teams: all().map(|s| s.team_ids.clone()).filter(|teams| !teams.is_empty()).collect(),
        location_ids: locations(services),
        priority: all().map(|service| service.priority).max()?,
        policy: first.policy,
        customer_may_choose: all().all(|service| service.customer_may_choose),
        public: all().all(|service| service.public),
        active: all().all(|service| service.active),
    })
}

/// Seconds of work of one service for the crew that does it.
pub fn work_s(service: &Service) -> i64 {
    let minutes = match service.crew.mode {
        CrewMode::Together => service.duration_min,
        CrewMode::Split => service.duration_min.div_ceil(service.crew.size.max(1)),
    };
    i64::from(minutes) * 60
}

fn longest(minutes: impl Iterator<Item = u32>) -> i64 {
    minutes.max().map_or(0, i64::from) * 60
}

fn mode(services: &[(ServiceId, &Service)]) -> CrewMode {
    let split = services.iter().any(|(_, service)| service.crew.mode == CrewMode::Split);
    if split { CrewMode::Split } else { CrewMode::Together }
}

fn crew(services: &[(ServiceId, &Service)]) -> Vec<RoleNeed> {
    let mut shared: Vec<SkillNeed> = Vec::new();
    let mut roles: Vec<RoleNeed> = Vec::new();
    for (_, service) in services {
        merge_skills(&mut shared, &service.skills);
        for role in &service.crew.roles {
            let at = roles.iter().position(|known| known.role == role.name).unwrap_or_else(|| {
                roles.push(RoleNeed { role: role.name.clone(), skills: Vec::new() });
                roles.len() - 1
            });
            merge_skills(&mut roles[at].skills, &role.skills);
        }
    }
    let size = services.iter().map(|(_, service)| service.crew.size).max().unwrap_or(1).max(1);
    let size = roles.len().max(size as usize);
    roles.resize_with(size, RoleNeed::default);
    for role in &mut roles {
        merge_skills(&mut role.skills, &shared);
    }
    roles
}

/// Adds `more` to `skills`; of two needs for one skill the higher level stays.
fn merge_skills(skills: &mut Vec<SkillNeed>, more: &[SkillNeed]) {
    for need in more {
        match skills.iter_mut().find(|known| known.skill_id == need.skill_id) {
            Some(known) => known.level_min = known.level_min.max(need.level_min),
            None => skills.push(need.clone()),
        }
    }
}

fn equipment(services: &[(ServiceId, &Service)]) -> Vec<EquipmentNeed> {
    let mut needs: Vec<EquipmentNeed> = Vec::new();
    for need in services.iter().flat_map(|(_, service)| &service.equipment) {
        match needs.iter_mut().find(|known| known.equipment_id == need.equipment_id) {
            Some(known) => known.units = known.units.max(need.units),
            None => needs.push(need.clone()),
        }
    }
    needs
}

fn horizons(services: &[(ServiceId, &Service)]) -> Vec<Horizon> {
    let mut horizons: Vec<Horizon> = Vec::new();
    for horizon in services.iter().map(|(_, service)| service.slots.horizon) {
        match horizons.iter_mut().find(|known| known.count == horizon.count) {
            Some(known) => known.days = known.days.min(horizon.days),
            None => horizons.push(horizon),
        }
    }
    horizons
}

fn limits(services: &[(ServiceId, &Service)]) -> Vec<ServiceLimit> {
    let mut limits: Vec<ServiceLimit> = Vec::new();
    for (id, service) in services {
        let (visits, minutes) = (service.slots.visits_per_day, service.slots.minutes_per_day);
        if visits.is_none() && minutes.is_none() {
            continue;
        }
        match limits.iter_mut().find(|known| known.service_id == *id) {
            Some(known) => known.work_s += work_s(service),
            None => limits.push(ServiceLimit {
                service_id: *id,
                work_s: work_s(service),
                visits_per_day: visits,
                minutes_per_day: minutes,
            }),
        }
    }
    limits
}

fn locations(services: &[(ServiceId, &Service)]) -> Option<BTreeSet<LocationId>> {
    let named = services.iter().map(|(_, service)| &service.location_ids);
    let sets = named.filter(|ids| !ids.is_empty()).map(|ids| ids.iter().copied().collect());
    sets.reduce(|common: BTreeSet<_>, other| common.intersection(&other).copied().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::domain::services::HorizonCount;

    fn service(body: serde_json::Value) -> Service {
        serde_json::from_value(body).unwrap()
    }

    fn combined(services: &[Service]) -> Work {
        let services: Vec<_> =
            (1..).zip(services).map(|(id, s)| (ServiceId(Uuid::from_u128(id)), s)).collect();
        combine(&services, TravelMode::Road).unwrap()
    }

    #[test]
    fn one_hour_of_photos_and_one_of_video_are_two_hours_of_work() {
        let photos =
            service(json!({"name": "Photos", "duration_min": 60, "setup_min": 10, "exit_min": 5}));
        let video =
            service(json!({"name": "Video", "duration_min": 60, "setup_min": 15, "exit_min": 5}));
        let work = combined(&[photos, video]);
        assert_eq!(work.needs.work_s, 2 * 3600);
        // Setup and exit once, the longest of each: 15 + 120 + 5 minutes.
        assert_eq!(work.needs.on_site_s(), 140 * 60);
        assert_eq!(work.title, "Photos + Video");
    }

    #[test]
    fn a_crew_of_two_that_splits_the_work_halves_its_time() {
        let crew = json!({"size": 2, "mode": "split", "roles": []});
        let photos = service(json!({"name": "Photos", "duration_min": 75, "crew": crew}));
        let alone = combined(std::slice::from_ref(&photos));
        // 75 / 2 rounded up.
        assert_eq!((alone.needs.work_s, alone.needs.crew.len()), (38 * 60, 2));
        assert_eq!(alone.needs.crew_mode, CrewMode::Split);
        let video = service(json!({"name": "Video", "duration_min": 60}));
        assert_eq!(combined(&[photos, video]).needs.work_s, (38 + 60) * 60);
    }

    #[test]
    fn skills_roles_and_equipment_are_united_at_the_highest_level() {
        let id = |n: u128| Uuid::from_u128(n);
        let a = service(json!({"name": "A", "duration_min": 30,
            "skills": [{"skill_id": id(1), "level_min": 3}],
            "equipment": [{"equipment_id": id(9), "units": 1}],
            "crew": {"size": 2, "roles": [{"name": "lead", "skills": [{"skill_id": id(2)}]}]}}));
        let b = service(json!({"name": "B", "duration_min": 30,
            "skills": [{"skill_id": id(1), "level_min": 5}],
            "equipment": [{"equipment_id": id(9), "units": 2}, {"equipment_id": id(8)}],
            "crew": {"size": 1, "roles": [{"name": "lead", "skills": [{"skill_id": id(2), "level_min": 4}]}]}}));
        let needs = combined(&[a, b]).needs;
        assert_eq!(needs.crew.len(), 2);
        let levels = |role: &RoleNeed| role.skills.iter().map(|s| s.level_min).collect::<Vec<_>>();
        assert_eq!((needs.crew[0].role.as_str(), levels(&needs.crew[0])), ("lead", vec![4, 5]));
        assert_eq!((needs.crew[1].role.as_str(), levels(&needs.crew[1])), ("", vec![5]));
        let units: Vec<u32> = needs.equipment.iter().map(|need| need.units).collect();
        assert_eq!(units, [2, 1]);
    }

    #[test]
    fn the_stricter_rule_holds_and_the_first_service_sets_the_grid() {
        let a = service(json!({"name": "A", "duration_min": 30, "public": true, "slots":
            {"step_min": 20, "notice_min": 60, "arrival_window_min": 0, "visits_per_day": 3}}));
        let b = service(json!({"name": "B", "duration_min": 30, "slots":
            {"step_min": 45, "notice_min": 600, "arrival_window_min": 120,
             "horizon": {"days": 10, "count": "business"}}}));
        let work = combined(&[a, b]);
        assert_eq!((work.step_min, work.notice_min, work.arrival_window_min), (20, 600, 120));
        let kinds: Vec<_> = work.horizons.iter().map(|h| (h.days, h.count)).collect();
        assert_eq!(kinds, [(60, HorizonCount::Calendar), (10, HorizonCount::Business)]);
        assert!(!work.public && work.active);
        assert_eq!(work.limits.len(), 1);
        assert_eq!(work.needs.travel, TravelMode::Road);
    }

    #[test]
    fn a_location_must_offer_every_service() {
        let id = |n: u128| Uuid::from_u128(n);
        let a = service(json!({"name": "A", "duration_min": 30, "location_ids": [id(1), id(2)]}));
        let b = service(json!({"name": "B", "duration_min": 30, "location_ids": [id(2), id(3)]}));
        let c = service(json!({"name": "C", "duration_min": 30}));
        let work = combined(&[a, b, c]);
        assert_eq!(work.location_ids, Some(BTreeSet::from([LocationId(id(2))])));
    }
}
