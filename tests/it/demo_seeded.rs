//! The demo company in a database: its bookings are real ones, and the same each time.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use roundsman::app::App;
use roundsman::app::exchange::export;
use roundsman::clock::{SystemIds, TestClock};
use roundsman::demo::SEED;
use roundsman::demo::region::Region;
use roundsman::demo::seeding::{MakeApp, Seeded, seed};
use roundsman::domain::actors::Actor;
use roundsman::domain::bookings::BookingStatus;
use roundsman::domain::exchange::Document;
use roundsman::travel::{Travel, TravelSettings};

use crate::support::checker::{Checker, region_roads};
use crate::support::databases::sqlite;

/// A Friday.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Travel on the region's roads.
fn travel() -> Travel {
    Travel::new(TravelSettings::default(), Some(region_roads()))
}

async fn seeded() -> (Document, Seeded) {
    let db = sqlite().await;
    let (shared, travel) = (db.clone(), travel());
    let make: Arc<MakeApp> =
        Arc::new(move |clock, ids| App::new(shared.clone(), clock, ids, travel.clone()));
    let region = Region::embedded().unwrap();
    let done = seed(Arc::clone(&make), &region, SEED, (today(), noon())).await.unwrap();
    let clock = Arc::new(TestClock::at(noon()));
    let app = make(Arc::clone(&clock) as _, Arc::new(SystemIds::new(clock)));
    let company = roundsman::demo::company(SEED, today(), &region);
    let document = export(&app, &Actor::system(company.organization.id)).await.unwrap();
    (document, done)
}

/// Seeds a database of its own; takes seconds.
fn seeded_now() -> (Document, Seeded) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(seeded())
}

/// The company as seeded once for all tests.
fn first() -> &'static (Document, Seeded) {
    static FIRST: OnceLock<(Document, Seeded)> = OnceLock::new();
    FIRST.get_or_init(seeded_now)
}

#[test]
fn two_seedings_of_a_day_give_the_same_company_to_the_letter() {
    let (first, done) = first();
    let (second, again) = seeded_now();
    assert_eq!(*done, again);
    assert_eq!(serde_json::to_string(first).unwrap(), serde_json::to_string(&second).unwrap());
}

#[test]
fn orders_become_bookings_in_every_state() {
    let (document, done) = first();
    assert!(done.booked > 500, "{done:?}");
    assert!(done.refused * 10 < done.booked, "{done:?}");
    assert_eq!(document.bookings.len(), done.booked);
    for status in [
        BookingStatus::Scheduled,
        BookingStatus::Confirmed,
        BookingStatus::Cancelled,
        BookingStatus::Completed,
        BookingStatus::NoShow,
    ] {
        let count = document.bookings.iter().filter(|it| it.status == status).count();
        assert!(count > 0, "no booking is {status:?}");
    }
    // Nothing that is over still waits for its visit, and nothing to come is over.
    for booking in &document.bookings {
        let visit = document.visits.iter().find(|visit| visit.id == booking.visit_id).unwrap();
        let end = visit.planned_start.unwrap() + TimeDelta::seconds(visit.needs.on_site_s());
        match booking.status {
            BookingStatus::Completed => assert!(end <= noon()),
            BookingStatus::Scheduled | BookingStatus::Confirmed => assert!(end > noon()),
            _ => {}
        }
    }
}

#[test]
fn the_document_of_the_company_can_be_imported() {
    let text = serde_json::to_string(&first().0).unwrap();
    let faults = roundsman::app::exchange::read_document(text.as_bytes()).err();
    assert_eq!(faults, None);
}

#[test]
fn every_day_of_every_technician_can_be_driven_and_worked() {
    let faults = Checker::new(&first().0).faults();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_checker_sees_a_visit_that_was_moved() {
    let mut document = first().0.clone();
    let moved = &mut document.assignments[100].assignment;
    moved.start += TimeDelta::hours(5);
    moved.end += TimeDelta::hours(5);
    assert!(!Checker::new(&document).faults().is_empty());
}
