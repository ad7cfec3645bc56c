//! Holds: they take what the booking would take, block others, and lapse.

use chrono::{DateTime, TimeDelta, Utc};
use roundsman::app::{bookings, catalogue, holds};
use roundsman::domain::absences::Absence;
use roundsman::domain::actors::{Actor, ActorKind};
use roundsman::domain::error::AppError;
use roundsman::domain::id::{ApiKeyId, HoldId};
use roundsman::store::housekeeping::{self, Retention};
use roundsman::store::queue::Lease;
use roundsman::store::queue::claim::{Claim, claim};
use serde_json::json;

use crate::support::company::{Company, booked_hold, monday};
use crate::support::databases::{TestDb, databases};

#[tokio::test]
async fn a_hold_blocks_its_slot_until_it_lapses() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let query = company.query(service, 1, 1);
        let free = company.starts(&query).await;
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(&company.app, &company.actor, &choice).await.unwrap();
        assert_eq!(hold.expires_at, monday("06:10"));
        assert!(!company.starts(&query).await.contains(&"10:00".to_owned()));
        let second = holds::create(&company.app, &company.actor, &choice).await;
        let Err(AppError::SlotTaken { alternatives, .. }) = second else { panic!("{second:?}") };
        assert_eq!(alternatives.len(), 3);
        company.wait(9);
        let renewed = holds::renew(&company.app, &company.actor, hold.id).await.unwrap();
        assert_eq!(renewed.expires_at, monday("06:19"));
        company.wait(10);
        // Lapsed, though no worker has dropped it yet.
        assert_eq!(company.starts(&query).await, free);
        let expired = holds::get(&company.app, &company.actor, hold.id).await;
        assert!(matches!(expired, Err(AppError::HoldExpired { .. })), "{expired:?}");
        holds::create(&company.app, &company.actor, &choice).await.unwrap();
    }
}

#[tokio::test]
async fn a_booking_from_a_hold_takes_exactly_what_was_held() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(3).await;
        let lamps = company.equipment("Lamp", 1).await;
        let crew = json!({"size": 2, "mode": "together", "roles": []});
        let needs = json!([{"equipment_id": lamps, "units": 1}]);
        let service = company.service("Film", json!({"crew": crew, "equipment": needs})).await;
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(&company.app, &company.actor, &choice).await.unwrap();
        assert_eq!(hold.technician_ids.len(), 2);
        // One lamp: nobody else can film at that time, nor book the hold's third technician for it.
        assert!(company.book(choice.clone()).await.is_err());
        let request = booked_hold(hold.id);
        let booking = bookings::create(&company.app, &company.actor, &request).await.unwrap();
        assert_eq!(booking.visit.id, hold.visit_id);
        let crew: Vec<_> = booking.assignments.iter().map(|one| one.technician_id).collect();
        assert_eq!(crew, hold.technician_ids);
        assert_eq!(booking.booking.window, hold.window);
        assert_eq!(booking.booking.decision, hold.decision);
        assert!(booking.booking.customer_id.is_some() && booking.booking.site_id.is_some());
    }
}

#[tokio::test]
async fn a_hold_booked_twice_names_its_booking_to_who_may_see_it() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(&company.app, &company.actor, &choice).await.unwrap();
        let request = booked_hold(hold.id);
        let first = bookings::create(&company.app, &company.actor, &request).await.unwrap();
        let named: (uuid::Uuid, String) = (first.booking.id.into(), first.booking.code.clone());
        let told = |error: AppError| match error {
            AppError::HoldBooked { hold: id, booking } => {
                assert_eq!(HoldId::from(id), hold.id);
                booking
            }
            other => panic!("{other:?}"),
        };
        let again = bookings::create(&company.app, &company.actor, &request).await;
        assert_eq!(told(again.unwrap_err()), Some(named.clone()));
        for error in [
            holds::get(&company.app, &company.actor, hold.id).await.unwrap_err(),
            holds::renew(&company.app, &company.actor, hold.id).await.unwrap_err(),
            holds::release(&company.app, &company.actor, hold.id).await.unwrap_err(),
        ] {
            assert_eq!(told(error), Some(named.clone()));
        }
        let public = Actor::public(company.organization_id);
        let again = bookings::create(&company.app, &public, &request).await;
        assert_eq!(told(again.unwrap_err()), None);
        // A key that only writes is not told; one that reads, too, is.
        for (scopes, told_of) in
            [(vec!["bookings:write"], false), (vec!["bookings:read", "bookings:write"], true)]
        {
            let id = ApiKeyId(company.app.new_id());
            let scopes = scopes.into_iter().map(str::to_owned).collect();
            let kind = ActorKind::ApiKey { id, scopes };
            let key = Actor { organization_id: company.organization_id, kind };
            let error = holds::get(&company.app, &key, hold.id).await.unwrap_err();
            assert_eq!(told(error), told_of.then(|| named.clone()));
        }
        let unknown = holds::get(&company.app, &company.actor, HoldId(company.app.new_id())).await;
        assert!(matches!(unknown, Err(AppError::NotFound { .. })), "{unknown:?}");
    }
}

