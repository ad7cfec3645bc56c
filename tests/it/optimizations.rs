//! Runs of the optimizer: queued, worked off in turn, stopped, broken off, refused.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roundsman::app::visits::{self, MoveRequest};
use roundsman::app::{optimizations, proposals};
use roundsman::domain::error::AppError;
use roundsman::domain::id::VisitId;
use roundsman::domain::optimizations::{OptimizationRequest, OptimizationStatus};
use serde_json::json;

use crate::support::company::{march, monday};
use crate::support::databases::databases;
use crate::support::town::{Town, homes, near};
use crate::support::work::{claimed, perform, work};

#[tokio::test]
async fn a_run_that_is_stopped_before_its_turn_never_begins() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let (app, actor) = (town.app(), town.actor());
        let run = optimizations::create(app, actor, &town.request(json!({}))).await.unwrap();
        let stopped = optimizations::cancel(app, actor, run.id).await.unwrap();
        assert_eq!(stopped.status, OptimizationStatus::Cancelled);
        assert_eq!(work(app, &db).await, 1);
        let run = optimizations::get(app, actor, run.id).await.unwrap();
        assert_eq!((run.status, run.proposal_id), (OptimizationStatus::Cancelled, None));
    }
}

#[tokio::test]
async fn a_finished_run_says_how_many_steps_it_took() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        let (app, actor) = (town.app(), town.actor());
        let run = optimizations::create(app, actor, &town.request(json!({}))).await.unwrap();
        assert_eq!(work(app, &db).await, 1);
        let run = optimizations::get(app, actor, run.id).await.unwrap();
        assert_eq!(run.progress.map(|progress| progress.steps), run.request.steps);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_stopped_while_it_searches_keeps_the_best_it_has() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        let (app, actor) = (town.app().clone(), town.actor());
        let request = OptimizationRequest { steps: None, time_s: 600, ..town.request(json!({})) };
        let run = optimizations::create(&app, actor, &request).await.unwrap();
        let task = claimed(&app, &db, 1).await.remove(0);
        let (inside, store) = (app.clone(), (*db).clone());
        let working = tokio::spawn(async move { perform(&inside, &store, task).await });
        loop {
            let now = optimizations::get(&app, actor, run.id).await.unwrap();
            if now.progress.is_some_and(|progress| progress.steps > 0) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let stopping = optimizations::cancel(&app, actor, run.id).await.unwrap();
        assert_eq!(stopping.status, OptimizationStatus::Cancelling);
        working.await.unwrap();
        let run = optimizations::get(&app, actor, run.id).await.unwrap();
        assert_eq!(run.status, OptimizationStatus::Finished);
        assert_eq!(town.proposal(&run).await.summary.moved_visits, 6);
    }
}

#[tokio::test]
async fn what_the_search_was_too_slow_for_is_left_out_and_counted_so() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let (app, actor) = (town.app(), town.actor());
        let mut waiting = Vec::new();
        for number in 0..4 {
            waiting.push(town.waiting(&near(&homes().0, number), None).await);
        }
        let endless = json!({"time_s": 60, "steps": null});
        let run = optimizations::create(app, actor, &town.request(endless)).await.unwrap();
        let late = async {
            loop {
                let run = optimizations::get(app, actor, run.id).await.unwrap();
                if run.progress.is_some() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            // Seven in the evening, when nobody works any more.
            town.company.wait(13 * 60);
            optimizations::cancel(app, actor, run.id).await.unwrap();
        };
        tokio::join!(work(app, &db), late);
        let run = optimizations::get(app, actor, run.id).await.unwrap();
        let proposal = town.proposal(&run).await;
        assert_eq!(proposal.lines, []);
        let left: BTreeSet<VisitId> = proposal.left_out.iter().map(|one| one.visit_id).collect();
        assert_eq!(left, waiting.into_iter().collect());
        assert!(proposal.left_out.iter().all(|one| !one.reasons.is_empty()), "{proposal:?}");
        // Four visits that wait, at 10 each.
        assert_eq!(run.progress.unwrap().unserved, 40);
        // Nobody drives anywhere.
        assert_eq!(proposal.rules.iter().find(|rule| rule.rule == "driving"), None);
    }
}

