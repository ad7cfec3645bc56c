//! From an account to its provider: credentials decrypted, tokens renewed before they run out.

use chrono::TimeDelta;

use crate::app::App;
use crate::app::calendars::Trouble;
use crate::domain::calendars::{CalendarAccount, Credentials};
use crate::domain::error::AppError;
use crate::domain::id::{CalendarAccountId, OrganizationId};
use crate::store::calendars::accounts;
use crate::sync::{Provider as _, Remote};

/// Tokens that run out sooner are renewed first.
const SOON: TimeDelta = TimeDelta::seconds(90);

/// An account that is open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) remote: Remote,
    pub(super) account: CalendarAccount,
    credentials: Credentials,
}

/// Opens an account.
pub(super) async fn open(
    app: &App,
    organization_id: OrganizationId,
    account_id: CalendarAccountId,
) -> Result<Opened, Trouble> {
    let opened = plain(app, organization_id, account_id).await?;
    let Credentials::OAuth { expires_at, .. } = &opened.credentials else { return Ok(opened) };
    if *expires_at > app.now() + SOON {
        return Ok(opened);
    }
    renewed(app, organization_id, opened).await
}

/// The account with new tokens, if it has tokens that can be renewed: for a provider that refuses ones
/// that should still hold. The same error again if it has not.
pub(super) async fn reopen(
    app: &App,
    organization_id: OrganizationId,
    opened: Opened,
    refused: Trouble,
) -> Result<Opened, Trouble> {
    if !matches!(opened.credentials, Credentials::OAuth { .. }) {
        return Err(refused);
    }
    renewed(app, organization_id, opened).await
}

async fn plain(
    app: &App,
    organization_id: OrganizationId,
    account_id: CalendarAccountId,
) -> Result<Opened, Trouble> {
    let mut tx = app.db.read().await?;
    let missing = || AppError::not_found("calendar account", account_id);
    let account = accounts::get(&mut tx, organization_id, account_id).await?.ok_or_else(missing)?;
    let secret = accounts::secret(&mut tx, organization_id, account_id).await?;
    drop(tx);
    let text = app.vault.open(&account_id.to_string(), &secret.ok_or_else(missing)?)?;
    let credentials: Credentials = serde_json::from_str(&text)
        .map_err(|_| AppError::Internal("credentials of an account cannot be read".into()))?;
    let remote = app.calendars.sync.open(account.provider, &account.url, &credentials)?;
    Ok(Opened { remote, account, credentials })
}

/// New tokens, stored before they are used.
async fn renewed(
    app: &App,
    organization_id: OrganizationId,
    opened: Opened,
) -> Result<Opened, Trouble> {
    let _alone = app.calendars.renewing.lock().await;
    let account_id = opened.account.id;
    let current = plain(app, organization_id, account_id).await?;
    if current.credentials != opened.credentials {
        // Somebody else has renewed them meanwhile.
        return Ok(current);
    }
    let Some(credentials) = current.remote.renew().await? else { return Ok(current) };
    let sealed = sealed(app, account_id, &credentials)?;
    let mut tx = app.db.write().await?;
    let login = current.account.login.as_str();
    let now = app.now();
    accounts::set_secret(&mut tx, organization_id, account_id, (login, &sealed), now).await?;
    tx.commit().await?;
    plain(app, organization_id, account_id).await
}

/// Credentials as they are stored.
pub(super) fn sealed(
    app: &App,
    account_id: CalendarAccountId,
    credentials: &Credentials,
) -> Result<String, AppError> {
    let text =
        serde_json::to_string(credentials).map_err(|error| AppError::Internal(Box::new(error)))?;
    app.vault.seal(&account_id.to_string(), &text)
}
