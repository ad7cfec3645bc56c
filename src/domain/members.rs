//! A member: a person with a login.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::id::TechnicianId;

/// What a member may do; each role may do all that the ones after it may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, members and keys included.
    Owner,
    /// Plans, bookings and all set-up but members and keys.
    Dispatcher,
    /// The own day and its progress.
    Technician,
}

/// A person with a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// The person's name.
    pub name: String,
    /// The e-mail address to log in with; unique in the whole installation.
    pub email: String,
    /// What the member may do.
    pub role: Role,
    /// The technician this member is; needed for the role `technician`.
    #[serde(default)]
    pub technician_id: Option<TechnicianId>,
    /// BCP 47 language of the member's screens.
    #[serde(default)]
    pub locale: Option<String>,
    /// Whether the member may log in.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

impl Role {
    /// The word in JSON, tables and tables of rights.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Dispatcher => "dispatcher",
            Self::Technician => "technician",
        }
    }
}

impl Validate for Member {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        check_email(faults, "email", &self.email);
        let linked = self.role != Role::Technician || self.technician_id.is_some();
        faults.check(linked, "technician_id", "", "the role technician needs a technician");
    }
}

/// Notes a fault unless `email` looks like an address: one `@`, something on both sides, no space.
pub fn check_email(faults: &mut Faults, field: &str, email: &str) {
    let parts: Vec<&str> = email.split('@').collect();
    let shaped = parts.len() == 2
        && parts.iter().all(|part| !part.is_empty())
        && !email.chars().any(char::is_whitespace)
        && email.len() <= 254;
    faults.check(shaped, field, email, "must be an e-mail address such as name@example.com");
}
