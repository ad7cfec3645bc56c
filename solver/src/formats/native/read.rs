//! From text to a case: held against the schema, then against itself.

use serde_json::Value;

use super::problem::Problem;
use super::schema::{self, schema};
use super::{FORMAT, VERSION, build};
use crate::formats::cases::Case;
use crate::formats::faults::Faults;

/// Reads a problem.
///
/// # Errors
/// Every fault: of form first; if there is none, every reference to nothing, id given twice, faulty
/// number and list of a wrong length.
pub fn read(text: &str) -> Result<Case, Faults> {
    let problem: Problem = parse(text, &schema(), FORMAT)?;
    build::case(&problem)
}

/// A document of a format, once nothing is wrong with its form.
pub(super) fn parse<T: serde::de::DeserializeOwned>(
    text: &str,
    schema: &Value,
    format: &str,
) -> Result<T, Faults> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Faults::one(format!("line {}, column {}", error.line(), error.column()), message)
    })?;
    let mut faults = Faults::default();
    if value["format"].is_string() && value["format"] != format {
        faults.add("format", format!("{}; expected {format:?}", value["format"]));
    }
    if value["version"].as_u64().is_some_and(|version| version != u64::from(VERSION)) {
        let message = format!("{}; this program reads version {VERSION}", value["version"]);
        faults.add("version", message);
    }
    faults.0.extend(schema::check(schema, &value).0);
    faults.or(())?;
    let value = without_extensions(value);
    serde_json::from_value(value).map_err(|error| Faults::one("document", error.to_string()))
}

/// Fields that begin with `x_` are somebody else's.
fn without_extensions(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(key, _)| !key.starts_with("x_"))
            .map(|(key, value)| (key, without_extensions(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_extensions).collect(),
        other => other,
    }
}
