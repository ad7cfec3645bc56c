//! A whole organization as one document, and tables of its technicians, customers and sites.

pub mod csv;
mod lists;
mod read;
mod reference;
mod references;
mod schema;

pub use self::read::document as read_document;
pub use self::reference::reference;
pub use self::schema::schema;
