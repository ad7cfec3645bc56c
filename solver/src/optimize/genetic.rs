//! Hybrid genetic search for plain problems of up to some hundred visits.
//!
//! A population of plans, some of them late or overloaded at a penalty; two of them exchange
//! routes, and local search improves the child.
//!
//! Sources: Vidal (2022), "Hybrid genetic search for the CVRP: open-source implementation and
//! SWAP* neighborhood", Computers & Operations Research 140; Vidal, Crainic, Gendreau, Prins
//! (2013), "A hybrid genetic algorithm with adaptive diversity management for a large class of
//! vehicle routing problems with time-windows"; Kool, Juninck, Roos, Cornelissen, Agterberg,
//! van Hoorn, Visser (2022), "Hybrid genetic search for the vehicle routing problem with time
//! windows"; Wouda, Lan, Kool (2024), "`PyVRP`: a high-performance VRP solver package", INFORMS
//! Journal on Computing.

mod crossover;
mod evolve;
mod individual;
mod local;
mod penalties;
mod population;
mod proximity;
mod segment;

pub use evolve::{Evolution, EvolutionSettings, Ground, News};
