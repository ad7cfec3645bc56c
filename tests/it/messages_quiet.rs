//! Quiet hours: what waits for their end, and what is not told at all.

use chrono::TimeDelta;
use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::catalogue;
use roundsman::domain::customers::Customer;
use roundsman::domain::messages::settings::{QuietHours, Reminder};
use roundsman::domain::messages::{Channel, MessageKind, MessageStatus};

use crate::support::company::monday;
use crate::support::databases::databases;
use crate::support::outbox::Sender;

fn to(start: &str) -> Reschedule {
    Reschedule { start: monday(start), technician_ids: Vec::new(), revision: None }
}

/// Quiet hours from 21:00 to 8:00.
fn at_night() -> QuietHours {
    let hour = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    QuietHours { from: hour(21), until: hour(8) }
}

#[tokio::test]
async fn reminders_that_quiet_hours_put_on_one_minute_are_one() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        sender
            .rules(|rules| {
                let email = |before_min| Reminder { before_min, channel: Channel::Email };
                rules.reminders = vec![email(60), email(120), email(1440)];
                rules.quiet_hours = Some(at_night());
            })
            .await;
        // At 9:00: an hour before is 8:00, two hours before is 7:00 and waits for 8:00.
        let start = monday("09:00") + TimeDelta::days(2);
        sender.book_at(start).await;
        sender.work().await;
        let reminders = sender.messages().await.into_iter();
        let mut due: Vec<_> = reminders
            .filter(|one| one.kind == MessageKind::Reminder)
            .map(|one| one.due_at)
            .collect();
        due.sort();
        assert_eq!(due, [start - TimeDelta::days(1), start - TimeDelta::hours(1)]);
    }
}

#[tokio::test]
async fn a_change_in_quiet_hours_is_told_when_they_end_by_the_clocks_of_its_reader() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        sender.rules(|rules| rules.quiet_hours = Some(at_night())).await;
        let start = monday("09:00") + TimeDelta::days(3);
        let booked = sender.book_at(start).await;
        let customer_id = booked.booking.customer_id.unwrap();
        let record = catalogue::get::<Customer>(app, actor, customer_id).await.unwrap();
        // Madrid is an hour ahead of the location's clocks in winter.
        let time_zone = Some(chrono_tz::Europe::Madrid);
        let customer = Customer { time_zone, ..record.value };
        catalogue::update(app, actor, (customer_id, record.revision), &customer).await.unwrap();
        sender.work_until(monday("20:30")).await;
        let later = Reschedule { start: start + TimeDelta::hours(4), ..to("09:00") };
        bookings::reschedule(app, actor, booked.booking.id, &later).await.unwrap();
        sender.work().await;
        let history = sender.history(&booked).await;
        let change = history.iter().find(|one| one.message.kind == MessageKind::Change).unwrap();
        // 21:30 in Madrid: it waits for 8:00 there, which is 7:00 here.
        let due = monday("07:00") + TimeDelta::days(1);
        assert_eq!((change.message.status, change.message.due_at), (MessageStatus::Waiting, due));
        sender.work_until(due + TimeDelta::minutes(1)).await;
        let mails = sender.mails_to("jon@example.is");
        assert!(mails.iter().any(|mail| mail.subject.starts_with("Changed")), "{mails:?}");
    }
}

#[tokio::test]
async fn of_changes_in_quiet_hours_only_the_last_is_told_and_none_where_all_is_as_before() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        sender
            .rules(|rules| {
                rules.quiet_hours = Some(at_night());
                rules.technicians.days = 14;
            })
            .await;
        let start = monday("09:00") + TimeDelta::days(2);
        let moved = sender.book_at(start).await;
        let lost = sender.book_at(start + TimeDelta::days(1)).await;
        let same = sender.book_at(start + TimeDelta::days(2)).await;
        sender.work_until(monday("22:00")).await;
        for (booked, hours) in [(&moved, [2, 4]), (&lost, [2, 4]), (&same, [2, 0])] {
            let first = booked.booking.window.from;
            for later in hours {
                let to = Reschedule { start: first + TimeDelta::hours(later), ..to("09:00") };
                bookings::reschedule(app, actor, booked.booking.id, &to).await.unwrap();
                sender.work().await;
            }
        }
        bookings::cancel(app, actor, lost.booking.id, None, "").await.unwrap();
        sender.work_until(monday("09:00") + TimeDelta::days(1)).await;
        let changes = [
            "confirmation visit_new change visit_changed",
            "confirmation visit_new cancellation visit_cancelled",
            "confirmation visit_new",
        ];
        for (booked, wanted) in [&moved, &lost, &same].into_iter().zip(changes) {
            let history = sender.history(booked).await;
            let sent = history.iter().filter(|log| log.message.status == MessageStatus::Sent);
            let kinds: Vec<&str> = sent.map(|log| log.message.kind.as_str()).collect();
            assert_eq!(kinds.join(" "), wanted, "{history:?}");
        }
        let mails = sender.mails_to("jon@example.is");
        let change = mails.iter().find(|mail| mail.subject.starts_with("Changed")).unwrap();
        // What was meant to be in between is told to nobody.
        assert!(change.text.contains("13:00") && change.text.contains("09:00"), "{change:?}");
        assert!(!change.text.contains("11:00"), "{change:?}");
    }
}
