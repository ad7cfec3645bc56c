//! An arranged plan written down: visits, who does them, the equipment they take.

use crate::app::App;
use crate::app::audit;
use crate::app::proposals::arranging::{Arranged, Step};
use crate::domain::actors::Actor;
use crate::domain::equipment::EquipmentUse;
use crate::domain::error::AppError;
use crate::domain::id::VisitId;
use crate::domain::visits::{Visit, VisitStatus};
use crate::store::assignments::{self, Assigned};
use crate::store::equipment_uses;
use crate::store::{Tx, visits};

/// Writes every visit that changed; old places go before new ones are taken, so that visits can
/// change places. The database has the last word.
pub(super) async fn write(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (steps, arranged): (&[Step], &Arranged),
) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    let ids: Vec<VisitId> = steps.iter().map(|step| step.details.visit.id).collect();
    let mut assigned: Vec<Assigned> = Vec::new();
    for step in steps {
        let before = &step.details.visit;
        let planned = arranged.view.rows.planned(before.id);
        let crew: &[Assigned] = planned.map_or(&[], |planned| &planned.crew);
        let visit = match planned {
            Some(planned) => (*planned.visit).clone(),
            None => {
                Visit { status: VisitStatus::Unassigned, planned_start: None, ..before.clone() }
            }
        };
        let stored = visits::update(tx, organization_id, &visit, app.now()).await?;
        stored.ok_or_else(|| AppError::not_found("visit", before.id))?;
        let action = audit::Action { noun: "visits", verb: "replan", id: before.id.into() };
        let after: Vec<_> = crew.iter().map(|one| one.assignment).collect();
        let both = (audit::json(&step.details.assignments), audit::json(&after));
        audit::note(app, tx, actor, action, both).await?;
        assigned.extend(crew);
    }
    assignments::replace(tx, organization_id, &ids, &assigned).await?;
    let location_id = arranged.view.roster.location_id;
    let uses = arranged.view.rows.taken.iter().filter_map(|taken| {
        let visit_id = taken.visit_id.filter(|id| ids.contains(id))?;
        let (equipment_id, units) = (taken.kind, taken.units);
        let (start, end) = (taken.from, taken.until);
        Some(EquipmentUse { visit_id, equipment_id, location_id, units, start, end })
    });
    let uses: Vec<EquipmentUse> = uses.collect();
    equipment_uses::replace(tx, organization_id, &ids, &uses).await?;
    Ok(())
}
