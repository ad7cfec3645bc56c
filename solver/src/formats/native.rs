//! Our own format: everything a [`crate::optimize::Model`] holds, with names for ids and units in names.
//!
//! The schema is made from the types ([`schema()`]), documents are held against it, and every fault is
//! named with its path.

mod build;
mod numbers;
mod plan;
mod problem;
mod read;
mod schema;
mod shifts;
mod time;
mod visits;
mod weights;
mod write;

pub(super) use plan::read_timed;
pub use plan::{Plan, PlanRoute, PlanStop, UnassignedVisit};
pub use plan::{read_lines, read_plan, rule_name, write_plan};
pub use problem::Problem;
pub use read::read;
pub use schema::{plan_schema, reference, schema};
pub use time::Time;
pub use write::write_problem;

/// What a problem says it is.
pub const FORMAT: &str = "roundsman.problem";
/// What a plan says it is.
pub const PLAN_FORMAT: &str = "roundsman.plan";
/// The version written, and the newest read.
pub const VERSION: u32 = 1;
