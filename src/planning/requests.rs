//! A wish for a visit becomes requests of the solver: one for each way to have its equipment.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use roundsman_solver::problem::{
    Bounds, Day, Grid, Limits, PoolNeed, Request, Role, SkillNeed, TravelRows, Weights, Wishes,
};
use roundsman_solver::units::{EquipmentIdx, PlaceIdx, Seconds, Span, TechnicianIdx};

use crate::domain::id::{EquipmentId, ServiceId, TechnicianId, ZoneId};
use crate::domain::visits::RoleNeed;
use crate::planning::combine::{ServiceLimit, Work};
use crate::planning::roster::Roster;
use crate::planning::times::{minutes, moment, moment_after};

/// Where starts lie.
#[derive(Debug, Clone, PartialEq)]
pub enum Starts {
    /// Exactly these, ascending.
    Listed(Vec<DateTime<Utc>>),
    /// From the beginning of each free span on; offsets of local time from UTC in seconds, from
    /// each instant on.
    FreeSpans {
        /// Minutes between two starts.
        step_min: u32,
        /// Offsets, ascending.
        offsets: Vec<(DateTime<Utc>, i64)>,
    },
}

/// A half-open span between two instants.
pub type Between = (DateTime<Utc>, DateTime<Utc>);

/// When the visit may start; every bound is about the promised start.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// The span asked for.
    pub range: Between,
    /// Which starts may be offered.
    pub starts: Starts,
    /// Earliest start that keeps the notice.
    pub notice: Option<DateTime<Utc>>,
    /// First instant beyond the horizon.
    pub horizon_end: Option<DateTime<Utc>>,
    /// Nothing may start before this.
    pub freeze: DateTime<Utc>,
    /// Ordered, disjoint spans without offers.
    pub blackouts: Vec<Between>,
    /// Ordered, disjoint spans a start must lie in; none means anywhere.
    pub only_within: Vec<Between>,
}

/// Who may come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Only these; none means every technician of the location.
    pub only: Option<BTreeSet<TechnicianId>>,
    /// Each of these must come.
    pub required: Vec<TechnicianId>,
    /// None of these may.
    pub excluded: Vec<TechnicianId>,
}

/// A date of the range and what is already booked on it.
#[derive(Debug, Clone, PartialEq)]
pub struct DayUse {
    /// From midnight to midnight.
    pub span: Span,
    /// Visits of each service and their seconds of work.
    pub used: Vec<(ServiceId, u32, i64)>,
}

/// Everything a search needs besides the plan.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// What the visit takes.
    pub work: &'a Work,
    /// Who and what there is.
    pub roster: &'a Roster,
    /// When.
    pub when: &'a When,
    /// Who.
    pub who: &'a Who,
    /// Zones the place lies in.
    pub zones: &'a [ZoneId],
    /// The number of the visit's place, if it has one.
    pub place: Option<PlaceIdx>,
    /// Drives between every known place and the visit's; none if no travel takes any time.
    pub travel: Option<TravelRows>,
    /// Seconds that shared equipment is out before and after the visit, for kinds that travel.
    pub trips: (i64, i64),
    /// Kinds whose shared units are out while they travel.
    pub travelling: &'a BTreeSet<EquipmentId>,
    /// The dates of the range.
    pub days: &'a [DayUse],
}

/// One way to have the equipment of a visit.
#[derive(Debug, Clone)]
pub struct Variant {
    /// What the solver is asked.
    pub request: Request,
    /// Shared units it takes: kind and units.
    pub pooled: Vec<(EquipmentId, u32)>,
}

/// Most kinds of equipment that are looked at both as carried and as shared.
const DOUBLE_KINDS_MAX: usize = 3;

