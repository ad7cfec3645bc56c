//! Absences take their turn with the bookings they may collide with.
//!
//! Whoever is ill is absent whatever is planned, so a technician's absence is accepted, and an event
//! names the visits it collides with. Maintenance can wait: it is refused as long as visits need
//! the units, and the refusal names them.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::app::catalogue::Write;
use crate::app::{App, replanning};
use crate::domain::absences::{Absence, AbsenceKind, AbsenceOf};
use crate::domain::actors::Actor;
use crate::domain::equipment::{Equipment, EquipmentUse};
use crate::domain::error::AppError;
use crate::domain::id::{
    AbsenceId, EquipmentId, LocationId, OrganizationId, TechnicianId, VisitId,
};
use crate::domain::technicians::Technician;
use crate::store::calendars::{self, busy};
use crate::store::events::{self, NewEvent};
use crate::store::{Tx, absences as rows, assignments, bookings, equipment_uses, holds};
use crate::store::{plans, records};

/// Days after which no visit is planned.
const EVER_DAYS: i64 = 36_500;

/// Takes the locks that bookings of the same people and units take, and looks for collisions.
///
/// # Errors
/// [`AppError::Invalid`] for maintenance of more units than there are; [`AppError::Conflict`] for
/// maintenance of units that visits need.
pub(crate) async fn prepare(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    write: &Write<'_, Absence>,
) -> Result<(), AppError> {
    let whose = [write.before, write.after].into_iter().flatten().map(|absence| &absence.of);
    let technician_ids: Vec<TechnicianId> = whose
        .filter_map(|of| match of {
            AbsenceOf::Technician { technician_id } => Some(*technician_id),
            AbsenceOf::Equipment { .. } => None,
        })
        .collect();
    plans::lock_technicians(tx, &technician_ids).await?;
    let Some(absence) = write.after else { return Ok(()) };
    match absence.of {
        AbsenceOf::Technician { technician_id } => {
            tell_collisions(app, actor, tx, (write.id, absence, technician_id)).await
        }
        AbsenceOf::Equipment { equipment_id, location_id, units } => {
            holds::expire(tx, actor.organization_id, app.now(), None).await?;
            let out = Out { units: units.into(), from: absence.start, until: absence.end };
            let pool = (equipment_id, location_id);
            spare(tx, actor.organization_id, Some(write.id), pool, out).await
        }
    }
}

/// Refuses kinds that do not go with who or what is absent, and busy times that no calendar has told.
///
/// # Errors
/// [`AppError::Invalid`].
pub(crate) fn check_kind(write: &Write<'_, Absence>) -> Result<(), AppError> {
    let Some(after) = write.after else { return Ok(()) };
    let is_equipment = matches!(after.of, AbsenceOf::Equipment { .. });
    // One that was imported is kept as what it is.
    let kept = write.before.is_some_and(|before| before.kind == after.kind);
    let message = match after.kind {
        AbsenceKind::Maintenance if !is_equipment => {
            "is for equipment; a technician's is time_off, sick or internal"
        }
        AbsenceKind::Maintenance => return Ok(()),
        _ if is_equipment => "equipment is absent for maintenance",
        AbsenceKind::Calendar if !kept => {
            "comes from a connected calendar; one made by hand is time_off, sick or internal"
        }
        AbsenceKind::TimeOff
        | AbsenceKind::Sick
        | AbsenceKind::Internal
        | AbsenceKind::Calendar => return Ok(()),
    };
    let kind = serde_json::to_value(after.kind).unwrap_or_default();
    Err(AppError::invalid("kind", kind.as_str().unwrap_or_default(), message))
}

/// Refuses to change or delete what a connected calendar says: the calendar would not say it again.
///
/// # Errors
/// [`AppError::Conflict`] that names the calendar.
pub(crate) async fn spare_calendars(
    actor: &Actor,
    tx: &mut Tx,
    id: AbsenceId,
) -> Result<(), AppError> {
    let Some(id) = busy::source(tx, id).await? else { return Ok(()) };
    let calendar = calendars::get(tx, actor.organization_id, id).await?;
    let name = calendar.map(|calendar| calendar.name).unwrap_or_default();
    Err(AppError::Conflict(format!(
        "this busy time comes from the calendar \"{name}\": change it there, or let the calendar \
         no longer block, or disconnect it"
    )))
}

