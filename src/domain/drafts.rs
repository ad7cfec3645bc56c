//! A draft: what a customer has filled in on the booking page so far. Kept for a day.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::id::{BookingId, HoldId, PackageId, ServiceId, TechnicianId, WaitlistEntryId};
use crate::domain::places::Place;

/// What a customer has filled in so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// The services chosen.
    pub service_ids: Vec<ServiceId>,
    /// Or the package chosen.
    pub package_id: Option<PackageId>,
    /// Where.
    pub place: Option<Place>,
    /// Answers by the key of their question.
    pub answers: BTreeMap<String, String>,
    /// Names of the files among the answers, by key.
    pub files: BTreeMap<String, String>,
    /// Whether the questions have been answered.
    pub answered: bool,
    /// Who shall come, where the customer may choose.
    pub technician_id: Option<TechnicianId>,
    /// The hold.
    pub hold_id: Option<HoldId>,
    /// The start that is held, or was.
    pub start: Option<DateTime<Utc>>,
    /// The booking, when it is made.
    pub booking_id: Option<BookingId>,
    /// The wish on the waitlist, if the customer left one.
    pub waitlist_entry_id: Option<WaitlistEntryId>,
    /// Known about the customer beforehand.
    pub contact: Contact,
    /// Where the customer comes from.
    pub origin: Origin,
    /// How the page is shown.
    pub look: Look,
}

/// How to reach the customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
    /// The address as text, to search for.
    pub address: String,
    /// How to get in.
    pub access_note: String,
    /// Words for the business.
    pub note: String,
}

/// Where a customer comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The word of the link or site, for instance `newsletter`; `web` if empty.
    pub source: String,
    /// The parameters of a campaign, by name, for instance `utm_source`.
    pub campaign: BTreeMap<String, String>,
}

/// How the page is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// The language chosen, as a BCP 47 tag; the browser's if empty.
    pub locale: String,
    /// `light` or `dark`; the browser's if empty.
    pub theme: String,
    /// The origin of the site that shows the page in a frame; empty if none does.
    pub frame: String,
    /// The accent colour of that site, as `#0b6a61`; ours if empty.
    pub accent: String,
}
