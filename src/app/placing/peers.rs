//! What the assignment policy knows of the technicians that share the work.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::app::live::View;
use crate::app::placing::Wanted;
use crate::calendar::dates::{date_of, month_dates, shifted, week_dates};
use crate::calendar::zones::{days, start_of_day};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::TechnicianId;
use crate::domain::policies::FairPeriod;
use crate::planning::deciding::Peer;
use crate::store::{Tx, technicians};

/// Days before the period in which a last assignment is looked for.
const LOOK_BACK_DAYS: i64 = 31;

/// The group that shares the work: every active technician of the location who may do it.
///
/// Cost: one query over the assignments of the period, added up by technician and day.
pub(super) async fn load(tx: &mut Tx, view: &View, wanted: &Wanted) -> Result<Vec<Peer>, AppError> {
    let catalogue = &wanted.asked.setup.catalogue;
    let zone = view.roster.zone;
    let date = date_of(wanted.start, zone);
    let period = match wanted.asked.work.policy.period {
        FairPeriod::Week => week_dates(date),
        FairPeriod::Month => month_dates(date),
    };
    let span = days(zone, period);
    let seen = DateSpan { from: shifted(period.from, -LOOK_BACK_DAYS), until: period.until };
    let seen = days(zone, seen);
    let location_id = view.roster.location_id;
    let key = (view.organization_id, location_id);
    let worked = technicians::worked_days(tx, key, seen.start, seen.end).await?;
    let mut by_id: HashMap<TechnicianId, Vec<_>> = HashMap::new();
    for day in worked {
        by_id.entry(day.technician_id).or_default().push(day);
    }
    let eligible: BTreeSet<TechnicianId> =
        catalogue.eligible(location_id, &wanted.asked.work.teams);
    let peer = |id: &TechnicianId| {
        let technician = catalogue.technicians.get(id)?;
        let days = by_id.remove(id).unwrap_or_default();
        let in_period = days.iter().filter(|day| span.start <= day.at && day.at < span.end);
        let absences = view.rows.absences.get(id).into_iter().flatten();
        Some(Peer {
            technician_id: *id,
            weight: technician.round_robin_weight,
            priority: technician.priority,
            joined: technician.joined.map(|joined| start_of_day(zone, joined)),
            last_assigned: days.iter().map(|day| day.assigned_at).max(),
            absences: absences.map(|(_, absence)| (absence.start, absence.end)).collect(),
            planned_s: planned(view, *id, wanted.start),
            work: in_period.map(|day| (day.at, (day.on_site_s + day.travel_s) / 60)).collect(),
        })
    };
    Ok(eligible.iter().filter_map(peer).collect())
}

/// Seconds of work and driving planned on the date.
fn planned(view: &View, id: TechnicianId, start: DateTime<Utc>) -> i64 {
    let day = view.day(id, date_of(start, view.roster.zone));
    let routes = day.into_iter().flat_map(|day| &day.routes);
    routes.map(|route| route.shift.onsite().0 + route.shift.drive().0).sum()
}
