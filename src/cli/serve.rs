//! `roundsman serve`: the server with its worker, until a signal ends both.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use super::error::CliError;
use super::settings::SettingsArgs;
use super::wiring;
use crate::app::optimizations::OptimizerLimits;
use crate::app::{
    App, calendars, following, holds, messages, optimizations, proposals, replanning,
    waitlist_entries,
};
use crate::clock::{IdSource as _, SystemClock, SystemIds};
use crate::config::{Config, ServerConfig};
use crate::jobs::{Handlers, Worker, WorkerSettings};
use crate::shutdown::Shutdown;
use crate::store::Db;
use crate::store::housekeeping::Retention;
use crate::web::{Home, Map};
use crate::{api, telemetry, web};

/// Start the server
///
/// Brings the tables up to date, answers requests, and does the background work. SIGTERM or SIGINT
/// ends it: no new requests, the running ones finish, nothing is lost.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {}

pub(super) fn run(settings: &SettingsArgs, _: &ServeArgs) -> Result<(), CliError> {
    let (config, _) = settings.load(&[])?;
    let numbers = logged(&config)?;
    wiring::block_on(async {
        let (listener, config) = listen(config).await?;
        let travel = wiring::travel(&config)?;
        let db = wiring::database(&config).await?;
        let parts = (db.clone(), wiring::app_over(&config, db, travel)?);
        let base_url = config.public_url();
        tracing::info!("Listening on {}, reachable at {base_url}", config.server.listen);
        let home = Home { title: "Roundsman".to_owned(), base_url, ..Home::default() };
        let map = config.map.file.clone().map_or(Map::None, Map::File);
        until_signal(&config, parts, (home, map), listener, numbers).await
    })
}

/// Messages sent at the same time.
const SENDING: u32 = 4;

/// Starts log lines and numbers.
pub(super) fn logged(config: &Config) -> Result<PrometheusHandle, CliError> {
    let started = telemetry::start(config.log.json, &config.log.level);
    started.map_err(|error| CliError::fault("cannot log", &error))
}

/// Takes the address of the settings; with port 0 the settings name the port that was free.
pub(super) async fn listen(mut config: Config) -> Result<(TcpListener, Config), CliError> {
    let address = config.server.listen;
    let doing = format!("cannot listen on {address} (choose another with server.listen)");
    let fault = |error: std::io::Error| CliError::fault(&doing, &error);
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    config.server.listen = listener.local_addr().map_err(fault)?;
    Ok((listener, config))
}

/// Serves and works until a signal comes and everything has ended.
pub(super) async fn until_signal(
    config: &Config,
    (db, app): (Db, App),
    (home, map): (Home, Map),
    listener: TcpListener,
    numbers: PrometheusHandle,
) -> Result<(), CliError> {
    let shutdown = Shutdown::by_signal();
    let shutdown = shutdown.map_err(|error| CliError::fault("cannot wait for signals", &error))?;
    tokio::spawn(telemetry::upkeep(numbers.clone()));
    let app = app.with_optimizer(OptimizerLimits { threads_max: config.optimizer.threads });
    let works = config.workers.enabled;
    let worker = works.then(|| tokio::spawn(work(config, db, app.clone(), shutdown.clone())));
    let settings = api_settings(config, numbers);
    let customers = web::customers::router(app.clone(), map.basemap());
    let pages = web::router(home, map).merge(customers);
    let served = api::serve(app, settings, pages, listener, shutdown.begun()).await;
    if let Some(worker) = worker
        && let Err(error) = worker.await
    {
        tracing::error!(error = ?error, "The worker did not end well");
    }
    served.map_err(|error| CliError::fault("the server failed", &error))
}

/// The workers: one for small tasks, one for messages, one for runs of the optimizer, so that none
/// waits for another.
fn work(config: &Config, db: Db, app: App, shutdown: Shutdown) -> impl Future<Output = ()> + use<> {
    let ids = SystemIds::new(Arc::new(SystemClock));
    let grace = Duration::from_secs(config.server.shutdown_grace_s);
    let worker = |handlers: Handlers, concurrency: u32, grace: Duration| {
        let name = ids.next_id().to_string();
        let settings =
            WorkerSettings { concurrency, grace, ..WorkerSettings::new(name, rand::random()) };
        Worker::new(db.clone(), Arc::new(SystemClock), handlers, settings)
    };
    let retention = Retention { audit_days: config.data.audit_days };
    let small = worker(handlers(&app, retention), config.workers.count, grace);
    // Servers of others are slow at times; nothing else waits for them.
    let sending = worker(senders(&app), SENDING, grace);
    let runs = config.optimizer.runs;
    // A search is not waited for: it starts over after the restart.
    let large = (runs > 0).then(|| worker(searches(&app), runs, Duration::ZERO));
    // Calendar servers may be slow: they have a worker that nothing else waits for.
    let tasks = config.calendars.tasks;
    let remote = (tasks > 0).then(|| worker(calendar_tasks(&app), tasks, grace));
    async move {
        let searching = async {
            if let Some(large) = large {
                large.run(shutdown.clone()).await;
            }
        };
        let syncing = async {
            if let Some(remote) = remote {
                remote.run(shutdown.clone()).await;
            }
        };
        let sending = sending.run(shutdown.clone());
        tokio::join!(small.run(shutdown.clone()), sending, searching, syncing);
    }
}

