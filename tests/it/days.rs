//! A technician's days: what changed since one looked, what could not be done, and what is noted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use roundsman::app::visits::{self, Failure, MoveRequest, Report, Step};
use roundsman::app::{bookings, technicians, visit_notes};
use roundsman::domain::actors::{Actor, ActorKind};
use roundsman::domain::bookings::BookingStatus;
use roundsman::domain::error::AppError;
use roundsman::domain::id::{MemberId, TechnicianId};
use roundsman::domain::members::Role;
use roundsman::domain::visit_notes::NewVisitNote;
use roundsman::domain::visits::{Obstacle, VisitStatus};
use serde_json::json;

use crate::support::company::{Company, march, monday};
use crate::support::databases::databases;

/// Somebody with the rights of a technician.
fn as_technician(company: &Company, technician_id: TechnicianId) -> Actor {
    let id = MemberId(uuid::Uuid::from_u128(7));
    let kind = ActorKind::Member { id, role: Role::Technician, technician_id: Some(technician_id) };
    Actor { organization_id: company.organization_id, kind }
}

fn failure(obstacle: Obstacle) -> Failure {
    Failure { obstacle, note: "gate is locked".to_owned(), at: None }
}

#[tokio::test]
async fn a_day_tells_what_came_went_and_moved_since_its_technician_looked() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let me = as_technician(&company, people[0]);
        let app = &company.app;
        let early = company.book(company.choice(service, monday("09:00"))).await.unwrap();
        let late = company.book(company.choice(service, monday("14:00"))).await.unwrap();
        let day = technicians::day(app, &me, people[0], march(1)).await.unwrap();
        assert_eq!(day.seen, None);
        let wanted = (march(1), day.plan_version);
        let seen = technicians::acknowledge(app, &me, people[0], wanted).await.unwrap();
        assert!(seen.seen.unwrap().changes.is_empty());
        // One goes, one comes at its time, one moves.
        bookings::cancel(app, &company.actor, early.booking.id, None, "rain").await.unwrap();
        let new = company.book(company.choice(service, monday("11:00"))).await.unwrap();
        let to = MoveRequest {
            start: monday("15:00"),
            technician_ids: people.clone(),
            plan_version: None,
            force: true,
        };
        visits::place(app, &company.actor, late.visit.id, &to).await.unwrap();
        let day = technicians::day(app, &me, people[0], march(1)).await.unwrap();
        let changes: Vec<_> = day
            .seen
            .unwrap()
            .changes
            .iter()
            .map(|change| (change.visit_id, change.before, change.after))
            .collect();
        let moved = (late.visit.id, Some(monday("14:00")), Some(monday("15:00")));
        let expected = [
            (early.visit.id, Some(monday("09:00")), None),
            (new.visit.id, None, Some(monday("11:00"))),
            moved,
        ];
        assert_eq!(changes, expected);
        // Setting out early is no news to whoever did it.
        company.wait(4 * 60 + 50);
        let report = Report { step: Step::Arrived, at: None };
        visits::progress(app, &me, new.visit.id, &report).await.unwrap();
        let reported = technicians::day(app, &me, people[0], march(1)).await.unwrap();
        let seen: Vec<_> = reported.seen.unwrap().changes.iter().map(|one| one.visit_id).collect();
        assert_eq!(seen, [early.visit.id, new.visit.id, late.visit.id]);
        let fresh =
            technicians::acknowledge(app, &me, people[0], (march(1), reported.plan_version));
        fresh.await.unwrap();
        let report = Report { step: Step::Finished, at: None };
        company.wait(20);
        visits::progress(app, &me, new.visit.id, &report).await.unwrap();
        let reported = technicians::day(app, &me, people[0], march(1)).await.unwrap();
        assert!(reported.seen.unwrap().changes.is_empty());
        // What was seen is not this plan any more.
        let stale = technicians::acknowledge(app, &me, people[0], wanted).await;
        assert!(matches!(stale, Err(AppError::Stale { .. })), "{stale:?}");
        let other = as_technician(&company, TechnicianId(uuid::Uuid::from_u128(9)));
        let refused = technicians::acknowledge(app, &other, people[0], wanted).await;
        assert!(matches!(refused, Err(AppError::NotFound { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn several_days_are_read_at_once() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        company.book(company.choice(service, monday("09:00"))).await.unwrap();
        let me = as_technician(&company, people[0]);
        let days = technicians::days(&company.app, &me, people[0], (march(1), 3)).await.unwrap();
        let stops: Vec<_> = days
            .iter()
            .map(|day| (day.date, day.shifts.iter().map(|shift| shift.stops.len()).sum::<usize>()))
            .collect();
        assert_eq!(stops, [(march(1), 1), (march(2), 0), (march(3), 0)]);
        let many = technicians::days(&company.app, &me, people[0], (march(1), 15)).await;
        assert!(matches!(many, Err(AppError::Invalid(_))), "{many:?}");
    }
}

#[tokio::test]
async fn a_visit_that_could_not_be_done_waits_for_the_office_and_frees_its_time() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let free = company.starts(&company.query(service, 1, 1)).await;
        let me = as_technician(&company, people[0]);
        company.wait(4 * 60);
        let id = booked.visit.id;
        let report = failure(Obstacle::NoAccess);
        let after = visits::give_up(&company.app, &me, id, &report).await.unwrap();
        assert_eq!(after.visit.status, VisitStatus::Unassigned);
        assert_eq!(after.visit.promised, booked.visit.promised);
        assert_eq!(after.visit.actual.attempts[0].obstacle, Obstacle::NoAccess);
        assert_eq!(after.visit.actual.attempts[0].technician_id, Some(people[0]));
        assert_eq!(after.booking.unwrap().status, BookingStatus::Scheduled);
        let starts = company.starts(&company.query(service, 1, 1)).await;
        assert!(!free.contains(&"10:30".to_owned()) && starts.contains(&"10:30".to_owned()));
        let again = visits::give_up(&company.app, &company.actor, id, &report).await;
        assert!(matches!(again, Err(AppError::Conflict(_))), "{again:?}");
    }
}

