//! A company whose only technician has an account at a vendor's stand-in.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use roundsman::app::bookings::BookingDetails;
use roundsman::app::calendars::consent::{self, ConsentAnswer, ConsentRequest};
use roundsman::app::calendars::{
    CalendarRules, Calendars, channels, conflicts, parting, reading, uses, writing,
};
use roundsman::app::secrets::vault::Vault;
use roundsman::app::{App, catalogue, following, members};
use roundsman::clock::Clock;
use roundsman::domain::absences::Absence;
use roundsman::domain::actors::{Actor, ActorKind};
use roundsman::domain::calendars::{Calendar, CalendarConflict};
use roundsman::domain::id::{ServiceId, TechnicianId};
use roundsman::domain::members::Role;
use roundsman::store::Db;
use roundsman::store::queue::Lease;
use roundsman::store::queue::claim::{Claim, claim};
use roundsman::sync::Sync;
use serde_json::json;

use crate::support::company::{Company, monday};
use crate::support::databases::{TestDb, databases};
use crate::support::vendors::both::{Vendor, consent, query};
use crate::support::vendors::google::Google;
use crate::support::vendors::graph::Graph;

/// The session that connects.
pub(crate) const SESSION: &str = "a session";

/// The company and the account.
pub(crate) struct Office {
    pub(crate) company: Company,
    pub(crate) db: Db,
    pub(crate) technician: TechnicianId,
    pub(crate) service: ServiceId,
    /// Who connects.
    pub(crate) member: Actor,
}

/// A fresh database of every kind, and a fresh stand-in of each vendor with each.
pub(crate) async fn pairs() -> Vec<(TestDb, Vendor)> {
    let mut all = Vec::new();
    for db in databases().await {
        all.push((db, Vendor::Google(Google::start().await)));
    }
    for db in databases().await {
        all.push((db, Vendor::Graph(Graph::start().await)));
    }
    all
}

/// The application with a way to a vendor, on the company's clock.
pub(crate) fn reaching(app: App, sync: Sync, push: bool) -> App {
    let rules = CalendarRules { reread: None, push, ..CalendarRules::default() };
    let vault = Vault::new(&Vault::generate("k1")).unwrap();
    app.with_calendars(Calendars::new(sync, rules)).with_vault(vault)
}

impl Office {
    /// One technician and one service; nothing is connected yet.
    pub(crate) async fn open(db: &Db, vendor: &Vendor) -> Self {
        let mut company = Company::new(db).await;
        let clock = Arc::clone(&company.clock) as Arc<dyn Clock>;
        company.app = reaching(company.app.clone(), vendor.sync_on(clock), false);
        let technician = company.technician("Ana", json!({})).await;
        let service = company.service("Boiler", json!({})).await;
        let member = json!({"name": "Ana", "email": format!("{}@x.example", technician),
            "role": "technician", "technician_id": technician});
        let member = serde_json::from_value(member).unwrap();
        let record = members::create(&company.app, &company.actor, &member, None).await.unwrap();
        let (role, technician_id) = (Role::Technician, Some(technician));
        let kind = ActorKind::Member { id: record.id, role, technician_id };
        let member = Actor { organization_id: company.organization_id, kind };
        Self { company, db: db.clone(), technician, service, member }
    }

    /// The same, connected and read once.
    pub(crate) async fn connected(db: &Db, vendor: &Vendor) -> Self {
        let office = Self::open(db, vendor).await;
        office.connect(vendor).await;
        office.work().await;
        office
    }

    pub(crate) fn app(&self) -> &App {
        &self.company.app
    }

    /// The technician connects the account; the calendar that is the main one.
    pub(crate) async fn connect(&self, vendor: &Vendor) -> Calendar {
        let request = ConsentRequest {
            provider: vendor.provider(),
            technician_id: None,
            return_to: String::new(),
        };
        let page = consent::begin(self.app(), &self.member, SESSION, &request).unwrap().url;
        let back = consent(&page).await;
        let get = |name| query(&back, name).unwrap_or_default();
        let answer = ConsentAnswer { state: get("state"), code: get("code"), error: get("error") };
        let returned = consent::complete(self.app(), &self.member, SESSION, &answer).await;
        let details = returned.unwrap().outcome.unwrap();
        assert_eq!(details.account.login, vendor.account());
        details.calendars.into_iter().find(|one| one.receives && one.blocks).unwrap()
    }

    /// Does everything that is due, and what comes of it; the kinds of tasks in order.
    pub(crate) async fn work(&self) -> Vec<String> {
        work(self.app(), &self.db).await
    }

    /// Lets the next polling come, and does it.
    pub(crate) async fn poll(&self) -> Vec<String> {
        self.company.wait(3);
        self.work().await
    }

    /// Books the service on Monday.
    pub(crate) async fn book(&self, time: &str) -> BookingDetails {
        let choice = self.company.choice(self.service, monday(time));
        self.company.book(choice).await.unwrap()
    }

    /// The starts that can be had on Monday.
    pub(crate) async fn starts(&self) -> Vec<String> {
        self.company.starts(&self.company.query(self.service, 1, 1)).await
    }

    /// The main calendar as it stands.
    pub(crate) async fn calendar(&self) -> Calendar {
        let all = uses::list(self.app(), &self.member, None).await.unwrap();
        all.into_iter().find(|one| one.receives).unwrap()
    }

    /// The spans of the technician's absences.
    pub(crate) async fn absences(&self) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let listing = catalogue::Listing::default();
        let app = self.app();
        let page = catalogue::list::<Absence>(app, &self.company.actor, &listing).await.unwrap();
        let mut spans: Vec<_> =
            page.items.iter().map(|record| (record.value.start, record.value.end)).collect();
        spans.sort_unstable();
        spans
    }

    /// What members did to events of ours.
    pub(crate) async fn conflicts(&self) -> Vec<CalendarConflict> {
        let filter = conflicts::ConflictFilter::default();
        conflicts::list(self.app(), &self.company.actor, filter).await.unwrap()
    }

    /// The starts of the events in the vendor's calendar.
    pub(crate) fn events(vendor: &Vendor) -> Vec<DateTime<Utc>> {
        let mut starts: Vec<_> = vendor.events().into_iter().map(|(_, _, start)| start).collect();
        starts.sort_unstable();
        starts
    }
}

/// Does every task around calendars that is due, and what comes of it.
pub(crate) async fn work(app: &App, db: &Db) -> Vec<String> {
    let kinds = [following::TASK, reading::TASK, writing::TASK, channels::TASK, parting::TASK];
    let mut done = Vec::new();
    loop {
        // Tasks are asked for at a part of this second.
        let now = app.now() + TimeDelta::seconds(1);
        let mut tx = db.write().await.unwrap();
        let until = now + TimeDelta::minutes(1);
        let wanted = Claim { worker: "test", kinds: &kinds, limit: 1, now, until };
        let tasks = claim(&mut tx, wanted).await.unwrap();
        tx.commit().await.unwrap();
        let Some(task) = tasks.into_iter().next() else { return done };
        assert!(done.len() < 200, "{done:?}");
        done.push(task.kind.clone());
        let kind = task.kind.clone();
        let lease = Lease::new(db.clone(), task, now);
        let ended = match kind.as_str() {
            following::TASK => following::follow(app, lease).await,
            reading::TASK => reading::read(app, lease).await,
            writing::TASK => writing::write(app, lease).await,
            parting::TASK => parting::part(app, lease).await,
            _ => channels::keep(app, lease).await,
        };
        let _finished = ended.unwrap();
    }
}
