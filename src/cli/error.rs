//! Why a command ends without having done its work.

use std::process::ExitCode;

use crate::config::ConfigError;

/// Shown on stderr; decides the exit code.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The user has to change a flag, an argument or a setting.
    #[error("{0}")]
    Usage(String),
    /// The command was right, but something failed.
    #[error("{0}")]
    Fault(String),
    /// The command did its work, but the plan is not whole.
    #[error("{0}")]
    Incomplete(String),
}

impl CliError {
    /// A fault with what was being done: `cannot write x.json: no space left`.
    pub(super) fn fault(doing: &str, error: &dyn std::error::Error) -> Self {
        // The causes matter: "cannot connect" alone does not say to what or why not.
        let mut text = format!("{doing}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.ends_with(&more) {
                text = format!("{text}: {more}");
            }
            cause = error.source();
        }
        Self::Fault(text)
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Fault(_) => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::Incomplete(_) => ExitCode::from(3),
        }
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}
