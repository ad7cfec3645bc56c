//! The queue: each task once, organizations in turn, nothing lost.

use std::time::Duration;

use chrono::TimeDelta;
use roundsman::domain::id::OrganizationId;
use roundsman::store::queue::claim::{Claim, claim, next_due};
use roundsman::store::queue::depth::{Depth, depths};
use roundsman::store::queue::{
    ATTEMPTS_MAX, Failed, Lease, NewTask, Task, complete, dead, enqueue, fail, postpone, renew,
};
use roundsman::store::{Db, StoreError};
use serde_json::json;

use crate::support::databases::databases;
use crate::support::samples::{at, id};

fn task(organization_id: Option<OrganizationId>, key: &str) -> NewTask {
    NewTask {
        kind: "greet".to_owned(),
        unique_key: key.to_owned(),
        organization_id,
        run_at: at(1),
        payload: json!({ "name": key }),
    }
}

async fn ask(db: &Db, tasks: &[NewTask]) {
    let mut tx = db.write().await.unwrap();
    for task in tasks {
        enqueue(&mut tx, task, at(0)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Claims at hour 1 plus `minute`, for ten minutes.
async fn claim_at(db: &Db, worker: &str, minute: i64, limit: u32) -> Vec<Task> {
    let now = at(1) + TimeDelta::minutes(minute);
    let until = now + TimeDelta::minutes(10);
    let mut tx = db.write().await.unwrap();
    let kinds = ["greet"];
    let tasks = claim(&mut tx, Claim { worker, kinds: &kinds, limit, now, until }).await.unwrap();
    tx.commit().await.unwrap();
    tasks
}

async fn finish(db: &Db, task: Task) -> Result<(), StoreError> {
    let tx = db.write().await.unwrap();
    Lease::new(db.clone(), task, at(1)).finish(tx).await.map(|_| ())
}

#[tokio::test]
async fn a_task_is_there_when_its_transaction_is_and_not_before_its_time() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        enqueue(&mut tx, &task(None, "a"), at(0)).await.unwrap();
        drop(tx);
        assert!(claim_at(&db, "w", 0, 9).await.is_empty());
        ask(&db, &[task(None, "a")]).await;
        assert!(claim_at(&db, "w", -1, 9).await.is_empty());
        let tasks = claim_at(&db, "w", 0, 9).await;
        assert_eq!(tasks.len(), 1);
        assert_eq!((tasks[0].attempts, &tasks[0].payload), (1, &json!({ "name": "a" })));
        assert!(claim_at(&db, "v", 0, 9).await.is_empty());
        finish(&db, tasks[0].clone()).await.unwrap();
        let mut tx = db.read().await.unwrap();
        assert_eq!(next_due(&mut tx, &["greet"]).await.unwrap(), None);
    }
}

#[tokio::test]
async fn kinds_without_a_handler_are_left_alone() {
    for db in databases().await {
        let other = NewTask { kind: "wave".to_owned(), ..task(None, "a") };
        ask(&db, &[other]).await;
        assert!(claim_at(&db, "w", 0, 9).await.is_empty());
    }
}

#[tokio::test]
async fn a_key_stands_for_one_task_and_the_earlier_moment_holds() {
    for db in databases().await {
        let late = NewTask { run_at: at(9), payload: json!("late"), ..task(None, "a") };
        ask(&db, &[task(None, "a"), late.clone()]).await;
        let tasks = claim_at(&db, "w", 0, 9).await;
        assert_eq!(tasks.len(), 1);
        assert_eq!(tasks[0].payload, json!("late"));
        // Asked for while it runs: it runs once more, at the moment asked for.
        ask(&db, &[late]).await;
        finish(&db, tasks[0].clone()).await.unwrap();
        let mut tx = db.read().await.unwrap();
        assert_eq!(next_due(&mut tx, &["greet"]).await.unwrap(), Some(at(9)));
    }
}

#[tokio::test]
async fn organizations_take_turns() {
    for db in databases().await {
        let (busy, quiet): (OrganizationId, OrganizationId) = (id(), id());
        let mut tasks: Vec<NewTask> =
            (0..40).map(|number| task(Some(busy), &format!("{number:02}"))).collect();
        // The other's are younger, and due later.
        let run_at = at(1) + TimeDelta::seconds(30);
        tasks.extend(
            (0..3)
                .map(|number| NewTask { run_at, ..task(Some(quiet), &format!("quiet {number}")) }),
        );
        ask(&db, &tasks).await;
        let whose = |tasks: &[Task]| {
            let quiet = tasks.iter().filter(|one| one.organization_id == Some(quiet)).count();
            (tasks.len() - quiet, quiet)
        };
        assert_eq!(whose(&claim_at(&db, "w", 1, 4).await), (2, 2));
        // One at a time: one of the two, then the other.
        let (one, two) = (claim_at(&db, "w", 1, 1).await, claim_at(&db, "w", 1, 1).await);
        assert_eq!(whose(&[one, two].concat()), (1, 1));
        assert_eq!(whose(&claim_at(&db, "w", 1, 4).await), (4, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_workers_do_each_task_once() {
    for db in databases().await {
        let organizations: Vec<OrganizationId> = (0..3).map(|_| id()).collect();
        let tasks: Vec<NewTask> = (0..120)
            .map(|number| task(Some(organizations[number % 3]), &format!("{number:03}")))
            .collect();
        ask(&db, &tasks).await;
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..4 {
            let db = (*db).clone();
            workers.spawn(async move {
                let mut done = Vec::new();
                let mut idle = 0;
                while idle < 20 {
                    let tasks = claim_at(&db, &format!("worker {worker}"), 0, 5).await;
                    if tasks.is_empty() {
                        // What is left may be locked by another claim just now.
                        idle += 1;
                        tokio::task::yield_now().await;
                    }
                    for task in tasks {
                        done.push(task.unique_key.clone());
                        finish(&db, task).await.unwrap();
                    }
                }
                done
            });
        }
        let mut done: Vec<String> = workers.join_all().await.into_iter().flatten().collect();
        done.sort();
        let expected: Vec<String> = (0..120).map(|number| format!("{number:03}")).collect();
        assert_eq!(done, expected);
    }
}

#[tokio::test]
async fn a_killed_workers_task_is_done_by_another_and_the_first_cannot_finish_it() {
    for db in databases().await {
        ask(&db, &[task(None, "a")]).await;
        let first = claim_at(&db, "w", 0, 1).await.remove(0);
        assert!(claim_at(&db, "v", 9, 1).await.is_empty(), "the lease lasts ten minutes");
        let second = claim_at(&db, "v", 10, 1).await.remove(0);
        assert_eq!(second.attempts, 2);
        // The first was only slow. Its changes must not stay.
        let mut tx = db.write().await.unwrap();
        enqueue(&mut tx, &task(None, "effect of the first"), at(0)).await.unwrap();
        let lease = Lease::new((*db).clone(), first.clone(), at(1));
        let refused = lease.finish(tx).await;
        assert!(matches!(refused, Err(StoreError::LeaseLost(_))), "{refused:?}");
        let mut tx = db.write().await.unwrap();
        assert!(!renew(&mut tx, &first, at(5)).await.unwrap());
        let lost = fail(&mut tx, &first, "late", Some(Duration::ZERO), at(1)).await.unwrap();
        assert_eq!(lost, Failed::Lost);
        drop(tx);
        finish(&db, second).await.unwrap();
        assert!(claim_at(&db, "w", 60, 9).await.is_empty());
    }
}

#[tokio::test]
async fn a_renewed_lease_lasts_longer() {
    for db in databases().await {
        ask(&db, &[task(None, "a")]).await;
        let task = claim_at(&db, "w", 0, 1).await.remove(0);
        let mut tx = db.write().await.unwrap();
        assert!(renew(&mut tx, &task, at(2)).await.unwrap());
        tx.commit().await.unwrap();
        assert!(claim_at(&db, "v", 59, 1).await.is_empty());
        assert_eq!(claim_at(&db, "v", 60, 1).await.len(), 1);
    }
}

#[tokio::test]
async fn a_task_that_keeps_failing_ends_among_the_dead_and_can_be_replayed() {
    for db in databases().await {
        let organization_id: OrganizationId = id();
        ask(&db, &[task(Some(organization_id), "a")]).await;
        let mut now = at(1);
        for attempt in 1..=ATTEMPTS_MAX {
            let minute = (now - at(1)).num_minutes();
            let task = claim_at(&db, "w", minute, 1).await.remove(0);
            assert_eq!(task.attempts, attempt);
            let mut tx = db.write().await.unwrap();
            let delay = Some(Duration::from_mins(2));
            let failed = fail(&mut tx, &task, "no answer", delay, now).await.unwrap();
            tx.commit().await.unwrap();
            let again = now + TimeDelta::minutes(2);
            let expected =
                if attempt < ATTEMPTS_MAX { Failed::Retried(again) } else { Failed::Dead };
            assert_eq!(failed, expected);
            let minute = (again - at(1)).num_minutes();
            assert!(claim_at(&db, "w", minute - 1, 1).await.is_empty());
            now = again;
        }
        assert!(claim_at(&db, "w", 5000, 1).await.is_empty());
        let mut tx = db.write().await.unwrap();
        let letters = dead::list(&mut tx, Some(organization_id), 9).await.unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].error.as_str(), letters[0].attempts), ("no answer", ATTEMPTS_MAX));
        assert!(dead::list(&mut tx, None, 9).await.unwrap().is_empty());
        assert_eq!(depths(&mut tx, at(1)).await.unwrap()[0].dead, 1);
        let key = ("greet", "a");
        assert!(!dead::replay(&mut tx, None, key, at(1)).await.unwrap(), "somebody else's");
        assert!(dead::replay(&mut tx, Some(organization_id), key, at(1)).await.unwrap());
        tx.commit().await.unwrap();
        let task = claim_at(&db, "w", 0, 1).await.remove(0);
        assert_eq!(task.attempts, 1);
        let mut tx = db.write().await.unwrap();
        let gone = fail(&mut tx, &task, "never", None, at(1)).await.unwrap();
        assert_eq!(gone, Failed::Dead);
        assert!(dead::discard(&mut tx, Some(organization_id), key).await.unwrap());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_postponed_task_comes_back_as_new() {
    for db in databases().await {
        ask(&db, &[task(None, "a")]).await;
        let first = claim_at(&db, "w", 0, 1).await.remove(0);
        let mut tx = db.write().await.unwrap();
        postpone(&mut tx, &first, at(3)).await.unwrap();
        let refused = complete(&mut tx, &first).await;
        assert!(matches!(refused, Err(StoreError::LeaseLost(_))));
        tx.commit().await.unwrap();
        assert!(claim_at(&db, "w", 119, 1).await.is_empty());
        assert_eq!(claim_at(&db, "w", 120, 1).await[0].attempts, 1);
    }
}

#[tokio::test]
async fn the_depth_of_the_queue_is_told_by_kind() {
    for db in databases().await {
        let other = NewTask { kind: "wave".to_owned(), ..task(None, "a") };
        let later = NewTask { run_at: at(2), ..task(None, "c") };
        ask(&db, &[task(None, "a"), task(None, "b"), later, other]).await;
        assert_eq!(claim_at(&db, "w", 0, 1).await.len(), 1);
        let seen = async |now| {
            let mut tx = db.read().await.unwrap();
            depths(&mut tx, now).await.unwrap()
        };
        let depth = |kind: &str, (waiting, due, running)| Depth {
            kind: kind.to_owned(),
            waiting,
            due,
            running,
            dead: 0,
        };
        // One runs until ten past, one could, one is not due before two o'clock.
        assert_eq!(seen(at(1)).await, [depth("greet", (2, 1, 1)), depth("wave", (1, 1, 0))]);
        let later = at(1) + TimeDelta::minutes(10);
        assert_eq!(seen(later).await[0], depth("greet", (3, 2, 0)));
    }
}
