//! Visits: created, placed, moved, locked, and reported on.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roundsman::app::visits::{self, MoveRequest, Report, Step, VisitRequest};
use roundsman::app::{bookings, members, technicians};
use roundsman::domain::actors::{Actor, ActorKind};
use roundsman::domain::bookings::BookingStatus;
use roundsman::domain::error::AppError;
use roundsman::domain::id::TechnicianId;
use roundsman::domain::members::{Member, Role};
use roundsman::domain::visits::{Lock, VisitStatus};
use serde_json::json;

use crate::support::company::{Company, march, monday};
use crate::support::databases::databases;

fn request(company: &Company, service: impl serde::Serialize) -> VisitRequest {
    serde_json::from_value(json!({
        "service_ids": [service], "location_id": company.location_id,
        "place": {"lat": 64.11, "lon": -21.93}, "title": "Leaking roof",
    }))
    .unwrap()
}

fn at(time: &str, technician_ids: &[TechnicianId]) -> MoveRequest {
    let technician_ids = technician_ids.to_vec();
    MoveRequest { start: monday(time), technician_ids, plan_version: None, force: false }
}

fn report(step: Step) -> Report {
    Report { step, at: None }
}

#[tokio::test]
async fn a_visit_waits_unassigned_until_it_is_placed_and_again_when_taken_out() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(2).await;
        let service = company.service("Repair", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let visit = visits::create(app, actor, &request(&company, service)).await.unwrap();
        assert_eq!(visit.visit.status, VisitStatus::Unassigned);
        let id = visit.visit.id;
        let placed = visits::place(app, actor, id, &at("09:00", &people[1..])).await.unwrap();
        assert!(placed.checked.feasible, "{:?}", placed.checked);
        assert_eq!(placed.visit.assignments[0].technician_id, people[1]);
        let moved = visits::place(app, actor, id, &at("13:00", &people[..1])).await.unwrap();
        assert_eq!(moved.visit.assignments[0].start, monday("13:00"));
        let out = visits::unassign(app, actor, id).await.unwrap();
        assert_eq!(out.visit.status, VisitStatus::Unassigned);
        let everything = company.starts(&company.query(service, 1, 1)).await;
        assert_eq!(everything.len(), 17);
    }
}

#[tokio::test]
async fn a_move_that_breaks_a_rule_is_refused_with_numbers_unless_it_is_forced() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Repair", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let id = visits::create(app, actor, &request(&company, service)).await.unwrap().visit.id;
        let late = at("16:30", &people);
        let refused = visits::place(app, actor, id, &late).await;
        let Err(AppError::SlotTaken { reason, alternatives }) = refused else {
            panic!("{refused:?}")
        };
        let expected = "Technician 0 would need 30 min more overtime (limit 0, needed 30)";
        assert_eq!(reason, expected);
        assert_eq!(alternatives[0].start, monday("16:00"));
        let forced = visits::place(app, actor, id, &MoveRequest { force: true, ..late }).await;
        let forced = forced.unwrap();
        assert!(!forced.checked.feasible);
        assert_eq!(forced.visit.assignments[0].start, monday("16:30"));
    }
}

#[tokio::test]
async fn a_move_out_of_what_was_promised_is_refused_unless_it_is_forced() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let rules = json!({"step_min": 60, "arrival_window_min": 120});
        let wide = company.service("Repair", json!({"slots": rules})).await;
        let (app, actor) = (&company.app, &company.actor);
        let booked = company.book(company.choice(wide, monday("09:00"))).await.unwrap();
        let id = booked.visit.id;
        visits::place(app, actor, id, &at("11:00", &people)).await.unwrap();
        let late = at("11:30", &people);
        let refused = visits::place(app, actor, id, &late).await;
        let Err(AppError::Conflict(words)) = refused else { panic!("{refused:?}") };
        assert!(words.contains("30 min too late for what was promised"), "{words}");
        let forced = visits::place(app, actor, id, &MoveRequest { force: true, ..late }).await;
        let forced = forced.unwrap();
        assert_eq!(forced.checked.violations[0].rule, "promise");
        assert_eq!(forced.visit.assignments[0].start, monday("11:30"));
        assert_eq!(forced.visit.visit.promised, booked.visit.promised);
    }
}

