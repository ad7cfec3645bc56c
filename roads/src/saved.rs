//! Prepared roads in a file.

pub(crate) mod array;
pub(crate) mod key;
