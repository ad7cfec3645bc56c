//! Messages, templates, webhooks and consent over HTTP.

use roundsman::app::messages::DELIVER_TASK;
use serde_json::{Value, json};

use crate::support::apps::apps;
use crate::support::companies::{Company, place, text, workday};
use crate::support::http::{Credential, Server};

#[tokio::test]
async fn rules_are_read_changed_once_and_refused_with_all_faults() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let path = "/api/v1/message-settings";
        let mut rules = server.get(path, &company.dispatcher).await.expect(200);
        assert_eq!((&rules["revision"], &rules["enabled"]), (&json!(0), &json!(true)));
        rules["reminders"] = json!([
            { "before_min": 2880, "channel": "email" }, { "before_min": 60, "channel": "sms" }
        ]);
        server.put(path, &company.dispatcher, &rules).await.expect(403);
        let changed = server.put(path, &company.owner, &rules).await.expect(200);
        assert_eq!(changed["revision"], 1);
        server.put(path, &company.owner, &rules).await.expect(409);
        rules["revision"] = json!(1);
        rules["reminders"] = json!([{ "before_min": 60, "channel": "slack" }]);
        rules["services"] = json!([{ "service_id": "0192f0c1-2345-7000-8000-0000000000ff" }]);
        rules["country_code"] = json!("+354");
        rules["new_bookings"] = json!([
            { "channel": "sms", "to": "abc" }, { "channel": "sms", "to": "555 1234" },
            { "channel": "sms", "to": "+354 555 1234" }
        ]);
        let refused = server.put(path, &company.owner, &rules).await;
        refused.expect(422);
        assert_eq!(
            refused.fault_fields(),
            [
                "country_code",
                "reminders[0].channel",
                "new_bookings[0].to",
                "new_bookings[1].to",
                "services[0].service_id"
            ]
        );
    }
}

#[tokio::test]
async fn own_words_are_checked_previewed_and_tried() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let mut template = json!({
            "name": "Kind", "kind": "confirmation", "channel": "email", "locale": "is",
            "subject": "{customer}: {titel}", "text": "Hæ {customer}, {window}. {phone}"
        });
        let refused = server.post("/api/v1/message-templates", who, &template).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["subject", "text"]);
        template["subject"] = json!("{customer}: {title}");
        template["text"] = json!("Hæ {customer}, {window}.");
        let preview = json!({ "template": template });
        let path = "/api/v1/message-templates:preview";
        let shown = server.post(path, who, &preview).await.expect(200);
        assert_eq!(shown["subject"], "Anna Jónsdóttir: Myndataka af húsi");
        assert!(shown["text"].as_str().unwrap().starts_with("Hæ Anna Jónsdóttir, milli kl. "));
        assert!(shown["html"].as_str().unwrap().contains("<p"), "{shown}");
        server.post("/api/v1/message-templates", who, &template).await.expect(201);
        let test = json!({ "kind": "test", "channel": "email", "to": "me@example.is" });
        let sent = server.post("/api/v1/message-templates:test", who, &test).await.expect(200);
        assert_eq!(
            (&sent["status"], &sent["content"]["to"]),
            (&json!("waiting"), &json!("me@example.is"))
        );
        let queued = app.db();
        let mut tx = queued.read().await.unwrap();
        let due = roundsman::store::queue::claim::next_due(&mut tx, &[DELIVER_TASK]).await.unwrap();
        assert!(due.is_some());
        for to in ["nobody", "me@"] {
            let test = json!({ "kind": "test", "channel": "email", "to": to });
            let refused = server.post("/api/v1/message-templates:test", who, &test).await;
            refused.expect(422);
            assert_eq!(refused.fault_fields(), ["to"]);
        }
        // A second one for the same would be used or not as luck has it.
        let second = server.post("/api/v1/message-templates", who, &template).await.expect(409);
        assert!(text(&second["detail"]).contains("\"Kind\""), "{second}");
        let mut idle = template.clone();
        idle["active"] = json!(false);
        server.post("/api/v1/message-templates", who, &idle).await.expect(201);
        let mut broken = idle.clone();
        broken["subject"] = json!("{customer");
        broken["text"] = json!("yo } {");
        let refused = server.post("/api/v1/message-templates", who, &broken).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["subject", "text"]);
        let none = json!({ "template": template, "kind": "test" });
        let refused = server.post(path, who, &none).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["kind"]);
    }
}

