//! Everything that is wrong with a request is said at once: its form, its values, what it names.

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
