//! What a request brings: its JSON body, its query and its headers, read with every fault at once.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::form_urlencoded;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::api::endpoint::Shape;
use crate::api::error::ApiError;
use crate::api::mending;
use crate::api::problem::ProblemKind;
use crate::api::shape::{Shapes, format_words};
use crate::api::state::Api;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate, check_characters};

/// A JSON body that was checked against its schema, for bodies whose values are all right if their form
/// is. An empty body counts as `{}`.
#[derive(Debug)]
pub(crate) struct Input<T>(pub(crate) T);

/// As [`Input`], for bodies that can say what is wrong with their values: where the form has faults,
/// those are noted with it. A body without faults of form is for the use case to check.
#[derive(Debug)]
pub(crate) struct Whole<T>(pub(crate) T);

impl<T: ToSchema + DeserializeOwned> FromRequest<Api> for Input<T> {
    type Rejection = Response;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Response> {
        let value = body(request, api).await?;
        formed(api.document(), value).map(Self).map_err(IntoResponse::into_response)
    }
}

impl<T: ToSchema + DeserializeOwned + Validate> FromRequest<Api> for Whole<T> {
    type Rejection = Response;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Response> {
        let value = body(request, api).await?;
        typed(api.document(), &Shape::reference::<T>(), value)
            .map(Self)
            .map_err(IntoResponse::into_response)
    }
}

/// A change of a record as [`change`] reads it: the revision that the caller saw, and what it shall become.
#[derive(Debug)]
pub(crate) struct Changed<T>(pub(crate) i64, pub(crate) T);

impl<T: ToSchema + DeserializeOwned + Validate> FromRequest<Api> for Changed<T> {
    type Rejection = Response;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let value = body(request, api).await?;
        let (seen, noun) =
            change(api.document(), &headers, value).map_err(IntoResponse::into_response)?;
        Ok(Self(seen, noun))
    }
}

async fn body(request: Request, api: &Api) -> Result<Value, Response> {
    let headers = request.headers().clone();
    let bytes = Bytes::from_request(request, api).await.map_err(IntoResponse::into_response)?;
    value(&headers, &bytes).map_err(IntoResponse::into_response)
}

/// The JSON value of a body.
///
/// # Errors
/// A problem that names line and column, or one about the media type.
pub(crate) fn value(headers: &HeaderMap, bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if media != "application/json" && !media.ends_with("+json") {
        let detail = format!("the body came as `{media}`, not as `application/json`");
        return Err(ProblemKind::NOT_JSON.with(detail).into());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or("").to_owned();
        let detail = format!("the body is no JSON at line {line}, column {column}: {reason}");
        ProblemKind::BAD_REQUEST.with(detail).into()
    })
}

/// A value as its type, checked against its schema first.
///
/// # Errors
/// [`AppError::Invalid`] with all faults of the form and, if there are any, those of the values.
pub(crate) fn typed<T: DeserializeOwned + Validate>(
    document: &Value,
    schema: &Value,
    value: Value,
) -> Result<T, ApiError> {
    read((document, schema), value, Faults::default(), T::validate)
}

/// As [`typed`], with faults that were found before.
///
/// # Errors
/// As there.
pub(crate) fn typed_with<T: ToSchema + DeserializeOwned + Validate>(
    document: &Value,
    value: Value,
    faults: Faults,
) -> Result<T, ApiError> {
    read((document, &Shape::reference::<T>()), value, faults, T::validate)
}

/// As [`typed`], for a type that leaves its values to the use case.
///
/// # Errors
/// [`AppError::Invalid`] with all faults of the form.
pub(crate) fn formed<T: ToSchema + DeserializeOwned>(
    document: &Value,
    value: Value,
) -> Result<T, ApiError> {
    read((document, &Shape::reference::<T>()), value, Faults::default(), |_: &T, _| {})
}

/// Reads a value whose form and, if that has faults, values are checked.
///
/// * `check`: notes the faults of values.
///
/// # Errors
/// [`AppError::Invalid`] with all faults.
pub(crate) fn read<T: DeserializeOwned>(
    (document, schema): (&Value, &Value),
    value: Value,
    mut faults: Faults,
    check: impl Fn(&T, &mut Faults),
) -> Result<T, ApiError> {
    let shapes = Shapes { document };
    shapes.check(schema, &value, "", &mut faults);
    if faults.list().is_empty()
        && let Ok(read) = T::deserialize(&value)
    {
        return Ok(read);
    }
    mending::note_all((shapes, schema), &value, &mut faults, check);
    faults.into_result().map_err(AppError::Invalid)?;
    // What cannot be read has a fault.
    Err(AppError::invalid("body", "", "cannot be read").into())
}

/// A change of a record: the revision that the caller saw, and what it shall become.
///
/// # Errors
/// [`AppError::Invalid`] with all faults.
fn change<T: ToSchema + DeserializeOwned + Validate>(
    document: &Value,
    headers: &HeaderMap,
    mut value: Value,
) -> Result<(i64, T), ApiError> {
    let (revision, faults) = take_revision(headers, &mut value)?;
    if let Some(object) = value.as_object_mut() {
        // What was read may be sent back as it is.
        for own in ["id", "created_at", "updated_at"] {
            object.remove(own);
        }
    }
    let noun = typed_with(document, value, faults)?;
    // Without a revision the line above has refused the request.
    Ok((revision.unwrap_or_default(), noun))
}

