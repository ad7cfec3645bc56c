//! `/api/v1/packages`.

use crate::api::catalogue::{self, Filter, FilterKind, Noun};
use crate::api::routes::Routes;
use crate::domain::packages::Package;

impl Noun for Package {
    const FILTERS: &'static [Filter] = &[Filter {
        name: "public",
        kind: FilterKind::Flag,
        words: "Only those that anyone, or not anyone, may book.",
    }];
}

/// Adds the endpoints of packages.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Package>(routes);
}
