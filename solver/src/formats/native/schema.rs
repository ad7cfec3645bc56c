//! The JSON Schema of problems and plans, made from the types; and documents held against it.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::plan::Plan;
use super::problem::Problem;
use crate::formats::faults::Faults;

/// The schema of a problem.
pub fn schema() -> Value {
    whole::<Problem>("A problem for the optimizer of Roundsman")
}

/// The schema of a plan.
pub fn plan_schema() -> Value {
    whole::<Plan>("A plan of the optimizer of Roundsman")
}

fn whole<T: ToSchema + PartialSchema>(title: &str) -> Value {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let definitions: Map<String, Value> =
        parts.iter().map(|(name, part)| (name.clone(), plain(part))).collect();
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
    });
    if let (Value::Object(root), Value::Object(document)) = (&mut root, plain(&T::schema())) {
        root.extend(document);
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

/// A part of an API description as a part of a schema: the places of references differ.
fn plain(part: &impl serde::Serialize) -> Value {
    let mut value = serde_json::to_value(part).unwrap_or(Value::Null);
    move_references(&mut value);
    value
}

fn move_references(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get_mut("$ref") {
                *target = target.replace("#/components/schemas/", "#/$defs/");
            }
            fields.values_mut().for_each(move_references);
        }
        Value::Array(values) => values.iter_mut().for_each(move_references),
        _ => {}
    }
}

/// Every place where `value` is not what `schema` says.
pub(super) fn check(schema: &Value, value: &Value) -> Faults {
    let mut faults = Faults::default();
    Checker { root: schema }.check(schema, "document", value, &mut faults);
    faults
}

struct Checker<'a> {
    root: &'a Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, at: &str, value: &Value, faults: &mut Faults) {
        if let Some(target) = schema["$ref"].as_str() {
            let pointer = target.trim_start_matches('#');
            let found = self.root.pointer(pointer);
            return self.check(found.unwrap_or(&Value::Null), at, value, faults);
        }
        if let Some(options) = schema["oneOf"].as_array() {
            return self.one_of(options, at, value, faults);
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            return faults.add(at, format!("{value} is not one of {}", words.join(", ")));
        }
        if !has_type(&schema["type"], value) {
            let expected = types(&schema["type"]).join(" or ");
            return faults.add(at, format!("{} where {expected} is expected", short(value)));
        }
        range(schema, at, value, faults);
        match value {
            Value::Object(fields) => self.object(schema, at, fields, faults),
            Value::Array(values) => {
                for (number, value) in values.iter().enumerate() {
                    self.check(&schema["items"], &format!("{at}[{number}]"), value, faults);
                }
            }
            _ => {}
        }
    }

    fn one_of(&self, options: &[Value], at: &str, value: &Value, faults: &mut Faults) {
        let mut found = Vec::new();
        for option in options {
            let mut of_option = Faults::default();
            self.check(option, at, value, &mut of_option);
            if of_option.0.is_empty() {
                return;
            }
            found.push(of_option);
        }
        // Null is the other option of what may be left out: it explains nothing.
        let is_null = |option: &Value| option["type"] == "null";
        let mut real = options.iter().zip(found).filter(|(option, _)| !is_null(option));
        match (real.next(), real.next()) {
            (Some((_, only)), None) => faults.0.extend(only.0),
            _ => faults.add(at, format!("{} is none of what is allowed here", short(value))),
        }
    }

    fn object(&self, schema: &Value, at: &str, fields: &Map<String, Value>, faults: &mut Faults) {
        let inside =
            |key: &str| if at == "document" { key.to_owned() } else { format!("{at}.{key}") };
        let properties = schema["properties"].as_object();
        for (key, value) in fields {
            match properties.and_then(|known| known.get(key)) {
                Some(schema) => self.check(schema, &inside(key), value, faults),
                None if schema["additionalProperties"].is_object() => {
                    self.check(&schema["additionalProperties"], &inside(key), value, faults);
                }
                None if key.starts_with("x_") => {}
                None => faults.add(inside(key), "there is no such field"),
            }
        }
        for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(key) {
                faults.add(inside(key), "is missing");
            }
        }
    }
}

/// Numbers outside what the schema allows.
fn range(schema: &Value, at: &str, value: &Value, faults: &mut Faults) {
    let Some(number) = value.as_f64() else { return };
    let least = schema["minimum"].as_f64();
    let usual = (schema["format"] == "int32").then_some(f64::from(u32::MAX));
    let most = schema["maximum"].as_f64().or(usual);
    if least.is_some_and(|least| number < least) {
        faults.add(at, format!("{value} is less than {}", schema["minimum"]));
    }
    if let Some(most) = most.filter(|most| number > *most) {
        faults.add(at, format!("{value} is more than {most}"));
    }
}

fn types(of: &Value) -> Vec<&str> {
    match of {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_type(of: &Value, value: &Value) -> bool {
    let types = types(of);
    let is = |name: &&str| match *name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    };
    types.is_empty() || types.iter().any(is)
}

/// A value as a message shows it.
fn short(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => other.to_string().chars().take(40).collect(),
    }
}

