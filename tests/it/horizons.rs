//! Horizons that count bookable dates, with notice and blackouts: what is offered, and what can be
//! held and booked.

use chrono::{Days, NaiveTime};
use roundsman::app::holds;
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::slots::PartOfDay;
use serde_json::json;

use crate::support::company::{Company, march, monday};
use crate::support::databases::databases;

/// The days of March that have slots.
async fn days(company: &Company, query: &roundsman::domain::slots::SlotQuery) -> Vec<u32> {
    use chrono::Datelike as _;
    let answer = company.ask(query).await;
    let some = answer.days.iter().filter(|day| !day.slots.is_empty());
    some.map(|day| day.date.day()).collect()
}

#[tokio::test]
async fn a_bookable_horizon_counts_only_dates_with_slots() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let rules = json!({"step_min": 60, "notice_min": 26 * 60,
            "horizon": {"days": 5, "count": "bookable"},
            "blackouts": [{"from": "2027-03-03", "until": "2027-03-04"}]});
        let service = company.service("Photos", json!({"slots": rules})).await;
        // It is Monday, 6:00. The notice of 26 hours ends on Tuesday at 8:00, so Monday has nothing;
        // Wednesday and Thursday are blacked out, the weekend is free: the five bookable dates are
        // Tuesday, Friday, and Monday to Wednesday of the next week.
        assert_eq!(days(&company, &company.query(service, 1, 31)).await, [2, 5, 8, 9, 10]);
        // The same whatever part of the range is asked for.
        assert_eq!(days(&company, &company.query(service, 9, 20)).await, [9, 10]);
        assert!(days(&company, &company.query(service, 11, 20)).await.is_empty());
        // A wish does not move the horizon.
        let mut query = company.query(service, 1, 31);
        query.wishes.part_of_day = Some(PartOfDay::Afternoon);
        assert_eq!(days(&company, &query).await, [2, 5, 8, 9, 10]);
        query.wishes.part_of_day = Some(PartOfDay::Evening);
        assert!(days(&company, &query).await.is_empty());
        // A full date is no longer bookable, and the horizon moves on by one.
        let off = json!({"technician_id": company.ask(&company.query(service, 2, 2)).await.days[0]
            .slots[0].crews[0].technician_ids[0], "start": "2027-03-05T00:00:00Z",
            "end": "2027-03-06T00:00:00Z"});
        let off: roundsman::domain::absences::Absence = serde_json::from_value(off).unwrap();
        roundsman::app::catalogue::create(&company.app, &company.actor, &off).await.unwrap();
        assert_eq!(days(&company, &company.query(service, 1, 31)).await, [2, 8, 9, 10, 11]);
    }
}

#[tokio::test]
async fn what_lies_beyond_a_horizon_cannot_be_held_or_booked_by_anyone() {
    for db in databases().await {
        for count in ["bookable", "business", "calendar"] {
            let company = Company::new(&db).await;
            company.technicians(1).await;
            let rules = json!({"step_min": 60, "horizon": {"days": 4, "count": count}});
            let service = company.service("Photos", json!({"slots": rules})).await;
            // Four bookable dates from Monday the 1st end on the 4th; four working days after it,
            // or four days, on the 5th.
            let last = if count == "bookable" { 4 } else { 5 };
            let open = days(&company, &company.query(service, 1, 31)).await;
            assert_eq!(open.last(), Some(&last), "{count}");
            let ten = NaiveTime::from_hms_opt(10, 0, 0).unwrap();
            let at = |day: u32| march(day).and_time(ten).and_utc();
            let beyond = if last == 4 { 5 } else { 8 };
            for actor in [company.actor.clone(), Actor::public(company.organization_id)] {
                let choice = company.choice(service, at(beyond));
                let refused = holds::create(&company.app, &actor, &choice).await;
                let Err(AppError::SlotTaken { alternatives, .. }) = refused else {
                    panic!("{count}: {refused:?}")
                };
                let limit = march(last) + Days::new(1);
                assert!(alternatives.iter().all(|it| it.start.date_naive() < limit));
                let choice = company.choice(service, at(last));
                let held = holds::create(&company.app, &actor, &choice).await.unwrap();
                holds::release(&company.app, &actor, held.id).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn notice_and_blackouts_hold_for_bookings_too() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let rules = json!({"step_min": 60, "notice_min": 4 * 60,
            "blackouts": [{"from": "2027-03-02", "until": "2027-03-02"}]});
        let service = company.service("Photos", json!({"slots": rules})).await;
        // Six o'clock plus four hours.
        assert!(company.book(company.choice(service, monday("09:00"))).await.is_err());
        let tuesday = monday("10:00") + chrono::TimeDelta::days(1);
        assert!(company.book(company.choice(service, tuesday)).await.is_err());
        company.book(company.choice(service, monday("10:00"))).await.unwrap();
    }
}
