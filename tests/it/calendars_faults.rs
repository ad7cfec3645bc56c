//! What goes wrong between Roundsman and calendar servers, and readings before a booking: on the real
//! servers of `scripts/calendars.sh`, through a gate that can lose and change answers.

use std::sync::Arc;

use chrono::TimeDelta;
use roundsman::addresses::AddressBook;
use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::calendars::CalendarRules;
use roundsman::app::calendars::accounts::{Reconnect, connect, reconnect};
use roundsman::app::calendars::conflicts::{self, ConflictFilter};
use roundsman::app::calendars::uses;
use roundsman::app::catalogue::{self, Listing};
use roundsman::app::holds;
use roundsman::domain::absences::Absence;
use roundsman::domain::bookings::Hold;
use roundsman::domain::calendars::CalendarStatus;
use roundsman::domain::error::AppError;
use roundsman::store::Db;
use roundsman::store::pages::PageQuery;
use serde_json::json;

use crate::support::company::{Company, monday};
use crate::support::databases::databases;
use crate::support::dav::{
    Collection, DavServer, Gate, Trick, connected, equip, event, request, rules, servers, synced,
    work,
};

#[tokio::test]
async fn a_write_whose_answer_was_lost_or_not_noted_leaves_one_event() {
    for server in servers() {
        for db in databases().await {
            let mut company = Company::new(&db).await;
            equip(&mut company, rules());
            let who = company.technicians(1).await[0];
            let collection = server.collection().await;
            let gate = Gate::open(&collection).await;
            let asked = request(&server, &gate.url(&collection.url), Some(who));
            let account = connect(&company.app, &company.actor, &asked).await.unwrap();
            let id = account.calendars[0].id;
            work(&company.app, &db).await;
            let service = company.service("Photos", json!({})).await;
            let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
            gate.set(Trick::LoseAnswer);
            work(&company.app, &db).await;
            let calendar = uses::get(&company.app, &company.actor, id).await.unwrap();
            assert_eq!(calendar.status, CalendarStatus::Failing);
            assert!(calendar.error.contains("took too long"), "{}", calendar.error);
            company.wait(1);
            work(&company.app, &db).await;
            assert_eq!(collection.all("DTSTART").await, ["20270301T100000Z"]);
            let calendar = uses::get(&company.app, &company.actor, id).await.unwrap();
            assert_eq!((calendar.status, calendar.error.as_str()), (CalendarStatus::Ok, ""));
            // The same with a change, and with a worker that died before it noted anything.
            let start = monday("14:00");
            let change = Reschedule { start, technician_ids: Vec::new(), revision: None };
            let (app, actor) = (&company.app, &company.actor);
            bookings::reschedule(app, actor, booked.booking.id, &change).await.unwrap();
            gate.set(Trick::LoseAnswer);
            work(app, &db).await;
            company.wait(1);
            work(app, &db).await;
            let forget = "update calendar_events set remote_id = null, etag = '', \
                content_hash = '', start_s = null, end_s = null, done = 0";
            db.raw(forget).await.unwrap();
            synced(app, actor, &db, id).await;
            assert_eq!(collection.all("DTSTART").await, ["20270301T140000Z"]);
            let filter = ConflictFilter::default();
            assert_eq!(conflicts::list(app, actor, filter).await.unwrap(), []);
        }
    }
}

#[tokio::test]
async fn a_calendar_whose_server_is_busy_is_not_taken_for_all_of_the_account() {
    for server in servers() {
        let db = databases().await.remove(0);
        let mut company = Company::new(&db).await;
        equip(&mut company, rules());
        let who = company.technicians(1).await[0];
        let (collection, _other) = (server.collection().await, server.collection().await);
        let gate = Gate::open(&collection).await;
        let asked = request(&server, &gate.url(&collection.url), Some(who));
        gate.set(Trick::AnswerOnce(503));
        let refused = connect(&company.app, &company.actor, &asked).await;
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(uses::list(&company.app, &company.actor, None).await.unwrap(), []);
        let account = connect(&company.app, &company.actor, &asked).await.unwrap();
        assert_eq!(account.calendars.len(), 1, "{account:?}");
    }
}

