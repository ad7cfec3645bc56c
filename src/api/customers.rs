//! `/api/v1/customers`.

use crate::api::catalogue::{self, Noun};
use crate::api::routes::Routes;
use crate::domain::customers::Customer;

impl Noun for Customer {}

/// Adds the endpoints of customers.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<Customer>(routes);
}