/// The query of an address, its names checked against the documented ones.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: IntoParams + DeserializeOwned> FromRequestParts<Api> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _api: &Api) -> Result<Self, ApiError> {
        let parameters = T::into_params(|| Some(ParameterIn::Query));
        let known: Vec<&str> = parameters.iter().map(|one| one.name.as_str()).collect();
        let pairs: Query<Vec<(String, String)>> = Query::try_from_uri(&parts.uri)
            .map_err(|error| ProblemKind::BAD_REQUEST.with(error.body_text()))?;
        let mut faults = Faults::default();
        for (row, (name, value)) in pairs.iter().enumerate() {
            let message = format!("is not a known parameter; known are: {}", known.join(", "));
            faults.check(known.contains(&name.as_str()), name, value, &message);
            let first = pairs.iter().position(|(other, _)| other == name) == Some(row);
            faults.check(first, name, value, "is there more than once");
            check_typed(&mut faults, name, value);
        }
        let mut left: Vec<(String, String)> = Vec::new();
        for (name, value) in &pairs.0 {
            if known.contains(&name.as_str()) && left.iter().all(|(other, _)| other != name) {
                left.push((name.clone(), value.clone()));
            }
        }
        let query = loop {
            let (field, message) = match parsed::<T>(&left) {
                Ok(query) => break Some(query),
                Err(fault) => fault,
            };
            let wrong = left.iter().position(|(name, _)| *name == field);
            let Some(wrong) = wrong else {
                // What is missing cannot be passed over to see what else is wrong; what was wrong and
                // is left out by now is not missing.
                let known = faults.list().iter().any(|fault| fault.field == field);
                faults.check(known, &field, "", &message);
                break None;
            };
            let plain = parameters.iter().find(|one| one.name == field).and_then(expected);
            let id = message.starts_with("UUID parsing").then(|| format_words("uuid")).flatten();
            faults.add(&field, left.remove(wrong).1, plain.or(id).unwrap_or(&message));
        };
        faults.into_result().map_err(AppError::Invalid)?;
        query.map(Self).ok_or_else(|| AppError::invalid("query", "", "cannot be read").into())
    }
}

/// Notes characters of a parameter that nobody types, and bytes that are none.
pub(crate) fn check_typed(faults: &mut Faults, name: &str, value: &str) {
    check_characters(faults, name, value);
    let is_text = !value.contains(char::REPLACEMENT_CHARACTER);
    faults.check(is_text, name, value, "is not in UTF-8");
}

/// What a parameter must be, where its documented format or type says so.
fn expected(parameter: &Parameter) -> Option<&'static str> {
    let schema = serde_json::to_value(parameter.schema.as_ref()?).ok()?;
    let format = schema.get("format").and_then(Value::as_str).and_then(format_words);
    let is = |kind: &Value| {
        kind == "integer" || kind.as_array().is_some_and(|all| all.contains(&json!("integer")))
    };
    let whole = schema.get("type").is_some_and(is).then_some("must be a whole number");
    format.or(whole)
}

/// A query read from its parameters; otherwise the first that is wrong or missing, and why.
fn parsed<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, (String, String)> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let uri: Uri = format!("/?{query}").parse().map_err(|_| unreadable("cannot be read"))?;
    Query::try_from_uri(&uri).map(|Query(read)| read).map_err(|error| {
        let text = error.body_text();
        let text = text.split_once("query string: ").map_or(text.as_str(), |(_, rest)| rest);
        let missing = text.strip_prefix("missing field `").map(|rest| rest.trim_end_matches('`'));
        if let Some(field) = missing {
            return (field.to_owned(), "is required".to_owned());
        }
        match text.split_once(": ") {
            Some((field, message)) => (field.to_owned(), message.to_owned()),
            None => unreadable(text),
        }
    })
}

fn unreadable(message: &str) -> (String, String) {
    ("query".to_owned(), message.to_owned())
}

/// The revision in the header `If-Match`, which is the `ETag` of an earlier answer.
///
/// # Errors
/// [`AppError::Invalid`] if it is no such tag.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(header) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = header.to_str().unwrap_or("");
    let number = text.trim().trim_start_matches("W/").trim_matches('"').parse();
    number.map(Some).map_err(|_| {
        AppError::invalid("If-Match", text, "must be the ETag of an answer, such as \"3\"").into()
    })
}

/// Takes the revision that the caller saw out of a body, or out of `If-Match`.
fn take_revision(
    headers: &HeaderMap,
    value: &mut Value,
) -> Result<(Option<i64>, Faults), ApiError> {
    let mut faults = Faults::default();
    let in_header = if_match(headers)?;
    let sent = value.as_object_mut().and_then(|object| object.remove("revision"));
    let in_body = sent.as_ref().and_then(Value::as_i64);
    match (&sent, in_body, in_header) {
        (Some(sent), None, _) => faults.add("revision", sent, "must be a whole number"),
        (None, None, None) => {
            faults.add("revision", "", "is required: the one you saw, here or as If-Match");
        }
        (Some(_), Some(body), Some(header)) if body != header => {
            faults.add("revision", body, format!("is not {header}, as If-Match says"));
        }
        _ => {}
    }
    Ok((in_body.or(in_header), faults))
}