/// Who does which kind of small task.
fn handlers(app: &App, retention: Retention) -> Handlers {
    let (for_holds, for_rules, for_repairs) = (app.clone(), app.clone(), app.clone());
    let for_followers = app.clone();
    let for_schedules = app.clone();
    let for_waitlist = app.clone();
    Handlers::keeping(retention)
        .on(following::TASK, move |lease| {
            let app = for_followers.clone();
            async move { Ok(following::follow(&app, lease).await?) }
        })
        .on(messages::daily::TASK, move |lease| {
            let app = for_schedules.clone();
            async move { Ok(messages::daily::send(&app, lease).await?) }
        })
        .on(holds::EXPIRE_TASK, move |lease| {
            let app = for_holds.clone();
            async move { Ok(holds::expire(&app, lease).await?) }
        })
        .on(proposals::APPLY_TASK, move |lease| {
            let app = for_rules.clone();
            async move { Ok(proposals::apply_by_rule(&app, lease).await?) }
        })
        .on(waitlist_entries::TASK, move |lease| {
            let app = for_waitlist.clone();
            async move { Ok(waitlist_entries::match_freed(&app, lease).await?) }
        })
        .on(replanning::TASK, move |lease| {
            let app = for_repairs.clone();
            async move { Ok(replanning::repair(&app, lease).await?) }
        })
}

/// Who sends messages.
fn senders(app: &App) -> Handlers {
    let app = app.clone();
    Handlers::none().on(messages::DELIVER_TASK, move |lease| {
        let app = app.clone();
        async move { Ok(messages::delivering::deliver(&app, lease).await?) }
    })
}

/// Who reads and writes calendars.
fn calendar_tasks(app: &App) -> Handlers {
    let (for_reading, for_writing, for_channels) = (app.clone(), app.clone(), app.clone());
    let for_parting = app.clone();
    Handlers::none()
        .on(calendars::parting::TASK, move |lease| {
            let app = for_parting.clone();
            async move { Ok(calendars::parting::part(&app, lease).await?) }
        })
        .on(calendars::channels::TASK, move |lease| {
            let app = for_channels.clone();
            async move { Ok(calendars::channels::keep(&app, lease).await?) }
        })
        .on(calendars::reading::TASK, move |lease| {
            let app = for_reading.clone();
            async move { Ok(calendars::reading::read(&app, lease).await?) }
        })
        .on(calendars::writing::TASK, move |lease| {
            let app = for_writing.clone();
            async move { Ok(calendars::writing::write(&app, lease).await?) }
        })
}

/// Who does runs of the optimizer.
fn searches(app: &App) -> Handlers {
    let (app, for_endings) = (app.clone(), app.clone());
    Handlers::none()
        .on(optimizations::RUN_TASK, move |lease| {
            let app = app.clone();
            async move { Ok(optimizations::run(&app, lease).await?) }
        })
        .ending(optimizations::RUN_TASK, move |task| {
            let app = for_endings.clone();
            async move { Ok(optimizations::given_up(&app, &task).await?) }
        })
}

fn api_settings(config: &Config, numbers: PrometheusHandle) -> api::Settings {
    let ServerConfig { trusted_proxies, cors_origins, metrics_token, .. } = config.server.clone();
    api::Settings {
        base_url: config.public_url(),
        is_trusted_proxy: Arc::new(move |address| {
            trusted_proxies.iter().any(|network| network.contains(&address))
        }),
        cors_origins,
        body_limit_bytes: config.server.body_limit_bytes,
        request_timeout: Duration::from_secs(config.server.request_timeout_s),
        shutdown_grace: Duration::from_secs(config.server.shutdown_grace_s),
        public_requests_per_minute: config.server.public_requests_per_minute,
        session_lifetime: Duration::from_secs(u64::from(config.sessions.lifetime_minutes) * 60),
        metrics: Some(Arc::new(move || numbers.render())),
        metrics_token,
    }
}
