//! From settings to the parts that commands share: the runtime, the database, travel.

use std::fs;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::error::CliError;
use super::roads;
use crate::app::App;
use crate::clock::{Clock, SystemClock, SystemIds};
use crate::config::Config;
use crate::store::{Db, DbSettings};
use crate::travel::factors::HourFactors;
use crate::travel::osrm::{OsrmSettings, Roots};
use crate::travel::{Travel, TravelSettings};

/// Runs asynchronous work to its end.
///
/// # Errors
/// Its own, or that the system gives no threads.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::fault("cannot start threads", &error))?;
    runtime.block_on(work)
}

/// Connects to the database of the settings and brings its tables up to date.
///
/// # Errors
/// If the data folder cannot be made, the database not reached or its tables not changed.
pub(super) async fn database(config: &Config) -> Result<Db, CliError> {
    let mut settings = DbSettings::new(config.database_url());
    settings.connections_max = config.database.pool_size;
    if config.database.url.is_none() {
        let dir = &config.data.dir;
        let doing = format!("cannot make the data folder {}", dir.display());
        fs::create_dir_all(dir).map_err(|error| CliError::fault(&doing, &error))?;
    }
    let shown = config.database_shown();
    let connecting = format!("cannot open the database {shown}");
    let db = Db::connect(&settings).await.map_err(|error| CliError::fault(&connecting, &error))?;
    let migrating = format!("cannot bring the tables of {shown} up to date");
    db.migrate().await.map_err(|error| CliError::fault(&migrating, &error))?;
    Ok(db)
}

/// Travel as the settings say. Cost: milliseconds for a prepared graph, about a second for the map
/// of a city the first time.
///
/// # Errors
/// If there is a road file or a file of certificates that cannot be used.
pub(super) fn travel(config: &Config) -> Result<Travel, CliError> {
    // The settings were checked against the range of the factors.
    let hour_factors = HourFactors::new(config.roads.percent_by_hour()).unwrap_or_default();
    let osrm = OsrmSettings {
        connect_timeout: Duration::from_millis(config.osrm.connect_timeout_ms),
        timeout: Duration::from_millis(config.osrm.timeout_ms),
        allowed_networks: config.osrm.allowed_networks.clone(),
        roots: roots(config)?,
        ..OsrmSettings::default()
    };
    let settings = TravelSettings { hour_factors, osrm, ..TravelSettings::default() };
    Ok(Travel::new(settings, roads::open(config)?.map(Arc::new)))
}

/// The certificate authorities of the settings.
fn roots(config: &Config) -> Result<Roots, CliError> {
    let Some(file) = &config.osrm.root_certificates else { return Ok(Roots::default()) };
    let unusable = |why: String| {
        let (key, file) = ("osrm.root_certificates", file.display());
        CliError::Usage(format!("the setting {key} names {file}, which cannot be used: {why}"))
    };
    let text = fs::read(file).map_err(|error| unusable(error.to_string()))?;
    Roots::from_pem(&text).map_err(unusable)
}

/// Everything that use cases need, over the database and the roads of the settings.
///
/// # Errors
/// As [`database`] and [`travel`].
pub(super) async fn app(config: &Config) -> Result<App, CliError> {
    let travel = travel(config)?;
    Ok(app_over(database(config).await?, travel))
}

/// Use cases by the machine's clock.
pub(super) fn app_over(db: Db, travel: Travel) -> App {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids = Arc::new(SystemIds::new(Arc::clone(&clock)));
    App::new(db, clock, ids, travel)
}