/// Refuses to leave a pool fewer units than visits from now on, and maintenance, need.
///
/// # Errors
/// [`AppError::Conflict`] that names the bookings.
pub(crate) async fn prepare_pools(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    write: &Write<'_, Equipment>,
) -> Result<(), AppError> {
    let Some(before) = write.before else { return Ok(()) };
    let kept = write.after.map_or(&[][..], |after| &after.pools);
    let left = |id: LocationId| {
        let pool = kept.iter().find(|pool| pool.location_id == id);
        pool.map_or(0, |pool| i64::from(pool.units))
    };
    let mut fewer: Vec<(LocationId, i64)> = before
        .pools
        .iter()
        .map(|pool| (pool.location_id, i64::from(pool.units) - left(pool.location_id)))
        .filter(|(_, units)| *units > 0)
        .collect();
    if fewer.is_empty() {
        return Ok(());
    }
    // Writers lock pools in one order, so that they never wait in a ring.
    fewer.sort_unstable();
    let now = app.now();
    holds::expire(tx, actor.organization_id, now, None).await?;
    for (location_id, units) in fewer {
        let out = Out { units, from: now, until: now + TimeDelta::days(EVER_DAYS) };
        spare(tx, actor.organization_id, None, (write.id, location_id), out).await?;
    }
    Ok(())
}

/// Tells whoever follows the plan which visits the technician cannot do now.
async fn tell_collisions(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (id, absence, technician_id): (AbsenceId, &Absence, TechnicianId),
) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    let (from, until) = (absence.start, absence.end);
    let planned =
        assignments::of_technician(tx, organization_id, technician_id, from, until).await?;
    let visit_ids: Vec<VisitId> = planned.iter().map(|one| one.assignment.visit_id).collect();
    if visit_ids.is_empty() {
        return Ok(());
    }
    replanning::after_absence(app, actor, tx, (technician_id, from, until)).await?;
    let technician = records::get::<Technician>(tx, organization_id, technician_id).await?;
    let event = NewEvent {
        organization_id,
        location_id: technician.map(|technician| technician.value.location_id),
        kind: "absence.collides".to_owned(),
        subject_id: id.to_string(),
        payload: json!({"technician_id": technician_id, "visit_ids": visit_ids}),
        at: app.now(),
    };
    events::append(tx, event);
    Ok(())
}

/// Refuses to take units out of a pool that visits need.
///
/// * `id`: the absence that takes them, whose present units do not count; none if they are given up.
async fn spare(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: Option<AbsenceId>,
    pool: (EquipmentId, LocationId),
    new: Out,
) -> Result<(), AppError> {
    // A kind without a pool there is a fault of the references or has no uses.
    let Some(exist) = equipment_uses::lock_pool(tx, organization_id, pool).await? else {
        return Ok(());
    };
    let (from, until) = (new.from, new.until);
    let uses = equipment_uses::overlapping(tx, organization_id, pool.1, from, until).await?;
    let uses: Vec<EquipmentUse> =
        uses.into_iter().filter(|one| one.equipment_id == pool.0).collect();
    let others = rows::overlapping(tx, organization_id, pool.1, from, until).await?;
    let others = others.into_iter().filter(|other| Some(other.id) != id);
    let mut out: Vec<Out> = others.filter_map(|other| Out::of(&other.value, pool)).collect();
    out.push(new);
    if id.is_some() && gone(&out) > exist {
        let message =
            format!("more would be out of use at once than the {exist} that the location has");
        return Err(AppError::invalid("units", new.units, &message));
    }
    let needing = needing(&uses, &out, exist);
    if needing.is_empty() {
        return Ok(());
    }
    let names = names(tx, organization_id, &needing).await?;
    Err(AppError::Conflict(format!(
        "too few of the {exist} units would be left for {}; move what needs them first",
        names.join(", ")
    )))
}

