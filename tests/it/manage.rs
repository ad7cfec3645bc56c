//! A customer's own booking: moved, called off and followed by its link, and nothing else.

use chrono::TimeDelta;
use roundsman::app::visits::{Report, Step, progress};
use roundsman::app::{bookings, manage, slots};
use roundsman::domain::actors::Actor;
use roundsman::domain::bookings::BookingStatus;
use roundsman::domain::error::AppError;
use roundsman::domain::hours::DateSpan;
use roundsman::domain::visits::VisitStatus;
use serde_json::json;

use crate::support::company::{Company, march, monday};
use crate::support::databases::databases;

#[tokio::test]
async fn a_customer_moves_a_booking_to_what_is_offered_and_to_nothing_else() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({ "slots": { "step_min": 60 } })).await;
        let booked = company.book(company.choice(service, monday("14:00"))).await.unwrap();
        let (app, id) = (&company.app, booked.booking.id);
        let customer = Actor::customer(company.organization_id, id);
        let dates = DateSpan { from: march(1), until: march(1) };
        let offered = manage::slots(app, &customer, id, (dates, None)).await.unwrap();
        let starts: Vec<_> = offered.days[0].slots.iter().map(|slot| slot.start).collect();
        // Its own place counts as free.
        assert!(starts.contains(&monday("14:00")), "{starts:?}");
        assert!(offered.days[0].slots.iter().all(|slot| slot.crews.is_empty()));
        let off_grid = manage::reschedule(app, &customer, id, monday("11:20")).await;
        let Err(AppError::SlotTaken { alternatives, .. }) = off_grid else {
            panic!("{off_grid:?}")
        };
        assert!(!alternatives.is_empty());
        let moved = manage::reschedule(app, &customer, id, monday("15:00")).await.unwrap();
        assert_eq!(moved.booking.status, BookingStatus::Rescheduled);
        assert_eq!(moved.booking.window.from, monday("15:00"));
        assert_eq!(moved.booking.decision, serde_json::Value::Null);

        // Less than the two hours of notice before it begins, only the office changes it.
        company.clock.set(monday("13:30"));
        let late = manage::cancel(app, &customer, id, "ill").await;
        assert!(matches!(late, Err(AppError::Conflict(_))), "{late:?}");
        company.clock.set(monday("12:30"));
        let gone = manage::cancel(app, &customer, id, "ill").await.unwrap();
        assert_eq!((gone.booking.status, gone.may_change), (BookingStatus::Cancelled, false));
        assert_eq!(gone.booking.cancel_reason, "ill");
        let again = manage::cancel(app, &customer, id, "ill").await;
        assert!(matches!(again, Err(AppError::Conflict(_))), "{again:?}");
    }
}

#[tokio::test]
async fn a_link_opens_no_other_booking_and_nothing_of_the_office() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(2).await;
        let service = company.service("Photos", json!({})).await;
        let own = company.book(company.choice(service, monday("10:00"))).await.unwrap().booking.id;
        let other =
            company.book(company.choice(service, monday("14:00"))).await.unwrap().booking.id;
        let app = &company.app;
        let customer = Actor::customer(company.organization_id, own);
        let foreign = manage::get(app, &customer, &other).await;
        assert!(matches!(foreign, Err(AppError::NotFound { .. })));
        let foreign = manage::cancel(app, &customer, other, "").await;
        assert!(matches!(foreign, Err(AppError::NotFound { .. })));
        let foreign = bookings::cancel(app, &customer, other, None, "").await;
        assert!(matches!(foreign, Err(AppError::NotFound { .. })));
        let (filter, page) = Default::default();
        let sort = (bookings::BookingSort::default(), false);
        assert!(bookings::list(app, &customer, &filter, sort, &page).await.is_err());
        let search = slots::search(app, &customer, &company.query(service, 1, 2)).await;
        assert!(search.is_err());
    }
}

#[tokio::test]
async fn on_the_day_a_customer_sees_when_somebody_comes_and_only_then_who() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let home =
            json!({ "home": { "lat": 64.13, "lon": -21.90 }, "start": "home", "end": "home" });
        let who = company.technician("Ása Þórsdóttir", home).await;
        let service =
            company.service("Photos", json!({ "slots": { "arrival_window_min": 60 } })).await;
        let start = monday("10:00") + TimeDelta::days(1);
        let booked = company.book(company.choice(service, start)).await.unwrap();
        let (app, id) = (&company.app, booked.booking.id);
        assert_eq!(booked.assignments[0].technician_id, who);
        let customer = Actor::customer(company.organization_id, id);
        let before = manage::follow(app, &customer, id).await.unwrap();
        assert_eq!((before.expected, before.names.len()), (None, 0));

        company.clock.set(start - TimeDelta::hours(2));
        let today = manage::follow(app, &customer, id).await.unwrap();
        assert_eq!(today.names, ["Ása"]);
        assert!(!today.late && today.expected.is_some());
        assert!(today.approach.is_empty());

        let report = |step| Report { step, at: None };
        company.clock.set(start - TimeDelta::minutes(10));
        let visit = booked.visit.id;
        progress(app, &company.actor, visit, &report(Step::EnRoute)).await.unwrap();
        let driving = manage::follow(app, &customer, id).await.unwrap();
        assert_eq!(driving.status, VisitStatus::EnRoute);
        assert!(driving.expected.is_some());
        assert!(driving.approach.len() > 1, "{driving:?}");

        company.clock.set(start + TimeDelta::minutes(80));
        let late = manage::follow(app, &customer, id).await.unwrap();
        assert!(late.late, "{late:?}");
        progress(app, &company.actor, visit, &report(Step::Arrived)).await.unwrap();
        let there = manage::follow(app, &customer, id).await.unwrap();
        assert_eq!((there.status, there.expected), (VisitStatus::Arrived, None));
        assert!(there.approach.is_empty());
    }
}
