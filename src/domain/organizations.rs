//! An organization: one customer of the software. Nothing is shared between two of them.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::booking_pages::BookingPage;
use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::travel::{OsrmServer, TravelMode};

/// What an organization decides for all of its locations and services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its name.
    pub name: String,
    /// Its name in addresses of web pages: lower-case letters, digits and hyphens; unique.
    pub slug: String,
    /// IANA zone for dates that belong to no location.
    #[schema(value_type = String, example = "Atlantic/Reykjavik")]
    pub time_zone: Tz,
    /// BCP 47 language of messages without a known reader.
    #[serde(default = "english")]
    pub locale: String,
    /// How travel is reckoned unless a service says otherwise.
    pub travel: TravelMode,
    /// How long a hold lasts, in minutes, 1 to 120.
    #[serde(default = "ten_minutes")]
    pub hold_min: u32,
    /// Places farther than this from a road are refused when travel is by road, in metres.
    #[serde(default = "one_kilometre")]
    pub snap_limit_m: u32,
    /// The organization's own OSRM server, if it has one.
    #[serde(default)]
    pub osrm: Option<OsrmServer>,
    /// What it says on its pages for customers.
    #[serde(default)]
    pub booking_page: BookingPage,
}

fn english() -> String {
    "en".to_owned()
}

fn ten_minutes() -> u32 {
    10
}

fn one_kilometre() -> u32 {
    1000
}

impl Validate for Organization {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        check_text(faults, "slug", &self.slug, 60);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let message = "may hold only a-z, 0-9 and hyphens";
        faults.check(self.slug.chars().all(plain), "slug", &self.slug, message);
        faults.check(
            (1..=120).contains(&self.hold_min),
            "hold_min",
            self.hold_min,
            "must be 1 to 120",
        );
        let limit = (10..=50_000).contains(&self.snap_limit_m);
        faults.check(limit, "snap_limit_m", self.snap_limit_m, "must be 10 to 50000 metres");
        faults.within("travel.", |faults| self.travel.validate(faults));
        faults.within("booking_page.", |faults| self.booking_page.validate(faults));
        if let Some(osrm) = &self.osrm {
            faults.within("osrm.", |faults| osrm.validate(faults));
        }
        let answered = self.travel != TravelMode::Osrm || self.osrm.is_some();
        faults.check(answered, "osrm", "none", "travel by osrm needs the address of a server");
    }
}
