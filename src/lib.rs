//! Roundsman: field-service dispatch and resource scheduling.
