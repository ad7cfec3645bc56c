//! Slots through the use cases: what is offered, by whom, and why nothing is.

use roundsman::app::{permissions, slots};
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::slots::{Change, PartOfDay};
use serde_json::json;

use crate::support::company::{Company, march, monday, place, starts};
use crate::support::databases::databases;

#[tokio::test]
async fn an_empty_day_offers_every_start_whose_visit_ends_within_hours() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(2).await;
        let service = company.service("Photos", json!({"slots": {"step_min": 120}})).await;
        let answer = company.ask(&company.query(service, 1, 2)).await;
        // Every second hour of the clock from 8; the last visit of an hour starts at 16.
        let day = ["08:00", "10:00", "12:00", "14:00", "16:00"];
        assert_eq!(starts(&answer), [day, day].concat());
        assert_eq!(answer.on_site_s, 3600);
        let slot = &answer.days[0].slots[0];
        assert_eq!((slot.crew_count, slot.crews.len()), (2, 2));
        assert_eq!(slot.window.from, slot.window.until);
    }
}

#[tokio::test]
async fn a_booking_takes_its_time_and_the_drive_around_it() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let mut there = company.choice(service, monday("10:00"));
        there.place = place(20);
        company.book(there).await.unwrap();
        // The two places are some kilometres apart, a drive of less than half an hour: starts that
        // touch the visit are gone, those that leave half an hour are not.
        let starts = company.starts(&company.query(service, 1, 1)).await;
        assert!(starts.contains(&"08:30".to_owned()), "{starts:?}");
        assert!(starts.contains(&"11:30".to_owned()), "{starts:?}");
        for gone in ["09:00", "09:30", "10:00", "10:30", "11:00"] {
            assert!(!starts.contains(&gone.to_owned()), "{gone} in {starts:?}");
        }
    }
}

#[tokio::test]
async fn photos_and_video_of_an_hour_each_are_offered_as_two_hours() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let photos = company.service("Photos", json!({})).await;
        let video = company.service("Video", json!({})).await;
        let mut query = company.query(photos, 1, 1);
        query.service_ids.push(video);
        let answer = company.ask(&query).await;
        assert_eq!(answer.on_site_s, 2 * 3600);
        assert_eq!(starts(&answer).last().unwrap(), "15:00");
    }
}

#[tokio::test]
async fn a_split_crew_of_two_needs_two_people_for_half_the_time() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(2).await;
        let crew = json!({"size": 2, "mode": "split", "roles": []});
        let service = company.service("Photos", json!({"crew": crew, "duration_min": 120})).await;
        let answer = company.ask(&company.query(service, 1, 1)).await;
        assert_eq!(answer.on_site_s, 3600);
        let slot = answer.days[0].slots[0].clone();
        assert_eq!(slot.crews[0].technician_ids.len(), 2);
        let booked = company.book(company.choice(service, slot.start)).await.unwrap();
        assert_eq!(booked.assignments.len(), 2);
        assert_eq!(booked.assignments[0].start, booked.assignments[1].start);
    }
}

#[tokio::test]
async fn nothing_fits_says_why_with_numbers_and_what_would_help() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let skill = company.skill("Drone licence").await;
        let anna = company.technician("Anna", json!({})).await;
        let limits = json!({"overtime_min": 30});
        let held = json!([{"skill_id": skill, "level": 2}]);
        let more = json!({"skills": held, "limits": limits});
        let bjorn = company.technician("Björn", more).await;
        let needs = json!([{"skill_id": skill, "level_min": 1}]);
        let more = json!({"skills": needs, "duration_min": 600, "slots": {"step_min": 60}});
        let service = company.service("Survey", more).await;
        let answer = company.ask(&company.query(service, 1, 1)).await;
        assert!(starts(&answer).is_empty());
        let explanation = answer.explanation.unwrap();
        let reason = |id| explanation.reasons.iter().find(|r| r.technician_id == Some(id)).unwrap();
        assert_eq!(reason(anna).sentence, "Anna lacks Drone licence");
        // The skill alone would not do: ten hours from 8 end at 18, an hour after the shift.
        let both =
            [Change::AddSkill { skill_id: skill, level: 1 }, Change::AllowOvertime { minutes: 60 }];
        assert_eq!((&reason(anna).change, reason(anna).changes.as_slice()), (&None, &both[..]));
        let expected = "Anna would need 60 min more overtime (limit 0, needed 60)";
        assert_eq!(reason(anna).besides, [expected]);
        let expected = "Björn would need 30 min more overtime (limit 30, needed 60)";
        assert_eq!(reason(bjorn).sentence, expected);
        assert_eq!(reason(bjorn).change, Some(Change::AllowOvertime { minutes: 60 }));
        let counts: Vec<_> = explanation.counts.iter().map(|c| c.rule.as_str()).collect();
        assert_eq!(counts, ["overtime", "skill_missing"]);
    }
}

