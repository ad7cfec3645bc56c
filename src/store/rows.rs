//! From what databases hold to ids, moments and JSON, and back.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::id::{
    AbsenceId, ApiKeyId, AuditId, BookingId, CalendarAccountId, CalendarConflictId, CalendarFeedId,
    CalendarId, CustomerId, DraftId, EquipmentId, HoldId, JobId, LocationId, MemberId, MessageId,
    MessageTemplateId, OptimizationId, OrganizationId, PackageId, ProposalId, ServiceId, SiteId,
    SkillId, TeamId, TechnicianId, UploadId, VisitId, VisitNoteId, WaitlistEntryId, WebhookId,
    ZoneId,
};
use crate::store::StoreError;
use crate::store::sql::Value;

macro_rules! bind_ids {
    ($($id:ident),* $(,)?) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                Self::Text(Some(id.to_string()))
            }
        }

        impl From<Option<$id>> for Value {
            fn from(id: Option<$id>) -> Self {
                Self::Text(id.map(|id| id.to_string()))
            }
        }
    )*};
}

// Conversions that differ in nothing but the type.
bind_ids!(
    AbsenceId,
    ApiKeyId,
    AuditId,
    BookingId,
    CalendarAccountId,
    CalendarConflictId,
    CalendarFeedId,
    CalendarId,
    CustomerId,
    DraftId,
    EquipmentId,
    HoldId,
    JobId,
    LocationId,
    MemberId,
    VisitNoteId,
    MessageId,
    MessageTemplateId,
    OptimizationId,
    OrganizationId,
    PackageId,
    ProposalId,
    ServiceId,
    SiteId,
    SkillId,
    TeamId,
    TechnicianId,
    UploadId,
    VisitId,
    WebhookId,
    WaitlistEntryId,
    ZoneId,
    Uuid,
);

impl From<DateTime<Utc>> for Value {
    fn from(moment: DateTime<Utc>) -> Self {
        Self::Int(Some(moment.timestamp()))
    }
}

impl From<Option<DateTime<Utc>>> for Value {
    fn from(moment: Option<DateTime<Utc>>) -> Self {
        Self::Int(moment.map(|moment| moment.timestamp()))
    }
}

/// An id from its text.
pub(crate) fn id<I: From<Uuid>>(text: &str) -> Result<I, StoreError> {
    match Uuid::parse_str(text) {
        Ok(id) => Ok(I::from(id)),
        Err(error) => Err(StoreError::Corrupt { what: "id", detail: error.to_string() }),
    }
}

/// An id from its text, if there is one.
pub(crate) fn optional_id<I: From<Uuid>>(text: Option<&str>) -> Result<Option<I>, StoreError> {
    text.map(id).transpose()
}

/// A moment from its seconds.
pub(crate) fn moment(seconds: i64) -> Result<DateTime<Utc>, StoreError> {
    let detail = || format!("{seconds} s is out of range");
    DateTime::from_timestamp(seconds, 0)
        .ok_or_else(|| StoreError::Corrupt { what: "moment", detail: detail() })
}

/// A moment from its seconds, if there are any.
pub(crate) fn optional_moment(seconds: Option<i64>) -> Result<Option<DateTime<Utc>>, StoreError> {
    seconds.map(moment).transpose()
}

/// What is left of a moment when it is stored: whole seconds.
pub(crate) fn stored(moment: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(moment.timestamp(), 0).unwrap_or(moment)
}

/// JSON text of a value.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Corrupt { what: "body", detail: error.to_string() })
}

/// A value from its JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Corrupt { what: "body", detail: error.to_string() })
}
