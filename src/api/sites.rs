//! `/api/v1/sites`.

use crate::api::catalogue::{self, Filter, FilterKind, Noun};
use crate::api::routes::Routes;
use crate::domain::sites::Site;

impl Noun for Site {
    const FILTERS: &'static [Filter] =
        &[Filter { name: "customer_id", kind: FilterKind::Id, words: "Only of this customer." }];
}

/// Adds the endpoints of sites.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Site>(routes);
}
