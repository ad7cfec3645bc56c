//! `/api/v1/services`.

use crate::api::catalogue::{self, Filter, FilterKind, Noun};
use crate::api::routes::Routes;
use crate::domain::services::Service;

impl Noun for Service {
    const FILTERS: &'static [Filter] = &[
        Filter {
            name: "active",
            kind: FilterKind::Flag,
            words: "Only those that can, or cannot, be booked.",
        },
        Filter {
            name: "public",
            kind: FilterKind::Flag,
            words: "Only those that anyone, or not anyone, may book.",
        },
    ];
}

/// Adds the endpoints of services.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Service>(routes);
}
