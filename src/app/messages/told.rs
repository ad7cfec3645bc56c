//! What everybody concerned was last told about a visit.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::id::TechnicianId;
use crate::domain::visits::ArrivalWindow;

/// What everybody concerned was last told about a visit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    /// The customer.
    pub(super) customer: Option<ToldCustomer>,
    /// Counts the customer's invitations.
    pub(super) sequence: u32,
    /// Technicians who know of it.
    pub(super) technicians: BTreeMap<TechnicianId, ToldTechnician>,
    /// Counts the technicians' invitations.
    pub(super) crew_sequence: u32,
    /// The promise of which the customer was told that it will be missed.
    pub(super) late: Option<DateTime<Utc>>,
}

/// What the customer knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToldCustomer {
    pub(super) window: ArrivalWindow,
    pub(super) address: String,
    pub(super) title: String,
    pub(super) cancelled: bool,
}

/// What a technician knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToldTechnician {
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) address: String,
}