#[tokio::test]
async fn a_hold_booked_too_late_is_answered_with_the_nearest_starts() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(&company.app, &company.actor, &choice).await.unwrap();
        company.wait(11);
        let request = booked_hold(hold.id);
        let late = bookings::create(&company.app, &company.actor, &request).await;
        let Err(AppError::HoldExpired { alternatives, .. }) = late else { panic!("{late:?}") };
        // Nobody else has taken it.
        assert_eq!(alternatives[0].start, monday("10:00"));
    }
}

#[tokio::test]
async fn a_hold_that_lapsed_days_ago_is_still_answered_with_the_nearest_starts() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(&company.app, &company.actor, &choice).await.unwrap();
        company.wait(11);
        work(&db, &company).await;
        assert_eq!(db.raw_column("select id from holds").await, Vec::<String>::new());
        let request = booked_hold(hold.id);
        for (minutes, nearest) in
            [(0, "2027-03-01T10:00:00Z"), (3 * 24 * 60, "2027-03-04T08:00:00Z")]
        {
            company.wait(minutes);
            let late = bookings::create(&company.app, &company.actor, &request).await;
            let Err(AppError::HoldExpired { alternatives, .. }) = late else { panic!("{late:?}") };
            assert_eq!(alternatives.len(), 3);
            assert_eq!(alternatives[0].start, nearest.parse::<DateTime<Utc>>().unwrap());
        }
    }
}

#[tokio::test]
async fn a_released_hold_frees_its_slot_at_once() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(&company.app, &company.actor, &choice).await.unwrap();
        holds::release(&company.app, &company.actor, hold.id).await.unwrap();
        company.book(choice).await.unwrap();
        let gone = holds::release(&company.app, &company.actor, hold.id).await;
        assert!(matches!(gone, Err(AppError::NotFound { .. })), "{gone:?}");
    }
}

#[tokio::test]
async fn anyone_holds_and_books_what_was_offered_and_learns_no_names() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let public = Actor::public(company.organization_id);
        let off_grid = company.choice(service, monday("10:07"));
        let refused = holds::create(&company.app, &public, &off_grid).await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(&company.app, &public, &choice).await.unwrap();
        assert!(hold.technician_ids.is_empty() && hold.decision.is_null());
        let request = booked_hold(hold.id);
        let booking = bookings::create(&company.app, &public, &request).await.unwrap();
        assert!(booking.assignments.is_empty() && booking.booking.decision.is_null());
        assert_eq!(booking.booking.source, "web");
        let seen = bookings::get(&company.app, &company.actor, booking.booking.id).await.unwrap();
        assert_eq!(seen.assignments.len(), 1);
        assert_eq!(seen.booking.decision["policy"], "round_robin");
    }
}

/// Lets the worker do what is due.
async fn work(db: &TestDb, company: &Company) {
    let now = company.app.now();
    let kinds = [holds::EXPIRE_TASK];
    let until = now + TimeDelta::minutes(1);
    let mut tx = db.write().await.unwrap();
    let asked = Claim { worker: "w", kinds: &kinds, limit: 9, now, until };
    let tasks = claim(&mut tx, asked).await.unwrap();
    tx.commit().await.unwrap();
    for task in tasks {
        let lease = Lease::new((**db).clone(), task, now);
        let _finished = holds::expire(&company.app, lease).await.unwrap();
    }
}

#[tokio::test]
async fn a_hold_that_was_dropped_has_expired_and_is_not_unknown() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(2).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let choice = company.choice(service, monday("10:00"));
        let by_worker = holds::create(app, actor, &choice).await.unwrap().id;
        company.wait(11);
        work(&db, &company).await;
        let mut by_booking = Vec::new();
        for _ in 0..2 {
            by_booking.push(holds::create(app, actor, &choice).await.unwrap().id);
        }
        company.wait(11);
        // Needs one of the two people, whose lapsed holds go.
        company.book(choice.clone()).await.unwrap();
        let gone = db.raw_column("select id from lapsed_holds").await;
        assert!(gone.contains(&by_worker.to_string()));
        assert!(by_booking.iter().any(|id| gone.contains(&id.to_string())), "{gone:?}");
        for id in [by_worker, by_booking[0], by_booking[1]] {
            let request = booked_hold(id);
            let refused = [
                holds::get(app, actor, id).await.unwrap_err(),
                holds::renew(app, actor, id).await.unwrap_err(),
                bookings::create(app, actor, &request).await.unwrap_err(),
            ];
            let expired = |error: &AppError| matches!(error, AppError::HoldExpired { .. });
            assert!(refused.iter().all(expired), "{refused:?}");
        }
        let given_back = holds::release(app, actor, by_worker).await;
        assert!(matches!(given_back, Err(AppError::HoldExpired { .. })), "{given_back:?}");
        let unknown = holds::get(app, actor, HoldId(app.new_id())).await;
        assert!(matches!(unknown, Err(AppError::NotFound { .. })), "{unknown:?}");
        let stranger = Company::new(&db).await;
        let theirs = holds::get(app, &stranger.actor, by_worker).await;
        assert!(matches!(theirs, Err(AppError::NotFound { .. })), "{theirs:?}");
        company.wait(8 * 24 * 60);
        housekeeping::tidy(&db, app.now(), Retention::default()).await.unwrap();
        let forgotten = holds::get(app, actor, by_worker).await;
        assert!(matches!(forgotten, Err(AppError::NotFound { .. })), "{forgotten:?}");
    }
}

