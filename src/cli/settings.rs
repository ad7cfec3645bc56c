//! The flags every command has: where the settings come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::Args;

use super::error::CliError;
use super::output;
use crate::config::{Config, Sources};

/// Read if nobody names another file, and if it is there.
const DEFAULT_FILE: &str = "roundsman.toml";

#[derive(Debug, Args)]
pub(super) struct SettingsArgs {
    /// Settings file (TOML) [default: roundsman.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "ROUNDSMAN_CONFIG")]
    config: Option<PathBuf>,
    /// Set one setting, for instance server.listen=0.0.0.0:80; may be given many times
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
}

impl SettingsArgs {
    /// Reads all sources and says on stderr what looks odd in them.
    ///
    /// * `own`: what flags of the command itself set: flag, key, value.
    ///
    /// # Errors
    /// Every fault in the settings, or that a named file cannot be read.
    pub(super) fn load(&self, own: &[(&str, &str, String)]) -> Result<(Config, Sources), CliError> {
        let mut sources = Sources::default();
        let file = self.config.clone().or_else(|| {
            let default = PathBuf::from(DEFAULT_FILE);
            default.exists().then_some(default)
        });
        if let Some(file) = file {
            let text = read(&file)?;
            sources.file(&file.display().to_string(), &text);
        }
        sources.environment(env::vars_os().filter_map(in_unicode));
        for (key, value) in &self.set {
            sources.flag("--set", key, value);
        }
        for (flag, key, value) in own {
            sources.flag(flag, key, value);
        }
        sources.warnings().iter().for_each(|warning| output::warn(warning));
        let config = Config::from_sources(&sources)?;
        Ok((config, sources))
    }
}

fn read(file: &Path) -> Result<String, CliError> {
    fs::read_to_string(file).map_err(|error| {
        CliError::Usage(format!("cannot read the settings file {}: {error}", file.display()))
    })
}

/// Variables of others may hold any bytes; a setting of ours with such bytes is shown with marks
/// in their place and then refused by its own rules.
fn in_unicode((name, value): (OsString, OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("needs the form KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
