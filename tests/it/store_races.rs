//! Many writers at once: the right number wins, nobody fails for another reason.

use std::sync::Arc;
use std::time::Duration;

use roundsman::domain::id::TechnicianId;
use roundsman::store::housekeeping::{self, Retention};
use roundsman::store::plans::{bump, lock_technicians};
use roundsman::store::{Db, StoreError, events, plans};
use serde_json::json;

use crate::support::databases::databases;
use crate::support::samples::{Sample, at, sample};

/// Books one hour of a crew with everything a booking does, locks first; whether it won.
async fn book(db: &Db, sample: &Sample, hour: i64, crew: &[TechnicianId]) -> bool {
    let mut tx = db.write().await.unwrap();
    lock_technicians(&mut tx, crew).await.unwrap();
    match sample.book(&mut tx, at(hour), crew).await {
        Ok(booking) => {
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
            true
        }
        Err(refusal) => {
            assert!(matches!(refusal, StoreError::Overlap), "{refusal:?}");
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slot_is_booked_once_for_each_technician() {
    for db in databases().await {
        let sample = Arc::new(sample(&db).await);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..60 {
            let (db, sample) = ((*db).clone(), Arc::clone(&sample));
            tasks.spawn(async move {
                let technician = sample.technician_ids[number % 3];
                u32::from(book(&db, &sample, 9, &[technician]).await)
            });
        }
        // Three technicians, twenty clients each, one hour: three bookings.
        assert_eq!(tasks.join_all().await.into_iter().sum::<u32>(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crews_in_any_order_never_deadlock() {
    for db in databases().await {
        let sample = Arc::new(sample(&db).await);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..90_usize {
            let (db, sample) = ((*db).clone(), Arc::clone(&sample));
            tasks.spawn(async move {
                let first = sample.technician_ids[number % 3];
                let second = sample.technician_ids[(number + 1 + number / 3 % 2) % 3];
                // Ten hours; three pairs of three people, so one crew an hour can win.
                let hour = i64::try_from(number % 10).unwrap();
                u32::from(book(&db, &sample, hour, &[first, second]).await)
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().sum::<u32>(), 10);
        let mut tx = db.read().await.unwrap();
        assert_eq!(events::last(&mut tx, sample.organization_id).await.unwrap(), 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_the_database_still_lets_one_win() {
    for db in databases().await {
        let sample = Arc::new(sample(&db).await);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (db, sample) = ((*db).clone(), Arc::clone(&sample));
            tasks.spawn(async move {
                let mut tx = db.write().await.unwrap();
                let crew = [sample.technician_ids[0]];
                let booked = sample.book(&mut tx, at(9), &crew).await;
                let committed = match booked {
                    Ok(_) => tx.commit().await.map(|_| ()),
                    Err(error) => Err(error),
                };
                match committed {
                    Ok(()) => 1,
                    // PostgreSQL may break a ring of waiting writers; that is why there are locks.
                    Err(StoreError::Overlap | StoreError::Contention) => 0,
                    Err(other) => panic!("{other:?}"),
                }
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().sum::<u32>(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_count_every_commit() {
    for db in databases().await {
        let sample = Arc::new(sample(&db).await);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..40_i64 {
            let (db, sample) = ((*db).clone(), Arc::clone(&sample));
            tasks.spawn(async move {
                let mut tx = db.write().await.unwrap();
                // Overlapping spans of days, in two organizations' worth of disorder.
                let (from, until) = (at(24 * (number % 3)), at(24 * (number % 3) + 25));
                let (organization_id, location_id) = (sample.organization_id, sample.location_id);
                bump(&mut tx, plans::Scope { organization_id, location_id, from, until });
                tx.commit().await.unwrap().plan_versions.len()
            });
        }
        let raised: usize = tasks.join_all().await.into_iter().sum();
        let mut tx = db.read().await.unwrap();
        let (from, until) = (at(0).date_naive(), at(24 * 7).date_naive());
        let versions =
            plans::versions(&mut tx, sample.organization_id, sample.location_id, from, until)
                .await
                .unwrap();
        // Each of 40 commits raised two days by one.
        assert_eq!(raised, 80);
        assert_eq!(versions.iter().map(|one| one.version).sum::<i64>(), 80);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_is_broken_off_while_it_begins_leaves_nothing_behind() {
    for db in databases().await {
        for round in 0..150 {
            // Where this breaks off is chance; wherever it is, the next writer must not notice.
            let patience = Duration::from_micros(round * 10);
            drop(tokio::time::timeout(patience, db.read()).await);
            housekeeping::tidy(&db, at(0), Retention::default()).await.unwrap();
        }
    }
}
