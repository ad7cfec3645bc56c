//! Visits in Google and Microsoft calendars, and what members do there: one suite for both vendors,
//! on every database, with faults of every kind.

use std::time::Duration;

use reqwest::Method;
use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::calendars::consent::{self, ConsentAnswer, ConsentRequest};
use roundsman::app::calendars::{accounts, parting, reading, writing};
use roundsman::app::visits::{self, MoveRequest};
use roundsman::domain::calendars::{CalendarStatus, ConflictKind, ConflictStatus};
use roundsman::domain::error::AppError;
use roundsman::store::Db;
use serde_json::json;

use crate::support::company::monday;
use crate::support::office::{Office, SESSION, pairs};
use crate::support::vendors::both::{Vendor, broken, consent as open_page, query, unauthorized};
use crate::support::vendors::desk::Fault;

#[tokio::test]
async fn visits_stand_in_the_calendar_and_follow_the_plan() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        let (app, actor) = (office.app(), &office.company.actor);
        let booked = office.book("10:00").await;
        office.work().await;
        assert_eq!(Office::events(&vendor), [monday("10:00")]);
        let (_, title, _) = vendor.events().remove(0);
        assert!(title.contains("J\u{f3}n"), "{title}");
        let to =
            |time| Reschedule { start: monday(time), technician_ids: Vec::new(), revision: None };
        bookings::reschedule(app, actor, booked.booking.id, &to("14:00")).await.unwrap();
        office.work().await;
        assert_eq!(Office::events(&vendor), [monday("14:00")]);
        // Somebody else does it: the event leaves, and comes back with the visit.
        let other = office.company.technician("Other", json!({})).await;
        for (technician, expected) in [(other, vec![]), (office.technician, vec![monday("14:00")])]
        {
            let request = MoveRequest {
                start: monday("14:00"),
                technician_ids: vec![technician],
                plan_version: None,
                force: false,
            };
            visits::place(app, actor, booked.visit.id, &request).await.unwrap();
            office.work().await;
            assert_eq!(Office::events(&vendor), expected);
        }
        bookings::cancel(app, actor, booked.booking.id, None, "rain").await.unwrap();
        office.work().await;
        assert!(vendor.events().is_empty());
        let calendar = office.calendar().await;
        assert_eq!((calendar.status, calendar.error.as_str()), (CalendarStatus::Ok, ""));
        assert!(office.conflicts().await.is_empty());
    }
}

#[tokio::test]
async fn what_a_member_puts_there_blocks_and_our_own_does_not() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        let before = office.starts().await;
        assert!(before.contains(&"12:00".to_owned()));
        let id = vendor.put("Dentist", ("03-01T12:00", "03-01T13:30"), json!({}));
        office.poll().await;
        let times = (monday("12:00"), monday("13:30"));
        assert_eq!(office.absences().await, [times]);
        let after = office.starts().await;
        for time in ["11:30", "12:00", "13:00"] {
            assert!(!after.contains(&time.to_owned()), "{time} of {after:?}");
        }
        office.book("09:00").await;
        office.work().await;
        assert_eq!(Office::events(&vendor).len(), 2);
        for _twice in 0..2 {
            office.poll().await;
            assert_eq!(office.absences().await, [times]);
        }
        vendor.shift(&id, ("03-01T15:00", "03-01T16:00"));
        office.poll().await;
        assert_eq!(office.absences().await, [(monday("15:00"), monday("16:00"))]);
        vendor.erase(&id);
        office.poll().await;
        assert!(office.absences().await.is_empty());
        // A list of changes that has run out is read anew, and finds the same.
        vendor.put("Dentist", ("03-01T12:00", "03-01T13:30"), json!({}));
        vendor.forget_tokens();
        office.poll().await;
        assert_eq!(office.absences().await, [times]);
        assert!(office.conflicts().await.is_empty());
    }
}

#[tokio::test]
async fn what_a_member_does_to_our_events_is_a_conflict_and_not_lost() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        let moved = office.book("09:00").await;
        let deleted = office.book("15:00").await;
        office.work().await;
        // Lists of changes tell of what is gone only if they had told of it.
        office.poll().await;
        let at = |time| {
            let events = vendor.events();
            events.into_iter().find(|(.., start)| *start == monday(time)).unwrap().0
        };
        vendor.shift(&at("09:00"), ("03-01T11:00", "03-01T12:00"));
        vendor.erase(&at("15:00"));
        office.poll().await;
        let mut found = office.conflicts().await;
        found.sort_by_key(|conflict| conflict.kind != ConflictKind::Moved);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].visit_id, found[0].kind), (moved.visit.id, ConflictKind::Moved));
        assert_eq!(found[0].start, Some(monday("11:00")));
        let kind = (found[1].visit_id, found[1].kind);
        assert_eq!(kind, (deleted.visit.id, ConflictKind::Deleted));
        assert!(found.iter().all(|conflict| conflict.status == ConflictStatus::Open));
        // The plan has not changed, and neither event is busy time.
        assert!(office.absences().await.is_empty());
        let visit = visits::get(office.app(), &office.company.actor, moved.visit.id).await;
        assert_eq!(visit.unwrap().visit.planned_start, Some(monday("09:00")));
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_one_event() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        for fault in [Fault::SilentAfterwards, Fault::Truncated] {
            vendor.fail_write(fault);
        }
        let booked = office.book("10:00").await;
        office.work().await;
        let calendar = office.calendar().await;
        assert_eq!(calendar.status, CalendarStatus::Failing);
        assert!(calendar.error.contains("did not answer"), "{}", calendar.error);
        for _retry in 0..3 {
            office.poll().await;
        }
        assert_eq!(vendor.desk().faults_left(), 0);
        assert_eq!(Office::events(&vendor), [monday("10:00")]);
        assert_eq!(office.calendar().await.status, CalendarStatus::Ok);
        assert!(office.absences().await.is_empty());
        // The event that was found is ours to change.
        let actor = &office.company.actor;
        bookings::cancel(office.app(), actor, booked.booking.id, None, "").await.unwrap();
        office.work().await;
        assert!(vendor.events().is_empty());
    }
}

