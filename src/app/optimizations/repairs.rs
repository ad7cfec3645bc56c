//! Repairs: a disruption becomes a small optimization that keeps the plan stable.

use chrono::NaiveDate;

use crate::app::live::{self, Setup};
use crate::app::optimizations::create_in;
use crate::app::permissions::{Operation, permit};
use crate::app::{App, idempotency};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::id::{OrganizationId, TechnicianId, VisitId};
use crate::domain::optimizations::{
    Cause, DAYS_MAX, Disruption, Optimization, OptimizationRequest, Repair, RuleWeights,
};
use crate::domain::visits::Visit;
use crate::store::{Tx, visits};

/// Lets the optimizer repair a plan after a disruption; the run waits for its turn.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn repair(app: &App, actor: &Actor, repair: &Repair) -> Result<Optimization, AppError> {
    permit(actor, Operation::PlansRepair)?;
    let mut tx = app.db.write().await?;
    let request = repair_request(app, actor.organization_id, &mut tx, repair).await?;
    let cause = Cause::Repair { disruption: repair.disruption.clone(), by_rule: false };
    let run = create_in(app, actor, &mut tx, (&request, cause)).await?;
    idempotency::keep(app, &mut tx, &run).await?;
    tx.commit().await?;
    tracing::info!(optimization.id = %run.id, "Queued repair {}", run.id);
    Ok(run)
}

/// The optimization that a repair asks for.
pub(crate) async fn repair_request(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    repair: &Repair,
) -> Result<OptimizationRequest, AppError> {
    let mut faults = Faults::default();
    repair.validate(&mut faults);
    let setup = live::setup(app, tx, organization_id).await?;
    let location = setup.catalogue.locations.get(&repair.location_id);
    let missing = || AppError::not_found("location", repair.location_id);
    let zone = location.ok_or_else(missing)?.time_zone;
    let today = date_of(app.now(), zone);
    let mut dates = (today, today);
    match &repair.disruption {
        Disruption::TechnicianAbsent { technician_id, absent_from, absent_until } => {
            of_location(&setup, repair, ("technician_id", *technician_id), &mut faults);
            let from = date_of(*absent_from, zone).max(today);
            let last = date_of(*absent_until - chrono::TimeDelta::seconds(1), zone);
            let longest = from + chrono::Days::new(u64::try_from(DAYS_MAX - 1).unwrap_or(0));
            dates = (from, last.clamp(from, longest));
        }
        Disruption::Overrun { visit_id } => {
            let visit = visit(organization_id, tx, *visit_id).await?;
            checked(repair, &visit, &mut faults);
            dates = on(visit.planned_start.map(|start| date_of(start, zone)), today);
        }
        Disruption::Emergency { visit_id, .. } => {
            let visit = visit(organization_id, tx, *visit_id).await?;
            checked(repair, &visit, &mut faults);
            let promised = visit.promised.map(|window| date_of(window.from, zone).max(today));
            dates = on(promised, today);
        }
        Disruption::Cancellation { technician_ids } => {
            for (row, id) in technician_ids.iter().enumerate() {
                let field = format!("technician_ids[{row}]");
                of_location(&setup, repair, (&field, *id), &mut faults);
            }
        }
    }
    faults.into_result()?;
    let (from, until) = repair.date.map_or(dates, |date| (date, date));
    Ok(OptimizationRequest {
        location_ids: vec![repair.location_id],
        from,
        until,
        technician_ids: technicians(&repair.disruption),
        // An emergency and what an absence leaves come in; others only into a gap.
        include_unassigned: matches!(repair.disruption, Disruption::Cancellation { .. }),
        freeze_until: repair.freeze_until,
        relaxations: Vec::new(),
        break_promises: repair.break_promises,
        weights: repair.weights.clone().unwrap_or_else(RuleWeights::stable),
        time_s: repair.time_s,
        threads: 1,
        seed: repair.seed,
        steps: None,
    })
}

/// Notes a technician whom nobody knows, or whose days are in the plan of another location.
fn of_location(
    setup: &Setup,
    repair: &Repair,
    (field, id): (&str, TechnicianId),
    faults: &mut Faults,
) {
    let known = setup.catalogue.technicians.get(&id);
    faults.check(known.is_some(), field, id, "no such technician");
    let is_here = known.is_none_or(|one| one.location_id == repair.location_id);
    faults.check(is_here, field, id, "belongs to another location");
}

/// Notes a visit that is in the plan of another location.
fn checked(repair: &Repair, visit: &Visit, faults: &mut Faults) {
    let is_here = visit.location_id == repair.location_id;
    faults.check(is_here, "visit_id", visit.id, "belongs to the plan of another location");
}

fn on(date: Option<NaiveDate>, otherwise: NaiveDate) -> (NaiveDate, NaiveDate) {
    let date = date.unwrap_or(otherwise);
    (date, date)
}

/// Only the days with a gap change where one is filled; else anybody may help.
fn technicians(disruption: &Disruption) -> Vec<TechnicianId> {
    match disruption {
        Disruption::Cancellation { technician_ids } => technician_ids.clone(),
        _ => Vec::new(),
    }
}

async fn visit(
    organization_id: OrganizationId,
    tx: &mut Tx,
    id: VisitId,
) -> Result<Visit, AppError> {
    let found = visits::get(tx, organization_id, id).await?;
    found.ok_or_else(|| AppError::not_found("visit", id))
}
