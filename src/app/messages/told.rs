//! What everybody concerned was last told about a visit.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::app::messages::unheard::Unheard;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::visits::ArrivalWindow;

/// What everybody concerned was last told about a visit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    /// The customer.
    pub(super) customer: Option<ToldCustomer>,
    /// Counts the customer's invitations.
    pub(super) sequence: u32,
    /// News of the customer that wait.
    pub(super) unheard: Option<Unheard<ToldCustomer>>,
    /// Technicians who know of it.
    pub(super) technicians: BTreeMap<TechnicianId, ToldTechnician>,
    /// News of technicians that wait.
    pub(super) unheard_crew: BTreeMap<TechnicianId, Unheard<ToldTechnician>>,
    /// Counts the technicians' invitations.
    pub(super) crew_sequence: u32,
    /// The promise of which the customer was told, or a dispatcher asked, that it will be missed.
    pub(super) late: Option<DateTime<Utc>>,
    /// What was said last of its start, where the plan does not say so itself.
    pub(super) expected: Option<Expected>,
}

/// What a report from an earlier visit said of the start of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expected {
    /// When it will start.
    pub(super) start: DateTime<Utc>,
    /// The visit that was reported from.
    pub(super) after: Option<VisitId>,
    /// When it was planned to start then; what is moved since is expected when it is planned.
    pub(super) planned: Option<DateTime<Utc>>,
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
