//! Drive times on real roads: OpenStreetMap in; seconds, metres, geometry and isochrones out. Pure but for reading and
//! writing its own files: no clock, no network, no log.
//!
//! [`Roads::import`] reads an .osm.pbf file and prepares it; [`Roads::snap`] finds the place on a road nearest to a
//! point; [`Roads::leg`], [`Roads::matrix`], [`Roads::row_from`] and [`Roads::row_to`] answer how long a drive takes.
//! "There is no way" is an answer (`None`), not an error.

mod ch;
mod ends;
mod error;
mod factors;
mod geo;
mod graph;
mod import;
mod matrix;
mod network;
mod pair;
mod profile;
mod roads;
mod saved;
mod snap;
mod units;
mod view;

pub use error::{Refusal, RoadsError, SnapError};
pub use factors::SpeedFactors;
pub use geo::Point;
pub use matrix::Matrix;
pub use profile::{Profile, RoadClass};
pub use roads::{Roads, Size};
pub use saved::key::SourceKey;
pub use snap::Snap;
pub use units::Leg;
pub use view::{ExactCost, GraphView, OnVertex};
