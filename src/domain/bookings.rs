//! Bookings and holds: what is agreed with the customer, and what is kept for a moment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{
    BookingId, CustomerId, HoldId, JobId, LocationId, ServiceId, SiteId, TechnicianId, VisitId,
};
use crate::domain::questions::Answer;
use crate::domain::visits::ArrivalWindow;

/// The agreement with the customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Booking {
    /// Its name.
    pub id: BookingId,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// Short code to read aloud on the telephone; unique in the organization.
    pub code: String,
    /// The visit it stands for.
    pub visit_id: VisitId,
    /// The job it is part of.
    pub job_id: JobId,
    /// The location whose plan it belongs to.
    pub location_id: LocationId,
    /// The customer.
    pub customer_id: Option<CustomerId>,
    /// The site.
    pub site_id: Option<SiteId>,
    /// How far it is.
    pub status: BookingStatus,
    /// One line for lists.
    pub title: String,
    /// More words.
    pub description: String,
    /// What was promised; equal ends promise the exact time.
    pub window: ArrivalWindow,
    /// Where it came from, for instance `web`, `phone`, `api`.
    pub source: String,
    /// Why it was cancelled; empty otherwise.
    pub cancel_reason: String,
    /// What the services asked, and the answers.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// The parameters of the campaign that brought the customer, by name, for instance
    /// `utm_source`.
    #[serde(default)]
    pub campaign: BTreeMap<String, String>,
    /// Why these technicians; the numbers of the decision.
    #[schema(value_type = Object)]
    pub decision: serde_json::Value,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How far a booking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Agreed.
    Scheduled,
    /// Confirmed once more by the customer.
    Confirmed,
    /// Moved to another time.
    Rescheduled,
    /// Called off.
    Cancelled,
    /// Done.
    Completed,
    /// The customer was not there.
    NoShow,
}

/// A slot kept for a short time; it takes exactly what the booking would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// Its name; unguessable, and with it alone the holder may renew, release and book.
    pub id: HoldId,
    /// The held visit.
    pub visit_id: VisitId,
    /// The location whose plan it belongs to.
    pub location_id: LocationId,
    /// The services it is for.
    pub service_ids: Vec<ServiceId>,
    /// Who would come.
    pub technician_ids: Vec<TechnicianId>,
    /// What would be promised.
    pub window: ArrivalWindow,
    /// When it lapses.
    pub expires_at: DateTime<Utc>,
    /// Why these technicians; the numbers of the decision.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub decision: serde_json::Value,
}

impl BookingStatus {
    /// All of them, in the order of a booking's life.
    pub const ALL: [Self; 6] = [
        Self::Scheduled,
        Self::Confirmed,
        Self::Rescheduled,
        Self::Cancelled,
        Self::Completed,
        Self::NoShow,
    ];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Confirmed => "confirmed",
            Self::Rescheduled => "rescheduled",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }

    /// Whether the visit is still to come.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Scheduled | Self::Confirmed | Self::Rescheduled)
    }
}
