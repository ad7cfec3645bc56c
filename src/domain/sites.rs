//! A site: a place of a customer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length};
use crate::domain::id::CustomerId;
use crate::domain::places::Place;

/// A place of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Site {
    /// Whose place it is.
    pub customer_id: CustomerId,
    /// What people call it; may be empty.
    #[serde(default)]
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// How to get in, for the technician.
    #[serde(default)]
    pub access_note: String,
}

impl Validate for Site {
    fn validate(&self, faults: &mut Faults) {
        check_length(faults, "name", &self.name, 200);
        check_length(faults, "access_note", &self.access_note, 4000);
        faults.within("place.", |faults| self.place.validate(faults));
    }
}
