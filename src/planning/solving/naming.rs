//! Positions in sentences become the names of the file.

use roundsman_solver::formats::Case;
use roundsman_solver::optimize::Solution;
use roundsman_solver::optimize::explain::why_unassigned;

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
        text = replaced(&text, mark, |at| names.get(at).cloned());
    }
    for mark in ["Moment(", "Seconds("] {
        text = replaced(&text, mark, |_| None);
    }
    text
}

/// `mark`, a number and `)` become the name of that number, or the number itself.
fn replaced(text: &str, mark: &str, name: impl Fn(usize) -> Option<String>) -> String {
    let mut parts = text.split(mark);
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) => {
                let name = number.parse().ok().and_then(&name);
                done.push_str(&name.unwrap_or_else(|| number.to_owned()));
                done.push_str(rest);
            }
            None => done.push_str(part),
        }
    }
    done
}

/// By visit, why it is left out: one sentence per technician.
pub(super) fn reasons(case: &Case, solution: &Solution) -> Vec<Vec<String>> {
    let mut reasons = vec![Vec::new(); case.model.visits.len()];
    for visit in &solution.unassigned {
        for verdict in why_unassigned(&case.model, solution, *visit) {
            let at = verdict.technician.at();
            let who = case.names.technicians.get(at).cloned().unwrap_or_else(|| at.to_string());
            let faults = verdict.faults.iter().map(|fault| named(&fault.to_string(), case));
            let faults: Vec<String> = faults.collect();
            let why = match verdict.shift {
                None => "has no shift".to_owned(),
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
    }
}
