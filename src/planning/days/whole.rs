//! A day as one route, whatever its shifts: what a delay runs on through.

use crate::domain::absences::Absence;
use crate::domain::id::{AbsenceId, TechnicianId};
use crate::domain::shifts::Shift;
use crate::planning::days::{DayDraft, DayInput, Stay, draft, owner};
use crate::planning::times::date;

/// Everything that a technician does on `input.date` as one route, inside a shift or not.
///
/// It tells what a delay leads to for visits that stand outside every shift or in the next one; no
/// slot is searched in it. An absence in which something is planned does not count: whoever reports
/// from a visit does not keep to it.
///
/// Returns none without a visit.
pub fn whole(input: &DayInput, technician_id: TechnicianId) -> Option<DayDraft> {
    let belongs = |stay: &&Stay| {
        let of_date = match owner(input, stay.start, stay.end) {
            Some(at) => input.shifts[at].date == input.date,
            None => date(stay.start, input.location.time_zone) == input.date,
        };
        of_date && stay.lapses.is_none_or(|lapses| lapses > input.now)
    };
    let stays: Vec<&Stay> = input.stays.iter().filter(belongs).collect();
    let first = stays.iter().map(|stay| stay.start).min()?;
    let last = stays.iter().map(|stay| stay.end).max()?;
    let shifts: Vec<&Shift> =
        input.shifts.iter().filter(|shift| shift.date == input.date).collect();
    let start = shifts.iter().map(|shift| shift.start).min();
    let shift = Shift {
        technician_id,
        date: input.date,
        start: start.map_or(first, |start| start.min(first)),
        end: shifts.iter().map(|shift| shift.end).max().unwrap_or(last),
        breaks: shifts.iter().flat_map(|shift| shift.breaks.iter().cloned()).collect(),
    };
    let is_kept = |(_, absence): &&(AbsenceId, Absence)| {
        !stays.iter().any(|stay| absence.start < stay.end && stay.start < absence.end)
    };
    let absences: Vec<_> = input.absences.iter().filter(is_kept).cloned().collect();
    let one = DayInput { shifts: &[shift], absences: &absences, ..*input };
    Some(draft(&one, 0, stays.into_iter()))
}
