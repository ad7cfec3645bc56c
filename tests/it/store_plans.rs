//! Plans: what is loaded, what raises versions, who has how much work.

use chrono::{NaiveDate, TimeDelta};
use roundsman::domain::absences::{Absence, AbsenceKind, AbsenceOf};
use roundsman::domain::id::{AbsenceId, LocationId, TechnicianId};
use roundsman::domain::plans::PlanVersion;
use roundsman::domain::visits::{Visit, VisitStatus};
use roundsman::store::plans::{Scope, changed_since, load, versions};
use roundsman::store::technicians::workloads;
use roundsman::store::{assignments, records, visits};

use crate::support::databases::databases;
use crate::support::samples::{Sample, at, id, location, sample, technician};

fn scope(sample: &Sample, hours: (i64, i64)) -> Scope {
    Scope {
        organization_id: sample.organization_id,
        location_id: sample.location_id,
        from: at(hours.0),
        until: at(hours.1),
    }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_plan_holds_what_has_a_part_in_its_span() {
    for db in databases().await {
        let sample = sample(&db).await;
        let other = self::sample(&db).await;
        let anna = sample.technician_ids[0];
        let mut tx = db.write().await.unwrap();
        // 8-9 touches 9 but has no part in 9-12; 11-12 has; 8:30-9:30 has a half.
        sample.place(&mut tx, at(7), &[anna]).await.unwrap();
        let half = at(8) + TimeDelta::minutes(30);
        let first = sample.place(&mut tx, half, &[anna]).await.unwrap();
        let second = sample.place(&mut tx, at(11), &[anna]).await.unwrap();
        sample.place(&mut tx, at(12), &[anna]).await.unwrap();
        other.place(&mut tx, at(10), &[other.technician_ids[0]]).await.unwrap();
        let absence = Absence {
            of: AbsenceOf::Technician { technician_id: sample.technician_ids[1] },
            start: at(0),
            end: at(24),
            place: None,
            kind: AbsenceKind::Sick,
            note: String::new(),
        };
        let absence_id: AbsenceId = id();
        records::insert(&mut tx, sample.organization_id, absence_id, &absence, at(0))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.read().await.unwrap();
        let plan = load(&mut tx, scope(&sample, (9, 12))).await.unwrap();
        assert_eq!(plan.visits, [first.clone(), second.clone()]);
        let placed: Vec<_> = plan.assigned.iter().map(|one| one.assignment.visit_id).collect();
        assert_eq!(placed, [first.id, second.id]);
        assert_eq!(plan.absences.len(), 1);
        assert_eq!(plan.absences[0].value, absence);
        assert!(plan.holds.is_empty() && plan.equipment_uses.is_empty());
    }
}

#[tokio::test]
async fn a_plan_knows_technicians_that_help_out_elsewhere() {
    for db in databases().await {
        let sample = sample(&db).await;
        let organization_id = sample.organization_id;
        let (akureyri, helper): (LocationId, TechnicianId) = (id(), id());
        let mut tx = db.write().await.unwrap();
        records::insert(&mut tx, organization_id, akureyri, &location("Akureyri"), at(0))
            .await
            .unwrap();
        let value = technician("Helga", akureyri);
        records::insert(&mut tx, organization_id, helper, &value, at(0)).await.unwrap();
        let visit = sample.place(&mut tx, at(9), &[helper]).await.unwrap();
        let committed = tx.commit().await.unwrap();
        // The visit changed the plan of Reykjavik, the technician that of Akureyri.
        let mut changed: Vec<_> =
            committed.plan_versions.iter().map(|one| one.location_id).collect();
        changed.sort_unstable();
        let mut both = vec![sample.location_id, akureyri];
        both.sort_unstable();
        assert_eq!(changed, both);
        let mut tx = db.read().await.unwrap();
        for location_id in both {
            let scope = Scope { location_id, ..scope(&sample, (0, 24)) };
            let plan = load(&mut tx, scope).await.unwrap();
            assert_eq!(plan.visits, std::slice::from_ref(&visit));
            assert_eq!(plan.assigned[0].assignment.technician_id, helper);
        }
    }
}

#[tokio::test]
async fn every_change_of_a_day_raises_its_version_and_names_the_visit() {
    for db in databases().await {
        let sample = sample(&db).await;
        let (organization_id, location_id) = (sample.organization_id, sample.location_id);
        let anna = sample.technician_ids[0];
        let monday = date("2027-03-01");
        let mut tx = db.write().await.unwrap();
        let first = sample.place(&mut tx, at(9), &[anna]).await.unwrap();
        let committed = tx.commit().await.unwrap();
        assert_eq!(
            committed.plan_versions,
            [PlanVersion { location_id, date: monday, version: 1 }]
        );
        // Moved from Monday to Tuesday: both days change.
        let mut tx = db.write().await.unwrap();
        let moved = Visit { planned_start: Some(at(33)), ..first.clone() };
        let moved = visits::update(&mut tx, organization_id, &moved, at(1)).await.unwrap().unwrap();
        let rows = crate::support::samples::assigned(first.id, at(33), &[anna]);
        assignments::replace(&mut tx, organization_id, &[first.id], &rows).await.unwrap();
        let committed = tx.commit().await.unwrap();
        let now: Vec<_> =
            committed.plan_versions.iter().map(|one| (one.date, one.version)).collect();
        assert_eq!(now, [(monday, 2), (date("2027-03-02"), 1)]);
        // Nothing is raised by reading, nor by a transaction that is given up.
        let mut tx = db.write().await.unwrap();
        sample.place(&mut tx, at(12), &[anna]).await.unwrap();
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let second = sample.place(&mut tx, at(12), &[anna]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.read().await.unwrap();
        let (until, seen) =
            (date("2027-03-09"), |version| PlanVersion { location_id, date: monday, version });
        let all = versions(&mut tx, organization_id, location_id, monday, until).await.unwrap();
        assert_eq!(all[0].version, 3);
        assert_eq!(all.len(), 2);
        let changed = changed_since(&mut tx, organization_id, seen(2)).await.unwrap();
        assert_eq!(changed, [second.id]);
        let mut changed = changed_since(&mut tx, organization_id, seen(0)).await.unwrap();
        changed.sort_unstable();
        let mut both = vec![first.id, second.id];
        both.sort_unstable();
        assert_eq!(changed, both);
        assert!(changed_since(&mut tx, id(), seen(0)).await.unwrap().is_empty());
        assert_eq!(moved.revision, 2);
    }
}

#[tokio::test]
async fn a_stored_visit_comes_back_as_it_was() {
    for db in databases().await {
        let sample = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        let visit = sample.place(&mut tx, at(9), &[]).await.unwrap();
        let mut changed = visit.clone();
        changed.status = VisitStatus::Started;
        changed.actual.started_at = Some(at(9));
        changed.actual.extra_s = 600;
        changed.lock = roundsman::domain::visits::Lock::Window;
        changed.place.address.street = "Laugavegur".to_owned();
        let changed = visits::update(&mut tx, sample.organization_id, &changed, at(9))
            .await
            .unwrap()
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.read().await.unwrap();
        let stored = visits::get(&mut tx, sample.organization_id, visit.id).await.unwrap();
        assert_eq!(stored, Some(changed));
        // It lasts ten minutes longer now, so it has a part in the next hour.
        let plan = load(&mut tx, scope(&sample, (10, 11))).await.unwrap();
        assert_eq!(plan.visits.len(), 1);
    }
}

#[tokio::test]
async fn workloads_count_the_period_and_remember_the_last_choice() {
    for db in databases().await {
        let sample = sample(&db).await;
        let [anna, bjorn, asta]: [TechnicianId; 3] = sample.technician_ids[..].try_into().unwrap();
        let mut tx = db.write().await.unwrap();
        sample.place(&mut tx, at(9), &[anna, bjorn]).await.unwrap();
        sample.place(&mut tx, at(11), &[anna]).await.unwrap();
        sample.place(&mut tx, at(-30), &[asta]).await.unwrap();
        let off = sample.place(&mut tx, at(14), &[anna]).await.unwrap();
        assignments::end(&mut tx, sample.organization_id, off.id).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.read().await.unwrap();
        let all = workloads(&mut tx, sample.organization_id, at(0), at(24)).await.unwrap();
        let of = |id: TechnicianId| all.iter().find(|one| one.technician_id == id).unwrap();
        // Two visits of an hour with ten minutes of driving each; the called-off one is out.
        let anna = of(anna);
        assert_eq!((anna.on_site_s, anna.travel_s, anna.visit_count), (7200, 1200, 2));
        assert_eq!((of(bjorn).on_site_s, of(bjorn).visit_count), (3600, 1));
        assert_eq!((of(asta).on_site_s, of(asta).visit_count), (0, 0));
        assert_eq!(of(asta).assigned_at, Some(at(0)));
    }
}
