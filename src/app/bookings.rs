//! Bookings: the agreement with the customer, from a hold or directly, until it is done.

pub(crate) mod answers;
pub mod create;
mod held;
pub mod lifecycle;
pub mod list;
pub mod reschedule;
pub(crate) mod visit;

pub use create::{BookingRequest, CustomerChoice, SiteChoice, create};
pub use lifecycle::{cancel, check_reason, check_words, complete, confirm, no_show, update};
pub use list::{BookingFilter, BookingSort, get, list};
pub use reschedule::{Reschedule, reschedule};

/// A booking with the visit it stands for and who does it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct BookingDetails {
    /// The booking.
    #[serde(flatten)]
    pub booking: crate::domain::bookings::Booking,
    /// The visit.
    pub visit: crate::domain::visits::Visit,
    /// Who does it when, by role.
    pub assignments: Vec<crate::domain::visits::Assignment>,
}
