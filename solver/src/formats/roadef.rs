//! The challenge of 2007 of the French operations research society: crews formed by day, no travel.
//!
//! An instance is three files, a plan is two; here each is one text, the files behind one another.
//! Visits, technicians, days and crews count from 1.

mod json;
mod plan;
mod read;

pub use json::write_json;
pub use plan::{read_plan, write};
pub use read::read;

/// Units of time of a day.
pub const DAY: i64 = 120;
/// Cost per unit of time until the last end of the priorities 1 to 4.
const BY_PRIORITY: [i64; 4] = [28, 14, 4, 0];
/// Cost per unit of time until the last end of all.
const WHOLE: i64 = 1;
/// Most days of a plan.
const DAYS_MAX: usize = 1_000_000;
/// Most domains times levels, and most of anything an instance lists.
const COUNT_MAX: usize = 10_000;
