//! Accounts whose owners let us in at their provider's own page: the way there, and the way back.
//!
//! What is needed on the way back travels along as the state: encrypted, bound to the session that
//! began, and good for ten minutes. So nothing is stored for those who never come back, and nobody
//! brings back what another has begun.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::calendars::accounts::{self, AccountDetails, NewAccount, found, revive, whose};
use crate::app::calendars::refusal;
use crate::app::secrets::{token, token_hash};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::calendars::{CalendarAccount, CalendarProvider};
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{CalendarAccountId, MemberId, OrganizationId, TechnicianId};
use crate::store::calendars::accounts as rows;
use crate::sync::oauth::Handshake;
use crate::sync::{Remote, SyncError};

/// Where providers send the browser back to; registered there word by word.
pub const CALLBACK: &str = "/api/v1/calendar-accounts/callback";
/// How long the way to the consent page and back may take.
const TIME: TimeDelta = TimeDelta::minutes(10);

/// An account that shall be connected by its owner's consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentRequest {
    /// `google` or `microsoft`.
    pub provider: CalendarProvider,
    /// Whose calendars these are; none for the business itself, into whose calendar every visit goes.
    /// A technician connects only their own.
    #[serde(default)]
    pub technician_id: Option<TechnicianId>,
    /// The page of this server to which the browser comes back in the end, as a path; the first page
    /// if empty.
    #[serde(default)]
    pub return_to: String,
}

/// Where the owner of an account lets us in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentPage {
    /// The address of the provider's page, to be opened within ten minutes by the same browser.
    pub url: String,
}

/// How the browser came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct ConsentAnswer {
    /// What was sent along.
    #[serde(default)]
    pub state: String,
    /// What opens the account, once.
    #[serde(default)]
    pub code: String,
    /// Why there is no code.
    #[serde(default)]
    pub error: String,
}

/// What came of it, and where to go on.
#[derive(Debug)]
pub struct Returned {
    /// The path that was asked for.
    pub return_to: String,
    /// The account, or why there is none.
    pub outcome: Result<AccountDetails, AppError>,
}

/// The state before it is encrypted.
#[derive(Serialize, Deserialize)]
struct Begun {
    organization_id: OrganizationId,
    member_id: MemberId,
    provider: CalendarProvider,
    technician_id: Option<TechnicianId>,
    return_to: String,
    verifier: String,
    until_s: i64,
}

impl Validate for ConsentRequest {
    fn validate(&self, faults: &mut Faults) {
        let fits = matches!(self.provider, CalendarProvider::Google | CalendarProvider::Microsoft);
        let message = "has no page for consent; connect it with a login or an address";
        faults.check(fits, "provider", self.provider.as_str(), message);
        let path = self.return_to.as_str();
        let plain = |c: char| c.is_ascii_graphic() && c != '\\' && c != '#';
        let ours = path.starts_with('/') && !path.starts_with("//") && path.chars().all(plain);
        let fits = path.is_empty() || (ours && path.len() <= 500);
        faults.check(fits, "return_to", path, "must be a path of this server");
    }
}

/// Begins to connect an account: where to send its owner.
///
/// * `session`: the token of the member's session, which alone can finish this.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Conflict`] if the server has no application at the provider or
/// no key for secrets; [`AppError::Forbidden`], also for a key, as there has to be a browser.
pub fn begin(
    app: &App,
    actor: &Actor,
    session: &str,
    request: &ConsentRequest,
) -> Result<ConsentPage, AppError> {
    let technician_id = whose(actor, request.technician_id)?;
    let member_id = member(actor)?;
    let mut faults = Faults::default();
    request.validate(&mut faults);
    faults.into_result()?;
    let begun = Begun {
        organization_id: actor.organization_id,
        member_id,
        provider: request.provider,
        technician_id,
        return_to: request.return_to.clone(),
        verifier: token(),
        until_s: (app.now() + TIME).timestamp(),
    };
    let text = serde_json::to_string(&begun).map_err(|error| AppError::Internal(error.into()))?;
    let state = app.vault.seal(&owner(session), &text)?;
    let handshake = handshake(app, &begun);
    let url = app.calendars.sync.consent_url(request.provider, &handshake, &state);
    Ok(ConsentPage { url: url.map_err(refusal)? })
}

