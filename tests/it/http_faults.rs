//! Everything that is wrong with a request is said at once: its form, its values, what it names.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::apps::apps;
use crate::support::companies::{Company, place, workday};
use crate::support::http::{Answer, Server};

const NOBODY: &str = "0192f0c1-2345-7000-8000-0000000000ff";

/// The fields of all faults, sorted.
#[track_caller]
fn fields(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let mut fields = answer.fault_fields();
    fields.sort();
    fields
}

#[tokio::test]
async fn faults_of_form_and_of_value_come_in_one_answer() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let service = json!({
            "colour": "red", "duration_min": 0, "setup_min": "ten",
            "travel": { "mode": "fixed", "before_min": 9999, "after_min": "x" },
            "slots": { "step_min": 0, "horizon": { "days": 30, "count": "lunar" } }
        });
        let answer = server.post("/api/v1/services", &company.owner, &service).await;
        assert_eq!(
            fields(&answer),
            [
                "colour",
                "duration_min",
                "name",
                "setup_min",
                "slots.horizon.count",
                "slots.step_min",
                "travel.after_min",
                "travel.before_min"
            ]
        );
        let technician = json!({
            "name": " ", "location_id": company.id("locations"), "time_zone": "Mars/Olympus",
            "start": "home",
            "working_hours": { "weekly": [
                { "days": ["Mon", "Funday"], "from": "25:00", "until": "08:00" },
                { "days": ["Tue"], "from": "17:00", "until": "09:00" }
            ] },
            "priority": -1, "limits": { "overtime_min": 10_000 }
        });
        let answer = server.post("/api/v1/technicians", &company.owner, &technician).await;
        assert_eq!(
            fields(&answer),
            [
                "limits.overtime_min",
                "name",
                "priority",
                "start",
                "time_zone",
                "working_hours.weekly[0].days[1]",
                "working_hours.weekly[0].from",
                "working_hours.weekly[1].until"
            ]
        );
        let zone = json!({ "name": "", "shape": { "kind": "radius", "metres": 10,
            "centre": { "lat": "north", "lon": 500 } } });
        let answer = server.post("/api/v1/zones", &company.owner, &zone).await;
        let found = fields(&answer);
        assert!(found.contains(&"name".to_owned()), "{found:?}");
        assert!(found.contains(&"shape.centre.lat".to_owned()), "{found:?}");
    }
}

#[tokio::test]
async fn no_fault_is_made_of_what_stands_in_for_an_unreadable_part() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let bodies = [
            (
                "absences",
                "start",
                json!({ "technician_id": company.id("technicians"),
                "start": "Monday", "end": "2027-08-06T18:00:00Z" }),
            ),
            (
                "absences",
                "end",
                json!({ "technician_id": company.id("technicians"),
                "start": "2027-08-02T08:00:00Z", "end": "Friday" }),
            ),
            ("customers", "email", json!({ "name": "Ada", "email": 5 })),
            (
                "services",
                "crew.size",
                json!({ "name": "A", "duration_min": 60, "crew": {
                "size": "two", "roles": [{ "name": "lead" }, { "name": "second" }] } }),
            ),
            (
                "technicians",
                "home",
                json!({ "name": "A", "location_id": company.id("locations"),
                "home": "Skeifan 15", "start": "home", "end": "home" }),
            ),
        ];
        for (noun, field, body) in bodies {
            let answer = server.post(&format!("/api/v1/{noun}"), &company.owner, &body).await;
            assert_eq!(fields(&answer), [field], "{noun}");
        }
    }
}

#[tokio::test]
async fn a_change_without_its_revision_hears_of_its_values_too() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let path = format!("/api/v1/skills/{}", company.id("skills"));
        let answer = server.put(&path, &company.owner, &json!({ "name": "" })).await;
        assert_eq!(fields(&answer), ["name", "revision"]);
        let member = json!({ "name": "", "email": "nobody", "role": "king", "password": 7 });
        let answer = server.post("/api/v1/members", &company.owner, &member).await;
        assert_eq!(fields(&answer), ["email", "name", "password", "role"]);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_named_with_what_is_wrong() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let start = format!("{}T12:00:00Z", workday(&app));
        let query = json!({ "service_ids": [NOBODY], "place": place(),
            "from": "2027-03-02", "until": "2027-03-01" });
        let answer = server.post("/api/v1/slots:search", who, &query).await;
        assert_eq!(fields(&answer), ["service_ids[0]", "until"]);
        let choice = json!({ "service_ids": [company.id("services")], "start": start,
            "place": { "lat": 95, "lon": -21.9 }, "technician_ids": [NOBODY],
            "wishes": { "technician_id": NOBODY } });
        let answer = server.post("/api/v1/holds", who, &choice).await;
        let holds = fields(&answer);
        assert!(holds.contains(&"place.lat".to_owned()), "{holds:?}");
        assert!(holds.contains(&"wishes.technician_id".to_owned()), "{holds:?}");
        let booking = json!({ "slot": { "service_ids": [NOBODY], "place": place(), "start": start },
            "title": "x".repeat(301), "customer": { "id": NOBODY } });
        let answer = server.post("/api/v1/bookings", who, &booking).await;
        assert_eq!(fields(&answer), ["customer.id", "slot.service_ids[0]", "title"]);
        let booking = json!({ "slot": { "service_ids": [company.id("services")], "start": "noon" },
            "customer": { "nmae": "Ada" }, "title": "x".repeat(301) });
        let answer = server.post("/api/v1/bookings", who, &booking).await;
        let found = fields(&answer);
        for field in ["customer.name", "customer.nmae", "slot.place", "slot.start", "title"] {
            assert!(found.contains(&field.to_owned()), "{field}: {found:?}");
        }
    }
}

