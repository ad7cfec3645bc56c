//! Drive times on real roads: OpenStreetMap in; seconds, metres, geometry and isochrones out. Pure but for reading and
//! writing its own files: no clock, no network, no log.
//!
//! [`Roads::import`] reads an .osm.pbf file and prepares it; [`Roads::snap`] finds the place on a road nearest to a
//! point; [`Roads::leg`], [`Roads::matrix`], [`Roads::row_from`] and [`Roads::row_to`] answer how long a drive takes.
//! "There is no way" is an answer (`None`), not an error.

mod area;
mod array;
mod ch;
mod error;
mod factors;
mod geo;
mod graph;
mod import;
mod network;
mod profile;
mod roads;
mod saved;
mod snap;
mod source;
mod units;

pub use error::{Refusal, RoadsError, SnapError};
pub use factors::SpeedFactors;
pub use geo::Point;
pub use profile::{Profile, RoadClass};
pub use roads::isochrone::Isochrone;
pub use roads::matrix::Matrix;
pub use roads::route::{Route, polyline};
pub use roads::view::{ExactCost, GraphView, OnVertex};
pub use roads::{Roads, Size};
pub use snap::Snap;
pub use source::SourceKey;
pub use units::Leg;
