//! Google and Microsoft as providers: one suite for both, over HTTP, with faults of every kind.

use std::time::Duration;

use reqwest::Method;
use roundsman::domain::calendars::Credentials;
use roundsman::domain::calendars::remote::{
    Changes, Content, EventTime, RemoteEvent, RemoteItem, Window,
};
use roundsman::sync::oauth::Handshake;
use roundsman::sync::{Provider, Remote, SyncError};
use serde_json::{Value, json};

use crate::support::vendors::both::{
    Vendor, at, broken, consent, draft, query, unauthorized, vendors, window,
};
use crate::support::vendors::desk::Fault;

/// All events of items that are there.
fn events(items: &[RemoteItem]) -> Vec<&RemoteEvent> {
    let contents = items.iter().filter_map(|item| match &item.content {
        Content::Events(events) => Some(events),
        _ => None,
    });
    contents.flatten().collect()
}

/// The starts of what is busy, as month, day and time, in order.
fn busy(items: &[RemoteItem]) -> Vec<String> {
    let mut starts: Vec<String> = events(items)
        .into_iter()
        .filter(|event| event.busy && event.visit_id.is_none())
        .map(|event| match event.time {
            EventTime::Moments { start, .. } => start.format("%m-%dT%H:%M").to_string(),
            EventTime::Dates { from, until } => format!("{from}/{until}"),
        })
        .collect();
    starts.sort();
    starts
}

async fn changes(
    remote: &Remote,
    vendor: &Vendor,
    cursor: Option<&str>,
) -> Result<Changes, SyncError> {
    remote.changes(vendor.calendar(), cursor, &[], window()).await
}

