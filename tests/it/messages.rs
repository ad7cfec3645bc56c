//! Who is told what: bookings to customers by e-mail with invitations, visits to technicians.

use chrono::TimeDelta;
use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::visits::progress::{Report, Step, progress};
use roundsman::app::{following, links, messages};
use roundsman::domain::messages::settings::{LateMode, Reminder};
use roundsman::domain::messages::{Channel, MessageKind, MessageStatus};
use serde_json::json;

use crate::support::company::monday;
use crate::support::databases::databases;
use crate::support::outbox::{Read, Sender};

fn to(start: &str) -> Reschedule {
    Reschedule { start: monday(start), technician_ids: Vec::new(), revision: None }
}

/// The value of a property of an iCalendar text.
fn property<'a>(ics: &'a str, name: &str) -> &'a str {
    let line = ics.lines().find(|line| line.split([':', ';']).next() == Some(name));
    line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value)
}

#[tokio::test]
async fn a_booking_is_confirmed_changed_and_cancelled_with_invitations_that_follow_each_other() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        let booked = sender.book_at(monday("09:00")).await;
        let id = booked.booking.id;
        sender.work().await;
        bookings::reschedule(app, actor, id, &to("13:00")).await.unwrap();
        sender.work().await;
        bookings::cancel(app, actor, id, None, "The roof leaks.").await.unwrap();
        sender.work().await;

        let mails = sender.mails_to("jon@example.is");
        let subjects: Vec<_> = mails.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(
            subjects,
            [
                "Confirmed: Photos on Monday 1 March 2027",
                "Changed: Photos on Monday 1 March 2027",
                "Cancelled: Photos on Monday 1 March 2027",
            ]
        );
        let links = links::get(app, actor, id).await.unwrap();
        assert!(mails[0].text.contains("at 09:00"), "{}", mails[0].text);
        assert!(mails[0].text.contains(&links.manage) && mails[0].html.contains(&links.track));
        assert!(
            mails[1].text.contains("Before: Monday 1 March 2027, at 09:00"),
            "{}",
            mails[1].text
        );
        assert!(mails[2].text.contains("Reason: The roof leaks."), "{}", mails[2].text);
        assert!(
            mails[0].headers.contains("Auto-Submitted: auto-generated"),
            "{}",
            mails[0].headers
        );
        assert!(mails[0].headers.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
        assert!(
            mails[0].headers.contains("Aurora <office@aurora.example>"),
            "{}",
            mails[0].headers
        );

        follow_each_other(&mails, &format!("booking-{id}@aurora.example"));

        let history = sender.history(&booked).await;
        let kinds: Vec<_> = history
            .iter()
            .filter(|one| one.message.customer_id.is_some())
            .map(|one| (one.message.kind, one.message.status, one.log.len()))
            .collect();
        assert_eq!(
            kinds,
            [
                (MessageKind::Confirmation, MessageStatus::Sent, 1),
                (MessageKind::Change, MessageStatus::Sent, 1),
                (MessageKind::Cancellation, MessageStatus::Sent, 1),
            ]
        );
        assert_eq!(history[0].message.provider_id, format!("<{}>", mails[0].id));
    }
}

/// The invitations of a booking, of the change of its time and of its cancellation.
fn follow_each_other(mails: &[Read], uid: &str) {
    let invited: Vec<_> = mails.iter().map(|mail| mail.invitation.clone().unwrap()).collect();
    for ((method, ics, file), (expected, sequence, status)) in invited.iter().zip([
        ("REQUEST", "0", "CONFIRMED"),
        ("REQUEST", "1", "CONFIRMED"),
        ("CANCEL", "2", "CANCELLED"),
    ]) {
        assert_eq!((method.as_str(), property(ics, "METHOD")), (expected, expected));
        assert_eq!((property(ics, "SEQUENCE"), property(ics, "STATUS")), (sequence, status));
        assert_eq!((property(ics, "UID"), ics), (uid, file));
        assert_eq!(property(ics, "ORGANIZER"), "mailto:office@aurora.example");
    }
    assert_eq!(property(&invited[1].1, "DTSTART"), "20270301T130000Z");
    // One hour of work after the exact start.
    assert_eq!(property(&invited[1].1, "DTEND"), "20270301T140000Z");
}

