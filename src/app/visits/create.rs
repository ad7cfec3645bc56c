//! A job with a visit that is in nobody's day yet.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::bookings::visit::JobWords;
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::Wanted;
use crate::app::placing::written::{News, tell};
use crate::app::slots::choice::SlotChoice;
use crate::app::visits::VisitDetails;
use crate::app::{App, audit, bookings, catalogue, idempotency, live};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{CustomerId, JobId, LocationId, PackageId, ServiceId, SiteId, VisitId};
use crate::domain::places::Place;
use crate::domain::slots::{Wishes, work_ids};
use crate::domain::visits::{ActualTimes, ArrivalWindow, Lock, Visit, VisitStatus, check_priority};
use crate::store::visits as rows;

/// Work to be done at some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VisitRequest {
    /// The services, in order of work; or name a package.
    #[serde(default)]
    #[schema(schema_with = work_ids)]
    pub service_ids: Vec<ServiceId>,
    /// The package; or name services.
    #[serde(default)]
    pub package_id: Option<PackageId>,
    /// The location that does it; the nearest that comes there for it if none.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// Where.
    pub place: Place,
    /// Who ordered it.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// Where, as a site of the customer.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// One line for lists; the names of the services if empty.
    #[serde(default)]
    pub title: String,
    /// More words.
    #[serde(default)]
    pub description: String,
    /// How urgent it is: 0 (ordinary) to 100; as its services are if none.
    #[serde(default)]
    #[schema(maximum = 100)]
    pub priority: Option<u8>,
    /// What is promised already, if anything.
    #[serde(default)]
    pub promised: Option<ArrivalWindow>,
}

impl Validate for VisitRequest {
    fn validate(&self, faults: &mut Faults) {
        let count = self.service_ids.len();
        let one = self.package_id.is_some() != (count > 0);
        faults.check(one, "service_ids", count, "name services or a package, one of the two");
        faults.within("place.", |faults| self.place.validate(faults));
        let title = self.title.chars().count();
        faults.check(title <= 300, "title", title, "must have at most 300 characters");
        check_priority(faults, "priority", self.priority.unwrap_or(0));
        if let Some(window) = self.promised {
            let ordered = window.from <= window.until;
            faults.check(ordered, "promised.until", window.until, "must not be before from");
        }
    }
}

/// Creates a job with an unassigned visit.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(
    app: &App,
    actor: &Actor,
    request: &VisitRequest,
) -> Result<VisitDetails, AppError> {
    permit(actor, Operation::VisitsCreate)?;
    let (organization_id, now) = (actor.organization_id, app.now());
    let mut tx = app.db.write().await?;
    let mut faults = Faults::default();
    request.validate(&mut faults);
    let mut references = catalogue::References::default();
    if let Some(id) = request.customer_id {
        references.add("customer_id", catalogue::Kind::Customer, id);
    }
    if let Some(id) = request.site_id {
        references.add("site_id", catalogue::Kind::Site, id);
    }
    catalogue::check(&mut tx, organization_id, &references, &mut faults).await?;
    let setup = live::setup(app, &mut tx, organization_id).await?;
    let looked_up = choice(request, app).wanted(&setup, Sight::Everything);
    let wanted: Wanted = faults.and("", looked_up)?;
    let (visit_id, job_id) = (VisitId(app.new_id()), JobId(app.new_id()));
    let words = JobWords {
        customer_id: request.customer_id,
        site_id: request.site_id,
        title: request.title.clone(),
        description: request.description.clone(),
    };
    bookings::visit::insert_job(app, actor, &mut tx, (&wanted, job_id), &words).await?;
    let visit = Visit {
        id: visit_id,
        job_id,
        location_id: wanted.asked.location_id,
        revision: 1,
        place: request.place.clone(),
        needs: wanted.asked.work.needs.clone(),
        status: VisitStatus::Unassigned,
        lock: Lock::None,
        priority: request.priority.unwrap_or(wanted.asked.work.priority),
        promised: request.promised,
        planned_start: None,
        actual: ActualTimes::default(),
    };
    rows::insert(&mut tx, organization_id, &visit, &wanted.asked.zones, now).await?;
    let action = audit::Action { noun: "visits", verb: "create", id: visit_id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, audit::json(&visit))).await?;
    let news = News {
        kind: "visit.created",
        subject_id: visit_id.to_string(),
        location_id: visit.location_id,
        visit_id,
        technician_ids: Vec::new(),
        start: None,
        moved: Vec::new(),
    };
    tell(app, organization_id, &mut tx, news);
    let details = VisitDetails { visit, assignments: Vec::new(), booking: None };
    idempotency::keep(app, &mut tx, &details).await?;
    tx.commit().await?;
    Ok(details)
}

/// The same as a choice, whose start does not matter.
fn choice(request: &VisitRequest, app: &App) -> SlotChoice {
    SlotChoice {
        service_ids: request.service_ids.clone(),
        package_id: request.package_id,
        location_id: request.location_id,
        place: request.place.clone(),
        start: app.now(),
        technician_ids: Vec::new(),
        wishes: Wishes::default(),
    }
}