#[tokio::test]
async fn an_account_is_connected_by_consent() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let credentials = vendor.connect(&sync).await;
        let Credentials::OAuth { refresh_token, scope, .. } = &credentials else { panic!() };
        assert!(!refresh_token.is_empty() && scope.contains("alendar"), "{scope}");
        let remote = sync.open(vendor.provider(), "", &credentials).unwrap();
        assert_eq!(remote.login().await.unwrap(), vendor.account());
        let calendars = remote.calendars().await.unwrap();
        assert_eq!(calendars.len(), 1);
        assert!(calendars[0].primary && calendars[0].writable);
        assert_eq!(calendars[0].remote_id, vendor.calendar());
        // Neither the code without the verifier nor another code opens anything.
        let (provider, redirect_uri) = (vendor.provider(), "http://127.0.0.1:1/back".to_owned());
        let handshake = |letter: &str| Handshake {
            redirect_uri: redirect_uri.clone(),
            verifier: letter.repeat(43),
        };
        let page = sync.consent_url(provider, &handshake("a"), "s").unwrap();
        let code = query(&consent(&page).await, "code").unwrap();
        for (verifier, code) in [("b", code.as_str()), ("a", "made-up")] {
            let refused = sync.exchange(provider, &handshake(verifier), code).await;
            assert!(matches!(refused, Err(SyncError::Refused(_))), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn an_event_is_written_found_changed_and_taken_away() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let (remote, calendar, mut draft) =
            (vendor.remote(&sync).await, vendor.calendar(), draft());
        assert_eq!(remote.find(calendar, &draft, None).await.unwrap(), None);
        let written = remote.create(calendar, &draft).await.unwrap();
        for known in [None, Some(&written)] {
            let found = remote.find(calendar, &draft, known).await.unwrap().unwrap();
            assert_eq!((&found.remote_id, &found.etag), (&written.remote_id, &written.etag));
            let events = events(std::slice::from_ref(&found));
            assert_eq!(events[0].visit_id, Some(draft.visit_id));
            assert_eq!((&events[0].title, &events[0].place), (&draft.title, &draft.place));
            let time = EventTime::Moments { start: draft.start, end: draft.end };
            assert_eq!(events[0].time, time);
        }
        (draft.start, draft.end) = (at("03-02T09:00"), at("03-02T11:00"));
        let changed = remote.update(calendar, &draft, &written).await.unwrap();
        assert_eq!(changed.remote_id, written.remote_id);
        assert_ne!(changed.etag, written.etag);
        // Whoever changes it next must have seen this version.
        let refused = remote.update(calendar, &draft, &written).await;
        assert_eq!(refused, Err(SyncError::Changed));
        assert_eq!(vendor.events(), [(written.remote_id, draft.title.clone(), draft.start)]);
        for _twice in 0..2 {
            remote.delete(calendar, &changed).await.unwrap();
        }
        assert!(vendor.events().is_empty());
        assert_eq!(remote.find(calendar, &draft, Some(&changed)).await.unwrap(), None);
        let refused = remote.update(calendar, &draft, &changed).await;
        assert!(matches!(refused, Err(SyncError::Gone(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_write_without_an_answer_leaves_one_event() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let (remote, calendar, draft) = (vendor.remote(&sync).await, vendor.calendar(), draft());
        for fault in [Fault::SilentAfterwards, Fault::Truncated] {
            vendor.fail_write(fault);
            let lost = remote.create(calendar, &draft).await;
            match lost {
                Err(error) => assert!(error.is_passing(), "{error:?}"),
                Ok(written) => panic!("{written:?}"),
            }
        }
        // The repetition meets the first one, in the vendor's own way.
        let id = match remote.create(calendar, &draft).await {
            Ok(written) => written.remote_id,
            Err(SyncError::Exists) => {
                remote.find(calendar, &draft, None).await.unwrap().unwrap().remote_id
            }
            Err(error) => panic!("{error:?}"),
        };
        let there: Vec<String> = vendor.events().into_iter().map(|(id, ..)| id).collect();
        assert_eq!(there, [id]);
        assert_eq!(vendor.desk().faults_left(), 0);
    }
}

#[tokio::test]
async fn another_event_with_the_same_mark_is_told_from_ours() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let (remote, calendar, mut draft) =
            (vendor.remote(&sync).await, vendor.calendar(), draft());
        let first = remote.create(calendar, &draft).await.unwrap();
        draft.title = "Something else".to_owned();
        for status in [409, 400] {
            if let Vendor::Graph(graph) = &vendor {
                graph.duplicates_as(status);
            }
            assert_eq!(remote.create(calendar, &draft).await, Err(SyncError::Exists));
        }
        let found = remote.find(calendar, &draft, None).await.unwrap().unwrap();
        assert_eq!(found.remote_id, first.remote_id);
        // After a deletion the next generation is another event.
        remote.delete(calendar, &first).await.unwrap();
        assert_eq!(remote.create(calendar, &draft).await, Err(SyncError::Exists));
        assert_eq!(remote.find(calendar, &draft, None).await.unwrap(), None);
        draft.generation += 1;
        let second = remote.create(calendar, &draft).await.unwrap();
        assert_ne!(second.remote_id, first.remote_id);
    }
}

#[tokio::test]
async fn changes_come_since_the_cursor() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let (remote, calendar) = (vendor.remote(&sync).await, vendor.calendar());
        let ids: Vec<String> = (1..=25)
            .map(|day| {
                let (start, end) = (format!("03-{day:02}T12:00"), format!("03-{day:02}T13:00"));
                vendor.put("Lunch", (&start, &end), json!({}))
            })
            .collect();
        // Far away, and not asked for.
        vendor.put("Later", ("09-01T12:00", "09-01T13:00"), json!({}));
        let ours = remote.create(calendar, &draft()).await.unwrap();
        let first = changes(&remote, &vendor, None).await.unwrap();
        assert!(first.complete);
        assert_eq!(busy(&first.items).len(), 25);
        let own = first.items.iter().find(|item| item.remote_id == ours.remote_id).unwrap();
        assert_eq!(own.etag, ours.etag);
        assert!(events(std::slice::from_ref(own))[0].visit_id.is_some());
        let cursor = first.cursor.unwrap();
        let none = changes(&remote, &vendor, Some(&cursor)).await.unwrap();
        assert!(!none.complete && none.items.is_empty(), "{:?}", none.items);
        vendor.shift(&ids[0], ("03-01T15:00", "03-01T16:00"));
        vendor.erase(&ids[1]);
        let next = changes(&remote, &vendor, none.cursor.as_deref()).await.unwrap();
        assert_eq!(busy(&next.items), ["03-01T15:00"]);
        let gone = next.items.iter().filter(|item| item.content == Content::Gone);
        assert_eq!(gone.map(|item| &item.remote_id).collect::<Vec<_>>(), [&ids[1]]);
        // A day alone, as it is now.
        let day = Window { from: at("03-01T00:00"), until: at("03-02T00:00") };
        let span = remote.span(calendar, day).await.unwrap();
        assert_eq!(busy(&span), ["03-01T15:00"]);
        assert_eq!(span.len(), 2);
        vendor.forget_tokens();
        let expired = changes(&remote, &vendor, next.cursor.as_deref()).await;
        assert_eq!(expired, Err(SyncError::CursorExpired));
    }
}

