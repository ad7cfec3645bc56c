//! The database itself refuses more units of equipment in use than exist.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use roundsman::domain::absences::{Absence, AbsenceKind, AbsenceOf};
use roundsman::domain::equipment::{Equipment, EquipmentUse, Pool};
use roundsman::domain::id::{AbsenceId, EquipmentId, VisitId};
use roundsman::store::equipment_uses::replace;
use roundsman::store::{Db, StoreError, Tx, records};

use crate::support::databases::databases;
use crate::support::samples::{Sample, at, id, sample};

fn ladder(
    sample: &Sample,
    visit_id: VisitId,
    units: u32,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> EquipmentUse {
    EquipmentUse {
        visit_id,
        equipment_id: sample.equipment_id,
        location_id: sample.location_id,
        units,
        start: span.0,
        end: span.1,
    }
}

/// A visit of the first technician at `hour`, which takes ladders for `hours`.
async fn take(
    tx: &mut Tx,
    sample: &Sample,
    (hour, hours): (i64, i64),
    units: u32,
) -> Result<VisitId, StoreError> {
    let visit = sample.place(tx, at(hour), &[]).await?;
    let span = (at(hour), at(hour + hours));
    let uses = [ladder(sample, visit.id, units, span)];
    replace(tx, sample.organization_id, &[visit.id], &uses).await?;
    Ok(visit.id)
}

async fn try_take(db: &Db, sample: &Sample, hours: (i64, i64), units: u32) -> bool {
    let mut tx = db.write().await.unwrap();
    match take(&mut tx, sample, hours, units).await {
        Ok(_) => {
            tx.commit().await.unwrap();
            true
        }
        Err(refusal) => {
            assert!(matches!(refusal, StoreError::EquipmentOverbooked), "{refusal:?}");
            false
        }
    }
}

#[tokio::test]
async fn at_no_instant_are_more_units_in_use_than_exist() {
    for db in databases().await {
        let sample = sample(&db).await;
        // Two ladders. 9-11 takes one, 10-12 the other: 10-11 is full, 11-12 has one again.
        assert!(try_take(&db, &sample, (9, 2), 1).await);
        assert!(try_take(&db, &sample, (10, 2), 1).await);
        assert!(!try_take(&db, &sample, (10, 1), 1).await);
        assert!(!try_take(&db, &sample, (8, 6), 1).await, "full in its middle only");
        assert!(try_take(&db, &sample, (11, 1), 1).await);
        assert!(!try_take(&db, &sample, (11, 3), 1).await);
        assert!(try_take(&db, &sample, (12, 2), 2).await);
        assert!(!try_take(&db, &sample, (20, 1), 3).await, "there never were three");
    }
}

fn maintenance(sample: &Sample, units: u32, (from, until): (i64, i64)) -> Absence {
    Absence {
        of: AbsenceOf::Equipment {
            equipment_id: sample.equipment_id,
            location_id: sample.location_id,
            units,
        },
        start: at(from),
        end: at(until),
        place: None,
        kind: AbsenceKind::Maintenance,
        note: String::new(),
    }
}

#[tokio::test]
async fn maintenance_takes_no_units_that_are_in_use() {
    for db in databases().await {
        let sample = sample(&db).await;
        // Two ladders: 9-11 takes one, 10-12 the other.
        assert!(try_take(&db, &sample, (9, 2), 1).await);
        assert!(try_take(&db, &sample, (10, 2), 1).await);
        let try_out = async |units, hours| {
            let absence = maintenance(&sample, units, hours);
            let mut tx = db.write().await.unwrap();
            let id: AbsenceId = id();
            let done = records::insert(&mut tx, sample.organization_id, id, &absence, at(0)).await;
            match done {
                Ok(record) => {
                    tx.commit().await.unwrap();
                    Some(record)
                }
                Err(StoreError::EquipmentOverbooked) => None,
                Err(error) => panic!("{error:?}"),
            }
        };
        assert!(try_out(1, (8, 14)).await.is_none(), "nothing is left from ten to eleven");
        assert!(try_out(2, (9, 10)).await.is_none());
        assert!(try_out(1, (9, 10)).await.is_some());
        assert!(try_out(1, (9, 10)).await.is_none(), "one in use, one out already");
        assert!(try_out(3, (12, 14)).await.is_some(), "nobody needs any");
        let later = try_out(1, (11, 12)).await.unwrap();
        let earlier = maintenance(&sample, 1, (10, 12));
        let mut tx = db.write().await.unwrap();
        let seen = (later.id, 1);
        let moved = records::update(&mut tx, sample.organization_id, seen, &earlier, at(0)).await;
        assert!(matches!(moved, Err(StoreError::EquipmentOverbooked)), "{moved:?}");
    }
}

#[tokio::test]
async fn units_in_maintenance_are_not_free() {
    for db in databases().await {
        let sample = sample(&db).await;
        let absence = maintenance(&sample, 1, (10, 12));
        let mut tx = db.write().await.unwrap();
        let absence_id: AbsenceId = id();
        records::insert(&mut tx, sample.organization_id, absence_id, &absence, at(0))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(!try_take(&db, &sample, (9, 2), 2).await);
        assert!(try_take(&db, &sample, (9, 1), 2).await);
        assert!(try_take(&db, &sample, (10, 2), 1).await);
        assert!(try_take(&db, &sample, (12, 2), 2).await);
    }
}

#[tokio::test]
async fn raw_sql_cannot_overbook_either() {
    for db in databases().await {
        let sample = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        take(&mut tx, &sample, (9, 1), 2).await.unwrap();
        let later = take(&mut tx, &sample, (10, 1), 1).await.unwrap();
        tx.commit().await.unwrap();
        let sql =
            format!("update equipment_uses set start_s = start_s - 60 where visit_id = '{later}'");
        let refused = db.raw(&sql).await.unwrap_err();
        // PostgreSQL names the constraint beside the message.
        let refused = format!("{refused:?}");
        assert!(refused.contains("equipment_uses_capacity"), "{refused}");
    }
}

#[tokio::test]
async fn a_pool_of_another_organization_cannot_be_used() {
    for db in databases().await {
        let ours = sample(&db).await;
        let theirs = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        let visit = ours.place(&mut tx, at(9), &[]).await.unwrap();
        let uses = [ladder(&theirs, visit.id, 1, (at(9), at(10)))];
        let refused = replace(&mut tx, ours.organization_id, &[visit.id], &uses).await.unwrap_err();
        assert!(matches!(refused, StoreError::Missing { .. }), "{refused:?}");
    }
}

#[tokio::test]
async fn a_pool_in_use_cannot_be_taken_away() {
    for db in databases().await {
        let sample = sample(&db).await;
        assert!(try_take(&db, &sample, (9, 1), 1).await);
        let mut tx = db.write().await.unwrap();
        let none = Equipment { name: "Ladder".to_owned(), pools: vec![], travels: false };
        let key = (sample.equipment_id, 1);
        let refused = records::update(&mut tx, sample.organization_id, key, &none, at(1)).await;
        assert!(matches!(refused, Err(StoreError::InUse { .. })), "{refused:?}");
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let pools = vec![Pool { location_id: sample.location_id, units: 3 }];
        let three = Equipment { pools, ..none };
        records::update(&mut tx, sample.organization_id, key, &three, at(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(try_take(&db, &sample, (9, 1), 2).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_writers_at_once_as_many_win_as_there_are_units() {
    for db in databases().await {
        let sample = Arc::new(sample(&db).await);
        // A second kind with five units; everybody wants one of each, ladders (2) decide.
        let other: EquipmentId = id();
        let mut tx = db.write().await.unwrap();
        let cameras = Equipment {
            name: "Camera".to_owned(),
            pools: vec![Pool { location_id: sample.location_id, units: 5 }],
            travels: false,
        };
        records::insert(&mut tx, sample.organization_id, other, &cameras, at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..16 {
            let (db, sample) = ((*db).clone(), Arc::clone(&sample));
            tasks.spawn(async move {
                let mut tx = db.write().await.unwrap();
                let start = at(9) + TimeDelta::minutes(number);
                let visit = sample.place(&mut tx, start, &[]).await.unwrap();
                let span = (start, start + TimeDelta::hours(1));
                let mut uses = vec![ladder(&sample, visit.id, 1, span)];
                uses.push(EquipmentUse { equipment_id: other, ..uses[0] });
                if number % 2 == 0 {
                    uses.reverse();
                }
                match replace(&mut tx, sample.organization_id, &[visit.id], &uses).await {
                    Ok(()) => tx.commit().await.map(|_| 1).unwrap(),
                    Err(StoreError::EquipmentOverbooked) => 0,
                    Err(failure) => panic!("{failure:?}"),
                }
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().sum::<i32>(), 2);
    }
}

#[tokio::test]
async fn refusals_are_exactly_those_that_counting_minute_by_minute_gives() {
    for db in databases().await {
        let sample = sample(&db).await;
        // A fixed sequence of spans in a day of 24 hours, of 1 to 6 hours, with 1 or 2 ladders.
        let mut in_use = [0_u32; 32];
        let mut state = 20_270_301_u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let (mut taken, mut refused) = (0, 0);
        for number in 0..60 {
            let (hour, hours) = (draw(24), 1 + draw(6));
            let units = 1 + u32::from(draw(4) == 0);
            let span = usize::try_from(hour).unwrap()..usize::try_from(hour + hours).unwrap();
            let fits = in_use[span.clone()].iter().all(|used| used + units <= 2);
            let hours = (i64::try_from(hour).unwrap(), i64::try_from(hours).unwrap());
            assert_eq!(try_take(&db, &sample, hours, units).await, fits, "{number}: {hours:?}");
            if fits {
                in_use[span].iter_mut().for_each(|used| *used += units);
                taken += 1;
            } else {
                refused += 1;
            }
        }
        assert!(taken > 10 && refused > 10, "{taken} {refused}");
    }
}
