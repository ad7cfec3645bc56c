//! Reads an organization's document from JSON and finds every fault in it, each with its path.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::app::exchange::lists::{self, LISTS, ListSpec};
use crate::app::exchange::{references, wording};
use crate::domain::exchange::{Document, FORMAT, Item, VERSION};
use crate::domain::faults::{Fault, Faults, Validate, check_characters, shown};

/// Faults of one record after which reading it is given up.
const FAULTS_PER_RECORD: usize = 50;

/// The document that a text holds, without a fault: every value fits, every reference leads to
/// something in the document, nothing is named twice.
///
/// A byte order mark is tolerated; lists may have the names that other products use.
///
/// # Errors
/// All faults, each with its path, for instance `technicians[3].skills[0].level`.
pub fn document(text: &[u8]) -> Result<Document, Vec<Fault>> {
    let mut faults = Faults::default();
    let mut left_out = BTreeSet::new();
    let document = parse(text, &mut left_out, &mut faults);
    if let Some(document) = &document {
        validate(document, &mut faults);
        references::check(document, &left_out, &mut faults);
    }
    faults.into_result()?;
    // Without a fault there is a document.
    document.ok_or_else(Vec::new)
}

fn parse(text: &[u8], left_out: &mut BTreeSet<Uuid>, faults: &mut Faults) -> Option<Document> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => {
            faults.add("document", "", format!("is no JSON: {error}"));
            return None;
        }
    };
    check_texts(&value, "", faults);
    let Value::Object(mut root) = value else {
        faults.add("document", kind(&value), "must be a JSON object with the lists of nouns");
        return None;
    };
    if !check_format(&mut root, faults) {
        return None;
    }
    rename_lists(&mut root, faults);
    let organization = root.remove("organization");
    faults.check(organization.is_some(), "organization", "", "is missing");
    let organization =
        organization.and_then(|value| item(value, "organization", &lists::organization(), faults));
    let settings = root.remove("message_settings").filter(|value| !value.is_null());
    let settings = settings
        .and_then(|value| record(value, "message_settings", &lists::message_settings(), faults));
    let mut document = Document::of(Uuid::nil().into(), lists::nobody());
    document.message_settings = settings;
    lists::read_all(&mut document, Lists { root: &mut root, left_out, faults });
    for key in root.keys() {
        let known: Vec<&str> = LISTS.iter().map(|list| list.name).collect();
        faults.add(key, "", format!("is no list of the format; known are {}", known.join(", ")));
    }
    document.organization = organization.unwrap_or(document.organization);
    Some(document)
}

