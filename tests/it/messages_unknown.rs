//! Messages of which nobody knows whether they were taken, and `WhatsApp` with all that comes back.

use roundsman::app::App;
use roundsman::app::messages::{self, consents, reports};
use roundsman::domain::codes::{hex, hmac_sha256};
use roundsman::domain::id::{CustomerId, MessageId};
use roundsman::domain::messages::templates::MessageTemplate;
use roundsman::domain::messages::{Channel, MessageKind, MessageLog, MessageStatus};
use roundsman::notify::NotifySettings;
use roundsman::notify::whatsapp::WhatsappSettings;
use serde_json::{Value, json};

use crate::support::company::monday;
use crate::support::databases::databases;
use crate::support::outbox::Sender;
use crate::support::receivers::Hook;

const TEMPLATE: &str = "booked_en";

fn local(settings: &mut NotifySettings) {
    settings.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
    // The shortest that a loaded machine keeps.
    settings.timeout = std::time::Duration::from_secs(5);
}

/// A sender whose office hears of bookings by Slack.
async fn with_slack(db: &roundsman::store::Db, hook: &Hook) -> Sender {
    let sender = Sender::with(db, local).await;
    let url = format!("{}/services/T0/B0/x", hook.base);
    sender
        .rules(|rules| {
            let all = json!([{"channel": "slack", "to": url}]);
            rules.new_bookings = serde_json::from_value(all).unwrap();
        })
        .await;
    sender
}

/// A sender that tells customers by `WhatsApp` at a server of this machine.
async fn with_whatsapp(db: &roundsman::store::Db, hook: &Hook) -> Sender {
    let api_url = format!("{}/v23.0", hook.base);
    let sender = Sender::with(db, |settings| {
        local(settings);
        settings.whatsapp = Some(WhatsappSettings {
            api_url,
            phone_number_id: "106540352242922".to_owned(),
            access_token: "token-of-the-number".to_owned(),
            app_secret: "secret-of-the-app".to_owned(),
            verify_token: "verify".to_owned(),
        });
    })
    .await;
    sender
        .rules(|rules| {
            rules.customer_channels = vec![Channel::Whatsapp];
            rules.consent_first = Vec::new();
            rules.technicians.channels.clear();
        })
        .await;
    hook.usually(200, &taken("wamid.1"));
    sender
}

/// What the Cloud API answers to a message that it takes.
fn taken(id: &str) -> String {
    json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": "3545551234", "wa_id": "3545551234" }],
        "messages": [{ "id": id, "message_status": "accepted" }]
    })
    .to_string()
}

async fn template(sender: &Sender) {
    sender
        .make::<MessageTemplate>(json!({
            "name": "Booked", "kind": "confirmation", "channel": "whatsapp", "locale": "en",
            "text": "{title}, {date}", "whatsapp_template": TEMPLATE,
            "parameters": ["{customer}", "{date}"]
        }))
        .await;
}

async fn only(sender: &Sender, channel: Channel) -> MessageLog {
    let all = sender.messages().await;
    let mut found = all.into_iter().filter(|one| one.channel == channel);
    let message = found.next().expect("a message was written");
    messages::get(&sender.app, &sender.actor, message.id).await.unwrap()
}

#[tokio::test]
async fn slack_is_not_told_again_by_itself_what_it_may_have_heard() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = with_slack(&db, &hook).await;
        sender.book_at(monday("09:00")).await;
        sender.die_in_delivery(&hook, "slack").await;
        sender.work_until(monday("08:00")).await;
        assert_eq!(hook.calls().len(), 1);
        let log = only(&sender, Channel::Slack).await;
        assert_eq!(log.message.status, MessageStatus::Unknown);
        assert!(log.message.error.contains("replay"), "{}", log.message.error);
        assert_eq!(log.log[0].outcome, "cut short");
        // Somebody has looked and says so.
        messages::replay(&sender.app, &sender.actor, log.message.id).await.unwrap();
        sender.work().await;
        assert_eq!(hook.calls().len(), 2);
        assert_eq!(only(&sender, Channel::Slack).await.message.status, MessageStatus::Sent);
    }
}

#[tokio::test]
async fn a_lost_answer_of_slack_is_no_reason_to_repeat_but_a_refused_connection_is() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = with_slack(&db, &hook).await;
        // Something in between gives up on Slack.
        hook.next(504, &[], "gateway time-out");
        sender.book_at(monday("09:00")).await;
        sender.work_until(monday("08:00")).await;
        assert_eq!(hook.calls().len(), 1);
        let log = only(&sender, Channel::Slack).await;
        assert_eq!(log.message.status, MessageStatus::Unknown, "{}", log.message.error);
        assert_eq!(log.log[0].outcome, "unsure");
        // Nobody listens at this address, so nothing can have come.
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let test = json!({"kind": "test", "channel": "slack", "to": format!("http://{closed}/")});
        let test = serde_json::from_value(test).unwrap();
        let sent = messages::trying::send(&sender.app, &sender.actor, &test).await.unwrap();
        sender.work().await;
        let log = messages::get(&sender.app, &sender.actor, sent.message.id).await.unwrap();
        assert_eq!(log.message.status, MessageStatus::Waiting, "{}", log.message.error);
    }
}

