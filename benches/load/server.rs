//! A real server on a free port of this machine, over a database of its own.

use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Duration;

use chrono::{NaiveDate, Utc};
use reqwest::StatusCode;
use roundsman::api::{Settings, serve};
use roundsman::app::{App, api_keys, exchange, optimizations, organizations};
use roundsman::clock::{Clock as _, IdSource as _, SystemClock, SystemIds};
use roundsman::domain::actors::Actor;
use roundsman::domain::exchange::Document;
use roundsman::jobs::{Handlers, Worker, WorkerSettings};
use roundsman::shutdown::{Shutdown, Trigger};
use roundsman::store::{Db, DbSettings};
use roundsman::travel::{Travel, TravelSettings};
use roundsman::web;
use roundsman_roads::{Profile, Roads};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::Failure;

/// A running server; it ends with this.
pub(crate) struct Server {
    base: String,
    /// A key of the first organization that may see and change its plan.
    key: String,
    client: reqwest::Client,
    /// The address of its database.
    pub(crate) url: String,
    _stop: oneshot::Sender<()>,
    /// Ends the worker when it is dropped.
    _trigger: Trigger,
    _folder: TempDir,
}

/// Roads of the demo region.
pub(crate) fn roads() -> Result<Arc<Roads>, Failure> {
    let map = "data/region/reykjavik-region.roads.osm.pbf";
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join(map);
    Ok(Arc::new(Roads::import(&map, &Profile::car())?))
}

/// Today.
pub(crate) fn today() -> NaiveDate {
    SystemClock.now().with_timezone(&Utc).date_naive()
}

impl Server {
    /// Starts with these organizations in a new database: a SQLite file, or a schema of its own
    /// on a PostgreSQL server.
    pub(crate) async fn start(
        postgres: Option<&str>,
        roads: Option<Arc<Roads>>,
        organizations: Vec<Document>,
    ) -> Result<Self, Failure> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Only the first call can succeed, and it is this one.
            let _installed = rustls::crypto::ring::default_provider().install_default();
        });
        let folder = TempDir::new()?;
        let url = match postgres {
            Some(server) => schema(server).await?,
            None => format!("sqlite:{}", folder.path().join("load.db").display()),
        };
        let settings = DbSettings { wait_max: Duration::from_secs(30), ..DbSettings::new(&url) };
        let db = Db::connect(&settings).await?;
        db.migrate().await?;
        let clock = Arc::new(SystemClock);
        let ids = Arc::new(SystemIds::new(Arc::clone(&clock) as _));
        let clock_of_worker = Arc::clone(&clock);
        let app = App::new(db.clone(), clock, ids, Travel::new(TravelSettings::default(), roads));
        let slug = organizations.first().map(|one| one.organization.value.slug.clone());
        for document in organizations {
            exchange::found(&app, document).await?;
        }
        let key = key(&app, &slug.unwrap_or_default()).await?;
        let (trigger, shutdown) = Shutdown::by_trigger();
        let searching = app.clone();
        let handlers = Handlers::none().on(optimizations::RUN_TASK, move |lease| {
            let app = searching.clone();
            async move { Ok(optimizations::run(&app, lease).await?) }
        });
        let worker = Worker::new(db, clock_of_worker, handlers, WorkerSettings::new("bench", 1));
        tokio::spawn(worker.run(shutdown));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let settings = Settings { public_requests_per_minute: 10_000_000, ..Settings::default() };
        let pages = web::router(web::Home::default(), web::Map::None);
        tokio::spawn(serve(app, settings, pages, listener, async {
            // A dropped sender stops the server too.
            let _told = stopped.await;
        }));
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { base, key, client, url, _stop: stop, _trigger: trigger, _folder: folder })
    }

    /// A request that is not sent yet, with the key of the first organization.
    pub(crate) fn known(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}/api/v1/{path}", self.base));
        let request = request.bearer_auth(&self.key);
        if body.is_null() { request } else { request.json(body) }
    }

    /// A request that is not sent yet, to what anyone may ask of an organization.
    pub(crate) fn post(&self, slug: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client.post(format!("{}/api/v1/public/{slug}/{path}", self.base)).json(body)
    }
}

/// A new key of an organization that may see and change its plan.
async fn key(app: &App, slug: &str) -> Result<String, Failure> {
    let public = organizations::public_actor(app, slug).await?;
    let actor = Actor::system(public.organization_id);
    let scopes = ["plans:read", "plans:write"].map(ToOwned::to_owned).into();
    Ok(api_keys::create(app, &actor, "bench", &scopes).await?.1)
}

/// The status and body of an answer.
pub(crate) async fn answer(
    request: reqwest::RequestBuilder,
) -> Result<(StatusCode, Value), Failure> {
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// A new schema on a PostgreSQL server, as an address.
async fn schema(server: &str) -> Result<String, Failure> {
    use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
    let schema = format!("load_{}", SystemIds::new(Arc::new(SystemClock)).next_id().simple());
    let mut connection = PgConnection::connect(server).await?;
    let text = format!("create schema {schema}");
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
    let mark = if server.contains('?') { '&' } else { '?' };
    Ok(format!("{server}{mark}options[search_path]={schema},public"))
}