/// Notes every text with characters that no database and no reader wants.
fn check_texts(value: &Value, path: &str, faults: &mut Faults) {
    match value {
        Value::String(text) => check_characters(faults, path.trim_start_matches('.'), text),
        Value::Array(items) => {
            for (row, item) in items.iter().enumerate() {
                check_texts(item, &format!("{path}[{row}]"), faults);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                check_texts(field, &format!("{path}.{name}"), faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn check_format(root: &mut Map<String, Value>, faults: &mut Faults) -> bool {
    let format = root.remove("format").unwrap_or(Value::Null);
    if format != FORMAT {
        let message = format!("must be `{FORMAT}`; is this an export of Roundsman?");
        faults.add("format", shown(&format), message);
        return false;
    }
    let version = root.remove("version").unwrap_or(Value::Null);
    let known = version.as_u64().is_some_and(|it| (1..=u64::from(VERSION)).contains(&it));
    let message = format!(
        "must be 1 to {VERSION}, the versions this program reads; a newer program may have written it"
    );
    faults.check(known, "version", shown(&version), &message);
    known
}

/// Gives lists that have other products' names ours.
fn rename_lists(root: &mut Map<String, Value>, faults: &mut Faults) {
    for list in LISTS {
        for alias in list.aliases {
            let Some(value) = root.remove(*alias) else { continue };
            if root.contains_key(list.name) {
                let message = format!("is another word for `{}`; use one of the two", list.name);
                faults.add(alias, "", message);
            } else {
                root.insert(list.name.to_owned(), value);
            }
        }
    }
}

/// Takes lists out of a document.
pub(super) struct Lists<'a> {
    /// What is still to be read.
    pub(super) root: &'a mut Map<String, Value>,
    /// Ids of records that had faults, so that what refers to them is no fault as well.
    pub(super) left_out: &'a mut BTreeSet<Uuid>,
    pub(super) faults: &'a mut Faults,
}

/// Reads one record.
type Read<T> = fn(Value, &str, &ListSpec, &mut Faults) -> Option<T>;

impl Lists<'_> {
    /// The records of a list; those with faults are left out.
    pub(super) fn take<T>(&mut self, list: &ListSpec, read: Read<T>) -> Vec<T> {
        match self.root.remove(list.name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => {
                let mut records = Vec::with_capacity(values.len());
                for (row, value) in values.into_iter().enumerate() {
                    let id = value.get("id").and_then(Value::as_str);
                    let id: Option<Uuid> = id.and_then(|id| id.parse().ok());
                    match read(value, &format!("{}[{row}]", list.name), list, self.faults) {
                        Some(record) => records.push(record),
                        None => self.left_out.extend(id),
                    }
                }
                records
            }
            Some(other) => {
                self.faults.add(list.name, kind(&other), "must be a list");
                Vec::new()
            }
        }
    }
}

/// A record with its id; none if it has faults.
pub(super) fn item<I, T>(
    value: Value,
    path: &str,
    list: &ListSpec,
    faults: &mut Faults,
) -> Option<Item<I, T>>
where
    I: DeserializeOwned,
    T: DeserializeOwned + serde::Serialize,
{
    let Value::Object(mut fields) = value else {
        faults.add(path, kind(&value), "must be an object");
        return None;
    };
    let id = fields.remove("id").unwrap_or(Value::Null);
    let id_read = serde_json::from_value(id.clone());
    if id_read.is_err() {
        faults.add(&format!("{path}.id"), shown(&id), "must be a UUID");
    }
    let value = record(Value::Object(fields), path, list, faults);
    Some(Item { id: id_read.ok()?, value: value? })
}

/// A record; none if it has faults, all of which are noted.
///
/// serde stops at the first fault, so a faulty field is noted, replaced by one that fits, and the
/// record read again.
pub(super) fn record<T: DeserializeOwned + serde::Serialize>(
    value: Value,
    path: &str,
    list: &ListSpec,
    faults: &mut Faults,
) -> Option<T> {
    let Value::Object(mut fields) = value else {
        faults.add(path, kind(&value), "must be an object");
        return None;
    };
    let sample = (list.sample)();
    let mut whole = true;
    for _ in 0..FAULTS_PER_RECORD {
        let whole_value = Value::Object(fields.clone());
        let error = match serde_path_to_error::deserialize::<_, T>(&whole_value) {
            Ok(read) => {
                let known = note_unknown(&whole_value, &read, path, faults);
                return (whole && known).then_some(read);
            }
            Err(error) => error,
        };
        whole = false;
        let inner = error.path().to_string();
        let told = error.into_inner().to_string();
        let message = wording::plain(&told);
        let field = top_field(&inner).or_else(|| missing_field(&told));
        let place = if inner == "." { String::new() } else { format!(".{inner}") };
        let found = whole_value.pointer(&pointer(&inner)).map_or(String::new(), shown);
        let Some(field) = field else {
            faults.add(&format!("{path}{place}"), found, message);
            return None;
        };
        if inner == "." {
            faults.add(&format!("{path}.{field}"), "", "is missing");
        } else {
            faults.add(&format!("{path}{place}"), found, message);
        }
        let fitting = sample.get(&field).cloned();
        let Some(fitting) = fitting.filter(|it| fields.get(&field) != Some(it)) else {
            fields.remove(&field)?;
            continue;
        };
        fields.insert(field, fitting);
    }
    None
}

/// Notes fields that the record does not have: what was read does not write them again.
fn note_unknown<T: serde::Serialize>(
    given: &Value,
    read: &T,
    path: &str,
    faults: &mut Faults,
) -> bool {
    let Ok(written) = serde_json::to_value(read) else { return true };
    let before = faults.list().len();
    compare(given, &written, path, faults);
    faults.list().len() == before
}

fn compare(given: &Value, written: &Value, path: &str, faults: &mut Faults) {
    match (given, written) {
        (Value::Object(given), Value::Object(written)) => {
            for (key, value) in given {
                let path = format!("{path}.{key}");
                match written.get(key) {
                    Some(inner) => compare(value, inner, &path, faults),
                    None => faults.add(&path, shown(value), "is no field of this noun"),
                }
            }
        }
        (Value::Array(given), Value::Array(written)) => {
            for (row, (value, inner)) in given.iter().zip(written).enumerate() {
                compare(value, inner, &format!("{path}[{row}]"), faults);
            }
        }
        _ => {}
    }
}

fn validate(document: &Document, faults: &mut Faults) {
    fn all<I, T: Validate>(name: &str, items: &[Item<I, T>], faults: &mut Faults) {
        for (row, item) in items.iter().enumerate() {
            faults.within(&format!("{name}[{row}]."), |faults| item.value.validate(faults));
        }
    }
    faults.within("organization.", |faults| document.organization.value.validate(faults));
    all("locations", &document.locations, faults);
    all("skills", &document.skills, faults);
    all("equipment", &document.equipment, faults);
    all("zones", &document.zones, faults);
    all("technicians", &document.technicians, faults);
    all("teams", &document.teams, faults);
    all("members", &document.members, faults);
    all("services", &document.services, faults);
    all("packages", &document.packages, faults);
    if let Some(settings) = &document.message_settings {
        faults.within("message_settings.", |faults| settings.validate(faults));
    }
    all("message_templates", &document.message_templates, faults);
    all("absences", &document.absences, faults);
    all("customers", &document.customers, faults);
    all("sites", &document.sites, faults);
    all("jobs", &document.jobs, faults);
}

/// The first name of a path such as `skills[0].level`; none for the root.
fn top_field(path: &str) -> Option<String> {
    let name = path.split(['.', '[']).next().filter(|name| !name.is_empty())?;
    Some(name.to_owned())
}

/// The name in serde's "missing field `name`".
fn missing_field(message: &str) -> Option<String> {
    let rest = message.strip_prefix("missing field `")?;
    rest.split('`').next().map(str::to_owned)
}

/// `skills[0].level` as the JSON pointer `/skills/0/level`.
fn pointer(path: &str) -> String {
    if path == "." {
        return "/.".to_owned();
    }
    format!("/{}", path.replace(['.', '['], "/").replace(']', "")).replace("//", "/")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
