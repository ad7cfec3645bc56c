//! Plain routing: each visit has one time window, one length and one load; a vehicle has its
//! places, its hours and a capacity. Everything is judged in constant time per place of insertion.

mod errors;
mod legs;
mod neighbours;
mod plan;
mod problem;
mod route;

pub use errors::PlainError;
pub use legs::{Legs, Matrix};
pub use plan::{Insertion, PlainRoutes, Saved};
pub(crate) use problem::Stay;
pub use problem::{Problem, Vehicle, Visit};
