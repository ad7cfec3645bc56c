//! Waitlist entries: customers who want a slot that is full, or live where nobody comes yet.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::customers::Customer;
use crate::domain::faults::{Faults, Validate, check_length};
use crate::domain::id::{BookingId, LocationId, PackageId, ServiceId};
use crate::domain::places::Place;
use crate::domain::questions::AnswerGiven;
use crate::domain::slots::PartOfDay;

/// A customer who waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WaitlistEntry {
    /// The location that would do it.
    pub location_id: LocationId,
    /// Why the customer waits.
    #[serde(default)]
    pub reason: WaitlistReason,
    /// How far it is.
    #[serde(default)]
    pub status: WaitlistStatus,
    /// The services wanted, in order of work; or a package.
    #[serde(default)]
    pub service_ids: Vec<ServiceId>,
    /// The package wanted; or services.
    #[serde(default)]
    pub package_id: Option<PackageId>,
    /// Where.
    pub place: Place,
    /// First date that suits, in the location's zone.
    pub from: NaiveDate,
    /// Last date that suits, included; at most 92 days after the first.
    pub until: NaiveDate,
    /// Only starts in this part of the day.
    #[serde(default)]
    pub part_of_day: Option<PartOfDay>,
    /// Who waits, and how to reach them.
    pub customer: Customer,
    /// Answers to the questions of the services.
    #[serde(default)]
    pub answers: Vec<AnswerGiven>,
    /// Words for the business.
    #[serde(default)]
    pub note: String,
    /// The start that became free, while the entry is ready.
    #[serde(default)]
    pub start: Option<DateTime<Utc>>,
    /// The booking that came of it.
    #[serde(default)]
    pub booking_id: Option<BookingId>,
}

/// Why a customer waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitlistReason {
    /// Nothing that suits is free.
    #[default]
    Full,
    /// Nobody comes there.
    OutsideArea,
}

/// How far a waitlist entry is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitlistStatus {
    /// Nothing has become free yet.
    #[default]
    Waiting,
    /// A slot that suits is free; the customer is told.
    Ready,
    /// The customer has booked.
    Booked,
    /// Over: the dates have passed, or the customer or a dispatcher ended it.
    Closed,
}

impl WaitlistStatus {
    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Booked => "booked",
            Self::Closed => "closed",
        }
    }
}

impl Validate for WaitlistEntry {
    fn validate(&self, faults: &mut Faults) {
        let count = self.service_ids.len();
        let one = self.package_id.is_some() != (count > 0);
        faults.check(one, "service_ids", count, "name services or a package, one of the two");
        faults.check(count <= 20, "service_ids", count, "must be at most 20 services");
        faults.within("place.", |faults| self.place.validate(faults));
        faults.check(self.from <= self.until, "until", self.until, "must not be before from");
        let days = (self.until - self.from).num_days();
        faults.check(days <= 92, "until", self.until, "must be at most 92 days after from");
        faults.within("customer.", |faults| self.customer.validate(faults));
        let reachable = self.customer.email.is_some() || self.customer.phone.is_some();
        let message = "give an e-mail address or a telephone number";
        faults.check(reachable, "customer.email", "", message);
        check_length(faults, "note", &self.note, 4000);
        let answers = self.answers.len();
        faults.check(answers <= 200, "answers", answers, "must be at most 200 answers");
    }
}
