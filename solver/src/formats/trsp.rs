//! The technician routing and scheduling set: skills, tools, spare parts and one central depot.

mod dynamic;
mod read;

pub use dynamic::{Release, releases};
pub use read::read;

/// Ticks in one unit of time and distance: times are rounded up to them, so that what fits in ticks
/// fits exactly.
pub const TICKS: i64 = 10_000;
const TICKS_DECIMAL: f64 = 10_000.0;
