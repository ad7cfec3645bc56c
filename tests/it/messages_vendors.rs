//! Messages as others see them: a mail server and the vendors' own libraries. Without
//! `TEST_RECEIVERS_PYTHON` (see scripts/receivers.sh) there is nobody to ask.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use roundsman::app::messages::reports;
use roundsman::app::outside::Outside;
use roundsman::app::{bookings, messages};
use roundsman::domain::messages::settings::MessageSettings;
use roundsman::domain::messages::{Channel, MessageStatus};
use roundsman::notify::email::SmtpServer;
use roundsman::notify::push::{PushSettings, new_key, public_key};
use roundsman::notify::sms::SmsSettings;
use roundsman::notify::{Notify, NotifySettings};
use serde_json::{Value, json};

use crate::support::company::monday;
use crate::support::databases::sqlite;
use crate::support::oracle::{MailServer, ask, file, python};
use crate::support::outbox::Sender;
use crate::support::receivers::Hook;

fn boss(rules: &mut MessageSettings, to: &[&str]) {
    let one = |to: &&str| json!({"channel": "email", "to": to});
    let all: Vec<Value> = to.iter().map(one).collect();
    rules.new_bookings = serde_json::from_value(json!(all)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_takes_what_is_written_and_refuses_one_address_alone() {
    let Some(python) = python() else { return };
    let server = MailServer::start(&python, &[]);
    let db = sqlite().await;
    let url = format!("smtp+plain://127.0.0.1:{}", server.port);
    let sender = Sender::with(&db, |settings| {
        settings.email.server = Some(SmtpServer::from_url(&url, b"").unwrap());
    })
    .await;
    sender.rules(|rules| boss(rules, &["nobody@example.is", "later@example.is"])).await;
    let booked = sender.book_at(monday("09:00")).await;
    bookings::cancel(&sender.app, &sender.actor, booked.booking.id, None, "").await.unwrap();
    sender.work().await;
    // Called off before anybody was told: only the office heard of the booking.
    assert_eq!(sender.history(&booked).await.len(), 2);
    let booked = sender.book_at(monday("10:00")).await;
    sender.work().await;
    bookings::cancel(&sender.app, &sender.actor, booked.booking.id, None, "Þoka").await.unwrap();
    sender.work_until(monday("06:10")).await;
    let history = sender.history(&booked).await;
    let of = |to: &str| {
        let found: Vec<_> = history.iter().filter(|one| one.message.content.to == to).collect();
        found.iter().map(|one| (one.message.status, one.log.len())).collect::<Vec<_>>()
    };
    assert_eq!(of("nobody@example.is"), [(MessageStatus::Failed, 1)]);
    assert_eq!(of("jon@example.is"), [(MessageStatus::Sent, 1), (MessageStatus::Sent, 1)]);
    assert_eq!(of("later@example.is"), [(MessageStatus::Sent, 1)]);

    let sent = sender.messages().await;
    let sent = sent.iter().filter(|one| one.status == MessageStatus::Sent).count();
    let mails = server.take(sent);
    let to_jon: Vec<&Value> =
        mails.iter().filter(|mail| mail["rcpt"] == json!(["jon@example.is"])).collect();
    assert_eq!(to_jon.len(), 2);
    for (mail, (method, status, sequence)) in
        to_jon.iter().zip([("REQUEST", "CONFIRMED", 0), ("CANCEL", "CANCELLED", 1)])
    {
        assert_eq!(mail["defects"], json!([]));
        assert_eq!(
            mail["structure"],
            json!([
                "multipart/mixed",
                "multipart/alternative",
                "text/plain",
                "text/html",
                "text/calendar",
                "application/ics"
            ])
        );
        let calendar = &mail["calendar"];
        assert_eq!(
            (&calendar["method"], &calendar["mime_method"]),
            (&json!(method), &json!(method))
        );
        assert_eq!(
            (&calendar["status"], &calendar["sequence"]),
            (&json!(status), &json!(sequence))
        );
        assert_eq!(calendar["errors"], json!([]));
        assert_eq!(calendar["uid"], calendar["vobject_uid"]);
        assert_eq!(calendar["attendee"], "mailto:jon@example.is");
        assert_eq!(calendar["start"], "2027-03-01T10:00:00+00:00");
        assert_eq!(mail["file"], "invite.ics");
    }
    assert_eq!(to_jon[0]["calendar"]["uid"], to_jon[1]["calendar"]["uid"]);
    assert!(to_jon[1]["text"].as_str().unwrap().contains("Reason: Þoka"), "{}", to_jon[1]["text"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn e_mails_go_out_by_starttls_with_a_login_and_wait_while_that_is_wrong() {
    let Some(python) = python() else { return };
    let tls = |name: &str| file("tests/cases/tls").join(name);
    let server = MailServer::start(&python, &[tls("server.pem"), tls("server.key")]);
    let roots = std::fs::read(tls("root.pem")).unwrap();
    let db = sqlite().await;
    let sender = Sender::new(&db).await;
    let with = |login: &str, roots: &[u8]| {
        let url = format!("smtp://{login}@localhost:{}", server.port);
        let mut settings: NotifySettings = sender.app.notify_settings().clone();
        settings.email.server = Some(SmtpServer::from_url(&url, roots).unwrap());
        sender.app.clone().with_notify(Notify::new(settings))
    };
    let booked = sender.book_at(monday("09:00")).await;
    let once = async |app: &roundsman::app::App| {
        sender.clock.advance(chrono::TimeDelta::minutes(5));
        while let Some(task) = crate::support::outbox::claimed(app, &sender.db).await {
            let done = crate::support::outbox::perform(app, &sender.db, task).await;
            let _finished = done.unwrap();
        }
        let history = sender.history(&booked).await;
        (history[0].message.status, history[0].message.error.clone())
    };
    let (status, error) = once(&with("user:p%2Bss", b"")).await;
    assert_eq!(status, MessageStatus::Waiting, "{error}");
    assert!(error.to_lowercase().contains("certificate"), "{error}");
    let (status, error) = once(&with("user:wrong", &roots)).await;
    assert_eq!(status, MessageStatus::Waiting, "{error}");
    assert!(error.contains("535"), "{error}");
    assert_eq!(once(&with("user:p%2Bss", &roots)).await.0, MessageStatus::Sent);
    assert!(server.take(1)[0]["tls"].as_bool().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio_signs_what_we_take_and_sends_what_we_send() {
    let Some(python) = python() else { return };
    let hook = Hook::open().await;
    let base = hook.base.clone();
    let db = sqlite().await;
    let mut sender = Sender::with(&db, |settings| {
        settings.sms = Some(SmsSettings {
            api_url: base,
            account: "AC1".to_owned(),
            token: "token".to_owned(),
            from: "+3545550000".to_owned(),
            callback: String::new(),
        });
    })
    .await;
    let outside = Outside::new("https://dispatch.example", b"a secret of the test");
    sender.company.app = sender.app.clone().with_outside(outside);
    sender.rules(|rules| rules.customer_channels = vec![Channel::Sms]).await;
    hook.usually(201, &json!({"sid": "SM1", "status": "queued", "body": ""}).to_string());
    let booked = sender.book_at(monday("09:00")).await;
    sender.work().await;
    let ours = hook.calls().remove(0);
    let form: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(&ours.body).into_owned().collect();
    let question = json!({"base": hook.base, "account": "AC1", "token": "token",
        "to": form["To"], "from": form["From"], "body": form["Body"]});
    assert_eq!(ask(&python, "twilio-send", question).await["sid"], "SM1");
    let theirs = hook.calls().remove(1);
    let sent: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(&theirs.body).into_owned().collect();
    assert_eq!((&ours.path, &form), (&theirs.path, &sent));
    assert_eq!(ours.header("authorization"), theirs.header("authorization"));

    let report: std::collections::BTreeMap<String, String> = [
        ("MessageSid", "SM1"),
        ("MessageStatus", "delivered"),
        ("To", "+3545551234"),
        ("AccountSid", "AC1"),
        ("ApiVersion", "2010-04-01"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let question = json!({"token": "token", "url": "https://dispatch.example/callbacks/sms?x=1",
        "form": report});
    let signature = ask(&python, "twilio-sign", question).await["signature"].clone();
    let signature = signature.as_str().unwrap();
    let path = "/callbacks/sms?x=1";
    let refused = reports::of_sms(&sender.app, "/callbacks/sms", &report, (signature, "")).await;
    assert!(refused.is_err());
    reports::of_sms(&sender.app, path, &report, (signature, "")).await.unwrap();
    let history = sender.history(&booked).await;
    let sms = history.iter().find(|one| one.message.channel == Channel::Sms).unwrap();
    assert_eq!(sms.message.status, MessageStatus::Delivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_gets_from_us_what_its_own_client_sends() {
    let Some(python) = python() else { return };
    let hook = Hook::open().await;
    let db = sqlite().await;
    let sender = Sender::with(&db, |settings| {
        settings.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let url = format!("{}/services/T0/B0/x", hook.base);
    let preview = json!({"kind": "test", "channel": "slack", "to": url});
    let test = serde_json::from_value(preview).unwrap();
    messages::trying::send(&sender.app, &sender.actor, &test).await.unwrap();
    sender.work().await;
    let ours = hook.calls().remove(0);
    let body: Value = serde_json::from_slice(&ours.body).unwrap();
    let question = json!({"url": url, "text": body["text"]});
    assert_eq!(ask(&python, "slack-send", question).await["body"], "ok");
    let theirs = hook.calls().remove(1);
    assert_eq!(body, serde_json::from_slice::<Value>(&theirs.body).unwrap());
    assert!(theirs.header("content-type").starts_with(ours.header("content-type")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_can_read_its_notification_and_knows_who_sent_it() {
    let Some(python) = python() else { return };
    let keys = ask(&python, "push-keys", json!({})).await;
    let hook = Hook::open().await;
    hook.usually(201, "");
    let db = sqlite().await;
    let push =
        PushSettings { key: new_key().unwrap(), subject: "mailto:o@aurora.example".to_owned() };
    let ours = public_key(&push).unwrap();
    let sender = Sender::with(&db, |settings| {
        settings.push = push;
        settings.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let booked = sender.book_at(monday("09:00")).await;
    let technician = booked.assignments[0].technician_id;
    // The hook speaks no https, which subscriptions must: the row is written past the use case.
    let row = roundsman::store::subscriptions::PushSubscription {
        endpoint: format!("{}/push/1", hook.base),
        p256dh: keys["p256dh"].as_str().unwrap().to_owned(),
        auth: keys["auth"].as_str().unwrap().to_owned(),
    };
    let mut tx = sender.db.write().await.unwrap();
    let (owner, now) = (sender.organization_id, sender.app.now());
    roundsman::store::subscriptions::put(&mut tx, owner, technician, &row, now).await.unwrap();
    tx.commit().await.unwrap();
    sender.work().await;
    let call = hook.calls().remove(0);
    assert_eq!((call.header("content-encoding"), call.header("ttl")), ("aes128gcm", "86400"));
    let question = json!({"private": keys["private"], "auth": keys["auth"],
        "body": URL_SAFE_NO_PAD.encode(&call.body), "authorization": call.header("authorization"),
        "audience": hook.base});
    let opened = ask(&python, "push-open", question).await;
    assert_eq!(opened["key"], ours);
    assert_eq!(opened["claims"]["sub"], "mailto:o@aurora.example");
    assert_eq!(opened["body"]["title"], "New visit: Monday 1 March 2027, 09:00");
    // Gone at the push service is gone here.
    hook.usually(410, "");
    bookings::cancel(&sender.app, &sender.actor, booked.booking.id, None, "").await.unwrap();
    sender.work().await;
    let mut tx = sender.db.read().await.unwrap();
    let left = roundsman::store::subscriptions::of_technician(&mut tx, owner, technician).await;
    assert!(left.unwrap().is_empty());
}