#[tokio::test]
async fn every_wrong_parameter_of_a_query_is_named() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let query = "from=monday&until=2027-13-01&limit=many&colour=red&noun=visits&noun=jobs";
        let answer = server.get(&format!("/api/v1/audit?{query}"), &company.owner).await;
        assert_eq!(fields(&answer), ["colour", "from", "limit", "noun", "until"]);
        let query = "from=2027-03-01&until=soon";
        let path = format!("/api/v1/technicians/{}/days?{query}", company.id("technicians"));
        let answer = server.get(&path, &company.owner).await;
        assert_eq!(fields(&answer), ["until"]);
    }
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_said_once_and_plainly() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let id = company.id("technicians");
        let path = format!("/api/v1/technicians/{id}/day?date=yesterday");
        let answer = server.get(&path, &company.owner).await;
        assert_eq!(fields(&answer), ["date"]);
        assert!(answer.text.contains("must be a date such as 2027-03-01"), "{}", answer.text);
        let answer = server.get("/api/v1/events?location_id=7", &company.owner).await;
        assert_eq!(fields(&answer), ["location_id"]);
        assert!(answer.text.contains("must be an id (UUID)"), "{}", answer.text);
        let answer = server.get("/api/v1/visits?sort=colour&limit=0", &company.owner).await;
        assert_eq!(fields(&answer), ["limit", "sort"]);
        for path in ["bookings?q=%FF", "customers?q=%FF", "audit?noun=%FF"] {
            let answer = server.get(&format!("/api/v1/{path}"), &company.owner).await;
            assert_eq!(fields(&answer).len(), 1, "{path}");
            assert!(answer.text.contains("is not in UTF-8"), "{}", answer.text);
        }
        let choice = json!({ "service_ids": [company.id("services")], "place": place(),
            "start": format!("{}T12:00:60Z", workday(&app)) });
        let answer = server.post("/api/v1/holds", &company.owner, &choice).await;
        assert_eq!(fields(&answer), ["start"]);
    }
}

#[tokio::test]
async fn small_bodies_say_all_that_is_wrong_with_form_and_value_too() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let ids = company.book_something(&server, &app).await;
        for (path, body, expected) in small_bodies(&ids, &company.id("customers")) {
            let answer = server.post(&format!("/api/v1/{path}"), &company.owner, &body).await;
            assert_eq!(fields(&answer), expected, "{path}");
        }
    }
}

/// Wrong bodies of operations: the path, the body and the fields that are named.
fn small_bodies(
    ids: &BTreeMap<String, String>,
    customer: &str,
) -> Vec<(String, Value, &'static [&'static str])> {
    let (far, twice) = ("9999-01-01T00:00:00Z", [NOBODY, NOBODY]);
    let booking = |verb: &str| format!("bookings/{}:{verb}", ids["booking_id"]);
    let visit = |verb: &str| format!("visits/{}:{verb}", ids["visit_id"]);
    let crew: &'static [&'static str] = &["start", "technician_ids[1]", "x"];
    let moved = json!({ "start": far, "technician_ids": twice, "x": 1 });
    vec![
        (booking("reschedule"), moved.clone(), crew),
        (booking("cancel"), json!({ "reason": "x".repeat(1001), "x": 1 }), &["reason", "x"]),
        (visit("move"), moved, crew),
        (
            visit("progress"),
            json!({ "step": "needs_more", "minutes": 1441, "at": "noon" }),
            &["at", "minutes"],
        ),
        (visit("give-up"), json!({ "obstacle": "other", "at": "noon" }), &["at", "note"]),
        (
            "plans:check".to_owned(),
            json!({ "visit_id": "7", "start": far, "technician_ids": twice }),
            &["start", "technician_ids[1]", "visit_id"],
        ),
        (
            "plans:fits".to_owned(),
            json!({ "visit_id": "7", "date": "2027-03-01", "with": twice }),
            &["visit_id", "with[1]"],
        ),
        (
            format!("waitlist-entries/{}:offer", ids["waitlist_entry_id"]),
            json!({ "start": far, "x": 1 }),
            &["start", "x"],
        ),
        (
            "api-keys".to_owned(),
            json!({ "name": "", "scopes": ["all"], "x": 1 }),
            &["name", "scopes", "x"],
        ),
        (
            format!("members/{}:set-password", ids["member_id"]),
            json!({ "password": "short", "x": 1 }),
            &["password", "x"],
        ),
        (
            "members".to_owned(),
            json!({ "name": "", "email": "a@b.is", "role": "king", "password": "short" }),
            &["name", "password", "role"],
        ),
        (
            "message-templates:preview".to_owned(),
            json!({ "kind": "event", "channel": "pigeon" }),
            &["channel", "kind"],
        ),
        (
            "message-templates:test".to_owned(),
            json!({ "kind": "reminder", "to": " ", "x": 1 }),
            &["to", "x"],
        ),
        (
            format!("customers/{customer}:consent"),
            json!({ "channel": "push", "granted": "yes" }),
            &["channel", "granted"],
        ),
        (
            "push/subscriptions".to_owned(),
            json!({ "endpoint": "http://a.is", "keys": { "p256dh": "AA", "auth": "AA" },
                "x": 1 }),
            &["endpoint", "keys.auth", "keys.p256dh", "x"],
        ),
    ]
}