#[tokio::test]
async fn alternatives_lie_outside_the_wishes_when_nothing_fits() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let mut query = company.query(service, 1, 1);
        query.wishes.part_of_day = Some(PartOfDay::Evening);
        let answer = company.ask(&query).await;
        assert!(starts(&answer).is_empty());
        assert_eq!(answer.alternatives.len(), 3);
        // Noon is the middle of the date asked for.
        assert_eq!(answer.alternatives[0].start, monday("12:00"));
    }
}

#[tokio::test]
async fn notice_horizon_blackouts_and_opening_hours_bound_the_starts() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let rules = json!({"step_min": 60, "notice_min": 8 * 60,
            "horizon": {"days": 2}, "blackouts": [{"from": "2027-03-02", "until": "2027-03-02"}]});
        let service = company.service("Photos", json!({"slots": rules})).await;
        let answer = company.ask(&company.query(service, 1, 5)).await;
        let counts: Vec<usize> = answer.days.iter().map(|day| day.slots.len()).collect();
        // Monday from 14:00 (6:00 plus eight hours) to 16:00; Tuesday is blacked out; Wednesday is
        // two days ahead and whole; the rest is beyond the horizon.
        assert_eq!(counts, [3, 0, 9, 0, 0]);
        assert_eq!(answer.days[0].slots[0].start, monday("14:00"));
    }
}

#[tokio::test]
async fn anyone_sees_only_public_services_and_no_people() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let open = company.service("Photos", json!({})).await;
        let closed = company.service("Repair", json!({"public": false})).await;
        let public = Actor::public(company.organization_id);
        let query = company.query(open, 1, 1);
        let answer = slots::search_public(&company.app, &public, &query).await.unwrap();
        assert!(!answer.days[0].slots.is_empty());
        assert!(answer.days[0].slots.iter().all(|slot| slot.crews.is_empty()));
        let whole = slots::search(&company.app, &public, &query).await;
        assert!(matches!(whole, Err(AppError::Unauthenticated(_))), "{whole:?}");
        let query = company.query(closed, 1, 1);
        assert!(slots::search_public(&company.app, &public, &query).await.is_err());
        let explained = slots::explain(&company.app, &public, &query, None, None).await;
        assert!(explained.is_err(), "reasons name people");
        assert!(permissions::permit(&public, permissions::Operation::SlotsSearch).is_ok());
    }
}

#[tokio::test]
async fn a_change_of_the_catalogue_shows_in_the_next_answer() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let service = company.service("Photos", json!({"slots": {"step_min": 540}})).await;
        assert!(company.starts(&company.query(service, 1, 1)).await.is_empty());
        company.technicians(1).await;
        let query = company.query(service, 1, 1);
        // Nine hours apart from midnight: 9:00 alone lies within the shift.
        assert_eq!(company.starts(&query).await, ["09:00"]);

        assert_eq!(company.ask(&query).await.days[0].date, march(1));
    }
}

#[tokio::test]
async fn a_start_is_explained_for_each_technician() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let far = company.zone("North", &place(40), 50).await;
        let covered = json!([{"zone_id": far, "level": "primary"}]);
        let anna = company.technician("Anna", json!({"zones": covered})).await;
        let bjorn = company.technician("Björn", json!({})).await;
        let service = company.service("Photos", json!({})).await;
        let mut busy = company.choice(service, monday("10:00"));
        busy.technician_ids = vec![bjorn];
        company.book(busy).await.unwrap();
        let query = company.query(service, 1, 1);
        let (app, actor, start) = (&company.app, &company.actor, Some(monday("10:30")));
        let found = slots::explain(app, actor, &query, start, None).await.unwrap();
        let reason = |id| found.reasons.iter().find(|r| r.technician_id == Some(id)).unwrap();
        assert_eq!(reason(anna).rule, "outside_zones");
        assert_eq!(reason(anna).change, Some(Change::CoverZone));
        let time = reason(bjorn);
        assert_eq!(time.rule, "time");
        assert!(time.sentence.contains("30 min"), "{}", time.sentence);
        assert!(matches!(time.change, Some(Change::StartAt { .. })), "{:?}", time.change);
        let one = slots::explain(app, actor, &query, start, Some(anna)).await.unwrap();
        assert_eq!((one.reasons.len(), one.counts[0].count), (1, 1));
    }
}

#[tokio::test]
async fn faults_of_a_question_come_all_at_once() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let service = company.service("Photos", json!({"active": false})).await;
        let mut query = company.query(service, 1, 1);
        query.wishes.technician_id = Some(uuid::Uuid::nil().into());
        let refused = slots::search(&company.app, &company.actor, &query).await;
        let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["service_ids", "wishes.technician_id"]);
        query.until = march(1) - chrono::TimeDelta::days(1);
        let refused = slots::search(&company.app, &company.actor, &query).await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
    }
}
