//! Import and export on both databases: round trips, changes, clashes, and nothing half done.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use roundsman::app::App;
use roundsman::app::exchange::csv::CsvNoun;
use roundsman::app::exchange::{export, export_table, found, import, import_table};
use roundsman::app::messages::settings;
use roundsman::clock::{SeededIds, TestClock};
use roundsman::demo::region::Region;
use roundsman::demo::{SEED, company};
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::exchange::Document;
use roundsman::domain::id::OrganizationId;
use roundsman::domain::messages::Channel;
use roundsman::domain::messages::settings::Creator;
use roundsman::store::Db;
use roundsman::travel::{Travel, TravelSettings};
use serde_json::{Value, json};

use crate::support::checker::region_roads;
use crate::support::databases::databases;

fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn app(db: &Db) -> App {
    let clock = Arc::new(TestClock::at(noon()));
    let ids = Arc::new(SeededIds::new(Arc::clone(&clock) as _, 99));
    App::new(db.clone(), clock, ids, Travel::new(TravelSettings::default(), None))
}

/// The demo company with a plan: one visit a day for each of the first five technicians.
fn planned() -> Document {
    let region = Region::embedded().unwrap();
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let mut value = serde_json::to_value(company(SEED, today, &region)).unwrap();
    value["message_templates"] = json!([{
        "id": "01900009-0000-7000-8000-000000000001", "name": "Our reminder", "kind": "reminder",
        "channel": "sms", "locale": "en", "service_id": value["services"][0]["id"],
        "text": "See you at {time}",
    }]);
    value["message_settings"] = json!({
        "quiet_hours": {"from": "21:00", "until": "08:00"},
        "services": [{"service_id": value["services"][1]["id"], "reminders": []}],
        "new_bookings": [{"channel": "email", "to": "office@example.is"}],
    });
    let id = |kind: u32, number: usize| format!("0190000{kind}-0000-7000-8000-{number:012}");
    let (mut jobs, mut visits, mut assignments) = (vec![], vec![], vec![]);
    let (mut bookings, mut uses) = (vec![], vec![]);
    for number in 0..10 {
        let (technician, day) = (number % 5, 23 + number / 5);
        let start = format!("2026-11-{day}T10:00:00Z");
        let end = format!("2026-11-{day}T11:00:00Z");
        let location = &value["locations"][0]["id"];
        let (site, service) = (&value["sites"][number], &value["services"][2]["id"]);
        jobs.push(json!({
            "id": id(1, number), "location_id": location, "customer_id": site["customer_id"],
            "site_id": site["id"], "service_ids": [service], "title": format!("Job {number}"),
        }));
        visits.push(json!({
            "id": id(2, number), "job_id": id(1, number), "location_id": location, "revision": 1,
            "place": site["place"], "status": "planned", "lock": "none",
            "needs": {
                "service_ids": [service], "setup_s": 0, "work_s": 3600, "exit_s": 0,
                "crew": [{"role": "", "skills": []}], "crew_mode": "together",
                "equipment": [], "travel": {"mode": "road"},
            },
            "promised": {"from": start, "until": start}, "planned_start": start,
            "actual": {"en_route_at": null, "arrived_at": null, "started_at": null,
                "finished_at": null, "extra_s": 0},
        }));
        assignments.push(json!({
            "visit_id": id(2, number), "technician_id": value["technicians"][technician]["id"],
            "role": 0, "start": start, "end": end, "travel_s": 321, "assigned_at": "2026-11-19T08:00:00Z",
        }));
        bookings.push(json!({
            "id": id(3, number), "revision": 1, "code": format!("K{number}"),
            "visit_id": id(2, number), "job_id": id(1, number), "location_id": location,
            "customer_id": site["customer_id"], "site_id": site["id"], "status": "scheduled",
            "title": format!("Booking {number}"), "description": "Þak og gólf",
            "window": {"from": start, "until": start}, "source": "web", "cancel_reason": "",
            "decision": {"policy": "round_robin"}, "created_at": "2026-11-19T08:00:00Z",
            "updated_at": "2026-11-19T08:00:00Z",
        }));
        if number == 0 {
            uses.push(json!({
                "visit_id": id(2, number), "equipment_id": value["equipment"][0]["id"],
                "location_id": location, "units": 1, "start": start, "end": end,
            }));
        }
    }
    value["jobs"] = Value::Array(jobs);
    value["visits"] = Value::Array(visits);
    value["assignments"] = Value::Array(assignments);
    value["bookings"] = Value::Array(bookings);
    value["equipment_uses"] = Value::Array(uses);
    roundsman::app::exchange::read_document(value.to_string().as_bytes()).unwrap()
}

fn text(document: &Document) -> String {
    serde_json::to_string_pretty(document).unwrap()
}

