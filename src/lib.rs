//! Roundsman: field-service dispatch and resource scheduling.

pub mod clock;
pub mod domain;
