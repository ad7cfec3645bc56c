//! Holds take what a booking would take, and leave no trace when they lapse.

use chrono::TimeDelta;
use roundsman::domain::bookings::Hold;
use roundsman::domain::id::JobId;
use roundsman::domain::jobs::Job;
use roundsman::domain::visits::{Visit, VisitStatus};
use roundsman::store::{Db, StoreError, assignments, holds, records, visits};

use crate::support::databases::databases;
use crate::support::samples::{Sample, assigned, at, id, sample};

/// Holds 9:00 of the first technician until 0:10.
async fn hold(db: &Db, sample: &Sample) -> (Hold, Visit) {
    let organization_id = sample.organization_id;
    let crew = [sample.technician_ids[0]];
    let mut tx = db.write().await.unwrap();
    let job_id: JobId = id();
    records::insert(&mut tx, organization_id, job_id, &sample.job("Photos"), at(0)).await.unwrap();
    let visit = Visit { status: VisitStatus::Held, ..sample.visit(job_id, at(9)) };
    visits::insert(&mut tx, organization_id, &visit, &[], at(0)).await.unwrap();
    let rows = assigned(visit.id, at(9), &crew);
    assignments::insert(&mut tx, organization_id, &rows).await.unwrap();
    let hold = Hold {
        id: id(),
        visit_id: visit.id,
        location_id: sample.location_id,
        service_ids: vec![sample.service_id],
        technician_ids: crew.to_vec(),
        window: visit.promised.unwrap(),
        expires_at: at(0) + TimeDelta::minutes(10),
        decision: serde_json::json!({ "policy": "round_robin" }),
    };
    holds::insert(&mut tx, organization_id, &hold, None, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    (hold, visit)
}

#[tokio::test]
async fn a_hold_keeps_others_out_until_it_lapses() {
    for db in databases().await {
        let sample = sample(&db).await;
        let (hold, visit) = hold(&db, &sample).await;
        let crew = [sample.technician_ids[0]];
        let mut tx = db.write().await.unwrap();
        let now = hold.expires_at - TimeDelta::seconds(1);
        let gone = holds::expire(&mut tx, sample.organization_id, now, Some(&crew)).await.unwrap();
        assert!(gone.is_empty());
        let refused = sample.place(&mut tx, at(9), &crew).await;
        assert!(matches!(refused, Err(StoreError::Overlap)));
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let others = [sample.technician_ids[1]];
        let now = hold.expires_at;
        let gone = holds::expire(&mut tx, sample.organization_id, now, Some(&others)).await;
        assert!(gone.unwrap().is_empty(), "somebody else's hold");
        let gone = holds::expire(&mut tx, sample.organization_id, now, Some(&crew)).await.unwrap();
        assert_eq!(gone, [hold]);
        sample.place(&mut tx, at(9), &crew).await.unwrap();
        let job = records::get::<Job>(&mut tx, sample.organization_id, visit.job_id).await.unwrap();
        assert_eq!(job, None, "a job that was only held goes too");
        let committed = tx.commit().await.unwrap();
        // Both the visit that went and the one that came are on 1 March: one version up.
        assert_eq!(committed.plan_versions.len(), 1);
        assert_eq!(committed.plan_versions[0].version, 2);
    }
}

#[tokio::test]
async fn a_renewed_hold_lasts_longer_and_a_released_one_ends() {
    for db in databases().await {
        let sample = sample(&db).await;
        let (hold, visit) = hold(&db, &sample).await;
        let later = hold.expires_at + TimeDelta::minutes(10);
        let mut tx = db.write().await.unwrap();
        assert!(holds::renew(&mut tx, sample.organization_id, hold.id, later).await.unwrap());
        let gone = holds::expire(&mut tx, sample.organization_id, hold.expires_at, None).await;
        assert!(gone.unwrap().is_empty());
        let now = holds::get(&mut tx, sample.organization_id, hold.id).await.unwrap().unwrap();
        assert_eq!(now.expires_at, later);
        let released = holds::release(&mut tx, sample.organization_id, hold.id).await.unwrap();
        assert_eq!(released, Some(now));
        let gone = visits::get(&mut tx, sample.organization_id, visit.id).await.unwrap();
        assert_eq!(gone, None);
        let again = holds::release(&mut tx, sample.organization_id, hold.id).await.unwrap();
        assert_eq!(again, None);
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_booked_hold_keeps_its_visit() {
    for db in databases().await {
        let sample = sample(&db).await;
        let (hold, visit) = hold(&db, &sample).await;
        let mut tx = db.write().await.unwrap();
        let taken = holds::take(&mut tx, sample.organization_id, hold.id).await.unwrap().unwrap();
        assert_eq!(taken, hold);
        let planned = Visit { status: VisitStatus::Planned, ..visit };
        let planned = visits::update(&mut tx, sample.organization_id, &planned, at(0))
            .await
            .unwrap()
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.write().await.unwrap();
        holds::expire(&mut tx, sample.organization_id, at(99), None).await.unwrap();
        let now = visits::get(&mut tx, sample.organization_id, visit.id).await.unwrap().unwrap();
        assert_eq!(now, planned);
        assert_eq!((now.status, now.revision), (VisitStatus::Planned, 2));
    }
}

#[tokio::test]
async fn a_hold_of_another_organization_does_not_exist() {
    for db in databases().await {
        let ours = sample(&db).await;
        let theirs = sample(&db).await;
        let (hold, _) = hold(&db, &ours).await;
        let mut tx = db.write().await.unwrap();
        let organization_id = theirs.organization_id;
        assert!(holds::get(&mut tx, organization_id, hold.id).await.unwrap().is_none());
        assert!(!holds::renew(&mut tx, organization_id, hold.id, at(1)).await.unwrap());
        assert!(holds::release(&mut tx, organization_id, hold.id).await.unwrap().is_none());
        assert!(holds::expire(&mut tx, organization_id, at(99), None).await.unwrap().is_empty());
    }
}
