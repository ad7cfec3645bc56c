//! What the people of a location have done in a period, for assignment policies: read once and kept
//! until a day of it changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use chrono::NaiveDate;

use crate::app::App;
use crate::app::live::View;
use crate::calendar::dates::shifted;
use crate::calendar::zones::days;
use crate::domain::absences::AbsenceOf;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, OrganizationId, TechnicianId};
use crate::domain::plans::PlanVersion;
use crate::planning::requests::Between;
use crate::store::technicians::{WorkedDay, worked_days};
use crate::store::{Tx, absences, plans};

/// Days before the period in which a last assignment is looked for.
const LOOK_BACK_DAYS: i64 = 31;

/// Periods kept, over all locations; then they are forgotten together.
const KEPT_MAX: usize = 256;

/// What the technicians of a location have done in a period and some weeks before, and when they
/// are away in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) worked: HashMap<TechnicianId, Vec<WorkedDay>>,
    pub(crate) absences: HashMap<TechnicianId, Vec<Between>>,
}

/// A location's period.
pub(super) type Key = (OrganizationId, LocationId, (NaiveDate, NaiveDate));

/// A history, and the versions of the catalogue and of the days that it was read from.
pub(super) type Kept = (i64, Vec<PlanVersion>, Arc<History>);

/// The history of a period as this transaction sees it.
///
/// Cost when no day of it changed: one small query. Otherwise one query that adds up the
/// assignments by technician and day.
pub(crate) async fn history(
    app: &App,
    tx: &mut Tx,
    view: &View,
    period: DateSpan,
) -> Result<Arc<History>, AppError> {
    let (organization_id, location_id) = (view.organization_id, view.roster.location_id);
    let key = (organization_id, location_id, (period.from, period.until));
    let seen = DateSpan { from: shifted(period.from, -LOOK_BACK_DAYS), until: period.until };
    let catalogue = view.setup.catalogue.version;
    let versions = plans::versions(tx, organization_id, location_id, seen.from, seen.until).await?;
    {
        let kept = app.live.histories.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((its, days, history)) = kept.get(&key)
            && (*its, days) == (catalogue, &versions)
        {
            return Ok(Arc::clone(history));
        }
    }
    let span = days(view.roster.zone, seen);
    let mut history = History::default();
    for day in worked_days(tx, (organization_id, location_id), span.start, span.end).await? {
        history.worked.entry(day.technician_id).or_default().push(day);
    }
    let away = absences::overlapping(tx, organization_id, location_id, span.start, span.end);
    for absence in away.await?.into_iter().map(|record| record.value) {
        if let AbsenceOf::Technician { technician_id } = absence.of {
            let spans = history.absences.entry(technician_id).or_default();
            spans.push((absence.start, absence.end));
        }
    }
    let history = Arc::new(history);
    let mut kept = app.live.histories.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT_MAX {
        kept.clear();
    }
    kept.insert(key, (catalogue, versions, Arc::clone(&history)));
    Ok(history)
}
