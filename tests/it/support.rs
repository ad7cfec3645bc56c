//! What the tests share.

pub(crate) mod apps;
pub(crate) mod calendars;
pub(crate) mod checker;
pub(crate) mod companies;
pub(crate) mod company;
pub(crate) mod databases;
pub(crate) mod dav;
pub(crate) mod http;
pub(crate) mod office;
pub(crate) mod oracle;
pub(crate) mod outbox;
pub(crate) mod receivers;
pub(crate) mod samples;
pub(crate) mod town;
pub(crate) mod vendors;
pub(crate) mod work;