/// An event each week for three weeks, at 18:00 in London, over the change of the clocks.
fn weekly(vendor: &Vendor) -> Value {
    match vendor {
        Vendor::Google(_) => json!({
            "start": {"dateTime": "2027-03-15T18:00:00", "timeZone": "Europe/London"},
            "end": {"dateTime": "2027-03-15T19:00:00", "timeZone": "Europe/London"},
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"],
        }),
        Vendor::Graph(_) => json!({
            "start": {"dateTime": "2027-03-15T18:00:00", "timeZone": "GMT Standard Time"},
            "end": {"dateTime": "2027-03-15T19:00:00", "timeZone": "GMT Standard Time"},
            "recurrence": {
                "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]},
                "range": {"type": "numbered", "numberOfOccurrences": 3,
                    "startDate": "2027-03-15", "recurrenceTimeZone": "GMT Standard Time"},
            },
        }),
    }
}

#[tokio::test]
async fn a_series_takes_place_at_its_civil_time() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let remote = vendor.remote(&sync).await;
        let (start, end) = ("03-15T18:00", "03-15T19:00");
        let id = vendor.put("Football", (start, end), weekly(&vendor));
        let mut free = weekly(&vendor);
        free["transparency"] = json!("transparent");
        free["showAs"] = json!("free");
        vendor.put("Reminder", (start, end), free);
        let first = changes(&remote, &vendor, None).await.unwrap();
        // Summer time begins on 28 March.
        assert_eq!(busy(&first.items), ["03-15T18:00", "03-22T18:00", "03-29T17:00"]);
        vendor.erase(&id);
        let next = changes(&remote, &vendor, first.cursor.as_deref()).await.unwrap();
        let gone = next.items.iter().filter(|item| item.content == Content::Gone);
        let gone: Vec<&String> = gone.map(|item| &item.remote_id).collect();
        let known = first.items.iter().filter(|item| !busy(std::slice::from_ref(item)).is_empty());
        for item in known {
            assert!(gone.contains(&&item.remote_id), "{}", item.remote_id);
        }
    }
}

#[tokio::test]
async fn what_takes_no_time_does_not_block() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let remote = vendor.remote(&sync).await;
        let time = ("03-03T09:00", "03-03T10:00");
        let (all_day, others) = match &vendor {
            Vendor::Google(_) => (
                json!({"start": {"date": "2027-03-04", "dateTime": null},
                    "end": {"date": "2027-03-06", "dateTime": null}}),
                vec![
                    json!({"transparency": "transparent"}),
                    json!({"eventType": "workingLocation"}),
                    json!({"attendees": [{"self": true, "responseStatus": "declined"}]}),
                ],
            ),
            Vendor::Graph(_) => (
                json!({"isAllDay": true,
                    "start": {"dateTime": "2027-03-04T00:00:00", "timeZone": "UTC"},
                    "end": {"dateTime": "2027-03-06T00:00:00", "timeZone": "UTC"}}),
                vec![
                    json!({"showAs": "free"}),
                    json!({"showAs": "workingElsewhere"}),
                    json!({"isCancelled": true}),
                    json!({"responseStatus": {"response": "declined"}}),
                ],
            ),
        };
        for more in others {
            vendor.put("No time", time, more);
        }
        vendor.put("Holiday", time, all_day);
        let first = changes(&remote, &vendor, None).await.unwrap();
        assert_eq!(busy(&first.items), ["2027-03-04/2027-03-06"]);
    }
}

#[tokio::test]
async fn each_fault_of_a_vendor_has_its_own_meaning() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let remote = vendor.remote(&sync).await;
        vendor.put("Lunch", ("03-01T12:00", "03-01T13:00"), json!({}));
        let busy_until = |seconds: Option<u64>| SyncError::Busy {
            retry_after: seconds.map(Duration::from_secs),
        };
        for seconds in [None, Some(17)] {
            vendor.fail_read(vendor.too_many(seconds));
            let answer = changes(&remote, &vendor, None).await;
            assert_eq!(answer, Err(busy_until(seconds)));
        }
        for fault in [broken(), Fault::Truncated, Fault::SilentAfterwards] {
            vendor.fail_read(fault.clone());
            let answer = changes(&remote, &vendor, None).await.unwrap_err();
            assert!(answer.is_passing(), "{fault:?}: {answer:?}");
        }
        vendor.fail_read(unauthorized());
        let answer = changes(&remote, &vendor, None).await.unwrap_err();
        assert!(answer.needs_reconnect(), "{answer:?}");
        vendor.fail_read(Fault::Slow(Duration::from_millis(50)));
        let answer = changes(&remote, &vendor, None).await.unwrap();
        assert_eq!(busy(&answer.items), ["03-01T12:00"]);
        assert_eq!(vendor.desk().faults_left(), 0);
    }
}

