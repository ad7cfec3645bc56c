//! A whole organization as one document, and tables of its technicians, customers and sites.

pub mod csv;
mod export;
mod import;
mod lists;
mod places;
mod read;
mod reference;
mod references;
mod renamed;
mod schema;
mod wording;
mod write;

pub use self::export::{export, export_table, set_up};
pub use self::import::{Imported, check, check_table, found, import, import_table};
pub use self::places::check_places;
pub use self::read::document as read_document;
pub use self::reference::reference;
pub use self::schema::schema;