/// Finishes what [`begin`] began, when the browser comes back: connects the account, or gives one
/// that is known its new access.
///
/// # Errors
/// [`AppError::Conflict`] for a state that is not of this session or too old. Everything else is the
/// outcome.
#[tracing::instrument(skip_all)]
pub async fn complete(
    app: &App,
    actor: &Actor,
    session: &str,
    answer: &ConsentAnswer,
) -> Result<Returned, AppError> {
    let strange = || {
        let message = "the state of this login does not fit: begin again, with the same browser \
                       and login, and come back within ten minutes";
        AppError::Conflict(message.to_owned())
    };
    let text = app.vault.open(&owner(session), &answer.state).map_err(|_| strange())?;
    let begun: Begun = serde_json::from_str(&text).map_err(|_| strange())?;
    let same = begun.organization_id == actor.organization_id && begun.member_id == member(actor)?;
    if !same || begun.until_s < app.now().timestamp() {
        return Err(strange());
    }
    let outcome = connect(app, actor, &begun, answer).await;
    if let Err(error) = &outcome {
        tracing::info!("An account was not connected: {error}");
    }
    Ok(Returned { return_to: begun.return_to, outcome })
}

async fn connect(
    app: &App,
    actor: &Actor,
    begun: &Begun,
    answer: &ConsentAnswer,
) -> Result<AccountDetails, AppError> {
    // Rights may have changed since it began.
    whose(actor, begun.technician_id)?;
    if answer.code.is_empty() {
        let message = match answer.error.as_str() {
            "access_denied" => "consent was not given".to_owned(),
            _ => "the provider gave no access; try again".to_owned(),
        };
        return Err(AppError::Conflict(message));
    }
    let sync = &app.calendars.sync;
    let provider = begun.provider;
    let credentials = sync.exchange(provider, &handshake(app, begun), &answer.code).await;
    let credentials = credentials.map_err(told)?;
    let remote = sync.open(provider, "", &credentials).map_err(told)?;
    let login = remote.login().await.map_err(told)?;
    if let Some(id) = known(app, actor, begun, &login).await? {
        revive(app, actor, id, &credentials).await?;
        return accounts::get(app, actor, id).await;
    }
    let new = NewAccount {
        technician_id: begun.technician_id,
        provider,
        name: login.clone(),
        url: String::new(),
        login,
        credentials,
        receives: true,
    };
    stored(app, actor, &remote, new).await
}

/// Stores the account; if that fails the access is given back.
async fn stored(
    app: &App,
    actor: &Actor,
    remote: &Remote,
    new: NewAccount,
) -> Result<AccountDetails, AppError> {
    let outcome = found(app, actor, remote, new).await;
    if outcome.is_err()
        && let Err(error) = remote.revoke().await
    {
        tracing::debug!("Access that nobody uses was not given back: {error}");
    }
    outcome
}

/// The account that is connected already, if it is.
async fn known(
    app: &App,
    actor: &Actor,
    begun: &Begun,
    login: &str,
) -> Result<Option<CalendarAccountId>, AppError> {
    let mut tx = app.db.read().await?;
    let all = rows::list(&mut tx, actor.organization_id, begun.technician_id).await?;
    let same = |account: &&CalendarAccount| {
        account.provider == begun.provider
            && account.technician_id == begun.technician_id
            && account.login == login
    };
    Ok(all.iter().find(same).map(|account| account.id))
}

/// A provider's refusal in words; there is no field to point at.
fn told(error: SyncError) -> AppError {
    match error {
        SyncError::Unreachable(_) | SyncError::Busy { .. } => refusal(error),
        error => AppError::Conflict(error.to_string()),
    }
}

fn handshake(app: &App, begun: &Begun) -> Handshake {
    let redirect_uri = format!("{}{CALLBACK}", app.outside.base_url());
    Handshake { redirect_uri, verifier: begun.verifier.clone() }
}

/// What a state is bound to.
fn owner(session: &str) -> String {
    format!("consent {}", token_hash(session))
}

fn member(actor: &Actor) -> Result<MemberId, AppError> {
    if let ActorKind::Member { id, .. } = &actor.kind {
        Ok(*id)
    } else {
        let message = "consent is given by a member with a browser, not by a key";
        Err(AppError::Forbidden(message.to_owned()))
    }
}
