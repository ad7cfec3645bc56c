//! Bookings: made, moved, and ended.

use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::{plans, visits};
use roundsman::domain::bookings::BookingStatus;
use roundsman::domain::error::AppError;
use roundsman::domain::visits::VisitStatus;
use serde_json::json;

use crate::support::company::{Company, march, monday};
use crate::support::databases::databases;

fn to(time: &str) -> Reschedule {
    Reschedule { start: monday(time), technician_ids: Vec::new(), revision: None }
}

#[tokio::test]
async fn work_goes_round_and_the_decision_is_kept_with_its_numbers() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(2).await;
        let service = company.service("Photos", json!({})).await;
        let mut who = Vec::new();
        for time in ["09:00", "11:00", "13:00", "15:00"] {
            let booked = company.book(company.choice(service, monday(time))).await.unwrap();
            who.push(booked.assignments[0].technician_id);
            let candidates = booked.booking.decision["candidates"].as_array().unwrap().len();
            assert_eq!(candidates, 2, "{}", booked.booking.decision);
        }
        assert_ne!(who[0], who[1]);
        let first = who.iter().filter(|id| **id == who[0]).count();
        assert_eq!(first, 2, "{who:?}");
    }
}

#[tokio::test]
async fn rescheduling_keeps_the_person_and_may_overlap_the_old_time() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(3).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let (id, who) = (booked.booking.id, booked.assignments[0].technician_id);
        for time in ["10:30", "14:00", "09:00"] {
            let moved =
                bookings::reschedule(&company.app, &company.actor, id, &to(time)).await.unwrap();
            assert_eq!(moved.assignments[0].technician_id, who);
            assert_eq!(moved.assignments[0].start, monday(time));
            assert_eq!(moved.booking.status, BookingStatus::Rescheduled);
        }
        // Where the person is busy, somebody else comes.
        let mut busy = company.choice(service, monday("15:00"));
        busy.technician_ids = vec![who];
        company.book(busy).await.unwrap();
        let moved = bookings::reschedule(&company.app, &company.actor, id, &to("15:00")).await;
        assert_ne!(moved.unwrap().assignments[0].technician_id, who);
    }
}

#[tokio::test]
async fn a_booking_in_nobodys_day_is_planned_again_when_it_is_rescheduled() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let (app, actor) = (&company.app, &company.actor);
        visits::unassign(app, actor, booked.visit.id).await.unwrap();
        let moved = bookings::reschedule(app, actor, booked.booking.id, &to("13:00")).await;
        let moved = moved.unwrap();
        assert_eq!(moved.visit.status, VisitStatus::Planned);
        assert_eq!(moved.assignments.len(), 1);
        let plan = plans::get(app, actor, company.location_id, march(1)).await.unwrap();
        assert!(plan.unassigned.is_empty());
    }
}

#[tokio::test]
async fn a_cancelled_booking_frees_its_time_and_stays_as_it_is() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let choice = company.choice(service, monday("10:00"));
        let booked = company.book(choice.clone()).await.unwrap();
        let id = booked.booking.id;
        let (app, actor) = (&company.app, &company.actor);
        let cancelled = bookings::cancel(app, actor, id, Some(1), "moved away").await.unwrap();
        assert_eq!(cancelled.booking.status, BookingStatus::Cancelled);
        assert_eq!(cancelled.booking.cancel_reason, "moved away");
        company.book(choice).await.unwrap();
        let again = bookings::confirm(app, actor, id, None).await;
        assert!(matches!(again, Err(AppError::Conflict(_))), "{again:?}");
        let moved = bookings::reschedule(app, actor, id, &to("12:00")).await;
        assert!(matches!(moved, Err(AppError::Conflict(_))), "{moved:?}");
        let visit = visits::get(app, actor, booked.visit.id).await.unwrap();
        assert_eq!(visit.visit.status, VisitStatus::Cancelled);
        assert!(visit.assignments.is_empty());
    }
}

#[tokio::test]
async fn a_stale_revision_is_refused() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let (app, actor, id) = (&company.app, &company.actor, booked.booking.id);
        bookings::confirm(app, actor, id, Some(1)).await.unwrap();
        let stale = bookings::complete(app, actor, id, Some(1)).await;
        assert!(matches!(stale, Err(AppError::Stale { expected: 1, actual: 2, .. })), "{stale:?}");
        let done = bookings::complete(app, actor, id, Some(2)).await.unwrap();
        assert_eq!(done.booking.status, BookingStatus::Completed);
    }
}

#[tokio::test]
async fn visits_move_inside_their_windows_to_make_room() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let rules = json!({"step_min": 30, "arrival_window_min": 120});
        let wide = company.service("Repair", json!({"slots": rules})).await;
        let exact = company.service("Photos", json!({})).await;
        // Promised from 9 to 11, planned somewhere in it.
        let repair = company.book(company.choice(wide, monday("09:00"))).await.unwrap();
        let photos = company.book(company.choice(exact, monday("09:00"))).await.unwrap();
        let seen = visits::get(&company.app, &company.actor, repair.visit.id).await.unwrap();
        let window = seen.visit.promised.unwrap();
        assert_eq!(photos.assignments[0].start, monday("09:00"));
        assert!(seen.assignments[0].start >= monday("10:00"), "{seen:?}");
        assert!(seen.assignments[0].start <= window.until);
        assert_eq!((window.from, window.until), (monday("09:00"), monday("11:00")));
    }
}

#[tokio::test]
async fn another_organization_sees_and_touches_nothing() {
    for db in databases().await {
        let ours = Company::new(&db).await;
        let theirs = Company::new(&db).await;
        ours.technicians(1).await;
        let service = ours.service("Photos", json!({})).await;
        let booked = ours.book(ours.choice(service, monday("10:00"))).await.unwrap();
        let (app, stranger) = (&ours.app, &theirs.actor);
        let id = booked.booking.id;
        assert!(bookings::get(app, stranger, id).await.is_err());
        assert!(bookings::cancel(app, stranger, id, None, "").await.is_err());
        assert!(bookings::reschedule(app, stranger, id, &to("12:00")).await.is_err());
        assert!(visits::get(app, stranger, booked.visit.id).await.is_err());
        let choice = ours.choice(service, monday("12:00"));
        let refused = theirs.book(choice).await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
    }
}
