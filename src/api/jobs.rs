//! `/api/v1/jobs`.

use crate::api::catalogue::{self, Filter, FilterKind, Noun};
use crate::api::routes::Routes;
use crate::domain::jobs::Job;

impl Noun for Job {
    const FILTERS: &'static [Filter] = &[
        Filter { name: "location_id", kind: FilterKind::Id, words: "Only of this location." },
        Filter { name: "customer_id", kind: FilterKind::Id, words: "Only of this customer." },
        Filter { name: "site_id", kind: FilterKind::Id, words: "Only at this site." },
    ];
}

/// Adds the endpoints of jobs.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Job>(routes);
}
