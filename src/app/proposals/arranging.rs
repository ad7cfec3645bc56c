//! Several visits put into the plan at once: all leave their old places, then each goes to its new
//! one by the same search that a single move asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::app::App;
use crate::app::live::{Planned, View};
use crate::app::placing::Wanted;
use crate::app::placing::peers::turns;
use crate::app::reader;
use crate::app::slots::found::{Search, compute, requests, trips};
use crate::app::visits::moving::{movable, wanted};
use crate::app::visits::{MoveRequest, VisitDetails};
use crate::calendar::dates::{date_of, each, shifted};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{EquipmentId, TechnicianId, VisitId};
use crate::domain::proposals::Stand;
use crate::domain::slots::Reason;
use crate::domain::visits::{Assignment, Lock, Visit, VisitStatus};
use crate::planning::answers::Turn;
use crate::planning::explaining::{self, About};
use crate::planning::placing::Placement;
use crate::planning::plan::UnitsTaken;
use crate::planning::{answers, placing};
use crate::store::Tx;
use crate::store::assignments::Assigned;

/// A visit that goes to a new stand, or out of the plan.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) details: VisitDetails,
    goal: Option<Goal>,
}

/// Where a visit goes, with everything the search wants to know.
#[derive(Debug, Clone)]
struct Goal {
    wanted: Wanted,
    crew: Vec<TechnicianId>,
    turns: Arc<Vec<Turn>>,
    trips: (i64, i64),
    /// It stood there before: it goes back also where a rule is broken, as it may have been then.
    is_return: bool,
}

/// The plan after all steps.
#[derive(Debug)]
pub(crate) struct Arranged {
    pub(crate) view: View,
    /// Visits that did not fit; they are in nobody's day in `view`.
    pub(crate) misfits: Vec<Misfit>,
}

/// A visit that does not fit where it should go.
#[derive(Debug, Clone)]
pub(crate) struct Misfit {
    pub(crate) visit_id: VisitId,
    pub(crate) reasons: Vec<Reason>,
}

/// A step with what its search needs; asks for drives, so never inside a transaction that writes.
pub(crate) async fn prepare(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    view: &View,
    (details, to, is_return): (VisitDetails, Option<&Stand>, bool),
) -> Result<Step, AppError> {
    movable(&details.visit)?;
    let Some(stand) = to else { return Ok(Step { details, goal: None }) };
    let request = MoveRequest {
        start: stand.start,
        technician_ids: stand.technician_ids.clone(),
        plan_version: None,
        force: false,
    };
    let wanted = wanted(app, actor, tx, &details, &request).await?;
    let date = date_of(stand.start, view.roster.zone);
    let dates = DateSpan { from: date, until: date };
    let turns = turns(app, tx, view, &wanted.asked, dates).await?;
    let trips = trips(&view.grounds, &wanted.asked).await?;
    let (crew, turns) = (stand.technician_ids.clone(), Arc::new(turns));
    Ok(Step { details, goal: Some(Goal { wanted, crew, turns, trips, is_return }) })
}

/// Everybody whose day the steps change, and the dates they change.
pub(crate) fn concerned(steps: &[Step], view: &View) -> (Vec<TechnicianId>, BTreeSet<NaiveDate>) {
    let zone = view.roster.zone;
    let (mut people, mut dates) = (BTreeSet::new(), BTreeSet::new());
    for step in steps {
        for one in &step.details.assignments {
            people.insert(one.technician_id);
            dates.insert(date_of(one.start, zone));
        }
        if let Some(goal) = &step.goal {
            people.extend(&goal.crew);
            dates.insert(date_of(goal.wanted.start, zone));
        }
    }
    (people.into_iter().collect(), dates)
}

/// The first to the last of some dates, and those beside them.
pub(crate) fn around(dates: &BTreeSet<NaiveDate>) -> Option<DateSpan> {
    let (first, last) = (dates.first()?, dates.last()?);
    Some(DateSpan { from: shifted(*first, -1), until: shifted(*last, 1) })
}

/// Takes all visits of the steps out of `view`, and puts each to its new place in order of starts.
///
/// Cost: one search over the days of one crew for each step.
pub(crate) async fn arrange(
    app: &App,
    mut view: View,
    steps: &[Step],
) -> Result<Arranged, AppError> {
    let (people, dates) = concerned(steps, &view);
    let mut rows = (*view.rows).clone();
    for step in steps {
        rows.remove(step.details.visit.id);
    }
    // Nothing may make room by moving: each visit stands where the lines say, or did before.
    let pinned = rows.pin(&people, None);
    view.rows = Arc::new(rows);
    if let Some(dates) = around(&dates) {
        view.rebuild(app, dates, &people).await?;
    }
    let mut goals: Vec<(&Step, &Goal)> =
        steps.iter().filter_map(|step| Some((step, step.goal.as_ref()?))).collect();
    goals.sort_by_key(|(step, goal)| (goal.wanted.start, step.details.visit.id));
    let mut misfits = Vec::new();
    for (step, goal) in goals {
        let returned = || goal.is_return.then(|| as_it_stood(&view, step, goal)).flatten();
        match search(app, &view, goal).await?.or_else(|reasons| returned().ok_or(reasons)) {
            Ok(placement) => {
                let visit = Visit { lock: Lock::Time, ..step.details.visit.clone() };
                let settling = Settling {
                    visit: &visit,
                    travelling: &goal.wanted.asked.travelling,
                    trips: goal.trips,
                };
                settle(app, &mut view, settling, &placement).await?;
            }
            Err(reasons) => misfits.push(Misfit { visit_id: step.details.visit.id, reasons }),
        }
    }
    let mut rows = (*view.rows).clone();
    let locks = steps.iter().map(|step| (step.details.visit.id, step.details.visit.lock));
    rows.pin(&people, Some(&pinned.into_iter().chain(locks).collect()));
    view.rows = Arc::new(rows);
    if let Some(dates) = around(&dates) {
        view.rebuild(app, dates, &people).await?;
    }
    Ok(Arranged { view, misfits })
}

