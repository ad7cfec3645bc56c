//! What every stored catalogue noun has besides its content: id, revision and times.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A noun as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record<I, T> {
    /// Its name, for ever.
    pub id: I,
    /// Counts its changes, from 1; a change names the revision it saw.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// What it says.
    pub value: T,
}
