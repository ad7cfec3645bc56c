//! Integration tests: one file per noun, one binary, so that linking happens once.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod calendar_bounds;
mod calendar_grid;
mod calendar_shifts;
mod calendar_spans;
mod calendar_zones;
mod cli;
mod demo;
mod demo_seeded;
mod exchange;
mod exchange_stored;
mod http_access;
mod http_bookings;
mod http_catalogue;
mod http_events;
mod http_server;
mod slot_cases;
mod slot_cases_booked;
mod store_access;
mod store_assignments;
mod store_bookings;
mod store_equipment;
mod store_events;
mod store_holds;
mod store_kill;
mod store_plans;
mod store_queue;
mod store_races;
mod store_records;
mod store_schema;
mod store_worker;
mod support;
mod travel;
mod travel_lines;
mod travel_osrm;
mod travel_zones;
