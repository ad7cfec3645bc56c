//! `roundsman export`: a whole organization as one JSON document, or a table of one noun as CSV.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::files::TableNoun;
use super::organization::OrganizationArgs;
use super::settings::SettingsArgs;
use super::{output, wiring};
use crate::app::exchange;
use crate::domain::error::AppError;

/// Write a whole organization (JSON), or technicians, customers or sites (CSV)
///
/// Passwords, API keys, holds and audit entries are not part of it. `docs/exchange.md` describes
/// the format.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    organization: OrganizationArgs,
    /// Write a CSV table of these, as `import` reads it
    #[arg(long = "as", value_enum, value_name = "NOUN", conflicts_with = "schema")]
    noun: Option<TableNoun>,
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
    let failed = |error: AppError| CliError::fault("cannot export", &error);
    let text = wiring::block_on(async {
        let app = wiring::app(&config).await?;
        let actor = args.organization.actor(&app).await?;
        if let Some(noun) = args.noun {
            let table = exchange::export_table(&app, &actor, noun.into()).await;
            return Ok(table.map_err(failed)?.trim_end().to_owned());
        }
        let document = exchange::export(&app, &actor).await.map_err(failed)?;
        serde_json::to_string_pretty(&document)
            .map_err(|error| CliError::fault("cannot write the document", &error))
    })?;
    let Some(file) = &args.out else { return output::answer(&text) };
    let doing = format!("cannot write {}", file.display());
    fs::write(file, text + "\n").map_err(|error| CliError::fault(&doing, &error))
}
