//! What becomes of a message on its way: refusals, retries, workers that die, and webhooks.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::task::Poll;

use chrono::TimeDelta;
use roundsman::app::messages::delivering::ATTEMPTS_MAX;
use roundsman::app::{bookings, messages, webhooks};
use roundsman::domain::id::WebhookId;
use roundsman::domain::messages::webhooks::Webhook;
use roundsman::domain::messages::{Channel, MessageKind, MessageStatus};
use roundsman::notify::sms::SmsSettings;
use roundsman::notify::webhook::signatures;
use serde_json::{Value, json};

use crate::support::company::monday;
use crate::support::databases::databases;
use crate::support::outbox::{Sender, claimed, perform};
use crate::support::receivers::Hook;

#[tokio::test]
async fn one_refused_address_concerns_nobody_else() {
    for db in databases().await {
        let sender = Sender::new(&db).await;
        sender
            .rules(|rules| {
                let to = |to: &str| json!({"channel": "email", "to": to});
                let all = json!([to("boss@example.is"), to("full@example.is")]);
                rules.new_bookings = serde_json::from_value(all).unwrap();
            })
            .await;
        sender.mailbox.refuse("jon@", "550 no such user", 1);
        sender.mailbox.refuse("full@", "452 mailbox full", 2);
        let booked = sender.book_at(monday("09:00")).await;
        sender.work_until(monday("06:01")).await;
        let history = sender.history(&booked).await;
        let status = |to: &str| {
            let found = history.iter().find(|one| one.message.content.to == to).unwrap();
            (found.message.status, found.log.len(), found.message.error.clone())
        };
        let (refused, tried, error) = status("jon@example.is");
        assert_eq!((refused, tried), (MessageStatus::Failed, 1));
        assert!(error.contains("no such user"), "{error}");
        assert_eq!(status("full@example.is"), (MessageStatus::Sent, 3, String::new()));
        assert_eq!(status("boss@example.is").1, 1);
        assert_eq!(sender.mails_to("full@example.is").len(), 1);
        assert!(sender.mails_to("boss@example.is")[0].text.contains("from: phone"));
        // Mended, it is replayed.
        let failed = history.iter().find(|one| one.message.status == MessageStatus::Failed);
        let id = failed.unwrap().message.id;
        messages::replay(&sender.app, &sender.actor, id).await.unwrap();
        assert!(messages::replay(&sender.app, &sender.actor, id).await.is_err());
        sender.work().await;
        assert_eq!(sender.mails_to("jon@example.is").len(), 1);
    }
}