#[tokio::test]
async fn a_webhook_shows_its_secret_to_owners_and_its_deliveries() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.owner;
        let wrong = json!({ "name": "", "url": "ftp://x", "kinds": ["booking"] });
        let refused = server.post("/api/v1/webhooks", who, &wrong).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["name", "url", "kinds[0]"]);
        let body =
            json!({ "name": "Shop", "url": "https://shop.example/in", "kinds": ["booking.*"] });
        let made = server.post("/api/v1/webhooks", who, &body).await.expect(201);
        let path = format!("/api/v1/webhooks/{}", text(&made["id"]));
        let secrets = server.get(&format!("{path}/secrets"), who).await.expect(200);
        assert!(secrets["items"][0]["secret"].as_str().unwrap().starts_with("whsec_"));
        server.get(&format!("{path}/secrets"), &company.dispatcher).await.expect(403);
        let rotated = server.post(&format!("{path}:rotate"), who, &json!({})).await.expect(200);
        assert_eq!(rotated["items"].as_array().unwrap().len(), 2);
        assert_eq!(rotated["items"][1]["secret"], secrets["items"][0]["secret"]);
        let sent = server.post(&format!("{path}:test"), who, &json!({})).await.expect(200);
        let list = server.get(&format!("{path}/deliveries"), who).await.expect(200);
        assert_eq!(list["items"][0]["id"], sent["id"]);
        let message = format!("/api/v1/messages/{}", text(&sent["id"]));
        let refused = server.post(&format!("{message}:replay"), who, &json!({})).await.expect(409);
        assert_eq!(refused["detail"], "the message is waiting, so there is nothing to replay");
        let dropped = server.post(&format!("{message}:drop"), who, &json!({})).await.expect(200);
        assert_eq!(dropped["status"], "dropped");
        let listed = server.get("/api/v1/messages?status=dropped&channel=webhook", who).await;
        assert_eq!(listed.expect(200)["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_customer_says_over_which_channels_messages_are_wanted() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let path = format!("/api/v1/customers/{}", company.id("customers"));
        let said = json!({ "channel": "sms", "granted": false, "source": "phone" });
        server.post(&format!("{path}:consent"), &company.dispatcher, &said).await.expect(200);
        let list = server.get(&format!("{path}/consents"), &company.dispatcher).await.expect(200);
        assert_eq!(
            (&list["items"][0]["channel"], &list["items"][0]["granted"]),
            (&json!("sms"), &json!(false))
        );
        let wrong = json!({ "channel": "slack", "granted": true });
        let refused = server.post(&format!("{path}:consent"), &company.dispatcher, &wrong).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["channel"]);
    }
}

