//! The header `Accept-Language`: reasons are told in the language of whoever reads them.

use serde_json::{Value, json};

use crate::support::apps::apps;
use crate::support::companies::{Company, place, text, workday};
use crate::support::http::{Credential, Server};

/// A reader of a language.
fn reader(who: &Credential, language: &str) -> Credential {
    who.clone().with("accept-language", language)
}

/// All texts below fields called `sentence`.
fn sentences(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "sentence" => found.push(text.clone()),
                    other => sentences(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| sentences(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn why_a_visit_waits_is_told_in_the_readers_language() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let visit = json!({
            "service_ids": [company.id("services")], "place": place(), "title": "Photos"
        });
        let visit = server.post("/api/v1/visits", &company.dispatcher, &visit).await.expect(201);
        // A Sunday, on which nobody works.
        let path = format!("/api/v1/visits/{}/why?date=2027-08-01", text(&visit["id"]));
        let expected = [
            ("en", "Ása Þórsdóttir does not work then", "the only technician cannot"),
            ("es-MX,en;q=0.5", "Ása Þórsdóttir no trabaja entonces", "1 técnico"),
            ("is", "Ása Þórsdóttir er ekki að vinna þá", "hún kemst hvergi fyrir þann dag"),
            ("de", "Ása Þórsdóttir does not work then", "it fits nowhere on that date"),
        ];
        for (language, reason, gist) in expected {
            let who = reader(&company.dispatcher, language);
            let why = server.get(&path, &who).await.expect(200);
            assert_eq!(why["reasons"][0]["sentence"], reason, "{why}");
            assert_eq!(why["reasons"][0]["rule"], "no_shift");
            let said = text(&why["sentence"]);
            let gist =
                if language.starts_with("es") { "el único técnico no puede" } else { gist };
            assert!(said.contains(gist), "{language}: {said}");
        }
    }
}

#[tokio::test]
async fn the_score_of_a_plan_and_what_a_change_breaks_are_told_in_the_readers_language() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let ids = company.book_something(&server, &app).await;
        let date = workday(&app);
        let path = format!("/api/v1/plans/{date}/score?location_id={}", company.id("locations"));
        let night = json!({ "visit_id": ids["visit_id"], "start": format!("{date}T03:00:00Z") });
        let mut told: Vec<Vec<String>> = Vec::new();
        for language in ["en", "es", "is"] {
            let who = reader(&company.dispatcher, language);
            let score = server.get(&path, &who).await.expect(200);
            let checked = server.post("/api/v1/plans:check", &who, &night).await.expect(200);
            let mut found = Vec::new();
            sentences(&score, &mut found);
            sentences(&checked, &mut found);
            assert!(found.len() >= 2, "{score} {checked}");
            for sentence in &found {
                assert!(!sentence.contains("reasons.") && !sentence.contains('{'), "{sentence}");
            }
            told.push(found);
        }
        for (at, english) in told[0].iter().enumerate() {
            assert!(*english != told[1][at] && *english != told[2][at], "{english}");
        }
        // The same numbers, whoever reads them.
        let english = server.post("/api/v1/plans:check", &company.dispatcher, &night).await;
        let icelandic = reader(&company.dispatcher, "is");
        let icelandic = server.post("/api/v1/plans:check", &icelandic, &night).await;
        let numbers = |checked: &Value| checked["violations"][0]["numbers"].clone();
        assert_eq!(numbers(&english.expect(200)), numbers(&icelandic.expect(200)));
    }
}

#[tokio::test]
async fn somebody_of_another_location_is_said_to_belong_there() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let mut other = company.records["locations"].clone();
        other["name"] = json!("Selfoss");
        let other = server.post("/api/v1/locations", &company.owner, &plain(other)).await;
        let mut technician = company.records["technicians"].clone();
        technician["name"] = json!("Freyja");
        technician["location_id"] = other.expect(201)["id"].clone();
        let made = server.post("/api/v1/technicians", &company.owner, &plain(technician)).await;
        let freyja = text(&made.expect(201)["id"]);
        let date = workday(&app);
        let query = |technician: &str| {
            json!({
                "service_ids": [company.id("services")], "place": place(),
                "location_id": company.id("locations"), "from": date, "until": date,
                "technician_id": technician
            })
        };
        let path = "/api/v1/slots:explain";
        let told = server.post(path, &company.dispatcher, &query(&freyja)).await.expect(200);
        assert_eq!(told["reasons"][0]["rule"], "other_location", "{told}");
        assert_eq!(told["reasons"][0]["sentence"], "Freyja belongs to Selfoss");
        let icelandic = reader(&company.dispatcher, "is");
        let told = server.post(path, &icelandic, &query(&freyja)).await.expect(200);
        assert_eq!(told["reasons"][0]["sentence"], "Freyja tilheyrir starfsstöðinni Selfoss");
        let nobody = "0192f0c1-2345-7000-8000-00000000beef";
        let refused = server.post(path, &company.dispatcher, &query(nobody)).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["technician_id"]);
    }
}

/// A record as it was made, to be made once more.
fn plain(mut record: Value) -> Value {
    for field in ["id", "revision", "created_at", "updated_at"] {
        record.as_object_mut().unwrap().remove(field);
    }
    record
}
