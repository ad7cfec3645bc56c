//! The query of the list of bookings, and the shape of a change of their words.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use super::BookingWords;
use crate::api::catalogue::{change_shape, pairs, parameter};
use crate::api::endpoint::Shape;
use crate::app::bookings::{BookingFilter, BookingSort};
use crate::app::catalogue::PageQuery;
use crate::domain::bookings::BookingStatus;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;

/// Rows of a page at most.
const LIMIT_MAX: u32 = 500;

/// Every parameter, and what it does.
const PARAMETERS: [(&str, &str); 12] = [
    (
        "q",
        "Words that must all occur in code, title, description, customer or address, in any \
         language and order, whatever case and accents.",
    ),
    ("status", "One or more statuses, separated by commas."),
    ("when", "`upcoming` or `past`, by the start of what was promised."),
    ("from", "Promised at or after this time."),
    ("until", "Promised before this time."),
    ("technician_id", "With this technician in the crew."),
    ("zone_id", "With a place in this zone."),
    ("customer_id", "For this customer."),
    ("location_id", "Of this location."),
    ("sort", "`window` or `created_at`; with a hyphen before it from the last to the first."),
    ("limit", "Rows of a page, 1 to 500; 50 if not given."),
    ("cursor", "`next_cursor` of the page before."),
];

/// What a query asks for.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Which bookings.
    pub(super) filter: BookingFilter,
    /// In which order; whether from the last to the first.
    pub(super) sort: (BookingSort, bool),
    /// Which page.
    pub(super) page: PageQuery,
}

/// Reads a query.
///
/// # Errors
/// [`AppError::Invalid`] with every parameter that is unknown or wrong.
pub(super) fn read(query: &str, now: DateTime<Utc>) -> Result<Search, AppError> {
    let mut search = Search::default();
    let mut faults = Faults::default();
    let mut when = None;
    for (name, value) in pairs(query)? {
        if let Err(message) = search.set(&name, &value, &mut when) {
            faults.add(&name, &value, message);
        }
    }
    let filter = &mut search.filter;
    match when.as_deref() {
        Some("upcoming") => filter.from = Some(filter.from.map_or(now, |from| from.max(now))),
        Some("past") => filter.until = Some(filter.until.map_or(now, |until| until.min(now))),
        Some(other) => faults.add("when", other, "must be upcoming or past"),
        None => {}
    }
    faults.into_result()?;
    Ok(search)
}

impl Search {
    fn set(&mut self, name: &str, value: &str, when: &mut Option<String>) -> Result<(), String> {
        let filter = &mut self.filter;
        match name {
            "q" => value.clone_into(&mut filter.text),
            "status" => filter.statuses = statuses(value)?,
            "when" => *when = Some(value.to_owned()),
            "from" => filter.from = Some(moment(value)?),
            "until" => filter.until = Some(moment(value)?),
            "technician_id" => filter.technician_id = Some(id(value)?),
            "zone_id" => filter.zone_id = Some(id(value)?),
            "customer_id" => filter.customer_id = Some(id(value)?),
            "location_id" => filter.location_id = Some(id(value)?),
            "sort" => self.sort = order(value)?,
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
                self.page.limit = limit.ok_or(format!("must be 1 to {LIMIT_MAX}"))?;
            }
            "cursor" => self.page.cursor = Some(value.to_owned()).filter(|text| !text.is_empty()),
            _ => {
                let known: Vec<&str> = names().collect();
                return Err(format!("is not a parameter; known are: {}", known.join(", ")));
            }
        }
        Ok(())
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    PARAMETERS.iter().map(|(name, _)| *name)
}

fn statuses(text: &str) -> Result<Vec<BookingStatus>, String> {
    let status = |word: &str| {
        let known = BookingStatus::ALL.into_iter().find(|status| status.as_str() == word);
        known.ok_or_else(|| {
            let all = BookingStatus::ALL.map(BookingStatus::as_str).join(", ");
            format!("`{word}` is no status; there are: {all}")
        })
    };
    text.split(',').map(str::trim).map(status).collect()
}

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let read = DateTime::parse_from_rfc3339(text).map(DateTime::<Utc>::from);
    read.map_err(|_| "must be a time with its offset such as 2027-03-01T09:00:00Z".to_owned())
}

fn id<I: From<Uuid>>(text: &str) -> Result<I, String> {
    Uuid::try_parse(text).map(I::from).map_err(|_| "must be an id (UUID)".to_owned())
}

fn order(text: &str) -> Result<(BookingSort, bool), String> {
    let (word, descending) = match text.strip_prefix('-') {
        Some(word) => (word, true),
        None => (text, false),
    };
    match word {
        "window" => Ok((BookingSort::Window, descending)),
        "created_at" => Ok((BookingSort::Created, descending)),
        _ => Err("must be window or created_at, with or without a hyphen before it".to_owned()),
    }
}

/// The parameters, for the document.
pub(super) fn parameters() -> Vec<Parameter> {
    let described = |name: &str, words: &str| {
        let format = match name {
            "from" | "until" => Some(KnownFormat::DateTime),
            _ if name.ends_with("_id") => Some(KnownFormat::Uuid),
            _ => None,
        };
        let schema = ObjectBuilder::new()
            .schema_type(if name == "limit" { Type::Integer } else { Type::String })
            .format(format.map(SchemaFormat::KnownFormat));
        parameter(name, words, schema)
    };
    PARAMETERS.iter().map(|(name, words)| described(name, words)).collect()
}

/// The shape of a change of the words.
pub(super) fn words_shape() -> Shape {
    change_shape::<BookingWords>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        moment("2027-03-01T12:00:00Z").unwrap()
    }

    #[test]
    fn a_query_is_read_whole_or_every_fault_is_told() {
        let search =
            read("q=J%C3%B3n+b&status=scheduled,no_show&when=upcoming&sort=-window", noon());
        let search = search.unwrap();
        assert_eq!(search.filter.text, "Jón b");
        assert_eq!(search.filter.statuses, [BookingStatus::Scheduled, BookingStatus::NoShow]);
        assert_eq!(search.filter.from, Some(noon()));
        assert_eq!(search.sort, (BookingSort::Window, true));
        let wrong = "status=gone&when=soon&from=monday&zone_id=7&limit=501&sort=code&page=2";
        let Err(AppError::Invalid(faults)) = read(wrong, noon()) else { panic!("must be wrong") };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["status", "from", "zone_id", "limit", "sort", "page", "when"]);
    }

    #[test]
    fn upcoming_and_a_span_go_together() {
        let search = read("when=upcoming&from=2027-04-01T00:00:00Z", noon()).unwrap();
        assert_eq!(search.filter.from, Some(moment("2027-04-01T00:00:00Z").unwrap()));
        let search = read("when=past&until=2027-04-01T00:00:00Z", noon()).unwrap();
        assert_eq!(search.filter.until, Some(noon()));
    }
}
