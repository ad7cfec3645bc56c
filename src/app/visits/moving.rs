//! Giving a visit to technicians at a time, moving it, and taking it out of the plan.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::live::{self, View};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::written::{assign, news, tell};
use crate::app::placing::{
    Attempts, Placed, Wanted, candidates, is_race, lacks_drives, place as placed_in, taken,
};
use crate::app::plans::check::{self, Checked};
use crate::app::reader;
use crate::app::slots::asked::Asked;
use crate::app::slots::choice::check_start;
use crate::app::slots::ways_out::shortened;
use crate::app::visits::{VisitDetails, details, noted, opened};
use crate::app::{App, audit};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{LocationId, OrganizationId, TechnicianId, VisitId};
use crate::domain::plans::PlanVersion;
use crate::domain::visits::{Visit, VisitStatus, check_crew};
use crate::planning::placing::Placement;
use crate::planning::sentences::words;
use crate::store::{Tx, assignments, equipment_uses, plans, visits as rows};

/// To whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MoveRequest {
    /// Planned start on site.
    pub start: DateTime<Utc>,
    /// The crew, in order of the roles; the present one, or whoever the policy chooses, if empty.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
    /// The version of the day's plan (of the new start) that the caller saw.
    #[serde(default)]
    pub plan_version: Option<i64>,
    /// Whether to write it although rules are broken. Two visits of one technician at one time
    /// and equipment that does not exist stay refused.
    #[serde(default)]
    pub force: bool,
}

impl Validate for MoveRequest {
    fn validate(&self, faults: &mut Faults) {
        check_start(self.start, faults);
        check_crew(faults, "technician_ids", &self.technician_ids);
    }
}

/// A visit at its new place.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Moved {
    /// The visit.
    #[serde(flatten)]
    pub visit: VisitDetails,
    /// What it does to the plan; of a forced move, what it breaks.
    pub checked: Checked,
}

/// Gives a visit to technicians at a time, or moves it there.
///
/// # Errors
/// [`AppError::Stale`] with the visits changed since, if the plan is newer than the caller's;
/// [`AppError::SlotTaken`] with reason and alternatives if it does not fit; [`AppError::Conflict`]
/// for a start that breaks what was promised, and for a visit that is under way or over;
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn place(
    app: &App,
    actor: &Actor,
    id: VisitId,
    request: &MoveRequest,
) -> Result<Moved, AppError> {
    permit(actor, Operation::VisitsMove)?;
    let mut attempts = Attempts::default();
    loop {
        let mut tx = app.db.read().await?;
        let before = details(&mut tx, actor, Sight::Everything, id).await?;
        movable(&before.visit)?;
        let wanted = wanted(app, actor, &mut tx, &before, request).await?;
        fresh(&mut tx, actor.organization_id, &wanted, request).await?;
        drop(tx);
        let mut checked = check::judge(app, actor, &before, &wanted).await?;
        if let (Some(broken), false) = (checked.broken_promise(), request.force) {
            let message = words(reader::locale(), "force", &[("sentence", &broken)]);
            return Err(AppError::Conflict(message));
        }
        let candidates = candidates(app, actor, &wanted).await?;
        let done = match candidates {
            None if request.force => {
                checked.feasible = false;
                force(app, actor, (&before, &wanted, request), checked).await
            }
            None => {
                let broken = checked.violations.iter().map(|broken| broken.sentence.clone());
                let reasons = shortened(broken.collect());
                let AppError::SlotTaken { alternatives, .. } = taken(app, actor, &wanted).await
                else {
                    return Err(AppError::Conflict(reasons.join("; ")));
                };
                return Err(AppError::SlotTaken { reason: reasons.join("; "), alternatives });
            }
            Some(candidates) => {
                // Who forces a move has decided; calendars are not asked.
                if !request.force && candidates.look(app, actor, &wanted).await? && attempts.next()
                {
                    continue;
                }
                let mut tx = app.db.write().await?;
                match placed_in(app, actor, &mut tx, &wanted, &candidates).await {
                    Ok(Some(placed)) => {
                        fresh(&mut tx, actor.organization_id, &wanted, request).await?;
                        let parts = (&before, &wanted, &placed);
                        write(app, actor, tx, parts, checked).await
                    }
                    Ok(None) => Err(lost()),
                    Err(error) => Err(error),
                }
            }
        };
        match done {
            Err(AppError::Stale { noun: "plan", .. }) => return done,
            Err(error)
                if is_race(&error)
                    && (!request.force || lacks_drives(&error))
                    && attempts.next() => {}
            done => return done,
        }
    }
}

