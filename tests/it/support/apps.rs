//! The application over every kind of database, and the first owner of an organization.

use std::ops::Deref;
use std::sync::Arc;

use roundsman::app::{App, members, organizations};
use roundsman::clock::{Clock, SystemClock, SystemIds};
use roundsman::domain::actors::Actor;
use roundsman::store::Db;
use roundsman::travel::{Travel, TravelSettings};
use serde_json::json;

use crate::support::databases::{TestDb, databases, sqlite};

/// An application over a database of its own, which lives as long as this.
#[derive(Clone)]
pub(crate) struct TestApp {
    app: App,
    /// The database, kept until nobody needs it.
    db: Arc<TestDb>,
}

/// How a member logs in.
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl TestApp {
    /// The same with another application over the database.
    pub(crate) fn map(self, change: impl FnOnce(&App) -> App) -> Self {
        Self { app: change(&self.app), db: self.db }
    }

    /// The first column of every row that SQL gives, as text.
    pub(crate) async fn raw_column(&self, sql: &str) -> Vec<String> {
        self.db.raw_column(sql).await
    }

    /// The database alone, once nobody else uses the application.
    pub(crate) fn into_db(self) -> TestDb {
        let Self { app, db } = self;
        drop(app);
        Arc::into_inner(db).expect("the application is used by nobody else")
    }

    /// Its database.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
}

impl Login {
    /// A login with a good password.
    pub(crate) fn new(email: &str) -> Self {
        Self { email: email.to_owned(), password: "correct horse battery".to_owned() }
    }
}

/// One for each kind of database, on the machine's clock.
pub(crate) async fn apps() -> Vec<TestApp> {
    databases().await.into_iter().map(|db| app_over(db, Arc::new(SystemClock))).collect()
}

/// One, for what does not depend on the database.
pub(crate) async fn any_app() -> TestApp {
    app_over(sqlite().await, Arc::new(SystemClock))
}

/// One over a database, on a clock; travel without roads.
pub(crate) fn app_over(db: TestDb, clock: Arc<dyn Clock>) -> TestApp {
    app_on(db, clock, Travel::new(TravelSettings::default(), None))
}

/// One over a database, on a clock, with travel of its own.
pub(crate) fn app_on(db: TestDb, clock: Arc<dyn Clock>, travel: Travel) -> TestApp {
    let ids = Arc::new(SystemIds::new(Arc::clone(&clock)));
    TestApp { app: App::new((*db).clone(), clock, ids, travel), db: Arc::new(db) }
}

/// Founds an organization whose visits are half an hour apart; the login of its owner.
pub(crate) async fn found(app: &App, slug: &str) -> Login {
    let organization = serde_json::from_value(json!({
        "name": slug, "slug": slug, "time_zone": "Atlantic/Reykjavik",
        "travel": { "mode": "fixed", "before_min": 30, "after_min": 30 }
    }));
    let record = organizations::create(app, &organization.unwrap()).await.unwrap();
    let login = Login::new(&format!("owner@{slug}.example"));
    let owner = json!({ "name": "Owner", "email": login.email, "role": "owner" });
    let owner = serde_json::from_value(owner).unwrap();
    let system = Actor::system(record.id);
    members::create(app, &system, &owner, Some(&login.password)).await.unwrap();
    login
}
