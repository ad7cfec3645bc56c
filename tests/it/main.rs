//! Integration tests: one file per noun, one binary, so that linking happens once.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod assignments;
mod calendar_bounds;
mod calendar_grid;
mod calendar_shifts;
mod calendar_spans;
mod calendar_zones;
mod demo;
mod exchange;
mod schema;
mod slot_cases;
mod support;
mod travel;
mod travel_lines;
mod travel_osrm;
mod travel_zones;
