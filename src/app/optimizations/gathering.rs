//! Everything a run needs to know of one location's plan: routes, visits, drives between all places.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::app::live::{self, Planned, View};
use crate::app::slots::asked::Asked;
use crate::app::slots::found::trips;
use crate::calendar::dates::{date_of, each, month_dates, shifted};
use crate::calendar::zones::days;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{EquipmentId, LocationId, OrganizationId, TechnicianId, VisitId};
use crate::domain::optimizations::{Disruption, OptimizationRequest};
use crate::domain::places::Place;
use crate::domain::plans::PlanVersion;
use crate::domain::proposals::Stand;
use crate::domain::visits::Visit;
use crate::planning::legs::solver_leg;
use crate::planning::optimizing::{Absent, Draft, Problem, Question, Subject, Take};
use crate::planning::plan::Plan;
use crate::store::{Tx, technicians, visits};

/// What leaving a visit out weighs, against other visits: one that is promised, one that is
/// planned, one that waits; times one more than its priority.
const WEIGHTS: (u32, u32, u32) = (1000, 100, 10);

/// A problem with the plan it was made of.
#[derive(Debug, Clone)]
pub(crate) struct Gathered {
    pub(crate) problem: Arc<Problem>,
    pub(crate) scope: Scope,
    pub(crate) view: View,
    /// The routes that the problem was made of.
    pub(crate) plan: Arc<Plan>,
    /// The versions of the days that may change.
    pub(crate) versions: Vec<PlanVersion>,
    /// Driving on these days as planned: seconds and metres.
    pub(crate) drive: (i64, i64),
    /// How many visits may move or be placed.
    pub(crate) movable: usize,
}

/// What of a location's plan is asked about.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) location_id: LocationId,
    pub(crate) request: OptimizationRequest,
    pub(crate) disruption: Option<Disruption>,
}

impl Scope {
    pub(crate) fn dates(&self) -> DateSpan {
        DateSpan { from: self.request.from, until: self.request.until }
    }

    /// Whose days matter; none means everybody's.
    pub(crate) fn technicians(&self) -> Option<BTreeSet<TechnicianId>> {
        let only = &self.request.technician_ids;
        (!only.is_empty()).then(|| only.iter().copied().collect())
    }

    fn absent(&self) -> Option<Absent> {
        match self.disruption {
            Some(Disruption::TechnicianAbsent { technician_id, absent_from, absent_until }) => {
                Some(Absent { technician_id, from: absent_from, until: absent_until })
            }
            _ => None,
        }
    }

    /// The visit that comes before others, and its priority.
    fn urgent(&self) -> Option<(VisitId, u32)> {
        match self.disruption {
            Some(Disruption::Emergency { visit_id, priority }) => Some((visit_id, priority)),
            _ => None,
        }
    }
}

/// What is read besides the live plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    waiting: Vec<Visit>,
    usual: HashMap<VisitId, Vec<TechnicianId>>,
    shares: Vec<(u32, i64)>,
}

