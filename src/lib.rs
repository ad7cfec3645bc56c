//! Roundsman: field-service dispatch and resource scheduling.

pub mod addresses;
pub mod api;
pub mod app;
pub mod calendar;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod jobs;
pub mod notify;
pub mod planning;
pub mod shutdown;
pub mod store;
pub mod sync;
pub mod telemetry;
pub mod text;
pub mod travel;
pub mod web;
