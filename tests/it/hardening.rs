//! What a stranger or a slip must not be able to do: dates without end, numbers that tell where
//! people live, one service that breaks a location.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use roundsman::app::visits::{self, MoveRequest, VisitRequest};
use roundsman::app::{App, bookings, catalogue, holds, organizations, plans, slots, technicians};
use roundsman::clock::{Clock, SystemIds};
use roundsman::domain::absences::Absence;
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::locations::Location;
use roundsman::domain::organizations::Organization;
use roundsman::domain::services::Service;
use roundsman::domain::slots::SlotQuery;
use roundsman::domain::technicians::Technician;
use roundsman::domain::travel::OsrmServer;
use roundsman::store::Db;
use roundsman::travel::osrm::OsrmSettings;
use roundsman::travel::{Travel, TravelSettings};
use serde_json::{Value, json};

use crate::support::company::{Company, booked, march, monday, place, starts};
use crate::support::databases::databases;

/// The fields that a refusal names; panics if nothing was refused, or for another reason.
#[track_caller]
fn faults<T: std::fmt::Debug>(done: Result<T, AppError>) -> Vec<String> {
    match done {
        Err(AppError::Invalid(faults)) => faults.into_iter().map(|fault| fault.field).collect(),
        done => panic!("{done:?}"),
    }
}

#[tokio::test]
async fn dates_that_plans_do_not_reach_are_refused_wherever_they_come_in() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let public = Actor::public(company.organization_id);
        let request: VisitRequest = serde_json::from_value(json!({"service_ids": [service],
            "location_id": company.location_id, "place": place(3), "title": "Leak"}))
        .unwrap();
        let visit_id = visits::create(app, actor, &request).await.unwrap().visit.id;
        let booking = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        // Today is 1 March 2027: 401 days before it, 801 after it, and the ends of the calendar.
        for far in ["2026-01-24", "2029-05-10", "9999-12-31", "-0001-01-01", "0001-01-01"] {
            let date: NaiveDate = far.parse().unwrap();
            let query = SlotQuery { from: date, until: date, ..company.query(service, 1, 1) };
            assert_eq!(faults(slots::search(app, actor, &query).await), ["from", "until"]);
            let explained = slots::explain(app, actor, &query, None, None).await;
            assert_eq!(faults(explained), ["from", "until"]);
            let day = technicians::day(app, actor, people[0], date).await;
            assert_eq!(faults(day), ["date"]);
            assert_eq!(faults(plans::get(app, actor, company.location_id, date).await), ["date"]);
            let start = date.and_hms_opt(10, 0, 0).unwrap().and_utc();
            let near = company.query(service, 1, 1);
            let explained = slots::explain(app, actor, &near, Some(start), None).await;
            assert_eq!(faults(explained), ["start"]);
            let choice = company.choice(service, start);
            assert_eq!(faults(holds::create(app, &public, &choice).await), ["start"]);
            let refused = faults(bookings::create(app, &public, &booked(choice)).await);
            assert!(refused[0].ends_with("start"), "{refused:?}");
            let force = MoveRequest {
                start,
                technician_ids: people.clone(),
                plan_version: None,
                force: true,
            };
            assert_eq!(faults(visits::place(app, actor, visit_id, &force).await), ["start"]);
            let later = serde_json::from_value(json!({ "start": start })).unwrap();
            let moved = bookings::reschedule(app, actor, booking.booking.id, &later).await;
            assert_eq!(faults(moved), ["start"]);
        }
        let last = DateTime::<Utc>::MAX_UTC;
        let choice = company.choice(service, last);
        assert_eq!(faults(holds::create(app, &public, &choice).await), ["start"]);
        let near = SlotQuery { until: march(31), ..company.query(service, 1, 1) };
        assert!(!company.starts(&near).await.is_empty());
    }
}

#[tokio::test]
async fn an_absence_is_no_longer_than_plans_reach() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let absence = |end: &str| -> Absence {
            let body = json!({"technician_id": people[0], "start": "2027-03-01T00:00:00Z",
                "end": format!("{end}T00:00:00Z")});
            serde_json::from_value(body).unwrap()
        };
        let (app, actor) = (&company.app, &company.actor);
        // 800 days after 1 March 2027 is 9 May 2029.
        for far in ["2029-05-11", "2199-12-31"] {
            assert_eq!(faults(catalogue::create(app, actor, &absence(far)).await), ["end"]);
        }
        catalogue::create(app, actor, &absence("2029-05-09")).await.unwrap();
    }
}

