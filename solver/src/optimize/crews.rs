//! Crews that are formed in the morning and stay together for the day; no travel.
//!
//! Each day technicians are put together into crews; a visit is done by one crew whose members have
//! the skills it needs together. Priorities say what should be over early: the cost is a weighted
//! sum of the last end of each priority and of the whole. Some visits may be given to somebody
//! else, as far as a budget reaches.
//!
//! This is the shape of the challenge of the French operations research society of 2007 (France
//! Telecom's technicians). Ruin and recreate over crews: whole crews and late visits are taken out,
//! and put back where they end early and need few technicians more; accepted by annealing.
//!
//! Sources: Dutot, Laugier, Bustos (2006), "Technicians and interventions scheduling for
//! telecommunications"; Cordeau, Laporte, Pasin, Ropke (2010), "Scheduling technicians and tasks in
//! a telecommunications company", Journal of Scheduling 13: destroying and repairing teams.

mod data;
mod insert;
mod problem;
mod ruin;
mod search;
mod staffing;
mod state;

pub use problem::{
    CrewDay, CrewPlan, CrewProblem, CrewStop, CrewTechnician, CrewVisit, CrewWeights,
};
pub use search::{CrewOutcome, solve, solve_from};
