//! `roundsman config`: which settings are in force, and what settings there are.

use clap::Args;

use super::error::CliError;
use super::output;
use super::settings::SettingsArgs;
use crate::config::{effective, reference};

/// Show the settings in force and where each comes from
///
/// The answer is a settings file by itself. Every setting can be given in that file, as a variable
/// of the environment (`server.listen` as `ROUNDSMAN_SERVER_LISTEN`) or with `--set`. All faults in the
/// settings are reported together.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Show every setting with its meaning, unit, default, allowed values and an example
    #[arg(long)]
    reference: bool,
}

pub(super) fn run(settings: &SettingsArgs, args: &ConfigArgs) -> Result<(), CliError> {
    if args.reference {
        return output::answer(&reference());
    }
    let (config, sources) = settings.load(&[])?;
    output::answer(&effective(&config, &sources))
}