#[tokio::test]
async fn a_mover_who_saw_an_older_plan_hears_what_changed() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(2).await;
        let service = company.service("Repair", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let id = visits::create(app, actor, &request(&company, service)).await.unwrap().visit.id;
        let day = technicians::day(app, actor, people[0], march(1)).await.unwrap();
        let other = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let seen = Some(day.plan_version);
        let stale = MoveRequest { plan_version: seen, ..at("14:00", &people[..1]) };
        let refused = visits::place(app, actor, id, &stale).await;
        let Err(AppError::Stale { actual, visits, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(visits, [other.visit.id.0]);
        let fresh = MoveRequest { plan_version: Some(actual), ..stale };
        visits::place(app, actor, id, &fresh).await.unwrap();
    }
}

#[tokio::test]
async fn a_locked_visit_stays_where_it_is() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(1).await;
        let rules = json!({"step_min": 60, "arrival_window_min": 120});
        let wide = company.service("Repair", json!({"slots": rules})).await;
        let exact = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let repair = company.book(company.choice(wide, monday("09:00"))).await.unwrap();
        let query = company.query(exact, 1, 1);
        assert!(company.starts(&query).await.contains(&"09:00".to_owned()));
        let locked = visits::lock(app, actor, (repair.visit.id, None), Lock::Time).await.unwrap();
        assert_eq!(locked.visit.lock, Lock::Time);
        assert!(!company.starts(&query).await.contains(&"09:00".to_owned()));
    }
}

#[tokio::test]
async fn a_delay_moves_the_later_visits_and_says_which_promise_breaks() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let who = company.technicians(1).await[0];
        let service = company.service("Photos", json!({"slots": {"step_min": 15}})).await;
        let (app, actor) = (&company.app, &company.actor);
        let first = company.book(company.choice(service, monday("08:00"))).await.unwrap();
        let second = company.book(company.choice(service, monday("09:30"))).await.unwrap();
        company.clock.set(monday("08:00"));
        let id = first.visit.id;
        let arrived = visits::progress(app, actor, id, &report(Step::Arrived)).await.unwrap();
        assert_eq!(arrived.expected_end, monday("09:00"));
        assert!(arrived.effects.is_empty(), "{:?}", arrived.effects);
        company.clock.set(monday("08:50"));
        let more = report(Step::NeedsMore { minutes: 50 });
        let late = visits::progress(app, actor, id, &more).await.unwrap();
        // Ends at 9:50; both places are the same, so the next one starts twenty minutes late.
        assert_eq!(late.expected_end, monday("09:50"));
        assert_eq!(late.effects.len(), 1);
        assert_eq!(late.effects[0].visit_id, second.visit.id);
        assert_eq!(late.effects[0].late_s, 20 * 60);
        assert_eq!(late.effects[0].expected_start, monday("09:50"));
        assert!(late.moved);
        let day = technicians::day(app, actor, who, march(1)).await.unwrap();
        let starts: Vec<_> = day.shifts[0].stops.iter().map(|stop| stop.planned_start).collect();
        assert_eq!(starts, [Some(monday("08:00")), Some(monday("09:50"))]);
        // It was no delay after all: the visit ends as planned, and the next one may go back.
        let none = report(Step::NeedsMore { minutes: 0 });
        let taken_back = visits::progress(app, actor, id, &none).await.unwrap();
        assert_eq!(taken_back.visit.visit.actual.extra_s, 0);
        assert_eq!(taken_back.expected_end, monday("09:00"));
        company.clock.set(monday("09:40"));
        let done = visits::progress(app, actor, id, &report(Step::Finished)).await.unwrap();
        assert_eq!(done.visit.visit.status, VisitStatus::Finished);
        let booking = bookings::get(app, actor, first.booking.id).await.unwrap();
        assert_eq!(booking.booking.status, BookingStatus::Completed);
        let back = visits::progress(app, actor, id, &report(Step::Started)).await;
        assert!(matches!(back, Err(AppError::Conflict(_))), "{back:?}");
    }
}

#[tokio::test]
async fn a_delay_reaches_later_visits_outside_the_shift_too() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Repair", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let forced = async |time: &str| {
            let id =
                visits::create(app, actor, &request(&company, service)).await.unwrap().visit.id;
            let there = MoveRequest { force: true, ..at(time, &people) };
            visits::place(app, actor, id, &there).await.unwrap();
            id
        };
        // The shift is 8:00 to 17:00: the first visit is over before it, the last begins after it.
        let early = forced("06:30").await;
        let morning = forced("08:00").await;
        let afternoon = forced("16:00").await;
        let evening = forced("17:30").await;
        company.clock.set(monday("06:30"));
        visits::progress(app, actor, early, &report(Step::Started)).await.unwrap();
        let more = report(Step::NeedsMore { minutes: 60 });
        let late = visits::progress(app, actor, early, &more).await.unwrap();
        // Until 8:30; all visits are at one place.
        let expected: Vec<_> =
            late.effects.iter().map(|effect| (effect.visit_id, effect.expected_start)).collect();
        assert_eq!(expected, [(morning, monday("08:30"))]);
        assert!(late.moved);
        company.clock.set(monday("16:00"));
        visits::progress(app, actor, afternoon, &report(Step::Started)).await.unwrap();
        let more = report(Step::NeedsMore { minutes: 90 });
        let late = visits::progress(app, actor, afternoon, &more).await.unwrap();
        let expected: Vec<_> =
            late.effects.iter().map(|effect| (effect.visit_id, effect.expected_start)).collect();
        assert_eq!(expected, [(evening, monday("18:30"))]);
        let moved = visits::get(app, actor, evening).await.unwrap();
        assert_eq!(moved.assignments[0].start, monday("18:30"));
    }
}

