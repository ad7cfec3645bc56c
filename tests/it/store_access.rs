//! Sessions, keys, idempotency, throttles, audit.

use chrono::TimeDelta;
use roundsman::domain::audit::AuditEntry;
use roundsman::domain::id::{ApiKeyId, MemberId};
use roundsman::domain::members::{Member, Role};
use roundsman::store::api_keys::{self, ApiKey};
use roundsman::store::audit::{self, AuditFilter};
use roundsman::store::housekeeping::{self, Retention};
use roundsman::store::idempotency::{self, Begun};
use roundsman::store::pages::PageQuery;
use roundsman::store::sessions::{self, Session};
use roundsman::store::{records, throttles};
use serde_json::json;

use crate::support::databases::databases;
use crate::support::samples::{at, id, sample};

#[tokio::test]
async fn a_session_opens_until_it_expires_or_its_member_is_inactive() {
    for db in databases().await {
        let sample = sample(&db).await;
        let member_id: MemberId = id();
        let member = Member {
            name: "Eva".to_owned(),
            email: "eva@example.com".to_owned(),
            role: Role::Owner,
            technician_id: None,
            locale: None,
            active: true,
        };
        let session = Session {
            token_hash: "hash".to_owned(),
            organization_id: sample.organization_id,
            member_id,
            csrf_token: "csrf".to_owned(),
            created_at: at(0),
            expires_at: at(8),
        };
        let mut tx = db.write().await.unwrap();
        records::insert(&mut tx, sample.organization_id, member_id, &member, at(0)).await.unwrap();
        sessions::insert(&mut tx, &session).await.unwrap();
        assert_eq!(sessions::find(&mut tx, "hash", at(7)).await.unwrap(), Some(session));
        assert_eq!(sessions::find(&mut tx, "other", at(7)).await.unwrap(), None);
        assert_eq!(sessions::find(&mut tx, "hash", at(8)).await.unwrap(), None);
        sessions::extend(&mut tx, "hash", at(9)).await.unwrap();
        assert!(sessions::find(&mut tx, "hash", at(8)).await.unwrap().is_some());
        let locked = Member { active: false, ..member };
        let key = (member_id, 1);
        records::update(&mut tx, sample.organization_id, key, &locked, at(1)).await.unwrap();
        assert_eq!(sessions::find(&mut tx, "hash", at(8)).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(housekeeping::tidy(&db, at(8), Retention::default()).await.unwrap(), 0);
        assert_eq!(housekeeping::tidy(&db, at(9), Retention::default()).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_key_opens_until_it_is_revoked() {
    for db in databases().await {
        let sample = sample(&db).await;
        let key_id: ApiKeyId = id();
        let key = ApiKey {
            id: key_id,
            organization_id: sample.organization_id,
            name: "Website".to_owned(),
            prefix: "rm_abc".to_owned(),
            scopes: ["bookings:write", "slots:read"].map(str::to_owned).into(),
            created_at: at(0),
            used_at: None,
            revoked_at: None,
        };
        let mut tx = db.write().await.unwrap();
        api_keys::insert(&mut tx, &key, "hash").await.unwrap();
        assert_eq!(api_keys::find(&mut tx, "hash").await.unwrap(), Some(key.clone()));
        assert!(api_keys::touch(&mut tx, key_id, at(1)).await.unwrap());
        let soon = at(1) + TimeDelta::seconds(59);
        assert!(!api_keys::touch(&mut tx, key_id, soon).await.unwrap());
        assert!(!api_keys::revoke(&mut tx, id(), key_id, at(2)).await.unwrap(), "not theirs");
        assert!(api_keys::revoke(&mut tx, sample.organization_id, key_id, at(2)).await.unwrap());
        assert!(!api_keys::revoke(&mut tx, sample.organization_id, key_id, at(3)).await.unwrap());
        assert_eq!(api_keys::find(&mut tx, "hash").await.unwrap(), None);
        let listed = api_keys::list(&mut tx, sample.organization_id).await.unwrap();
        let (used_at, revoked_at) = (Some(at(1)), Some(at(2)));
        assert_eq!(listed, [ApiKey { used_at, revoked_at, ..key }]);
    }
}

#[tokio::test]
async fn the_same_request_is_done_once_and_another_one_is_refused() {
    for db in databases().await {
        let sample = sample(&db).await;
        let organization_id = sample.organization_id;
        let begin = async |hash: &str, now| {
            let mut tx = db.write().await.unwrap();
            let begun = idempotency::begin(&mut tx, organization_id, "key", hash, now).await;
            tx.commit().await.unwrap();
            begun.unwrap()
        };
        let Begun::New(first) = begin("a", at(0)).await else { panic!("it is new") };
        assert_eq!(begin("a", at(0)).await, Begun::InProgress);
        assert_eq!(begin("b", at(0)).await, Begun::Mismatch);
        // The first one never ended: after a minute, somebody else may, but only one.
        let later = at(0) + TimeDelta::seconds(61);
        let Begun::New(second) = begin("a", later).await else { panic!("it was given up") };
        assert_eq!(begin("a", later).await, Begun::InProgress);
        let mut tx = db.write().await.unwrap();
        let answer = (201, "{\"id\":1}");
        let finish = idempotency::finish;
        let late = finish(&mut tx, organization_id, ("key", first), answer).await.unwrap();
        assert!(!late, "another one has it");
        idempotency::forget(&mut tx, organization_id, ("key", first)).await.unwrap();
        assert!(finish(&mut tx, organization_id, ("key", second), answer).await.unwrap());
        assert!(!finish(&mut tx, organization_id, ("key", second), (200, "")).await.unwrap());
        idempotency::forget(&mut tx, organization_id, ("key", second)).await.unwrap();
        tx.commit().await.unwrap();
        let replay = Begun::Replay { status: 201, response: "{\"id\":1}".to_owned() };
        assert_eq!(begin("a", at(5)).await, replay);
        assert_eq!(begin("b", at(5)).await, Begun::Mismatch);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_equal_requests_at_once_one_is_done_and_the_others_get_its_answer() {
    for db in databases().await {
        let sample = sample(&db).await;
        let organization_id = sample.organization_id;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..12 {
            let db = (*db).clone();
            tasks.spawn(async move {
                let mut tx = db.write().await.unwrap();
                let begun = idempotency::begin(&mut tx, organization_id, "key", "a", at(0)).await;
                match begun.unwrap() {
                    Begun::New(claimed) => {
                        let answer = format!("made by {number}");
                        let (key, answer) = (("key", claimed), (200, answer.as_str()));
                        idempotency::finish(&mut tx, organization_id, key, answer).await.unwrap();
                        tx.commit().await.unwrap();
                        (1, answer.1.to_owned())
                    }
                    Begun::Replay { response, .. } => (0, response),
                    other => panic!("{other:?}"),
                }
            });
        }
        let answers = tasks.join_all().await;
        assert_eq!(answers.iter().map(|(made, _)| made).sum::<i32>(), 1);
        assert!(answers.iter().all(|(_, answer)| *answer == answers[0].1));
    }
}

#[tokio::test]
async fn failures_add_up_until_a_success() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        assert_eq!(throttles::get(&mut tx, "eva").await.unwrap(), None);
        for count in 1..4 {
            let now = throttles::fail(&mut tx, "eva", at(0)).await.unwrap();
            assert_eq!(now.failures, count);
        }
        throttles::block(&mut tx, "eva", at(1)).await.unwrap();
        let now = throttles::get(&mut tx, "eva").await.unwrap().unwrap();
        assert_eq!((now.failures, now.blocked_until), (3, at(1)));
        throttles::clear(&mut tx, "eva").await.unwrap();
        assert_eq!(throttles::get(&mut tx, "eva").await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_audit_shows_the_newest_first_and_only_ones_own() {
    for db in databases().await {
        let sample = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        for number in 0..5 {
            let entry = AuditEntry {
                id: id(),
                at: at(number / 2),
                actor: "system".to_owned(),
                action: "bookings.cancel".to_owned(),
                noun: "bookings".to_owned(),
                noun_id: format!("{number}"),
                before: json!({ "status": "scheduled" }),
                after: json!(null),
            };
            audit::append(&mut tx, sample.organization_id, &entry).await.unwrap();
        }
        let all = AuditFilter::default();
        let first = PageQuery::first(3);
        let page = audit::list(&mut tx, sample.organization_id, &all, &first).await.unwrap();
        let second = first.after(&page).unwrap();
        let rest = audit::list(&mut tx, sample.organization_id, &all, &second).await.unwrap();
        let ids: Vec<&str> =
            page.items.iter().chain(&rest.items).map(|entry| entry.noun_id.as_str()).collect();
        assert_eq!(ids, ["4", "3", "2", "1", "0"]);
        assert_eq!(page.items[0].before, json!({ "status": "scheduled" }));
        let one = AuditFilter { noun_id: Some("2".to_owned()), ..all.clone() };
        let page = audit::list(&mut tx, sample.organization_id, &one, &first).await.unwrap();
        assert_eq!(page.items.len(), 1);
        assert!(audit::list(&mut tx, id(), &all, &first).await.unwrap().items.is_empty());
    }
}

#[tokio::test]
async fn the_audit_forgets_after_as_many_days_as_it_is_told() {
    for db in databases().await {
        let sample = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        // More than are deleted in one transaction.
        for number in 0..1003 {
            let entry = AuditEntry {
                id: id(),
                at: at(0) + TimeDelta::days(i64::from(number == 7)),
                actor: "system".to_owned(),
                action: "bookings.cancel".to_owned(),
                noun: "bookings".to_owned(),
                noun_id: format!("{number}"),
                before: json!(null),
                after: json!(null),
            };
            audit::append(&mut tx, sample.organization_id, &entry).await.unwrap();
        }
        tx.commit().await.unwrap();
        let after = |days| at(1) + TimeDelta::days(days);
        let usual = Retention::default();
        assert_eq!(housekeeping::tidy(&db, after(399), usual).await.unwrap(), 0);
        assert_eq!(housekeeping::tidy(&db, after(400), usual).await.unwrap(), 1002);
        let short = Retention { audit_days: 30 };
        assert_eq!(housekeeping::tidy(&db, after(31), short).await.unwrap(), 1);
    }
}
