//! Feasibility, slots, assignment and optimization of field-service plans. Pure: no clock, no files, no network, no global random source.

pub mod assign;
pub mod check;
pub mod constraints;
pub mod explain;
pub mod offers;
pub mod placing;
pub mod problem;
pub mod project;
pub mod schedule;
pub mod slots;
pub mod units;
