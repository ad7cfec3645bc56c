//! `roundsman check`: what is wrong with a file to import, without writing anything.

use clap::Args;

use super::error::CliError;
use super::files::FileArgs;
use super::organization::OrganizationArgs;
use super::settings::SettingsArgs;
use super::{output, wiring};
use crate::app::exchange;
use crate::domain::error::AppError;
use crate::domain::exchange::Document;

/// Say what is wrong with a file to import; write nothing
///
/// A JSON document is checked by itself, and its places against the roads of the settings. A CSV table
/// is checked against the organization in the
/// database, whose skills, zones and locations it names. All faults are shown at once, each with its
/// path, or its row and column. Exit code 0: nothing is wrong; 1: something is; 2: the file cannot
/// be read.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    organization: OrganizationArgs,
}

pub(super) fn run(settings: &SettingsArgs, args: &CheckArgs) -> Result<(), CliError> {
    let CheckArgs { file, organization } = args;
    let noun = file.table()?;
    let text = file.read()?;
    let Some(noun) = noun else {
        let document = exchange::check(&text).map_err(|error| refused(file, error))?;
        let (config, _) = settings.load(&[])?;
        let checked = exchange::check_places(&wiring::travel(&config)?, &document);
        checked.map_err(|error| refused(file, error))?;
        return output::answer(&format!("{} is whole: {}", file.name(), contents(&document)));
    };
    let (config, _) = settings.load(&[])?;
    wiring::block_on(async {
        let app = wiring::app(&config).await?;
        let actor = organization.actor(&app).await?;
        let checked = exchange::check_table(&app, &actor, noun, &text).await;
        let (count, ignored) = checked.map_err(|error| refused(file, error))?;
        warn_ignored(&ignored);
        output::answer(&format!("{} is whole: {count} records", file.name()))
    })
}

/// Why the file was refused: every fault a line.
pub(super) fn refused(file: &FileArgs, error: AppError) -> CliError {
    match error {
        AppError::Invalid(faults) => file.refused(&faults),
        other => CliError::fault(&format!("cannot use {}", file.name()), &other),
    }
}

/// Names the columns of a table that nobody understood.
pub(super) fn warn_ignored(columns: &[String]) {
    if !columns.is_empty() {
        output::warn(&format!("columns that were not understood: {}", columns.join(", ")));
    }
}

/// What a document holds, in one line.
fn contents(document: &Document) -> String {
    let counts = [
        ("locations", document.locations.len()),
        ("technicians", document.technicians.len()),
        ("services", document.services.len()),
        ("customers", document.customers.len()),
        ("sites", document.sites.len()),
        ("bookings", document.bookings.len()),
    ];
    counts.map(|(noun, count)| format!("{count} {noun}")).join(", ")
}
