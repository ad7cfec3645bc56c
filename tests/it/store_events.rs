//! The outbox: complete, in order, and heard.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use roundsman::domain::id::OrganizationId;
use roundsman::store::events::{Listener, NewEvent, after, append, last};
use serde_json::json;

use crate::support::databases::{connect, databases};
use crate::support::samples::{Sample, at, id, sample};

fn event(sample: &Sample, subject: &str) -> NewEvent {
    NewEvent {
        organization_id: sample.organization_id,
        location_id: Some(sample.location_id),
        kind: "visit.moved".to_owned(),
        subject_id: subject.to_owned(),
        payload: json!({ "subject": subject }),
        at: at(0),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_follows_the_numbers_misses_nothing() {
    for db in databases().await {
        let sample = Arc::new(sample(&db).await);
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..5 {
            let (db, sample) = ((*db).clone(), Arc::clone(&sample));
            writers.spawn(async move {
                for number in 0..20 {
                    let mut tx = db.write().await.unwrap();
                    append(&mut tx, event(&sample, &format!("{writer}:{number:02}")));
                    if number % 3 == 0 {
                        tokio::task::yield_now().await;
                    }
                    if number % 7 == 6 {
                        drop(tx);
                    } else {
                        tx.commit().await.unwrap();
                    }
                }
            });
        }
        // Reads while they write, always only after what it has seen.
        let (mut seen, mut seq) = (Vec::new(), 0);
        let mut listener = Listener::new(&db, sample.organization_id);
        // Of each writer's 20, the two numbered 6 and 13 are given up.
        while seen.len() < 90 {
            let mut tx = db.read().await.unwrap();
            let events =
                after(&mut tx, sample.organization_id, Some(sample.location_id), seq, 7).await;
            drop(tx);
            let events = events.unwrap();
            if events.is_empty() {
                tokio::time::timeout(Duration::from_secs(10), listener.changed()).await.unwrap();
            }
            for event in events {
                assert_eq!(event.seq, seq + 1, "no gap");
                seq = event.seq;
                seen.push(event.subject_id);
            }
        }
        writers.join_all().await;
        let mut tx = db.read().await.unwrap();
        assert_eq!(last(&mut tx, sample.organization_id).await.unwrap(), 90);
        // In the order in which each writer wrote.
        let mut latest = BTreeMap::new();
        for subject in &seen {
            let (writer, number) = subject.split_once(':').unwrap();
            let before = latest.insert(writer, number);
            assert!(before < Some(number), "{before:?} {number}");
        }
    }
}

#[tokio::test]
async fn news_of_one_organization_are_not_told_to_another() {
    for db in databases().await {
        let ours = sample(&db).await;
        let theirs: OrganizationId = id();
        let mut tx = db.write().await.unwrap();
        append(&mut tx, event(&ours, "a"));
        append(&mut tx, NewEvent { location_id: None, ..event(&ours, "b") });
        let committed = tx.commit().await.unwrap();
        assert_eq!(committed.event_seq, Some(2));
        let mut tx = db.read().await.unwrap();
        assert!(after(&mut tx, theirs, None, 0, 9).await.unwrap().is_empty());
        assert_eq!(after(&mut tx, ours.organization_id, None, 0, 9).await.unwrap().len(), 2);
        let location = Some(ours.location_id);
        let here = after(&mut tx, ours.organization_id, location, 0, 9).await.unwrap();
        assert_eq!(here.len(), 1);
        assert_eq!(here[0].payload, json!({ "subject": "a" }));
    }
}

#[tokio::test]
async fn a_listener_hears_commits_of_its_own_and_of_other_processes() {
    for db in databases().await {
        let sample = sample(&db).await;
        // A second set of connections stands for another process; SQLite has only one.
        let other = if db.kind() == "sqlite" { (*db).clone() } else { connect(&db.url).await };
        for writer in [&*db, &other] {
            let mut listener = Listener::new(&db, sample.organization_id);
            let mut tx = writer.write().await.unwrap();
            append(&mut tx, event(&sample, "a"));
            tx.commit().await.unwrap();
            tokio::time::timeout(Duration::from_secs(5), listener.changed()).await.unwrap();
        }
    }
}
