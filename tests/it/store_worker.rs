//! The worker: real handlers on real databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use roundsman::clock::{Clock as _, SystemClock};
use roundsman::domain::id::SkillId;
use roundsman::domain::skills::Skill;
use roundsman::jobs::{Failure, Handlers, Worker, WorkerSettings};
use roundsman::shutdown::Shutdown;
use roundsman::store::queue::{NewTask, dead, enqueue};
use roundsman::store::records::{self, Listing};
use roundsman::store::{Db, pages::PageQuery};
use serde_json::json;

use crate::support::databases::{connect, databases};
use crate::support::samples::{Sample, at, id, sample};

fn settings(name: &str) -> WorkerSettings {
    WorkerSettings {
        lease: Duration::from_secs(1),
        poll: Duration::from_millis(50),
        ..WorkerSettings::new(name, 1)
    }
}

/// Stores a skill named after the task: an effect that shows if it happens twice or never, since
/// the name holds the attempt.
fn learning(sample: &Sample) -> Handlers {
    let organization_id = sample.organization_id;
    Handlers::new().on("learn", move |lease| async move {
        let name = lease.task().unique_key.clone();
        let mut tx = lease.db().write().await?;
        let skill_id: SkillId = id();
        let skill = Skill { name: format!("{name} {}", lease.task().attempts) };
        records::insert(&mut tx, organization_id, skill_id, &skill, at(0)).await?;
        Ok(lease.finish(tx).await?)
    })
}

async fn ask(db: &Db, sample: &Sample, kind: &str, keys: impl Iterator<Item = String>) {
    let now = SystemClock.now();
    let mut tx = db.write().await.unwrap();
    for unique_key in keys {
        let kind = kind.to_owned();
        let organization_id = Some(sample.organization_id);
        let payload = json!({});
        let task = NewTask { kind, unique_key, organization_id, run_at: now, payload };
        enqueue(&mut tx, &task, now).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn skills(db: &Db, sample: &Sample) -> Vec<String> {
    let mut tx = db.read().await.unwrap();
    let listing = Listing { page: PageQuery::first(500), ..Listing::default() };
    let page = records::list::<Skill>(&mut tx, sample.organization_id, &listing).await.unwrap();
    page.items.into_iter().map(|record| record.value.name).collect()
}

/// Waits until `done` says so; a test that waits for ever fails after 20 s.
async fn until(mut done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_do_every_task_once() {
    for db in databases().await {
        let sample = sample(&db).await;
        let (trigger, shutdown) = Shutdown::by_trigger();
        let mut running = tokio::task::JoinSet::new();
        for number in 0..3 {
            // Each with connections of its own where the database is shared.
            let own = if db.kind() == "sqlite" { (*db).clone() } else { connect(&db.url).await };
            let settings = settings(&format!("worker {number}"));
            let worker = Worker::new(own, Arc::new(SystemClock), learning(&sample), settings);
            running.spawn(worker.run(shutdown.clone()));
        }
        ask(&db, &sample, "learn", (0..60).map(|number| format!("{number:02}"))).await;
        until(async || skills(&db, &sample).await.len() >= 60).await;
        trigger.begin();
        running.join_all().await;
        let expected: Vec<String> = (0..60).map(|number| format!("{number:02} 1")).collect();
        assert_eq!(skills(&db, &sample).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_panics_and_slow_handlers_do_not_stop_the_others() {
    for db in databases().await {
        let sample = sample(&db).await;
        let tries = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&tries);
        let ended = Arc::new(AtomicU32::new(0));
        let ending = Arc::clone(&ended);
        let handlers = learning(&sample)
            .ending("refuse", move |task| {
                let ending = Arc::clone(&ending);
                async move {
                    assert_eq!(task.unique_key, "x");
                    ending.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                }
            })
            .ending("panic", async |_| panic!("it is not given up"))
            .on("panic", async |_| panic!("as planned"))
            .on("refuse", async |_| Err(Failure::GiveUp("makes no sense".into())))
            .on("fail_once", move |lease| {
                let counted = Arc::clone(&counted);
                async move {
                    if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                        return Err(Failure::Retry("not yet".into()));
                    }
                    let tx = lease.db().write().await?;
                    Ok(lease.finish(tx).await?)
                }
            })
            .on("slow", async |lease| {
                // Longer than a lease, which is renewed meanwhile.
                tokio::time::sleep(Duration::from_millis(2200)).await;
                let tx = lease.db().write().await?;
                Ok(lease.finish(tx).await?)
            });
        let (trigger, shutdown) = Shutdown::by_trigger();
        let worker = Worker::new((*db).clone(), Arc::new(SystemClock), handlers, settings("w"));
        let running = tokio::spawn(worker.run(shutdown));
        for kind in ["panic", "refuse", "fail_once", "slow"] {
            ask(&db, &sample, kind, std::iter::once("x".to_owned())).await;
        }
        ask(&db, &sample, "learn", std::iter::once("x".to_owned())).await;
        until(async || {
            let kinds = "select kind from tasks where kind in ('slow', 'fail_once', 'learn')";
            db.raw_column(kinds).await.is_empty()
        })
        .await;
        trigger.begin();
        running.await.unwrap();
        assert_eq!(skills(&db, &sample).await, ["x 1"]);
        assert_eq!(tries.load(Ordering::SeqCst), 2);
        let mut tx = db.read().await.unwrap();
        let letters = dead::list(&mut tx, Some(sample.organization_id), 9).await.unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].error, "makes no sense");
        assert_eq!(ended.load(Ordering::SeqCst), 1, "what was given up has its end");
        let left = db.raw_column("select kind from tasks where not dead order by kind").await;
        assert_eq!(left, ["housekeeping", "panic"], "a panic is tried again later");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_in_the_middle_leaves_no_effect_and_the_next_one_does_it() {
    for db in databases().await {
        let sample = sample(&db).await;
        let organization_id = sample.organization_id;
        let reached = Arc::new(tokio::sync::Notify::new());
        let there = Arc::clone(&reached);
        let stuck = Handlers::new().on("learn", move |lease| {
            let there = Arc::clone(&there);
            async move {
                let mut tx = lease.db().write().await?;
                let skill_id: SkillId = id();
                let skill = Skill { name: "half done".to_owned() };
                records::insert(&mut tx, organization_id, skill_id, &skill, at(0)).await?;
                there.notify_one();
                // Killed here, with the change made and not committed.
                std::future::pending::<()>().await;
                Ok(lease.finish(tx).await?)
            }
        });
        let (_trigger, shutdown) = Shutdown::by_trigger();
        let worker = Worker::new((*db).clone(), Arc::new(SystemClock), stuck, settings("first"));
        let first = tokio::spawn(worker.run(shutdown));
        ask(&db, &sample, "learn", std::iter::once("x".to_owned())).await;
        reached.notified().await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        let (trigger, shutdown) = Shutdown::by_trigger();
        let handlers = learning(&sample);
        let worker = Worker::new((*db).clone(), Arc::new(SystemClock), handlers, settings("next"));
        let next = tokio::spawn(worker.run(shutdown));
        until(async || !skills(&db, &sample).await.is_empty()).await;
        trigger.begin();
        next.await.unwrap();
        assert_eq!(skills(&db, &sample).await, ["x 2"]);
    }
}
