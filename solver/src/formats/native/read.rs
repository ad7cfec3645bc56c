//! From text to a case: held against the schema, then against itself.

use serde_json::Value;

use super::problem::Problem;
use super::schema::{self, schema};
use super::{FORMAT, VERSION, build, numbers};
use crate::formats::cases::Case;
use crate::formats::faults::{Fault, Faults};

/// Reads a problem.
///
/// # Errors
/// Every fault: of form, every reference to nothing, id given twice, faulty number and list of a
/// wrong length, and what only the whole of it shows. Where the form leaves open what is meant, only
/// its faults.
pub fn read(text: &str) -> Result<Case, Faults> {
    let (problem, faults): (Problem, Faults) = parse(text, &schema(), FORMAT)?;
    build::case(&problem, faults)
}

/// A document of a format. Numbers out of their range are taken as the nearest one in it, so that the
/// rest can be looked at too; their faults come with it.
pub(super) fn parse<T: serde::de::DeserializeOwned>(
    text: &str,
    schema: &Value,
    format: &str,
) -> Result<(T, Faults), Faults> {
    let (mut value, mut faults) = numbers::parse(text)?;
    if value["format"].is_string() && value["format"] != format {
        faults.add("format", format!("{}; expected {format:?}", value["format"]));
    }
    if value["version"].as_u64().is_some_and(|version| version != u64::from(VERSION)) {
        let message = format!("{}; this program reads version {VERSION}", value["version"]);
        faults.add("version", message);
    }
    let of_form = schema::check(schema, &value).0;
    let mended = of_form.iter().filter(|fault| numbers::mend(&mut value, fault)).count();
    let is_other = |fault: &Fault| matches!(fault.at.as_str(), "format" | "version");
    let is_clear = mended == of_form.len() && !faults.0.iter().any(is_other);
    faults.0.extend(of_form);
    if !is_clear {
        return Err(faults);
    }
    let value = without_extensions(value);
    match serde_json::from_value(value) {
        Ok(read) => Ok((read, faults)),
        Err(error) => {
            if faults.0.is_empty() {
                faults.add("document", error.to_string());
            }
            Err(faults)
        }
    }
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
