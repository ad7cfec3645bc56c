//! Slots as anyone sees them: when somebody could come, and nothing of how the work gets done.
//!
//! Drives, overtime and zones would tell where technicians live to whoever asks often enough.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{LocationId, TechnicianId};
use crate::domain::slots::{Alternative, Slot, SlotAnswer};
use crate::domain::visits::ArrivalWindow;

/// The answer that anyone gets to a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicSlotAnswer {
    /// The location that would do it.
    pub location_id: LocationId,
    /// IANA zone of the dates.
    pub time_zone: String,
    /// Seconds on site.
    pub on_site_s: i64,
    /// Every date asked for, in order, also without slots.
    pub days: Vec<PublicSlotDay>,
    /// Where nothing fits: the nearest starts outside the wishes or dates; nobody is named.
    pub alternatives: Vec<Alternative>,
}

/// The slots of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicSlotDay {
    /// The date, in the location's zone.
    pub date: NaiveDate,
    /// The slots by time.
    pub slots: Vec<PublicSlot>,
}

/// A start at which somebody could come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicSlot {
    /// The start on the grid; with an arrival window, the start of the window.
    pub start: DateTime<Utc>,
    /// What would be promised.
    pub window: ArrivalWindow,
    /// End of the stay if it starts at `start`.
    pub end: DateTime<Utc>,
    /// Crews to choose from, in no particular order; empty unless the service lets the customer
    /// choose who comes.
    pub crews: Vec<PublicCrew>,
    /// 0 to 100 in steps of ten; the best starts have 100.
    pub score: u32,
}

/// A crew that the customer may choose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct PublicCrew {
    /// The technicians in order of the roles.
    pub technician_ids: Vec<TechnicianId>,
}

impl PublicSlotAnswer {
    /// What anyone may see of an answer.
    ///
    /// * `crews_max`: how many crews to name for each start; 0 where nobody may choose.
    pub fn new(answer: SlotAnswer, crews_max: usize) -> Self {
        let day = |day: super::SlotDay| PublicSlotDay {
            date: day.date,
            slots: day.slots.into_iter().map(|slot| PublicSlot::new(slot, crews_max)).collect(),
        };
        let unnamed = |one: Alternative| Alternative { technician_ids: Vec::new(), ..one };
        Self {
            location_id: answer.location_id,
            time_zone: answer.time_zone,
            on_site_s: answer.on_site_s,
            days: answer.days.into_iter().map(day).collect(),
            alternatives: answer.alternatives.into_iter().map(unnamed).collect(),
        }
    }
}

impl PublicSlot {
    fn new(slot: Slot, crews_max: usize) -> Self {
        let crews = slot.crews.into_iter().map(|crew| crew.technician_ids);
        let mut crews: Vec<PublicCrew> =
            crews.map(|technician_ids| PublicCrew { technician_ids }).collect();
        // Best first would tell who is nearest.
        crews.sort_unstable();
        crews.truncate(crews_max);
        let (start, window, end) = (slot.start, slot.window, slot.end);
        Self { start, window, end, crews, score: slot.score / 10 * 10 }
    }
}
