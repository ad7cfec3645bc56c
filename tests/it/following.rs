//! Following events: each once, in order, whatever becomes of the worker.

use roundsman::app::following;
use roundsman::store::events::{followed, last};
use roundsman::store::queue::Lease;
use roundsman::store::queue::claim::{Claim, claim};
use serde_json::json;

use crate::support::company::{Company, monday};
use crate::support::databases::{TestDb, databases};

/// Claims the task of the company's events, if there is one.
async fn lease(db: &TestDb, company: &Company) -> Option<Lease> {
    let now = company.app.now();
    let mut tx = db.write().await.unwrap();
    let until = now + chrono::TimeDelta::minutes(1);
    let wanted = Claim { worker: "w", kinds: &[following::TASK], limit: 5, now, until };
    let mut tasks = claim(&mut tx, wanted).await.unwrap();
    tx.commit().await.unwrap();
    assert!(tasks.len() <= 1, "{tasks:?}");
    tasks.pop().map(|task| Lease::new((**db).clone(), task, now))
}

/// How far events were followed, and how many there are.
async fn progress(db: &TestDb, company: &Company) -> (i64, i64) {
    let mut tx = db.read().await.unwrap();
    let organization_id = company.actor.organization_id;
    let seen = followed(&mut tx, organization_id).await.unwrap();
    (seen, last(&mut tx, organization_id).await.unwrap())
}

#[tokio::test]
async fn a_booking_leaves_one_task_that_follows_its_events() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        company.book(company.choice(service, monday("10:00"))).await.unwrap();
        company.book(company.choice(service, monday("14:00"))).await.unwrap();
        let (seen, total) = progress(&db, &company).await;
        assert!(seen < total);
        let task = lease(&db, &company).await.unwrap();
        let _ = following::follow(&company.app, task).await.unwrap();
        assert_eq!(progress(&db, &company).await, (total, total));
        assert!(lease(&db, &company).await.is_none());
    }
}

#[tokio::test]
async fn what_is_passed_over_is_not_followed() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        company.book(company.choice(service, monday("10:00"))).await.unwrap();
        following::pass_over(&company.app, company.actor.organization_id).await.unwrap();
        let (seen, total) = progress(&db, &company).await;
        assert_eq!(seen, total);
        company.book(company.choice(service, monday("14:00"))).await.unwrap();
        assert!(progress(&db, &company).await.0 < progress(&db, &company).await.1);
    }
}
