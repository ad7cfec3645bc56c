//! Sites as CSV.

use crate::app::exchange::csv::cells::{check, named, parsed, place, set_text};
use crate::app::exchange::csv::table::{Column, Row, Table, column, required};
use crate::clock::IdSource;
use crate::domain::exchange::{Document, Item};
use crate::domain::faults::Faults;
use crate::domain::id::{CustomerId, SiteId};
use crate::domain::sites::Site;

/// The columns of a table of sites.
pub const SITE_COLUMNS: &[Column] = &[
    column("id", &["site_id", "property_id", "listing_id"], "UUID; new if empty"),
    required(
        "customer",
        &["customer_id", "customer_ref", "contact", "client", "lead"],
        "the customer's id, external reference, or name",
    ),
    column("name", &["site", "property", "listing", "title"], "what people call it"),
    column("street", &["address"], "street without number"),
    column("house_number", &["number", "housenumber"], "house number with letters"),
    column("postcode", &["zip", "zip_code", "postal_code"], "postcode"),
    column("city", &["town"], "town"),
    required("lat", &["latitude"], "latitude in degrees"),
    required("lon", &["lng", "longitude"], "longitude in degrees"),
    column("access_note", &["access", "note", "notes"], "how to get in"),
];

/// The sites of the rows, each without a fault.
pub(super) fn read(
    table: &Table,
    known: &Document,
    ids: &dyn IdSource,
    faults: &mut Faults,
) -> Vec<Item<SiteId, Site>> {
    table.rows().filter_map(|row| site(&row, known, ids, faults)).collect()
}

fn site(
    row: &Row<'_>,
    known: &Document,
    ids: &dyn IdSource,
    faults: &mut Faults,
) -> Option<Item<SiteId, Site>> {
    let id: Option<SiteId> = parsed(row, "id", "a UUID", faults);
    let customer_id = customer(row, known, faults);
    let by_id = known.sites.iter().find(|item| Some(item.id) == id);
    let at = place(row, by_id.map(|item| &item.value.place), faults);
    if at.is_none() && row.text("lat").is_none() && row.text("lon").is_none() {
        row.fault(faults, "lat", "a site needs coordinates in the columns lat and lon");
    }
    let (customer_id, at) = (customer_id?, at?);
    let same_address = |item: &&Item<SiteId, Site>| {
        id.is_none()
            && item.value.customer_id == customer_id
            && !at.address.street.is_empty()
            && item.value.place.address == at.address
    };
    let found = by_id.or_else(|| known.sites.iter().find(same_address));
    let mut site = found.map_or_else(
        || Site { customer_id, name: String::new(), place: at.clone(), access_note: String::new() },
        |item| item.value.clone(),
    );
    site.customer_id = customer_id;
    site.place = at.clone();
    set_text(&mut site.name, row, "name");
    set_text(&mut site.access_note, row, "access_note");
    check(&site, row, faults);
    let new = || ids.next_id().into();
    Some(Item { id: found.map(|item| item.id).or(id).unwrap_or_else(new), value: site })
}

fn customer(row: &Row<'_>, known: &Document, faults: &mut Faults) -> Option<CustomerId> {
    let Some(text) = row.text("customer") else {
        row.fault(faults, "customer", "a site needs a customer: its id, reference, or name");
        return None;
    };
    let by_reference = known
        .customers
        .iter()
        .find(|item| item.value.external_ref.as_deref() == Some(text))
        .map(|item| item.id);
    by_reference.or_else(|| {
        named(text, &known.customers, |it| &it.name, row, "customer", faults).map(|item| item.id)
    })
}