#[tokio::test]
async fn faults_of_a_server_are_told_and_end_by_themselves() {
    for server in servers() {
        let db = databases().await.remove(0);
        let mut company = Company::new(&db).await;
        equip(&mut company, rules());
        let who = company.technicians(1).await[0];
        let collection = server.collection().await;
        let gate = Gate::open(&collection).await;
        let asked = request(&server, &gate.url(&collection.url), Some(who));
        let account = connect(&company.app, &company.actor, &asked).await.unwrap();
        let id = account.calendars[0].id;
        let busy = ["DTSTART:20270301T100000Z", "DURATION:PT1H"];
        collection.put("busy.ics", &event("busy-2", &busy)).await;
        let (app, actor) = (&company.app, &company.actor);
        for (trick, words) in [
            (Trick::Answer(503, None), "busy"),
            (Trick::Answer(429, Some(("retry-after", "3".to_owned()))), "again in 3 s"),
            (Trick::Answer(500, None), "answered 500"),
            (Trick::CutAnswers, "cannot be read"),
        ] {
            gate.set(trick.clone());
            let calendar = synced(app, actor, &db, id).await;
            assert_eq!(calendar.status, CalendarStatus::Failing, "{trick:?}");
            assert!(calendar.error.contains(words), "{trick:?}: {}", calendar.error);
            gate.set(Trick::Pass);
            company.wait(5);
            work(app, &db).await;
            let calendar = uses::get(app, actor, id).await.unwrap();
            assert_eq!(calendar.status, CalendarStatus::Ok, "{trick:?}: {}", calendar.error);
        }
        // Another host is not given the password.
        let elsewhere = ("location", "http://127.0.0.2:1/".to_owned());
        gate.set(Trick::Answer(301, Some(elsewhere)));
        let calendar = synced(app, actor, &db, id).await;
        assert!(calendar.error.contains("points to another server"), "{}", calendar.error);
    }
}

#[tokio::test]
async fn refused_credentials_wait_for_new_ones_and_then_all_goes_on() {
    for server in servers() {
        let db = databases().await.remove(0);
        let mut company = Company::new(&db).await;
        equip(&mut company, rules());
        let who = company.technicians(1).await[0];
        let collection = server.collection().await;
        let gate = Gate::open(&collection).await;
        let asked = request(&server, &gate.url(&collection.url), Some(who));
        let account = connect(&company.app, &company.actor, &asked).await.unwrap();
        let id = account.calendars[0].id;
        let (app, actor) = (&company.app, &company.actor);
        work(app, &db).await;
        gate.set(Trick::Answer(401, None));
        let calendar = synced(app, actor, &db, id).await;
        assert_eq!(calendar.status, CalendarStatus::Reconnect, "{}", calendar.error);
        let asks = async |gate: &Gate| {
            let before = gate.seen.load(std::sync::atomic::Ordering::SeqCst);
            company.wait(60 * 24);
            work(app, &db).await;
            gate.seen.load(std::sync::atomic::Ordering::SeqCst) - before
        };
        assert_eq!(asks(&gate).await, 0);
        let refused = uses::sync_now(app, actor, id).await;
        assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        let password = server.password.clone();
        let anew = Reconnect { login: String::new(), password, url: String::new() };
        let wrong = reconnect(app, actor, account.account.id, &anew).await;
        assert!(matches!(wrong, Err(AppError::Invalid(_))), "{wrong:?}");
        gate.set(Trick::Pass);
        reconnect(app, actor, account.account.id, &anew).await.unwrap();
        work(app, &db).await;
        let calendar = uses::get(app, actor, id).await.unwrap();
        assert_eq!((calendar.status, calendar.error.as_str()), (CalendarStatus::Ok, ""));
    }
}

/// A company that reads calendars once more before it books, with one technician whose calendar it
/// has read.
async fn looking_again(server: &DavServer, db: &Db) -> (Company, Collection) {
    let mut company = Company::new(db).await;
    let reread = Some(std::time::Duration::from_secs(2));
    equip(&mut company, CalendarRules { reread, ..rules() });
    let who = company.technicians(1).await[0];
    let collection = server.collection().await;
    connected(&company, &collection, who).await;
    work(&company.app, db).await;
    (company, collection)
}

