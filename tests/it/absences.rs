//! Absences beside bookings: people may be ill, equipment in use is not taken away.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use roundsman::app::{bookings, catalogue};
use roundsman::domain::absences::{Absence, AbsenceKind};
use roundsman::domain::calendars::{Calendar, CalendarAccount, CalendarProvider, CalendarStatus};
use roundsman::domain::equipment::Equipment;
use roundsman::domain::error::AppError;
use roundsman::domain::id::{AbsenceId, EquipmentId, ServiceId, TechnicianId};
use roundsman::store::calendars::busy::{self, BusyTime};
use roundsman::store::calendars::{accounts, insert};
use roundsman::store::{events, records};
use serde_json::json;

use crate::support::company::{Company, monday};
use crate::support::databases::{TestDb, databases};

fn hours(start: DateTime<Utc>, hours: i64) -> (DateTime<Utc>, DateTime<Utc>) {
    (start, start + TimeDelta::hours(hours))
}

fn illness(who: TechnicianId, (start, end): (DateTime<Utc>, DateTime<Utc>)) -> Absence {
    let body = json!({"technician_id": who, "start": start, "end": end, "kind": "sick"});
    serde_json::from_value(body).unwrap()
}

fn maintenance(
    company: &Company,
    what: EquipmentId,
    units: u32,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Absence {
    let body = json!({"equipment_id": what, "location_id": company.location_id, "units": units,
        "start": start, "end": end, "kind": "maintenance"});
    serde_json::from_value(body).unwrap()
}

/// Ids of visits that events say an absence collides with.
async fn collisions(db: &TestDb, company: &Company) -> Vec<String> {
    let mut tx = db.read().await.unwrap();
    let location = Some(company.location_id);
    let all = events::after(&mut tx, company.organization_id, location, 0, 500).await.unwrap();
    let collisions = all.into_iter().filter(|event| event.kind == "absence.collides");
    let ids = collisions.flat_map(|event| event.payload["visit_ids"].as_array().unwrap().clone());
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

async fn lifting(company: &Company, units: u32) -> (EquipmentId, ServiceId) {
    let crane = company.equipment("Crane", units).await;
    let needs = json!([{"equipment_id": crane, "units": 1}]);
    (crane, company.service("Lifting", json!({"equipment": needs})).await)
}

#[tokio::test]
async fn who_is_ill_is_absent_and_the_visits_that_collide_are_told() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let who = company.technicians(1).await[0];
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let (app, actor) = (&company.app, &company.actor);
        let late = illness(who, hours(monday("15:00"), 1));
        let late = catalogue::create(app, actor, &late).await.unwrap();
        assert_eq!(collisions(&db, &company).await, Vec::<String>::new());
        let longer = illness(who, hours(monday("08:00"), 8));
        catalogue::update(app, actor, (late.id, late.revision), &longer).await.unwrap();
        assert_eq!(collisions(&db, &company).await, [booked.visit.id.to_string()]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_absence_and_a_booking_at_once_know_of_each_other() {
    for db in databases().await {
        let company = Arc::new(Company::new(&db).await);
        let who = company.technicians(1).await[0];
        let service = company.service("Photos", json!({})).await;
        let mut booked = Vec::new();
        for day in 0..5 {
            let start = monday("10:00") + TimeDelta::days(day);
            let (theirs, absence) = (Arc::clone(&company), illness(who, hours(start, 1)));
            let absent = tokio::spawn(async move {
                catalogue::create(&theirs.app, &theirs.actor, &absence).await
            });
            let theirs = Arc::clone(&company);
            let booking =
                tokio::spawn(async move { theirs.book(theirs.choice(service, start)).await });
            absent.await.unwrap().unwrap();
            match booking.await.unwrap() {
                Ok(made) => booked.push(made.visit.id.to_string()),
                Err(AppError::SlotTaken { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        // Whoever came first: either the absence saw the booking or there is none.
        assert_eq!(collisions(&db, &company).await, booked);
    }
}

#[tokio::test]
async fn maintenance_of_what_bookings_need_is_refused_with_their_codes() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(3).await;
        let (crane, service) = lifting(&company, 2).await;
        let (app, actor) = (&company.app, &company.actor);
        let first = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let spare = maintenance(&company, crane, 1, hours(monday("08:00"), 9));
        let spare = catalogue::create(app, actor, &spare).await.unwrap();
        // With one crane in maintenance and one booked there is none left.
        assert!(company.book(company.choice(service, monday("10:00"))).await.is_err());
        let both = maintenance(&company, crane, 2, hours(monday("08:00"), 9));
        let refused = catalogue::update(app, actor, (spare.id, spare.revision), &both).await;
        let Err(AppError::Conflict(words)) = refused else { panic!("{refused:?}") };
        assert!(words.contains(&first.booking.code), "{words}");
        let second = maintenance(&company, crane, 1, hours(monday("09:00"), 2));
        let refused = catalogue::create(app, actor, &second).await;
        assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        // Beside the booking there is nothing against it, nor without the booking.
        let after = maintenance(&company, crane, 1, hours(monday("12:00"), 2));
        catalogue::create(app, actor, &after).await.unwrap();
        bookings::cancel(app, actor, first.booking.id, None, "").await.unwrap();
        catalogue::create(app, actor, &second).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn maintenance_and_bookings_at_once_never_take_more_than_there_is() {
    for db in databases().await {
        let company = Arc::new(Company::new(&db).await);
        company.technicians(4).await;
        let (crane, service) = lifting(&company, 3).await;
        for hour in [0, 2, 4, 6] {
            let start = monday("08:00") + TimeDelta::hours(hour);
            let mut takers = tokio::task::JoinSet::new();
            for number in 0..8 {
                let company = Arc::clone(&company);
                takers.spawn(async move {
                    let done = if number < 6 {
                        company.book(company.choice(service, start)).await.map(|_| ())
                    } else {
                        let out = maintenance(&company, crane, 1, hours(start, 1));
                        catalogue::create(&company.app, &company.actor, &out).await.map(|_| ())
                    };
                    match done {
                        Ok(()) => 1,
                        Err(AppError::SlotTaken { .. } | AppError::Conflict(_)) => 0,
                        Err(error) => panic!("{error:?}"),
                    }
                });
            }
            let taken = takers.join_all().await.into_iter().sum::<i32>();
            // Two in maintenance at most leave one for the bookings, who take all that is left.
            assert_eq!(taken, 3);
        }
        let most = "select cast(max((select coalesce(sum(a.units), 0) from absences a \
             where a.start_s <= u.start_s and a.end_s > u.start_s) \
             + (select sum(o.units) from equipment_uses o \
             where o.start_s <= u.start_s and o.end_s > u.start_s)) as text) from equipment_uses u";
        let most = db.raw_column(most).await;
        assert!(most[0].parse::<i64>().unwrap() <= 3, "{most:?}");
    }
}

#[tokio::test]
async fn a_pool_is_not_lowered_below_what_bookings_use() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(3).await;
        let (crane, service) = lifting(&company, 3).await;
        let (app, actor) = (&company.app, &company.actor);
        let choice = company.choice(service, monday("10:00"));
        let first = company.book(choice.clone()).await.unwrap();
        let second = company.book(choice).await.unwrap();
        let late = company.book(company.choice(service, monday("14:00"))).await.unwrap();
        let known = catalogue::get::<Equipment>(app, actor, crane).await.unwrap();
        let with = |units: u32| {
            let mut kind = known.value.clone();
            kind.pools[0].units = units;
            kind
        };
        let lower = |revision: i64, kind: Equipment| async move {
            catalogue::update(app, actor, (crane, revision), &kind).await
        };
        let two = lower(known.revision, with(2)).await.unwrap();
        let refused = lower(two.revision, with(1)).await;
        let Err(AppError::Conflict(words)) = refused else { panic!("{refused:?}") };
        assert!(words.contains(&first.booking.code), "{words}");
        assert!(words.contains(&second.booking.code), "{words}");
        assert!(!words.contains(&late.booking.code), "{words}");
        let none = Equipment { pools: Vec::new(), ..known.value.clone() };
        let refused = lower(two.revision, none).await;
        assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        // What is in maintenance is missing, too.
        let out = maintenance(&company, crane, 1, hours(monday("14:00"), 1));
        catalogue::create(app, actor, &out).await.unwrap();
        bookings::cancel(app, actor, second.booking.id, None, "").await.unwrap();
        let refused = lower(two.revision, with(1)).await;
        let Err(AppError::Conflict(words)) = refused else { panic!("{refused:?}") };
        assert!(words.contains(&late.booking.code), "{words}");
        // What is over needs nothing any more.
        company.wait(10 * 60);
        lower(two.revision, with(1)).await.unwrap();
    }
}

/// A busy time that was read of a technician's calendar, stored without asking any server.
async fn busy_time(db: &TestDb, company: &Company, who: TechnicianId) -> (AbsenceId, Absence) {
    let now = company.app.now();
    let body = json!({"technician_id": who, "start": monday("10:00"), "end": monday("12:00"),
        "kind": "calendar", "note": "Own calendar"});
    let absence: Absence = serde_json::from_value(body).unwrap();
    let account = CalendarAccount {
        id: company.app.new_id().into(),
        revision: 1,
        technician_id: Some(who),
        provider: CalendarProvider::Caldav,
        name: "Own".to_owned(),
        url: "https://dav.example".to_owned(),
        login: "asa".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let calendar = Calendar {
        id: company.app.new_id().into(),
        revision: 1,
        account_id: account.id,
        technician_id: Some(who),
        remote_id: "/asa/".to_owned(),
        name: "Own calendar".to_owned(),
        writable: true,
        blocks: true,
        receives: false,
        status: CalendarStatus::Ok,
        error: String::new(),
        synced_at: None,
        full_synced_at: None,
        failures: 0,
        cursor: None,
    };
    let id: AbsenceId = company.app.new_id().into();
    let (start, end) = (absence.start, absence.end);
    let time = BusyTime { absence_id: id, remote_id: "/asa/1.ics".to_owned(), start, end };
    let mut tx = db.write().await.unwrap();
    let organization_id = company.organization_id;
    accounts::insert(&mut tx, organization_id, &account, "x").await.unwrap();
    insert(&mut tx, organization_id, &calendar, now).await.unwrap();
    records::insert(&mut tx, organization_id, id, &absence, now).await.unwrap();
    busy::insert(&mut tx, calendar.id, &[time]).await.unwrap();
    tx.commit().await.unwrap();
    (id, absence)
}

#[tokio::test]
async fn what_a_connected_calendar_says_is_neither_changed_nor_deleted_by_hand() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let who = company.technicians(1).await[0];
        let (app, actor) = (&company.app, &company.actor);
        let (id, absence) = busy_time(&db, &company, who).await;
        let shorter = Absence { end: monday("10:30"), ..absence.clone() };
        let other = Absence { kind: AbsenceKind::Internal, ..absence };
        for refused in [
            catalogue::update(app, actor, (id, 1), &shorter).await.map(|_| ()),
            catalogue::update(app, actor, (id, 1), &other).await.map(|_| ()),
            catalogue::delete::<Absence>(app, actor, id, None).await,
        ] {
            let Err(AppError::Conflict(words)) = refused else { panic!("{refused:?}") };
            assert!(words.contains("comes from the calendar \"Own calendar\""), "{words}");
        }
        let service = company.service("Photos", json!({})).await;
        let refused = company.book(company.choice(service, monday("10:30"))).await;
        assert!(matches!(refused, Err(AppError::SlotTaken { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn a_kind_of_absence_goes_with_who_is_absent_and_calendars_alone_tell_busy_times() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let who = company.technicians(1).await[0];
        let (crane, _) = lifting(&company, 1).await;
        let (app, actor) = (&company.app, &company.actor);
        let span = hours(monday("10:00"), 2);
        let (ill, repair) = (illness(who, span), maintenance(&company, crane, 1, span));
        let of = |absence: &Absence, kind| Absence { kind, ..absence.clone() };
        for wrong in [
            of(&ill, AbsenceKind::Calendar),
            of(&ill, AbsenceKind::Maintenance),
            of(&repair, AbsenceKind::Sick),
            of(&repair, AbsenceKind::Calendar),
        ] {
            let refused = catalogue::create(app, actor, &wrong).await;
            let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
            assert_eq!(faults[0].field, "kind");
        }
        for right in [ill, repair] {
            catalogue::create(app, actor, &right).await.unwrap();
        }
    }
}
