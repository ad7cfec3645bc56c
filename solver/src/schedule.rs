//! Times of one shift: what fits between its stops and pauses, and what moves when something is put in.
//!
//! The stops of a shift stay in order; each may move inside its promise. Pauses are taken between
//! stops, in any order their windows allow, and may split a drive. With `K` pauses in a given order
//! the earliest completion of stop `i` with `k` pauses taken, and the latest start of stop `i` with
//! `k` pauses taken, are two small tables; between two stops and for one split of the pauses, the
//! feasible starts of a new visit are one closed interval. [`PreparedShift`] keeps what is needed to
//! compute each interval with a dozen integer operations, whatever the visit.
//!
//! Source of the two passes: Savelsbergh (1992), "The vehicle routing problem with time windows:
//! minimizing route duration"; extended here by pauses.

mod gaps;
mod insertion;
mod passes;
mod pauses;
mod prepared;
mod tail;
mod timetable;
mod view;

pub use insertion::{Insertion, Moved, insert, remove};
pub use pauses::tidied;
pub use prepared::PreparedShift;
pub use timetable::{PauseTime, Timetable, timetable};

pub(crate) use gaps::{Gap, Site};
pub(crate) use pauses::BEYOND;
pub(crate) use tail::{Placed, overtime};
pub(crate) use view::small as small_seconds;
