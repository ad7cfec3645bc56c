//! The order of the crews: a search, a hold and a booking send the same people.

use chrono::{DateTime, Utc};
use roundsman::app::{holds, slots};
use roundsman::domain::actors::Actor;
use roundsman::domain::faults::Validate as _;
use roundsman::domain::id::{ServiceId, TechnicianId};
use serde_json::{Value, json};

use crate::support::company::{Company, booked, march, monday, place};
use crate::support::databases::databases;

/// The crew that a search names first for a start; none if it is not offered.
async fn first(
    company: &Company,
    service: ServiceId,
    start: DateTime<Utc>,
) -> Option<Vec<TechnicianId>> {
    let date = start.date_naive();
    let mut query = company.query(service, 1, 1);
    (query.from, query.until) = (date, date);
    let answer = company.ask(&query).await;
    let slot = answer.days[0].slots.iter().find(|slot| slot.start == start);
    Some(slot?.crews[0].technician_ids.clone())
}

fn policy(kind: &str) -> Value {
    match kind {
        "blend" => json!({"kind": kind, "blend": {"fairness": 20, "travel": 50, "free_time": 30}}),
        "tiers" => json!({"kind": "round_robin", "tiers": true, "period": "week"}),
        kind => json!({"kind": kind, "period": "week"}),
    }
}

/// Five people with homes, shares, tiers and a different amount of work each.
async fn staffed(company: &Company) {
    for number in 0..5_u32 {
        let home = place(number * 4 + 1);
        let more = json!({"home": home, "start": "home", "end": "home",
            "round_robin_weight": 50 + 50 * number, "priority": number % 3});
        company.technician(&format!("Technician {number}"), more).await;
    }
}

#[tokio::test]
async fn a_search_a_hold_and_a_booking_send_the_same_crew_by_every_policy() {
    for db in databases().await {
        for kind in ["round_robin", "least_recent", "least_travel", "most_free", "blend", "tiers"] {
            let company = Company::new(&db).await;
            staffed(&company).await;
            let more = json!({"policy": policy(kind)});
            let service = company.service("Photos", more.clone()).await;
            let mut both = more.clone();
            both["crew"] = json!({"size": 2, "mode": "together", "roles": []});
            let pair = company.service("Two", both).await;
            let (mut sent, mut count) = (std::collections::BTreeSet::new(), 0);
            for (round, hour) in (9..16).enumerate() {
                let start = monday("00:00") + chrono::TimeDelta::hours(hour);
                let wanted = if round % 3 == 2 { pair } else { service };
                let Some(named) = first(&company, wanted, start).await else { continue };
                let choice = company.choice(wanted, start);
                let held = holds::create(&company.app, &company.actor, &choice).await.unwrap();
                assert_eq!(held.technician_ids, named, "{kind} at {hour}: the hold");
                holds::release(&company.app, &company.actor, held.id).await.unwrap();
                let done = company.book(choice).await.unwrap();
                let came: Vec<_> = done.assignments.iter().map(|one| one.technician_id).collect();
                assert_eq!(came, named, "{kind} at {hour}: the booking");
                // The record of the decision puts the first of one person first, too.
                if named.len() == 1 {
                    let best = &done.booking.decision["candidates"][0]["technician_id"];
                    assert_eq!(best, &json!(named[0]), "{kind} at {hour}: the decision");
                }
                sent.extend(named);
                count += 1;
            }
            assert!(count >= 5, "{kind} was asked only {count} times");
            assert!(sent.len() >= 2, "{kind} sent only {sent:?}");
        }
    }
}

#[tokio::test]
async fn who_is_due_changes_with_the_week_and_the_search_says_so() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let ids = company.technicians(2).await;
        let more = json!({"policy": policy("round_robin"), "slots": {"step_min": 60}});
        let service = company.service("Photos", more).await;
        // The first gets work on Monday of the first week, the second on that of the second week.
        for (id, day) in [(ids[0], 1), (ids[1], 8)] {
            let start = march(day).and_hms_opt(9, 0, 0).unwrap().and_utc();
            let mut choice = company.choice(service, start);
            choice.technician_ids = vec![id];
            company.book(choice).await.unwrap();
        }
        let answer = company.ask(&company.query(service, 2, 9)).await;
        let first_on = |at: usize| answer.days[at].slots[0].crews[0].technician_ids[0];
        // Tuesdays: whoever had nothing in that week comes first.
        assert_eq!((first_on(0), first_on(7)), (ids[1], ids[0]));
    }
}

#[tokio::test]
async fn whoever_is_due_comes_although_fifty_others_are_nearer() {
    let db = crate::support::databases::sqlite().await;
    let company = Company::new(&db).await;
    for number in 0..55 {
        let more = json!({"home": place(3), "start": "home", "end": "home",
            "joined": "2027-03-01"});
        company.technician(&format!("Near {number}"), more).await;
    }
    // Only this one has a share, and lives far away.
    let far = json!({"home": place(16), "start": "home", "end": "home",
        "round_robin_weight": 1000, "priority": 4});
    let far = company.technician("Far", far).await;
    let more = json!({"policy": {"kind": "round_robin", "tiers": true}});
    let service = company.service("Photos", more).await;
    assert_eq!(first(&company, service, monday("10:00")).await, Some(vec![far]));
    let done = company.book(company.choice(service, monday("10:00"))).await.unwrap();
    assert_eq!(done.assignments[0].technician_id, far);
}