/// `docs/solve.md`: the formats in words, with every field, made from the schema.
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    for (title, schema) in [("Problem", schema()), ("Plan", plan_schema())] {
        let _ = write!(text, "\n## {title}\n\n{}\n", schema["description"].as_str().unwrap_or(""));
        text.push_str(&table(&schema));
        for (name, part) in schema["$defs"].as_object().into_iter().flatten() {
            if part["properties"].is_object() {
                let about = part["description"].as_str().unwrap_or("");
                let _ = write!(text, "\n### {name}\n\n{about}\n{}", table(part));
            }
        }
    }
    text.push_str(OTHERS);
    text
}

fn table(schema: &Value) -> String {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = "\n| field | type | means |\n|---|---|---|\n".to_owned();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let must = if required.contains(&name.as_str()) { " (must be there)" } else { "" };
        let about = description(field).replace('\n', " ");
        let _ = writeln!(text, "| `{name}`{must} | {} | {about} |", kind(field));
    }
    text
}

/// What a field means; of one that may be null, the option that is not says it.
fn description(field: &Value) -> &str {
    let options = field["oneOf"].as_array().into_iter().flatten();
    let mut said =
        std::iter::once(field).chain(options).filter_map(|one| one["description"].as_str());
    said.next().unwrap_or("")
}

/// A field's type in a few words.
fn kind(field: &Value) -> String {
    if let Some(target) = field["$ref"].as_str() {
        return match target.trim_start_matches("#/$defs/") {
            "BTreeMap" => "integer by name".to_owned(),
            name => name.to_owned(),
        };
    }
    if let Some(options) = field["oneOf"].as_array() {
        let names = options.iter().map(kind).filter(|name| !name.is_empty());
        return names.collect::<Vec<_>>().join(" or ");
    }
    let names: Vec<&str> =
        types(&field["type"]).into_iter().filter(|name| *name != "null").collect();
    match names.as_slice() {
        ["array"] => format!("list of {}", kind(&field["items"])),
        ["object"] => format!("{} by name", kind(&field["additionalProperties"])),
        names => names.join(" or "),
    }
}

const INTRODUCTION: &str = "\
# Problems and plans of the optimizer

`roundsman solve FILE` reads a problem as JSON and prints a plan; `--output json` prints it in the
format below, `--check PLAN` and `--initial PLAN` read it. The schema is `docs/solve.schema.json`;
`roundsman solve --schema` prints it.

- `format` is `roundsman.problem`, `version` is 1; a newer version is refused.
- Ids are texts of your own. A moment is RFC 3339 with an offset (`2026-05-04T08:00:00+02:00`) or
  whole seconds on an axis of your own; lengths are seconds (`_s`).
- Costs are in money: per hour, per kilometre or per case, as the name says.
- Without `matrices`, places need `lat` and `lon`; drives are then reckoned on the roads of `--map`,
  or in a straight line.
- A field that is not listed is a fault, unless its name begins with `x_`. All faults are named at
  once, each with its path.
- A plan first breaks no hard rule, then leaves out as little mandatory work as possible, then costs
  as little as possible.
";

const OTHERS: &str = "
## Other formats

`--format` names what the file is. All faults of a file are named at once, and plans of every format
are checked by the same independent verifier, with `--check` also those made elsewhere.

| format | reads | `--output json` prints | `--output routes` prints |
|---|---|---|---|
| `native` | the problem above | the plan above | `Route #1: ..` lines and `Cost` |
| `vroom` | VROOM's JSON | VROOM's JSON | the same lines |
| `solomon`, `vrplib` | vehicle routing, with time windows or without | the plan above | the same lines |
| `trsp` | technicians with skills, tools and spare parts | the plan above | the same lines, by technician |
| `hhcrsp`, `uhhc` | care at home, two people at one patient | the plan of the set | the same lines |
| `roadef` | crews formed by day, without travel: the challenge of the French operations research society of 2007 | cost, crews with their visits, what is outsourced | lines of `interv_dates`, then of `tech_teams` |

Lines of `solomon` and `vrplib` are numbered in order, since all vehicles are alike; those of `trsp` by
technician, all others by the position of the shift. Members of a crew stand on the lines of their
own shifts; read again, they start together and take the roles that their skills allow.

For `roadef` FILE is a folder with `instance`, `interv_list` and `tech_list`, or one file with all three
behind one another; a PLAN to check or to start from is a folder with `interv_dates` and `tech_teams`,
one file with both, or the JSON. Lines of `tech_teams` are those with brackets. A day has 120 units of
time; the cost is 28, 14 and 4 times the last end of the priorities 1, 2 and 3, plus the last end of
all; visits that a plan does not list are outsourced, which their budget must allow.

Benchmark days of `trsp` on which requests come in (files of release dates beside the instances) are
played by `cargo bench -p roundsman-solver --bench sets -- FOLDER --set trsp-dynamic` under this rule
of release: when a request becomes known, everything is planned anew from the plan in force, for one
second; it is taken or refused for good. Technicians leave for their next stop as late as its planned
start allows. A stop for which somebody has left stays with its technician and its start; everybody
else may be sent elsewhere from that moment on, and nobody leaves before it. Who has been at the
depot, or has left for it, has every tool and all parts from then on, and is told there where to go
next. In the end the tours as driven are judged as one plan of the whole day.
";
