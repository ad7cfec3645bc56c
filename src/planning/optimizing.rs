//! Whole plans for the optimizer: live routes and waiting visits become its model, and its answer
//! becomes lines of a proposal.
//!
//! What may not change is made to fit before the search begins: a visit that is under way, locked
//! or frozen stays where it is whatever rule it breaks, so that one broken day never hides the rest.

mod broken;
mod changes;
mod drafting;
mod exporting;
mod questions;
mod running;
mod scoring;
mod shifts;
mod standing;
mod visits;
mod weights;

pub use changes::{Change, Difference, differences};
pub use drafting::{Draft, Problem, Spot};
pub use exporting::exported;
pub use questions::{Absent, Question, Subject, Take};
pub use running::{Answer, Outside, Refused, RunLimits, run};
pub use scoring::{Scored, Stray, about, broken, compared, rule_changes, scored};
