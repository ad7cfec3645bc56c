//! A shift: one dated span of work of one technician, as the calendar sees it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::TechnicianId;
use crate::domain::places::Place;

/// One dated span of work of one technician.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Shift {
    /// Whose.
    pub technician_id: TechnicianId,
    /// The date it belongs to, in the zone of the technician's location.
    pub date: NaiveDate,
    /// First moment of work.
    pub start: DateTime<Utc>,
    /// First moment after work; overtime comes after it.
    pub end: DateTime<Utc>,
    /// The pauses due in it, earliest first.
    pub breaks: Vec<BreakDue>,
}

/// A pause due in a shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BreakDue {
    /// Earliest start.
    pub earliest: DateTime<Utc>,
    /// Latest start.
    pub latest: DateTime<Utc>,
    /// Length in seconds.
    pub duration_s: i64,
    /// Where it is taken, if that matters.
    pub place: Option<Place>,
}
