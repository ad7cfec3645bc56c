//! Channels by which providers tell that something has changed; what has is then asked for.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A channel that is wanted.
#[derive(Debug, Clone)]
pub struct ChannelRequest {
    /// Its name with us.
    pub id: Uuid,
    /// Where the provider shall call.
    pub address: String,
    /// What it shall say there, so that nobody else can.
    pub secret: String,
    /// Until when; the provider may end it earlier.
    pub until: DateTime<Utc>,
}

/// A channel that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// How the provider names it.
    pub remote_id: String,
    /// How the provider names what it watches; may be empty.
    pub resource: String,
    /// When it ends.
    pub until: DateTime<Utc>,
}
