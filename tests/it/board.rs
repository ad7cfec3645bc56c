//! The dispatcher's board: a day in one answer, and where a visit would fit.

use roundsman::app::plans::{self, FitQuery};
use roundsman::app::visits::{self, MoveRequest};
use serde_json::json;

use crate::support::apps::apps;
use crate::support::companies::{self, workday};
use crate::support::company::{Company, march, monday, place};
use crate::support::databases::databases;
use crate::support::http::Server;

#[tokio::test]
async fn the_board_shows_stops_with_their_words_and_what_waits() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let home = json!({"lat": 64.16, "lon": -21.80});
        company.technician("Anna", json!({"home": home, "start": "home", "end": "home"})).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let (app, actor, location_id) = (&company.app, &company.actor, company.location_id);
        let waiting = serde_json::from_value(json!({"service_ids": [service],
            "location_id": location_id, "place": place(7), "title": "Roof"}));
        let waiting = visits::create(app, actor, &waiting.unwrap()).await.unwrap();
        let board = plans::board(app, actor, location_id, (march(1), true)).await.unwrap();
        let plan = plans::get(app, actor, location_id, march(1)).await.unwrap();
        assert_eq!(board.plan_version, plan.plan_version);
        // The company's location lies in a zone without an offset.
        assert_eq!(
            (board.from, board.until),
            (monday("00:00"), board.from + chrono::TimeDelta::days(1))
        );
        let stop = &board.technicians[0].shifts[0].stops[0];
        assert_eq!(stop.visit_id, Some(booked.visit.id));
        assert_eq!(stop.booking_code, Some(booked.booking.code));
        assert_eq!(stop.start, Some(monday("10:00")));
        assert!(stop.line.is_some(), "lines were asked for");
        assert_eq!(board.unassigned[0].visit.id, waiting.visit.id);
        assert_eq!(board.unassigned[0].title, "Roof");
        let plain = plans::board(app, actor, location_id, (march(1), false)).await.unwrap();
        assert!(plain.technicians[0].shifts[0].stops[0].line.is_none());
    }
}

#[tokio::test]
async fn what_fits_on_the_board_can_be_moved_there() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(2).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let (app, actor) = (&company.app, &company.actor);
        let query = FitQuery { visit_id: booked.visit.id, date: march(1), with: Vec::new() };
        let fits = plans::fits(app, actor, &query).await.unwrap();
        assert_eq!(fits.technicians.len(), 2);
        let present = booked.assignments[0].technician_id;
        let own = fits.technicians.iter().find(|fit| fit.technician_id == present).unwrap();
        // Its own place counts as free.
        let covers = |at| own.openings.iter().any(|one| one.from <= at && at <= one.until);
        assert!(covers(monday("10:00")), "{own:?}");
        let other = people.iter().find(|id| **id != present).unwrap();
        let fit = fits.technicians.iter().find(|fit| fit.technician_id == *other).unwrap();
        assert!(fit.openings[0].count > 1 && fit.reason.is_none());
        let request = MoveRequest {
            start: monday("10:00"),
            technician_ids: vec![*other],
            plan_version: Some(fits.plan_version),
            force: false,
        };
        let moved = visits::place(app, actor, booked.visit.id, &request).await.unwrap();
        assert_eq!(moved.visit.assignments[0].technician_id, *other);
    }
}

#[tokio::test]
async fn who_has_no_opening_has_a_reason() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technician("Anna", json!({})).await;
        let idle = company.technician("Björn", json!({"working_hours": {}})).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let query = FitQuery { visit_id: booked.visit.id, date: march(1), with: Vec::new() };
        let fits = plans::fits(&company.app, &company.actor, &query).await.unwrap();
        let fit = fits.technicians.iter().find(|fit| fit.technician_id == idle).unwrap();
        assert!(fit.openings.is_empty());
        assert!(!fit.reason.as_ref().unwrap().sentence.is_empty());
    }
}

#[tokio::test]
async fn the_board_is_for_dispatchers_and_its_files_are_served() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = companies::Company::set_up(&server, &app, "alpha").await;
        let location = company.id("locations");
        let path = format!("/api/v1/plans/{}/board?location_id={location}", workday(&app));
        server.get(&path, &company.dispatcher).await.expect(200);
        let made = json!({ "service_ids": [company.id("services")], "place": companies::place() });
        let made = server.post("/api/v1/visits", &company.dispatcher, &made).await.expect(201);
        let query = json!({ "visit_id": made["id"], "date": workday(&app) });
        let fits = server.post("/api/v1/plans:fits", &company.dispatcher, &query).await.expect(200);
        assert!(fits["technicians"].as_array().is_some_and(|all| !all.is_empty()), "{fits}");
        let late = json!({ "visit_id": made["id"], "date": "2400-01-01" });
        server.post("/api/v1/plans:fits", &company.dispatcher, &late).await.expect(422);
        // Without a map there are no tiles.
        let map = server.get("/map/region.pmtiles", &company.dispatcher).await;
        assert_eq!(map.status, 404);
    }
}
