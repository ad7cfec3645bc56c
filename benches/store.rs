//! Speed of the store: bookings a second with 50 clients at once, and loading a plan.
//!
//! `cargo bench -p roundsman --bench store`; on PostgreSQL too if `TEST_POSTGRES_URL` is set.

#![expect(clippy::print_stdout, reason = "the figures are the result")]
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use std::sync::Arc;
use std::time::Instant;

use roundsman::domain::id::TechnicianId;
use roundsman::store::plans::{Scope, load, lock_technicians};
use roundsman::store::{Db, events, records};
use serde_json::json;

use crate::support::databases::{TestDb, databases};
use crate::support::samples::{Sample, at, id, sample, technician};

#[expect(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../tests/it/support"]
mod support {
    pub(crate) mod databases;
    pub(crate) mod samples;
}

const CLIENTS: usize = 50;
const TECHNICIANS: usize = 50;
const BOOKINGS: usize = 4000;

#[tokio::main]
async fn main() {
    for db in databases().await {
        let mut sample = sample(&db).await;
        hire(&db, &mut sample).await;
        let sample = Arc::new(sample);
        one_by_one(&db, &sample).await;
        at_once(&db, &sample).await;
        overlaps(&db).await;
        plan(&db, &sample).await;
    }
}

async fn hire(db: &Db, sample: &mut Sample) {
    let mut tx = db.write().await.unwrap();
    for number in 0..TECHNICIANS {
        let technician_id: TechnicianId = id();
        let technician = technician(&format!("Technician {number}"), sample.location_id);
        let organization_id = sample.organization_id;
        records::insert(&mut tx, organization_id, technician_id, &technician, at(0)).await.unwrap();
        sample.technician_ids.push(technician_id);
    }
    tx.commit().await.unwrap();
}

/// What a booking writes: job, visit, assignment, booking, event, version of the plan.
async fn book(db: &Db, sample: &Sample, number: usize) {
    let crew = [sample.technician_ids[3 + number % TECHNICIANS]];
    let hour = i64::try_from(number / TECHNICIANS).unwrap();
    let mut tx = db.write().await.unwrap();
    lock_technicians(&mut tx, &crew).await.unwrap();
    let booking = sample.book(&mut tx, at(hour), &crew).await.unwrap();
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
}

async fn one_by_one(db: &TestDb, sample: &Sample) {
    let count = 300;
    let start = Instant::now();
    for number in 0..count {
        book(db, sample, BOOKINGS + number).await;
    }
    report(db, "one client", count, start);
}

async fn at_once(db: &TestDb, sample: &Arc<Sample>) {
    let start = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let (db, sample) = ((**db).clone(), Arc::clone(sample));
        clients.spawn(async move {
            for round in 0..BOOKINGS / CLIENTS {
                book(&db, &sample, round * CLIENTS + client).await;
            }
        });
    }
    clients.join_all().await;
    report(db, &format!("{CLIENTS} clients"), BOOKINGS, start);
}

fn report(db: &TestDb, what: &str, count: usize, start: Instant) {
    let elapsed = start.elapsed();
    let count_f64 = f64::from(u32::try_from(count).unwrap());
    let rate = count_f64 / elapsed.as_secs_f64();
    println!("{:<9} {what:<11} {count:>5} bookings in {elapsed:>8.2?}: {rate:>6.0}/s", db.kind());
}

async fn overlaps(db: &TestDb) {
    let sql = "select a.visit_id from assignments a join assignments b \
        on a.technician_id = b.technician_id and a.visit_id < b.visit_id \
        and a.start_s < b.end_s and b.start_s < a.end_s where not a.ended and not b.ended";
    let found = db.raw_column(sql).await;
    println!("{:<9} overlapping assignments: {}", db.kind(), found.len());
    assert!(found.is_empty());
}

async fn plan(db: &TestDb, sample: &Sample) {
    let scope = Scope {
        organization_id: sample.organization_id,
        location_id: sample.location_id,
        from: at(0),
        until: at(10_000),
    };
    let mut times = Vec::new();
    let mut count = 0;
    for _ in 0..5 {
        let mut tx = db.read().await.unwrap();
        let start = Instant::now();
        count = load(&mut tx, scope).await.unwrap().visits.len();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    println!("{:<9} a plan of {count} visits loaded in {:.2?} (median)", db.kind(), times[2]);
}
