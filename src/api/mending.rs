//! Everything that is wrong with a body that cannot be read as it is, at once.
//!
//! What cannot be read is replaced by something that can, so that the rest is read and looked at, too.
//! That is done twice with different replacements: a fault of a value that is there both times is the
//! body's own.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::api::shape::Shapes;
use crate::domain::faults::{Fault, Faults, shown};

/// Most parts of a body that are replaced; one with more faults is told the first of them.
const PARTS_MAX: usize = 40;
/// Deepest replacement.
const DEPTH_MAX: usize = 4;

/// Notes all faults of a body: `faults` holds those of its shape already.
///
/// * `check`: what the body's type says of its values.
///
/// Cost: reads the body twice, and twice more for each part that is replaced.
pub(crate) fn note_all<'a, T: DeserializeOwned>(
    (shapes, schema): (Shapes<'a>, &'a Value),
    value: &Value,
    faults: &mut Faults,
    check: impl Fn(&T, &mut Faults),
) {
    let marks: Vec<String> = faults.list().iter().map(|fault| fault.field.clone()).collect();
    if marks.len() > PARTS_MAX {
        return;
    }
    let mut of_values: Option<Vec<Fault>> = None;
    for round in [0, 1] {
        let mut mending =
            Mending { shapes, schema, value: value.clone(), round, marks: BTreeMap::new() };
        let mut of_form = Faults::default();
        let read = mending.read::<T>(&marks, &mut of_form);
        if round == 0 {
            faults.extend(of_form.list().to_vec());
        }
        let Some(read) = read else { return };
        let mut found = Faults::default();
        check(&read, &mut found);
        let own = |fault: &Fault| !mending.touches(&fault.field);
        let found: Vec<Fault> = found.list().iter().filter(|fault| own(fault)).cloned().collect();
        of_values = Some(match of_values {
            None => found,
            Some(first) => first.into_iter().filter(|fault| found.contains(fault)).collect(),
        });
    }
    faults.extend(of_values.unwrap_or_default());
}

/// A body whose unreadable parts are being replaced.
struct Mending<'a> {
    shapes: Shapes<'a>,
    schema: &'a Value,
    value: Value,
    round: usize,
    /// What was replaced, with the number of replacements tried.
    marks: BTreeMap<String, usize>,
}

impl<'a> Mending<'a> {
    /// The body, with everything replaced that cannot be read; what was found on the way goes into
    /// `faults`. None if it cannot be read at all.
    fn read<T: DeserializeOwned>(&mut self, marks: &[String], faults: &mut Faults) -> Option<T> {
        for path in marks {
            if !self.marks.contains_key(path) && !self.replace(path) {
                return None;
            }
        }
        for _ in 0..PARTS_MAX * 8 {
            // Types may read what is there only by value.
            let error = match serde_path_to_error::deserialize(self.value.clone()) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let path = error.path().to_string();
            let message = error.into_inner().to_string();
            if let Some((field, said)) = self.culprit::<T>(&path) {
                if !self.marks.keys().any(|mark| *mark != field && inside(&field, mark)) {
                    faults.add(&field, said, message);
                }
                continue;
            }
            if !self.touches(&path) {
                let said = at(&self.value, &path).map(shown).unwrap_or_default();
                let field = if path == "." { "body" } else { &path };
                faults.add(field, said, message);
            }
            if faults.list().len() > PARTS_MAX || !self.replace(&path) {
                return None;
            }
        }
        None
    }

    /// The field of an object that alone makes it unreadable, with what it held; replaced on return.
    ///
    /// Objects that are put together of others are read as a whole, and the error names no field.
    fn culprit<T: DeserializeOwned>(&mut self, path: &str) -> Option<(String, String)> {
        let object = if path == "." { Some(&self.value) } else { at(&self.value, path) };
        let object = object?.as_object()?.clone();
        for (name, said) in &object {
            let field = if path == "." { name.clone() } else { format!("{path}.{name}") };
            let Some(steps) = steps(&field).filter(|_| !self.marks.contains_key(&field)) else {
                continue;
            };
            for (number, choice) in self.choices(&steps).into_iter().enumerate() {
                let mut trial = self.value.clone();
                if !put(&mut trial, &steps, choice) {
                    continue;
                }
                let read = serde_path_to_error::deserialize::<_, T>(trial.clone());
                if read.err().is_none_or(|error| error.path().to_string() != path) {
                    self.value = trial;
                    self.marks.insert(field.clone(), number + 1);
                    return Some((field, shown(said)));
                }
            }
        }
        None
    }

    /// Whether a part was replaced, holds a replaced one, or lies in one.
    fn touches(&self, path: &str) -> bool {
        self.marks.keys().any(|mark| inside(path, mark) || inside(mark, path))
    }

    /// Replaces a part by the next of what may stand there; whether there is one.
    fn replace(&mut self, path: &str) -> bool {
        let Some(steps) = steps(path) else { return false };
        let tried = self.marks.get(path).copied().unwrap_or(0);
        let choices = self.choices(&steps);
        for (number, choice) in choices.into_iter().enumerate().skip(tried) {
            self.marks.insert(path.to_owned(), number + 1);
            if put(&mut self.value, &steps, choice) {
                return true;
            }
        }
        false
    }