#[tokio::test]
async fn what_was_called_off_before_anybody_was_told_tells_nobody_anything() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let booked = sender.book_at(monday("09:00")).await;
        bookings::cancel(&sender.app, &sender.actor, booked.booking.id, None, "").await.unwrap();
        sender.work().await;
        assert!(sender.mails().is_empty());
        // Nor does a company whose events were passed over.
        let booked = sender.book_at(monday("10:00")).await;
        following::pass_over(&sender.app, sender.organization_id).await.unwrap();
        sender.work().await;
        assert!(sender.history(&booked).await.is_empty());
    }
}

#[tokio::test]
async fn a_message_is_in_the_language_of_its_reader() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let mut request =
            crate::support::company::booked(sender.choice(sender.service, monday("09:00")));
        let customer = json!({"name": "Ana", "email": "ana@example.es", "locale": "es-MX"});
        request.customer = Some(serde_json::from_value(customer).unwrap());
        bookings::create(&sender.app, &sender.actor, &request).await.unwrap();
        sender.work().await;
        let mails = sender.mails_to("ana@example.es");
        assert_eq!(mails[0].subject, "Confirmada: Photos, lunes, 1 de marzo de 2027");
        assert!(mails[0].text.starts_with("Hola, Ana:"), "{}", mails[0].text);
    }
}

#[tokio::test]
async fn reminders_move_with_their_booking_and_are_dropped_with_it() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        sender
            .rules(|rules| {
                let email = |before_min| Reminder { before_min, channel: Channel::Email };
                rules.reminders = vec![email(60), email(120), email(1440), email(2880)];
            })
            .await;
        // Thursday, 4 March: all four lie ahead.
        let start = monday("09:00") + TimeDelta::days(3);
        let booked = sender.book_at(start).await;
        sender.work().await;
        let due = async || {
            let mut due: Vec<_> = sender
                .messages()
                .await
                .into_iter()
                .filter(|one| one.kind == MessageKind::Reminder)
                .filter(|one| one.status == MessageStatus::Waiting)
                .map(|one| one.due_at)
                .collect();
            due.sort();
            due
        };
        let before = |start: chrono::DateTime<chrono::Utc>| {
            [48, 24, 2, 1].map(|hours| start - TimeDelta::hours(hours)).to_vec()
        };
        assert_eq!(due().await, before(start));
        let later = Reschedule { start: start + TimeDelta::hours(4), ..to("09:00") };
        bookings::reschedule(app, actor, booked.booking.id, &later).await.unwrap();
        sender.work().await;
        assert_eq!(due().await, before(later.start));
        sender.work_until(later.start - TimeDelta::hours(3)).await;
        let reminders: Vec<_> = sender
            .mails_to("jon@example.is")
            .into_iter()
            .filter(|mail| mail.subject.starts_with("Reminder"))
            .collect();
        assert_eq!(reminders.len(), 2);
        assert!(reminders.iter().all(|mail| mail.text.contains("at 13:00")), "{reminders:?}");
        bookings::cancel(app, actor, booked.booking.id, None, "").await.unwrap();
        sender.work_until(later.start + TimeDelta::hours(1)).await;
        let history = sender.history(&booked).await;
        let count = |status| {
            let of = |one: &&roundsman::domain::messages::MessageLog| {
                one.message.kind == MessageKind::Reminder && one.message.status == status
            };
            history.iter().filter(of).count()
        };
        assert_eq!((count(MessageStatus::Sent), count(MessageStatus::Dropped)), (2, 2));
    }
}

#[tokio::test]
async fn who_is_given_another_technician_hears_nothing_and_both_technicians_do() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        sender.rules(|rules| rules.technicians.invitations = true).await;
        let booked = sender.book_at(monday("09:00")).await;
        sender.work().await;
        let told = sender.mails_to("asa@aurora.example");
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].subject, "New visit: Monday 1 March 2027, 09:00");
        assert!(told[0].text.contains("+354 555 1234"), "{}", told[0].text);

        let other = sender.technician("Björk", json!({})).await;
        let member = json!({"name": "Björk", "email": "bjork@aurora.example",
            "role": "technician", "technician_id": other});
        let member = serde_json::from_value(member).unwrap();
        roundsman::app::members::create(app, actor, &member, None).await.unwrap();
        let change = Reschedule { technician_ids: vec![other], ..to("09:00") };
        bookings::reschedule(app, actor, booked.booking.id, &change).await.unwrap();
        sender.work().await;
        assert_eq!(sender.mails_to("jon@example.is").len(), 1);
        let told = sender.mails_to("asa@aurora.example");
        assert_eq!(told[1].subject, "Visit cancelled: Monday 1 March 2027, 09:00");
        let (method, ics, _) = told[1].invitation.clone().unwrap();
        assert_eq!((method.as_str(), property(&ics, "STATUS")), ("CANCEL", "CANCELLED"));
        let new = sender.mails_to("bjork@aurora.example");
        assert_eq!(new[0].invitation.clone().unwrap().0, "REQUEST");
    }
}

