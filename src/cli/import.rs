//! `roundsman import`: a whole organization from JSON, or a table of one noun from CSV.

use clap::Args;

use super::check::{refused, warn_ignored};
use super::error::CliError;
use super::files::FileArgs;
use super::organization::OrganizationArgs;
use super::settings::SettingsArgs;
use super::{output, wiring};
use crate::app::App;
use crate::app::exchange::{self, Imported};

/// Read a whole organization (JSON), or technicians, customers or sites (CSV)
///
/// A document founds its organization, or with --organization changes that one: records are
/// recognized by their id, nothing is deleted. With any fault nothing is written. Passwords are not
/// part of a document: `roundsman user password EMAIL` sets them.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    organization: OrganizationArgs,
}

pub(super) fn run(settings: &SettingsArgs, args: &ImportArgs) -> Result<(), CliError> {
    // Both may end the command before anything is opened.
    args.file.table()?;
    let text = args.file.read()?;
    let (config, _) = settings.load(&[])?;
    let imported = wiring::block_on(async {
        let app = wiring::app(&config).await?;
        import(&app, args, &text).await
    })?;
    warn_ignored(&imported.ignored_columns);
    output::answer(&summary(&imported))
}

async fn import(app: &App, args: &ImportArgs, text: &[u8]) -> Result<Imported, CliError> {
    let ImportArgs { file, organization } = args;
    let imported = if let Some(noun) = file.table()? {
        let actor = organization.actor(app).await?;
        exchange::import_table(app, &actor, noun, text).await
    } else if organization.is_named() {
        let actor = organization.actor(app).await?;
        exchange::import(app, &actor, text).await
    } else {
        match exchange::check(text) {
            Ok(document) => exchange::found(app, document).await,
            Err(error) => Err(error),
        }
    };
    imported.map_err(|error| refused(file, error))
}

fn summary(imported: &Imported) -> String {
    let Imported { added, changed, unchanged, renamed, .. } = imported;
    let done = format!("Added {added}, changed {changed}, left {unchanged} as they were.");
    if *renamed == 0 {
        return done;
    }
    format!("{done} {renamed} got new ids, since another organization has theirs.")
}
