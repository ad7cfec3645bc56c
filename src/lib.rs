//! Roundsman: field-service dispatch and resource scheduling.

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod shutdown;
pub mod telemetry;
