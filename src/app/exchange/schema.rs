//! The format of a document as JSON Schema, made from the code that reads it.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::domain::exchange::Document;

/// The JSON Schema (draft 2020-12) of a document.
pub fn schema() -> Value {
    let mut parts = Vec::new();
    Document::schemas(&mut parts);
    let definitions: Map<String, Value> =
        parts.iter().map(|(name, part)| (name.clone(), plain(part))).collect();
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A whole organization of Roundsman",
    });
    if let (Value::Object(root), Value::Object(document)) = (&mut root, plain(&Document::schema()))
    {
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