#[tokio::test]
async fn a_hold_lasts_three_times_as_long_as_a_new_one_at_most() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let (app, public) = (&company.app, Actor::public(company.organization_id));
        let choice = company.choice(service, monday("10:00"));
        let hold = holds::create(app, &public, &choice).await.unwrap();
        // Made at 6:00 for ten minutes.
        for until in ["06:19", "06:28", "06:30"] {
            company.wait(9);
            let renewed = holds::renew(app, &public, hold.id).await.unwrap();
            assert_eq!(renewed.expires_at, monday(until));
        }
        company.wait(1);
        let refused = holds::renew(app, &public, hold.id).await;
        assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        company.wait(2);
        assert!(company.starts(&company.query(service, 1, 1)).await.contains(&"10:00".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_client_holds_five_slots_at_a_time() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(12).await;
        let service = company.service("Photos", json!({})).await;
        let public = Actor::public(company.organization_id);
        let choice = company.choice(service, monday("10:00"));
        let app = company.app.clone().for_client("198.51.100.1");
        let mut takers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (app, public, choice) = (app.clone(), public.clone(), choice.clone());
            takers.spawn(async move { holds::create(&app, &public, &choice).await });
        }
        let mut made = Vec::new();
        for answer in takers.join_all().await {
            match answer {
                Ok(hold) => made.push(hold.id),
                Err(error) => assert!(matches!(error, AppError::Conflict(_)), "{error:?}"),
            }
        }
        assert_eq!(made.len(), 5);
        let other = company.app.clone().for_client("198.51.100.2");
        holds::create(&other, &public, &choice).await.unwrap();
        holds::release(&app, &public, made[0]).await.unwrap();
        holds::create(&app, &public, &choice).await.unwrap();
        assert!(holds::create(&app, &public, &choice).await.is_err());
        // Lapsed holds do not count, and members hold what they need.
        company.wait(11);
        holds::create(&app, &public, &choice).await.unwrap();
        for _ in 0..6 {
            holds::create(&company.app, &company.actor, &choice).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_hold_of_somebody_who_falls_ill_moves_inside_its_window_or_is_lost() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let who = company.technicians(1).await[0];
        let exact = company.service("Photos", json!({})).await;
        let wide = json!({"slots": {"arrival_window_min": 120}});
        let wide = company.service("Drone", wide).await;
        let mut held = Vec::new();
        for (service, hour) in [(exact, "09:00"), (wide, "11:00"), (exact, "16:00")] {
            let choice = company.choice(service, monday(hour));
            held.push(holds::create(&company.app, &company.actor, &choice).await.unwrap());
        }
        let ill = json!({"technician_id": who, "start": monday("08:00"), "end": monday("12:00")});
        let ill: Absence = serde_json::from_value(ill).unwrap();
        catalogue::create(&company.app, &company.actor, &ill).await.unwrap();
        let mut answers = Vec::new();
        for hold in &held {
            let request = json!({"hold_id": hold.id, "customer": {"name": "Jón"}});
            let request = serde_json::from_value(request).unwrap();
            answers.push(bookings::create(&company.app, &company.actor, &request).await);
        }
        let [lost, moved, kept] = answers.as_slice() else { panic!("{answers:?}") };
        let Err(AppError::SlotTaken { alternatives, .. }) = lost else { panic!("{lost:?}") };
        assert_eq!(alternatives.len(), 3);
        let moved = moved.as_ref().unwrap();
        assert_eq!(moved.booking.window, held[1].window);
        assert_eq!(moved.visit.planned_start, Some(monday("12:00")));
        assert_eq!(moved.assignments[0].start, monday("12:00"));
        assert_eq!(moved.visit.id, held[1].visit_id);
        assert_eq!(kept.as_ref().unwrap().visit.planned_start, Some(monday("16:00")));
    }
}