#[tokio::test]
async fn a_plan_asked_for_over_years_still_knows_what_changed() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let rules = json!({"slots": {"step_min": 540, "horizon": {"days": 730}}});
        let service = company.service("Photos", rules).await;
        let span = |days: i64| {
            let from = march(1) + TimeDelta::days(days);
            SlotQuery { from, until: from + TimeDelta::days(90), ..company.query(service, 1, 1) }
        };
        let first = company.starts(&span(0)).await;
        assert!(first.len() > 60, "{first:?}");
        // Many more dates than are kept, so that those of the first question are dropped.
        for days in [91, 182, 273, 364, 455, 546, 637] {
            assert!(!company.starts(&span(days)).await.is_empty());
        }
        let absence: Absence = serde_json::from_value(json!({"technician_id": people[0],
            "start": "2027-03-01T00:00:00Z", "end": "2027-03-11T00:00:00Z"}))
        .unwrap();
        let (app, actor) = (&company.app, &company.actor);
        catalogue::create(app, actor, &absence).await.unwrap();
        company.book(company.choice(service, monday("09:00") + TimeDelta::days(14))).await.unwrap();
        let again = company.ask(&span(0)).await;
        // A server that was started just now knows nothing but what is stored.
        let fresh = beside(&company, &db);
        assert_eq!(again, slots::search(&fresh, actor, &span(0)).await.unwrap());
        // Eight working days of the absence and the booked one, one start each.
        assert_eq!(starts(&again).len(), first.len() - 9);
    }
}

/// The company behind a server that may ask an OSRM server on this machine, where none is.
fn beside(company: &Company, db: &Db) -> App {
    let clock = Arc::clone(&company.clock) as Arc<dyn Clock>;
    let ids = Arc::new(SystemIds::new(Arc::clone(&clock)));
    let allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
    let osrm = OsrmSettings { allowed_networks, retries: 0, ..OsrmSettings::default() };
    let travel = Travel::new(TravelSettings { osrm, ..TravelSettings::default() }, None);
    App::new(db.clone(), clock, ids, travel)
}

/// The organization with an OSRM server there, or without one.
async fn set_osrm(company: &Company, app: &App, url: Option<&str>) -> Result<(), AppError> {
    let record = organizations::get(app, &company.actor).await.unwrap();
    let osrm = url.map(|url| {
        let body = json!({"url": url, "fallback": {"mode": "none"}});
        serde_json::from_value::<OsrmServer>(body).unwrap()
    });
    let changed = Organization { osrm, ..record.value };
    organizations::update(app, &company.actor, record.revision, &changed).await.map(|_| ())
}

#[tokio::test]
async fn a_service_that_cannot_be_reckoned_breaks_no_other() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let home = json!({"home": {"lat": 64.13, "lon": -21.9}, "start": "home", "end": "home"});
        company.technician("Anna", home).await;
        let (app, actor) = (&beside(&company, &db), &company.actor);
        let service = |travel| -> Service {
            let body = json!({"name": "Far", "duration_min": 60, "travel": travel});
            serde_json::from_value(body).unwrap()
        };
        let osrm = service(json!({"mode": "osrm"}));
        assert_eq!(faults(catalogue::create(app, actor, &osrm).await), ["travel"]);
        set_osrm(&company, app, Some("http://127.0.0.1:9")).await.unwrap();
        let broken = catalogue::create(app, actor, &osrm).await.unwrap();
        let photos = company.service("Photos", json!({})).await;
        let photos = company.query(photos, 1, 1);
        let before = slots::search(app, actor, &photos).await.unwrap();
        assert!(!before.days[0].slots.is_empty());
        let failed = slots::search(app, actor, &company.query(broken.id, 1, 1)).await;
        assert!(matches!(failed, Err(AppError::Unavailable { .. })), "{failed:?}");
        assert_eq!(slots::search(app, actor, &photos).await.unwrap(), before);
        // Neither side may be left without the other.
        assert_eq!(faults(set_osrm(&company, app, None).await), ["osrm"]);
        let (seen, road) = ((broken.id, broken.revision), service(Value::Null));
        catalogue::update(app, actor, seen, &road).await.unwrap();
        set_osrm(&company, app, None).await.unwrap();
    }
}

#[tokio::test]
async fn an_osrm_server_in_a_private_network_is_refused_when_it_is_named() {
    for db in databases().await {
        let company = Company::new(&db).await;
        for url in
            ["http://127.0.0.1:5000", "http://10.1.2.3", "http://[fd00::1]", "http://localhost"]
        {
            let refused = set_osrm(&company, &company.app, Some(url)).await;
            assert_eq!(faults(refused), ["osrm.url"], "{url}");
        }
        let allowed = beside(&company, &db);
        set_osrm(&company, &allowed, Some("http://127.0.0.1:5000")).await.unwrap();
    }
}

