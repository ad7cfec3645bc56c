//! Home health care: some patients need two people, at the same time or one after the other.

mod read;
mod write;

pub use read::read;
pub use write::write;

/// Ticks in one unit of time and distance: the set writes three decimals.
const TICKS: i64 = 1_000;
const TICKS_DECIMAL: f64 = 1_000.0;
