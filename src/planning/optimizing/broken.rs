//! Broken hard rules of a plan in words for people.

use std::fmt::Display;

use roundsman_solver::check::plans::{Limit, PlanFault};
use roundsman_solver::units::{Moment, ShiftIdx, TechnicianIdx, VisitIdx};

use crate::planning::catalogue::Catalogue;
use crate::planning::optimizing::drafting::Problem;
use crate::planning::plan::Plan;
use crate::planning::positions::{position, replaced};
use crate::planning::sentences::{date, words};
use crate::planning::times::minutes_up;
use crate::text::Locale;

/// What sentences need to name things.
pub(super) struct Whole<'a> {
    pub(super) problem: &'a Problem,
    pub(super) plan: &'a Plan,
    pub(super) catalogue: &'a Catalogue,
    /// The language of whoever reads them.
    pub(super) locale: Locale,
}

/// A fault with names and times of day in place of the solver's numbers.
///
/// Faults that only a plan of a search could have, none that people make, stay in English.
///
/// * `visit`: a visit in words, by its position.
pub(super) fn sentence(
    fault: &PlanFault,
    whole: &Whole<'_>,
    visit: impl Fn(usize) -> Option<String>,
) -> String {
    let of = |at: VisitIdx| visit(at.at()).unwrap_or_else(|| whole.text("a_visit", &[]));
    of_route(fault, whole)
        .or_else(|| of_visit(fault, whole, of))
        .unwrap_or_else(|| plain(fault, whole, &visit))
}

/// A fault of somebody's day.
fn of_route(fault: &PlanFault, whole: &Whole<'_>) -> Option<String> {
    let clock = |at: &Moment| whole.plan.clock(*at);
    let shift = |at: &ShiftIdx| whole.shift(at.at()).unwrap_or_default();
    let say = |key: &str, values: &[(&str, &dyn Display)]| whole.text(key, values);
    Some(match fault {
        PlanFault::NoRoad { shift: of, stop } => {
            say("broken.no_road", &[("shift", &shift(of)), ("stop", stop)])
        }
        PlanFault::DepartsEarly { shift: of, departure, earliest } => say(
            "broken.departs_early",
            &[("shift", &shift(of)), ("time", &clock(departure)), ("earliest", &clock(earliest))],
        ),
        PlanFault::StartsTooSoon { shift: of, stop, start, earliest } => say(
            "broken.starts_too_soon",
            &[
                ("shift", &shift(of)),
                ("stop", stop),
                ("time", &clock(start)),
                ("earliest", &clock(earliest)),
            ],
        ),
        PlanFault::ReturnsLate { shift: of, arrival, latest } => say(
            "broken.returns_late",
            &[("shift", &shift(of)), ("time", &clock(arrival)), ("latest", &clock(latest))],
        ),
        PlanFault::BreakMisplaced { shift: of, index, start } => say(
            "broken.break_misplaced",
            &[("shift", &shift(of)), ("number", index), ("time", &clock(start))],
        ),
        PlanFault::BreakMissing { shift: of, index } => {
            say("broken.break_missing", &[("shift", &shift(of)), ("number", index)])
        }
        PlanFault::Overlap { shift: of, departure, until } => say(
            "broken.overlap",
            &[("shift", &shift(of)), ("time", &clock(departure)), ("until", &clock(until))],
        ),
        PlanFault::OverLimit { limit, shift: of, allowed, used } => {
            let (name, unit) = told(*limit);
            let name = say(&format!("limit.{name}"), &[]);
            let amount = |amount: i64| match unit {
                Unit::Minutes => say("minutes", &[("count", &minutes_up(amount))]),
                Unit::Kilometres => say("kilometres", &[("count", &(amount / 1000))]),
                Unit::Count => amount.to_string(),
            };
            let (used, allowed) = (amount(*used), amount(*allowed));
            let values: [(&str, &dyn Display); 4] =
                [("limit", &name), ("shift", &shift(of)), ("used", &used), ("allowed", &allowed)];
            say("broken.over_limit", &values)
        }
        PlanFault::PoolExceeded { pool, at, used, units } => {
            let kind = whole.pool(pool.at())?;
            let values: [(&str, &dyn Display); 4] =
                [("kind", &kind), ("time", &clock(at)), ("used", used), ("units", units)];
            say("broken.pool", &values)
        }
        _ => return None,
    })
}

/// What a limit counts.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Count,
    Minutes,
    Kilometres,
}

/// The word of a limit in the catalogue of texts, and what it counts.
fn told(limit: Limit) -> (&'static str, Unit) {
    match limit {
        Limit::VisitsPerShift => ("visits_per_shift", Unit::Count),
        Limit::DrivePerShift => ("drive_per_shift", Unit::Minutes),
        Limit::MetresPerShift => ("metres_per_shift", Unit::Kilometres),
        Limit::PaidPerShift => ("paid_per_shift", Unit::Minutes),
        Limit::DepotStops => ("depot_stops", Unit::Count),
        Limit::Stretch => ("stretch", Unit::Minutes),
        Limit::VisitsPerDay => ("visits_per_day", Unit::Count),
        Limit::VisitsPerWeek => ("visits_per_week", Unit::Count),
        Limit::OnsitePerDay => ("minutes_per_day", Unit::Minutes),
        Limit::OnsitePerWeek => ("minutes_per_week", Unit::Minutes),
        Limit::DrivePerLeg => ("drive_per_leg", Unit::Minutes),
        Limit::DrivePerDay => ("drive_per_day", Unit::Minutes),
    }
}

