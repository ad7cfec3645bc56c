//! Whole days and weeks at once: who does what, when, in which order, at the least cost.
//!
//! [`Model`] is the question and [`Solution`] the answer.
//!
//! | part | holds |
//! |---|---|
//! | [`search`] | what does not depend on how a plan is judged: ruin and recreate, annealing, limits |
//! | [`plain`] | plans with one time window and one load per visit, judged in constant time |
//! | [`genetic`] | hybrid genetic search for plain plans |
//! | [`hybrid`] | both engines on plain days of any size, on several threads |
//! | [`crews`] | crews that stay together for a day, without travel |
//! | `rich` | plans with every rule of the model, and [`solve`] |
//! | [`explain`] | cost match by match, differences, why not, what would help, what it costs elsewhere |
//!
//! Costs are integers in *grains*: 3,600,000 grains are one unit of money, so that a rate per hour
//! and a rate per kilometre are both whole numbers per second and per metre ([`model::UNIT`]).

pub mod crews;
pub mod explain;
pub mod genetic;
pub mod hybrid;
pub mod model;
mod options;
pub mod plain;
mod rich;
pub mod search;
pub mod solution;

pub use model::Model;
pub use options::{Control, Options, Outcome, Progress};
pub use rich::solve;
pub use solution::Solution;
