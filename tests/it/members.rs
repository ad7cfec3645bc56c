//! Members, their passwords and sessions, and API keys.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roundsman::app::permissions::{Operation, permit};
use roundsman::app::{api_keys, members, sessions};
use roundsman::domain::actors::{Actor, ActorKind};
use roundsman::domain::error::AppError;
use roundsman::domain::members::{Member, Role};
use serde_json::json;

use crate::support::company::Company;
use crate::support::databases::databases;

fn owner(email: &str) -> Member {
    serde_json::from_value(json!({"name": "Ólöf", "email": email, "role": "owner"})).unwrap()
}

#[tokio::test]
async fn a_member_logs_in_until_the_session_ends_or_the_password_changes() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let (app, actor) = (&company.app, &company.actor);
        let email = format!("{}@example.com", app.new_id());
        let member = members::create(app, actor, &owner(&email), Some("first password")).await;
        let id = member.unwrap().id;
        let hour = TimeDelta::hours(1);
        let wrong = sessions::login(app, &email, "second password", hour).await;
        assert!(matches!(wrong, Err(AppError::Unauthenticated(_))), "{wrong:?}");
        let login = sessions::login(app, &email.to_uppercase(), "first password", hour).await;
        let login = login.unwrap();
        let who = sessions::authenticate(app, &login.token).await.unwrap();
        assert_eq!(who.organization_id, company.organization_id);
        assert!(matches!(who.kind, ActorKind::Member { role: Role::Owner, .. }));
        for wrong in [None, Some("second password")] {
            let refused = members::set_password(app, &who, id, "second password", wrong).await;
            assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
        }
        assert!(sessions::authenticate(app, &login.token).await.is_ok());
        let right = Some("first password");
        members::set_password(app, &who, id, "second password", right).await.unwrap();
        assert!(sessions::authenticate(app, &login.token).await.is_err());
        let login = sessions::login(app, &email, "second password", hour).await.unwrap();
        company.wait(61);
        assert!(sessions::authenticate(app, &login.token).await.is_err());
        let last = members::delete(app, actor, id, None).await;
        assert!(matches!(last, Err(AppError::Conflict(_))), "{last:?}");
    }
}

#[tokio::test]
async fn guessing_passwords_gets_slower() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let app = &company.app;
        let email = format!("{}@example.com", app.new_id());
        members::create(app, &company.actor, &owner(&email), Some("first password")).await.unwrap();
        let guess = || sessions::login(app, &email, "a wrong password", TimeDelta::hours(1));
        for _ in 0..6 {
            assert!(matches!(guess().await, Err(AppError::Unauthenticated(_))));
        }
        assert!(matches!(guess().await, Err(AppError::RateLimited { retry_after_s: 1.. })));
        company.wait(1);
        sessions::login(app, &email, "first password", TimeDelta::hours(1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_opens_what_its_scopes_say_until_it_is_revoked() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let (app, actor) = (&company.app, &company.actor);
        let scopes = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let wrong = api_keys::create(app, actor, "Web", &scopes(&["everything"])).await;
        assert!(matches!(wrong, Err(AppError::Invalid(_))), "{wrong:?}");
        let (key, secret) =
            api_keys::create(app, actor, "Web", &scopes(&["slots:read"])).await.unwrap();
        assert!(secret.starts_with(&key.prefix) && secret.len() > 40);
        let who: Actor = api_keys::authenticate(app, &secret).await.unwrap();
        assert!(permit(&who, Operation::SlotsSearch).is_ok());
        assert!(permit(&who, Operation::BookingsCreate).is_err());
        assert!(permit(&who, Operation::ApiKeysWrite).is_err());
        let listed = api_keys::list(app, actor).await.unwrap();
        assert!(listed[0].used_at.is_some());
        api_keys::revoke(app, actor, key.id).await.unwrap();
        assert!(api_keys::authenticate(app, &secret).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_owners_who_all_leave_at_once_one_stays() {
    for db in databases().await {
        let company = Company::new(&db).await;
        for round in 0..4 {
            let (app, actor) = (&company.app, &company.actor);
            let mut leaving = tokio::task::JoinSet::new();
            let mut owners = Vec::new();
            for _ in 0..4 {
                let email = format!("{}@example.com", app.new_id());
                owners.push(members::create(app, actor, &owner(&email), None).await.unwrap());
            }
            for (number, record) in owners.into_iter().enumerate() {
                let (app, actor) = (app.clone(), actor.clone());
                leaving.spawn(async move {
                    // Half of them go, the others become dispatchers.
                    if number % 2 == 0 {
                        return members::delete(&app, &actor, record.id, None).await;
                    }
                    let dispatcher = Member { role: Role::Dispatcher, ..record.value };
                    let seen = (record.id, record.revision);
                    members::update(&app, &actor, seen, &dispatcher).await.map(|_| ())
                });
            }
            let left = leaving.join_all().await;
            for refused in left.iter().filter_map(|left| left.as_ref().err()) {
                assert!(matches!(refused, AppError::Conflict(_)), "{refused:?}");
            }
            // In the first round one of the four stays, who later lets all four go.
            let expected = if round == 0 { 3 } else { 4 };
            assert_eq!(left.iter().filter(|left| left.is_ok()).count(), expected);
        }
    }
}
