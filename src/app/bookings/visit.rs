//! The job and the visit behind a hold or a booking.

use crate::app::App;
use crate::app::placing::{Placed, Wanted};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{CustomerId, JobId, SiteId, VisitId};
use crate::domain::jobs::Job;
use crate::domain::visits::{ActualTimes, Lock, Visit, VisitStatus};
use crate::store::{Tx, records, visits};

/// A visit that is about to be stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewVisit {
    pub(crate) visit_id: VisitId,
    pub(crate) job_id: JobId,
    pub(crate) status: VisitStatus,
    /// How urgent it is; as its services are if none.
    pub(crate) priority: Option<u8>,
}

/// For whom and in which words.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobWords {
    pub(crate) customer_id: Option<CustomerId>,
    pub(crate) site_id: Option<SiteId>,
    /// The names of the services if empty.
    pub(crate) title: String,
    pub(crate) description: String,
}

/// Stores the job of a new visit.
pub(crate) async fn insert_job(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (wanted, job_id): (&Wanted, JobId),
    words: &JobWords,
) -> Result<Job, AppError> {
    let work = &wanted.asked.work;
    let title = if words.title.is_empty() { work.title.clone() } else { words.title.clone() };
    let job = Job {
        location_id: wanted.asked.location_id,
        customer_id: words.customer_id,
        site_id: words.site_id,
        service_ids: work.needs.service_ids.clone(),
        package_id: wanted.asked.package_id,
        title: title.chars().take(300).collect(),
        description: words.description.clone(),
    };
    records::insert(tx, actor.organization_id, job_id, &job, app.now()).await?;
    Ok(job)
}

/// Stores a new visit at its place in the plan; its assignments come after it.
pub(crate) async fn insert(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (wanted, placed): (&Wanted, &Placed),
    new: NewVisit,
) -> Result<Visit, AppError> {
    let visit = Visit {
        id: new.visit_id,
        job_id: new.job_id,
        location_id: wanted.asked.location_id,
        revision: 1,
        place: wanted.asked.place.clone(),
        needs: wanted.asked.work.needs.clone(),
        status: new.status,
        lock: Lock::None,
        priority: new.priority.unwrap_or(wanted.asked.work.priority),
        promised: Some(placed.window),
        planned_start: Some(placed.placement.planned_start),
        actual: ActualTimes::default(),
    };
    visits::insert(tx, actor.organization_id, &visit, &wanted.asked.zones, app.now()).await?;
    Ok(visit)
}
