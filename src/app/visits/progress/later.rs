//! What a report means for the visits after it, and who is told of that.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::live::{Running, View};
use crate::app::visits::VisitDetails;
use crate::app::visits::progress::Effect;
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, TechnicianId, VisitId};
use crate::domain::visits::Visit;
use crate::planning::days::StopOf;
use crate::planning::reading::{Later, outlook, read};
use crate::store::Tx;
use crate::store::events::{self, NewEvent};

/// The day of one of the crew.
pub(super) type Day = (TechnicianId, Running);

/// The days of the crew of a visit.
pub(super) async fn days_of(
    app: &App,
    view: &View,
    seen: &VisitDetails,
) -> Result<Vec<Day>, AppError> {
    let mut days = Vec::with_capacity(seen.assignments.len());
    for one in &seen.assignments {
        let running = view.running(app, one.technician_id, (seen.visit.id, one.start)).await?;
        days.extend(running.map(|running| (one.technician_id, running)));
    }
    Ok(days)
}

/// Seconds of the longest drive that somebody of the crew has to the visit.
pub(super) fn longest_drive(days: &[Day], visit_id: VisitId) -> i64 {
    let stops = days.iter().flat_map(|(_, day)| read(&day.whole).stops);
    let drives = stops.filter(|stop| stop.of == StopOf::Visit(visit_id)).filter_map(|s| s.drive);
    drives.map(|drive| drive.seconds).max().unwrap_or(0)
}

/// What a visit that ends at `end` means for the later ones of its crew, wherever in the day they lie,
/// and the most seconds of overtime.
pub(super) fn effects(
    view: &View,
    days: &[Day],
    visit_id: VisitId,
    end: DateTime<Utc>,
) -> (Vec<Effect>, i64) {
    let mut effects = Vec::new();
    let mut overtime_s = 0;
    for (technician_id, day) in days {
        let shift = day.of_shift.as_ref().unwrap_or(&day.whole);
        if let Some(found) = outlook(shift, visit_id, end) {
            overtime_s = overtime_s.max(found.overtime_s);
        }
        let Some(found) = outlook(&day.whole, visit_id, end) else { continue };
        effects.extend(found.later.iter().map(|later| effect(view, *technician_id, later)));
    }
    effects.sort_by_key(|effect| (effect.planned_start, effect.visit_id));
    (effects, overtime_s)
}

fn effect(view: &View, technician_id: TechnicianId, later: &Later) -> Effect {
    let promised = view.rows.planned(later.visit_id).and_then(|planned| planned.visit.promised);
    Effect {
        visit_id: later.visit_id,
        technician_id,
        planned_start: later.planned,
        expected_start: later.expected,
        promised,
        late_s: promised
            .map_or(later.late_s, |window| (later.expected - window.until).num_seconds().max(0)),
    }
}

/// An event for the report, with what is expected of later visits now, and one for each of them that
/// will miss its promise.
pub(super) fn tell(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    (before, changed): (&VisitDetails, &Visit),
    effects: &[Effect],
) {
    let event = |kind: &str, subject_id: VisitId, payload: Value| NewEvent {
        organization_id,
        location_id: Some(changed.location_id),
        kind: kind.to_owned(),
        subject_id: subject_id.to_string(),
        payload,
        at: app.now(),
    };
    let id = changed.id;
    let technician_ids: Vec<_> = before.assignments.iter().map(|one| one.technician_id).collect();
    let moved: Vec<VisitId> = effects.iter().map(|effect| effect.visit_id).collect();
    let expected = effects.iter().map(
        |effect| json!({"visit_id": effect.visit_id, "expected_start": effect.expected_start}),
    );
    let payload = json!({
        "visit_id": id,
        "technician_ids": technician_ids,
        "start": changed.planned_start,
        "moved_visit_ids": moved,
        "expected": expected.collect::<Vec<_>>(),
    });
    events::append(tx, event("visit.progressed", id, payload));
    for effect in effects.iter().filter(|effect| effect.late_s > 0 && effect.promised.is_some()) {
        let payload = json!({
            "visit_id": effect.visit_id,
            "after_visit_id": id,
            "expected_start": effect.expected_start,
            "late_s": effect.late_s,
            "promised": effect.promised,
        });
        events::append(tx, event("visit.late", effect.visit_id, payload));
    }
}