#[tokio::test]
async fn links_are_shown_taken_back_and_one_click_ends_e_mails_alone() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let body = json!({
            "slot": { "service_ids": [company.id("services")], "place": place(),
                "start": format!("{}T12:00:00Z", workday(&app)) },
            "customer": { "id": company.id("customers") }
        });
        let booking = server.post("/api/v1/bookings", who, &body).await.expect(201);
        let path = format!("/api/v1/bookings/{}", text(&booking["id"]));
        let links = server.get(&format!("{path}/links"), who).await.expect(200);
        let again = server.post(&format!("{path}:revoke-links"), who, &json!({})).await.expect(200);
        assert_ne!(links["manage"], again["manage"]);
        let history = server.get(&format!("{path}/messages"), who).await.expect(200);
        assert_eq!(history["items"], json!([]));
        let nobody = Credential::none();
        let unknown = server.get("/opt-out/nothing", &nobody).await;
        assert!(unknown.text.contains("This link is not good"), "{}", unknown.text);
        // A page that refuses stays a page, with the status of a refusal.
        assert_eq!(unknown.status, 404);
        assert!(unknown.header("content-type").starts_with("text/html"));
        assert_eq!(server.post("/opt-out/nothing", &nobody, &json!({})).await.status, 404);
        let told = preview_opt_out(&server, who, &booking).await;
        let page = server.get(&told, &nobody).await;
        assert!(page.text.contains("<form method=\"post\">"), "{}", page.text);
        // One click in a mail program ends e-mails; the other channels are for the page.
        let done = server.form(&told, &nobody, "List-Unsubscribe=One-Click").await;
        assert_eq!(done.status, 200, "{}", done.text);
        let consents = format!("/api/v1/customers/{}/consents", company.id("customers"));
        let list = server.get(&consents, who).await.expect(200);
        let ended = |list: &Value| {
            let items = list["items"].as_array().unwrap().iter();
            let ended = items.filter(|one| one["granted"] == false && one["source"] == "link");
            ended.map(|one| text(&one["channel"])).collect::<Vec<_>>()
        };
        assert_eq!(ended(&list), ["email"]);
        let nothing = server.form(&told, &nobody, "chosen=1").await;
        assert_eq!(nothing.status, 200, "{}", nothing.text);
        let chosen = "chosen=1&channel=whatsapp&channel=webhook";
        let done = server.form(&told, &nobody, chosen).await;
        assert!(done.text.contains("WhatsApp"), "{}", done.text);
        let list = server.get(&consents, who).await.expect(200);
        assert_eq!(ended(&list), ["email", "whatsapp"]);
    }
}

/// The path of the opt-out link that a booking's messages hold.
async fn preview_opt_out(server: &Server, who: &Credential, booking: &Value) -> String {
    let asked = json!({ "kind": "reminder", "booking_id": booking["id"] });
    let shown = server.post("/api/v1/message-templates:preview", who, &asked).await.expect(200);
    let words = text(&shown["text"]);
    let link = words.split_whitespace().find(|word| word.contains("/opt-out/")).unwrap().to_owned();
    link[link.find("/opt-out/").unwrap()..].to_owned()
}

#[tokio::test]
async fn callbacks_without_an_account_or_a_signature_change_nothing() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let nobody = Credential::none();
        let form = server.request(reqwest::Method::POST, "/callbacks/sms", &nobody);
        let answer = server.send(form.form(&[("MessageSid", "SM1")])).await;
        assert_eq!(answer.status, 404, "{}", answer.text);
        let asked = "/callbacks/whatsapp?hub.mode=subscribe&hub.verify_token=&hub.challenge=1";
        assert_eq!(server.get(asked, &nobody).await.status, 404);
        assert_eq!(server.post("/callbacks/whatsapp", &nobody, &json!({})).await.status, 404);
    }
}

#[tokio::test]
async fn the_server_says_over_which_channels_it_sends_and_what_it_can_connect() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let found = server.get("/api/v1/message-channels", &company.dispatcher).await.expect(200);
        let channels = found["items"].as_array().unwrap().clone();
        let of = |name: &str| channels.iter().find(|one| one["channel"] == name).unwrap().clone();
        // Nothing is set in tests; receivers of Slack and webhooks bring their own addresses.
        assert_eq!(of("sms")["available"], false);
        assert_eq!(of("sms")["missing"], json!(["sms.account", "sms.token", "sms.from"]));
        assert_eq!(
            (&of("slack")["available"], &of("webhook")["available"]),
            (&json!(true), &json!(true))
        );
        let found = server.get("/api/v1/calendar-providers", &company.dispatcher).await.expect(200);
        let providers = found["items"].as_array().unwrap().clone();
        let google = providers.iter().find(|one| one["provider"] == "google").unwrap();
        assert_eq!(
            (&google["available"], &google["connect_by"]),
            (&json!(false), &json!("consent"))
        );
        assert!(google["missing"].as_array().unwrap().contains(&json!("google.client_id")));
    }
}
