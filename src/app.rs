//! Use cases: one function per verb of a noun; each asks for permission first and owns its transaction.

pub mod exchange;
pub mod permissions;
