//! What is left to do at the provider of an account that was given up: channels are ended and the
//! access is given back, if the provider answers soon.

use std::time::Duration;

use crate::app::App;
use crate::app::calendars::channels::remote;
use crate::app::calendars::opening::{Opened, open};
use crate::domain::calendars::{Calendar, CalendarAccount, CalendarProvider};
use crate::domain::error::AppError;
use crate::domain::id::OrganizationId;
use crate::store::calendars::channels;
use crate::sync::SyncError;
use crate::sync::push::Channel;

/// How long somebody waits for a provider to say good-bye.
const PATIENCE: Duration = Duration::from_secs(5);

/// An account with what is open at its provider, taken along before it is forgotten.
#[derive(Debug)]
pub(super) struct Parting {
    opened: Opened,
    channels: Vec<Channel>,
}

/// Takes along what is needed to leave a provider; none where there is nothing to leave.
pub(super) async fn prepare(
    app: &App,
    organization_id: OrganizationId,
    account: &CalendarAccount,
    calendars: &[Calendar],
) -> Result<Option<Parting>, AppError> {
    if !matches!(account.provider, CalendarProvider::Google | CalendarProvider::Microsoft) {
        return Ok(None);
    }
    let opening = tokio::time::timeout(PATIENCE, open(app, organization_id, account.id)).await;
    // What cannot be opened any more has nothing left to give back.
    let Ok(Ok(opened)) = opening else { return Ok(None) };
    let mut tx = app.db.read().await?;
    let mut open_now = Vec::new();
    for calendar in calendars {
        let of_one = channels::list(&mut tx, organization_id, calendar.id).await?;
        open_now.extend(of_one.iter().filter(|one| !one.remote_id.is_empty()).map(remote));
    }
    Ok(Some(Parting { opened, channels: open_now }))
}

impl Parting {
    /// Leaves the provider. What it does not do in time ends by itself later.
    pub(super) async fn leave(self) {
        let all = async {
            for channel in &self.channels {
                self.opened.remote.unwatch(channel).await?;
            }
            self.opened.remote.revoke().await
        };
        let outcome: Result<Result<(), SyncError>, _> = tokio::time::timeout(PATIENCE, all).await;
        if !matches!(outcome, Ok(Ok(()))) {
            let id = self.opened.account.id;
            tracing::warn!(account.id = %id, "A provider did not take its access back in time");
        }
    }
}