#[tokio::test]
async fn a_run_whose_worker_died_is_done_by_the_next_and_only_once() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        let (app, actor) = (town.app(), town.actor());
        let run = optimizations::create(app, actor, &town.request(json!({}))).await.unwrap();
        let lost = claimed(app, &db, 1).await.remove(0);
        assert_eq!(work(app, &db).await, 0);
        town.company.clock.advance(TimeDelta::minutes(2));
        assert_eq!(work(app, &db).await, 1);
        let done = optimizations::get(app, actor, run.id).await.unwrap();
        assert_eq!(done.status, OptimizationStatus::Finished);
        // The first worker comes back: its lease is over, and the run too.
        let lease = roundsman::store::queue::Lease::new((*db).clone(), lost, app.now());
        assert!(optimizations::run(app, lease).await.is_err());
        let page = roundsman::app::catalogue::PageQuery::default();
        assert_eq!(proposals::list(app, actor, None, &page).await.unwrap().items.len(), 1);
    }
}

#[tokio::test]
async fn on_a_day_on_which_nobody_works_everything_is_left_out_with_reasons() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let id = town.waiting(&near(&homes().0, 0), None).await;
        let sunday = json!({"from": march(7), "until": march(7), "steps": null, "time_s": 1});
        let proposal = town.optimized(&db, sunday).await;
        assert_eq!(proposal.lines, []);
        assert_eq!(proposal.left_out.len(), 1);
        assert_eq!(proposal.left_out[0].visit_id, id);
        assert!(!proposal.left_out[0].reasons.is_empty());
    }
}

#[tokio::test]
async fn a_run_whose_task_is_given_up_is_over() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let (app, actor) = (town.app(), town.actor());
        let run = optimizations::create(app, actor, &town.request(json!({}))).await.unwrap();
        let task = claimed(app, &db, 1).await.remove(0);
        optimizations::given_up(app, &task).await.unwrap();
        let run = optimizations::get(app, actor, run.id).await.unwrap();
        assert_eq!(run.status, OptimizationStatus::Failed);
        assert!(!run.message.is_empty());
    }
}

#[tokio::test]
async fn organizations_take_turns_however_many_runs_one_of_them_asks_for() {
    for db in databases().await {
        let (one, other) = (Town::new(&db).await, Town::new(&db).await);
        for _ in 0..3 {
            let request = one.request(json!({}));
            optimizations::create(one.app(), one.actor(), &request).await.unwrap();
        }
        let request = other.request(json!({}));
        optimizations::create(other.app(), other.actor(), &request).await.unwrap();
        let mut turns = Vec::new();
        for _ in 0..3 {
            turns.push(claimed(one.app(), &db, 1).await[0].organization_id);
        }
        let theirs = Some(other.company.organization_id);
        assert_eq!(turns.iter().filter(|turn| **turn == theirs).count(), 1, "{turns:?}");
    }
}

#[tokio::test]
async fn a_wrong_request_is_refused_with_all_its_faults() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let request: OptimizationRequest = serde_json::from_value(json!({
            "location_ids": [uuid::Uuid::nil()], "technician_ids": [uuid::Uuid::nil()],
            "from": march(2), "until": march(1), "time_s": 0,
            "weights": {"drive_per_hour": 2_000_000},
        }))
        .unwrap();
        let refused = optimizations::create(town.app(), town.actor(), &request).await;
        let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            ["until", "time_s", "weights.drive_per_hour", "location_ids[0]", "technician_ids[0]"]
        );
    }
}

#[tokio::test]
async fn the_cost_that_progress_tells_is_that_of_the_proposal() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        let (app, actor) = (town.app(), town.actor());
        // A limit a week makes Tuesday part of the model, with 16 km of driving each way that no
        // rule of Monday tells.
        let home = json!({
            "home": homes().1, "start": "home", "end": "home", "limits": {"visits_per_week": 20},
        });
        let weekly = town.company.technician("Weekly", home).await;
        let id = town.waiting(&homes().0, None).await;
        let start = monday("10:00") + TimeDelta::days(1);
        let technician_ids = vec![weekly];
        let to = MoveRequest { start, technician_ids, plan_version: None, force: false };
        visits::place(app, actor, id, &to).await.unwrap();
        let run = optimizations::create(app, actor, &town.request(json!({}))).await.unwrap();
        let proposal = town.finished(&db, &run).await;
        let run = optimizations::get(app, actor, run.id).await.unwrap();
        let told: i64 = proposal.rules.iter().map(|rule| rule.after_milli).sum();
        let apart = (run.progress.unwrap().cost_milli - told).abs();
        // Each rule is rounded by itself.
        assert!(apart <= i64::try_from(proposal.rules.len()).unwrap(), "{apart} of {told}");
    }
}
