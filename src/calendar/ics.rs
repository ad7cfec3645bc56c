//! iCalendar (RFC 5545): reading events as the times they take place, and writing ours.

pub mod read;
mod recur;
pub mod write;
mod zones;

pub use read::{Read, read};
