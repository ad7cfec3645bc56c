//! Puts a visit into the routes of a crew, as holds and bookings do.

use chrono::{DateTime, Utc};
use roundsman_solver::placing;
use roundsman_solver::slots::Crew;

use crate::domain::equipment::EquipmentNeed;
use crate::domain::id::{EquipmentId, TechnicianId, VisitId};
use crate::planning::answers::Found;
use crate::planning::days::StopOf;
use crate::planning::deciding::Rival;
use crate::planning::plan::Plan;
use crate::planning::requests::Variant;
use crate::planning::roster::Roster;
use crate::planning::times::instant;

/// What placing a visit does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Who comes, in order of the roles.
    pub technician_ids: Vec<TechnicianId>,
    /// Planned start on site.
    pub planned_start: DateTime<Utc>,
    /// Seconds of driving to the visit, for each of them.
    pub travel_s: Vec<i64>,
    /// Seconds of driving added to the routes of all.
    pub added_travel_s: i64,
    /// Other visits that move inside what was promised.
    pub moves: Vec<Move>,
    /// Shared units taken: kind and units.
    pub pooled: Vec<(EquipmentId, u32)>,
}

/// A visit whose planned start changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub visit_id: VisitId,
    /// From when.
    pub from: DateTime<Utc>,
    /// To when.
    pub to: DateTime<Utc>,
}

impl Placement {
    /// A crew at a start whatever that breaks, moving nothing else; no drives are known.
    ///
    /// * `needs`: the equipment of the visit; where the location has a pool, units are taken from it.
    pub fn as_told(
        roster: &Roster,
        technician_ids: Vec<TechnicianId>,
        planned_start: DateTime<Utc>,
        needs: &[EquipmentNeed],
    ) -> Self {
        let pooled = needs.iter().filter(|need| roster.pool(need.equipment_id).is_some());
        Self {
            travel_s: vec![0; technician_ids.len()],
            technician_ids,
            planned_start,
            added_travel_s: 0,
            moves: Vec::new(),
            pooled: pooled.map(|need| (need.equipment_id, need.units)).collect(),
        }
    }
}

/// The crews of a start, each as the technicians in order of the roles.
pub fn crews(found: &Found, roster: &Roster) -> Vec<Vec<TechnicianId>> {
    found.slot.crews.iter().map(|crew| ids(crew, roster)).collect()
}

fn ids(crew: &Crew, roster: &Roster) -> Vec<TechnicianId> {
    crew.members.iter().map(|member| roster.technicians[member.technician.at()]).collect()
}

/// Everybody in some crew of a start, with what the visit costs them at best.
pub fn rivals(found: &Found, roster: &Roster) -> Vec<Rival> {
    let mut rivals: Vec<Rival> = Vec::new();
    for member in found.slot.crews.iter().flat_map(|crew| &crew.members) {
        let rival = Rival {
            technician_id: roster.technicians[member.technician.at()],
            added_travel_s: member.added_travel().0,
            overtime_s: member.overtime.0,
        };
        match rivals.iter_mut().find(|known| known.technician_id == rival.technician_id) {
            Some(known) if rival.added_travel_s < known.added_travel_s => *known = rival,
            Some(_) => {}
            None => rivals.push(rival),
        }
    }
    rivals
}

/// Places the visit with one crew of a start.
///
/// * `crew`: position in [`crews`].
///
/// Returns none if that crew does not fit after all.
pub fn place(plan: &Plan, variants: &[Variant], found: &Found, crew: usize) -> Option<Placement> {
    let variant = variants.get(*found.variants.get(crew)?)?;
    let crew = found.slot.crews.get(crew)?;
    let placed = placing::apply(&plan.snapshot, &variant.request, found.slot.start, crew)?;
    let mut moves = Vec::new();
    for (shift, insertion) in &placed.changes {
        for moved in &insertion.moved {
            // Only visits can move: absences and breaks at a place stay where they are.
            let Some(StopOf::Visit(visit_id)) = plan.stops(*shift).get(moved.stop) else {
                continue;
            };
            let (from, to) = (instant(moved.from), instant(moved.to));
            moves.push(Move { visit_id: *visit_id, from, to });
        }
    }
    Some(Placement {
        technician_ids: ids(crew, &plan.roster),
        planned_start: instant(crew.planned_start),
        travel_s: crew.members.iter().map(|member| member.before.travel().0).collect(),
        added_travel_s: crew.added_travel().0,
        moves,
        pooled: variant.pooled.clone(),
    })
}
