//! Typed ids, so that a technician's id cannot be passed for a visit's.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids!(
    /// Names an organization.
    OrganizationId,
    /// Names a location.
    LocationId,
    /// Names a member.
    MemberId,
    /// Names a team.
    TeamId,
    /// Names a technician.
    TechnicianId,
    /// Names a skill.
    SkillId,
    /// Names a zone.
    ZoneId,
    /// Names an absence.
    AbsenceId,
    /// Names a kind of equipment.
    EquipmentId,
    /// Names a service.
    ServiceId,
    /// Names a package.
    PackageId,
    /// Names a customer.
    CustomerId,
    /// Names a site.
    SiteId,
    /// Names a job.
    JobId,
    /// Names a visit.
    VisitId,
    /// Names a note about a visit.
    VisitNoteId,
    /// Names an assignment.
    AssignmentId,
    /// Names a hold.
    HoldId,
    /// Names a booking.
    BookingId,
    /// Names a booking that a customer has begun.
    DraftId,
    /// Names a file that a customer sent.
    UploadId,
    /// Names a waitlist entry.
    WaitlistEntryId,
    /// Names a run of the optimizer.
    OptimizationId,
    /// Names a proposal.
    ProposalId,
    /// Names an API key.
    ApiKeyId,
    /// Names an audit entry.
    AuditId,
    /// Names a connected account with calendars.
    CalendarAccountId,
    /// Names a calendar of an account.
    CalendarId,
    /// Names a change that was made in a calendar to an event of ours.
    CalendarConflictId,
    /// Names a feed.
    CalendarFeedId,
    /// Names a message.
    MessageId,
    /// Names a template of messages.
    MessageTemplateId,
    /// Names a webhook.
    WebhookId,
);
