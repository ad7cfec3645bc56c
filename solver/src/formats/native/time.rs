//! Moments of a document: RFC 3339 with an offset, or whole seconds.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::units::Moment;

/// A moment: `2026-05-04T08:00:00+02:00`, or seconds on an axis of your own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// Seconds; since 1970 if it was written as a date.
    pub seconds: i64,
    /// Whether it is written as a date and time.
    pub is_date: bool,
}

impl Time {
    /// The moment on the model's clock.
    pub const fn moment(self) -> Moment {
        Moment(self.seconds)
    }

    /// Reads a date and time with an offset; parts of seconds are cut.
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        Some(Self { seconds: time.timestamp(), is_date: true })
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match DateTime::from_timestamp(self.seconds, 0).filter(|_| self.is_date) {
            Some(time) => {
                serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true))
            }
            None => serializer.serialize_i64(self.seconds),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => Ok(Self { seconds, is_date: false }),
            Written::Text(text) => Self::parse(&text).ok_or_else(|| {
                serde::de::Error::custom(format!("{text:?} is no date and time with an offset"))
            }),
        }
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        let of = |kind| ObjectBuilder::new().schema_type(SchemaType::Type(kind));
        let text = of(Type::String)
            .description(Some("RFC 3339 with an offset, as 2026-05-04T08:00:00+02:00"));
        let seconds = of(Type::Integer).description(Some("seconds on an axis of your own"));
        OneOfBuilder::new().item(text).item(seconds).into()
    }
}

impl ToSchema for Time {}
