//! The cases of schedules, booking windows and holds, end to end: stored, planned, searched.
//!
//! Where a case knows an older and a newer answer, the newer one holds here: starts are rounded in
//! the zone of the location. The person who asks has no zone of their own.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use roundsman::app::{App, bookings, catalogue, holds, slots};
use roundsman::calendar::dates::date_of;
use roundsman::clock::{SeededIds, TestClock};
use roundsman::domain::absences::Absence;
use roundsman::domain::actors::Actor;
use roundsman::domain::id::{LocationId, OrganizationId, ServiceId, TechnicianId};
use roundsman::domain::locations::Location;
use roundsman::domain::organizations::Organization;
use roundsman::domain::services::Service;
use roundsman::domain::technicians::Technician;
use roundsman::store::{Db, organizations};
use roundsman::travel::{Travel, TravelSettings};
use serde_json::{Value, json};

use crate::slot_cases::{cases, date, hours, moment};
use crate::support::databases::databases;

/// How long a hold lasts, in minutes: as long as those of the cases.
const HOLD_MIN: i64 = 60;

/// The business of one case.
struct Company {
    app: App,
    clock: Arc<TestClock>,
    actor: Actor,
    zone: Tz,
    location_id: LocationId,
    service_id: ServiceId,
    technician_ids: Vec<TechnicianId>,
}

fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn place() -> Value {
    json!({"lat": 28.6, "lon": 77.2})
}