/// The requests of a visit: one for each way to have its equipment.
///
/// A kind that technicians carry is tried in their vans first, one unit for each member of the
/// crew, the rest from the pool; then, if the pool may do, from the pool alone.
pub fn variants(ask: &Ask<'_>) -> Vec<Variant> {
    let mut ways: Vec<Vec<Way>> = vec![Vec::new()];
    let mut doubled = 0;
    for need in &ask.work.needs.equipment {
        let options = ways_of(ask, need.equipment_id, need.units);
        let both = options.len() > 1 && doubled < DOUBLE_KINDS_MAX;
        doubled += usize::from(both);
        let options = if both { &options[..] } else { &options[options.len() - 1..] };
        ways = ways
            .iter()
            .flat_map(|way| options.iter().map(|one| [way.as_slice(), &[*one]].concat()))
            .collect();
    }
    ways.iter().map(|way| variant(ask, way)).collect()
}

/// The same at one start only, wherever the grid lies.
pub fn only_at(variants: &[Variant], start: DateTime<Utc>) -> Vec<Variant> {
    on(variants, &Grid::Listed(vec![moment(start)]))
}

/// The same at any second.
pub fn at_any_second(variants: &[Variant]) -> Vec<Variant> {
    let (step, align) = (Seconds(1), Seconds(1));
    on(variants, &Grid::Anchored { step, align, offsets: Vec::new() })
}

fn on(variants: &[Variant], grid: &Grid) -> Vec<Variant> {
    let mut same = variants.to_vec();
    for variant in &mut same {
        variant.request.grid.clone_from(grid);
    }
    same
}

/// The same with a minute to decide in: a start at this second is past before anybody has taken it.
pub fn in_a_minute(variants: &[Variant]) -> Vec<Variant> {
    let mut same = variants.to_vec();
    for freeze in same.iter_mut().filter_map(|variant| variant.request.bounds.freeze.as_mut()) {
        *freeze = *freeze + minutes(1);
    }
    same
}

/// How one kind of equipment is had.
#[derive(Debug, Clone, Copy)]
struct Way {
    kind: EquipmentId,
    carried: u32,
    pooled: u32,
}

fn ways_of(ask: &Ask<'_>, kind: EquipmentId, units: u32) -> Vec<Way> {
    let crew = u32::try_from(ask.work.needs.crew.len()).unwrap_or(u32::MAX);
    let pool = ask.roster.pool(kind).is_some();
    let number = ask.roster.equipment(kind);
    let is_carried = number.is_some_and(|number| {
        ask.roster.rows.iter().any(|technician| technician.carried.contains(&number))
    });
    let in_vans = Way { kind, carried: units.min(crew), pooled: units.saturating_sub(crew) };
    let shared = Way { kind, carried: 0, pooled: units };
    match (is_carried, pool) {
        (true, true) => vec![in_vans, shared],
        (false, true) => vec![shared],
        (_, false) => vec![in_vans],
    }
}

fn variant(ask: &Ask<'_>, ways: &[Way]) -> Variant {
    let needs = &ask.work.needs;
    let mut roles: Vec<Role> = needs.crew.iter().map(|role| solver_role(ask, role)).collect();
    let mut pools = Vec::new();
    let mut pooled = Vec::new();
    for way in ways {
        // A kind nobody can have makes the request impossible, and the reason says so.
        let number = ask.roster.equipment(way.kind).unwrap_or(EquipmentIdx(u32::MAX));
        for role in roles.iter_mut().take(way.carried as usize) {
            role.carried.push(number);
        }
        if way.pooled == 0 {
            continue;
        }
        match ask.roster.pool(way.kind) {
            Some(pool) => {
                let trips = if ask.travelling.contains(&way.kind) { ask.trips } else { (0, 0) };
                let (lead, trail) = (Seconds(trips.0), Seconds(trips.1));
                pools.push(PoolNeed { pool, units: way.pooled, lead, trail });
                pooled.push((way.kind, way.pooled));
            }
            None => roles.iter_mut().for_each(|role| role.carried.push(EquipmentIdx(u32::MAX))),
        }
    }
    Variant { request: request(ask, roles, pools), pooled }
}

