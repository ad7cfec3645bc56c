//! Which roles a technician can take, when, and at what base cost.

use crate::problem::{HeldSkill, Request, Role, Snapshot, Technician, ZoneLevel};
use crate::units::{Span, TechnicianIdx};

/// Roles as bits: bit `r` is role `r`.
pub(crate) type RoleMask = u8;

/// A technician who can take at least one role at some time.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) technician: TechnicianIdx,
    /// Roles by start: ascending, disjoint, each with at least one role.
    pub(crate) pieces: Vec<(Span, RoleMask)>,
    pub(crate) zone: ZoneLevel,
    /// Cost whatever the slot.
    pub(crate) cost: i64,
    /// Must be in the crew.
    pub(crate) required: bool,
}

/// Technicians worth looking at, in order of their keys.
pub(crate) fn list(snapshot: &Snapshot, request: &Request) -> Vec<Fit> {
    let mut fits: Vec<Fit> = snapshot
        .by_key()
        .iter()
        .filter_map(|&technician| fit(snapshot, request, technician))
        .collect();
    if request.roles.len() <= required_count(request) {
        // The required people fill the crew: nobody else can help.
        fits.retain(|fit| fit.required);
    }
    fits
}

/// How many different people must be in the crew.
pub(crate) fn required_count(request: &Request) -> usize {
    let mut required = request.wishes.required.clone();
    required.sort_unstable();
    required.dedup();
    required.len()
}

fn fit(snapshot: &Snapshot, request: &Request, at: TechnicianIdx) -> Option<Fit> {
    if !is_wished(request, at) {
        return None;
    }
    let technician = snapshot.technician(at);
    let zone = zone_level(request, technician)?;
    let pieces = pieces(request, technician);
    if pieces.is_empty() {
        return None;
    }
    let weights = &request.weights;
    let mut cost = weights.technician.get(at.at()).copied().unwrap_or(0);
    if zone == ZoneLevel::Secondary {
        cost += weights.secondary_zone;
    }
    for &(_, bonus) in request.wishes.preferred.iter().filter(|(who, _)| *who == at) {
        cost -= bonus;
    }
    let required = request.wishes.required.contains(&at);
    Some(Fit { technician: at, pieces, zone, cost, required })
}

/// Whether the wishes let this technician come.
pub(crate) fn is_wished(request: &Request, technician: TechnicianIdx) -> bool {
    let wishes = &request.wishes;
    !wishes.excluded.contains(&technician)
        && (wishes.only.as_ref().is_none_or(|only| only.contains(&technician))
            || wishes.required.contains(&technician))
}

/// How well the technician's zones cover the place; `None` = not at all.
pub(crate) fn zone_level(request: &Request, technician: &Technician) -> Option<ZoneLevel> {
    match &request.zones {
        Some(zones) => technician.coverage.level(zones),
        None => Some(ZoneLevel::Primary),
    }
}

/// Roles the technician can take, by start: ascending, disjoint, none without a role.
pub(crate) fn pieces(request: &Request, technician: &Technician) -> Vec<(Span, RoleMask)> {
    let always = HeldSkill::lasting(crate::units::SkillIdx(0), 1).span();
    let needs = |held: &HeldSkill| {
        request.roles.iter().flat_map(|role| &role.skills).any(|need| held.meets(*need))
    };
    let mut cuts: Vec<_> = vec![always.from, always.until];
    for held in technician.skills.iter().filter(|held| needs(held)) {
        cuts.extend([held.span().from, held.span().until]);
    }
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces: Vec<(Span, RoleMask)> = Vec::new();
    for pair in cuts.windows(2) {
        let span = Span::new(pair[0], pair[1]);
        let mask = mask(request, technician, span);
        match pieces.last_mut() {
            Some(last) if last.1 == mask && last.0.until == span.from => last.0.until = span.until,
            _ if mask != 0 => pieces.push((span, mask)),
            _ => {}
        }
    }
    pieces
}

/// Roles the technician can take at every start inside `span`, across which no needed skill changes.
fn mask(request: &Request, technician: &Technician, span: Span) -> RoleMask {
    let can = |role: &Role| {
        technician.carries(role)
            && role.skills.iter().all(|need| {
                let holds = |held: &HeldSkill| held.meets(*need) && held.span().overlaps(span);
                technician.skills.iter().any(holds)
            })
    };
    request.roles.iter().enumerate().fold(
        0,
        |mask, (at, role)| {
            if can(role) { mask | 1 << at } else { mask }
        },
    )
}
