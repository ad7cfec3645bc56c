//! `roundsman migrate`: the tables of the database.

use clap::Args;

use super::error::CliError;
use super::settings::SettingsArgs;
use super::{output, wiring};

/// Create the tables of the database, or bring them up to date
///
/// `serve` does the same when it starts. Run this first where the server may not change tables, or
/// where several servers share one PostgreSQL.
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {}

pub(super) fn run(settings: &SettingsArgs, _: &MigrateArgs) -> Result<(), CliError> {
    let (config, _) = settings.load(&[])?;
    wiring::block_on(wiring::database(&config))?;
    output::answer(&format!("The tables of {} are up to date.", config.database_shown()))
}
