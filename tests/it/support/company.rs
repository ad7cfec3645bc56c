//! A company behind the use cases: an application over a fresh database, with a clock that stands.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use roundsman::app::bookings::{self, BookingDetails, BookingRequest};
use roundsman::app::holds::SlotChoice;
use roundsman::app::{App, catalogue, organizations, slots};
use roundsman::clock::{Clock, SystemIds, TestClock};
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::id::{
    EquipmentId, HoldId, LocationId, OrganizationId, ServiceId, SkillId, TechnicianId, ZoneId,
};
use roundsman::domain::locations::Location;
use roundsman::domain::organizations::Organization;
use roundsman::domain::places::Place;
use roundsman::domain::services::Service;
use roundsman::domain::slots::{Slot, SlotAnswer, SlotQuery, Wishes};
use roundsman::domain::technicians::Technician;
use roundsman::store::Db;
use roundsman::travel::{Travel, TravelSettings};
use serde_json::{Value, json};

/// A company of one location, whose things are made through the use cases.
pub(crate) struct Company {
    pub(crate) app: App,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) actor: Actor,
    pub(crate) organization_id: OrganizationId,
    pub(crate) location_id: LocationId,
}

/// `HH:MM` of Monday, 1 March 2027 in Reykjavik, whose clocks show UTC.
pub(crate) fn monday(time: &str) -> DateTime<Utc> {
    format!("2027-03-01T{time}:00Z").parse().unwrap()
}

/// A date of March 2027; the 1st is a Monday.
pub(crate) fn march(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 3, day).unwrap()
}

/// A place some metres of Reykjavik apart from others of other numbers.
pub(crate) fn place(number: u32) -> Place {
    Place::at(64.10 + f64::from(number % 17) * 0.004, -21.95 + f64::from(number % 23) * 0.006)
}

/// Mondays to Fridays from 8 to 17.
pub(crate) fn office_hours() -> Value {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"];
    json!({"weekly": [{"days": days, "from": "08:00", "until": "17:00"}]})
}

impl Company {
    /// A company in Reykjavik that travels as the crow flies at 40 km/h, at 6:00 on Monday.
    pub(crate) async fn new(db: &Db) -> Self {
        let travel = json!({"mode": "straight_line", "detour_factor": 1.3, "speed_kmh": 40.0});
        Self::with(db, "Atlantic/Reykjavik", travel, monday("06:00")).await
    }

    /// A company in some zone, with its own way to travel.
    pub(crate) async fn with(db: &Db, zone: &str, travel: Value, now: DateTime<Utc>) -> Self {
        let none = Travel::new(TravelSettings::default(), None);
        let more = json!({"time_zone": zone, "travel": travel});
        Self::over(db, none, more, now).await
    }