#[tokio::test]
async fn anyone_learns_when_somebody_could_come_and_nothing_of_how() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let home =
            |lat| json!({"home": {"lat": lat, "lon": -21.9}, "start": "home", "end": "home"});
        let near = company.technician("Near", home(64.10)).await;
        let far = company.technician("Far", home(64.30)).await;
        let photos = company.service("Photos", json!({})).await;
        let chosen = company.service("Video", json!({"customer_may_choose": true})).await;
        let public = Actor::public(company.organization_id);
        let ask = async |service| {
            let query = company.query(service, 1, 1);
            slots::search_public(&company.app, &public, &query).await.unwrap()
        };
        let answer = serde_json::to_value(ask(photos).await).unwrap();
        let fields =
            |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
        let slot = &answer["days"][0]["slots"][3];
        assert_eq!(fields(&answer["days"][0]), ["date", "slots"]);
        assert_eq!(fields(slot), ["crews", "end", "score", "start", "window"]);
        assert_eq!(slot["crews"], json!([]));
        for slot in answer["days"][0]["slots"].as_array().unwrap() {
            assert_eq!(slot["score"].as_u64().unwrap() % 10, 0);
        }
        // Who may choose learns who, in an order that does not depend on where they live.
        let mut both = [near, far];
        both.sort_unstable();
        let answer = ask(chosen).await;
        let everybody: Vec<_> =
            answer.days[0].slots[3].crews.iter().map(|crew| crew.technician_ids[0]).collect();
        assert_eq!(everybody, both);
        let crews = serde_json::to_value(&answer.days[0].slots[3].crews[0]).unwrap();
        assert_eq!(fields(&crews), ["technician_ids"]);
        // The alternatives of a lost slot name nobody either.
        for start in [monday("12:00"), monday("12:00")] {
            company.book(company.choice(chosen, start)).await.unwrap();
        }
        let choice = company.choice(chosen, monday("12:00"));
        let lost = holds::create(&company.app, &public, &choice).await;
        let Err(AppError::SlotTaken { alternatives, .. }) = lost else { panic!("{lost:?}") };
        assert!(!alternatives.is_empty());
        assert!(alternatives.iter().all(|one| one.technician_ids.is_empty()), "{alternatives:?}");
    }
}

#[tokio::test]
async fn a_plan_shows_everybody_who_has_visits_also_who_left() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let anna = company.technician("Anna", json!({})).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let south: Location = serde_json::from_value(json!({"name": "South",
            "time_zone": "Atlantic/Reykjavik", "place": {"lat": 63.9, "lon": -21.9}}))
        .unwrap();
        let south = catalogue::create(app, actor, &south).await.unwrap().id;
        // The visits of a day, and whether they lie in a shift of the one who does them.
        let seen = async || {
            let plan = plans::get(app, actor, company.location_id, march(1)).await.unwrap();
            assert!(plan.unassigned.is_empty());
            let days = plan.technicians.iter().filter(|day| day.technician_id == anna);
            let visits = days.flat_map(|day| {
                let planned = day.shifts.iter().flat_map(|shift| &shift.stops);
                let planned = planned.map(|stop| (stop.visit_id, true));
                planned.chain(day.outside.iter().map(|stop| (stop.visit_id, false)))
            });
            visits.collect::<Vec<_>>()
        };
        let id = Some(booked.visit.id);
        assert_eq!(seen().await, [(id, true)]);
        let change = async |more: Value| {
            let record = catalogue::get::<Technician>(app, actor, anna).await.unwrap();
            let mut body = serde_json::to_value(&record.value).unwrap();
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let changed: Technician = serde_json::from_value(body).unwrap();
            catalogue::update(app, actor, (anna, record.revision), &changed).await.unwrap();
        };
        change(json!({"active": false})).await;
        assert_eq!(seen().await, [(id, true)]);
        change(json!({"active": true, "location_id": south})).await;
        assert_eq!(seen().await, [(id, false)]);
        // At home in the south now, where the day has a shift.
        let day = technicians::day(app, actor, anna, march(1)).await.unwrap();
        assert_eq!(day.shifts[0].stops[0].visit_id, id);
        let empty = plans::get(app, actor, company.location_id, march(2)).await.unwrap();
        assert!(empty.technicians.is_empty());
    }
}
