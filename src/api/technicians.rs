//! `/api/v1/technicians`.

use crate::api::catalogue::{self, Filter, FilterKind, Noun};
use crate::api::routes::Routes;
use crate::domain::technicians::Technician;

impl Noun for Technician {
    const FILTERS: &'static [Filter] = &[
        Filter { name: "location_id", kind: FilterKind::Id, words: "Only of this location." },
        Filter {
            name: "active",
            kind: FilterKind::Flag,
            words: "Only those that may, or may not, be given new work.",
        },
    ];
}

/// Adds the endpoints of technicians.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Technician>(routes);
}
