//! The waitlist: who waits is told in order when time becomes free, and books it by a link.

use chrono::TimeDelta;
use roundsman::app::waitlist_entries::offering::{self, Offer};
use roundsman::app::{bookings, waitlist_entries};
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::id::ServiceId;
use roundsman::domain::waitlist_entries::{WaitlistEntry, WaitlistStatus};
use roundsman::store::events;
use serde_json::json;

use crate::support::company::{Company, march, monday, place};
use crate::support::databases::databases;
use crate::support::work::work;

fn entry(company: &Company, service: ServiceId, name: &str, part: Option<&str>) -> WaitlistEntry {
    serde_json::from_value(json!({
        "location_id": company.location_id, "service_ids": [service], "place": place(3),
        "from": march(1), "until": march(2), "part_of_day": part,
        "customer": { "name": name, "email": "a@example.is" }
    }))
    .unwrap()
}

/// The subjects of the events that say something is free, in order.
async fn ready(db: &roundsman::store::Db, company: &Company) -> Vec<String> {
    let mut tx = db.read().await.unwrap();
    let all = events::after(&mut tx, company.organization_id, None, 0, 500).await.unwrap();
    all.into_iter().filter(|one| one.kind == "waitlist.ready").map(|one| one.subject_id).collect()
}

#[tokio::test]
async fn a_cancellation_makes_the_first_who_wait_ready_and_no_others() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({ "slots": { "step_min": 60 } })).await;
        let booked = company.book(company.choice(service, monday("14:00"))).await.unwrap();
        let (app, public) = (&company.app, Actor::public(company.organization_id));
        let mut ids = Vec::new();
        let wishes = [
            ("Ari", None),
            ("Bára", Some("evening")),
            ("Dóra", None),
            ("Elín", None),
            ("Finnur", None),
        ];
        for (name, part) in wishes {
            let entry = entry(&company, service, name, part);
            ids.push(waitlist_entries::create(app, &public, &entry).await.unwrap().id);
            company.wait(1);
        }
        assert_eq!(work(app, &db).await, 0);
        let id = booked.booking.id;
        bookings::cancel(app, &company.actor, id, None, "").await.unwrap();
        assert_eq!(work(app, &db).await, 1);
        // Bára wants an evening, when nobody works; Finnur is the fourth of the others.
        let told = [ids[0], ids[2], ids[3]].map(|id| id.to_string());
        assert_eq!(ready(&db, &company).await, told);
        let first = waitlist_entries::open(app, &public, ids[0]).await.unwrap().value;
        assert_eq!(first.status, WaitlistStatus::Ready);
        assert!(first.start.is_some_and(|start| start > app.now()));
        let last = waitlist_entries::open(app, &public, ids[4]).await.unwrap().value;
        assert_eq!((last.status, last.start), (WaitlistStatus::Waiting, None));
    }
}

#[tokio::test]
async fn nobody_is_told_of_other_days_and_a_wish_ends_with_its_booking() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        // Thursday the 4th is not among the dates wished for.
        let thursday = monday("14:00") + TimeDelta::days(3);
        let booked = company.book(company.choice(service, thursday)).await.unwrap();
        let (app, public) = (&company.app, Actor::public(company.organization_id));
        let wish = entry(&company, service, "Ari", None);
        let id = waitlist_entries::create(app, &public, &wish).await.unwrap().id;
        bookings::cancel(app, &company.actor, booked.booking.id, None, "").await.unwrap();
        work(app, &db).await;
        assert!(ready(&db, &company).await.is_empty());
        let made = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        waitlist_entries::end(app, &public, id, Some(made.booking.id)).await.unwrap();
        let ended = waitlist_entries::open(app, &public, id).await.unwrap().value;
        assert_eq!(ended.status, WaitlistStatus::Booked);
        bookings::cancel(app, &company.actor, made.booking.id, None, "").await.unwrap();
        assert_eq!(work(app, &db).await, 0);
    }
}

#[tokio::test]
async fn a_wish_for_what_is_not_for_anyone_or_over_is_refused() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let private = company.service("Inspection", json!({ "public": false })).await;
        let service = company.service("Photos", json!({})).await;
        let (app, public) = (&company.app, Actor::public(company.organization_id));
        let wish = entry(&company, private, "Ari", None);
        let refused = waitlist_entries::create(app, &public, &wish).await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
        let mut over = entry(&company, service, "Ari", None);
        (over.from, over.until) = (march(1), march(1));
        company.wait(3 * 24 * 60);
        let refused = waitlist_entries::create(app, &public, &over).await;
        let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
        assert_eq!(faults[0].field, "until");
        let mut unreachable = entry(&company, service, "Ari", None);
        unreachable.customer.email = None;
        let refused = waitlist_entries::create(app, &public, &unreachable).await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_dispatcher_offers_only_a_time_that_is_free_to_who_still_waits() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({ "slots": { "step_min": 60 } })).await;
        let (app, actor) = (&company.app, &company.actor);
        let public = Actor::public(company.organization_id);
        let wish = entry(&company, service, "Ari", Some("evening"));
        let id = waitlist_entries::create(app, &public, &wish).await.unwrap().id;
        company.book(company.choice(service, monday("14:00"))).await.unwrap();
        let offered =
            async |time| offering::offer(app, actor, id, Offer { start: monday(time) }).await;
        let taken = offered("14:00").await;
        assert!(matches!(taken, Err(AppError::Conflict(_))), "{taken:?}");
        assert!(ready(&db, &company).await.is_empty());
        // Another part of the day than was wished for, which is the dispatcher's to say.
        let record = offered("10:00").await.unwrap();
        assert_eq!(record.value.status, WaitlistStatus::Ready);
        assert_eq!(ready(&db, &company).await, [id.to_string()]);
        waitlist_entries::end(app, &public, id, None).await.unwrap();
        let over = offered("10:00").await;
        assert!(matches!(over, Err(AppError::Conflict(_))), "{over:?}");
        let stranger = offering::offer(app, &public, id, Offer { start: monday("10:00") }).await;
        assert!(stranger.is_err());
    }
}
