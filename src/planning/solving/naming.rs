//! Positions in sentences become the names of the file.

use chrono::DateTime;
use roundsman_solver::formats::Case;
use roundsman_solver::optimize::Solution;
use roundsman_solver::optimize::explain::why_each_unassigned;
use roundsman_solver::optimize::model::Shift;
use roundsman_solver::units::{PlaceIdx, VisitIdx};

use crate::planning::positions::{position, replaced};

/// A sentence of the solver with names in place of `VisitIdx(3)` and the like.
pub(super) fn named(sentence: &str, case: &Case) -> String {
    let names = &case.names;
    let kinds = [
        ("VisitIdx(", &names.visits),
        ("ShiftIdx(", &names.shifts),
        ("TechnicianIdx(", &names.technicians),
        ("PlaceIdx(", &names.places),
        ("SkillIdx(", &names.skills),
        ("PoolIdx(", &names.pools),
        ("ZoneIdx(", &names.zones),
        ("EquipmentIdx(", &names.tools),
    ];
    let mut text = sentence.to_owned();
    for (mark, names) in kinds {
        text = replaced(&text, mark, |at| names.get(position(at)).cloned());
    }
    text = replaced(&text, "Moment(", |ticks| Some(moment(ticks, case)));
    let length = |ticks| {
        let unit = if case.dates { " s" } else { "" };
        Some(format!("{}{unit}", case.time_text(ticks)))
    };
    replaced(&text, "Seconds(", length)
}

/// A moment as the file would write it.
fn moment(ticks: i64, case: &Case) -> String {
    let date = DateTime::from_timestamp(ticks, 0).filter(|_| case.dates);
    date.map_or_else(|| case.time_text(ticks), |date| date.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// What stands at a place, by its position.
pub(super) fn who_is_at(case: &Case, place: usize) -> String {
    let here = |at: Option<PlaceIdx>| at.is_some_and(|at| at.at() == place);
    let visit = case.model.visits.iter().position(|visit| here(visit.place));
    let ends = |shift: &Shift| here(shift.start_place) || here(shift.end_place);
    let (kind, names, at) = match (visit, case.model.shifts.iter().position(ends)) {
        (Some(at), _) => ("visit", &case.names.visits, at),
        (None, Some(at)) => ("shift", &case.names.shifts, at),
        (None, None) => ("place", &case.names.places, place),
    };
    format!("{kind} {}", names.get(at).cloned().unwrap_or_else(|| at.to_string()))
}

/// By visit, why it is left out: one sentence per technician.
pub(super) fn reasons(case: &Case, solution: &Solution) -> Vec<Vec<String>> {
    let is_mandatory = |visit: &VisitIdx| case.model.visits[visit.at()].mandatory > 0;
    let mut reasons = vec![Vec::new(); case.model.visits.len()];
    let visits = &solution.unassigned;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let verdicts = why_each_unassigned(&case.model, solution, visits, threads);
    for (visit, verdicts) in visits.iter().zip(verdicts) {
        for verdict in verdicts {
            let at = verdict.technician.at();
            let who = case.names.technicians.get(at).cloned().unwrap_or_else(|| at.to_string());
            let faults = verdict.faults.iter().map(|fault| named(&fault.to_string(), case));
            let faults: Vec<String> = faults.collect();
            let why = match verdict.shift {
                None => "has no shift".to_owned(),
                Some(_) if faults.is_empty() && (is_mandatory(visit) || verdict.more <= 0) => {
                    "it fits".to_owned()
                }
                Some(_) if faults.is_empty() => {
                    "it fits, but costs more than it is worth".to_owned()
                }
                Some(_) => faults.join("; "),
            };
            reasons[visit.at()].push(format!("{who}: {why}"));
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use roundsman_solver::optimize::Model;

    #[test]
    fn names_take_the_place_of_positions() {
        let mut case = Case::new(Model::default());
        case.names.visits = vec!["boiler".to_owned()];
        let text = named("visit VisitIdx(0) of VisitIdx(7) starts at Moment(90)", &case);
        assert_eq!(text, "visit boiler of 7 starts at 90");
        case.dates = true;
        // An hour and a half after the first of January 1970.
        let text = named("starts at Moment(5400), Seconds(60) late", &case);
        assert_eq!(text, "starts at 1970-01-01T01:30:00Z, 60 s late");
    }
}