/// Does a task until it has waited `steps` times, then drops it as if the process had died; whether
/// it had ended before.
async fn killed_after(steps: usize, work: impl Future) -> bool {
    let mut work = Box::pin(work);
    let mut left = steps;
    poll_fn(move |context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if left == 0 => Poll::Ready(false),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn wherever_the_worker_is_killed_every_message_arrives_and_none_counts_twice() {
    for db in databases().await {
        let mut whole = 0;
        for steps in 0..200 {
            let sender = Sender::new(&db).await;
            let booked = sender.book_at(monday("09:00")).await;
            // Every task of the way is killed after so many waits, then done in peace.
            let mut ended = true;
            while let Some(task) = claimed(&sender.app, &sender.db).await {
                ended &= killed_after(steps, perform(&sender.app, &sender.db, task)).await;
                if !ended {
                    break;
                }
            }
            // What the dead process held is free when its lease is over.
            sender.clock.advance(TimeDelta::minutes(2));
            // A server may still be busy with what the dead client sent last.
            for _ in 0..1000 {
                if sender.work().await > 0 || ended {
                    break;
                }
            }
            sender.work().await;
            let mails = sender.mails();
            let ids: BTreeSet<_> = mails.iter().map(|mail| mail.id.clone()).collect();
            let to: BTreeSet<_> = mails.iter().map(|mail| mail.to.clone()).collect();
            assert_eq!(ids.len(), 2, "killed after {steps}: {to:?}");
            assert_eq!(to.len(), 2, "killed after {steps}");
            assert!(mails.len() <= 3, "killed after {steps}: {} e-mails", mails.len());
            let history = sender.history(&booked).await;
            let waiting = |one: &&roundsman::domain::messages::MessageLog| {
                one.message.kind != MessageKind::Reminder
            };
            let told: Vec<_> = history.iter().filter(waiting).collect();
            assert_eq!(told.len(), 2, "killed after {steps}");
            assert!(told.iter().all(|one| one.message.status == MessageStatus::Sent));
            if ended {
                whole += 1;
                if whole == 2 {
                    break;
                }
            }
        }
        assert_eq!(whole, 2, "200 waits were not enough to end a task");
    }
}

#[tokio::test]
async fn a_text_message_whose_answer_was_lost_is_not_sent_again() {
    for db in databases().await {
        let hook = Hook::open().await;
        let api_url = hook.base.clone();
        let sender = Sender::with(&db, |settings| {
            settings.sms = Some(SmsSettings {
                api_url,
                account: "AC1".to_owned(),
                token: "secret".to_owned(),
                from: "+3545550000".to_owned(),
                callback: String::new(),
            });
        })
        .await;
        sender.rules(|rules| rules.customer_channels = vec![Channel::Sms]).await;
        hook.usually(201, &json!({"sid": "SM1", "status": "queued"}).to_string());
        let booked = sender.book_at(monday("09:00")).await;
        sender.die_in_delivery(&hook, "sms").await;
        let sent = hook.calls().remove(0).text();
        let form: Vec<(String, String)> =
            url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
        assert_eq!(form[0], ("To".to_owned(), "+3545551234".to_owned()));
        let list = json!({"messages": [{"sid": "SM1", "body": form[2].1}]});
        hook.next(200, &[], &list.to_string());
        sender.work().await;
        let posts = hook.calls().iter().filter(|call| call.method == "POST").count();
        assert_eq!(posts, 1);
        let history = sender.history(&booked).await;
        let sms = history.iter().find(|one| one.message.channel == Channel::Sms).unwrap();
        assert_eq!((sms.message.status, sms.log.len()), (MessageStatus::Sent, 2));
        assert_eq!(sms.log[0].outcome, "cut short");
        assert_eq!(sms.log[1].detail, "the provider had it already");
    }
}

async fn webhook(sender: &Sender, url: &str, kinds: &[&str]) -> WebhookId {
    sender.make::<Webhook>(json!({"name": "Shop", "url": url, "kinds": kinds})).await
}

fn local(settings: &mut roundsman::notify::NotifySettings) {
    settings.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
}

#[tokio::test]
async fn a_webhook_gets_each_event_signed_in_order_with_one_id_until_it_takes_it() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = Sender::with(&db, local).await;
        let (app, actor) = (&sender.app, &sender.actor);
        let id = webhook(&sender, &format!("{}/in?x=1", hook.base), &["booking.*"]).await;
        hook.next(500, &[], "busy");
        hook.next(429, &[("retry-after", "30")], "slow down");
        let booked = sender.book_at(monday("09:00")).await;
        bookings::confirm(app, actor, booked.booking.id, None).await.unwrap();
        sender.work_until(monday("06:02")).await;
        let calls = hook.calls();
        let kinds: Vec<Value> = calls
            .iter()
            .map(|call| serde_json::from_str::<Value>(&call.text()).unwrap()["kind"].clone())
            .collect();
        let (created, confirmed) = (json!("booking.created"), json!("booking.confirmed"));
        assert_eq!(kinds, [created.clone(), created.clone(), created, confirmed]);
        let secrets = webhooks::secrets(app, actor, id).await.unwrap();
        let secrets: Vec<String> = secrets.into_iter().map(|one| one.secret).collect();
        for call in &calls {
            assert_eq!(call.path, "/in?x=1");
            let timestamp = call.header("roundsman-timestamp").parse().unwrap();
            let expected = signatures(&secrets, timestamp, &call.text());
            assert_eq!(call.header("roundsman-signature"), expected);
        }
        let ids: Vec<_> = calls.iter().map(|call| call.header("roundsman-delivery")).collect();
        assert_eq!((ids[0], ids[1]), (ids[1], ids[2]));
        assert_ne!(ids[2], ids[3]);
        // The provider asked for 30 seconds.
        let at = |row: usize| calls[row].header("roundsman-timestamp").parse::<i64>().unwrap();
        assert!(at(2) - at(1) >= 30, "{} {}", at(1), at(2));
        let body: Value = serde_json::from_str(&calls[0].text()).unwrap();
        assert_eq!(body["data"]["booking"]["id"], json!(booked.booking.id));
        assert_eq!(body["data"]["customer"]["name"], "Jón");
    }
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_one_until_that_expires() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = Sender::with(&db, local).await;
        let (app, actor) = (&sender.app, &sender.actor);
        let id = webhook(&sender, &hook.base, &[]).await;
        let before = webhooks::secrets(app, actor, id).await.unwrap();
        let after = webhooks::rotate(app, actor, id, 1).await.unwrap();
        assert_eq!((after.len(), &after[1].secret), (2, &before[0].secret));
        webhooks::test(app, actor, id).await.unwrap();
        sender.work().await;
        let call = hook.calls().remove(0);
        assert_eq!(call.header("roundsman-signature").split(',').count(), 2);
        sender.clock.advance(TimeDelta::minutes(61));
        webhooks::test(app, actor, id).await.unwrap();
        sender.work().await;
        let call = hook.calls().remove(1);
        let timestamp = call.header("roundsman-timestamp").parse().unwrap();
        let newest = [after[0].secret.clone()];
        let expected = signatures(&newest, timestamp, &call.text());
        assert_eq!(call.header("roundsman-signature"), expected);
    }
}

