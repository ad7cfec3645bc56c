//! The dispatcher's board: a day in one answer, and where a visit would fit.

use roundsman::app::plans::{self, FitQuery, TechnicianFit};
use roundsman::app::visits::{self, MoveRequest, Report, Step};
use roundsman::domain::visits::Lock;
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
        assert_eq!(fit.openings[0].from, monday("10:00"));
        assert!(fit.reason.is_none());
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
async fn a_gap_that_holds_no_start_of_the_grid_is_open_at_its_earliest_and_where_the_visit_stands()
{
    for db in databases().await {
        let company = Company::new(&db).await;
        let anna = company.technician("Anna", json!({})).await;
        let slots = json!({"step_min": 60, "arrival_window_min": 60});
        let service = company.service("Photos", json!({"slots": slots})).await;
        let (app, actor, location_id) = (&company.app, &company.actor, company.location_id);
        let make = async |promised| {
            let body = json!({"service_ids": [service], "location_id": location_id,
                "place": place(3), "promised": promised});
            let request = serde_json::from_value(body).unwrap();
            visits::create(app, actor, &request).await.unwrap().visit.id
        };
        let put = async |id, time| {
            let request = MoveRequest {
                start: monday(time),
                technician_ids: vec![anna],
                plan_version: None,
                force: false,
            };
            visits::place(app, actor, id, &request).await.unwrap();
        };
        let fits = async |visit_id| {
            let query = FitQuery { visit_id, date: march(1), with: Vec::new() };
            let fits = plans::fits(app, actor, &query).await.unwrap();
            fits.technicians.into_iter().find(|fit| fit.technician_id == anna).unwrap()
        };
        // An hour each, locked, in one place: from 8:20 to 9:20, and from 10:35 to 11:35.
        for time in ["08:20", "10:35"] {
            let id = make(json!(null)).await;
            put(id, time).await;
            visits::lock(app, actor, (id, None), Lock::Both).await.unwrap();
        }
        let promise = json!({"from": monday("08:00"), "until": monday("09:59")});
        let between = make(promise).await;
        // 9:00 is taken and 10:00 is too late for what was promised; 9:20 is neither.
        let own = fits(between).await;
        let told = |own: &TechnicianFit| {
            own.openings.iter().map(|one| (one.from, one.count)).collect::<Vec<_>>()
        };
        assert_eq!(told(&own), [(monday("09:20"), 0)], "{own:?}");
        let starts = visits::why(app, actor, between, None).await.unwrap().starts;
        assert_eq!(starts.iter().map(|one| one.start).collect::<Vec<_>>(), [monday("09:20")]);
        put(between, "09:28").await;
        let own = fits(between).await;
        assert_eq!(told(&own), [(monday("09:20"), 0), (monday("09:28"), 0)], "{own:?}");
    }
}

#[tokio::test]
async fn what_overruns_into_the_next_visit_is_shown_until_it_will_end() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let crew = company.technicians(2).await;
        let two = json!({"crew": {"size": 2}});
        let service = company.service("Piano", two).await;
        let (app, actor, location_id) = (&company.app, &company.actor, company.location_id);
        let mut ids = Vec::new();
        for time in ["09:00", "10:30"] {
            let request = serde_json::from_value(json!({"service_ids": [service],
                "location_id": location_id, "place": place(3)}));
            let id = visits::create(app, actor, &request.unwrap()).await.unwrap().visit.id;
            let request = MoveRequest {
                start: monday(time),
                technician_ids: crew.clone(),
                plan_version: None,
                force: false,
            };
            visits::place(app, actor, id, &request).await.unwrap();
            ids.push(id);
        }
        let told = async || {
            let board = plans::board(app, actor, location_id, (march(1), false)).await.unwrap();
            let stops = board.technicians.iter().flat_map(|one| &one.shifts[0].stops);
            let of = stops.filter(|stop| stop.visit_id == Some(ids[0]));
            of.map(|stop| (stop.end.unwrap(), stop.expected_end)).collect::<Vec<_>>()
        };
        assert_eq!(told().await, [(monday("10:00"), None); 2]);
        company.wait(3 * 60);
        let report = |step| Report { step, at: None };
        let begun = report(Step::Started);
        visits::progress(app, actor, ids[0], &begun).await.unwrap();
        let more = report(Step::NeedsMore { minutes: 60 });
        visits::progress(app, actor, ids[0], &more).await.unwrap();
        // Others come at 10:30, so the plan stays; an hour of work and one more end at 11.
        assert_eq!(told().await, [(monday("10:30"), Some(monday("11:00"))); 2]);
    }
}

#[tokio::test]
async fn what_does_not_keep_the_promise_is_no_opening_and_the_reason_says_so() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technician("Anna", json!({})).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor, location_id) = (&company.app, &company.actor, company.location_id);
        let promised = json!({"from": monday("10:00"), "until": monday("11:00")});
        let request = serde_json::from_value(json!({"service_ids": [service],
            "location_id": location_id, "place": place(3), "promised": promised}));
        let id = visits::create(app, actor, &request.unwrap()).await.unwrap().visit.id;
        let ask = |day| FitQuery { visit_id: id, date: march(day), with: Vec::new() };
        let monday_fits = plans::fits(app, actor, &ask(1)).await.unwrap();
        let openings = &monday_fits.technicians[0].openings;
        assert_eq!(openings.first().unwrap().from, monday("10:00"));
        assert_eq!(openings.last().unwrap().until, monday("11:00"));
        let tuesday = plans::fits(app, actor, &ask(2)).await.unwrap();
        assert_eq!(tuesday.technicians[0].openings, []);
        let reason = tuesday.technicians[0].reason.as_ref().unwrap();
        assert_eq!(reason.rule, "promise");
        let told = "the customer was promised 2027-03-01, 10:00 to 11:00";
        assert_eq!(reason.sentence, told);
        let why = visits::why(app, actor, id, Some(march(2))).await.unwrap();
        assert_eq!(why.starts, []);
        assert_eq!(why.reasons[0].rule, "promise");
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