#[tokio::test]
async fn whatsapp_gets_the_approved_template_with_its_words_in_order() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = with_whatsapp(&db, &hook).await;
        template(&sender).await;
        sender.book_at(monday("09:00")).await;
        sender.work().await;
        let call = hook.calls().remove(0);
        assert_eq!(call.path, "/v23.0/106540352242922/messages");
        assert_eq!(call.header("authorization"), "Bearer token-of-the-number");
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(log.message.status, MessageStatus::Sent, "{}", log.message.error);
        assert_eq!(log.message.provider_id, "wamid.1");
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        let word = |text: &str| json!({ "type": "text", "text": text });
        let expected = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "3545551234",
            "type": "template", "template": {
                "name": TEMPLATE, "language": { "code": "en" },
                "components": [{ "type": "body",
                    "parameters": [word("Jón"), word("Monday 1 March 2027")] }]
            },
            "biz_opaque_callback_data": log.message.id,
        });
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn without_a_template_whatsapp_takes_words_only_within_a_day_after_the_customer_wrote() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = with_whatsapp(&db, &hook).await;
        sender.book_at(monday("09:00")).await;
        sender.work().await;
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(log.message.status, MessageStatus::Skipped);
        assert!(log.message.error.contains("template"), "{}", log.message.error);
        assert!(hook.calls().is_empty());
        report(&sender.app, &written("3545551234", &sender, "Hello?")).await;
        messages::replay(&sender.app, &sender.actor, log.message.id).await.unwrap();
        sender.work().await;
        let body: Value = serde_json::from_slice(&hook.calls().remove(0).body).unwrap();
        assert_eq!((&body["type"], &body["to"]), (&json!("text"), &json!("3545551234")));
        assert!(body["text"]["body"].as_str().unwrap().contains("Photos"), "{body}");
    }
}

#[tokio::test]
async fn what_whatsapp_refuses_for_good_is_not_tried_again_and_a_stale_token_is() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = with_whatsapp(&db, &hook).await;
        template(&sender).await;
        let error = |code: i64, message: &str| {
            json!({ "error": { "message": message, "code": code } }).to_string()
        };
        hook.next(401, &[], &error(190, "Error validating access token"));
        hook.next(400, &[], &error(131_026, "Message undeliverable"));
        sender.book_at(monday("09:00")).await;
        sender.work().await;
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(log.message.status, MessageStatus::Waiting);
        sender.work_until(monday("06:05")).await;
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(log.message.status, MessageStatus::Failed);
        assert!(log.message.error.contains("undeliverable"), "{}", log.message.error);
        assert_eq!(hook.calls().len(), 2);
    }
}

#[tokio::test]
async fn the_report_of_whatsapp_settles_a_message_whose_answer_was_lost() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = with_whatsapp(&db, &hook).await;
        template(&sender).await;
        sender.book_at(monday("09:00")).await;
        sender.die_in_delivery(&hook, "whatsapp").await;
        sender.work_until(monday("06:10")).await;
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(log.message.status, MessageStatus::Unknown);
        // Another message's report changes nothing here, and one that is not signed nothing at all.
        report(&sender.app, &status("delivered", MessageId(uuid::Uuid::nil()))).await;
        let said = status("delivered", log.message.id);
        let unsigned = reports::of_whatsapp(&sender.app, said.to_string().as_bytes(), "").await;
        assert!(unsigned.is_err());
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(log.message.status, MessageStatus::Unknown);
        report(&sender.app, &said).await;
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(log.message.status, MessageStatus::Delivered);
        assert_eq!(log.message.provider_id, "wamid.7");
        assert!(log.message.sent_at.is_some() && log.message.error.is_empty());
        sender.work().await;
        assert_eq!(hook.calls().len(), 1);
        assert!(messages::replay(&sender.app, &sender.actor, log.message.id).await.is_err());
    }
}

#[tokio::test]
async fn a_stop_by_whatsapp_ends_messages_there_and_start_begins_them_again() {
    for db in databases().await {
        let hook = Hook::open().await;
        let sender = with_whatsapp(&db, &hook).await;
        template(&sender).await;
        let booked = sender.book_at(monday("09:00")).await;
        let customer: CustomerId = booked.booking.customer_id.unwrap();
        let granted = async || {
            let all = consents::list(&sender.app, &sender.actor, customer).await.unwrap();
            all.into_iter().find(|one| one.channel == Channel::Whatsapp).map(|one| one.granted)
        };
        assert_eq!(granted().await, None);
        report(&sender.app, &written("3545551234", &sender, " Stop ")).await;
        assert_eq!(granted().await, Some(false));
        sender.work().await;
        let log = only(&sender, Channel::Whatsapp).await;
        assert_eq!(
            (log.message.kind, log.message.status),
            (MessageKind::Confirmation, MessageStatus::Skipped)
        );
        report(&sender.app, &written("3545551234", &sender, "START")).await;
        assert_eq!(granted().await, Some(true));
        assert!(hook.calls().is_empty());
    }
}

/// What the Cloud API says when somebody writes.
fn written(phone: &str, sender: &Sender, words: &str) -> Value {
    let at = sender.app.now().timestamp().to_string();
    callback(&json!({
        "contacts": [{ "wa_id": phone, "user_id": "U1" }],
        "messages": [{ "from": phone, "id": "wamid.9", "timestamp": at, "type": "text",
            "text": { "body": words } }]
    }))
}

/// What the Cloud API says of a message that got somewhere.
fn status(word: &str, id: MessageId) -> Value {
    callback(&json!({ "statuses": [{ "id": "wamid.7", "status": word, "timestamp": "1800000000",
        "recipient_id": "3545551234", "biz_opaque_callback_data": id }] }))
}

fn callback(value: &Value) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [
        { "field": "messages", "value": value }] }] })
}

/// Hands a callback in, signed with the app's secret.
async fn report(app: &App, said: &Value) {
    let body = said.to_string();
    let signature = hex(&hmac_sha256(b"secret-of-the-app", body.as_bytes()));
    reports::of_whatsapp(app, body.as_bytes(), &format!("sha256={signature}")).await.unwrap();
}
