//! A process killed in a storm of writes, and what is there afterwards.
//!
//! The child is this same binary: it books and prints each booking once its commit has returned.
//! After the kill must hold, whatever the moment: every printed booking is there and whole (job,
//! visit, assignments of both technicians, event); no booking is there in part; and the bookings
//! that are there without having been printed are at most those whose commit was under way, one
//! for each writer of the child.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use roundsman::domain::bookings::Booking;
use roundsman::domain::id::OrganizationId;
use roundsman::store::bookings::list::{BookingFilter, BookingSort, list};
use roundsman::store::pages::PageQuery;
use roundsman::store::plans::lock_technicians;
use roundsman::store::{Db, assignments, events, visits};
use serde_json::json;

use crate::support::databases::{connect, databases};
use crate::support::samples::{Sample, at, sample};

const ADDRESS: &str = "ROUNDSMAN_TEST_KILL_DATABASE";
const SAMPLE: &str = "ROUNDSMAN_TEST_KILL_SAMPLE";
const WRITERS: usize = 8;

/// Not a test by itself: the process that is killed. Without its address it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_books_until_it_is_killed() {
    let Ok(url) = std::env::var(ADDRESS) else { return };
    let ids: Vec<uuid::Uuid> = serde_json::from_str(&std::env::var(SAMPLE).unwrap()).unwrap();
    let db = connect(&url).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.clone();
        let sample = Sample {
            organization_id: ids[0].into(),
            location_id: ids[1].into(),
            service_id: ids[2].into(),
            equipment_id: ids[3].into(),
            technician_ids: ids[4..].iter().map(|id| (*id).into()).collect(),
        };
        writers.spawn(async move {
            for number in 0.. {
                // An hour of its own for each booking, so that none is refused.
                let hour = i64::try_from(number * WRITERS + writer).unwrap();
                let booking = book(&db, &sample, hour).await;
                let mut out = std::io::stdout().lock();
                writeln!(out, "booked {}", booking.id).unwrap();
                out.flush().unwrap();
            }
        });
    }
    writers.join_all().await;
}

async fn book(db: &Db, sample: &Sample, hour: i64) -> Booking {
    let mut tx = db.write().await.unwrap();
    let crew = &sample.technician_ids[..2];
    lock_technicians(&mut tx, crew).await.unwrap();
    let booking = sample.book(&mut tx, at(hour), crew).await.unwrap();
    let event = events::NewEvent {
        organization_id: sample.organization_id,
        location_id: Some(sample.location_id),
        kind: "booking.created".to_owned(),
        subject_id: booking.id.to_string(),
        payload: json!({}),
        at: at(0),
    };
    events::append(&mut tx, event);
    tx.commit().await.unwrap();
    booking
}

/// Lets the child book `count` times, kills it with SIGKILL, and returns what it has printed.
fn storm(url: &str, sample: &Sample, count: usize) -> BTreeSet<String> {
    let mut ids: Vec<uuid::Uuid> = vec![
        sample.organization_id.into(),
        sample.location_id.into(),
        sample.service_id.into(),
        sample.equipment_id.into(),
    ];
    ids.extend(sample.technician_ids.iter().map(|id| id.0));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store_kill::child_that_books_until_it_is_killed", "--nocapture"])
        .env(ADDRESS, url)
        .env(SAMPLE, serde_json::to_string(&ids).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut printed = BTreeSet::new();
    // A line that the kill cut short is no acknowledgement.
    let id = |line: String| line.split_once("booked ").map(|(_, id)| id.to_owned());
    while printed.len() < count {
        let Some(Ok(line)) = lines.next() else { break };
        printed.extend(id(line));
    }
    child.kill().unwrap();
    for line in lines.map_while(Result::ok) {
        printed.extend(id(line).filter(|id| id.len() == 36));
    }
    child.wait().unwrap();
    printed
}

async fn all_bookings(db: &Db, organization_id: OrganizationId) -> Vec<Booking> {
    let (mut all, mut query) = (Vec::new(), PageQuery::first(500));
    let mut tx = db.read().await.unwrap();
    loop {
        let (filter, order) = (BookingFilter::default(), (BookingSort::Window, false));
        let page = list(&mut tx, organization_id, &filter, order, &query).await.unwrap();
        let next = query.after(&page);
        all.extend(page.items);
        let Some(next) = next else { return all };
        query = next;
    }
}

#[tokio::test]
async fn after_a_kill_every_acknowledged_booking_is_there_and_none_in_part() {
    for db in databases().await {
        for count in [1, 60, 250] {
            let sample = sample(&db).await;
            let printed = storm(&db.url, &sample, count);
            assert!(printed.len() >= count, "the child stopped early: {}", printed.len());
            let db = connect(&db.url).await;
            // A server may still be busy with what the dead client sent last; every booking of
            // the child holds these locks until it is over.
            let mut tx = db.write().await.unwrap();
            lock_technicians(&mut tx, &sample.technician_ids[..2]).await.unwrap();
            drop(tx);
            let stored = all_bookings(&db, sample.organization_id).await;
            let ids: BTreeSet<String> = stored.iter().map(|one| one.id.to_string()).collect();
            let lost: Vec<_> = printed.difference(&ids).collect();
            assert!(lost.is_empty(), "{} acknowledged bookings are gone", lost.len());
            assert!(ids.len() <= printed.len() + WRITERS, "{} {}", ids.len(), printed.len());
            whole(&db, &sample, &stored).await;
        }
    }
}

/// Each booking has all its parts, and no part is there without its booking.
async fn whole(db: &Db, sample: &Sample, stored: &[Booking]) {
    let organization_id = sample.organization_id;
    let mut tx = db.read().await.unwrap();
    let visit_ids: Vec<_> = stored.iter().map(|booking| booking.visit_id).collect();
    let visits = visits::get_many(&mut tx, organization_id, &visit_ids).await.unwrap();
    assert_eq!(visits.len(), stored.len());
    let crews = assignments::of_visits(&mut tx, organization_id, &visit_ids).await.unwrap();
    assert_eq!(crews.len(), 2 * stored.len());
    let last = events::last(&mut tx, organization_id).await.unwrap();
    assert_eq!(last, i64::try_from(stored.len()).unwrap());
    let told = events::after(&mut tx, organization_id, None, last - 1, 9).await.unwrap();
    assert_eq!(told.len(), 1);
    let all = roundsman::store::plans::Scope {
        organization_id,
        location_id: sample.location_id,
        from: at(-10),
        until: at(1_000_000),
    };
    let plan = roundsman::store::plans::load(&mut tx, all).await.unwrap();
    assert_eq!(plan.visits.len(), stored.len());
    assert_eq!(plan.assigned.len(), 2 * stored.len());
}