#[tokio::test]
async fn the_best_start_is_the_one_that_costs_least_driving_whoever_is_due() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let more = json!({"home": place(3), "start": "home", "end": "home"});
        company.technician("Anna", more).await;
        let service = company.service("Photos", json!({"slots": {"step_min": 60}})).await;
        // Far away from ten to eleven: before and after it the visit lies on a long way round.
        let mut away = company.choice(service, monday("12:00"));
        away.place = place(16);
        company.book(away).await.unwrap();
        let answer = company.ask(&company.query(service, 1, 2)).await;
        let scores = |day: usize| {
            let best = answer.days[day].slots.iter().map(|slot| slot.score).max();
            best.unwrap()
        };
        let travel = |day: usize| answer.days[day].slots[0].crews[0].added_travel_s;
        // At home on Tuesday nothing is added; on Monday neither, next to home. The best has 100.
        assert_eq!(scores(1), 100);
        assert_eq!(travel(1), 0);
        let best = answer.days.iter().flat_map(|day| &day.slots).find(|slot| slot.rank == 1);
        assert_eq!(best.unwrap().crews[0].added_travel_s, 0);
    }
}

#[tokio::test]
async fn a_grid_with_an_offset_is_offered_and_booked_on_the_clock_of_the_location() {
    for db in databases().await {
        let travel = json!({"mode": "fixed", "before_min": 0, "after_min": 0});
        // Half an hour beside the whole hours of UTC.
        let company = Company::with(&db, "Asia/Kolkata", travel, monday("00:00")).await;
        company.technician("Anna", json!({})).await;
        let public = Actor::public(company.organization_id);
        for grid in ["day", "free_span"] {
            let rules = json!({"step_min": 60, "offset_min": 15, "grid": grid});
            let service = company.service(grid, json!({"slots": rules})).await;
            let answer = company.ask(&company.query(service, 1, 1)).await;
            let starts: Vec<_> = answer.days[0].slots.iter().map(|slot| slot.start).collect();
            let clock = |at: &DateTime<Utc>| {
                at.with_timezone(&chrono_tz::Asia::Kolkata).format("%H:%M").to_string()
            };
            // From 8 to 17; the last visit of an hour starts at 15:15.
            let shown: Vec<_> = starts.iter().map(clock).collect();
            assert_eq!(shown[..2], ["08:15", "09:15"], "{grid}");
            assert_eq!((shown.len(), shown[7].as_str()), (8, "15:15"), "{grid}");
            let offered = company.choice(service, starts[3]);
            let held = holds::create(&company.app, &public, &offered).await.unwrap();
            holds::release(&company.app, &public, held.id).await.unwrap();
            let between = company.choice(service, starts[3] + chrono::TimeDelta::minutes(15));
            let refused = holds::create(&company.app, &public, &between).await;
            assert!(refused.is_err(), "{grid}");
        }
        let wrong = json!({"name": "A", "duration_min": 60,
            "slots": {"step_min": 30, "offset_min": 30}});
        let wrong: roundsman::domain::services::Service = serde_json::from_value(wrong).unwrap();
        let faults = wrong.validated().unwrap_err();
        assert_eq!(faults[0].field, "slots.offset_min");
    }
}

#[tokio::test]
async fn anyone_may_book_the_starts_of_a_free_span_that_were_offered_and_no_others() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technician("Anna", json!({})).await;
        let rules = json!({"step_min": 50, "grid": "free_span"});
        let service = company.service("Photos", json!({"slots": rules})).await;
        let mut busy = company.choice(service, monday("09:10"));
        busy.place = place(9);
        company.book(busy).await.unwrap();
        let public = Actor::public(company.organization_id);
        let answer =
            slots::search_public(&company.app, &public, &company.query(service, 1, 1)).await;
        let answer = answer.unwrap();
        let starts: Vec<_> = answer.days[0].slots.iter().map(|slot| slot.start).collect();
        // The second span begins after the booking and the drive from it: on no grid of the day.
        let odd = |start: &&DateTime<Utc>| start.timestamp() % 3000 != 0;
        assert!(starts.iter().filter(odd).count() > 3, "{starts:?}");
        for start in &starts {
            let choice = company.choice(service, *start);
            let held = holds::create(&company.app, &public, &choice).await.unwrap();
            holds::release(&company.app, &public, held.id).await.unwrap();
        }
        let between = starts[2] + chrono::TimeDelta::minutes(1);
        assert!(!starts.contains(&between));
        let request = booked(company.choice(service, between));
        let refused = roundsman::app::bookings::create(&company.app, &public, &request).await;
        let error = refused.unwrap_err();
        let roundsman::domain::error::AppError::SlotTaken { reason, alternatives } = error else {
            panic!("{error:?}")
        };
        assert!(reason.contains("never on offer"), "{reason}");
        assert_eq!(alternatives.len(), 3);
        // A dispatcher may choose any start that is feasible.
        company.book(company.choice(service, between)).await.unwrap();
    }
}

#[tokio::test]
async fn all_dates_asked_for_are_explained() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let skill = company.skill("Drone licence").await;
        company.technicians(2).await;
        let needs = json!([{"skill_id": skill, "level_min": 1}]);
        let service = company.service("Survey", json!({"skills": needs})).await;
        let mut query = company.query(service, 1, 1);
        query.until = march(1) + chrono::Days::new(92);
        let answer = company.ask(&query).await;
        let explanation = answer.explanation.unwrap();
        let dates: std::collections::BTreeSet<_> =
            explanation.reasons.iter().map(|reason| reason.date).collect();
        assert_eq!((dates.len(), dates.last()), (93, Some(&query.until)));
        // Two people on each of 93 dates.
        let total: u32 = explanation.counts.iter().map(|count| count.count).sum();
        assert_eq!((total, explanation.left_out), (186, 0));
    }
}
