//! From settings to the parts that commands share: the runtime, the database.

use std::fs;
use std::future::Future;

use super::error::CliError;
use crate::config::Config;
use crate::store::{Db, DbSettings};

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
