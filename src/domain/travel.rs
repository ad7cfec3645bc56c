//! How travel between two places is reckoned.

use chrono::{NaiveDateTime, TimeDelta, Timelike as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};

/// How travel is reckoned; chosen per organization and, if it differs, per service.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum TravelMode {
    /// Fixed buffers around each visit, whatever the places; none at the edges of a shift.
    Fixed {
        /// Minutes kept free before a visit.
        before_min: u32,
        /// Minutes kept free after a visit.
        after_min: u32,
    },
    /// Great-circle distance times a detour factor at one speed.
    StraightLine {
        /// Driven distance over great-circle distance, 1 to 3.
        detour_factor: f64,
        /// Average speed in km/h, 1 to 150.
        speed_kmh: f64,
    },
    /// Drive times on the embedded road graph.
    Road,
    /// Drive times of the organization's own OSRM server.
    Osrm,
    /// The longer of fixed buffers and the embedded road graph.
    MaxFixedRoad {
        /// Minutes kept free before a visit.
        before_min: u32,
        /// Minutes kept free after a visit.
        after_min: u32,
    },
}

/// An organization's own OSRM server, asked through its `table` service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OsrmServer {
    /// Where it is, `http` or `https`, without user and password; a path before `/table` is kept.
    #[schema(example = "https://routing.example.com")]
    pub url: String,
    /// The profile in its addresses: letters, digits, hyphens and underscores.
    #[serde(default = "driving")]
    pub profile: String,
    /// What is reckoned instead while it does not answer.
    #[serde(default)]
    pub fallback: OsrmFallback,
}

/// What is reckoned while an OSRM server does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum OsrmFallback {
    /// Nothing: what needs the server fails.
    None,
    /// The embedded road graph; fails like `none` if there is no graph.
    #[default]
    Road,
    /// Great-circle distance, with the numbers of the travel mode of this name.
    StraightLine {
        /// Driven distance over great-circle distance, 1 to 3.
        detour_factor: f64,
        /// Average speed in km/h, 1 to 150.
        speed_kmh: f64,
    },
}

fn driving() -> String {
    "driving".to_owned()
}

impl OsrmFallback {
    /// The travel mode that steps in.
    pub fn mode(self) -> Option<TravelMode> {
        match self {
            Self::None => None,
            Self::Road => Some(TravelMode::Road),
            Self::StraightLine { detour_factor, speed_kmh } => {
                Some(TravelMode::StraightLine { detour_factor, speed_kmh })
            }
        }
    }
}

impl Validate for OsrmServer {
    fn validate(&self, faults: &mut Faults) {
        let url = url::Url::parse(&self.url).ok();
        let web = url.as_ref().is_some_and(|url| {
            let open = url.username().is_empty() && url.password().is_none();
            let plain = url.query().is_none() && url.fragment().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && open && plain
        });
        let message = "must be an http or https address without user, password and query";
        faults.check(web, "url", &self.url, message);
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let named = !self.profile.is_empty() && self.profile.chars().all(word);
        let message = "must be letters, digits, hyphens and underscores";
        faults.check(named && self.profile.len() <= 50, "profile", &self.profile, message);
        if let Some(mode) = self.fallback.mode() {
            faults.within("fallback.", |faults| mode.validate(faults));
        }
    }
}

impl TravelMode {
    /// Minutes kept free before and after a visit; zero without fixed buffers.
    pub fn buffers_min(self) -> (u32, u32) {
        match self {
            Self::Fixed { before_min, after_min }
            | Self::MaxFixedRoad { before_min, after_min } => (before_min, after_min),
            Self::StraightLine { .. } | Self::Road | Self::Osrm => (0, 0),
        }
    }

    /// Whether places matter at all.
    pub fn uses_places(self) -> bool {
        !matches!(self, Self::Fixed { .. })
    }
}

impl Validate for TravelMode {
    fn validate(&self, faults: &mut Faults) {
        let (before_min, after_min) = self.buffers_min();
        faults.check(before_min <= 480, "before_min", before_min, "must be 0 to 480 minutes");
        faults.check(after_min <= 480, "after_min", after_min, "must be 0 to 480 minutes");
        if let Self::StraightLine { detour_factor, speed_kmh } = *self {
            let factor_fits = (1.0..=3.0).contains(&detour_factor);
            faults.check(factor_fits, "detour_factor", detour_factor, "must be 1 to 3");
            let speed_fits = (1.0..=150.0).contains(&speed_kmh);
            faults.check(speed_fits, "speed_kmh", speed_kmh, "must be 1 to 150 km/h");
        }
    }
}

/// What one drive takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leg {
    /// Seconds of driving.
    pub seconds: i64,
    /// Metres driven.
    pub metres: i64,
}

/// The line of a drive on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DriveLine)]
pub struct Line {
    /// The line from place to place, as an encoded polyline with five digits.
    pub polyline: String,
    /// Whether the line follows roads; if not, it is straight.
    pub on_roads: bool,
}

/// Civil hours of the day, from one to before another; over midnight if the second is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HourSpan {
    /// First hour, 0 to 23.
    pub from: u8,
    /// First hour after, 1 to 24; equal to `from` means the whole day.
    pub until: u8,
}

impl Default for HourSpan {
    fn default() -> Self {
        Self { from: 0, until: 24 }
    }
}

impl HourSpan {
    /// Whether a civil hour lies in it.
    pub fn contains(self, hour: u8) -> bool {
        let (from, until) = (self.from % 24, self.until % 24);
        if from < until { from <= hour && hour < until } else { from <= hour || hour < until }
    }

    /// The hours that clocks show from `start` to `end`; the whole day if that is 24 hours or more.
    pub fn between(start: NaiveDateTime, end: NaiveDateTime) -> Self {
        if end - start >= TimeDelta::days(1) || end <= start {
            return Self::default();
        }
        let hour = |at: NaiveDateTime| u8::try_from(at.hour()).unwrap_or(0);
        // An end on the hour does not touch the hour that begins there.
        Self { from: hour(start), until: hour(end - TimeDelta::nanoseconds(1)) + 1 }
    }
}