impl Company {
    /// Everybody who works there and what they offer; nothing is booked yet.
    async fn new(db: &Db, input: &Value) -> Self {
        let clock = Arc::new(TestClock::at(moment(&input["now"])));
        let ids = Arc::new(SeededIds::new(Arc::clone(&clock) as _, 1));
        let travel = Travel::new(TravelSettings::default(), None);
        let app = App::new(db.clone(), Arc::clone(&clock) as _, ids, travel);
        let zone = input.get("booker_tz").unwrap_or(&input["members"][0]["tz"]);
        let organization: Organization = from(json!({
            "name": "Cases", "slug": "cases", "time_zone": zone, "hold_min": HOLD_MIN,
            "travel": {"mode": "fixed", "before_min": 0, "after_min": 0},
        }));
        let organization_id = OrganizationId(app.new_id());
        let mut tx = db.write().await.unwrap();
        organizations::insert(&mut tx, organization_id, &organization, app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let actor = Actor::system(organization_id);
        let location: Location = from(json!({"name": "A", "time_zone": zone, "place": place()}));
        let location_id = catalogue::create(&app, &actor, &location).await.unwrap().id;
        let mut technician_ids = Vec::new();
        for member in input["members"].as_array().unwrap() {
            let its_zone: Tz = member["tz"].as_str().unwrap().parse().unwrap();
            let technician: Technician = from(json!({
                "name": member["id"].to_string(), "location_id": location_id,
                "time_zone": member["tz"], "working_hours": hours(member, its_zone),
            }));
            let record = catalogue::create(&app, &actor, &technician).await.unwrap();
            technician_ids.push(record.id);
        }
        let zone = zone.as_str().unwrap().parse().unwrap();
        let mut company = Self {
            app,
            clock,
            actor,
            zone,
            location_id,
            service_id: ServiceId(uuid::Uuid::nil()),
            technician_ids,
        };
        company.service_id = company.service(&input["event"]).await;
        company
    }

    async fn service(&self, event: &Value) -> ServiceId {
        for name in ["buffer_before_min", "buffer_after_min"] {
            assert!(event[name] == 0 || event[name].is_null(), "{name} is not known here");
        }
        let crew = if event["mode"] == "collective" { self.technician_ids.len() } else { 1 };
        let step = event.get("interval_min").filter(|step| step.is_number());
        let period = &event["period"];
        let horizon = match (period["type"].as_str(), period["count"].as_str()) {
            (None, _) => json!({"days": 60}),
            (Some("rolling"), Some(count)) => json!({"days": period["days"], "count": count}),
            (Some("rolling_window"), _) => json!({"days": period["days"], "count": "bookable"}),
            other => unreachable!("unknown period {other:?}"),
        };
        let service: Service = from(json!({
            "name": "Case",
            "duration_min": event["duration_min"],
            "crew": {"size": crew},
            "slots": {
                "step_min": step.unwrap_or(&event["duration_min"]),
                "grid": "free_span",
                "offset_min": event["offset_min"].as_u64().unwrap_or(0),
                "notice_min": event["min_notice_min"].as_i64().unwrap_or(0),
                "horizon": horizon,
            },
        }));
        catalogue::create(&self.app, &self.actor, &service).await.unwrap().id
    }

    fn member(&self, number: &Value) -> TechnicianId {
        self.technician_ids[usize::try_from(number.as_u64().unwrap()).unwrap() - 1]
    }

    /// What is wanted of a member: the case's own service, or another one of the same length.
    async fn choice(&self, taken: &Value) -> Value {
        let (start, end) = (moment(&taken["start"]), moment(&taken["end"]));
        let other = json!({"mode": "single", "duration_min": (end - start).num_minutes()});
        let service_id =
            if taken["event"] == 1 { self.service_id } else { self.service(&other).await };
        json!({
            "service_ids": [service_id], "location_id": self.location_id, "place": place(),
            "start": start, "technician_ids": [self.member(&taken["member"])],
        })
    }

    /// Books what a case says is booked. What no visit can be, because it is longer than a day's
    /// work, is time in which the member does something else.
    async fn book(&self, booking: &Value) {
        let (start, end) = (moment(&booking["start"]), moment(&booking["end"]));
        if end - start >= TimeDelta::hours(24) {
            let absence: Absence = from(json!({
                "technician_id": self.member(&booking["member"]), "kind": "internal",
                "start": start, "end": end,
            }));
            catalogue::create(&self.app, &self.actor, &absence).await.unwrap();
            return;
        }
        // Bookings of a case are shorter than its service, so they get a service of their own.
        let mut booking = booking.clone();
        booking["event"] = json!("other");
        let request = from(json!({"slot": self.choice(&booking).await, "title": "Taken"}));
        bookings::create(&self.app, &self.actor, &request).await.unwrap();
    }

    /// The starts offered on some dates.
    async fn starts(&self, from_date: NaiveDate, until: NaiveDate) -> Vec<DateTime<Utc>> {
        let query = from(json!({
            "service_ids": [self.service_id], "location_id": self.location_id, "place": place(),
            "from": from_date, "until": until,
        }));
        let answer = slots::search(&self.app, &self.actor, &query).await.unwrap();
        answer.days.iter().flat_map(|day| day.slots.iter().map(|slot| slot.start)).collect()
    }

    /// The dates a case looks at.
    fn window(&self, input: &Value) -> (NaiveDate, NaiveDate) {
        let last = moment(&input["window"][1]) - TimeDelta::milliseconds(1);
        (date_of(moment(&input["window"][0]), self.zone), date_of(last, self.zone))
    }
}

fn moments(list: &Value) -> Vec<DateTime<Utc>> {
    list.as_array().unwrap().iter().map(moment).collect()
}

#[tokio::test]
async fn schedules() {
    for case in cases("schedule") {
        let (id, input) = (&case["id"], &case["input"]);
        let expect = case.get("expect_new").unwrap_or(&case["expect"]);
        assert_eq!(input["external_busy"], json!([]), "{id}");
        for db in databases().await {
            let company = Company::new(&db, input).await;
            for booking in input["bookings"].as_array().unwrap() {
                company.book(booking).await;
            }
            let (from, until) = company.window(input);
            assert_eq!(company.starts(from, until).await, moments(&expect["starts"]), "{id}");
        }
    }
}

#[tokio::test]
async fn booking_windows() {
    for case in cases("booking_window") {
        let (id, input, expect) = (&case["id"], &case["input"], &case["expect"]);
        for db in databases().await {
            let company = Company::new(&db, input).await;
            for booking in input["bookings"].as_array().unwrap() {
                company.book(booking).await;
            }
            let (from, until) = company.window(input);
            let starts = company.starts(from, until).await;
            let of = |day: NaiveDate| -> Vec<DateTime<Utc>> {
                starts.iter().copied().filter(|at| date_of(*at, company.zone) == day).collect()
            };
            for day in expect["full_days"].as_array().unwrap() {
                // A full day has a start each hour from 04:30 to 11:30 UTC.
                let first = date(day).and_hms_opt(4, 30, 0).unwrap().and_utc();
                let hourly: Vec<_> = (0..8).map(|hour| first + TimeDelta::hours(hour)).collect();
                assert_eq!(of(date(day)), hourly, "{id}: {day}");
            }
            for day in expect["no_days"].as_array().unwrap() {
                assert!(of(date(day)).is_empty(), "{id}: {day}");
            }
        }
    }
}

#[tokio::test]
async fn held_slots() {
    for case in cases("hold") {
        let (id, input, expect) = (&case["id"], &case["input"], &case["expect"]);
        for db in databases().await {
            let company = Company::new(&db, input).await;
            let hold = &input["hold"];
            // Made so long ago that it lapses when the case says.
            let now = moment(&input["now"]);
            let left = hold["expires_in_min"].as_i64().unwrap();
            company.clock.set(now + TimeDelta::minutes(left - HOLD_MIN));
            let choice = from(company.choice(hold).await);
            let made = holds::create(&company.app, &company.actor, &choice).await.unwrap();
            assert_eq!(made.expires_at, now + TimeDelta::minutes(left));
            company.clock.set(now);
            let starts = company.starts(date(&input["day"]), date(&input["day"])).await;
            for (name, wanted) in [("includes", true), ("excludes", false)] {
                for start in expect.get(name).map(moments).unwrap_or_default() {
                    assert_eq!(starts.contains(&start), wanted, "{id}: {start} in {starts:?}");
                }
            }
        }
    }
}