/// A fault of one visit.
fn of_visit(
    fault: &PlanFault,
    whole: &Whole<'_>,
    of: impl Fn(VisitIdx) -> String,
) -> Option<String> {
    let clock = |at: &Moment| whole.plan.clock(*at);
    let who = |at: &TechnicianIdx| whole.technician(at.at()).unwrap_or_default();
    let say = |key: &str, values: &[(&str, &dyn Display)]| whole.text(key, values);
    Some(match fault {
        PlanFault::RoleMissing { visit, role } => {
            say("broken.role_missing", &[("visit", &of(*visit)), ("role", role)])
        }
        PlanFault::Wish { visit, technician } => {
            say("broken.wish", &[("visit", &of(*visit)), ("who", &who(technician))])
        }
        PlanFault::Skill { visit, role, skill, level_min, .. } => say(
            "broken.skill",
            &[
                ("visit", &of(*visit)),
                ("role", role),
                ("skill", &whole.skill(skill.at())?),
                ("level", level_min),
            ],
        ),
        PlanFault::Equipment { visit, equipment, .. } => say(
            "broken.equipment",
            &[("visit", &of(*visit)), ("kind", &whole.equipment(equipment.at())?)],
        ),
        PlanFault::OutsideZones { visit, technician } => {
            say("broken.outside_zones", &[("visit", &of(*visit)), ("who", &who(technician))])
        }
        PlanFault::SamePerson { visit, technician } => {
            say("broken.same_person", &[("visit", &of(*visit)), ("who", &who(technician))])
        }
        PlanFault::NotTogether { visit, role, start, expected } => say(
            "broken.not_together",
            &[
                ("visit", &of(*visit)),
                ("role", role),
                ("time", &clock(start)),
                ("expected", &clock(expected)),
            ],
        ),
        PlanFault::OutsideWindows { visit, start, short_by } => say(
            "broken.outside_windows",
            &[("visit", &of(*visit)), ("time", &clock(start)), ("short", &minutes_up(short_by.0))],
        ),
        PlanFault::BrokenPromise { visit, start, earliest, latest } => say(
            "broken.promise",
            &[
                ("visit", &of(*visit)),
                ("time", &clock(start)),
                ("earliest", &clock(earliest)),
                ("latest", &clock(latest)),
            ],
        ),
        PlanFault::BeforeFrom { visit, start, earliest } => say(
            "broken.before_from",
            &[("visit", &of(*visit)), ("time", &clock(start)), ("earliest", &clock(earliest))],
        ),
        _ => return None,
    })
}

/// The solver's own words with names in place of its numbers.
fn plain(fault: &PlanFault, whole: &Whole<'_>, visit: impl Fn(usize) -> Option<String>) -> String {
    let mut text = fault.to_string();
    text = replaced(&text, "visit VisitIdx(", |at| visit(position(at)));
    text = replaced(&text, "VisitIdx(", |at| visit(position(at)));
    text = replaced(&text, "ShiftIdx(", |at| whole.shift(position(at)));
    text = replaced(&text, "technician TechnicianIdx(", |at| whole.technician(position(at)));
    text = replaced(&text, "TechnicianIdx(", |at| whole.technician(position(at)));
    text = replaced(&text, "PoolIdx(", |at| whole.pool(position(at)));
    text = replaced(&text, "SkillIdx(", |at| whole.skill(position(at)));
    text = replaced(&text, "EquipmentIdx(", |at| whole.equipment(position(at)));
    text = replaced(&text, "Moment(", |at| Some(whole.plan.clock(Moment(at))));
    replaced(&text, "Seconds(", |length| Some(format!("{} min", minutes_up(length))))
}

impl Whole<'_> {
    fn text(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        words(self.locale, key, values)
    }

    fn technician(&self, at: usize) -> Option<String> {
        let id = self.plan.roster.technicians.get(at)?;
        Some(self.catalogue.technicians.get(id)?.name.clone())
    }

    /// Whose shift on which date: `of Ada on 2027-03-01`.
    fn shift(&self, at: usize) -> Option<String> {
        let shift = self.problem.shifts.get(at)?;
        let who = &self.catalogue.technicians.get(&shift.technician_id)?.name;
        let on = date(self.locale, self.plan.routes.get(shift.route)?.date);
        Some(self.text("shift_of", &[("who", who), ("date", &on)]))
    }

    fn pool(&self, at: usize) -> Option<String> {
        let (id, _) = self.plan.roster.pools.get(at)?;
        Some(self.catalogue.equipment.get(id)?.name.clone())
    }

    fn skill(&self, at: usize) -> Option<String> {
        let id = self.plan.roster.skills.get(at)?;
        Some(self.catalogue.skills.get(id)?.name.clone())
    }

    fn equipment(&self, at: usize) -> Option<String> {
        let id = self.plan.roster.equipment.get(at)?;
        Some(self.catalogue.equipment.get(id)?.name.clone())
    }
}
