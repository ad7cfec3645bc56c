//! Puts a visit into the routes of a crew: what a hold takes and a booking writes.

use crate::problem::{Grid, ProblemErrors, Request, Snapshot, Stop, StopKind};
use crate::schedule::{Insertion, insert};
use crate::slots::{Crew, Member, SearchOptions, Workspace, search};
use crate::units::{Moment, ShiftIdx, TechnicianIdx};

/// A visit with its crew and what it does to their routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The promised start.
    pub start: Moment,
    /// The crew, in role order, with the planned start.
    pub crew: Crew,
    /// What happens to the shift of each member, in role order.
    pub changes: Vec<(ShiftIdx, Insertion)>,
}

/// Places a visit at a promised start with exactly these people, or says that it cannot be done.
///
/// Asks the same search that offered the slot, so what was offered can be booked as long as the
/// plan is the same. The grid of the request does not matter; its bounds and limits do.
///
/// * `technicians`: as many as there are roles, in any order; roles are matched to them.
///
/// Returns `Ok(None)` if they cannot do it then; [`crate::explain`] says why.
///
/// # Errors
/// Every fault of the request, see [`Request::check`].
pub fn place(
    snapshot: &Snapshot,
    request: &Request,
    start: Moment,
    technicians: &[TechnicianIdx],
) -> Result<Option<Placement>, ProblemErrors> {
    let mut exact = request.clone();
    exact.grid = Grid::Listed(vec![start]);
    exact.wishes.only = Some(technicians.to_vec());
    exact.wishes.required = technicians.to_vec();
    if technicians.len() != request.roles.len() {
        exact.check(snapshot)?;
        return Ok(None);
    }
    let options = SearchOptions { crews_per_slot: 1 };
    let slots = search(snapshot, &exact, options, &mut Workspace::default())?;
    let crew = slots.into_iter().next().and_then(|slot| slot.crews.into_iter().next());
    Ok(crew.and_then(|crew| apply(snapshot, request, start, &crew)))
}

/// Works out what a crew found by [`search`] does to the routes of its members.
///
/// * `start`: the promised start of the slot the crew belongs to.
///
/// Returns `None` if the crew does not fit (any more).
pub fn apply(
    snapshot: &Snapshot,
    request: &Request,
    start: Moment,
    crew: &Crew,
) -> Option<Placement> {
    let mut changes = Vec::with_capacity(crew.members.len());
    for member in &crew.members {
        let shift = snapshot.entry(member.shift).shift.shift();
        let stop = stop(request, start, crew, member);
        let insertion = insert(shift, member.position, stop, member.after)?;
        changes.push((member.shift, insertion));
    }
    Some(Placement { start, crew: crew.clone(), changes })
}

/// The visit as a stop in the route of a member.
fn stop(request: &Request, start: Moment, crew: &Crew, member: &Member) -> Stop {
    Stop {
        kind: StopKind::Visit,
        place: request.place,
        leg_in: member.before,
        earliest: start,
        latest: start + request.window,
        planned_start: crew.planned_start,
        duration: request.duration,
        pad_before: request.pad_before,
        pad_after: request.pad_after,
        fixed: crew.members.len() > 1 || !request.pools.is_empty(),
    }
}
