//! Audit: who changed what, when, from what to what.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::AuditId;

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its name; sorts by time.
    pub id: AuditId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: `member:<id>`, `api_key:<id>`, `public` or `system`.
    pub actor: String,
    /// What was done, as noun and verb: `bookings.cancel`.
    pub action: String,
    /// The noun of the thing changed, plural.
    pub noun: String,
    /// Its id.
    pub noun_id: String,
    /// What it was; null if it is new.
    #[schema(value_type = Object)]
    pub before: serde_json::Value,
    /// What it is now; null if it is gone.
    #[schema(value_type = Object)]
    pub after: serde_json::Value,
}
