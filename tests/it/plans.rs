//! Plans: everybody's day, and what a change would do.

use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::plans::{self, Hypothesis};
use roundsman::app::{audit, visits};
use roundsman::store::pages::PageQuery;
use serde_json::json;

use crate::support::company::{Company, march, monday, place};
use crate::support::databases::databases;

#[tokio::test]
async fn a_plan_shows_everybodys_stops_and_what_waits() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let home = json!({"lat": 64.16, "lon": -21.80});
        let anna =
            company.technician("Anna", json!({"home": home, "start": "home", "end": "home"})).await;
        company.technician("Björn", json!({"working_hours": {}})).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let waiting = serde_json::from_value(json!({"service_ids": [service],
            "location_id": company.location_id, "place": place(7)}));
        let waiting =
            visits::create(&company.app, &company.actor, &waiting.unwrap()).await.unwrap();
        let plan = plans::get(&company.app, &company.actor, company.location_id, march(1)).await;
        let plan = plan.unwrap();
        let names: Vec<_> = plan.technicians.iter().map(|day| day.name.as_str()).collect();
        assert_eq!(names, ["Anna", "Björn"]);
        assert!(plan.technicians[1].shifts.is_empty());
        let shift = &plan.technicians[0].shifts[0];
        assert_eq!(plan.technicians[0].technician_id, anna);
        assert_eq!(shift.stops[0].visit_id, Some(booked.visit.id));
        assert_eq!(shift.stops[0].booking_code, Some(booked.booking.code));
        // There and back again are as long as each other as the crow flies.
        let (there, back) = (shift.stops[0].drive.unwrap(), shift.drive_home.unwrap());
        assert!(there.seconds > 0 && there == back);
        assert!(shift.feasible && plan.plan_version > 0);
        let ids: Vec<_> = plan.unassigned.iter().map(|visit| visit.id).collect();
        assert_eq!(ids, [waiting.visit.id]);
    }
}

#[tokio::test]
async fn a_booking_that_went_to_another_day_is_seen_there_alone_and_as_it_is_now() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let on = |day| plans::get(app, actor, company.location_id, march(day));
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let id = booked.booking.id;
        // Eight times, since which of two copies is found first is left to chance.
        for round in 0..8 {
            for (day, other) in [(2, 1), (1, 2)] {
                // Both days are known, then one of them changes and is read again.
                on(1).await.unwrap();
                on(2).await.unwrap();
                let start = monday("11:00") + chrono::TimeDelta::days(i64::from(day) - 1);
                let change = Reschedule { start, technician_ids: Vec::new(), revision: None };
                bookings::reschedule(app, actor, id, &change).await.unwrap();
                let plan = on(day).await.unwrap();
                let stop = &plan.technicians[0].shifts[0].stops[0];
                assert_eq!(stop.planned_start, Some(start), "round {round}");
                assert_eq!(stop.promised.unwrap().from, start, "round {round}");
                assert!(on(other).await.unwrap().technicians[0].shifts[0].stops.is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_hypothesis_is_scored_without_changing_anything() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(2).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let present = booked.assignments[0].technician_id;
        let other = *people.iter().find(|id| **id != present).unwrap();
        let (app, actor) = (&company.app, &company.actor);
        let plan = plans::get(app, actor, company.location_id, march(1)).await.unwrap();
        let ask = |time, who| Hypothesis {
            visit_id: booked.visit.id,
            start: monday(time),
            technician_ids: vec![who],
        };
        let same = plans::check(app, actor, &ask("10:00", other)).await.unwrap();
        assert!(same.feasible, "{same:?}");
        assert_eq!(same.plan_version, plan.plan_version);
        let late = plans::check(app, actor, &ask("11:15", present)).await.unwrap();
        assert!(!late.feasible);
        let promise = &late.violations[0];
        assert_eq!(promise.rule, "promise");
        assert_eq!(promise.numbers["by_min"], 75);
        let night = plans::check(app, actor, &ask("22:00", other)).await.unwrap();
        assert!(night.violations.iter().any(|broken| broken.technician_id == Some(other)));
        let after = plans::get(app, actor, company.location_id, march(1)).await.unwrap();
        assert_eq!(after, plan);
    }
}

#[tokio::test]
async fn every_change_leaves_its_trace() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let filter = audit::AuditFilter {
            noun_id: Some(booked.booking.id.to_string()),
            ..audit::AuditFilter::default()
        };
        let (app, actor) = (&company.app, &company.actor);
        let entries = audit::list(app, actor, &filter, &PageQuery::first(10)).await.unwrap();
        assert_eq!(entries.items.len(), 1);
        assert_eq!(entries.items[0].action, "bookings.create");
        assert_eq!(entries.items[0].actor, "system");
        assert_eq!(entries.items[0].after["code"], booked.booking.code);
    }
}

#[tokio::test]
async fn a_refused_move_names_the_reasons_of_those_who_were_asked_for_alone() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let mut people = company.technicians(3).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        people.retain(|id| *id != booked.assignments[0].technician_id);
        // Nobody works at night.
        let change = json!({"visit_id": booked.visit.id, "start": monday("22:00"),
            "technician_ids": [people[0]]});
        let change: Hypothesis = serde_json::from_value(change).unwrap();
        let checked = plans::check(&company.app, &company.actor, &change).await.unwrap();
        assert!(!checked.feasible);
        let of = |id| checked.violations.iter().filter(|one| one.technician_id == Some(id)).count();
        assert_eq!((of(people[0]), of(people[1])), (1, 0), "{:?}", checked.violations);
    }
}
