//! `/api/v1/members` and `/api/v1/organization`: who may come in, and what holds for all.

use serde_json::json;

use crate::support::apps::{Login, apps, found};
use crate::support::companies::{log_in, text};
use crate::support::http::{Credential, Server};

#[tokio::test]
async fn a_member_comes_in_changes_its_password_and_is_shut_out() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let owner = log_in(&server, &found(&app, "alpha").await).await;
        let login = Login::new("bara@alpha.example");
        let body = json!({
            "name": "Bára", "email": login.email, "role": "dispatcher", "password": login.password
        });
        let made = server.post("/api/v1/members", &owner, &body).await;
        let member = made.expect(201);
        assert!(member.get("password").is_none(), "{member}");
        let path = made.header("location").to_owned();
        let taken = server.post("/api/v1/members", &owner, &body).await.expect(409);
        assert_eq!(taken["type"], "/docs#conflict");
        let short = json!({
            "name": "D", "email": "d@alpha.example", "role": "dispatcher", "password": "short"
        });
        let short = server.post("/api/v1/members", &owner, &short).await;
        short.expect(422);
        assert_eq!(short.fault_fields(), ["password"]);
        assert!(!short.text.contains("short"), "{}", short.text);

        let own = log_in(&server, &login).await;
        server.get(&path, &own).await.expect(403);
        let new =
            Login { password: "a better horse battery".to_owned(), ..Login::new(&login.email) };
        let blind = json!({ "password": new.password });
        let refused = server.post(&format!("{path}:set-password"), &own, &blind).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["current_password"]);
        let change = json!({ "password": new.password, "current_password": login.password });
        server.post(&format!("{path}:set-password"), &own, &change).await.expect(204);
        // Whoever had the old password is out, and so is every session.
        server.get("/api/v1/me", &own).await.expect(401);
        let old = json!({ "email": login.email, "password": login.password });
        server.post("/api/v1/session", &Credential::none(), &old).await.expect(401);
        let own = log_in(&server, &new).await;
        assert_eq!(server.get("/api/v1/me", &own).await.expect(200)["name"], "Bára");

        let mut changed = member.clone();
        changed["active"] = json!(false);
        server.put(&path, &owner, &changed).await.expect(200);
        server.get("/api/v1/me", &own).await.expect(401);
        let again = json!({ "email": new.email, "password": new.password });
        server.post("/api/v1/session", &Credential::none(), &again).await.expect(401);
        server.delete(&path, &owner).await.expect(204);
        server.get(&path, &owner).await.expect(404);
    }
}

#[tokio::test]
async fn an_organization_keeps_an_owner() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let owner = log_in(&server, &found(&app, "alpha").await).await;
        let list = server.get("/api/v1/members?q=owner", &owner).await.expect(200);
        let path = format!("/api/v1/members/{}", text(&list["items"][0]["id"]));
        assert_eq!(server.delete(&path, &owner).await.expect(409)["type"], "/docs#conflict");
        let mut demoted = list["items"][0].clone();
        demoted["role"] = json!("dispatcher");
        server.put(&path, &owner, &demoted).await.expect(409);
        server.get(&path, &owner).await.expect(200);
    }
}

#[tokio::test]
async fn the_organization_is_read_by_all_and_changed_by_owners_who_saw_it() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let owner = log_in(&server, &found(&app, "alpha").await).await;
        found(&app, "beta").await;
        let path = "/api/v1/organization";
        let read = server.get(path, &owner).await;
        let mut organization = read.expect(200);
        assert_eq!(read.header("etag"), "\"1\"");
        organization["hold_min"] = json!(15);
        let changed = server.put(path, &owner, &organization).await.expect(200);
        assert_eq!((&changed["hold_min"], &changed["revision"]), (&json!(15), &json!(2)));
        server.put(path, &owner, &organization).await.expect(409);
        organization["revision"] = json!(2);
        organization["slug"] = json!("beta");
        let taken = server.put(path, &owner, &organization).await.expect(409);
        assert_eq!(taken["type"], "/docs#conflict");
        organization["slug"] = json!("No Slug");
        organization["travel"] = json!({ "mode": "fixed", "before_min": 5000, "after_min": 0 });
        let wrong = server.put(path, &owner, &organization).await;
        wrong.expect(422);
        let mut fields = wrong.fault_fields();
        fields.sort();
        assert_eq!(fields, ["slug", "travel.before_min"]);
    }
}