    /// What may stand at a place, in the order in which it is tried; none means nothing at all.
    fn choices(&self, steps: &[Step<'_>]) -> Vec<Option<Value>> {
        let Some((schema, required)) = self.found(steps) else { return vec![None] };
        let mut choices: Vec<Option<Value>> =
            stand_ins(self.shapes, schema, DEPTH_MAX).into_iter().map(Some).collect();
        if self.round > 0 {
            choices.reverse();
        }
        if !required {
            // Left out it has its default.
            choices.push(None);
        }
        choices
    }

    /// The schema of a place, and whether something has to be there.
    fn found(&self, steps: &[Step<'_>]) -> Option<(&'a Value, bool)> {
        let (mut schema, mut value, mut required) = (self.schema, &self.value, true);
        for step in steps {
            let settled = self.shapes.settled(schema, value);
            match step {
                Step::Field(name) => {
                    (schema, required) = self.shapes.field(settled, value, name)?;
                    value = value.get(name).unwrap_or(&Value::Null);
                }
                Step::Row(row) => {
                    (schema, required) = (settled.get("items")?, true);
                    value = value.get(row).unwrap_or(&Value::Null);
                }
            }
        }
        Some((schema, required))
    }
}

/// Whether a path leads to a part of what another leads to, or to the same.
fn inside(inner: &str, outer: &str) -> bool {
    let rest = inner.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// One step on the way to a part of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Field(&'a str),
    Row(usize),
}

/// The steps of a path such as `weekly[0].from`; none for the whole body.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, rows) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(Step::Field(name));
        }
        for row in rows.split('[').skip(1) {
            steps.push(Step::Row(row.strip_suffix(']')?.parse().ok()?));
        }
    }
    (!steps.is_empty() && path != "body").then_some(steps)
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut value = value;
    for step in steps(path)? {
        value = match step {
            Step::Field(name) => value.get(name)?,
            Step::Row(row) => value.get(row)?,
        };
    }
    Some(value)
}

/// Puts something into a place, or takes what is there out; whether that can be done.
fn put(value: &mut Value, steps: &[Step<'_>], new: Option<Value>) -> bool {
    let Some((last, before)) = steps.split_last() else { return false };
    let mut value = value;
    for step in before {
        let next = match step {
            Step::Field(name) => value.get_mut(name),
            Step::Row(row) => value.get_mut(row),
        };
        let Some(next) = next else { return false };
        value = next;
    }
    match (last, value, new) {
        (Step::Field(name), Value::Object(object), Some(new)) => {
            object.insert((*name).to_owned(), new);
        }
        (Step::Field(name), Value::Object(object), None) => {
            object.remove(*name);
        }
        (Step::Row(row), Value::Array(list), Some(new)) if *row < list.len() => list[*row] = new,
        _ => return false,
    }
    true
}

/// Values that fit a schema, some small, some large, of different kinds where it does not say which.
fn stand_ins<'a>(shapes: Shapes<'a>, schema: &'a Value, depth: usize) -> Vec<Value> {
    let schema = shapes.resolve(schema);
    if depth == 0 {
        return Vec::new();
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.clone();
    }
    let alternatives = shapes.variants(schema);
    if !alternatives.is_empty() && schema.get("properties").is_none() {
        let inner = alternatives.into_iter().flat_map(|one| stand_ins(shapes, one, depth - 1));
        return inner.filter(|value| !value.is_null()).collect();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null")
        }
        Some(kind) => kind.as_str(),
        None => None,
    };
    let bound = |name: &str, usual: i64| schema.get(name).cloned().unwrap_or_else(|| json!(usual));
    match kind {
        Some("string") => texts(schema.get("format").and_then(Value::as_str)),
        Some("integer" | "number") => vec![bound("minimum", 1), bound("maximum", 10)],
        Some("boolean") => vec![json!(false), json!(true)],
        Some("array") => vec![json!([])],
        _ => objects(shapes, schema, depth),
    }
}

/// Objects with what they must have, each made of other values.
fn objects<'a>(shapes: Shapes<'a>, schema: &'a Value, depth: usize) -> Vec<Value> {
    let fields: Vec<(&str, Vec<Value>)> = shapes
        .required(schema)
        .into_iter()
        .map(|(name, inner)| (name, stand_ins(shapes, inner, depth - 1)))
        .collect();
    let most = fields.iter().map(|(_, values)| values.len()).max().unwrap_or(1).clamp(1, 8);
    let made = |turn: usize| {
        let mut object = Map::new();
        for (name, values) in &fields {
            if !values.is_empty() {
                object.insert((*name).to_owned(), values[turn % values.len()].clone());
            }
        }
        Value::Object(object)
    };
    (0..most).map(made).collect()
}

/// Texts of a format; of those without one zones, times of day, days and languages may be meant.
fn texts(format: Option<&str>) -> Vec<Value> {
    let texts: &[&str] = match format {
        Some("uuid") => {
            &["00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"]
        }
        Some("date") => &["2000-01-01", "2100-01-01"],
        Some("date-time") => &["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
        _ => &["x", "UTC", "00:00", "Mon", "en", "23:59", "Asia/Tokyo", "y"],
    };
    texts.iter().map(|text| json!(text)).collect()
}
