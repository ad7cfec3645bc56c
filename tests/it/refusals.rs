//! What cannot be had is refused with reasons and with what can be had instead.

use chrono::{DateTime, TimeDelta, Utc};
use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::{catalogue, holds, slots};
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::id::{ServiceId, TechnicianId};
use roundsman::domain::locations::Location;
use roundsman::domain::slots::{Alternative, Change, Explanation, PartOfDay, Wishes};
use serde_json::json;

use crate::support::company::{Company, march, monday};
use crate::support::databases::{TestDb, databases, sqlite};

/// One technician and a service that is offered for ten days, with two hours of notice.
async fn with_one(db: &TestDb, more: serde_json::Value) -> (Company, TechnicianId, ServiceId) {
    let company = Company::new(db).await;
    let who = company.technicians(1).await[0];
    let service = company.service("Photos", json!({ "slots": more })).await;
    (company, who, service)
}

fn refused<T: std::fmt::Debug>(answer: Result<T, AppError>) -> (String, Vec<Alternative>) {
    match answer {
        Err(AppError::SlotTaken { reason, alternatives }) => (reason, alternatives),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_start_at_night_is_refused_with_the_reason_and_the_three_nearest() {
    for db in databases().await {
        let (company, _, service) = with_one(&db, json!({})).await;
        let night = company.choice(service, monday("03:00") + TimeDelta::days(1));
        let (reason, nearest) = refused(company.book(night.clone()).await);
        assert!(reason.contains("Technician 0"), "{reason}");
        let starts: Vec<_> = nearest.iter().map(|one| one.start).collect();
        let tuesday = |time| monday(time) + TimeDelta::days(1);
        assert_eq!(starts, [tuesday("08:00"), tuesday("08:30"), tuesday("09:00")]);
        let public = Actor::public(company.organization_id);
        let (reason, nearest) = refused(holds::create(&company.app, &public, &night).await);
        assert!(!reason.contains("Technician"), "{reason}");
        assert_eq!(nearest.len(), 3);
    }
}

#[tokio::test]
async fn a_start_beyond_the_horizon_is_refused_with_the_last_starts_on_offer() {
    for db in databases().await {
        let (company, _, service) = with_one(&db, json!({ "horizon": { "days": 9 } })).await;
        let far = company.choice(service, monday("10:00") + TimeDelta::days(301));
        let (reason, nearest) = refused(company.book(far).await);
        assert!(reason.contains("too far ahead"), "{reason}");
        // The tenth date is Wednesday of the next week; the last visit ends at 17:00.
        let last = |time| monday(time) + TimeDelta::days(9);
        let starts: Vec<_> = nearest.iter().map(|one| one.start).collect();
        assert_eq!(starts, [last("16:00"), last("15:30"), last("15:00")]);
        company.book(company.choice(service, nearest[0].start)).await.unwrap();
    }
}

#[tokio::test]
async fn a_start_that_is_over_is_a_fault_of_the_input() {
    let db = sqlite().await;
    let (company, _, service) = with_one(&db, json!({})).await;
    let over = |answer: Result<(), AppError>, name: &str| {
        let Err(AppError::Invalid(faults)) = answer else { panic!("{answer:?}") };
        assert_eq!(faults[0].field, name);
        assert!(faults[0].message.contains("is over"), "{faults:?}");
    };
    let (app, actor) = (&company.app, &company.actor);
    let past = company.choice(service, monday("05:30"));
    over(holds::create(app, actor, &past).await.map(|_| ()), "start");
    over(company.book(past).await.map(|_| ()), "slot.start");
    let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
    let change = Reschedule { start: monday("06:00"), technician_ids: Vec::new(), revision: None };
    let moved = bookings::reschedule(app, actor, booked.booking.id, &change).await;
    over(moved.map(|_| ()), "start");
}

/// Why nobody comes from a date of March to another, or at one start.
async fn explained(
    company: &Company,
    service: ServiceId,
    (from, until): (u32, u32),
    start: Option<DateTime<Utc>>,
) -> Explanation {
    let query = company.query(service, from, until);
    slots::explain(&company.app, &company.actor, &query, start, None).await.unwrap()
}

/// The start that the only reason suggests; it must have no reasons against it.
async fn suggested(
    company: &Company,
    service: ServiceId,
    rule: &str,
    found: &Explanation,
) -> DateTime<Utc> {
    let [reason] = found.reasons.as_slice() else { panic!("{found:?}") };
    assert_eq!(reason.rule, rule);
    let Some(Change::StartAt { start }) = reason.change else { panic!("{reason:?}") };
    let day = start.format("%d").to_string().parse().unwrap();
    let again = explained(company, service, (day, day), Some(start)).await;
    assert_eq!(again.reasons, []);
    let offered = company.ask(&company.query(service, day, day)).await;
    let starts: Vec<_> = offered.days[0].slots.iter().map(|slot| slot.start).collect();
    assert!(starts.contains(&start), "{start} was never offered");
    start
}

#[tokio::test]
async fn starts_that_explanations_suggest_are_offered_ones() {
    for db in databases().await {
        let rules = json!({ "horizon": { "days": 9 }, "notice_min": 190 });
        let (company, _, service) = with_one(&db, rules).await;
        // The horizon ends with the tenth date, Wednesday the 10th; the last visit starts at 16:00.
        let beyond = explained(&company, service, (15, 15), None).await;
        let start = suggested(&company, service, "horizon", &beyond).await;
        assert_eq!(start, monday("16:00") + TimeDelta::days(9));
        // It is 6:00: notice is kept from 9:10 on, and the grid has half hours.
        let soon = explained(&company, service, (1, 1), Some(monday("08:30"))).await;
        let start = suggested(&company, service, "notice", &soon).await;
        assert_eq!(start, monday("09:30"));
        // Work begins at 8.
        let early = Some(monday("07:40") + TimeDelta::days(1));
        let early = explained(&company, service, (2, 2), early).await;
        let start = suggested(&company, service, "time", &early).await;
        assert_eq!(start, monday("08:00") + TimeDelta::days(1));
    }
}

#[tokio::test]
async fn starts_suggested_for_a_crew_have_the_whole_crew() {
    let db = sqlite().await;
    let company = Company::new(&db).await;
    let days = ["Tue"];
    let hours = json!({ "weekly": [{ "days": days, "from": "12:00", "until": "17:00" }] });
    company.technician("Ása", json!({})).await;
    company.technician("Bára", json!({ "working_hours": hours })).await;
    let crew = json!({ "size": 2, "mode": "together", "roles": [] });
    let rules = json!({ "notice_min": 24 * 60 });
    let service = company.service("Film", json!({ "crew": crew, "slots": rules })).await;
    let soon = explained(&company, service, (1, 1), Some(monday("10:00"))).await;
    let of_asa = soon.reasons.iter().find(|reason| reason.rule == "notice").unwrap();
    let both = Change::StartAt { start: monday("12:00") + TimeDelta::days(1) };
    assert_eq!(of_asa.change, Some(both));
}

#[tokio::test]
async fn opening_hours_and_parts_of_the_day_are_named_with_their_numbers() {
    let db = sqlite().await;
    let (company, _, service) = with_one(&db, json!({})).await;
    let (app, actor) = (&company.app, &company.actor);
    let record = catalogue::get::<Location>(app, actor, company.location_id).await.unwrap();
    let hours =
        json!({ "weekly": [{ "days": ["Mon", "Tue"], "from": "09:00", "until": "12:00" }] });
    let opening_hours = serde_json::from_value(hours).unwrap();
    let location = Location { opening_hours, ..record.value };
    catalogue::update(app, actor, (record.id, record.revision), &location).await.unwrap();

    let early = explained(&company, service, (1, 1), Some(monday("08:00"))).await;
    let start = suggested(&company, service, "opening_hours", &early).await;
    assert_eq!(start, monday("09:00"));
    let reason = &early.reasons[0];
    assert!(reason.sentence.contains("09:00 to 12:00"), "{}", reason.sentence);
    assert_eq!(reason.numbers["open"], json!([{ "from": "09:00", "until": "12:00" }]));

    let closed = explained(&company, service, (3, 3), None).await;
    assert!(closed.reasons[0].sentence.contains("is closed on 2027-03-03"), "{closed:?}");
    assert_eq!(closed.reasons[0].numbers["open"], json!([]));

    let mut query = company.query(service, 1, 1);
    let part_of_day = Some(PartOfDay::Afternoon);
    query.wishes = Wishes { part_of_day, ..Wishes::default() };
    let start = Some(monday("10:00"));
    let found = slots::explain(app, actor, &query, start, None).await.unwrap();
    assert_eq!(found.reasons[0].rule, "part_of_day");
    let afternoon = json!([{ "from": "12:00", "until": "17:00" }]);
    assert_eq!(found.reasons[0].numbers["hours"], afternoon);
    let (reason, _) = refused(company.book(company.choice(service, monday("14:00"))).await);
    assert!(reason.contains("09:00 to 12:00"), "{reason}");
}

#[tokio::test]
async fn a_location_without_technicians_says_so() {
    let db = sqlite().await;
    let company = Company::new(&db).await;
    let service = company.service("Photos", json!({})).await;
    let found = explained(&company, service, (1, 3), None).await;
    let [reason] = found.reasons.as_slice() else { panic!("{found:?}") };
    assert_eq!((reason.rule.as_str(), reason.technician_id), ("no_technicians", None));
    assert!(reason.sentence.contains("Base"), "{}", reason.sentence);
    let answer = company.ask(&company.query(service, 1, 1)).await;
    assert_eq!(answer.explanation.unwrap().counts[0].rule, "no_technicians");
    let (reason, nearest) = refused(company.book(company.choice(service, monday("10:00"))).await);
    assert!(reason.contains("no active technicians"), "{reason}");
    assert!(nearest.is_empty());
}

#[tokio::test]
async fn a_query_beyond_the_horizon_or_in_the_past_names_the_nearest_starts() {
    let db = sqlite().await;
    let (company, _, service) = with_one(&db, json!({ "horizon": { "days": 9 } })).await;
    let mut query = company.query(service, 1, 1);
    (query.from, query.until) = (march(1) + TimeDelta::days(200), march(1) + TimeDelta::days(210));
    let nearest = company.ask(&query).await.alternatives;
    assert_eq!(nearest.len(), 3);
    assert_eq!(nearest[0].start, monday("16:00") + TimeDelta::days(9));
    (query.from, query.until) = (march(1) - TimeDelta::days(60), march(1) - TimeDelta::days(50));
    let nearest = company.ask(&query).await.alternatives;
    assert_eq!(nearest[0].start, monday("08:00"));
}
