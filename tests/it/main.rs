//! Integration tests: one file per noun, one binary, so that linking happens once.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod demo;
