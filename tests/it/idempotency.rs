//! Idempotency keys: what is made and its answer are there together, or neither.

use roundsman::app::bookings::{self, BookingDetails};
use roundsman::app::idempotency::{Claim, Claimed, claim, release};
use roundsman::app::{App, holds};
use roundsman::domain::bookings::Hold;
use roundsman::domain::error::AppError;
use roundsman::domain::id::ServiceId;
use serde_json::json;

use crate::support::company::{Company, booked, monday};
use crate::support::databases::{TestDb, databases};

async fn company(db: &TestDb) -> (Company, ServiceId) {
    let company = Company::new(db).await;
    company.technicians(3).await;
    let service = company.service("Photos", json!({})).await;
    (company, service)
}

async fn claimed(company: &Company, key: &str) -> Claimed {
    let claim = claim(&company.app, company.organization_id, key, "hash").await.unwrap();
    let Claim::New(claimed) = claim else { panic!("{claim:?}") };
    claimed
}

/// The application of one request, which answers with the code of the booking.
fn once(company: &Company, claimed: &Claimed) -> App {
    let code = |details: &BookingDetails| (201, details.booking.code.clone());
    company.app.once(claimed.clone(), code)
}

async fn bookings_in(db: &TestDb) -> usize {
    db.raw_column("select id from bookings").await.len()
}

#[tokio::test]
async fn after_a_crash_the_answer_to_what_was_made_is_there() {
    for db in databases().await {
        let (company, service) = company(&db).await;
        let app = once(&company, &claimed(&company, "key").await);
        let request = booked(company.choice(service, monday("10:00")));
        let made = bookings::create(&app, &company.actor, &request).await.unwrap();
        // The process ends here, before anybody has answered; the client comes again later.
        company.wait(2);
        let again = claim(&company.app, company.organization_id, "key", "hash").await.unwrap();
        let Claim::Done { status, answer } = again else { panic!("{again:?}") };
        assert_eq!((status, answer), (201, made.booking.code));
        assert_eq!(bookings_in(&db).await, 1);
    }
}

#[tokio::test]
async fn what_was_not_made_leaves_no_answer() {
    for db in databases().await {
        let (company, service) = company(&db).await;
        let holder = claimed(&company, "key").await;
        let app = once(&company, &holder);
        let request = booked(company.choice(service, monday("03:00")));
        bookings::create(&app, &company.actor, &request).await.unwrap_err();
        assert!(!holder.is_kept());
        let again = claim(&company.app, company.organization_id, "key", "hash").await.unwrap();
        assert!(matches!(again, Claim::Running), "{again:?}");
        release(&company.app, &holder).await.unwrap();
        claimed(&company, "key").await;
    }
}

#[tokio::test]
async fn a_request_that_was_started_again_meanwhile_makes_nothing() {
    for db in databases().await {
        let (company, service) = company(&db).await;
        let slow = claimed(&company, "key").await;
        company.wait(2);
        let second = claimed(&company, "key").await;
        let request = booked(company.choice(service, monday("10:00")));
        let late = bookings::create(&once(&company, &slow), &company.actor, &request).await;
        assert!(matches!(late, Err(AppError::Conflict(_))), "{late:?}");
        assert_eq!(bookings_in(&db).await, 0);
        // Nor does it give the key of the other one back.
        release(&company.app, &slow).await.unwrap();
        bookings::create(&once(&company, &second), &company.actor, &request).await.unwrap();
        assert_eq!(bookings_in(&db).await, 1);
        let hold = company.app.once(slow, |hold: &Hold| (201, hold.id.to_string()));
        let choice = company.choice(service, monday("12:00"));
        let late = holds::create(&hold, &company.actor, &choice).await;
        assert!(matches!(late, Err(AppError::Conflict(_))), "{late:?}");
    }
}
