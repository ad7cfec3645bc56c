//! Files that people hand over: reading them, telling their form, and showing what is wrong.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::error::CliError;
use crate::app::exchange::csv::CsvNoun;
use crate::domain::faults::Fault;

/// A file to import or check.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The file, or - for standard input
    file: PathBuf,
    /// What the rows of a CSV table are; without it the file is a JSON document
    #[arg(long = "as", value_enum, value_name = "NOUN")]
    noun: Option<TableNoun>,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TableNoun {
    /// One technician a row.
    Technicians,
    /// One customer a row.
    Customers,
    /// One site a row.
    Sites,
}

impl From<TableNoun> for CsvNoun {
    fn from(noun: TableNoun) -> Self {
        match noun {
            TableNoun::Technicians => Self::Technicians,
            TableNoun::Customers => Self::Customers,
            TableNoun::Sites => Self::Sites,
        }
    }
}

impl FileArgs {
    /// What the rows are; none if the file is a document.
    ///
    /// # Errors
    /// If the name says CSV and nobody said of what.
    pub(super) fn table(&self) -> Result<Option<CsvNoun>, CliError> {
        let csv = self.file.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
        match self.noun {
            Some(noun) => Ok(Some(noun.into())),
            None if csv => Err(CliError::Usage(format!(
                "say what the rows of {} are: --as technicians, --as customers or --as sites",
                self.file.display()
            ))),
            None => Ok(None),
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn read(&self) -> Result<Vec<u8>, CliError> {
        bytes(&self.file)
    }

    /// How messages name the file.
    pub(super) fn name(&self) -> String {
        name(&self.file)
    }

    /// All faults of the file, one a line.
    pub(super) fn refused(&self, faults: &[Fault]) -> CliError {
        let count = faults.len();
        let noun = if count == 1 { "fault" } else { "faults" };
        let mut lines = vec![format!("{}: {count} {noun}, nothing was written", self.name())];
        lines.extend(faults.iter().map(line));
        CliError::Fault(lines.join("\n"))
    }
}

/// The bytes of a file, or of standard input for `-`.
///
/// # Errors
/// If it cannot be read.
pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, CliError> {
    let read = if file == Path::new("-") {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text).map(|_| text)
    } else {
        fs::read(file)
    };
    read.map_err(|error| CliError::Usage(format!("cannot read {}: {error}", name(file))))
}

/// How messages name a file.
fn name(file: &Path) -> String {
    if file == Path::new("-") {
        return "standard input".to_owned();
    }
    file.display().to_string()
}

/// One fault as a line: place, value, message.
pub(super) fn line(fault: &Fault) -> String {
    let Fault { field, value, message, .. } = fault;
    let value = value.replace(['\n', '\r'], " ");
    if value.is_empty() {
        format!("{field}: {message}")
    } else {
        format!("{field} = `{value}`: {message}")
    }
}
