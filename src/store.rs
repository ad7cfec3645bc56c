//! Rows in, rows out. The only module that holds SQL or names a database.
//!
//! Every function takes the organization and never crosses it. A [`Tx`] collects what changed in
//! the plan and the catalogue, and its events; [`Tx::commit`] writes version numbers and events in
//! one fixed order, so that writers wait for each other only briefly and never in a ring.

pub mod absences;
pub mod api_keys;
pub mod assignments;
pub mod audit;
pub mod bookings;
pub mod calendars;
mod changes;
pub mod consents;
pub mod day_views;
mod db;
pub mod drafts;
pub mod equipment_uses;
mod error;
pub mod events;
pub mod exchange;
mod group;
pub mod holds;
pub mod housekeeping;
pub mod idempotency;
pub mod links;
pub mod members;
pub mod message_settings;
pub mod messages;
mod nouns;
pub mod optimizations;
pub mod organizations;
pub mod pages;
pub mod plans;
pub mod proposals;
pub mod queue;
pub mod records;
mod rows;
mod search;
pub mod sessions;
mod sql;
pub mod subscriptions;
pub mod technicians;
pub mod throttles;
mod tx;
pub mod uploads;
pub mod visit_notes;
pub mod visits;
pub mod waitlist_entries;
pub mod webhooks;

pub use changes::Committed;
pub use db::{Db, DbSettings};
pub use error::StoreError;
pub use sql::Value;
pub use tx::Tx;