#[tokio::test]
async fn a_webhook_goes_neither_to_private_addresses_nor_where_a_redirect_leads() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = Sender::new(&db).await;
        let (app, actor) = (&sender.app, &sender.actor);
        for url in [hook.base.clone(), hook.base.replace("127.0.0.1", "localhost")] {
            let id = webhook(&sender, &url, &[]).await;
            let log = webhooks::test(app, actor, id).await.unwrap();
            sender.work().await;
            let log = messages::get(app, actor, log.message.id).await.unwrap();
            assert_eq!(log.message.status, MessageStatus::Failed, "{url}");
            assert!(log.message.error.contains("private"), "{}", log.message.error);
        }
        assert!(hook.calls().is_empty());
        let sender = Sender::with(&db, local).await;
        let other = Hook::open().await;
        let id = webhook(&sender, &hook.base, &[]).await;
        hook.next(302, &[("location", &other.base)], "");
        let log = webhooks::test(&sender.app, &sender.actor, id).await.unwrap();
        sender.work().await;
        let log = messages::get(&sender.app, &sender.actor, log.message.id).await.unwrap();
        assert_eq!(log.message.status, MessageStatus::Failed);
        assert!(log.message.error.contains("redirect"), "{}", log.message.error);
        assert!(other.calls().is_empty());
    }
}

#[tokio::test]
async fn a_delivery_that_nobody_takes_is_given_up_and_can_be_replayed() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = Sender::with(&db, local).await;
        let (app, actor) = (&sender.app, &sender.actor);
        let id = webhook(&sender, &hook.base, &["booking.created"]).await;
        hook.usually(503, "down");
        let booked = sender.book_at(monday("09:00")).await;
        sender.work_until(monday("06:00") + TimeDelta::days(1)).await;
        let history = sender.history(&booked).await;
        let dead = history.iter().find(|one| one.message.webhook_id == Some(id)).unwrap();
        assert_eq!(dead.message.status, MessageStatus::Dead);
        assert_eq!(dead.log.len(), ATTEMPTS_MAX as usize);
        assert_eq!(hook.calls().len(), ATTEMPTS_MAX as usize);
        hook.usually(200, "ok");
        messages::replay(app, actor, dead.message.id).await.unwrap();
        sender.work().await;
        let again = messages::get(app, actor, dead.message.id).await.unwrap();
        assert_eq!(again.message.status, MessageStatus::Sent);
        let last = hook.calls().pop().unwrap();
        assert_eq!(last.header("roundsman-delivery"), dead.message.id.to_string());
    }
}

#[tokio::test]
async fn slack_hears_of_new_bookings() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = Sender::with(&db, local).await;
        let url = format!("{}/services/T0/B0/x", hook.base);
        sender
            .rules(|rules| {
                let all = json!([{"channel": "slack", "to": url}]);
                rules.new_bookings = serde_json::from_value(all).unwrap();
            })
            .await;
        sender.book_at(monday("09:00")).await;
        sender.work().await;
        let call = hook.calls().remove(0);
        let body: Value = serde_json::from_str(&call.text()).unwrap();
        let text = body["text"].as_str().unwrap();
        assert!(text.contains("Photos") && text.contains("Jón"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_send_every_message_once_and_those_of_a_booking_in_order() {
    for db in databases().await {
        let sender = std::sync::Arc::new(Sender::new(&db).await);
        sender.rules(|rules| rules.technicians.channels.clear()).await;
        let (app, actor) = (&sender.app, &sender.actor);
        let mut booked = Vec::new();
        for hour in 0..8 {
            let start = monday("08:00") + TimeDelta::hours(hour);
            booked.push(sender.book_at(start + TimeDelta::days(hour / 4)).await);
        }
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let sender = std::sync::Arc::clone(&sender);
            workers.spawn(async move { sender.work().await });
        }
        for one in booked.iter().step_by(2) {
            bookings::cancel(app, actor, one.booking.id, None, "").await.unwrap();
        }
        workers.join_all().await;
        sender.work().await;
        let mails = sender.mails();
        let ids: BTreeSet<_> = mails.iter().map(|mail| mail.id.clone()).collect();
        assert_eq!(ids.len(), mails.len());
        for one in &booked {
            let code = &one.booking.code;
            let about = mails.iter().filter(|mail| mail.text.contains(code.as_str()));
            let words: Vec<_> =
                about.map(|mail| mail.subject.split(':').next().unwrap().to_owned()).collect();
            let expected = ["Confirmed".to_owned(), "Cancelled".to_owned()];
            // A booking that was called off before its confirmation was written has no mail.
            assert!(expected.starts_with(&words), "{words:?}");
        }
        assert!(mails.len() >= 4, "{}", mails.len());
    }
}