#[tokio::test]
async fn a_technician_sees_and_reports_only_the_own_day() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(2).await;
        let service = company.service("Photos", json!({})).await;
        let mut choice = company.choice(service, monday("10:00"));
        choice.technician_ids = vec![people[0]];
        let booked = company.book(choice).await.unwrap();
        let app = &company.app;
        let mut actors = Vec::new();
        for (number, technician_id) in people.iter().enumerate() {
            let member: Member = serde_json::from_value(json!({
                "name": "Somebody", "email": format!("t{number}@{}.example", app.new_id()),
                "role": "technician", "technician_id": technician_id,
            }))
            .unwrap();
            let password = Some("a long password");
            let id = members::create(app, &company.actor, &member, password).await.unwrap().id;
            let kind = ActorKind::Member {
                id,
                role: Role::Technician,
                technician_id: Some(*technician_id),
            };
            actors.push(Actor { organization_id: company.organization_id, kind });
        }
        let day = technicians::day(app, &actors[0], people[0], march(1)).await.unwrap();
        let stop = &day.shifts[0].stops[0];
        assert_eq!(stop.visit_id, Some(booked.visit.id));
        assert_eq!(stop.customer.as_ref().unwrap().name, "Jón");
        assert!(technicians::day(app, &actors[1], people[0], march(1)).await.is_err());
        company.clock.set(monday("09:55"));
        let step = report(Step::EnRoute);
        let id = booked.visit.id;
        assert!(visits::get(app, &actors[1], id).await.is_err());
        assert!(visits::progress(app, &actors[1], id, &step).await.is_err());
        visits::progress(app, &actors[0], id, &step).await.unwrap();
        let plan = roundsman::app::plans::get(app, &actors[0], company.location_id, march(1)).await;
        assert!(matches!(plan, Err(AppError::Forbidden(_))), "{plan:?}");
    }
}

#[tokio::test]
async fn crews_are_placed_and_taken_out_as_one() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(3).await;
        let crew = json!({"size": 2, "mode": "together", "roles": []});
        let service = company.service("Piano", json!({"crew": crew})).await;
        let (app, actor) = (&company.app, &company.actor);
        let id = visits::create(app, actor, &request(&company, service)).await.unwrap().visit.id;
        let placed = visits::place(app, actor, id, &at("09:00", &people[1..])).await.unwrap();
        let who: BTreeSet<_> =
            placed.visit.assignments.iter().map(|one| one.technician_id).collect();
        assert_eq!(who, people[1..].iter().copied().collect());
        let ends: BTreeSet<_> = placed.visit.assignments.iter().map(|one| one.end).collect();
        assert_eq!(ends, BTreeSet::from([monday("09:00") + TimeDelta::hours(1)]));
        let one = visits::place(app, actor, id, &at("09:00", &people[..1])).await;
        assert!(matches!(one, Err(AppError::Invalid(_))), "{one:?}");
    }
}

