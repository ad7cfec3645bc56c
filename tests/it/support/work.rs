//! Doing what waits in the queue, as the worker would, at a moment of the test's choice.

use chrono::TimeDelta;
use roundsman::app::{App, optimizations, proposals, replanning, waitlist_entries};
use roundsman::store::Db;
use roundsman::store::queue::claim::{Claim, claim};
use roundsman::store::queue::{Lease, Task};

/// The kinds of tasks around the optimizer, and of the waitlist.
pub(crate) const KINDS: [&str; 4] =
    [optimizations::RUN_TASK, proposals::APPLY_TASK, replanning::TASK, waitlist_entries::TASK];

/// Claims at most so many tasks that are due.
pub(crate) async fn claimed(app: &App, db: &Db, limit: u32) -> Vec<Task> {
    let now = app.now();
    let mut tx = db.write().await.unwrap();
    let until = now + TimeDelta::minutes(1);
    let wanted = Claim { worker: "test", kinds: &KINDS, limit, now, until };
    let tasks = claim(&mut tx, wanted).await.unwrap();
    tx.commit().await.unwrap();
    tasks
}

/// Does one claimed task.
pub(crate) async fn perform(app: &App, db: &Db, task: Task) {
    let kind = task.kind.clone();
    let lease = Lease::new(db.clone(), task, app.now());
    let done = match kind.as_str() {
        optimizations::RUN_TASK => optimizations::run(app, lease).await,
        proposals::APPLY_TASK => proposals::apply_by_rule(app, lease).await,
        waitlist_entries::TASK => waitlist_entries::match_freed(app, lease).await,
        _ => replanning::repair(app, lease).await,
    };
    let _finished = done.unwrap();
}

/// Does everything that is due, and what comes of it; how many tasks that were.
pub(crate) async fn work(app: &App, db: &Db) -> usize {
    let mut count = 0;
    loop {
        let tasks = claimed(app, db, 1).await;
        if tasks.is_empty() {
            return count;
        }
        for task in tasks {
            perform(app, db, task).await;
            count += 1;
        }
    }
}
