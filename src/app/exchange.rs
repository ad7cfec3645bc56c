//! A whole organization as one document, and tables of its technicians, customers and sites.

pub mod csv;
mod lists;
mod read;
mod references;

pub use self::read::document as read_document;
