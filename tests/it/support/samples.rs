//! An organization with a few things in it, and visits to put into its plan.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use roundsman::clock::{IdSource as _, SystemClock, SystemIds};
use roundsman::domain::bookings::{Booking, BookingStatus};
use roundsman::domain::equipment::{Equipment, Pool};
use roundsman::domain::id::{
    BookingId, EquipmentId, JobId, LocationId, OrganizationId, ServiceId, TechnicianId, VisitId,
};
use roundsman::domain::jobs::Job;
use roundsman::domain::locations::Location;
use roundsman::domain::organizations::Organization;
use roundsman::domain::places::Place;
use roundsman::domain::services::Service;
use roundsman::domain::technicians::Technician;
use roundsman::domain::travel::TravelMode;
use roundsman::domain::visits::{ArrivalWindow, Assignment, Lock, Visit, VisitNeeds, VisitStatus};
use roundsman::store::assignments::Assigned;
use roundsman::store::{Db, StoreError, Tx, assignments, bookings, organizations, records, visits};
use serde_json::json;
use uuid::Uuid;

/// An organization with one location, three technicians, one service and two ladders.
pub(crate) struct Sample {
    pub(crate) organization_id: OrganizationId,
    pub(crate) location_id: LocationId,
    pub(crate) technician_ids: Vec<TechnicianId>,
    pub(crate) service_id: ServiceId,
    pub(crate) equipment_id: EquipmentId,
}

/// A new id.
pub(crate) fn id<I: From<Uuid>>() -> I {
    static IDS: LazyLock<SystemIds> = LazyLock::new(|| SystemIds::new(Arc::new(SystemClock)));
    I::from(IDS.next_id())
}

/// `hour` o'clock (UTC) of 1 March 2027, a Monday.
pub(crate) fn at(hour: i64) -> DateTime<Utc> {
    let midnight: DateTime<Utc> = "2027-03-01T00:00:00Z".parse().unwrap();
    midnight + TimeDelta::hours(hour)
}

/// A technician of a location, all else by default.
pub(crate) fn technician(name: &str, location_id: LocationId) -> Technician {
    serde_json::from_value(json!({ "name": name, "location_id": location_id })).unwrap()
}

/// A location in Reykjavik.
pub(crate) fn location(name: &str) -> Location {
    serde_json::from_value(json!({
        "name": name,
        "time_zone": "Atlantic/Reykjavik",
        "place": { "lat": 64.14, "lon": -21.94 },
    }))
    .unwrap()
}

/// A service of one hour.
pub(crate) fn service(name: &str) -> Service {
    serde_json::from_value(json!({ "name": name, "duration_min": 60 })).unwrap()
}

/// Stores a [`Sample`].
pub(crate) async fn sample(db: &Db) -> Sample {
    let sample = Sample {
        organization_id: id(),
        location_id: id(),
        technician_ids: vec![id(), id(), id()],
        service_id: id(),
        equipment_id: id(),
    };
    let organization = Organization {
        name: "Aurora".to_owned(),
        slug: sample.organization_id.to_string(),
        time_zone: chrono_tz::Atlantic::Reykjavik,
        locale: "en".to_owned(),
        travel: TravelMode::Road,
        hold_min: 10,
        snap_limit_m: 1000,
        osrm: None,
        booking_page: roundsman::domain::booking_pages::BookingPage::default(),
    };
    let now = at(0);
    let mut tx = db.write().await.unwrap();
    let organization_id = sample.organization_id;
    organizations::insert(&mut tx, organization_id, &organization, now).await.unwrap();
    let place = location("Reykjavik");
    records::insert(&mut tx, organization_id, sample.location_id, &place, now).await.unwrap();
    for (technician_id, name) in sample.technician_ids.iter().zip(["Anna", "Björn", "Ásta"]) {
        let technician = technician(name, sample.location_id);
        records::insert(&mut tx, organization_id, *technician_id, &technician, now).await.unwrap();
    }
    let photos = service("Photos");
    records::insert(&mut tx, organization_id, sample.service_id, &photos, now).await.unwrap();
    let ladders = Equipment {
        name: "Ladder".to_owned(),
        pools: vec![Pool { location_id: sample.location_id, units: 2 }],
        travels: false,
    };
    records::insert(&mut tx, organization_id, sample.equipment_id, &ladders, now).await.unwrap();
    tx.commit().await.unwrap();
    sample
}

