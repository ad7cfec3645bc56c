//! Visits and pools.

use super::super::visits::{NeededSkill, Visit as Given};
use super::{Build, Of};
use crate::optimize::model::{CrewRole, Due, OwnTimes, Pool, PoolNeed, Promise, Visit, Window};
use crate::problem::{PoolUse, Role, SkillNeed, Wishes};
use crate::units::{EquipmentIdx, PoolIdx, Seconds, SkillIdx, Span, TechnicianIdx, ZoneIdx};

pub(super) fn build(build: &mut Build<'_>) {
    for given in &build.problem.pools {
        let taken = given.taken.iter().map(|taken| PoolUse {
            span: Span::new(taken.from.moment(), taken.until.moment()),
            units: taken.units,
        });
        build.model.pools.push(Pool { units: given.units, taken: taken.collect() });
    }
    for (number, given) in build.problem.visits.iter().enumerate() {
        let at = format!("visits[{number}]");
        if !given.skills.is_empty() && !given.crew.is_empty() {
            let message = "names skills and a crew; give the skills to the crew's roles";
            build.faults.add(&at, message);
        }
        let visit = visit(build, &at, given);
        build.model.visits.push(visit);
    }
    build.names.skills.clone_from(&build.skills.names);
    build.names.zones.clone_from(&build.zones.names);
    build.names.tools.clone_from(&build.tools.names);
}

fn visit(build: &mut Build<'_>, at: &str, given: &Given) -> Visit {
    let seconds = |value: u32| Seconds(value.into());
    let place = build.place(&format!("{at}.place"), given.place.as_ref());
    let mut visit = Visit::new(place, seconds(given.service_s));
    visit.setup = seconds(given.setup_s);
    visit.exit = seconds(given.exit_s);
    visit.own_times = own_times(build, at, given);
    visit.pad_before = seconds(given.pad_before_s);
    visit.pad_after = seconds(given.pad_after_s);
    visit.windows = windows(build, at, given);
    let promise = given.promise;
    visit.promise = promise
        .map(|span| Promise { earliest: span.earliest.moment(), latest: span.latest.moment() });
    visit.due = given.due.map(|due| Due {
        by: due.by.moment(),
        late_second: build.money().per_hour(&format!("{at}.due"), due.late_per_hour),
    });
    visit.crew = crew(build, given);
    let zones = given.zones.as_ref();
    visit.zones =
        zones.map(|zones| zones.iter().map(|zone| ZoneIdx(build.zones.any(zone))).collect());
    visit.wishes = wishes(build, at, given);
    visit.usual = people(build, &format!("{at}.usual"), &given.usual);
    for (number, need) in given.pools.iter().enumerate() {
        let pool = build.find(Of::Pool, &format!("{at}.pools[{number}]"), &need.pool);
        let (lead, trail) = (seconds(need.lead_s), seconds(need.trail_s));
        visit.pools.push(PoolNeed { pool: PoolIdx(pool), units: need.units, lead, trail });
    }
    visit.tools = given.tools.iter().map(|tool| EquipmentIdx(build.tools.any(tool))).collect();
    visit.delivery = build.amounts(&format!("{at}.delivery"), &given.delivery);
    visit.pickup = build.amounts(&format!("{at}.pickup"), &given.pickup);
    visit.transfer = build.amounts(&format!("{at}.transfer"), &given.transfer);
    visit.parts = build.amounts(&format!("{at}.parts"), &given.parts);
    visit.mandatory = given.mandatory;
    visit.prize = build.money().units(&format!("{at}.prize"), given.prize);
    visit.priority = given.priority;
    visit
}

fn own_times(build: &mut Build<'_>, at: &str, given: &Given) -> Vec<OwnTimes> {
    let mut found = Vec::new();
    for (number, own) in given.own_times.iter().enumerate() {
        let at = format!("{at}.own_times[{number}]");
        let technician = TechnicianIdx(build.find(Of::Technician, &at, &own.technician));
        let (setup, duration) = (Seconds(own.setup_s.into()), Seconds(own.service_s.into()));
        found.push(OwnTimes { technician, setup, duration });
    }
    found
}

fn windows(build: &mut Build<'_>, at: &str, given: &Given) -> Vec<Window> {
    let mut windows = Vec::new();
    for (number, window) in given.windows.iter().enumerate() {
        let at = format!("{at}.windows[{number}]");
        let mut money = build.money();
        let mut rate = |rate: Option<f64>| rate.map(|rate| money.per_hour(&at, rate));
        let (early, late) = (rate(window.early_per_hour), rate(window.late_per_hour));
        windows.push(Window {
            earliest: window.earliest.moment(),
            latest: window.latest.moment(),
            early_second: early,
            late_second: late,
        });
    }
    windows
}

fn crew(build: &mut Build<'_>, given: &Given) -> Vec<CrewRole> {
    let mut needs = |skills: &[NeededSkill], carried: &[String]| Role {
        skills: skills
            .iter()
            .map(|need| SkillNeed {
                skill: SkillIdx(build.skills.any(&need.skill)),
                level_min: need.level_min,
            })
            .collect(),
        carried: carried.iter().map(|tool| EquipmentIdx(build.tools.any(tool))).collect(),
    };
    if given.crew.is_empty() {
        return vec![CrewRole { needs: needs(&given.skills, &[]), duration: None }];
    }
    let role = |role: &super::super::visits::CrewRole| CrewRole {
        needs: needs(&role.skills, &role.carried),
        duration: role.service_s.map(|service| Seconds(service.into())),
    };
    given.crew.iter().map(role).collect()
}

fn people(build: &mut Build<'_>, at: &str, ids: &[String]) -> Vec<TechnicianIdx> {
    let mut found = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        found.push(TechnicianIdx(build.find(Of::Technician, &format!("{at}[{number}]"), id)));
    }
    found
}

fn wishes(build: &mut Build<'_>, at: &str, given: &Given) -> Wishes {
    let only = given.only.as_ref().map(|ids| people(build, &format!("{at}.only"), ids));
    let required = people(build, &format!("{at}.required"), &given.required);
    let excluded = people(build, &format!("{at}.excluded"), &given.excluded);
    let mut preferred = Vec::new();
    for (number, wish) in given.preferred.iter().enumerate() {
        let at = format!("{at}.preferred[{number}]");
        let technician = TechnicianIdx(build.find(Of::Technician, &at, &wish.technician));
        preferred.push((technician, build.money().units(&at, wish.saved)));
    }
    Wishes { only, required, excluded, preferred }
}
