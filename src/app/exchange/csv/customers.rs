//! Customers as CSV.

use crate::app::exchange::csv::cells::{check, parsed, set_text};
use crate::app::exchange::csv::table::{Column, Row, Table, column, required};
use crate::clock::IdSource;
use crate::domain::customers::Customer;
use crate::domain::exchange::{Document, Item};
use crate::domain::faults::Faults;
use crate::domain::id::CustomerId;

/// The columns of a table of customers.
pub const CUSTOMER_COLUMNS: &[Column] = &[
    column("id", &["customer_id"], "UUID; new if empty and the external reference is new"),
    required("name", &["customer", "contact", "client", "lead", "full_name"], "name"),
    column("email", &["e_mail", "mail"], "e-mail address"),
    column("phone", &["telephone", "mobile"], "telephone number"),
    column("locale", &["language"], "BCP 47 language, such as is"),
    column("external_ref", &["reference", "external_id", "number"], "number in another system"),
    column("note", &["notes", "comment"], "words for the office"),
];

/// The customers of the rows, each without a fault.
pub(super) fn read(
    table: &Table,
    known: &Document,
    ids: &dyn IdSource,
    faults: &mut Faults,
) -> Vec<Item<CustomerId, Customer>> {
    table.rows().map(|row| customer(&row, known, ids, faults)).collect()
}

fn customer(
    row: &Row<'_>,
    known: &Document,
    ids: &dyn IdSource,
    faults: &mut Faults,
) -> Item<CustomerId, Customer> {
    let id: Option<CustomerId> = parsed(row, "id", "a UUID", faults);
    let reference = row.text("external_ref");
    let is_it = |item: &&Item<CustomerId, Customer>| match id {
        Some(id) => item.id == id,
        None => reference.is_some() && item.value.external_ref.as_deref() == reference,
    };
    let found = known.customers.iter().find(is_it);
    let mut customer = found.map(|item| item.value.clone()).unwrap_or_default();
    set_text(&mut customer.name, row, "name");
    let optional = [
        (&mut customer.email, "email"),
        (&mut customer.phone, "phone"),
        (&mut customer.locale, "locale"),
        (&mut customer.external_ref, "external_ref"),
    ];
    for (place, column) in optional {
        if let Some(text) = row.cell(column) {
            *place = Some(text.to_owned()).filter(|text| !text.is_empty());
        }
    }
    set_text(&mut customer.note, row, "note");
    check(&customer, row, faults);
    let new = || ids.next_id().into();
    Item { id: found.map(|item| item.id).or(id).unwrap_or_else(new), value: customer }
}
