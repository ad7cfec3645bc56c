//! Things by their names, as people type them.

use std::fmt::Display;

use super::error::CliError;
use crate::domain::exchange::Item;

/// Names listed when one is unknown.
const SHOWN_MAX: usize = 30;

/// The id of the thing with this id or name; case does not matter.
///
/// # Errors
/// If nothing or several things have the name.
pub(super) fn named<I: Copy + Display, T>(
    noun: &str,
    text: &str,
    items: &[Item<I, T>],
    name: fn(&T) -> &str,
) -> Result<I, CliError> {
    if let Some(item) = items.iter().find(|item| item.id.to_string().eq_ignore_ascii_case(text)) {
        return Ok(item.id);
    }
    let wanted = text.to_lowercase();
    let mut found = items.iter().filter(|item| name(&item.value).to_lowercase() == wanted);
    match (found.next(), found.next()) {
        (Some(item), None) => Ok(item.id),
        (Some(_), Some(_)) => {
            Err(CliError::Usage(format!("several have the {noun} name `{text}`; give the id")))
        }
        (None, _) => {
            let names = items.iter().take(SHOWN_MAX).map(|item| name(&item.value));
            let names = names.collect::<Vec<_>>().join(", ");
            Err(CliError::Usage(format!("no {noun} `{text}`; known are: {names}")))
        }
    }
}
