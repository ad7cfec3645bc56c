//! How a record looks on the wire: id, revision and times beside the fields of the noun.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    AllOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr, Schema};

use crate::api::endpoint::Shape;
use crate::domain::records::Record;

/// A record as JSON.
pub(crate) fn body<I: std::fmt::Display, T: Serialize>(record: &Record<I, T>) -> Value {
    let mut object = Map::new();
    object.insert("id".to_owned(), Value::String(record.id.to_string()));
    object.insert("revision".to_owned(), Value::from(record.revision));
    object.insert("created_at".to_owned(), time(record.created_at));
    object.insert("updated_at".to_owned(), time(record.updated_at));
    // Nouns are structs of values that JSON knows.
    if let Ok(Value::Object(fields)) = serde_json::to_value(&record.value) {
        object.extend(fields);
    }
    Value::Object(object)
}

fn time(moment: DateTime<Utc>) -> Value {
    serde_json::to_value(moment).unwrap_or_default()
}

/// 200 with a record and its revision as `ETag`.
pub(crate) fn tagged<I: std::fmt::Display, T: Serialize>(record: &Record<I, T>) -> Response {
    with_tag(Json(body(record)), record.revision)
}

/// An answer with a revision as `ETag`.
pub(crate) fn with_tag(body: impl IntoResponse, revision: i64) -> Response {
    let mut response = body.into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{revision}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The shape of a record.
pub(crate) fn record_shape<T: ToSchema>() -> Shape {
    let inner = Shape::of::<T>();
    let own = ObjectBuilder::new()
        .property("id", text(Some(KnownFormat::Uuid), "Its name, for ever."))
        .required("id")
        .property("revision", number("Counts its changes, from 1."))
        .required("revision")
        .property("created_at", text(Some(KnownFormat::DateTime), "When it was made."))
        .required("created_at")
        .property("updated_at", text(Some(KnownFormat::DateTime), "When it was last changed."))
        .required("updated_at");
    let both = AllOfBuilder::new().item(inner.schema).item(own);
    Shape::named(format!("{}Record", T::name()), Schema::AllOf(both.build()), inner.components)
}

/// The shape of a change of a record.
pub(crate) fn change_shape<T: ToSchema>() -> Shape {
    let inner = Shape::of::<T>();
    let again = "May be sent back as it was read; not looked at.";
    let own = ObjectBuilder::new()
        .property("revision", number("The revision you saw, unless `If-Match` says it."))
        .property("id", text(Some(KnownFormat::Uuid), again))
        .property("created_at", text(Some(KnownFormat::DateTime), again))
        .property("updated_at", text(Some(KnownFormat::DateTime), again));
    let both = AllOfBuilder::new().item(inner.schema).item(own);
    Shape::named(format!("{}Change", T::name()), Schema::AllOf(both.build()), inner.components)
}

/// A list that comes at once. It reads like a last page, for programs that page through any list.
#[derive(Debug, Serialize)]
pub(crate) struct All<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> From<Vec<T>> for All<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// The shape of [`All`] of something.
pub(crate) fn all_shape(name: &str, item: Shape) -> Shape {
    let next = ObjectBuilder::new()
        .schema_type(Type::Null)
        .description(Some("Always null: all of them come at once."));
    listed(format!("{name}List"), item, next)
}

/// The shape of a page of a list.
pub(crate) fn page_shape(name: &str, item: Shape) -> Shape {
    let next = ObjectBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::String, Type::Null]))
        .description(Some("Send it as `cursor` for the next page; null after the last row."));
    listed(format!("{name}Page"), item, next)
}

fn listed(name: String, item: Shape, next: ObjectBuilder) -> Shape {
    let list = ObjectBuilder::new()
        .property("items", ArrayBuilder::new().items(item.schema))
        .required("items")
        .property("next_cursor", next)
        .required("next_cursor");
    Shape::named(name, Schema::Object(list.build()), item.components)
}

impl Shape {
    /// A reference to the schema of a type, as JSON.
    pub(crate) fn reference<T: ToSchema>() -> Value {
        let reference: RefOr<Schema> = RefOr::Ref(Ref::from_schema_name(T::name().into_owned()));
        serde_json::to_value(reference).unwrap_or_default()
    }
}

fn text(format: Option<KnownFormat>, words: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(format.map(SchemaFormat::KnownFormat))
        .description(Some(words))
}

fn number(words: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some(words))
}