impl Inputs {
    /// Reads what the weights of the scope make necessary.
    pub(crate) async fn read(
        tx: &mut Tx,
        view: &View,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<Self, AppError> {
        let organization_id = view.organization_id;
        let mut usual = HashMap::new();
        if scope.request.weights.unusual_technician > 0 {
            let planned = each(scope.dates()).flat_map(|date| view.rows.on(date));
            let ids: Vec<VisitId> = planned.map(|one| one.visit.id).collect();
            usual = technicians::usual(tx, organization_id, &ids, now).await?;
        }
        let waiting = waiting(tx, organization_id, scope).await?;
        Ok(Self { waiting, usual, shares: shares(tx, view, scope).await? })
    }
}

/// Reads the plan and asks for all drives; none inside a transaction.
pub(crate) async fn gather(app: &App, actor: &Actor, scope: &Scope) -> Result<Gathered, AppError> {
    let (dates, key) = (scope.dates(), (actor.organization_id, scope.location_id));
    let mut tx = app.db.read().await?;
    let view = live::view(app, &mut tx, key, dates).await?;
    let view = View::clone(&view);
    let inputs = Inputs::read(&mut tx, &view, scope, app.now()).await?;
    drop(tx);
    let (draft, plan) = drafted(app, &view, scope, inputs).await?;
    let movable = draft.movable_count();
    let only: BTreeSet<TechnicianId> = scope.request.technician_ids.iter().copied().collect();
    let drive = driven(&plan, dates, (!only.is_empty()).then_some(&only));
    let problem = Arc::new(finished(&view, draft).await?);
    let location_id = scope.location_id;
    let versions = each(dates)
        .map(|date| PlanVersion { location_id, date, version: view.version(date) })
        .collect();
    let (scope, plan) = (scope.clone(), Arc::new(plan));
    Ok(Gathered { problem, scope, view, plan, versions, drive, movable })
}

/// The model of a view, without its drives, and the plan it was made of.
pub(crate) async fn drafted(
    app: &App,
    view: &View,
    scope: &Scope,
    inputs: Inputs,
) -> Result<(Draft, Plan), AppError> {
    let dates = scope.dates();
    let only: BTreeSet<TechnicianId> = scope.request.technician_ids.iter().copied().collect();
    let concerned =
        |one: &&Planned| only.is_empty() || one.technician_ids().iter().any(|id| only.contains(id));
    let wide = live::widened(&view.roster, dates);
    let planned = each(wide).flat_map(|date| view.rows.on(date)).filter(concerned);
    let planned = planned.filter(|one| one.counts(app.now())).cloned();
    let all = planned.map(|one| (Arc::clone(&one.visit), Some(one)));
    let waiting = inputs.waiting.into_iter().map(|visit| (Arc::new(visit), None));
    let mut subjects = Vec::new();
    for (visit, planned) in all.chain(waiting) {
        let usual = inputs.usual.get(&visit.id).cloned().unwrap_or_default();
        subjects.extend(subject(view, scope, (visit, planned, usual)).await?);
    }
    let plan = routes(view, scope)?;
    let points = view.grounds.points();
    let question = Question {
        plan: &plan,
        points: &points,
        subjects: &subjects,
        taken: &view.rows.taken,
        dates,
        technicians: (!only.is_empty()).then_some(&only),
        absent: scope.absent(),
        urgent: scope.urgent().map(|(id, _)| id),
        freeze: frozen_until(app.now(), scope.request.freeze_until),
        relaxations: &scope.request.relaxations,
        break_promises: scope.request.break_promises,
        weights: &scope.request.weights,
        shares: &inputs.shares,
    };
    let draft = Draft::new(&question);
    Ok((draft, plan))
}

/// The routes that a scope looks at: those of its people, on its dates and those around them.
pub(crate) fn routes(view: &View, scope: &Scope) -> Result<Plan, AppError> {
    let only = scope.technicians().map(|only| only.into_iter().collect::<Vec<_>>());
    view.plan(live::widened(&view.roster, scope.dates()), only.as_deref())
}

/// Visits that are in nobody's day and shall be looked at.
async fn waiting(
    tx: &mut Tx,
    organization_id: OrganizationId,
    scope: &Scope,
) -> Result<Vec<Visit>, AppError> {
    let urgent = scope.urgent().map(|(id, _)| id);
    if !scope.request.include_unassigned && urgent.is_none() {
        return Ok(Vec::new());
    }
    let all = visits::unassigned(tx, organization_id, scope.location_id).await?;
    let wanted = |visit: &Visit| scope.request.include_unassigned || urgent == Some(visit.id);
    Ok(all.into_iter().filter(wanted).collect())
}

/// By technician number: the share of the work due, and seconds worked this month before the dates
/// asked for; only where balance matters.
async fn shares(tx: &mut Tx, view: &View, scope: &Scope) -> Result<Vec<(u32, i64)>, AppError> {
    if scope.request.weights.balance_per_hour == 0 {
        return Ok(Vec::new());
    }
    let zone = view.roster.zone;
    let from = month_dates(scope.request.from).from;
    let span = days(zone, DateSpan { from, until: shifted(scope.request.from, -1).max(from) });
    let key = (view.organization_id, scope.location_id);
    let mut worked: BTreeMap<TechnicianId, i64> = BTreeMap::new();
    for day in technicians::worked_days(tx, key, span.start, span.end).await? {
        let before = date_of(day.at, zone) < scope.request.from;
        *worked.entry(day.technician_id).or_default() +=
            if before { day.on_site_s + day.travel_s } else { 0 };
    }
    let technicians = &view.setup.catalogue.technicians;
    let share = |id: &TechnicianId| {
        let weight = technicians.get(id).map_or(0, |technician| technician.round_robin_weight);
        (weight, worked.get(id).copied().unwrap_or(0))
    };
    Ok(view.roster.technicians.iter().map(share).collect())
}

/// A visit as it takes part; none if one of its services is gone, so that it stays as it is.
async fn subject(
    view: &View,
    scope: &Scope,
    (visit, planned, usual): (Arc<Visit>, Option<Planned>, Vec<TechnicianId>),
) -> Result<Option<Subject>, AppError> {
    let Ok(asked) = Asked::of_visit(&view.setup, &visit) else { return Ok(None) };
    let before = planned.as_ref().map(stand);
    let stranded = before.as_ref().is_some_and(|stand| is_stranded(view, stand));
    let taken: BTreeMap<EquipmentId, u32> = view
        .rows
        .taken
        .iter()
        .filter(|taken| taken.visit_id == Some(visit.id))
        .map(|taken| (taken.kind, taken.units))
        .collect();
    // Where no road leads there with equipment, it stays where it is.
    let Ok((lead_s, trail_s)) = trips(&view.grounds, &asked).await else { return Ok(None) };
    let (mut takes, mut carried) = (Vec::new(), Vec::new());
    for need in &visit.needs.equipment {
        let kind = need.equipment_id;
        let has_pool = view.roster.pool(kind).is_some();
        let units = match &before {
            Some(_) => taken.get(&kind).copied().unwrap_or(0),
            None => {
                if has_pool {
                    need.units
                } else {
                    0
                }
            }
        };
        if units > 0 {
            let travels = asked.travelling.contains(&kind);
            let (lead_s, trail_s) = if travels { (lead_s, trail_s) } else { (0, 0) };
            takes.push(Take { kind, units, lead_s, trail_s });
        }
        if need.units > units {
            carried.push((kind, need.units - units));
        }
    }
    let (weight, priority) = weight(scope, &visit, before.is_some());
    Ok(Some(Subject {
        zones: asked.zones,
        only: asked.who.only,
        visit,
        before,
        stranded,
        takes,
        carried,
        usual,
        weight,
        priority,
    }))
}

/// What leaving a visit out weighs, and its priority.
fn weight(scope: &Scope, visit: &Visit, is_planned: bool) -> (u32, u32) {
    let own = u32::from(visit.priority);
    match scope.urgent() {
        Some((id, asked)) if id == visit.id => {
            let priority = asked.max(own);
            (WEIGHTS.0.saturating_mul(priority.saturating_add(1)), priority)
        }
        _ => {
            let class = match (visit.promised, is_planned) {
                (Some(_), _) => WEIGHTS.0,
                (None, true) => WEIGHTS.1,
                (None, false) => WEIGHTS.2,
            };
            (class.saturating_mul(own + 1), own)
        }
    }
}

/// Who does a planned visit when.
pub(crate) fn stand(planned: &Planned) -> Stand {
    let first = planned.crew[0].assignment;
    let end = planned.crew.iter().map(|one| one.assignment.end).max().unwrap_or(first.end);
    Stand { technician_ids: planned.technician_ids(), start: first.start, end }
}

/// Whether one of the crew is away at that time, or left the business.
fn is_stranded(view: &View, stand: &Stand) -> bool {
    stand.technician_ids.iter().any(|id| {
        let away = view.rows.absences.get(id).into_iter().flatten();
        let mut away =
            away.filter(|(_, absence)| absence.start < stand.end && stand.start < absence.end);
        let technician = view.setup.catalogue.technicians.get(id);
        away.next().is_some() || technician.is_none_or(|technician| !technician.active)
    })
}

/// Driving on some dates as it is planned: seconds and metres.
pub(crate) fn driven(
    plan: &Plan,
    dates: DateSpan,
    only: Option<&BTreeSet<TechnicianId>>,
) -> (i64, i64) {
    let asked = plan.routes.iter().filter(|route| {
        let id = plan.roster.technicians[route.technician.at()];
        dates.contains(route.date)
            && only.is_none_or(|only| only.contains(&id))
            && !route.day.stops.is_empty()
    });
    asked.fold((0, 0), |(seconds, metres), route| {
        let (more_s, more_m) = route.day.driven();
        (seconds + more_s, metres + more_m)
    })
}

/// The problem with the drives between all its places, in the hours of its shifts.
async fn finished(view: &View, draft: Draft) -> Result<Problem, AppError> {
    // A place that is visited in several ways is asked about once.
    let mut numbers: HashMap<(u64, u64), usize> = HashMap::new();
    let mut places: Vec<Place> = Vec::new();
    let at: Vec<usize> = draft
        .places()
        .iter()
        .map(|point| {
            let key = (point.place.lat.to_bits(), point.place.lon.to_bits());
            *numbers.entry(key).or_insert_with(|| {
                places.push(point.place.clone());
                places.len() - 1
            })
        })
        .collect();
    let asks = draft.asks();
    let mut matrices = Vec::with_capacity(asks.len());
    for (mode, hours) in &asks {
        let ask = view.grounds.ask(*mode, *hours);
        let found = view.grounds.travel().matrix(&ask, &places, &places).await;
        matrices.push(found.map_err(|error| error.into_app("place"))?.0);
    }
    let work = move || {
        draft.finish(|from, to, way| {
            let matrix = asks.iter().position(|known| *known == way).map(|at| &matrices[at]);
            solver_leg(matrix.and_then(|rows| rows[at[from]][at[to]]))
        })
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| AppError::Internal(Box::new(error)))
}

/// The later of now and what was asked for.
fn frozen_until(now: DateTime<Utc>, asked: Option<DateTime<Utc>>) -> DateTime<Utc> {
    asked.map_or(now, |until| until.max(now))
}
