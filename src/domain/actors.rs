//! Who asks: the credential behind a request, and what it may do.

use std::collections::BTreeSet;

use crate::domain::id::{ApiKeyId, BookingId, MemberId, OrganizationId, TechnicianId};
use crate::domain::members::Role;

/// Who asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Whose things it may see; never another organization's.
    pub organization_id: OrganizationId,
    /// Which kind of credential.
    pub kind: ActorKind,
}

/// Kinds of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActorKind {
    /// A member with a session.
    Member {
        /// Which one.
        id: MemberId,
        /// With which role.
        role: Role,
        /// The technician the member is.
        technician_id: Option<TechnicianId>,
    },
    /// A program with an API key.
    ApiKey {
        /// Which key.
        id: ApiKeyId,
        /// What the key allows, for instance `bookings:write`.
        scopes: BTreeSet<String>,
    },
    /// Anyone, on what the organization publishes.
    Public,
    /// The customer of one booking, by a link that nobody can guess; touches nothing else.
    Customer {
        /// Which booking.
        booking_id: BookingId,
    },
    /// Roundsman itself: the worker, the command line.
    System,
}

impl Actor {
    /// Roundsman itself, acting in an organization.
    pub fn system(organization_id: OrganizationId) -> Self {
        Self { organization_id, kind: ActorKind::System }
    }

    /// Anyone, on what an organization publishes.
    pub fn public(organization_id: OrganizationId) -> Self {
        Self { organization_id, kind: ActorKind::Public }
    }

    /// The customer of a booking of an organization.
    pub fn customer(organization_id: OrganizationId, booking_id: BookingId) -> Self {
        Self { organization_id, kind: ActorKind::Customer { booking_id } }
    }

    /// The word for audit entries: `member:<id>`, `api_key:<id>`, `customer:<booking>`, `public` or
    /// `system`.
    pub fn label(&self) -> String {
        match &self.kind {
            ActorKind::Member { id, .. } => format!("member:{id}"),
            ActorKind::ApiKey { id, .. } => format!("api_key:{id}"),
            ActorKind::Public => "public".to_owned(),
            ActorKind::Customer { booking_id } => format!("customer:{booking_id}"),
            ActorKind::System => "system".to_owned(),
        }
    }
}
