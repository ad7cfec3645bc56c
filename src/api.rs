//! HTTP: decodes requests, calls one use case, encodes the answer. Decides nothing.

mod absences;
mod catalogue;
mod credentials;
mod customers;
mod docs;
mod document;
mod endpoint;
mod endpoints;
mod equipment;
mod error;
mod events;
mod headers;
mod health;
mod idempotency;
mod input;
mod jobs;
mod limits;
mod locations;
mod observe;
mod packages;
mod problem;
mod routes;
mod secrets;
mod server;
mod services;
mod shape;
mod sites;
mod skills;
mod state;
mod teams;
mod technicians;
mod zones;

pub use server::serve;
pub use state::Settings;
