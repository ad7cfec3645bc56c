//! What changed in a day since its technician looked.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::plans::days::{DayChange, DayStop, TechnicianDay};
use crate::domain::id::VisitId;
use crate::domain::visits::VisitStatus;
use crate::store::day_views::SeenStop;

/// The visits of a day as its technician sees them now; slots that are only held are not shown.
pub(super) fn stops(day: &TechnicianDay) -> Vec<SeenStop> {
    stops_of(day).filter_map(stop).collect()
}

fn stops_of(day: &TechnicianDay) -> impl Iterator<Item = &DayStop> {
    day.shifts.iter().flat_map(|shift| &shift.stops).chain(&day.outside)
}

fn stop(stop: &DayStop) -> Option<SeenStop> {
    let visit_id = stop.visit_id.filter(|_| stop.held_until.is_none())?;
    let start_s = stop.planned_start?.timestamp();
    Some(SeenStop { visit_id, title: stop.title.clone(), start_s })
}

/// What came, went or moved, by time. Visits under way move with what their technician reports, which is
/// no news to anybody who reported it.
pub(super) fn changes(before: &[SeenStop], day: &TechnicianDay) -> Vec<DayChange> {
    let now = stops(day);
    let starts = |stops: &[SeenStop]| -> BTreeMap<VisitId, i64> {
        stops.iter().map(|stop| (stop.visit_id, stop.start_s)).collect()
    };
    let (then, later) = (starts(before), starts(&now));
    let under_way: BTreeSet<VisitId> = stops_of(day)
        .filter(|stop| stop.status.is_some_and(VisitStatus::under_way))
        .filter_map(|stop| stop.visit_id)
        .collect();
    let gone = before.iter().filter(|stop| !later.contains_key(&stop.visit_id));
    let mut changes: Vec<DayChange> = now
        .iter()
        .chain(gone)
        .map(|stop| (stop, then.get(&stop.visit_id), later.get(&stop.visit_id)))
        .filter(|(stop, before, after)| {
            let reported = before.is_some() && under_way.contains(&stop.visit_id);
            before != after && !reported
        })
        .map(|(stop, before, after)| {
            let moment = |start_s: Option<&i64>| {
                start_s.and_then(|s| chrono::DateTime::from_timestamp(*s, 0))
            };
            let (visit_id, title) = (stop.visit_id, stop.title.clone());
            DayChange { visit_id, title, before: moment(before), after: moment(after) }
        })
        .collect();
    changes.sort_by_key(|change| (change.after.or(change.before), change.visit_id));
    changes
}
