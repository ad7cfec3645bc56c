//! Calendars of people: accounts at providers, the calendars in them, and what is read and written.

pub mod remote;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{
    CalendarAccountId, CalendarConflictId, CalendarFeedId, CalendarId, TeamId, TechnicianId,
    VisitId,
};

/// Where an account is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CalendarProvider {
    /// Any server that speaks CalDAV.
    Caldav,
    /// An address that gives a whole calendar as iCalendar text; read only.
    Ics,
    /// Google Calendar.
    Google,
    /// Microsoft 365 and Outlook.com, through Microsoft Graph.
    Microsoft,
}

impl CalendarProvider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Caldav, Self::Ics, Self::Google, Self::Microsoft];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caldav => "caldav",
            Self::Ics => "ics",
            Self::Google => "google",
            Self::Microsoft => "microsoft",
        }
    }

    /// The provider of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == word)
    }
}

/// How it goes with a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarStatus {
    /// Not read yet.
    Pending,
    /// Read and written without a fault.
    Ok,
    /// The last attempt failed; it is tried again.
    Failing,
    /// The provider does not accept the credentials any more: connect the account anew.
    Reconnect,
    /// The calendar is not there any more, or has moved.
    Gone,
}

impl CalendarStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Ok, Self::Failing, Self::Reconnect, Self::Gone];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Reconnect => "reconnect",
            Self::Gone => "gone",
        }
    }

    /// The status of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether it makes sense to read and write the calendar without anybody doing anything.
    pub fn works(self) -> bool {
        !matches!(self, Self::Reconnect | Self::Gone)
    }
}

/// An account at a provider, connected by somebody. Its credentials are kept apart and never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarAccount {
    /// Its name.
    pub id: CalendarAccountId,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// Whose calendars these are; none for the business itself.
    pub technician_id: Option<TechnicianId>,
    /// Where it is.
    pub provider: CalendarProvider,
    /// What people call it.
    pub name: String,
    /// Address of the server, without what is secret in it; empty where the provider has only one.
    pub url: String,
    /// With which name it is logged in; may be empty.
    pub login: String,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A calendar of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Calendar {
    /// Its name.
    pub id: CalendarId,
    /// Counts the changes of its settings, from 1.
    pub revision: i64,
    /// The account it belongs to.
    pub account_id: CalendarAccountId,
    /// Whose it is; none for the business itself.
    pub technician_id: Option<TechnicianId>,
    /// How the provider names it: a path or an id.
    pub remote_id: String,
    /// What people call it.
    pub name: String,
    /// Whether visits can be written into it.
    pub writable: bool,
    /// Whether its busy times keep the technician free of visits.
    pub blocks: bool,
    /// Whether visits are written into it.
    pub receives: bool,
    /// How it goes.
    pub status: CalendarStatus,
    /// What went wrong last, in words; empty if nothing did.
    pub error: String,
    /// When it was last read without a fault.
    pub synced_at: Option<DateTime<Utc>>,
    /// When it was last read whole.
    #[serde(skip)]
    pub full_synced_at: Option<DateTime<Utc>>,
    /// Faults in a row.
    #[serde(skip)]
    pub failures: u32,
    /// Where the provider's list of changes goes on.
    #[serde(skip)]
    pub cursor: Option<String>,
}

/// What opens an account. Stored encrypted only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credentials {
    /// A name and a password.
    Password {
        /// The name.
        login: String,
        /// The password; best one made for this application alone.
        password: String,
    },
    /// An address that is secret itself.
    Address {
        /// The address.
        url: String,
    },
    /// Tokens of OAuth 2.0.
    OAuth {
        /// Opens the account for a while.
        access_token: String,
        /// Gives new access tokens.
        refresh_token: String,
        /// When the access token runs out.
        expires_at: DateTime<Utc>,
        /// What was granted, separated by spaces.
        scope: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password(..)",
            Self::Address { .. } => "Address(..)",
            Self::OAuth { .. } => "OAuth(..)",
        })
    }
}

/// What a member did in the calendar to an event of ours, and what became of it in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarConflict {
    /// Its name.
    pub id: CalendarConflictId,
    /// In which calendar.
    pub calendar_id: CalendarId,
    /// Whose calendar; none for that of the business.
    pub technician_id: Option<TechnicianId>,
    /// About which visit.
    pub visit_id: VisitId,
    /// What was done.
    pub kind: ConflictKind,
    /// Where the visit stood in the plan, as it was written into the calendar.
    pub planned_start: DateTime<Utc>,
    /// Where the event was moved to; none if it was deleted.
    pub start: Option<DateTime<Utc>>,
    /// The end that the event has now.
    pub end: Option<DateTime<Utc>>,
    /// How far it is.
    pub status: ConflictStatus,
    /// When it was noticed.
    pub created_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// What a member did to an event of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// It has another time.
    Moved,
    /// It is gone.
    Deleted,
}

impl ConflictKind {
    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Deleted => "deleted",
        }
    }
}

/// How far a conflict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConflictStatus {
    /// Waits for a decision.
    Open,
    /// The plan follows the calendar.
    Accepted,
    /// The calendar follows the plan.
    Rejected,
    /// The member put the event back, or the plan went there by itself.
    Settled,
}

impl ConflictStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Rejected, Self::Settled];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Settled => "settled",
        }
    }
}

/// A secret address at which calendar programs read the visits of a technician or a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Its name.
    pub id: CalendarFeedId,
    /// Whose visits.
    pub technician_id: Option<TechnicianId>,
    /// Or which team's.
    pub team_id: Option<TeamId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its address was last renewed.
    pub rotated_at: DateTime<Utc>,
    /// When it was last read, to the hour.
    pub used_at: Option<DateTime<Utc>>,
}