/// The faults' fields of a refused import.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, AppError>) -> Vec<String> {
    match result.unwrap_err() {
        AppError::Invalid(faults) => faults.into_iter().map(|fault| fault.field).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_imported_is_exported_letter_by_letter() {
    let document = planned();
    for db in databases().await {
        let app = app(&db);
        let imported = found(&app, document.clone()).await.unwrap();
        let id = imported.organization_id.unwrap();
        assert_eq!(id, document.organization.id);
        assert_eq!(imported.renamed, 0);
        let exported = export(&app, &Actor::system(id)).await.unwrap();
        assert_eq!(text(&exported), text(&document));
    }
}

#[tokio::test]
async fn a_second_organization_gets_ids_of_its_own_with_all_references() {
    let document = planned();
    for db in databases().await {
        let app = app(&db);
        let first = found(&app, document.clone()).await.unwrap().organization_id.unwrap();
        let mut copy = document.clone();
        copy.organization.value.slug = "copy".to_owned();
        for member in &mut copy.members {
            member.value.email = format!("copy.{}", member.value.email);
        }
        let imported = found(&app, copy.clone()).await.unwrap();
        let second = imported.organization_id.unwrap();
        assert_ne!(second, first);
        let there = export(&app, &Actor::system(second)).await.unwrap();
        assert_eq!(there.technicians.len(), 24);
        assert_eq!(there.bookings.len(), 10);
        assert_ne!(there.technicians[0].id, document.technicians[0].id);
        // Every reference leads to something in the copy itself.
        roundsman::app::exchange::read_document(text(&there).as_bytes()).unwrap();
        let untouched = export(&app, &Actor::system(first)).await.unwrap();
        assert_eq!(text(&untouched), text(&document));
    }
}

#[tokio::test]
async fn a_second_import_changes_what_differs_and_deletes_nothing() {
    let document = planned();
    for db in databases().await {
        let app = app(&db);
        let id = found(&app, document.clone()).await.unwrap().organization_id.unwrap();
        let actor = Actor::system(id);
        let again = import(&app, &actor, text(&document).as_bytes()).await.unwrap();
        assert_eq!((again.added, again.changed), (0, 0));
        let mut less = document.clone();
        less.packages.clear();
        less.services[0].value.duration_min = 75;
        let changed = import(&app, &actor, text(&less).as_bytes()).await.unwrap();
        assert_eq!((changed.added, changed.changed), (0, 1));
        let after = export(&app, &actor).await.unwrap();
        assert_eq!(after.packages, document.packages);
        assert_eq!(after.services[0].value.duration_min, 75);
    }
}

#[tokio::test]
async fn an_import_that_fails_at_its_last_record_leaves_no_trace() {
    let document = planned();
    for db in databases().await {
        let app = app(&db);
        let id = found(&app, document.clone()).await.unwrap().organization_id.unwrap();
        let actor = Actor::system(id);
        let mut clashing = document.clone();
        clashing.skills[0].value.name = "Renamed".to_owned();
        // A new booking under the code of one that is stored but not in the document.
        let mut booking = clashing.bookings.pop().unwrap();
        booking.id = uuid::Uuid::from_u128(77).into();
        clashing.bookings.push(booking);
        let fields = refused(import(&app, &actor, text(&clashing).as_bytes()).await);
        assert_eq!(fields, ["bookings[9]"]);
        let after = export(&app, &actor).await.unwrap();
        assert_eq!(text(&after), text(&document));
    }
}

#[tokio::test]
async fn a_taken_slug_is_refused_with_its_field() {
    for db in databases().await {
        let app = app(&db);
        let document = planned();
        found(&app, document.clone()).await.unwrap();
        let mut other = document;
        other.organization.id = OrganizationId(uuid::Uuid::from_u128(5));
        let fields = refused(found(&app, other).await);
        assert_eq!(fields, ["organization.slug"]);
    }
}

#[tokio::test]
async fn a_table_is_written_whole_or_not_at_all() {
    for db in databases().await {
        let app = app(&db);
        let id = found(&app, planned()).await.unwrap().organization_id.unwrap();
        let actor = Actor::system(id);
        let half = "name,priority\nNew One,3\nNew Two,9\n";
        let result = import_table(&app, &actor, CsvNoun::Technicians, half.as_bytes()).await;
        let fields = refused(result);
        assert!(fields.contains(&"row 3, column priority".to_owned()), "{fields:?}");
        let whole = "name;location;priority\nNew One;Selfoss;3\nNew Two;Selfoss;4\n";
        let done = import_table(&app, &actor, CsvNoun::Technicians, whole.as_bytes()).await;
        assert_eq!(done.unwrap().added, 2);
        // The same table again finds them by their names.
        let again = import_table(&app, &actor, CsvNoun::Technicians, whole.as_bytes()).await;
        assert_eq!(again.unwrap().unchanged, 2);
        let after = export(&app, &actor).await.unwrap();
        assert_eq!(after.technicians.len(), 26);
    }
}

#[tokio::test]
async fn places_that_no_road_leads_to_are_all_named_and_what_is_stored_stays() {
    let document = planned();
    // Out at sea, some kilometres from every road.
    let sea = |value: &mut Value| {
        value["lat"] = json!(64.20);
        value["lon"] = json!(-22.10);
    };
    for db in databases().await {
        let roads = Travel::new(TravelSettings::default(), Some(region_roads()));
        let clock = Arc::new(TestClock::at(noon()));
        let ids = Arc::new(SeededIds::new(Arc::clone(&clock) as _, 99));
        let app = App::new((*db).clone(), clock, ids, roads);
        let mut wet = serde_json::to_value(&document).unwrap();
        sea(&mut wet["locations"][1]["place"]);
        sea(&mut wet["technicians"][2]["home"]);
        sea(&mut wet["sites"][3]["place"]);
        sea(&mut wet["visits"][4]["place"]);
        let read = |value: &Value| {
            roundsman::app::exchange::read_document(value.to_string().as_bytes()).unwrap()
        };
        let fields = refused(found(&app, read(&wet)).await);
        let wanted =
            ["locations[1].place", "technicians[2].home", "sites[3].place", "visits[4].place"];
        assert_eq!(fields, wanted);
        // By no road, or where it is stored already, it does not matter.
        let line = json!({"mode": "straight_line", "detour_factor": 1.3, "speed_kmh": 40});
        let mut by_line = wet.clone();
        by_line["organization"]["travel"] = line.clone();
        by_line["visits"][4]["needs"]["travel"] = line;
        let id = found(&app, read(&by_line)).await.unwrap().organization_id.unwrap();
        let actor = Actor::system(id);
        let mut more = serde_json::to_value(export(&app, &actor).await.unwrap()).unwrap();
        more["organization"]["travel"] = json!({"mode": "road"});
        import(&app, &actor, more.to_string().as_bytes()).await.unwrap();
        sea(&mut more["sites"][5]["place"]);
        let fields = refused(import(&app, &actor, more.to_string().as_bytes()).await);
        assert_eq!(fields, ["sites[5].place"]);
    }
}

#[tokio::test]
async fn a_table_that_was_exported_changes_nothing_when_it_is_imported() {
    let mut document = planned();
    // A break at a place, dates of validity and dated hours have no columns, but survive.
    let canteen = document.sites[0].value.place.clone();
    let lunch =
        json!([{"earliest": "12:00", "latest": "12:00", "duration_min": 30, "place": canteen}]);
    document.technicians[0].value.breaks = serde_json::from_value(lunch).unwrap();
    for db in databases().await {
        let app = app(&db);
        let id = found(&app, document.clone()).await.unwrap().organization_id.unwrap();
        let actor = Actor::system(id);
        for (noun, count) in [
            (CsvNoun::Technicians, document.technicians.len()),
            (CsvNoun::Customers, document.customers.len()),
            (CsvNoun::Sites, document.sites.len()),
        ] {
            let table = export_table(&app, &actor, noun).await.unwrap();
            assert_eq!(table.lines().count(), count + 1);
            let done = import_table(&app, &actor, noun, table.as_bytes()).await.unwrap();
            assert_eq!((done.added, done.changed, done.unchanged), (0, 0, count), "{noun:?}");
            assert_eq!(done.ignored_columns, Vec::<String>::new());
        }
        let after = export(&app, &actor).await.unwrap();
        assert_eq!(text(&after), text(&document));
    }
}

#[tokio::test]
async fn receivers_whose_address_is_a_secret_are_not_exported_and_survive_an_import() {
    for db in databases().await {
        let app = app(&db);
        let id = found(&app, planned()).await.unwrap().organization_id.unwrap();
        let actor = Actor::system(id);
        let (mut rules, revision) = settings::get(&app, &actor).await.unwrap();
        let slack = Creator {
            channel: Channel::Slack,
            to: "https://hooks.slack.example/secret".to_owned(),
            service_ids: Vec::new(),
        };
        rules.new_bookings.push(slack.clone());
        settings::set(&app, &actor, (&rules, revision)).await.unwrap();
        let document = text(&export(&app, &actor).await.unwrap());
        assert!(document.contains("office@example.is") && !document.contains("hooks.slack"));
        let imported = import(&app, &actor, document.as_bytes()).await.unwrap();
        assert_eq!((imported.added, imported.changed), (0, 0));
        let (rules, _) = settings::get(&app, &actor).await.unwrap();
        assert!(rules.new_bookings.contains(&slack));
    }
}