#[tokio::test]
async fn a_booking_reads_the_day_once_more_before_it_is_written() {
    for server in servers() {
        for db in databases().await {
            let (company, collection) = looking_again(&server, &db).await;
            let service = company.service("Photos", json!({})).await;
            company.wait(1);
            // Nobody has read this yet.
            let busy = ["DTSTART:20270301T100000Z", "DURATION:PT1H"];
            collection.put("busy.ics", &event("busy-4", &busy)).await;
            let refused = company.book(company.choice(service, monday("10:00"))).await;
            assert!(matches!(refused, Err(AppError::SlotTaken { .. })), "{refused:?}");
            let free = company.technician("Free", json!({})).await;
            let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
            assert_eq!(booked.assignments[0].technician_id, free);
            company.wait(1);
            collection.delete("busy.ics").await;
            let other = company.book(company.choice(service, monday("10:00"))).await;
            // The slot is not offered until the calendar is read; then it is.
            drop(other);
            company.wait(3);
            work(&company.app, &db).await;
            company.book(company.choice(service, monday("10:00"))).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_calendar_that_cannot_be_read_is_trusted_for_as_long_as_the_setting_says() {
    for server in servers() {
        let db = databases().await.remove(0);
        let mut company = Company::new(&db).await;
        let (reread, trust) = (Some(std::time::Duration::from_secs(2)), TimeDelta::minutes(30));
        let rules = CalendarRules { reread, trust, ..rules() };
        equip(&mut company, rules);
        let who = company.technicians(1).await[0];
        let collection = server.collection().await;
        let gate = Gate::open(&collection).await;
        let asked = request(&server, &gate.url(&collection.url), Some(who));
        connect(&company.app, &company.actor, &asked).await.unwrap();
        work(&company.app, &db).await;
        let service = company.service("Photos", json!({})).await;
        gate.set(Trick::Answer(503, None));
        company.wait(29);
        company.book(company.choice(service, monday("10:00"))).await.unwrap();
        company.wait(2);
        let refused = company.book(company.choice(service, monday("13:00"))).await;
        let Err(AppError::SlotTaken { reason, .. }) = refused else { panic!("{refused:?}") };
        assert!(reason.contains("calendar"), "{reason}");
    }
}

#[tokio::test]
async fn somebody_else_comes_while_the_first_ones_calendar_cannot_be_read() {
    for server in servers() {
        for db in databases().await {
            let mut company = Company::new(&db).await;
            let (reread, trust) = (Some(std::time::Duration::from_secs(2)), TimeDelta::minutes(30));
            equip(&mut company, CalendarRules { reread, trust, ..rules() });
            let who = company.technicians(1).await[0];
            let collection = server.collection().await;
            let gate = Gate::open(&collection).await;
            let asked = request(&server, &gate.url(&collection.url), Some(who));
            connect(&company.app, &company.actor, &asked).await.unwrap();
            work(&company.app, &db).await;
            let service = company.service("Photos", json!({})).await;
            gate.set(Trick::Answer(503, None));
            company.wait(31);
            let refused = company.book(company.choice(service, monday("10:00"))).await;
            let Err(AppError::SlotTaken { reason, .. }) = refused else { panic!("{refused:?}") };
            assert!(reason.contains("calendar"), "{reason}");
            // Would not come first, but can be read.
            let free = company.technician("Free", json!({"priority": 0})).await;
            let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
            assert_eq!(booked.assignments[0].technician_id, free);
            let refused = company.book(company.choice(service, monday("10:00"))).await;
            let Err(AppError::SlotTaken { reason, alternatives }) = refused else { panic!() };
            assert!(reason.contains("calendar"), "{reason}");
            assert!(alternatives.iter().all(|one| one.start != monday("10:00")));
            assert_eq!(alternatives.len(), 3);
        }
    }
}

#[tokio::test]
async fn a_booking_from_a_hold_reads_the_day_once_more_too() {
    for server in servers() {
        for db in databases().await {
            let (company, collection) = looking_again(&server, &db).await;
            let (app, actor) = (&company.app, &company.actor);
            let exact = company.service("Photos", json!({})).await;
            let wide = json!({"slots": {"arrival_window_min": 120}});
            let wide = company.service("Drone", wide).await;
            let first = company.choice(exact, monday("09:00"));
            let first = holds::create(app, actor, &first).await.unwrap();
            let second = company.choice(wide, monday("12:00"));
            let second = holds::create(app, actor, &second).await.unwrap();
            let third = company.choice(exact, monday("16:00"));
            let third = holds::create(app, actor, &third).await.unwrap();
            company.wait(1);
            // Nobody has read these yet.
            for (name, start) in [("a", "090000"), ("b", "120000")] {
                let busy = [format!("DTSTART:20270301T{start}Z"), "DURATION:PT1H".to_owned()];
                let busy: Vec<&str> = busy.iter().map(String::as_str).collect();
                collection.put(&format!("{name}.ics"), &event(name, &busy)).await;
            }
            let from = async |hold: &Hold| {
                let request = json!({"hold_id": hold.id, "customer": {"name": "Jón"}});
                let request = serde_json::from_value(request).unwrap();
                bookings::create(app, actor, &request).await
            };
            // Promised to the minute, it is lost; what else there is, is told.
            let lost = from(&first).await;
            let Err(AppError::SlotTaken { alternatives, .. }) = lost else { panic!("{lost:?}") };
            assert_eq!(alternatives.len(), 3);
            // Promised for two hours, it comes later within them.
            let moved = from(&second).await.unwrap();
            assert_eq!(moved.booking.window, second.window);
            assert_eq!(moved.visit.planned_start, Some(monday("13:00")));
            assert_eq!(moved.assignments[0].start, monday("13:00"));
            // What has nothing in its way stays as it was held.
            let kept = from(&third).await.unwrap();
            assert_eq!(kept.visit.planned_start, Some(monday("16:00")));
        }
    }
}

#[tokio::test]
async fn an_event_at_an_address_of_the_region_becomes_an_absence_with_a_place() {
    for server in servers() {
        for db in databases().await {
            let mut company = Company::new(&db).await;
            equip(&mut company, rules());
            let table = "lat,lon,street,housenumber,postcode,city\n\
                64.13,-21.87,Skeifan,15,108,Reykjavík\n64.15,-21.94,Austurstræti,8,101,Reykjavík\n";
            let book = AddressBook::read(table.as_bytes()).unwrap();
            company.app = company.app.clone().with_addresses(Arc::new(book));
            let who = company.technicians(1).await[0];
            let collection = server.collection().await;
            let calendar = connected(&company, &collection, who).await;
            let at = |location: &'static str| {
                let lines = ["DTSTART:20270301T100000Z", "DURATION:PT1H", location];
                event("dentist", &lines)
            };
            let places = async || {
                let listing = Listing { page: PageQuery::first(9), ..Listing::default() };
                let (app, actor) = (&company.app, &company.actor);
                synced(app, actor, &db, calendar.id).await;
                let page = catalogue::list::<Absence>(app, actor, &listing).await.unwrap();
                let places = page.items.into_iter().map(|one| one.value.place);
                places.map(|at| at.map(|at| at.address.to_string())).collect::<Vec<_>>()
            };
            for (location, expected) in [
                (
                    "LOCATION:Kaffi Vest\\, Skeifan 15\\, 108 Reykjavík\\, Iceland",
                    "Skeifan 15, 108 Reykjavík",
                ),
                ("LOCATION:Austurstræti 8", "Austurstræti 8, 101 Reykjavík"),
            ] {
                collection.put("dentist.ics", &at(location)).await;
                assert_eq!(places().await, [Some(expected.to_owned())], "{}", server.name);
            }
            collection.put("dentist.ics", &at("LOCATION:Skeifan 15\\, Akureyri")).await;
            assert_eq!(places().await, [None], "{}", server.name);
        }
    }
}

#[tokio::test]
async fn a_login_that_sees_only_when_a_calendar_is_busy_blocks_all_the_same() {
    for server in servers() {
        let db = databases().await.remove(0);
        let mut company = Company::new(&db).await;
        equip(&mut company, rules());
        let who = company.technicians(1).await[0];
        let collection = server.collection().await;
        let lines = ["DTSTART:20270301T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"];
        collection.put("busy.ics", &event("busy-5", &lines)).await;
        let gate = Gate::open(&collection).await;
        gate.set(Trick::Forbid("calendar-query"));
        let asked = request(&server, &gate.url(&collection.url), Some(who));
        let account = connect(&company.app, &company.actor, &asked).await.unwrap();
        work(&company.app, &db).await;
        let id = account.calendars[0].id;
        let calendar = uses::get(&company.app, &company.actor, id).await.unwrap();
        assert_eq!(calendar.status, CalendarStatus::Ok, "{}: {}", server.name, calendar.error);
        let starts = db.raw_column("select cast(start_s as text) from absences order by 1").await;
        let first = monday("10:00").timestamp();
        let days: Vec<String> = (0..3).map(|day| (first + day * 86_400).to_string()).collect();
        assert_eq!(starts, days, "{}", server.name);
    }
}