/// The stand of a visit as it was, whatever it breaks; none if somebody has other work there now.
fn as_it_stood(view: &View, step: &Step, goal: &Goal) -> Option<Placement> {
    let (visit, start) = (&step.details.visit, goal.wanted.start);
    let end = start + TimeDelta::seconds(visit.needs.on_site_s() + visit.actual.extra_s);
    let overlaps = |one: &Assigned| {
        let one = &one.assignment;
        goal.crew.contains(&one.technician_id) && one.start < end && start < one.end
    };
    let dates = around(&BTreeSet::from([date_of(start, view.roster.zone)]))?;
    let mut others = each(dates).flat_map(|date| view.rows.on(date));
    if others.any(|planned| planned.crew.iter().any(overlaps)) {
        return None;
    }
    Some(Placement::as_told(&view.roster, goal.crew.clone(), start, &visit.needs.equipment))
}

/// The placement of a visit, or why there is none.
async fn search(
    app: &App,
    view: &View,
    goal: &Goal,
) -> Result<Result<Placement, Vec<Reason>>, AppError> {
    let start = goal.wanted.start;
    let date = date_of(start, view.roster.zone);
    let dates = DateSpan { from: date, until: date };
    let (asked, turns) = (&goal.wanted.asked, goal.turns.as_slice());
    let plan = view.plan(dates, Some(&goal.crew))?;
    // Places come with every visit that is settled; drives to them were asked for before.
    let search = Search { asked, dates, start: Some(start), crews: 1, turns };
    let variants = requests(app, view, &search).await?;
    let (setup, turns) = (Arc::clone(&view.setup), Arc::clone(&goal.turns));
    let (crew, locale) = (goal.crew.clone(), reader::locale());
    compute(move || {
        let found = answers::run(&plan, &variants, &turns, 1)?;
        let placed = found.first().and_then(|found| placing::place(&plan, &variants, found, 0));
        let Some(placement) = placed else {
            let about = About { date, start: Some(start), of: Some(crew.as_slice()) };
            return explaining::reasons(locale, &setup.catalogue, &plan, &variants, about).map(Err);
        };
        Ok(Ok(placement))
    })
    .await
}

/// A visit to be put into rows, and the trips its equipment makes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settling<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) travelling: &'a BTreeSet<EquipmentId>,
    pub(crate) trips: (i64, i64),
}

/// Puts a placed visit, and those that make room for it, into the rows, and makes the days anew.
pub(crate) async fn settle(
    app: &App,
    view: &mut View,
    settling: Settling<'_>,
    placement: &Placement,
) -> Result<(), AppError> {
    let (zone, before) = (view.roster.zone, settling.visit);
    let start = placement.planned_start;
    let end = start + TimeDelta::seconds(before.needs.on_site_s() + before.actual.extra_s);
    let visit =
        Visit { status: VisitStatus::Planned, planned_start: Some(start), ..before.clone() };
    let crew = (0..).zip(placement.technician_ids.iter().zip(&placement.travel_s));
    let crew = crew.map(|(role, (technician_id, travel_s))| Assigned {
        assignment: Assignment {
            visit_id: visit.id,
            technician_id: *technician_id,
            role,
            start,
            end,
        },
        travel_s: *travel_s,
        assigned_at: app.now(),
    });
    let taken = placement.pooled.iter().map(|(kind, units)| {
        let travels = settling.travelling.contains(kind);
        let (lead, trail) = if travels { settling.trips } else { (0, 0) };
        UnitsTaken {
            kind: *kind,
            units: *units,
            from: start - TimeDelta::seconds(lead),
            until: end + TimeDelta::seconds(trail),
            visit_id: Some(visit.id),
        }
    });
    let taken: Vec<UnitsTaken> = taken.collect();
    let pooled = !taken.is_empty();
    let planned = Planned { crew: crew.collect(), visit: Arc::new(visit), lapses: None, pooled };
    let mut rows = (*view.rows).clone();
    let mut people: BTreeSet<TechnicianId> = placement.technician_ids.iter().copied().collect();
    for one in &placement.moves {
        let Some(other) = rows.planned(one.visit_id).cloned() else { continue };
        people.extend(other.technician_ids());
        rows.place(later(other, one.from, one.to), Vec::new(), zone);
    }
    rows.place(planned, taken, zone);
    view.rows = Arc::new(rows);
    let date = date_of(start, zone);
    let dates = DateSpan { from: shifted(date, -1), until: shifted(date, 1) };
    let people: Vec<TechnicianId> = people.into_iter().collect();
    view.rebuild(app, dates, &people).await
}

/// A planned visit that makes room by moving inside what was promised.
fn later(planned: Planned, from: DateTime<Utc>, to: DateTime<Utc>) -> Planned {
    let by = to - from;
    let visit = Visit { planned_start: Some(to), ..(*planned.visit).clone() };
    let crew = planned.crew.iter().map(|row| {
        let (start, end) = (row.assignment.start + by, row.assignment.end + by);
        Assigned { assignment: Assignment { start, end, ..row.assignment }, ..*row }
    });
    Planned { crew: crew.collect(), visit: Arc::new(visit), ..planned }
}