    /// A company with fields of its organization, and what the server knows of travel.
    pub(crate) async fn over(db: &Db, roads: Travel, more: Value, now: DateTime<Utc>) -> Self {
        let clock = Arc::new(TestClock::at(now));
        let ids = Arc::new(SystemIds::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let clock_of_app = Arc::clone(&clock) as Arc<dyn Clock>;
        let app = App::new(db.clone(), clock_of_app, ids, roads);
        let slug = format!("c{}", app.new_id().simple());
        let body = json!({"name": "Aurora", "slug": slug, "time_zone": "Atlantic/Reykjavik"});
        let organization: Organization = serde_json::from_value(merged(body, more)).unwrap();
        let zone = organization.time_zone;
        let organization_id = organizations::create(&app, &organization).await.unwrap().id;
        let actor = Actor::system(organization_id);
        let location: Location = serde_json::from_value(
            json!({"name": "Base", "time_zone": zone, "place": {"lat": 64.14, "lon": -21.92}}),
        )
        .unwrap();
        let location_id = catalogue::create(&app, &actor, &location).await.unwrap().id;
        Self { app, clock, actor, organization_id, location_id }
    }

    /// A technician with office hours; `more` overrides fields.
    pub(crate) async fn technician(&self, name: &str, more: Value) -> TechnicianId {
        let body = json!({"name": name, "location_id": self.location_id,
            "working_hours": office_hours()});
        let technician: Technician = serde_json::from_value(merged(body, more)).unwrap();
        catalogue::create(&self.app, &self.actor, &technician).await.unwrap().id
    }

    /// So many technicians with office hours.
    pub(crate) async fn technicians(&self, count: usize) -> Vec<TechnicianId> {
        let mut ids = Vec::with_capacity(count);
        for number in 0..count {
            ids.push(self.technician(&format!("Technician {number}"), json!({})).await);
        }
        ids
    }

    /// A public service of one hour on a grid of half hours; `more` overrides fields.
    pub(crate) async fn service(&self, name: &str, more: Value) -> ServiceId {
        let body = json!({"name": name, "duration_min": 60, "public": true});
        let service: Service = serde_json::from_value(merged(body, more)).unwrap();
        catalogue::create(&self.app, &self.actor, &service).await.unwrap().id
    }

    /// A skill.
    pub(crate) async fn skill(&self, name: &str) -> SkillId {
        let skill = roundsman::domain::skills::Skill { name: name.to_owned() };
        catalogue::create(&self.app, &self.actor, &skill).await.unwrap().id
    }

    /// A round zone.
    pub(crate) async fn zone(&self, name: &str, centre: &Place, metres: u32) -> ZoneId {
        let zone: roundsman::domain::zones::Zone = serde_json::from_value(
            json!({"name": name, "shape": {"kind": "radius", "centre": centre, "metres": metres}}),
        )
        .unwrap();
        catalogue::create(&self.app, &self.actor, &zone).await.unwrap().id
    }

    /// Shared units of a kind of equipment at the location.
    pub(crate) async fn equipment(&self, name: &str, units: u32) -> EquipmentId {
        let kind: roundsman::domain::equipment::Equipment = serde_json::from_value(
            json!({"name": name, "pools": [{"location_id": self.location_id, "units": units}]}),
        )
        .unwrap();
        catalogue::create(&self.app, &self.actor, &kind).await.unwrap().id
    }

    /// A question for the slots of a service on some dates.
    pub(crate) fn query(&self, service_id: ServiceId, from: u32, until: u32) -> SlotQuery {
        SlotQuery {
            service_ids: vec![service_id],
            package_id: None,
            location_id: Some(self.location_id),
            place: place(3),
            from: march(from),
            until: march(until),
            wishes: Wishes::default(),
            limit: None,
            crews_per_slot: 3,
        }
    }

    /// The answer to a question.
    pub(crate) async fn ask(&self, query: &SlotQuery) -> SlotAnswer {
        slots::search(&self.app, &self.actor, query).await.unwrap()
    }

    /// The starts of an answer as `HH:MM` in UTC, without the dates.
    pub(crate) async fn starts(&self, query: &SlotQuery) -> Vec<String> {
        starts(&self.ask(query).await)
    }

    /// The choice of a start of a service.
    pub(crate) fn choice(&self, service_id: ServiceId, start: DateTime<Utc>) -> SlotChoice {
        SlotChoice {
            service_ids: vec![service_id],
            package_id: None,
            location_id: Some(self.location_id),
            place: place(3),
            start,
            technician_ids: Vec::new(),
            wishes: Wishes::default(),
        }
    }

    /// Books a choice for a customer.
    pub(crate) async fn book(&self, choice: SlotChoice) -> Result<BookingDetails, AppError> {
        bookings::create(&self.app, &self.actor, &booked(choice)).await
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }
}

/// A request to book a choice.
pub(crate) fn booked(choice: SlotChoice) -> BookingRequest {
    let mut request: BookingRequest = serde_json::from_value(json!({"customer": guest()})).unwrap();
    request.slot = Some(choice);
    request
}

/// A customer who can be reached.
fn guest() -> Value {
    json!({"name": "Jón", "phone": "+3545550100"})
}

/// A booking of what is held.
pub(crate) fn booked_hold(id: HoldId) -> BookingRequest {
    serde_json::from_value(json!({"customer": guest(), "hold_id": id})).unwrap()
}

/// The slots of an answer in order.
pub(crate) fn slots(answer: &SlotAnswer) -> Vec<&Slot> {
    answer.days.iter().flat_map(|day| &day.slots).collect()
}

/// The starts of an answer as `HH:MM` in UTC, without the dates.
pub(crate) fn starts(answer: &SlotAnswer) -> Vec<String> {
    slots(answer).iter().map(|slot| slot.start.format("%H:%M").to_string()).collect()
}

fn merged(mut body: Value, more: Value) -> Value {
    let fields = more.as_object().cloned().unwrap_or_default();
    body.as_object_mut().unwrap().extend(fields);
    body
}
