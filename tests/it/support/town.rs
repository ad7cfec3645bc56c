//! A town with two technicians who live at its ends, and runs of the optimizer for its Monday.

use chrono::{DateTime, Utc};
use roundsman::app::visits::{self, MoveRequest, VisitRequest};
use roundsman::app::{App, optimizations, proposals, technicians};
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::id::{ServiceId, TechnicianId, VisitId};
use roundsman::domain::optimizations::{
    Optimization, OptimizationRequest, OptimizationStatus, Repair,
};
use roundsman::domain::places::Place;
use roundsman::domain::proposals::Proposal;
use roundsman::store::Db;
use serde_json::{Value, json};

use crate::support::company::{Company, march, monday};
use crate::support::work::work;

/// Two technicians who live far apart, and a service of an hour.
pub(crate) struct Town {
    pub(crate) company: Company,
    pub(crate) north: TechnicianId,
    pub(crate) south: TechnicianId,
    pub(crate) service: ServiceId,
}

/// A place some hundred metres from a home.
pub(crate) fn near(home: &Place, number: u32) -> Place {
    Place::at(home.lat + f64::from(number) * 0.003, home.lon + f64::from(number % 3) * 0.004)
}

/// Where the two live, 16 km apart.
pub(crate) fn homes() -> (Place, Place) {
    (Place::at(64.20, -21.90), Place::at(64.05, -21.95))
}

impl Town {
    /// A town whose technicians have nothing to do.
    pub(crate) async fn new(db: &Db) -> Self {
        let company = Company::new(db).await;
        let (up, down) = homes();
        let lives = |home: &Place| json!({"home": home, "start": "home", "end": "home"});
        let north = company.technician("North", lives(&up)).await;
        let south = company.technician("South", lives(&down)).await;
        let slots = json!({"step_min": 15, "arrival_window_min": 240});
        let service = company.service("Repair", json!({"slots": slots})).await;
        Self { company, north, south, service }
    }

    /// The application.
    pub(crate) fn app(&self) -> &App {
        &self.company.app
    }

    /// Whoever may do everything.
    pub(crate) fn actor(&self) -> &Actor {
        &self.company.actor
    }

    /// A visit in nobody's day.
    pub(crate) async fn waiting(&self, place: &Place, promised: Option<(&str, &str)>) -> VisitId {
        let promised =
            promised.map(|(from, until)| json!({"from": monday(from), "until": monday(until)}));
        let request: VisitRequest = serde_json::from_value(json!({
            "service_ids": [self.service], "location_id": self.company.location_id,
            "place": place, "promised": promised,
        }))
        .unwrap();
        visits::create(self.app(), self.actor(), &request).await.unwrap().visit.id
    }

    /// Gives a visit to somebody at a time of Monday.
    pub(crate) async fn put(&self, id: VisitId, time: &str, who: &[TechnicianId]) {
        let request = MoveRequest {
            start: monday(time),
            technician_ids: who.to_vec(),
            plan_version: None,
            force: false,
        };
        visits::place(self.app(), self.actor(), id, &request).await.unwrap();
    }

    /// Three visits near each home, all with the technician who lives at the other end.
    pub(crate) async fn crossed(&self) -> Vec<VisitId> {
        let (up, down) = homes();
        let mut ids = Vec::new();
        for (number, time) in [(0, "09:00"), (1, "11:00"), (2, "13:30")] {
            for (home, who) in [(&up, self.south), (&down, self.north)] {
                let id = self.waiting(&near(home, number), None).await;
                self.put(id, time, &[who]).await;
                ids.push(id);
            }
        }
        ids
    }

    /// What to ask for Monday; `more` overrides fields.
    pub(crate) fn request(&self, more: Value) -> OptimizationRequest {
        let mut body = json!({
            "location_ids": [self.company.location_id], "from": march(1), "until": march(1),
            "time_s": 20, "steps": 3000,
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    /// The proposal of a run for Monday.
    pub(crate) async fn optimized(&self, db: &Db, more: Value) -> Proposal {
        let request = self.request(more);
        let run = optimizations::create(self.app(), self.actor(), &request).await.unwrap();
        self.finished(db, &run).await
    }

    /// The proposal of a repair.
    pub(crate) async fn repaired(&self, db: &Db, body: Value) -> Proposal {
        let mut all = json!({"location_id": self.company.location_id, "time_s": 1});
        all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let repair: Repair = serde_json::from_value(all).unwrap();
        let run = optimizations::repair(self.app(), self.actor(), &repair).await.unwrap();
        self.finished(db, &run).await
    }

    /// The proposal of a run, after all that waits is done.
    pub(crate) async fn finished(&self, db: &Db, run: &Optimization) -> Proposal {
        work(self.app(), db).await;
        let run = optimizations::get(self.app(), self.actor(), run.id).await.unwrap();
        assert_eq!(run.status, OptimizationStatus::Finished, "{}", run.message);
        self.proposal(&run).await
    }

    /// The proposal of a run that is over.
    pub(crate) async fn proposal(&self, run: &Optimization) -> Proposal {
        let id = run.proposal_id.unwrap();
        proposals::get(self.app(), self.actor(), id).await.unwrap()
    }

    /// Applies lines of a proposal, or all.
    pub(crate) async fn apply(
        &self,
        proposal: &Proposal,
        lines: &[u32],
    ) -> Result<Proposal, AppError> {
        let request = proposals::ApplyRequest { lines: lines.to_vec() };
        proposals::apply(self.app(), self.actor(), proposal.id, &request).await
    }

    /// Visits and starts of a technician's Monday.
    pub(crate) async fn day(&self, who: TechnicianId) -> Vec<(VisitId, DateTime<Utc>)> {
        let day = technicians::day(self.app(), self.actor(), who, march(1)).await.unwrap();
        let shifts = day.shifts.iter();
        for shift in shifts.clone() {
            assert!(shift.feasible, "{day:?}");
        }
        let stops = shifts.flat_map(|shift| &shift.stops);
        stops.filter_map(|stop| Some((stop.visit_id?, stop.planned_start?))).collect()
    }
}
