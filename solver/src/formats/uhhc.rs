//! Unified home health care: shifts, lunch, overtime, wishes, optional patients, pairs of visits.

mod instance;
mod read;
mod write;

pub use read::read;
pub use write::write;
