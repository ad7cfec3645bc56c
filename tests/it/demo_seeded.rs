//! The demo company in a database: its bookings are real ones, and the same each time.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, Utc};
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
use roundsman_roads::{Profile, Roads};

use crate::support::databases::{TestDb, sqlite};

/// A Friday.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Travel on the region's roads.
fn travel() -> Travel {
    static ROADS: OnceLock<Arc<Roads>> = OnceLock::new();
    let roads = ROADS.get_or_init(|| {
        let map = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("data/region/reykjavik-region.roads.osm.pbf");
        Arc::new(Roads::import(&map, &Profile::car()).unwrap())
    });
    Travel::new(TravelSettings::default(), Some(Arc::clone(roads)))
}

async fn seeded() -> (TestDb, Document, Seeded) {
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
    (db, document, done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_seedings_of_a_day_give_the_same_company_to_the_letter() {
    let (_, first, done) = seeded().await;
    let (_, second, again) = seeded().await;
    assert_eq!(done, again);
    assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
    assert!(done.booked > 500, "{done:?}");
    assert!(done.refused * 10 < done.booked, "{done:?}");
    let statuses: Vec<BookingStatus> = first.bookings.iter().map(|it| it.status).collect();
    for status in [
        BookingStatus::Scheduled,
        BookingStatus::Confirmed,
        BookingStatus::Cancelled,
        BookingStatus::Completed,
        BookingStatus::NoShow,
    ] {
        assert!(statuses.contains(&status), "no booking is {status:?}");
    }
}
