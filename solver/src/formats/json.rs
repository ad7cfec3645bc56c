//! JSON of benchmark sets: what is read is taken by name, the rest is left alone.

use serde::de::DeserializeOwned;

use crate::formats::faults::Faults;

/// Reads a document into `T`.
///
/// # Errors
/// Where the text stops being JSON or what is expected.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Faults> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // The place is said once, in front.
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Faults::one(format!("line {}, column {}", error.line(), error.column()), message)
    })
}
