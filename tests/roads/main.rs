//! Tests of `roundsman-roads` on a real region and on small maps made for one question each.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod dijkstra;
mod exact;
mod golden;
mod islands;
mod isochrones;
mod many;
mod map;
mod pbf;
mod random;
mod refusals;
mod region;
mod restrictions;
mod routes;
mod saved;
mod snaps;
