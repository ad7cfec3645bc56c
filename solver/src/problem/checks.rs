//! Faults of a request, all at once.

use crate::problem::{Grid, ProblemError, ProblemErrors, Request, Snapshot};
use crate::units::{Seconds, Span, TechnicianIdx};

/// Longest visit, window, pad or step: two years, as for shifts.
const LENGTH_MAX: i64 = 1 << 26;

impl Request {
    /// Checks the request by itself and against the plan it will be asked of.
    ///
    /// # Errors
    /// Every fault found: no role or too many, negative or oversize lengths, lists out of order,
    /// references to technicians or pools that do not exist, travel rows that are too short.
    pub fn check(&self, snapshot: &Snapshot) -> Result<(), ProblemErrors> {
        let mut faults = Vec::new();
        roles(self, &mut faults);
        lengths(self, &mut faults);
        lists(self, &mut faults);
        references(self, snapshot, &mut faults);
        ProblemErrors::none_of(faults)
    }
}

fn roles(request: &Request, faults: &mut Vec<ProblemError>) {
    let count = request.roles.len();
    if count == 0 {
        faults.push(ProblemError::NoRole);
    }
    for (what, count) in [("roles", count), ("required technicians", request.wishes.required.len())]
    {
        if count > Request::CREW_MAX {
            faults.push(ProblemError::TooMany { what, count, max: Request::CREW_MAX });
        }
    }
}

fn lengths(request: &Request, faults: &mut Vec<ProblemError>) {
    let mut check = |what, at, value: Seconds| {
        if value < Seconds::ZERO {
            faults.push(ProblemError::NegativeLength { what, at, value });
        }
        if value.0 > LENGTH_MAX {
            faults.push(ProblemError::OutOfRange { what, value: value.0, max: LENGTH_MAX });
        }
    };
    check("duration", 0, request.duration);
    check("pad before", 0, request.pad_before);
    check("pad after", 0, request.pad_after);
    check("arrival window", 0, request.window);
    for (at, need) in request.pools.iter().enumerate() {
        check("lead of equipment", at, need.lead);
        check("trail of equipment", at, need.trail);
    }
    if let Grid::Anchored { step, align, .. } = &request.grid {
        for (what, value) in [("step of the grid", *step), ("alignment of the grid", *align)] {
            if value <= Seconds::ZERO {
                faults.push(ProblemError::NotPositive { what, value });
            }
        }
    }
}

fn lists(request: &Request, faults: &mut Vec<ProblemError>) {
    let days: Vec<Span> = request.days.iter().map(|day| day.span).collect();
    let spans = [
        ("days", &days),
        ("blackouts", &request.bounds.blackouts),
        ("wished parts of the day", &request.bounds.only_within),
    ];
    for (what, spans) in spans {
        let unordered = spans.windows(2).position(|pair| pair[1].from < pair[0].until);
        let empty = spans.iter().position(|span| span.from > span.until);
        if let Some(at) = unordered.map(|at| at + 1).or(empty) {
            faults.push(ProblemError::NotAscending { what, at });
        }
    }
    let out_of_order = match &request.grid {
        Grid::Listed(starts) => starts.windows(2).position(|pair| pair[1] <= pair[0]),
        Grid::Anchored { offsets, .. } => {
            offsets.windows(2).position(|pair| pair[1].0 <= pair[0].0)
        }
    };
    if let Some(at) = out_of_order {
        faults.push(ProblemError::NotAscending { what: "grid", at: at + 1 });
    }
}

fn references(request: &Request, snapshot: &Snapshot, faults: &mut Vec<ProblemError>) {
    let count = snapshot.technicians().len();
    let wishes = &request.wishes;
    let preferred: Vec<TechnicianIdx> = wishes.preferred.iter().map(|&(who, _)| who).collect();
    let only = wishes.only.clone().unwrap_or_default();
    let lists = [
        ("the list of candidates", &only),
        ("the list of required people", &wishes.required),
        ("the list of excluded people", &wishes.excluded),
        ("the list of preferred people", &preferred),
    ];
    for (what, list) in lists {
        for &technician in list.iter().filter(|who| who.at() >= count) {
            faults.push(ProblemError::UnknownTechnician { what, technician, count });
        }
    }
    for (at, need) in request.pools.iter().enumerate() {
        let (pool, count) = (need.pool, snapshot.pools().len());
        if pool.at() >= count {
            faults.push(ProblemError::UnknownPool { pool, count });
        }
        if request.pools[..at].iter().any(|other| other.pool == pool) {
            faults.push(ProblemError::RepeatedPool { pool });
        }
    }
    let costs = request.weights.technician.len();
    if costs != 0 && costs != count {
        let what = "the table of costs per technician";
        faults.push(ProblemError::WrongLength { what, count: costs, expected: count });
    }
    if let Some(rows) = &request.travel {
        let expected = snapshot.place_count();
        for (what, count) in [
            ("the row of travel to the place", rows.to_place.len()),
            ("the row of travel from the place", rows.from_place.len()),
        ] {
            if count < expected {
                faults.push(ProblemError::WrongLength { what, count, expected });
            }
        }
    }
}