#[tokio::test]
async fn callers_at_once_renew_access_once() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let credentials = vendor.connect(&sync).await;
        vendor.oauth().expire_access();
        vendor.desk().forget();
        let renewals = (0..8).map(|_| async {
            let remote = sync.open(vendor.provider(), "", &credentials).unwrap();
            remote.renew().await.unwrap().unwrap()
        });
        let renewed = futures_util::future::join_all(renewals).await;
        assert!(renewed.iter().all(|one| *one == renewed[0]));
        assert_eq!(vendor.desk().count(&Method::POST, "/token"), 1);
        assert_eq!(vendor.oauth().refresh_count(), 1);
        let remote = sync.open(vendor.provider(), "", &renewed[0]).unwrap();
        assert_eq!(remote.calendars().await.unwrap().len(), 1);
        // Taken back by the member: the credentials have to be given anew.
        vendor.oauth().revoke_all();
        assert!(remote.calendars().await.unwrap_err().needs_reconnect());
        assert!(remote.renew().await.unwrap_err().needs_reconnect());
    }
}

#[tokio::test]
async fn what_was_granted_is_given_back() {
    for vendor in vendors().await {
        let sync = vendor.sync();
        let remote = vendor.remote(&sync).await;
        for _twice in 0..2 {
            remote.revoke().await.unwrap();
        }
        // Microsoft has no end point for it.
        let left = usize::from(matches!(vendor, Vendor::Graph(_)));
        assert_eq!(vendor.oauth().refresh_count(), left);
    }
}

#[tokio::test]
async fn a_mailbox_has_at_most_four_requests_and_ids_that_stay() {
    let [_, vendor] = vendors().await;
    let Vendor::Graph(graph) = &vendor else { panic!() };
    let sync = vendor.sync();
    let credentials = vendor.connect(&sync).await;
    for _ in 0..12 {
        vendor.fail_read(Fault::Slow(Duration::from_millis(20)));
    }
    let reads = (0..12).map(|_| async {
        let remote = sync.open(vendor.provider(), "", &credentials).unwrap();
        changes(&remote, &vendor, None).await.unwrap()
    });
    futures_util::future::join_all(reads).await;
    assert_eq!(graph.desk.most_at_once(), 4);
    assert_eq!(graph.mutable_count(), 0);
}

#[tokio::test]
async fn links_lead_to_the_address_that_is_set_and_nowhere_else() {
    let [_, vendor] = vendors().await;
    let sync = vendor.sync();
    let remote = vendor.remote(&sync).await;
    vendor.put("Lunch", ("03-01T12:00", "03-01T13:00"), json!({}));
    let cursor = changes(&remote, &vendor, None).await.unwrap().cursor.unwrap();
    vendor.put("Dinner", ("03-01T19:00", "03-01T20:00"), json!({}));
    let given: url::Url = cursor.parse().unwrap();
    // As behind a proxy, whose clients Graph does not know; nobody listens there.
    let (path, query) = (given.path(), given.query().unwrap());
    let elsewhere = format!("http://127.0.0.2:9{path}?{query}");
    let next = changes(&remote, &vendor, Some(&elsewhere)).await.unwrap();
    assert_eq!(busy(&next.items), ["03-01T19:00"]);
    let refused = changes(&remote, &vendor, Some("http://127.0.0.2:9/steal?x=1")).await;
    assert!(matches!(refused, Err(SyncError::Malformed(_))), "{refused:?}");
}

#[tokio::test]
async fn busy_times_that_google_cannot_tell_are_never_free() {
    let [vendor, _] = vendors().await;
    let Vendor::Google(google) = &vendor else { panic!() };
    let (shared, account) = ("team@example.com", vendor.account());
    google.add_calendar(account, shared, "freeBusyReader");
    google.put(
        shared,
        json!({"summary": "Secret", "start": {"dateTime": "2027-03-02T09:00:00Z"},
        "end": {"dateTime": "2027-03-02T10:00:00Z"}}),
    );
    let sync = vendor.sync();
    let remote = vendor.remote(&sync).await;
    let first = remote.changes(shared, None, &[], window()).await.unwrap();
    assert!(first.complete);
    assert_eq!(busy(&first.items), ["03-02T09:00"]);
    assert!(events(&first.items).iter().all(|event| event.title.is_empty()));
    let lists = google.desk.count(&Method::GET, "/events");
    google.trouble(shared, Some("internalError"));
    let unknown = remote.changes(shared, first.cursor.as_deref(), &[], window()).await;
    assert!(unknown.as_ref().unwrap_err().is_passing(), "{unknown:?}");
    let unknown = remote.span(shared, window()).await;
    assert!(unknown.as_ref().unwrap_err().is_passing(), "{unknown:?}");
    google.trouble(shared, Some("notFound"));
    let gone = remote.changes(shared, first.cursor.as_deref(), &[], window()).await;
    assert!(matches!(gone, Err(SyncError::Gone(_))), "{gone:?}");
    // The cursor remembers that events may not be listed; a span asks anew.
    assert_eq!(google.desk.count(&Method::GET, "/events"), lists + 1);
}
