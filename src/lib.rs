//! Roundsman: field-service dispatch and resource scheduling.

pub mod domain;
