//! Why a plan is as it is: its cost match by match, the difference of two plans, why a visit is left
//! out and what would help, and what a visit would cost elsewhere.
//!
//! All numbers come from the arithmetic of [`crate::check::plans`]: a possible change is written
//! down as a finished plan, and the verifier says what is wrong with it and what it costs.

mod changes;
mod difference;
mod here;
mod places;
mod retime;
mod starts;
mod trial;
mod unassigned;

pub use crate::check::plans::{Amount, Limit, Match, PlanFault, Subject, matches};
pub use difference::{Difference, Moved, Planned, difference};
pub use here::{Alternative, Here, why_here};
pub use unassigned::{Verdict, why_each_unassigned, why_unassigned};