#[tokio::test]
async fn every_passing_fault_is_shown_and_passes() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        vendor.put("Dentist", ("03-01T12:00", "03-01T13:00"), json!({}));
        let too_many = vendor.too_many(None);
        for fault in [too_many, broken(), Fault::Truncated, Fault::SilentAfterwards] {
            vendor.fail_read(fault.clone());
            office.poll().await;
            let calendar = office.calendar().await;
            assert_eq!(calendar.status, CalendarStatus::Failing, "{fault:?}");
            assert!(!calendar.error.is_empty());
            office.poll().await;
            let calendar = office.calendar().await;
            let now = (calendar.status, calendar.error.as_str());
            assert_eq!(now, (CalendarStatus::Ok, ""), "{fault:?}");
        }
        assert_eq!(office.absences().await, [(monday("12:00"), monday("13:00"))]);
        vendor.fail_read(Fault::Slow(Duration::from_millis(50)));
        vendor.fail_read(unauthorized());
        for _twice in 0..2 {
            office.poll().await;
            assert_eq!(office.calendar().await.status, CalendarStatus::Ok);
        }
        assert_eq!(vendor.desk().faults_left(), 0);
    }
}

#[tokio::test]
async fn a_vendor_that_asks_for_rest_is_left_alone_so_long() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        vendor.fail_read(vendor.too_many(Some(1800)));
        office.poll().await;
        let calendar = office.calendar().await;
        assert!(calendar.error.contains("1800 s"), "{}", calendar.error);
        office.company.wait(29);
        assert!(office.work().await.is_empty());
        office.company.wait(4);
        assert_eq!(office.work().await, [reading::TASK]);
        assert_eq!(office.calendar().await.status, CalendarStatus::Ok);
    }
}

#[tokio::test]
async fn access_is_renewed_before_it_runs_out_and_after() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        vendor.desk().forget();
        // By the clock: an hour has passed.
        office.company.wait(60);
        office.work().await;
        assert_eq!(vendor.desk().count(&Method::POST, "/token"), 1);
        // By surprise: the vendor has forgotten the token.
        vendor.oauth().expire_access();
        office.book("10:00").await;
        office.work().await;
        assert_eq!(vendor.desk().count(&Method::POST, "/token"), 2);
        assert_eq!(Office::events(&vendor), [monday("10:00")]);
        assert_eq!(office.calendar().await.status, CalendarStatus::Ok);
    }
}

#[tokio::test]
async fn access_that_was_taken_back_is_noticed_and_given_again() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        vendor.oauth().revoke_all();
        office.poll().await;
        let calendar = office.calendar().await;
        assert_eq!(calendar.status, CalendarStatus::Reconnect);
        assert!(calendar.error.contains("taken back"), "{}", calendar.error);
        // Nobody is asked in vain meanwhile, and nothing that was booked is lost.
        vendor.desk().forget();
        office.book("10:00").await;
        office.poll().await;
        assert!(vendor.desk().seen().is_empty());
        let again = office.connect(&vendor).await;
        assert_eq!(again.id, calendar.id);
        office.work().await;
        assert_eq!(Office::events(&vendor), [monday("10:00")]);
        assert_eq!(office.calendar().await.status, CalendarStatus::Ok);
    }
}

#[tokio::test]
async fn a_calendar_that_is_gone_says_so() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        match &vendor {
            Vendor::Google(google) => google.drop_calendar(vendor.calendar()),
            Vendor::Graph(graph) => graph.drop_calendar(vendor.calendar()),
        }
        office.poll().await;
        let calendar = office.calendar().await;
        assert_eq!(calendar.status, CalendarStatus::Gone);
        assert!(calendar.error.contains("404"), "{}", calendar.error);
    }
}