impl Sample {
    /// A planned visit of one hour that starts at `start`.
    pub(crate) fn visit(&self, job_id: JobId, start: DateTime<Utc>) -> Visit {
        Visit {
            id: id(),
            job_id,
            location_id: self.location_id,
            revision: 1,
            place: Place::at(64.13, -21.9),
            needs: VisitNeeds {
                service_ids: vec![self.service_id],
                setup_s: 0,
                work_s: 3600,
                exit_s: 0,
                crew: vec![],
                crew_mode: roundsman::domain::services::CrewMode::Together,
                equipment: vec![],
                travel: TravelMode::Road,
            },
            status: VisitStatus::Planned,
            lock: Lock::None,
            priority: 0,
            promised: Some(ArrivalWindow { from: start, until: start }),
            planned_start: Some(start),
            actual: roundsman::domain::visits::ActualTimes::default(),
        }
    }

    /// The job of a visit.
    pub(crate) fn job(&self, title: &str) -> Job {
        Job {
            location_id: self.location_id,
            customer_id: None,
            site_id: None,
            service_ids: vec![self.service_id],
            package_id: None,
            title: title.to_owned(),
            description: String::new(),
        }
    }

    /// A booking of a visit.
    pub(crate) fn booking(&self, visit: &Visit, title: &str) -> Booking {
        let booking_id: BookingId = id();
        Booking {
            id: booking_id,
            revision: 1,
            code: booking_id.to_string(),
            visit_id: visit.id,
            job_id: visit.job_id,
            location_id: self.location_id,
            customer_id: None,
            site_id: None,
            status: BookingStatus::Scheduled,
            title: title.to_owned(),
            description: String::new(),
            window: visit.promised.unwrap(),
            source: "api".to_owned(),
            cancel_reason: String::new(),
            answers: Vec::new(),
            campaign: std::collections::BTreeMap::new(),
            decision: json!({}),
            created_at: at(0),
            updated_at: at(0),
        }
    }

    /// Stores a job with a planned visit of one hour and its crew.
    pub(crate) async fn place(
        &self,
        tx: &mut Tx,
        start: DateTime<Utc>,
        crew: &[TechnicianId],
    ) -> Result<Visit, StoreError> {
        let job_id: JobId = id();
        let job = self.job("Photos");
        records::insert(tx, self.organization_id, job_id, &job, at(0)).await?;
        let visit = self.visit(job_id, start);
        visits::insert(tx, self.organization_id, &visit, &[], at(0)).await?;
        let assigned = assigned(visit.id, start, crew);
        assignments::insert(tx, self.organization_id, &assigned).await?;
        Ok(visit)
    }

    /// Stores a booking of one hour with its job, visit and crew.
    pub(crate) async fn book(
        &self,
        tx: &mut Tx,
        start: DateTime<Utc>,
        crew: &[TechnicianId],
    ) -> Result<Booking, StoreError> {
        let visit = self.place(tx, start, crew).await?;
        let booking = self.booking(&visit, "Photos");
        bookings::insert(tx, self.organization_id, &booking, "").await?;
        Ok(booking)
    }
}

/// Assignments of a crew to a visit of one hour.
pub(crate) fn assigned(
    visit_id: VisitId,
    start: DateTime<Utc>,
    crew: &[TechnicianId],
) -> Vec<Assigned> {
    let end = start + TimeDelta::hours(1);
    let roles = (0..).zip(crew);
    roles
        .map(|(role, technician_id)| Assigned {
            assignment: Assignment { visit_id, technician_id: *technician_id, role, start, end },
            travel_s: 600,
            assigned_at: at(0),
        })
        .collect()
}