#[tokio::test]
async fn a_report_is_of_a_time_at_which_the_step_can_have_happened() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let week = TimeDelta::days(7);
        let booked = company.book(company.choice(service, monday("10:00") + week)).await.unwrap();
        let (id, booking) = (booked.visit.id, booked.booking.id);
        let kind = ActorKind::Member {
            id: roundsman::domain::id::MemberId(app.new_id()),
            role: Role::Technician,
            technician_id: Some(people[0]),
        };
        let own = Actor { organization_id: company.organization_id, kind };
        let tell = async |who: &Actor, step, time: &str| {
            let at = Some(monday(time) + week);
            visits::progress(app, who, id, &Report { step, at }).await
        };
        let refused = async |who: &Actor, step, time: &str| {
            let refused = tell(who, step, time).await;
            let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
            assert_eq!(faults[0].field, "at");
        };
        // A week before: neither under way, nor done, nor nobody there.
        for step in [Step::EnRoute, Step::Finished, Step::NeedsMore { minutes: 10 }] {
            let early = visits::progress(app, &own, id, &report(step)).await;
            assert!(matches!(early, Err(AppError::Invalid(_))), "{early:?}");
        }
        for early in [
            bookings::complete(app, actor, booking, None).await,
            bookings::no_show(app, actor, booking, None).await,
        ] {
            assert!(matches!(early, Err(AppError::Conflict(_))), "{early:?}");
        }
        company.clock.set(monday("09:59") + week);
        let early = bookings::no_show(app, actor, booking, None).await;
        assert!(matches!(early, Err(AppError::Conflict(_))), "{early:?}");
        company.clock.set(monday("10:30") + week);
        tell(&own, Step::Arrived, "10:20").await.unwrap();
        refused(&own, Step::Started, "10:19").await;
        let at = Some("1970-01-01T00:00:00Z".parse().unwrap());
        let ancient = visits::progress(app, actor, id, &Report { step: Step::Started, at }).await;
        assert!(matches!(ancient, Err(AppError::Invalid(_))), "{ancient:?}");
        tell(&own, Step::Started, "10:20").await.unwrap();
        // Two days later a technician can no longer say when it ended, but the office can; that it
        // ended today nobody believes.
        company.clock.set(monday("10:30") + week + TimeDelta::days(2));
        refused(&own, Step::Finished, "11:30").await;
        let today = visits::progress(app, actor, id, &report(Step::Finished)).await;
        assert!(matches!(today, Err(AppError::Invalid(_))), "{today:?}");
        let done = tell(actor, Step::Finished, "11:30").await.unwrap();
        assert_eq!(done.visit.assignments[0].end, monday("11:30") + week);
    }
}

#[tokio::test]
async fn the_office_takes_a_mistaken_report_back() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let people = company.technicians(1).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        let (id, booking) = (booked.visit.id, booked.booking.id);
        let tell = async |step| visits::progress(app, actor, id, &report(step)).await;
        company.clock.set(monday("10:00"));
        tell(Step::EnRoute).await.unwrap();
        tell(Step::Started).await.unwrap();
        company.clock.set(monday("10:05"));
        tell(Step::Finished).await.unwrap();
        let kind = ActorKind::Member {
            id: roundsman::domain::id::MemberId(app.new_id()),
            role: Role::Technician,
            technician_id: Some(people[0]),
        };
        let own = Actor { organization_id: company.organization_id, kind };
        let refused = visits::progress(app, &own, id, &report(Step::Undo)).await;
        assert!(matches!(refused, Err(AppError::Forbidden(_))), "{refused:?}");
        // Not done yet: it ends an hour after it began, and the booking is open again.
        let back = tell(Step::Undo).await.unwrap();
        assert_eq!(back.visit.visit.status, VisitStatus::Started);
        assert_eq!(back.visit.visit.actual.finished_at, None);
        assert_eq!(back.visit.assignments[0].end, monday("11:00"));
        let open = bookings::get(app, actor, booking).await.unwrap().booking;
        assert_eq!(open.status, BookingStatus::Scheduled);
        for status in [VisitStatus::EnRoute, VisitStatus::Planned] {
            assert_eq!(tell(Step::Undo).await.unwrap().visit.visit.status, status);
        }
        let nothing = tell(Step::Undo).await;
        assert!(matches!(nothing, Err(AppError::Conflict(_))), "{nothing:?}");
        bookings::no_show(app, actor, booking, None).await.unwrap();
        let back = tell(Step::Undo).await.unwrap();
        assert_eq!(back.visit.visit.status, VisitStatus::Planned);
        assert_eq!(back.visit.booking.unwrap().status, BookingStatus::Scheduled);
    }
}

#[tokio::test]
async fn a_stale_caller_hears_of_the_visits_that_changed_since_and_of_no_others() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technicians(4).await;
        let service = company.service("Photos", json!({})).await;
        let (app, actor) = (&company.app, &company.actor);
        let mut made = Vec::new();
        for _ in 0..3 {
            let choice = company.choice(service, monday("10:00"));
            made.push(company.book(choice).await.unwrap());
        }
        let seen = company.ask(&company.query(service, 1, 1)).await.days[0].plan_version;
        bookings::cancel(app, actor, made[1].booking.id, None, "").await.unwrap();
        let late = company.book(company.choice(service, monday("13:00"))).await.unwrap();
        let request = MoveRequest {
            start: monday("15:00"),
            technician_ids: Vec::new(),
            plan_version: Some(seen),
            force: false,
        };
        let refused = visits::place(app, actor, made[0].visit.id, &request).await;
        let Err(AppError::Stale { visits: changed, .. }) = refused else { panic!("{refused:?}") };
        let mut expected = [made[1].visit.id.0, late.visit.id.0];
        expected.sort_unstable();
        assert_eq!(changed, expected);
    }
}
