//! People's calendars: accounts, busy times that block slots, visits that appear as events, and what
//! members do to these.
//!
//! No use case waits for a calendar server, but those that connect an account and, for a bounded
//! time, bookings that read a day once more. Everything else is done by tasks of the queue: one that
//! reads and one that writes for each calendar, so that every event has one writer.

pub mod accounts;
pub mod channels;
pub mod conflicts;
pub mod consent;
mod drafts;
pub mod feeds;
pub(crate) mod following;
pub(crate) mod fresh;
mod noticing;
mod opening;
pub mod parting;
pub mod providers;
pub mod reading;
mod taking_in;
mod travel;
pub mod uses;
pub mod writing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::app::App;
use crate::domain::error::AppError;
use crate::domain::id::{CalendarId, OrganizationId};
use crate::store::queue::{NewTask, enqueue};
use crate::store::{StoreError, Tx};
use crate::sync::{Sync, SyncError};

/// What an administrator decides about calendars.
#[derive(Debug, Clone)]
pub struct CalendarRules {
    /// How often each calendar is asked for changes.
    pub poll: TimeDelta,
    /// How far ahead busy times are read.
    pub ahead: TimeDelta,
    /// How long a booking waits while calendars are read once more; none if they are not.
    pub reread: Option<Duration>,
    /// How old the last reading of a calendar that cannot be read may be.
    pub trust: TimeDelta,
    /// Whether visits are written as private events.
    pub private_events: bool,
    /// Whether events say how long the drive to them is, and when to leave.
    pub travel: bool,
    /// Address of the server, without a slash at the end, for links to it; none if nobody has set one.
    pub links: Option<String>,
    /// Whether providers are asked to tell of changes at once.
    pub push: bool,
}

impl Default for CalendarRules {
    fn default() -> Self {
        Self {
            poll: TimeDelta::seconds(120),
            ahead: TimeDelta::days(120),
            reread: Some(Duration::from_millis(1500)),
            trust: TimeDelta::days(1),
            private_events: false,
            travel: false,
            links: None,
            push: false,
        }
    }
}

/// The way to providers, with the rules for it. Clones share everything.
#[derive(Debug, Clone)]
pub struct Calendars {
    pub(crate) sync: Sync,
    pub(crate) rules: CalendarRules,
    /// One renewal of tokens at a time: providers may take back the older of two.
    renewing: Arc<tokio::sync::Mutex<()>>,
    /// When a calendar was last read again for a booking.
    reread: Arc<Mutex<HashMap<CalendarId, DateTime<Utc>>>>,
}

impl Calendars {
    /// Reaches providers through `sync`.
    pub fn new(sync: Sync, rules: CalendarRules) -> Self {
        Self { sync, rules, renewing: Arc::default(), reread: Arc::default() }
    }
}

/// Why a calendar could not be read or written.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The provider did not do it.
    Sync(SyncError),
    /// We did not.
    App(AppError),
}

impl From<SyncError> for Trouble {
    fn from(error: SyncError) -> Self {
        Self::Sync(error)
    }
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sync(error) => error.fmt(f),
            Self::App(error) => error.fmt(f),
        }
    }
}

/// A provider's refusal as an answer to whoever connects an account or asks for something now.
pub(crate) fn refusal(error: SyncError) -> AppError {
    let words = error.to_string();
    match error {
        SyncError::Refused(_) => AppError::invalid("password", "(hidden)", words),
        SyncError::PrivateAddress(_) | SyncError::Address(_) | SyncError::Redirected(_) => {
            AppError::invalid("url", "", words)
        }
        SyncError::Unreachable(detail) => {
            AppError::Unavailable { service: "the calendar server", detail }
        }
        SyncError::Busy { retry_after } => {
            let again = retry_after.map(|wait| format!("; again in {} s", wait.as_secs()));
            let detail = format!("it is busy{}", again.unwrap_or_default());
            AppError::Unavailable { service: "the calendar server", detail }
        }
        _ => AppError::Conflict(words),
    }
}

/// Asks for a task of a calendar to be done.
pub(crate) async fn ask(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
    kind: &str,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let task = NewTask {
        kind: kind.to_owned(),
        unique_key: calendar_id.to_string(),
        organization_id: Some(organization_id),
        run_at: now,
        payload: Value::Null,
    };
    Ok(enqueue(tx, &task, now).await?)
}

/// How long to wait after so many faults in a row: doubled each time, an hour at most, and at least
/// as long as the provider asks for.
fn rest(failures: u32, error: &Trouble) -> TimeDelta {
    let own = TimeDelta::seconds(5) * 2_i32.pow(failures.clamp(1, 10) - 1);
    let asked = match error {
        Trouble::Sync(SyncError::Busy { retry_after: Some(wait) }) => {
            TimeDelta::from_std(*wait).unwrap_or_default()
        }
        _ => TimeDelta::zero(),
    };
    own.min(TimeDelta::hours(1)).max(asked)
}

/// A rest with a part at random on top, so that calendars that failed together do not come back
/// together.
fn apart(rest: TimeDelta) -> TimeDelta {
    let most = rest.num_milliseconds().clamp(0, 600_000) / 4;
    rest + TimeDelta::milliseconds(rand::random_range(0..=most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_an_hour_and_keep_to_what_the_provider_asks() {
        let broken = || Trouble::Sync(SyncError::Unreachable(String::new()));
        // 5 s, 10 s, 20 s; the tenth would be 2,560 s, the eleventh is held there.
        for (failures, seconds) in [(1, 5), (2, 10), (3, 20), (10, 2560), (40, 2560)] {
            assert_eq!(rest(failures, &broken()), TimeDelta::seconds(seconds), "{failures}");
        }
        let busy = Trouble::Sync(SyncError::Busy { retry_after: Some(Duration::from_mins(2)) });
        assert_eq!(rest(1, &busy), TimeDelta::minutes(2));
    }
}