/// Units that are gone for a while: in maintenance, or for good.
#[derive(Debug, Clone, Copy)]
struct Out {
    units: i64,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Out {
    fn of(absence: &Absence, pool: (EquipmentId, LocationId)) -> Option<Self> {
        match absence.of {
            AbsenceOf::Equipment { equipment_id, location_id, units }
                if (equipment_id, location_id) == pool =>
            {
                Some(Self { units: units.into(), from: absence.start, until: absence.end })
            }
            _ => None,
        }
    }
}

/// Most units that are gone at one moment of the last maintenance.
fn gone(out: &[Out]) -> i64 {
    let Some(new) = out.last() else { return 0 };
    let begins = out.iter().map(|one| one.from.max(new.from)).filter(|at| *at < new.until);
    begins.map(|at| gone_at(out, at)).max().unwrap_or(0)
}

/// Units that are gone at a moment.
fn gone_at(out: &[Out], at: DateTime<Utc>) -> i64 {
    out.iter().filter(|one| one.from <= at && at < one.until).map(|one| one.units).sum()
}

/// The visits that use units at a moment of the last maintenance at which too few are left.
fn needing(uses: &[EquipmentUse], out: &[Out], exist: i64) -> BTreeSet<VisitId> {
    let Some(new) = out.last() else { return BTreeSet::new() };
    // What is taken rises only where something begins.
    let begins = uses.iter().map(|one| one.start).chain(out.iter().map(|one| one.from));
    let moments = begins.map(|at| at.max(new.from)).filter(|at| *at < new.until);
    let mut needing = BTreeSet::new();
    for at in moments {
        let used: Vec<_> = uses.iter().filter(|one| one.start <= at && at < one.end).collect();
        let taken = used.iter().map(|one| i64::from(one.units)).sum::<i64>() + gone_at(out, at);
        if taken > exist {
            needing.extend(used.iter().map(|one| one.visit_id));
        }
    }
    needing
}

/// What dispatchers call these visits: bookings by their codes.
async fn names(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &BTreeSet<VisitId>,
) -> Result<Vec<String>, AppError> {
    let ids: Vec<VisitId> = visit_ids.iter().copied().collect();
    let booked = bookings::of_visits(tx, organization_id, &ids).await?;
    let name = |id: &VisitId| {
        let booking = booked.iter().find(|booking| booking.visit_id == *id);
        booking.map_or_else(
            || format!("visit {id}"),
            |booking| format!("booking {} at {}", booking.code, booking.window.from),
        )
    };
    Ok(visit_ids.iter().map(name).collect())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn taken(number: u128, units: u32, (from, until): (i64, i64)) -> EquipmentUse {
        EquipmentUse {
            visit_id: Uuid::from_u128(number).into(),
            equipment_id: Uuid::nil().into(),
            location_id: Uuid::nil().into(),
            units,
            start: at(from),
            end: at(until),
        }
    }

    fn out(units: i64, (from, until): (i64, i64)) -> Out {
        Out { units, from: at(from), until: at(until) }
    }

    #[test]
    fn only_visits_at_moments_with_too_few_units_are_named() {
        // Two units: 9-11 takes one and 10-12 the other; 12-13 takes one.
        let uses = [taken(1, 1, (9, 11)), taken(2, 1, (10, 12)), taken(3, 1, (12, 13))];
        let named = |out: &[Out]| {
            let ids = needing(&uses, out, 2);
            ids.into_iter().map(|id| id.0.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(named(&[out(1, (8, 10))]), []);
        assert_eq!(named(&[out(1, (8, 14))]), [1, 2]);
        assert_eq!(named(&[out(1, (11, 14))]), []);
        assert_eq!(named(&[out(2, (11, 12))]), [2]);
        // With another unit out since the morning nothing is left at noon.
        assert_eq!(named(&[out(1, (6, 13)), out(1, (12, 20))]), [3]);
        assert_eq!(named(&[out(9, (14, 20))]), []);
    }

    #[test]
    fn units_that_are_gone_at_once_add_up_and_others_do_not() {
        assert_eq!(gone(&[out(2, (6, 9)), out(1, (8, 10)), out(1, (9, 12))]), 2);
        assert_eq!(gone(&[out(2, (6, 9)), out(3, (9, 12))]), 3);
    }
}
