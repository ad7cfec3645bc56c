//! `roundsman export`: a whole organization as one JSON document.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::organization::OrganizationArgs;
use super::settings::SettingsArgs;
use super::{output, wiring};
use crate::app::exchange;

/// Write a whole organization as one JSON document
///
/// Passwords, API keys, holds and audit entries are not part of it. `docs/exchange.md` describes
/// the format.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    organization: OrganizationArgs,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show the JSON Schema of the format instead
    #[arg(long)]
    schema: bool,
}

pub(super) fn run(settings: &SettingsArgs, args: &ExportArgs) -> Result<(), CliError> {
    if args.schema {
        return output::answer(&format!("{:#}", exchange::schema()));
    }
    let (config, _) = settings.load(&[])?;
    let document = wiring::block_on(async {
        let app = wiring::app(&config).await?;
        let actor = args.organization.actor(&app).await?;
        let exported = exchange::export(&app, &actor).await;
        exported.map_err(|error| CliError::fault("cannot export", &error))
    })?;
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| CliError::fault("cannot write the document", &error))?;
    let Some(file) = &args.out else { return output::answer(&text) };
    let doing = format!("cannot write {}", file.display());
    fs::write(file, text + "\n").map_err(|error| CliError::fault(&doing, &error))
}