#[tokio::test]
async fn a_customer_hears_once_that_a_promise_will_be_missed_by_rule_or_after_a_yes() {
    for db in databases().await {
        for mode in [LateMode::Ask, LateMode::Tell] {
            let sender = Sender::new(&db).await;
            let (app, actor) = (&sender.app, &sender.actor);
            sender.rules(|rules| rules.running_late.mode = mode).await;
            let first = sender.book_at(monday("09:00")).await;
            let second = sender.book_at(monday("10:30")).await;
            sender.work().await;
            sender.clock.advance(monday("09:00") - app.now());
            let report = |step| Report { step, at: None };
            progress(app, actor, first.visit.id, &report(Step::Started)).await.unwrap();
            let more = report(Step::NeedsMore { minutes: 90 });
            progress(app, actor, first.visit.id, &more).await.unwrap();
            sender.work().await;
            let late = async || {
                let history = sender.history(&second).await;
                let late = |one: &roundsman::domain::messages::MessageLog| {
                    one.message.kind == MessageKind::RunningLate
                };
                history.into_iter().filter(late).map(|one| one.message).collect::<Vec<_>>()
            };
            let found = late().await;
            assert_eq!(found.len(), 1, "{mode:?}");
            if mode == LateMode::Ask {
                assert_eq!(found[0].status, MessageStatus::Held);
                messages::release(app, actor, found[0].id).await.unwrap();
                sender.work().await;
            }
            let more = report(Step::NeedsMore { minutes: 100 });
            progress(app, actor, first.visit.id, &more).await.unwrap();
            sender.work().await;
            assert_eq!(late().await.len(), 1);
            let mails = sender.mails_to("jon@example.is");
            let mails: Vec<_> =
                mails.iter().filter(|mail| mail.subject == "We are running late: Photos").collect();
            assert_eq!(mails.len(), 1, "{mode:?}");
            assert!(mails[0].text.contains("promised to arrive at 10:30"), "{}", mails[0].text);
        }
    }
}

#[tokio::test]
async fn a_question_whether_to_tell_of_a_late_visit_says_the_time_that_is_expected_last() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        sender.rules(|rules| rules.running_late.mode = LateMode::Ask).await;
        // A visit with shared equipment stays where it is planned, so that only reports say it is late.
        let lamp = sender.equipment("Lamp", 1).await;
        let needs = json!({"equipment": [{"equipment_id": lamp, "units": 1}]});
        let lit = sender.company.service("Lit photos", needs).await;
        let first = sender.book_at(monday("09:00")).await;
        let second = sender.book_of(lit, monday("10:30")).await;
        sender.work().await;
        sender.clock.advance(monday("09:00") - app.now());
        let report = async |step| {
            let report = Report { step, at: None };
            let outcome = progress(app, actor, first.visit.id, &report).await.unwrap();
            sender.work().await;
            outcome
        };
        report(Step::Started).await;
        let late = async || {
            let history = sender.history(&second).await;
            let late = history.into_iter().map(|one| one.message);
            late.filter(|one| one.kind == MessageKind::RunningLate).collect::<Vec<_>>()
        };
        // An hour of work from 9:00 and so many minutes more, at the same place as the second visit.
        for (minutes, expected) in [(200, "13:20"), (230, "13:50"), (225, "13:45")] {
            let outcome = report(Step::NeedsMore { minutes }).await;
            assert!(!outcome.moved);
            let asked = late().await;
            assert_eq!(asked.len(), 1, "{minutes}: {asked:?}");
            assert_eq!(asked[0].status, MessageStatus::Held);
            let words = format!("at about {expected}");
            assert!(asked[0].content.text.contains(&words), "{}", asked[0].content.text);
        }
        // What is done in time after all takes the question back, and it comes again when it is not.
        report(Step::NeedsMore { minutes: 10 }).await;
        assert_eq!(late().await[0].status, MessageStatus::Dropped);
        report(Step::NeedsMore { minutes: 240 }).await;
        let asked = late().await;
        let held: Vec<_> = asked.iter().filter(|one| one.status == MessageStatus::Held).collect();
        assert_eq!((asked.len(), held.len()), (2, 1));
        assert!(held[0].content.text.contains("at about 14:00"), "{}", held[0].content.text);
        messages::release(app, actor, held[0].id).await.unwrap();
        sender.work().await;
        // A customer hears of a broken promise once.
        report(Step::NeedsMore { minutes: 300 }).await;
        assert_eq!(late().await.len(), 2);
        let mails = sender.mails_to("jon@example.is");
        let told = mails.iter().filter(|mail| mail.subject.starts_with("We are running late"));
        assert_eq!(told.count(), 1);
    }
}

