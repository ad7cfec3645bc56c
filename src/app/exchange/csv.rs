//! Technicians, customers and sites as CSV: one record a row, one header line.
//!
//! UTF-8, with or without a byte order mark; columns are parted by `,`, `;` or a tabulator. Words
//! of other products are understood in the header. `docs/exchange.md` lists the columns.

mod cells;
mod customers;
mod sites;
mod table;
mod technicians;
mod writing;

pub use self::customers::CUSTOMER_COLUMNS;
pub use self::sites::SITE_COLUMNS;
pub use self::table::Column;
pub use self::technicians::TECHNICIAN_COLUMNS;
pub use self::writing::write;

use crate::clock::IdSource;
use crate::domain::customers::Customer;
use crate::domain::exchange::{Document, Item};
use crate::domain::faults::{Fault, Faults};
use crate::domain::id::{CustomerId, SiteId, TechnicianId};
use crate::domain::sites::Site;
use crate::domain::technicians::Technician;

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvNoun {
    /// One technician a row.
    Technicians,
    /// One customer a row.
    Customers,
    /// One site a row; its customer must be there.
    Sites,
}

/// What a table asks to write: new records, and whole ones that replace those with their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CsvRecords {
    /// Technicians, if the table has them.
    pub technicians: Vec<Item<TechnicianId, Technician>>,
    /// Customers, if the table has them.
    pub customers: Vec<Item<CustomerId, Customer>>,
    /// Sites, if the table has them.
    pub sites: Vec<Item<SiteId, Site>>,
    /// The number of each record's row, in order of the records; 1 is the header.
    pub rows: Vec<usize>,
    /// Columns that were not understood and therefore left out.
    pub ignored_columns: Vec<String>,
}

/// Reads a table.
///
/// A row changes the record of `known` with its id or, without an id, the technician with its
/// name, the customer with its external reference, the customer's site with its address; else it
/// is new. Columns that the table lacks keep their values.
///
/// # Errors
/// All faults, each with row (1 is the header) and column, for instance `row 3, column lat`.
pub fn read(
    noun: CsvNoun,
    text: &[u8],
    known: &Document,
    ids: &dyn IdSource,
) -> Result<CsvRecords, Vec<Fault>> {
    let mut faults = Faults::default();
    let mut records = CsvRecords::default();
    match noun {
        CsvNoun::Technicians => {
            if let Some(table) = table::Table::read(text, TECHNICIAN_COLUMNS, &mut faults) {
                records.technicians = technicians::read(&table, known, ids, &mut faults);
                records.rows = table.rows().map(|row| row.number()).collect();
                records.ignored_columns = table.ignored;
            }
        }
        CsvNoun::Customers => {
            if let Some(table) = table::Table::read(text, CUSTOMER_COLUMNS, &mut faults) {
                records.customers = customers::read(&table, known, ids, &mut faults);
                records.rows = table.rows().map(|row| row.number()).collect();
                records.ignored_columns = table.ignored;
            }
        }
        CsvNoun::Sites => {
            if let Some(table) = table::Table::read(text, SITE_COLUMNS, &mut faults) {
                records.sites = sites::read(&table, known, ids, &mut faults);
                records.rows = table.rows().map(|row| row.number()).collect();
                records.ignored_columns = table.ignored;
            }
        }
    }
    faults.into_result().map(|()| records)
}
