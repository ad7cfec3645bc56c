//! What the tests share.

pub(crate) mod checker;
pub(crate) mod databases;
pub(crate) mod samples;
