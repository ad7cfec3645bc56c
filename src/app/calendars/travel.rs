//! Drives to visits, where events shall say when to leave.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use crate::app::{App, live};
use crate::calendar::dates::date_of;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, OrganizationId, TechnicianId, VisitId};
use crate::domain::locations::Location;
use crate::domain::visits::Visit;
use crate::planning::days::StopOf;
use crate::planning::reading::read;
use crate::store::assignments::{self, Assigned};
use crate::store::calendars::written::VisitEvent;
use crate::store::{Tx, records};

/// How far from a visit those lie whose drives may change with it.
const NEAR: TimeDelta = TimeDelta::days(1);

/// Seconds that each technician drives to some visits as the plan is now; nothing where events do not
/// say so. A drive that nobody can tell at the moment is left out.
///
/// * `assigned`: who does the visits.
pub(super) async fn drives(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    (visits, assigned): (&[Visit], &[Assigned]),
) -> Result<BTreeMap<(VisitId, TechnicianId), i64>, AppError> {
    let mut drives = BTreeMap::new();
    if !app.calendars.rules.travel {
        return Ok(drives);
    }
    let mut zones: BTreeMap<LocationId, Tz> = BTreeMap::new();
    let mut days: BTreeSet<(LocationId, NaiveDate)> = BTreeSet::new();
    for visit in visits {
        let location_id = visit.location_id;
        if let Entry::Vacant(entry) = zones.entry(location_id) {
            let found = records::get::<Location>(tx, organization_id, location_id).await?;
            entry.insert(found.map_or(Tz::UTC, |one| one.value.time_zone));
        }
        let own = assigned.iter().filter(|one| one.assignment.visit_id == visit.id);
        days.extend(
            own.map(|one| (location_id, date_of(one.assignment.start, zones[&location_id]))),
        );
    }
    for (location_id, date) in days {
        let dates = DateSpan { from: date, until: date };
        // Dates that plans do not reach, and travel servers that do not answer: the rest is said.
        let Ok(view) = live::view(app, tx, (organization_id, location_id), dates).await else {
            continue;
        };
        for ((technician_id, _), day) in &view.days {
            for stop in day.routes.iter().flat_map(|route| read(route).stops) {
                if let (StopOf::Visit(id), Some(drive)) = (stop.of, stop.drive) {
                    drives.insert((id, *technician_id), drive.seconds);
                }
            }
        }
    }
    Ok(drives)
}

/// Visits to which somebody may drive from elsewhere because some visits have come, moved or gone; none
/// where events say nothing of drives.
///
/// * `known`: the events of these visits as they were written.
pub(super) async fn beside(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    (assigned, known): (&[Assigned], &[(TechnicianId, VisitEvent)]),
) -> Result<BTreeSet<VisitId>, AppError> {
    let mut found = BTreeSet::new();
    if !app.calendars.rules.travel {
        return Ok(found);
    }
    let now = assigned.iter().map(|one| (one.assignment.technician_id, one.assignment.start));
    let before = known.iter().filter_map(|(id, event)| Some((*id, event.start?)));
    let spans: BTreeSet<_> = now.chain(before).collect();
    for (technician_id, at) in spans {
        let (from, until) = (at - NEAR, at + NEAR);
        let theirs =
            assignments::of_technician(tx, organization_id, technician_id, from, until).await?;
        found.extend(theirs.iter().map(|one| one.assignment.visit_id));
    }
    Ok(found)
}