#[tokio::test]
async fn nobody_is_missed_before_the_time_that_was_promised() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let me = as_technician(&company, people[0]);
        let (app, id) = (&company.app, booked.visit.id);
        let early = visits::give_up(app, &me, id, &failure(Obstacle::NobodyThere)).await;
        assert!(matches!(early, Err(AppError::Conflict(_))), "{early:?}");
        company.wait(4 * 60 + 10);
        let after = visits::give_up(app, &me, id, &failure(Obstacle::NobodyThere)).await.unwrap();
        assert_eq!(after.visit.status, VisitStatus::Finished);
        assert_eq!(after.booking.unwrap().status, BookingStatus::NoShow);
    }
}

#[tokio::test]
async fn notes_and_photos_stay_with_their_visit_and_its_crew() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(2).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let who = booked.assignments[0].technician_id;
        let other = people.iter().find(|id| **id != who).unwrap();
        let (app, id) = (&company.app, booked.visit.id);
        let me = as_technician(&company, who);
        let picture = [&[0xFF, 0xD8, 0xFF, 0xE0], [7; 40].as_slice()].concat();
        let photo = Some(STANDARD.encode(&picture));
        let written = company.app.now() - TimeDelta::hours(3);
        let text = "Meter behind the door".to_owned();
        let new = NewVisitNote { text, photo, at: Some(written) };
        let note = visit_notes::create(app, &me, id, &new).await.unwrap();
        assert!(note.has_photo);
        assert_eq!(note.at, written);
        let listed = visit_notes::list(app, &me, id).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&note));
        let photo = visit_notes::photo(app, &me, note.id).await.unwrap();
        assert_eq!((photo.media, photo.bytes), ("image/jpeg", picture));
        let stranger = as_technician(&company, *other);
        assert!(visit_notes::photo(app, &stranger, note.id).await.is_err());
        assert!(visit_notes::list(app, &stranger, id).await.is_err());
        let script = Some(STANDARD.encode("<svg onload='alert(1)'>"));
        let refused = NewVisitNote { photo: script, ..NewVisitNote::default() };
        let refused = visit_notes::create(app, &me, id, &refused).await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
        let empty = visit_notes::create(app, &me, id, &NewVisitNote::default()).await;
        assert!(matches!(empty, Err(AppError::Invalid(_))), "{empty:?}");
        // A clock that is ahead loses no words; what is a month old is no news.
        let at = |days: i64| NewVisitNote {
            text: "Later".to_owned(),
            at: Some(company.app.now() + TimeDelta::days(days)),
            ..NewVisitNote::default()
        };
        let ahead = visit_notes::create(app, &me, id, &at(2)).await.unwrap();
        assert_eq!(ahead.at, company.app.now());
        let old = visit_notes::create(app, &me, id, &at(-31)).await;
        assert!(matches!(old, Err(AppError::Invalid(_))), "{old:?}");
    }
}