fn request(ask: &Ask<'_>, roles: Vec<Role>, pools: Vec<PoolNeed>) -> Request {
    let needs = &ask.work.needs;
    let (before, after) = needs.travel.buffers_min();
    let (limits, days) = limited_days(ask);
    Request {
        place: ask.place,
        travel: ask.travel.clone(),
        duration: Seconds(needs.on_site_s()),
        pad_before: minutes(before),
        pad_after: minutes(after),
        roles,
        grid: grid(&ask.when.starts),
        window: minutes(ask.work.arrival_window_min),
        bounds: bounds(ask.when),
        zones: Some(ask.zones.iter().filter_map(|zone| ask.roster.zone(*zone)).collect()),
        wishes: wishes(ask),
        pools,
        limits,
        days,
        weights: Weights::travel(),
    }
}

fn solver_role(ask: &Ask<'_>, role: &RoleNeed) -> Role {
    let skills = role.skills.iter().filter_map(|need| {
        let skill = ask.roster.skill(need.skill_id)?;
        Some(SkillNeed { skill, level_min: need.level_min })
    });
    Role { skills: skills.collect(), carried: Vec::new() }
}

fn grid(starts: &Starts) -> Grid {
    match starts {
        Starts::Listed(starts) => Grid::Listed(starts.iter().map(|at| moment(*at)).collect()),
        Starts::FreeSpans { step_min, offsets } => {
            let offsets = offsets.iter().map(|(at, offset)| (moment(*at), Seconds(*offset)));
            Grid::anchored(minutes(*step_min), offsets.collect())
        }
    }
}

fn bounds(when: &When) -> Bounds {
    let spans = |spans: &[Between]| -> Vec<Span> {
        spans.iter().map(|(from, until)| Span::new(moment(*from), moment(*until))).collect()
    };
    Bounds {
        range: Span::new(moment(when.range.0), moment(when.range.1)),
        notice: when.notice.map(moment_after),
        horizon: when.horizon_end.map(|end| moment(end) - Seconds(1)),
        freeze: Some(moment_after(when.freeze)),
        blackouts: spans(&when.blackouts),
        only_within: spans(&when.only_within),
    }
}

fn wishes(ask: &Ask<'_>) -> Wishes {
    let numbers = |ids: &mut dyn Iterator<Item = &TechnicianId>| -> Vec<TechnicianIdx> {
        ids.filter_map(|id| ask.roster.technician(*id)).collect()
    };
    Wishes {
        only: ask.who.only.as_ref().map(|only| numbers(&mut only.iter())),
        required: numbers(&mut ask.who.required.iter()),
        excluded: numbers(&mut ask.who.excluded.iter()),
        preferred: Vec::new(),
    }
}

/// The solver knows one limit of number and one of seconds; each day is told the use that leaves
/// as much room as the tightest service has.
fn limited_days(ask: &Ask<'_>) -> (Limits, Vec<Day>) {
    let limits = &ask.work.limits;
    let on_site = ask.work.needs.on_site_s();
    let count = limits.iter().filter_map(|limit| limit.visits_per_day).min();
    let seconds = |limit: &ServiceLimit| {
        // The solver adds the whole stay; a service's limit is about its own work.
        limit.minutes_per_day.map(|max| i64::from(max) * 60 - limit.work_s + on_site)
    };
    let seconds_min = limits.iter().filter_map(seconds).min();
    let days = ask.days.iter().map(|day| {
        let used = |limit: &ServiceLimit| {
            let used = day.used.iter().find(|(service, ..)| *service == limit.service_id);
            used.map_or((0, 0), |(_, count, seconds)| (*count, *seconds))
        };
        let count_left = limits
            .iter()
            .filter_map(|limit| Some(limit.visits_per_day?.saturating_sub(used(limit).0)))
            .min();
        let seconds_left = limits.iter().filter_map(|l| Some(seconds(l)? - used(l).1)).min();
        Day {
            span: day.span,
            count_used: count.zip(count_left).map_or(0, |(max, left)| max.saturating_sub(left)),
            seconds_used: Seconds(
                seconds_min.zip(seconds_left).map_or(0, |(max, left)| (max - left).max(0)),
            ),
        }
    });
    let limits = Limits { count_per_day: count, seconds_per_day: seconds_min.map(Seconds) };
    (limits, days.collect())
}
