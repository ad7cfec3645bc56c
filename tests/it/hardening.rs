//! What a stranger or a slip must not be able to do: dates without end, numbers that tell where
//! people live, one service that breaks a location.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use roundsman::app::visits::{self, MoveRequest, VisitRequest};
use roundsman::app::{App, bookings, catalogue, holds, plans, slots, technicians};
use roundsman::domain::absences::Absence;
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::slots::SlotQuery;
use serde_json::json;

use crate::support::company::{Company, booked, march, monday, place};
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
        let fresh = App::new(
            (*db).clone(),
            std::sync::Arc::clone(&company.clock) as std::sync::Arc<dyn roundsman::clock::Clock>,
            std::sync::Arc::new(roundsman::clock::SystemIds::new(std::sync::Arc::clone(
                &company.clock,
            )
                as std::sync::Arc<dyn roundsman::clock::Clock>)),
            roundsman::travel::Travel::new(roundsman::travel::TravelSettings::default(), None),
        );
        assert_eq!(again, slots::search(&fresh, actor, &span(0)).await.unwrap());
        // Eight working days of the absence and the booked one, one start each.
        assert_eq!(crate::support::company::starts(&again).len(), first.len() - 9);
    }
}
