//! The database itself refuses two visits of one technician at one time.

use roundsman::domain::id::TechnicianId;
use roundsman::store::{StoreError, assignments};

use crate::support::databases::databases;
use crate::support::samples::{assigned, at, sample};

#[tokio::test]
async fn two_visits_of_one_technician_cannot_overlap() {
    for db in databases().await {
        let sample = sample(&db).await;
        let anna = sample.technician_ids[0];
        let mut tx = db.write().await.unwrap();
        sample.place(&mut tx, at(9), &[anna]).await.unwrap();
        tx.commit().await.unwrap();
        // 9:00-10:00 is taken: half an hour later collides, the next full hour does not.
        let mut tx = db.write().await.unwrap();
        let half = at(9) + chrono::TimeDelta::minutes(30);
        let refused = sample.place(&mut tx, half, &[anna]).await.unwrap_err();
        assert!(matches!(refused, StoreError::Overlap), "{refused:?}");
        drop(tx);
        let mut tx = db.write().await.unwrap();
        sample.place(&mut tx, at(10), &[anna]).await.unwrap();
        sample.place(&mut tx, at(8), &[anna]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn nobody_of_a_crew_may_be_busy() {
    for db in databases().await {
        let sample = sample(&db).await;
        let [anna, bjorn, asta]: [TechnicianId; 3] = sample.technician_ids[..].try_into().unwrap();
        let mut tx = db.write().await.unwrap();
        sample.place(&mut tx, at(9), &[anna, bjorn]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.write().await.unwrap();
        let refused = sample.place(&mut tx, at(9), &[asta, bjorn]).await.unwrap_err();
        assert!(matches!(refused, StoreError::Overlap), "{refused:?}");
        drop(tx);
        // Nothing of the refused crew stays: Asta is free.
        let mut tx = db.write().await.unwrap();
        sample.place(&mut tx, at(9), &[asta]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn raw_sql_is_refused_too() {
    for db in databases().await {
        let sample = sample(&db).await;
        let [anna, bjorn, _]: [TechnicianId; 3] = sample.technician_ids[..].try_into().unwrap();
        let mut tx = db.write().await.unwrap();
        let first = sample.place(&mut tx, at(9), &[anna]).await.unwrap();
        let second = sample.place(&mut tx, at(9), &[bjorn]).await.unwrap();
        tx.commit().await.unwrap();
        // A second role for Anna at the same time, then Bjorn's visit given to Anna, then moved.
        let insert = format!(
            "insert into assignments (organization_id, visit_id, role, technician_id, start_s, \
             end_s, travel_s, assigned_s) values ('{}', '{}', 1, '{anna}', {}, {}, 0, 0)",
            sample.organization_id,
            second.id,
            at(9).timestamp() + 3599,
            at(11).timestamp(),
        );
        let update = format!(
            "update assignments set technician_id = '{anna}' where visit_id = '{}'",
            second.id
        );
        for sql in [insert, update] {
            let refused = db.raw(&sql).await.unwrap_err().to_string();
            assert!(refused.contains("assignments_no_overlap"), "{refused}");
        }
        // A row may be moved onto itself.
        let sql = format!(
            "update assignments set start_s = start_s + 60, end_s = end_s + 60 where visit_id = '{}'",
            first.id
        );
        assert_eq!(db.raw(&sql).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn visits_can_change_places_in_one_step() {
    for db in databases().await {
        let sample = sample(&db).await;
        let [anna, bjorn, _]: [TechnicianId; 3] = sample.technician_ids[..].try_into().unwrap();
        let mut tx = db.write().await.unwrap();
        let first = sample.place(&mut tx, at(9), &[anna]).await.unwrap();
        let second = sample.place(&mut tx, at(9), &[bjorn]).await.unwrap();
        let mut rows = assigned(first.id, at(9), &[bjorn]);
        rows.extend(assigned(second.id, at(9), &[anna]));
        let ids = [first.id, second.id];
        assignments::replace(&mut tx, sample.organization_id, &ids, &rows).await.unwrap();
        let mut now = assignments::of_visits(&mut tx, sample.organization_id, &ids).await.unwrap();
        tx.commit().await.unwrap();
        now.sort_by_key(|one| one.assignment.technician_id);
        assert_eq!(now[0].assignment.visit_id, second.id);
        assert_eq!(now[1].assignment.visit_id, first.id);
    }
}

#[tokio::test]
async fn the_time_of_a_called_off_visit_is_free() {
    for db in databases().await {
        let sample = sample(&db).await;
        let anna = sample.technician_ids[0];
        let mut tx = db.write().await.unwrap();
        let visit = sample.place(&mut tx, at(9), &[anna]).await.unwrap();
        assignments::end(&mut tx, sample.organization_id, visit.id).await.unwrap();
        sample.place(&mut tx, at(9), &[anna]).await.unwrap();
        tx.commit().await.unwrap();
        // But it cannot come back.
        let sql = format!("update assignments set ended = false where visit_id = '{}'", visit.id);
        let refused = db.raw(&sql).await.unwrap_err().to_string();
        assert!(refused.contains("assignments_no_overlap"), "{refused}");
    }
}
