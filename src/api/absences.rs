//! `/api/v1/absences`.

use crate::api::catalogue::{self, Filter, FilterKind, Noun};
use crate::api::routes::Routes;
use crate::domain::absences::Absence;

impl Noun for Absence {
    const FILTERS: &'static [Filter] = &[
        Filter { name: "technician_id", kind: FilterKind::Id, words: "Only of this technician." },
        Filter {
            name: "equipment_id",
            kind: FilterKind::Id,
            words: "Only of this kind of equipment.",
        },
        Filter {
            name: "location_id",
            kind: FilterKind::Id,
            words: "Only of the equipment of this location.",
        },
    ];
}

/// Adds the endpoints of absences.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Absence>(routes);
}
