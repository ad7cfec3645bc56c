//! Single numbers of the model: a drive, a stay on site, whether a visit is started or frozen.

use crate::optimize::Model;
use crate::optimize::model::{Current, Shift};
use crate::units::{Metres, PlaceIdx, Seconds, TechnicianIdx, VisitIdx};

/// One drive by the car of a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drive {
    /// Whether a road leads there; without one the other numbers mean nothing.
    pub(crate) reachable: bool,
    pub(crate) seconds: Seconds,
    pub(crate) metres: Metres,
    /// What the matrix says it costs, if it says so.
    pub(crate) cost: Option<i64>,
}

/// Seconds of the matrix times the shift's per cent, rounded up; metres of the matrix.
pub(crate) fn drive(
    model: &Model,
    shift: &Shift,
    from: Option<PlaceIdx>,
    to: Option<PlaceIdx>,
) -> Drive {
    let nothing = Drive { reachable: true, seconds: Seconds::ZERO, metres: Metres(0), cost: None };
    let Some(matrix) = model.matrices.get(shift.profile) else { return nothing };
    let leg = matrix.leg(from, to);
    let cost = matrix.cost(from, to);
    if !leg.is_reachable() {
        return Drive { reachable: false, cost, ..nothing };
    }
    let scaled = leg.travel().0 * i64::from(shift.drive_percent);
    let seconds = Seconds(scaled.div_euclid(100) + i64::from(scaled.rem_euclid(100) > 0));
    Drive { reachable: true, seconds, metres: leg.distance(), cost }
}

/// The place where a shift begins with everything set up.
pub(crate) fn ready_at(shift: &Shift) -> Option<PlaceIdx> {
    shift.start_place.filter(|_| shift.set_up)
}

/// How long a technician is on site in a role of a visit: setup unless the visit before in the
/// shift was at the same place, service at this technician's pace, exit.
///
/// * `before`: place of the visit before in the same shift; see [`ready_at`] for the first.
pub(crate) fn onsite(
    model: &Model,
    visit: VisitIdx,
    role: usize,
    technician: TechnicianIdx,
    before: Option<PlaceIdx>,
) -> Seconds {
    let asked = &model.visits[visit.at()];
    let crew = &asked.crew[role];
    let own = asked.own_times.iter().find(|own| own.technician == technician);
    let is_there = asked.place.is_some() && before == asked.place;
    let setup = own.map_or(asked.setup, |own| own.setup);
    let setup = if is_there { Seconds::ZERO } else { setup };
    if let Some(own) = own {
        return setup + own.duration + asked.exit;
    }
    let pace = |need: &crate::problem::SkillNeed| {
        let own = |pace: &&crate::optimize::model::Pace| {
            pace.technician == technician && pace.skill == need.skill
        };
        model.paces.iter().filter(own).map(|pace| i64::from(pace.percent)).max().unwrap_or(100)
    };
    let percent = crew.needs.skills.iter().map(pace).max().unwrap_or(100);
    let scaled = crew.duration.unwrap_or(asked.duration).0 * percent;
    let service = Seconds(scaled.div_euclid(100) + i64::from(scaled.rem_euclid(100) > 0));
    setup + service + asked.exit
}

/// Where a visit stands in the plan in force.
pub(crate) fn current(model: &Model, visit: VisitIdx) -> Option<&Current> {
    model.current.get(visit.at())?.as_ref()
}

/// Whether work on a visit has begun.
pub(crate) fn is_started(model: &Model, visit: VisitIdx) -> bool {
    current(model, visit).is_some_and(|current| current.started)
}

/// Whether a visit is planned to start before the end of the freeze.
pub(crate) fn is_frozen(model: &Model, visit: VisitIdx) -> bool {
    let planned = current(model, visit);
    planned.zip(model.freeze.until).is_some_and(|(current, until)| current.start < until)
}

/// Whether somebody decided about people and times of a visit before: started or frozen.
pub(crate) fn is_settled(model: &Model, visit: VisitIdx) -> bool {
    is_started(model, visit) || is_frozen(model, visit)
}
