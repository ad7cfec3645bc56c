//! Checks a JSON value against a schema of the OpenAPI document: what is written there is what is
//! enforced, with every fault at once and the path of its field.

mod parts;

use std::cmp::Reverse;

use chrono::Timelike as _;
use serde_json::{Map, Value};

use crate::domain::faults::{Faults, check_characters, check_length, shown};

/// The schemas that references may point to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shapes<'a> {
    /// The whole OpenAPI document.
    pub document: &'a Value,
}

/// In the schema of a field, the name of the field that may stand in its place: one of the two is
/// required.
const OR: &str = "x-or";

/// What an object may hold, its parts and chosen alternatives put together.
#[derive(Default)]
struct Fields<'a> {
    known: Vec<(&'a str, &'a Value)>,
    required: Vec<&'a str>,
    /// Fields that tell alternatives apart, and all the words they may hold.
    tags: Vec<(&'a str, Vec<&'a str>)>,
    /// Whether any other field may be there too.
    open: bool,
}

impl<'a> Shapes<'a> {
    /// Notes every fault of `value` against `schema`. Cost: linear in both, times the number of
    /// alternatives where there are some.
    pub(crate) fn check(self, schema: &'a Value, value: &Value, path: &str, faults: &mut Faults) {
        let schema = self.resolve(schema);
        if let Some(variants) = alternatives(schema) {
            return self.check_alternatives(&self.flat(variants), value, path, faults);
        }
        if let Some(expected) = mismatch(schema, value) {
            return faults.add(name(path), shown(value), format!("must be {expected}"));
        }
        match value {
            Value::Object(object) => self.check_object(schema, (value, object), path, faults),
            Value::Array(items) => {
                let Some(item_schema) = schema.get("items") else { return };
                for (row, item) in items.iter().enumerate() {
                    self.check(item_schema, item, &format!("{path}[{row}]"), faults);
                }
            }
            Value::String(text) => check_text(schema, text, path, faults),
            Value::Number(_) => check_number(schema, value, path, faults),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The schema itself, where it only refers to another.
    pub(crate) fn resolve(self, schema: &'a Value) -> &'a Value {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return schema };
        let target = reference.strip_prefix('#').and_then(|path| self.document.pointer(path));
        target.unwrap_or(schema)
    }

    /// One of the variants must fit. If none does, the faults of the one that was most likely
    /// meant are noted.
    fn check_alternatives(
        self,
        variants: &[&'a Value],
        value: &Value,
        path: &str,
        faults: &mut Faults,
    ) {
        let Some(best) = self.likeliest(variants, value) else { return };
        if let (Value::Object(object), Some((tag, said))) = (value, self.wrong_tag(best, value)) {
            let words: Vec<&str> =
                variants.iter().filter_map(|variant| self.tag_word(variant, tag)).collect();
            let message = format!("must be one of: {}", words.join(", "));
            let message = if said.is_empty() && !object.contains_key(tag) {
                format!("is required and {message}")
            } else {
                message
            };
            return faults.add(&join(path, tag), said, message);
        }
        self.check(best, value, path, faults);
    }

    /// The variants, with those that are nothing but alternatives replaced by these.
    fn flat(self, variants: &'a [Value]) -> Vec<&'a Value> {
        let one = |variant: &'a Value| {
            let schema = self.resolve(variant);
            let plain = schema.get("properties").is_none() && schema.get("allOf").is_none();
            match alternatives(schema).filter(|_| plain) {
                Some(inner) => self.flat(inner),
                None => vec![variant],
            }
        };
        variants.iter().flat_map(one).collect()
    }

    /// The variant with the right type, the right tag, the fewest faults and the most fields, in this
    /// order.
    fn likeliest(self, variants: &[&'a Value], value: &Value) -> Option<&'a Value> {
        variants.iter().copied().min_by_key(|variant| {
            let resolved = self.resolve(variant);
            let wrong_type = mismatch(resolved, value).is_some();
            let wrong_tag = self.wrong_tag(variant, value).is_some();
            let mut faults = Faults::default();
            self.check(variant, value, "", &mut faults);
            let known = self.fields(variant, value).known.len();
            (wrong_type, wrong_tag, faults.list().len(), Reverse(known))
        })
    }

    /// The name of the tag of a tagged variant and what the value says, if that is another word.
    fn wrong_tag(self, variant: &'a Value, value: &Value) -> Option<(&'a str, String)> {
        let fields = self.fields(variant, value);
        let (tag, schema) = fields.known.iter().find(|(tag, schema)| {
            fields.required.contains(tag) && only_word(self.resolve(schema)).is_some()
        })?;
        let said = value.get(*tag);
        let right = said.and_then(Value::as_str) == only_word(self.resolve(schema));
        (!right).then(|| (*tag, said.map(shown).unwrap_or_default()))
    }

    fn tag_word(self, variant: &'a Value, tag: &str) -> Option<&'a str> {
        let fields = self.fields(variant, &Value::Null);
        let (_, schema) = fields.known.iter().find(|(name, _)| *name == tag)?;
        only_word(self.resolve(schema))
    }

    fn check_object(
        self,
        schema: &'a Value,
        (value, object): (&Value, &Map<String, Value>),
        path: &str,
        faults: &mut Faults,
    ) {
        let fields = self.fields(schema, value);
        for field in &fields.required {
            if !object.contains_key(*field) {
                faults.add(&join(path, field), "", "is required");
            }
        }
        for (field, schema) in &fields.known {
            let there = |name: &str| object.get(name).is_some_and(|value| !value.is_null());
            let other = self.resolve(schema).get(OR).and_then(Value::as_str);
            if let Some(other) = other.filter(|other| !there(field) && !there(other)) {
                faults.add(&join(path, field), "", format!("is required, or {other} instead"));
            }
        }
        for (name, value) in object {
            if let Some((_, words)) = fields.tags.iter().find(|(tag, _)| tag == name) {
                let said = shown(value);
                let message = format!("must be one of: {}", words.join(", "));
                faults.check(words.contains(&said.as_str()), &join(path, name), &said, &message);
                continue;
            }
            let known = fields.known.iter().find(|(known, _)| known == name);
            match known {
                Some((_, schema)) => self.check(schema, value, &join(path, name), faults),
                None if fields.open => {}
                None => {
                    let known: Vec<&str> = fields.known.iter().map(|(name, _)| *name).collect();
                    let message = format!("is not a known field; known are: {}", known.join(", "));
                    faults.add(&join(path, name), shown(value), message);
                }
            }
        }
    }

    /// Everything an object of this schema may hold; alternatives are settled by looking at it.
    fn fields(self, schema: &'a Value, value: &Value) -> Fields<'a> {
        let schema = self.resolve(schema);
        let mut fields = Fields::default();
        if let Some(Value::Object(properties)) = schema.get("properties") {
            fields.known.extend(properties.iter().map(|(name, schema)| (name.as_str(), schema)));
        }
        let required = schema.get("required").and_then(Value::as_array);
        fields.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        let parts = schema.get("allOf").and_then(Value::as_array);
        let chosen =
            alternatives(schema).and_then(|variants| self.likeliest_fields(variants, value));
        for part in parts.into_iter().flatten().map(|part| self.fields(part, value)).chain(chosen) {
            fields.known.extend(part.known);
            fields.required.extend(part.required);
            fields.tags.extend(part.tags);
            fields.open |= part.open;
        }
        fields.open |= match schema.get("additionalProperties") {
            Some(allowed) => allowed != &Value::Bool(false),
            None => fields.known.is_empty() && parts.is_none(),
        };
        fields
    }

    /// The fields of the alternative of which most are there; fields of others may be there too,
    /// so the plain check of each alternative would not do.
    fn likeliest_fields(self, variants: &'a [Value], value: &Value) -> Option<Fields<'a>> {
        let likeliest = variants.iter().min_by_key(|variant| {
            let fields = self.fields(variant, value);
            let wrong_tag = self.wrong_tag(variant, value).is_some();
            let missing = fields.required.iter().filter(|name| value.get(**name).is_none()).count();
            let found = fields.known.iter().filter(|(name, _)| value.get(*name).is_some()).count();
            (wrong_tag, missing, usize::MAX - found)
        })?;
        let mut fields = self.fields(likeliest, value);
        let tag = fields.known.iter().find(|(name, schema)| {
            fields.required.contains(name) && only_word(self.resolve(schema)).is_some()
        });
        if let Some((tag, _)) = tag {
            let words = variants.iter().filter_map(|variant| self.tag_word(variant, tag)).collect();
            fields.tags.push((tag, words));
        }
        Some(fields)
    }
}

fn alternatives(schema: &Value) -> Option<&[Value]> {
    let list = schema.get("oneOf").or_else(|| schema.get("anyOf"))?;
    list.as_array().map(Vec::as_slice)
}

/// The only word a text may be, if there is just one.
fn only_word(schema: &Value) -> Option<&str> {
    match schema.get("enum")?.as_array()?.as_slice() {
        [word] => word.as_str(),
        _ => None,
    }
}

/// What the value should have been, if its type is wrong.
fn mismatch(schema: &Value, value: &Value) -> Option<String> {
    let types: Vec<&str> = match schema.get("type")? {
        Value::String(only) => vec![only.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let fits = |kind: &&str| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    };
    if types.iter().any(fits) {
        return None;
    }
    let words = types.iter().map(|kind| match *kind {
        "string" => "a text",
        "integer" if is_whole_float(value) => "a whole number of plain digits within 64 bits",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    });
    Some(words.collect::<Vec<_>>().join(" or "))
}

/// Whether a number is whole, but too large or written with an exponent.
fn is_whole_float(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// Most characters of a text whose schema names no limit of its own (`maxLength`).
const TEXT_MAX: u64 = 20_000;

fn check_text(schema: &Value, text: &str, path: &str, faults: &mut Faults) {
    check_characters(faults, name(path), text);
    let longest = schema.get("maxLength").and_then(Value::as_u64).unwrap_or(TEXT_MAX);
    check_length(faults, name(path), text, usize::try_from(longest).unwrap_or(usize::MAX));
    if let Some(Value::Array(words)) = schema.get("enum") {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let message = format!("must be one of: {}", words.join(", "));
        return faults.check(words.contains(&text), name(path), text, &message);
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let fits = match format {
        "uuid" => uuid::Uuid::try_parse(text).is_ok(),
        "date" => text.parse::<chrono::NaiveDate>().is_ok(),
        // No clock of ours shows a second 60.
        "date-time" => chrono::DateTime::parse_from_rfc3339(text)
            .is_ok_and(|read| read.nanosecond() < 1_000_000_000),
        _ => true,
    };
    faults.check(fits, name(path), text, format_words(format).unwrap_or_default());
}

/// What a text of a format must be, for people; none for formats that are not checked here.
pub(crate) fn format_words(format: &str) -> Option<&'static str> {
    match format {
        "uuid" => Some("must be an id (UUID)"),
        "date" => Some("must be a date such as 2027-03-01"),
        "date-time" => Some("must be a time with its offset such as 2027-03-01T09:00:00Z"),
        _ => None,
    }
}

fn check_number(schema: &Value, value: &Value, path: &str, faults: &mut Faults) {
    let number = value.as_f64().unwrap_or(0.0);
    let at_least = schema.get("minimum").and_then(Value::as_f64);
    if let Some(least) = at_least.filter(|least| number < *least) {
        faults.add(name(path), value, format!("must be at least {least}"));
    }
    let at_most = match schema.get("format").and_then(Value::as_str) {
        Some("int32") if at_least.is_some() => Some(f64::from(u32::MAX)),
        Some("int32") => Some(f64::from(i32::MAX)),
        _ => None,
    };
    let at_most = schema.get("maximum").and_then(Value::as_f64).or(at_most);
    if let Some(most) = at_most.filter(|most| number > *most) {
        faults.add(name(path), value, format!("must be at most {most}"));
    }
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// The name of the field for people: the whole body has none of its own.
fn name(path: &str) -> &str {
    if path.is_empty() { "body" } else { path }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::ToSchema;
    use utoipa::openapi::{ComponentsBuilder, OpenApiBuilder};

    use super::*;
    use crate::app::bookings::BookingRequest;
    use crate::app::visits::{Report, VisitRequest};
    use crate::domain::absences::Absence;
    use crate::domain::organizations::Organization;
    use crate::domain::services::Service;
    use crate::domain::technicians::Technician;
    use crate::domain::zones::Zone;

    /// Field and message of every fault of a value of type `T`.
    fn faults<T: ToSchema>(value: &Value) -> Vec<(String, String)> {
        let mut named = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut named);
        let components = ComponentsBuilder::new().schemas_from_iter(named).build();
        let document = OpenApiBuilder::new().components(Some(components)).build();
        let document = serde_json::to_value(&document).unwrap();
        let schema = json!({ "$ref": format!("#/components/schemas/{}", T::name()) });
        let mut faults = Faults::default();
        Shapes { document: &document }.check(&schema, value, "", &mut faults);
        faults.list().iter().map(|fault| (fault.field.clone(), fault.message.clone())).collect()
    }

    fn fields<T: ToSchema>(value: &Value) -> Vec<String> {
        faults::<T>(value).into_iter().map(|(field, _)| field).collect()
    }

    const ID: &str = "0192f0c1-2345-7000-8000-000000000001";

    #[test]
    fn what_fits_has_no_faults() {
        let technician = json!({
            "name": "Ása", "location_id": ID, "time_zone": "Atlantic/Reykjavik",
            "home": { "lat": 64.1, "lon": -21.9, "address": { "street": "Laugavegur" } },
            "start": "home", "skills": [{ "skill_id": ID, "level": 3, "valid_until": "2027-01-31" }],
            "zones": [{ "zone_id": ID, "level": "primary" }],
            "working_hours": { "weekly": [{ "days": ["Mon"], "from": "08:00", "until": "17:00" }] },
            "limits": { "visits_per_day": 4 }
        });
        assert_eq!(faults::<Technician>(&technician), []);
        let service = json!({
            "name": "Photos", "duration_min": 60, "travel": { "mode": "road" },
            "slots": { "horizon": { "days": 30 } }
        });
        assert_eq!(faults::<Service>(&service), []);
        let absence = json!({
            "technician_id": ID, "start": "2027-03-01T08:00:00Z", "end": "2027-03-01T10:00:00+01:00",
            "place": null
        });
        assert_eq!(faults::<Absence>(&absence), []);
    }

    #[test]
    fn every_fault_is_found_at_once_with_its_path() {
        let technician = json!({
            "location_id": "7", "active": "yes", "colour": "red",
            "home": { "lat": "north", "lon": -21.9, "planet": "earth" },
            "skills": [{ "skill_id": ID }, { "level": 3 }],
            "working_hours": { "overrides": [{ "date": "31.12.2026" }] },
            "priority": -1
        });
        let mut found = fields::<Technician>(&technician);
        found.sort();
        let expected = [
            "active",
            "colour",
            "home.lat",
            "home.planet",
            "location_id",
            "name",
            "priority",
            "skills[1].skill_id",
            "working_hours.overrides[0].date",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn alternatives_are_told_apart_by_their_tag() {
        let organization = |travel: Value| json!({ "name": "A", "slug": "a", "time_zone": "UTC", "travel": travel });
        let wrong = organization(json!({ "mode": "teleport" }));
        let [(field, message)] = faults::<Organization>(&wrong).try_into().unwrap();
        assert_eq!(field, "travel.mode");
        assert!(message.contains("fixed, straight_line, road, osrm"), "{message}");
        let missing = organization(json!({ "mode": "fixed", "before_min": 30, "speed_kmh": 50 }));
        let mut found = fields::<Organization>(&missing);
        found.sort();
        assert_eq!(found, ["travel.after_min", "travel.speed_kmh"]);
        let none = organization(json!({}));
        assert_eq!(fields::<Organization>(&none), ["travel.mode"]);
    }

    #[test]
    fn alternatives_inside_alternatives_are_all_named() {
        let service = json!({ "name": "A", "duration_min": 60, "travel": { "mode": "warp" } });
        let [(field, message)] = faults::<Service>(&service).try_into().unwrap();
        assert_eq!(field, "travel.mode");
        assert!(
            message.ends_with("must be one of: fixed, straight_line, road, osrm, max_fixed_road"),
            "{message}"
        );
    }

    #[test]
    fn of_a_misspelt_field_all_that_may_be_there_are_named() {
        let request = json!({ "customer": { "nmae": "Ada" } });
        let found = faults::<BookingRequest>(&request);
        let (_, message) = found.iter().find(|(field, _)| field == "customer.nmae").unwrap();
        assert!(message.contains("email") && message.contains("name"), "{message}");
    }

    #[test]
    fn one_of_two_fields_is_required_beside_all_others() {
        assert_eq!(fields::<VisitRequest>(&json!({})), ["place", "service_ids"]);
        let place = json!({ "lat": 64.1, "lon": -21.9 });
        let of_package = json!({ "place": place, "package_id": ID });
        assert_eq!(fields::<VisitRequest>(&of_package), Vec::<String>::new());
    }

    #[test]
    fn fields_of_flattened_alternatives_are_known() {
        let absence = json!({
            "equipment_id": ID, "location_id": ID, "units": 2, "unit": 1,
            "start": "2027-03-01T08:00:00Z", "end": "2027-03-01T10:00:00Z"
        });
        assert_eq!(fields::<Absence>(&absence), ["unit"]);
        let neither = json!({ "start": "2027-03-01T08:00:00Z", "end": "2027-03-01T10:00:00Z" });
        assert_eq!(fields::<Absence>(&neither), ["technician_id"]);
    }

    #[test]
    fn flattened_alternatives_are_told_apart_by_their_tag() {
        for step in ["en_route", "arrived", "started", "finished"] {
            assert_eq!(faults::<Report>(&json!({ "step": step })), []);
        }
        assert_eq!(faults::<Report>(&json!({ "step": "needs_more", "minutes": 20 })), []);
        assert_eq!(fields::<Report>(&json!({ "step": "needs_more" })), ["minutes"]);
        assert_eq!(fields::<Report>(&json!({ "step": "arrived", "minutes": 5 })), ["minutes"]);
        let [(field, message)] = faults::<Report>(&json!({ "step": "lost" })).try_into().unwrap();
        assert_eq!(field, "step");
        assert!(
            message.ends_with("en_route, arrived, started, finished, needs_more, undo"),
            "{message}"
        );
        assert_eq!(fields::<Report>(&json!({})), ["step"]);
    }

    #[test]
    fn free_json_is_not_looked_into() {
        let geometry = json!({ "type": "Polygon", "coordinates": [[[0.0, 1.0]]], "any": true });
        let zone = json!({ "name": "Z", "shape": { "kind": "polygon", "geometry": geometry } });
        assert_eq!(faults::<Zone>(&zone), []);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named_once() {
        let [(field, message)] = faults::<Zone>(&json!([1])).try_into().unwrap();
        assert_eq!((field.as_str(), message.as_str()), ("body", "must be an object"));
        let zone = json!({ "name": "Z", "shape": null });
        assert_eq!(fields::<Zone>(&zone), ["shape"]);
    }
}