fn lost() -> AppError {
    let reason = words(reader::locale(), "race", &[]);
    AppError::SlotTaken { reason, alternatives: Vec::new() }
}

pub(crate) fn movable(visit: &Visit) -> Result<(), AppError> {
    match visit.status {
        VisitStatus::Unassigned | VisitStatus::Planned => Ok(()),
        VisitStatus::Held => {
            Err(AppError::Conflict("a held visit moves only with its hold".to_owned()))
        }
        status => {
            let status = status.as_str();
            Err(AppError::Conflict(format!("the visit is {status}, so it can no longer move")))
        }
    }
}

/// What is wanted: exactly this planned start, whatever notice, horizon and grid say.
pub(crate) async fn wanted(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    before: &VisitDetails,
    request: &MoveRequest,
) -> Result<Wanted, AppError> {
    let mut faults = Faults::default();
    request.validate(&mut faults);
    if live::reach::is_plain(request.start) {
        live::reach::note(app.now(), "start", request.start.date_naive(), &mut faults);
    }
    let setup = live::setup(app, tx, actor.organization_id).await?;
    let present = before.technician_ids();
    let mut asked = Asked::of_visit(&setup, &before.visit)?;
    if request.technician_ids.is_empty() {
        faults.into_result()?;
    } else {
        asked = faults.and("", asked.by(&request.technician_ids))?;
        asked.who.only = Some(request.technician_ids.iter().copied().collect());
    }
    asked.relaxed = true;
    asked.work.arrival_window_min = 0;
    asked.work.limits.clear();
    let without = (!present.is_empty()).then(|| (before.visit.id, present.clone()));
    let (start, preferred) = (request.start, present);
    Ok(Wanted { asked, start, preferred, of_free_span: false, without })
}

/// Refuses a caller who saw an older plan.
async fn fresh(
    tx: &mut Tx,
    organization_id: OrganizationId,
    wanted: &Wanted,
    request: &MoveRequest,
) -> Result<(), AppError> {
    let Some(expected) = request.plan_version else { return Ok(()) };
    let date = date_of(request.start, wanted.asked.zone());
    let location_id: LocationId = wanted.asked.location_id;
    let found = plans::versions(tx, organization_id, location_id, date, date).await?;
    let actual = found.first().map_or(0, |version| version.version);
    if actual == expected {
        return Ok(());
    }
    let seen = PlanVersion { location_id, date, version: expected };
    let visits = plans::changed_since(tx, organization_id, seen).await?;
    let visits = visits.into_iter().map(Into::into).collect();
    Err(AppError::Stale { noun: "plan", id: date.to_string(), expected, actual, visits })
}

