//! The background worker: claims tasks from the queue and hands each to its handler.

mod handlers;
mod retries;
mod worker;

pub use handlers::{Failure, Handlers};
pub use worker::{Worker, WorkerSettings};