#[tokio::test]
async fn what_a_change_of_time_names_is_checked_with_its_values() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let ids = company.book_something(&server, &app).await;
        let (booking, visit) = (&ids["booking_id"], &ids["visit_id"]);
        // The crew is of one, the start is over, and nobody has this id.
        let body = json!({ "start": "2001-01-01T09:00:00Z", "technician_ids": [NOBODY, NOBODY] });
        for path in [format!("bookings/{booking}:reschedule"), format!("visits/{visit}:move")] {
            let answer = server.post(&format!("/api/v1/{path}"), &company.owner, &body).await;
            let expected = ["start", "technician_ids", "technician_ids[0]", "technician_ids[1]"];
            assert_eq!(fields(&answer), expected, "{path}");
        }
        let body = json!({ "visit_id": visit, "date": "2001-01-01", "with": [NOBODY] });
        let answer = server.post("/api/v1/plans:fits", &company.owner, &body).await;
        assert_eq!(fields(&answer), ["date", "with[0]"]);
        let minutes =
            json!({ "step": "needs_more", "minutes": 1441, "at": "2199-01-01T09:00:00Z" });
        let path = format!("/api/v1/visits/{visit}:progress");
        let answer = server.post(&path, &company.owner, &minutes).await;
        assert_eq!(fields(&answer), ["at", "minutes"]);
        let member = json!({ "name": "", "email": "ada@b.is", "role": "technician",
            "technician_id": NOBODY, "password": "short" });
        let answer = server.post("/api/v1/members", &company.owner, &member).await;
        assert_eq!(fields(&answer), ["name", "password", "technician_id"]);
    }
}

#[tokio::test]
async fn a_body_full_of_faults_is_answered_all_the_same() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let days: Vec<Value> = (0..300).map(|day| json!({ "date": day })).collect();
        let body = json!({ "name": "A", "location_id": company.id("locations"),
            "working_hours": { "overrides": days } });
        let answer = server.post("/api/v1/technicians", &company.owner, &body).await;
        assert_eq!(fields(&answer).len(), 300);
    }
}

#[tokio::test]
async fn faults_of_the_path_come_with_those_of_the_query_or_body() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let owner = &company.owner;
        for view in ["", "/board", "/score"] {
            let path = format!("/api/v1/plans/tomorrow{view}?location_id=here&colour=red");
            let answer = server.get(&path, owner).await;
            assert_eq!(fields(&answer), ["colour", "date", "location_id"]);
        }
        let path = "/api/v1/technicians/anna/day?date=tomorrow";
        assert_eq!(fields(&server.get(path, owner).await), ["date", "technician_id"]);
        let body = json!({ "lock": "all" });
        let answer = server.post("/api/v1/visits/first:lock", owner, &body).await;
        assert_eq!(fields(&answer), ["lock", "visit_id"]);
        let zone = json!({ "name": "", "shape": { "kind": "postcodes", "postcodes": [] } });
        let answer = server.put("/api/v1/zones/town", owner, &zone).await;
        let found = fields(&answer);
        for field in ["zone_id", "name", "revision"] {
            assert!(found.contains(&field.to_owned()), "{found:?}");
        }
        // Where only the id is none, there is nothing.
        let date = workday(&app);
        let path = format!("/api/v1/technicians/anna/day?date={date}");
        let answer = server.get(&path, owner).await;
        assert_eq!(answer.status, 404, "{}", answer.text);
        assert_eq!(answer.fault_fields(), ["technician_id"]);
        let answer = server.get(&format!("/api/v1/plans/{date}?location_id=here"), owner).await;
        assert_eq!(fields(&answer), ["location_id"]);
    }
}
