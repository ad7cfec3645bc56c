//! Problems and plans as text: read into a [`Case`], written from a solution. Opens no file.
//!
//! | format | reads | writes |
//! |---|---|---|
//! | [`native`] | everything a [`crate::optimize::Model`] holds | problems and plans |
//! | [`vroom`] | VROOM's JSON, also plans to check | problems and plans |
//! | [`solomon`], [`vrplib`] | vehicle routing, with time windows or without | route lines |
//! | [`trsp`] | technicians with skills, tools and spare parts | route lines |
//! | [`hhcrsp`], [`uhhc`] | care at home, two people at one patient | JSON plans |
//! | [`roadef`] | crews formed by day, without travel | dates of visits and crews |
//!
//! Every reader names all faults at once, each with where it is.

mod care_plans;
mod cases;
mod decimals;
mod documents;
mod faults;
pub mod hhcrsp;
mod json;
pub mod native;
mod planar;
pub mod roadef;
pub mod routes;
pub mod solomon;
mod tables;
pub mod trsp;
pub mod uhhc;
pub mod vroom;
pub mod vrplib;

pub use cases::{Case, Coordinates, Names, Travel};
pub use documents::{Document, Format};
pub use faults::{Fault, Faults};
pub use planar::Rounding;

/// Most bytes a document may have.
pub const BYTES_MAX: usize = 1 << 30;
/// Most places of a document: their matrix takes eight bytes a pair.
pub const PLACES_MAX: usize = 20_000;
/// Most visits of a document.
pub const VISITS_MAX: usize = 100_000;
