//! The live plan of some days: routes of technicians, ready to be searched.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use roundsman_solver::problem::{Pool, PoolUse, ProblemErrors, ShiftEntry, Snapshot, Usage};
use roundsman_solver::schedule::PreparedShift;
use roundsman_solver::units::{Moment, Seconds, ShiftIdx, TechnicianIdx};

use crate::domain::id::{EquipmentId, VisitId};
use crate::planning::days::{DayRoute, StopOf};
use crate::planning::roster::Roster;
use crate::planning::times::{instant, moment};

/// One shift of a technician on a date.
#[derive(Debug, Clone)]
pub struct Route {
    /// Whose.
    pub technician: TechnicianIdx,
    /// The date the shift belongs to.
    pub date: NaiveDate,
    /// The shift with its stops.
    pub day: DayRoute,
}

/// What a technician does on a date that is not searched itself, but counts for the week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayTotal {
    /// Visits.
    pub visits: u32,
    /// Seconds on site.
    pub onsite_s: i64,
}

/// Shared units of a kind taken for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitsTaken {
    /// Which kind.
    pub kind: EquipmentId,
    /// How many.
    pub units: u32,
    /// From when, trips included.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// The visit that takes them; none for maintenance.
    pub visit_id: Option<VisitId>,
}

/// Routes of some technicians on some days, with everything the solver wants.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who and what there is.
    pub roster: Arc<Roster>,
    /// The routes; their positions are the solver's shift numbers.
    pub routes: Vec<Route>,
    /// The same for the solver.
    pub snapshot: Snapshot,
}

impl Plan {
    /// Gathers routes into a plan.
    ///
    /// * `totals`: by technician and date, for dates of the same weeks without a route.
    /// * `taken`: shared equipment in use.
    ///
    /// # Errors
    /// What the solver refuses, which means that stored values make no sense.
    pub fn new(
        roster: Arc<Roster>,
        routes: Vec<Route>,
        totals: &HashMap<(TechnicianIdx, NaiveDate), DayTotal>,
        taken: &[UnitsTaken],
    ) -> Result<Self, ProblemErrors> {
        let usage = usages(&roster, &routes, totals);
        let entries = routes.iter().zip(usage).map(|(route, elsewhere)| ShiftEntry {
            technician: route.technician,
            shift: Arc::clone(&route.day.shift),
            elsewhere,
        });
        let pools = pools(&roster, taken);
        let snapshot = Snapshot::new(roster.rows.clone(), entries.collect(), pools)?;
        Ok(Self { roster, routes, snapshot })
    }

    /// The prepared shift behind a shift number.
    pub fn shift(&self, shift: ShiftIdx) -> &PreparedShift {
        &self.routes[shift.at()].day.shift
    }

    /// What the stops of a shift stand for.
    pub fn stops(&self, shift: ShiftIdx) -> &[StopOf] {
        &self.routes[shift.at()].day.stops
    }

    /// Where a visit stands: every shift that has it, with its position.
    pub fn find(&self, visit_id: VisitId) -> Vec<(ShiftIdx, usize)> {
        let at = |route: &Route| {
            route.day.stops.iter().position(|stop| *stop == StopOf::Visit(visit_id))
        };
        (0..)
            .zip(&self.routes)
            .filter_map(|(number, route)| Some((ShiftIdx(number), at(route)?)))
            .collect()
    }
}

/// The pools of the roster with what is taken from them.
pub fn pools(roster: &Roster, taken: &[UnitsTaken]) -> Vec<Pool> {
    let of_kind = |kind: EquipmentId| {
        let uses = taken.iter().filter(move |taken| taken.kind == kind);
        let uses = uses.map(|taken| PoolUse {
            span: roundsman_solver::units::Span::new(moment(taken.from), moment(taken.until)),
            units: taken.units,
        });
        uses.collect::<Vec<PoolUse>>()
    };
    roster.pools.iter().map(|(kind, units)| Pool::new(*units, &of_kind(*kind))).collect()
}

/// What each technician does outside each route on the same day and in the same week.
fn usages(
    roster: &Roster,
    routes: &[Route],
    totals: &HashMap<(TechnicianIdx, NaiveDate), DayTotal>,
) -> Vec<Usage> {
    let limited = |technician: TechnicianIdx| {
        let caps = &roster.rows[technician.at()].caps;
        caps.visits_per_day.is_some()
            || caps.visits_per_week.is_some()
            || caps.onsite_per_day.is_some()
            || caps.onsite_per_week.is_some()
            || caps.drive_per_day.is_some()
    };
    let mut by_day: BTreeMap<(TechnicianIdx, NaiveDate), Usage> = BTreeMap::new();
    let mut by_week: HashMap<(TechnicianIdx, (i32, u32)), (u32, i64)> = HashMap::new();
    for route in routes.iter().filter(|route| limited(route.technician)) {
        let shift = &route.day.shift;
        let day = by_day.entry((route.technician, route.date)).or_default();
        day.day_visits += shift.visit_count();
        day.day_onsite += shift.onsite();
        day.day_drive += shift.drive();
        let week = by_week.entry((route.technician, week(route.date))).or_default();
        week.0 += shift.visit_count();
        week.1 += shift.onsite().0;
    }
    for ((technician, date), total) in totals {
        if limited(*technician) && !by_day.contains_key(&(*technician, *date)) {
            let week = by_week.entry((*technician, week(*date))).or_default();
            week.0 += total.visits;
            week.1 += total.onsite_s;
        }
    }
    let elsewhere = |route: &Route| {
        let Some(day) = by_day.get(&(route.technician, route.date)) else {
            return Usage::default();
        };
        let week = by_week.get(&(route.technician, week(route.date))).copied().unwrap_or_default();
        let shift = &route.day.shift;
        Usage {
            day_visits: day.day_visits - shift.visit_count(),
            week_visits: week.0 - shift.visit_count(),
            day_onsite: day.day_onsite - shift.onsite(),
            week_onsite: Seconds(week.1) - shift.onsite(),
            day_drive: day.day_drive - shift.drive(),
        }
    };
    routes.iter().map(elsewhere).collect()
}

fn week(date: NaiveDate) -> (i32, u32) {
    let week = date.iso_week();
    (week.year(), week.week())
}

impl Plan {
    /// A moment as the clock of the location shows it.
    pub fn clock(&self, at: Moment) -> String {
        instant(at).with_timezone(&self.roster.zone).format("%H:%M").to_string()
    }
}
