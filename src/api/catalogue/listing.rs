//! The query of a list: search, filters, order and page.

use axum::extract::Query;
use axum::http::Uri;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Required, Schema};
use uuid::Uuid;

use crate::api::input::check_typed;
use crate::app::catalogue::{Listing, PageQuery, Sort, Value};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;

/// Rows of a page unless the query says otherwise.
const LIMIT: u32 = 50;
/// Rows of a page at most.
const LIMIT_MAX: u32 = 500;

/// Something a list can be narrowed down by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    /// The name in the query.
    pub name: &'static str,
    /// What it takes.
    pub kind: FilterKind,
    /// What it does.
    pub words: &'static str,
}

/// What a filter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterKind {
    /// An id.
    Id,
    /// `true` or `false`.
    Flag,
    /// One of these.
    Word(&'static [&'static str]),
}

/// Reads the query of a list.
///
/// # Errors
/// [`AppError::Invalid`] with every parameter that is unknown or wrong.
pub(crate) fn listing(query: &str, filters: &[Filter]) -> Result<Listing, AppError> {
    let mut listing = Listing::default();
    listing.page.limit = LIMIT;
    let mut faults = Faults::default();
    for (name, value) in pairs(query)? {
        match name.as_str() {
            "q" => listing.text = value,
            "cursor" => listing.page.cursor = Some(value).filter(|cursor| !cursor.is_empty()),
            "limit" => match value.parse() {
                Ok(limit @ 1..=LIMIT_MAX) => listing.page.limit = limit,
                _ => faults.add("limit", value, format!("must be 1 to {LIMIT_MAX}")),
            },
            "sort" => {
                if let Some((sort, descending)) = order(&value) {
                    listing.sort = sort;
                    listing.descending = descending;
                } else {
                    let words = "must be name, created_at or updated_at, or one of them with a \
                                 hyphen before it";
                    faults.add("sort", value, words);
                }
            }
            other => {
                let Some(filter) = filters.iter().find(|filter| filter.name == other) else {
                    let own = filters.iter().map(|filter| filter.name);
                    let known = ["q", "cursor", "limit", "sort"].into_iter().chain(own);
                    let known = known.collect::<Vec<_>>().join(", ");
                    faults.add(other, value, format!("is not a parameter; known are: {known}"));
                    continue;
                };
                match filter.read(&value) {
                    Ok(wanted) => listing.filters.push((filter.name, wanted)),
                    Err(message) => faults.add(other, value, message),
                }
            }
        }
    }
    faults.into_result()?;
    Ok(listing)
}

/// What to sort by, and whether from the last to the first.
fn order(text: &str) -> Option<(Sort, bool)> {
    let (word, descending) = match text.strip_prefix('-') {
        Some(word) => (word, true),
        None => (text, false),
    };
    let sort = match word {
        "name" => Sort::Name,
        "created_at" => Sort::Created,
        "updated_at" => Sort::Updated,
        _ => return None,
    };
    Some((sort, descending))
}

/// Which page of a list is asked for.
///
/// # Errors
/// [`AppError::Invalid`] if the limit is out of range.
pub(crate) fn page_asked(
    limit: Option<u32>,
    cursor: Option<String>,
) -> Result<PageQuery, AppError> {
    let limit = limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", limit, format!("must be 1 to {LIMIT_MAX}")));
    }
    Ok(PageQuery { limit, cursor: cursor.filter(|cursor| !cursor.is_empty()) })
}

/// Names and values of a query.
///
/// # Errors
/// [`AppError::Invalid`] if its escapes are broken, or about characters that nobody types.
pub(crate) fn pairs(query: &str) -> Result<Vec<(String, String)>, AppError> {
    let wrong = |words: String| AppError::invalid("query", query, words);
    let uri: Uri = format!("/?{query}").parse().map_err(|_| wrong("is no query".to_owned()))?;
    let read: Result<Query<Vec<(String, String)>>, _> = Query::try_from_uri(&uri);
    let Query(pairs) = read.map_err(|error| wrong(error.body_text()))?;
    let mut faults = Faults::default();
    for (name, value) in &pairs {
        check_typed(&mut faults, name, value);
    }
    faults.into_result().map_err(AppError::Invalid)?;
    Ok(pairs)
}

impl Filter {
    fn read(self, value: &str) -> Result<Value, &'static str> {
        match self.kind {
            FilterKind::Id => Uuid::try_parse(value).map(Value::from).map_err(|_| "must be an id"),
            FilterKind::Flag => {
                value.parse::<bool>().map(Value::from).map_err(|_| "must be true or false")
            }
            FilterKind::Word(words) if words.contains(&value) => Ok(Value::from(value)),
            FilterKind::Word(_) => Err("is none of the words it may be"),
        }
    }
}

/// The parameters of a list, for the document.
pub(crate) fn list_parameters(filters: &[Filter]) -> Vec<Parameter> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let mut parameters = vec![
        parameter(
            "q",
            "Words that must all occur, in any order, whatever case and accents.",
            text(),
        ),
        parameter(
            "sort",
            "`name`, `created_at` or `updated_at`; with a hyphen before it from the last to the \
             first.",
            text().default(Some("name".into())),
        ),
        parameter(
            "limit",
            "Rows of a page.",
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1))
                .maximum(Some(LIMIT_MAX))
                .default(Some(LIMIT.into())),
        ),
        parameter("cursor", "`next_cursor` of the page before.", text()),
    ];
    parameters.extend(filters.iter().map(|filter| {
        let schema = match filter.kind {
            FilterKind::Id => text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
            FilterKind::Flag => ObjectBuilder::new().schema_type(Type::Boolean),
            FilterKind::Word(words) => text().enum_values(Some(words.iter().copied())),
        };
        parameter(filter.name, filter.words, schema)
    }));
    parameters
}

/// One optional parameter of a query.
pub(crate) fn parameter(name: &str, words: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(words))
        .schema(Some(Schema::Object(schema.build())))
        .build()
}