#[tokio::test]
async fn a_customer_who_wants_no_more_messages_gets_none_and_the_log_says_so() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        let booked = sender.book_at(monday("09:00")).await;
        sender.work().await;
        let mails = sender.mails_to("jon@example.is");
        let link = mails[0].text.split_whitespace().find(|word| word.contains("/opt-out/"));
        let token = link.unwrap().rsplit('/').next().unwrap().to_owned();
        assert!(messages::consents::opt_out(app, "nothing", &[Channel::Email]).await.is_err());
        messages::consents::opt_out(app, &token, &[Channel::Email]).await.unwrap();
        bookings::reschedule(app, actor, booked.booking.id, &to("13:00")).await.unwrap();
        sender.work().await;
        assert_eq!(sender.mails_to("jon@example.is").len(), 1);
        let history = sender.history(&booked).await;
        let skipped = history.iter().find(|one| one.message.kind == MessageKind::Change).unwrap();
        assert_eq!(skipped.message.status, MessageStatus::Skipped);
        assert_eq!(skipped.message.error, "the customer wants no email");
        let customer_id = booked.booking.customer_id.unwrap();
        let both = (customer_id, Channel::Email);
        messages::consents::set(app, actor, both, (true, "phone")).await.unwrap();
        messages::replay(app, actor, skipped.message.id).await.unwrap();
        sender.work().await;
        assert_eq!(sender.mails_to("jon@example.is").len(), 2);
    }
}

#[tokio::test]
async fn technicians_get_the_schedule_of_the_next_day_once() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        sender
            .rules(|rules| {
                let daily = json!({"at": "17:00", "day_before": true});
                rules.technicians.daily = Some(serde_json::from_value(daily).unwrap());
                rules.technicians.days = 0;
            })
            .await;
        sender.book_at(monday("13:00") + TimeDelta::days(1)).await;
        sender.book_at(monday("09:00") + TimeDelta::days(1)).await;
        sender.work_until(monday("23:00")).await;
        let mails = sender.mails_to("asa@aurora.example");
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert_eq!(mails[0].subject, "Your visits on Tuesday 2 March 2027");
        let (first, second) =
            (mails[0].text.find("09:00–10:00"), mails[0].text.find("13:00–14:00"));
        assert!(first.unwrap() < second.unwrap(), "{}", mails[0].text);
    }
}

#[tokio::test]
async fn without_a_server_messages_say_why_they_are_not_sent_and_go_out_when_there_is_one() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let mut none = sender.app.notify_settings().clone();
        let server = none.email.server.take();
        let mute = sender.app.clone().with_notify(roundsman::notify::Notify::new(none.clone()));
        let booked = sender.book_at(monday("09:00")).await;
        while let Some(task) = crate::support::outbox::claimed(&mute, &sender.db).await {
            let done = crate::support::outbox::perform(&mute, &sender.db, task).await;
            let _finished = done.unwrap();
        }
        let history = sender.history(&booked).await;
        assert_eq!(history[0].message.status, MessageStatus::Skipped);
        assert_eq!(history[0].message.error, "not sent: no e-mail server is set");
        assert!(server.is_some() && sender.mails().is_empty());
        messages::replay(&sender.app, &sender.actor, history[0].message.id).await.unwrap();
        sender.work().await;
        assert_eq!(sender.mails_to("jon@example.is").len(), 1);
    }
}