async fn write(
    app: &App,
    actor: &Actor,
    mut tx: Tx,
    (before, wanted, placed): (&VisitDetails, &Wanted, &Placed),
    checked: Checked,
) -> Result<Moved, AppError> {
    let (organization_id, now) = (actor.organization_id, app.now());
    let visit_id = before.visit.id;
    assignments::replace(&mut tx, organization_id, &[visit_id], &[]).await?;
    equipment_uses::replace(&mut tx, organization_id, &[visit_id], &[]).await?;
    let planned_start = Some(placed.placement.planned_start);
    let status = VisitStatus::Planned;
    let visit = Visit { status, planned_start, ..before.visit.clone() };
    let visit = rows::update(&mut tx, organization_id, &visit, now).await?;
    let visit = visit.ok_or_else(|| AppError::not_found("visit", visit_id))?;
    let assignments = assign(app, actor, &mut tx, (wanted, placed), visit_id).await?;
    tell(app, organization_id, &mut tx, news("visit.moved", visit_id, (wanted, placed), visit_id));
    let action = audit::Action { noun: "visits", verb: "move", id: visit_id.into() };
    let place = |start, ids: Vec<TechnicianId>| json!({"start": start, "technician_ids": ids});
    let old = before.technician_ids();
    let both = (
        place(before.visit.planned_start, old),
        place(planned_start, placed.placement.technician_ids.clone()),
    );
    audit::note(app, &mut tx, actor, action, both).await?;
    tx.commit().await?;
    let visit = VisitDetails { visit, assignments, booking: before.booking.clone() };
    Ok(Moved { visit, checked })
}

/// Writes a move that breaks rules, as planned, moving nothing else.
async fn force(
    app: &App,
    actor: &Actor,
    (before, wanted, request): (&VisitDetails, &Wanted, &MoveRequest),
    checked: Checked,
) -> Result<Moved, AppError> {
    let crew = &request.technician_ids;
    let present = before.technician_ids();
    let technician_ids = if crew.is_empty() { present } else { crew.clone() };
    if technician_ids.len() != before.visit.needs.crew.len() {
        return Err(AppError::invalid("technician_ids", "[]", "name who comes to force a move"));
    }
    let location_id = wanted.asked.location_id;
    let date = date_of(request.start, wanted.asked.zone());
    let dates = crate::domain::hours::DateSpan { from: date, until: date };
    let key = (actor.organization_id, location_id);
    let view = live::view(app, &mut app.db.read().await?, key, dates).await?;
    let mut view = View::clone(&view);
    view.grounds = view.grounds.at_hand();
    let mut tx = app.db.write().await?;
    let mut locked = technician_ids.clone();
    locked.extend(wanted.without.iter().flat_map(|(_, crew)| crew));
    plans::lock_technicians(&mut tx, &locked).await?;
    fresh(&mut tx, actor.organization_id, wanted, request).await?;
    // As the search and the store count: in whole seconds.
    let start = request.start.trunc_subsecs(0);
    let needs = &before.visit.needs;
    let told = Placement::as_told(&view.roster, technician_ids, start, &needs.equipment);
    let placement = Placement { added_travel_s: checked.added_travel_s, ..told };
    let end = start + TimeDelta::seconds(needs.on_site_s());
    let decision = json!({"policy": "forced"});
    let placed = Placed { placement, window: wanted.window(), end, decision, view };
    write(app, actor, tx, (before, wanted, &placed), checked).await
}

/// Takes a visit out of everybody's day; it waits unassigned.
///
/// # Errors
/// [`AppError::Conflict`] for a visit that is under way or over; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn unassign(app: &App, actor: &Actor, id: VisitId) -> Result<VisitDetails, AppError> {
    permit(actor, Operation::VisitsMove)?;
    let (organization_id, now) = (actor.organization_id, app.now());
    let (mut tx, before) = opened(app, actor, id).await?;
    movable(&before.visit)?;
    assignments::replace(&mut tx, organization_id, &[id], &[]).await?;
    equipment_uses::replace(&mut tx, organization_id, &[id], &[]).await?;
    let status = VisitStatus::Unassigned;
    let visit = Visit { planned_start: None, status, ..before.visit.clone() };
    let visit = rows::update(&mut tx, organization_id, &visit, now).await?;
    let visit = visit.ok_or_else(|| AppError::not_found("visit", id))?;
    let both = (audit::json(&before.assignments), serde_json::Value::Null);
    let verb = ("unassign", "visit.unassigned");
    noted(app, actor, &mut tx, (&before, &visit, verb), both).await?;
    tx.commit().await?;
    Ok(VisitDetails { visit, assignments: Vec::new(), booking: before.booking })
}