#[tokio::test]
async fn only_the_session_that_began_can_finish() {
    for (db, vendor) in pairs().await {
        let office = Office::open(&db, &vendor).await;
        let (app, member) = (office.app(), &office.member);
        let request = |return_to: &str| ConsentRequest {
            provider: vendor.provider(),
            technician_id: None,
            return_to: return_to.to_owned(),
        };
        for path in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
            let refused = consent::begin(app, member, SESSION, &request(path));
            assert!(matches!(refused, Err(AppError::Invalid(_))), "{path}: {refused:?}");
        }
        let begin = || consent::begin(app, member, SESSION, &request("/me")).unwrap().url;
        let back = open_page(&begin()).await;
        let answer = |state: String| ConsentAnswer {
            state,
            code: query(&back, "code").unwrap(),
            error: String::new(),
        };
        let state = query(&back, "state").unwrap();
        assert!(!state.contains("verifier") && !back.as_str().contains("secret"));
        for (session, state) in [("another", state.clone()), (SESSION, "x".to_owned())] {
            let refused = consent::complete(app, member, session, &answer(state)).await;
            assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        }
        office.company.wait(11);
        let refused = consent::complete(app, member, SESSION, &answer(state)).await;
        assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        // Who says no comes back with that.
        vendor.oauth().deny();
        let back = open_page(&begin()).await;
        let answer = ConsentAnswer {
            state: query(&back, "state").unwrap(),
            code: String::new(),
            error: query(&back, "error").unwrap(),
        };
        let returned = consent::complete(app, member, SESSION, &answer).await.unwrap();
        assert_eq!(returned.return_to, "/me");
        let words = returned.outcome.unwrap_err().to_string();
        assert!(words.contains("not given"), "{words}");
    }
}

#[tokio::test]
async fn giving_an_account_up_gives_its_access_back() {
    for (db, vendor) in pairs().await {
        let office = Office::connected(&db, &vendor).await;
        vendor.put("Dentist", ("03-01T12:00", "03-01T13:00"), json!({}));
        office.poll().await;
        assert_eq!(office.absences().await.len(), 1);
        let account = office.calendar().await.account_id;
        accounts::disconnect(office.app(), &office.member, account, false).await.unwrap();
        assert!(office.absences().await.is_empty());
        if matches!(vendor, Vendor::Google(_)) {
            assert_eq!(vendor.oauth().refresh_count(), 0);
        }
        vendor.desk().forget();
        office.poll().await;
        assert!(vendor.desk().seen().is_empty());
        let kinds = [reading::TASK, writing::TASK];
        assert!(!office.poll().await.iter().any(|kind| kinds.contains(&kind.as_str())));
    }
}

/// An office with one event in an account that was given up, and a vendor that fails to take it out so
/// many times.
async fn given_up(db: &Db, vendor: &Vendor, failures: usize) -> Office {
    let office = Office::connected(db, vendor).await;
    office.book("10:00").await;
    office.work().await;
    for _ in 0..failures {
        vendor.desk().fail(Method::DELETE, "/events", broken());
    }
    let account = office.calendar().await.account_id;
    accounts::disconnect(office.app(), &office.member, account, false).await.unwrap();
    office
}

/// Does what is due; how often events of accounts given up were among it.
async fn parted(office: &Office) -> usize {
    office.work().await.iter().filter(|kind| *kind == parting::TASK).count()
}

#[tokio::test]
async fn events_of_an_account_given_up_are_taken_out_once_the_vendor_answers_again() {
    for (db, vendor) in pairs().await {
        let office = given_up(&db, &vendor, 1).await;
        assert_eq!(parted(&office).await, 1);
        assert_eq!(Office::events(&vendor), [monday("10:00")]);
        // It rests before it tries again, and is then done for good.
        office.company.wait(4);
        assert_eq!(parted(&office).await, 0);
        office.company.wait(2);
        assert_eq!(parted(&office).await, 1);
        assert!(vendor.events().is_empty());
        office.company.wait(6);
        assert_eq!(parted(&office).await, 0);
    }
}

#[tokio::test]
async fn events_of_an_account_given_up_stay_when_the_vendor_answers_for_no_day() {
    for (db, vendor) in pairs().await {
        let office = given_up(&db, &vendor, 2).await;
        office.work().await;
        office.company.wait(24 * 60);
        assert_eq!(parted(&office).await, 1);
        assert_eq!(Office::events(&vendor), [monday("10:00")]);
        // The credentials that the task took along are gone with it.
        let left = "select kind from tasks where kind = 'calendars.part'";
        assert_eq!(db.raw_column(left).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_event_of_ours_that_the_member_calls_off_with_microsoft_is_a_conflict() {
    for (db, vendor) in pairs().await {
        let Vendor::Graph(graph) = &vendor else { continue };
        let office = Office::connected(&db, &vendor).await;
        let booked = office.book("10:00").await;
        office.work().await;
        let (id, ..) = vendor.events().remove(0);
        graph.change(vendor.calendar(), &id, &json!({"isCancelled": true}));
        office.poll().await;
        let found = office.conflicts().await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].visit_id, found[0].kind), (booked.visit.id, ConflictKind::Deleted));
    }
}
