//! Whether the plan of a document holds: its ids, its times, and nobody in two places.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Ids, equipment, known, skills};
use crate::domain::exchange::Document;
use crate::domain::faults::Faults;
use crate::domain::visits::{Assignment, Visit, VisitStatus, check_priority};

/// Notes every fault of visits, assignments, uses of equipment, and bookings.
pub(super) fn check(document: &Document, ids: &Ids, faults: &mut Faults) {
    for (row, visit) in document.visits.iter().enumerate() {
        check_visit(visit, &format!("visits[{row}]"), ids, faults);
    }
    assignments(document, ids, faults);
    overlaps(document, faults);
    for (row, it) in document.equipment_uses.iter().enumerate() {
        let at = format!("equipment_uses[{row}]");
        known(&ids.visits, it.visit_id, format!("{at}.visit_id"), "visit", faults);
        known(&ids.equipment, it.equipment_id, format!("{at}.equipment_id"), "equipment", faults);
        known(&ids.locations, it.location_id, format!("{at}.location_id"), "location", faults);
        faults.check(it.start < it.end, &format!("{at}.end"), it.end, "must be after start");
        faults.check(it.units >= 1, &format!("{at}.units"), it.units, "must be at least 1");
    }
    bookings(document, ids, faults);
}

fn check_visit(visit: &Visit, at: &str, ids: &Ids, faults: &mut Faults) {
    known(&ids.jobs, visit.job_id, format!("{at}.job_id"), "job", faults);
    known(&ids.locations, visit.location_id, format!("{at}.location_id"), "location", faults);
    for (place, id) in visit.needs.service_ids.iter().enumerate() {
        known(&ids.services, *id, format!("{at}.needs.service_ids[{place}]"), "service", faults);
    }
    let needs = format!("{at}.needs");
    equipment(&visit.needs.equipment, &needs, ids, faults);
    for (place, role) in visit.needs.crew.iter().enumerate() {
        skills(&role.skills, &format!("{needs}.crew[{place}]"), ids, faults);
    }
    let crew = visit.needs.crew.len();
    faults.check((1..=10).contains(&crew), &format!("{needs}.crew"), crew, "must be 1 to 10 roles");
    let spans = [visit.needs.setup_s, visit.needs.work_s, visit.needs.exit_s];
    let long = spans.iter().all(|span| *span >= 0) && visit.needs.on_site_s() > 0;
    let message = "setup, work and exit must not be negative, and together longer than nothing";
    faults.check(long, &needs, format!("{spans:?} s"), message);
    if let Some(window) = visit.promised {
        let field = format!("{at}.promised.until");
        faults.check(window.from <= window.until, &field, window.until, "must not be before from");
    }
    let planned = visit.planned_start.is_some() || !visit.status.occupies();
    let message = "a visit with this status has a planned start";
    faults.check(planned, &format!("{at}.planned_start"), visit.status.as_str(), message);
    check_priority(faults, &format!("{at}.priority"), visit.priority);
    let held = visit.status != VisitStatus::Held;
    faults.check(held, &format!("{at}.status"), "held", "holds cannot be imported");
}

fn assignments(document: &Document, ids: &Ids, faults: &mut Faults) {
    let visits: BTreeMap<Uuid, &Visit> =
        document.visits.iter().map(|visit| (visit.id.0, visit)).collect();
    let mut roles = BTreeSet::new();
    for (row, planned) in document.assignments.iter().enumerate() {
        let (it, at) = (&planned.assignment, format!("assignments[{row}]"));
        let travel = planned.travel_s;
        faults.check(travel >= 0, &format!("{at}.travel_s"), travel, "must not be negative");
        known(&ids.visits, it.visit_id, format!("{at}.visit_id"), "visit", faults);
        let field = format!("{at}.technician_id");
        known(&ids.technicians, it.technician_id, field, "technician", faults);
        faults.check(it.start < it.end, &format!("{at}.end"), it.end, "must be after start");
        let Some(visit) = visits.get(&it.visit_id.0) else { continue };
        let field = format!("{at}.role");
        let fits = (it.role as usize) < visit.needs.crew.len();
        faults.check(fits, &field, it.role, "the visit's crew has no such role");
        let first = roles.insert((it.visit_id, it.role));
        faults.check(first, &field, it.role, "the visit has an earlier assignment for this role");
        let start = visit.planned_start == Some(it.start);
        let message = "must be the planned start of the visit";
        faults.check(start, &format!("{at}.start"), it.start, message);
    }
}

/// Notes assignments of one technician that overlap, as the database would refuse them.
fn overlaps(document: &Document, faults: &mut Faults) {
    let mut days: BTreeMap<Uuid, Vec<(usize, &Assignment)>> = BTreeMap::new();
    for (row, it) in document.assignments.iter().map(|it| &it.assignment).enumerate() {
        days.entry(it.technician_id.0).or_default().push((row, it));
    }
    for assignments in days.values_mut() {
        assignments.sort_by_key(|(_, it)| (it.start, it.end));
        for pair in assignments.windows(2) {
            let [(earlier, first), (row, second)] = pair else { continue };
            let message = format!("the technician is still at assignments[{earlier}] then");
            let field = format!("assignments[{row}].start");
            faults.check(first.end <= second.start, &field, second.start, &message);
        }
    }
}

fn bookings(document: &Document, ids: &Ids, faults: &mut Faults) {
    for (row, it) in document.bookings.iter().enumerate() {
        let at = format!("bookings[{row}]");
        known(&ids.visits, it.visit_id, format!("{at}.visit_id"), "visit", faults);
        known(&ids.jobs, it.job_id, format!("{at}.job_id"), "job", faults);
        known(&ids.locations, it.location_id, format!("{at}.location_id"), "location", faults);
        if let Some(id) = it.customer_id {
            known(&ids.customers, id, format!("{at}.customer_id"), "customer", faults);
        }
        if let Some(id) = it.site_id {
            known(&ids.sites, id, format!("{at}.site_id"), "site", faults);
        }
        let window = it.window.from <= it.window.until;
        let field = format!("{at}.window.until");
        faults.check(window, &field, it.window.until, "must not be before from");
        let message = "must be 1 to 64 characters";
        let length = (1..=64).contains(&it.code.chars().count());
        faults.check(length, &format!("{at}.code"), &it.code, message);
    }
}
