//! Accounts: connected, connected anew, and given up.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use utoipa::ToSchema;

use crate::app::calendars::opening::sealed;
use crate::app::calendars::{ask, parting, reading, refusal, uses, writing};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::{App, audit, catalogue};
use crate::domain::absences::Absence;
use crate::domain::actors::Actor;
use crate::domain::calendars::remote::RemoteCalendar;
use crate::domain::calendars::{
    Calendar, CalendarAccount, CalendarProvider, CalendarStatus, Credentials,
};
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate, check_length, check_text};
use crate::domain::id::{CalendarAccountId, CalendarId, TechnicianId};
use crate::store::calendars::{self as rows, CalendarFilter, Standing, accounts, busy};
use crate::store::{Tx, records};
use crate::sync::{Provider as _, Remote};

/// An account to be connected with a login, or a calendar at a secret address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Connect {
    /// Whose calendars these are; none for the business itself, into whose calendar every visit goes.
    /// A technician connects only their own.
    #[serde(default)]
    pub technician_id: Option<TechnicianId>,
    /// `caldav` or `ics`; accounts at Google and Microsoft are connected by their own log-in pages.
    pub provider: CalendarProvider,
    /// What people call it; the host if empty.
    #[serde(default)]
    pub name: String,
    /// Address of the server or of a calendar on it; of an `ics` calendar, the whole secret address.
    pub url: String,
    /// With which name to log in; not for `ics`.
    #[serde(default)]
    pub login: String,
    /// The password; best one made for this application alone. Not for `ics`.
    #[serde(default)]
    pub password: String,
    /// Whether the main calendar receives visits at once; otherwise none does until one is chosen.
    #[serde(default = "yes")]
    pub receives: bool,
}

fn yes() -> bool {
    true
}

/// New credentials for an account that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reconnect {
    /// With which name to log in; the one that is known if empty.
    #[serde(default)]
    pub login: String,
    /// The new password; not for `ics`.
    #[serde(default)]
    pub password: String,
    /// The new secret address of an `ics` calendar.
    #[serde(default)]
    pub url: String,
}

/// An account with its calendars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountDetails {
    /// The account.
    #[serde(flatten)]
    pub account: CalendarAccount,
    /// Its calendars, oldest first.
    pub calendars: Vec<Calendar>,
}

impl Validate for Connect {
    fn validate(&self, faults: &mut Faults) {
        check_length(faults, "name", &self.name, 200);
        let length = self.url.chars().count();
        let fits = !self.url.trim().is_empty() && length <= 2000;
        faults.check(fits, "url", length, "must have 1 to 2000 characters");
        if fits {
            check_address(faults, self.provider, self.url.trim());
        }
        match self.provider {
            CalendarProvider::Caldav => {
                check_text(faults, "login", &self.login, 200);
                let length = self.password.chars().count();
                let fits = (1..=1000).contains(&length);
                faults.check(fits, "password", "(hidden)", "must have 1 to 1000 characters");
            }
            CalendarProvider::Ics => {}
            CalendarProvider::Google | CalendarProvider::Microsoft => {
                let message = "is connected by its own log-in page, not with a password";
                faults.add("provider", self.provider.as_str(), message);
            }
        }
    }
}

/// Notes a fault for what is no address of a server. What is wrong with it is not repeated, since an
/// address may be secret.
fn check_address(faults: &mut Faults, provider: CalendarProvider, url: &str) {
    let (schemes, example): (&[&str], &str) = match provider {
        CalendarProvider::Caldav => (&["https", "http"], "https://dav.example.com"),
        CalendarProvider::Ics => {
            (&["https", "http", "webcal", "webcals"], "https://example.com/calendar.ics")
        }
        CalendarProvider::Google | CalendarProvider::Microsoft => return,
    };
    let named = url.split_once("://").is_some_and(|(scheme, _)| schemes.contains(&scheme));
    // The name of a server alone is enough for CalDAV, if it can be told from a slip.
    let bare = provider == CalendarProvider::Caldav && !url.contains("://");
    let host = url.split(['/', ':']).next().unwrap_or_default();
    let whole = if bare { format!("https://{url}") } else { url.to_owned() };
    let has_host = Url::parse(&whole).is_ok_and(|url| url.has_host());
    let fits = has_host && (named || bare && (host.contains('.') || host == "localhost"));
    let message = format!("must be the address of a server such as {example}");
    faults.check(fits, "url", "", &message);
}

impl Validate for Reconnect {
    fn validate(&self, faults: &mut Faults) {
        check_length(faults, "login", &self.login, 200);
        let length = self.password.chars().count();
        let message = "must have at most 1000 characters";
        faults.check(length <= 1000, "password", "(hidden)", message);
        // A secret address is not repeated in an answer.
        let length = self.url.chars().count();
        faults.check(length <= 2000, "url", length, "must have at most 2000 characters");
    }
}

/// Connects an account: finds its calendars, stores the credentials encrypted, and begins to read
/// and write. The main calendar of a technician receives visits, and all of them block.
///
/// # Errors
/// [`AppError::Invalid`] for input that is wrong, credentials that are refused and addresses that may
/// not be called; [`AppError::Conflict`] if the server has no key for secrets;
/// [`AppError::Unavailable`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(provider = request.provider.as_str()))]
pub async fn connect(
    app: &App,
    actor: &Actor,
    request: &Connect,
) -> Result<AccountDetails, AppError> {
    let technician_id = whose(actor, request.technician_id)?;
    let mut faults = Faults::default();
    request.validate(&mut faults);
    faults.into_result()?;
    let credentials = if request.provider == CalendarProvider::Ics {
        Credentials::Address { url: request.url.trim().to_owned() }
    } else {
        let (login, password) = (request.login.clone(), request.password.clone());
        Credentials::Password { login, password }
    };
    let url = shown_url(request.provider, &request.url);
    let opened = app.calendars.sync.open(request.provider, &request.url, &credentials);
    let remote = opened.map_err(refusal)?;
    let host = Url::parse(&url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let name = if request.name.trim().is_empty() {
        host.unwrap_or_default()
    } else {
        request.name.clone()
    };
    let (login, provider) = (request.login.clone(), request.provider);
    let receives = request.receives;
    let new = NewAccount { technician_id, provider, name, url, login, credentials, receives };
    found(app, actor, &remote, new).await
}

/// An account before it is stored.
#[derive(Debug, Clone)]
pub(crate) struct NewAccount {
    pub(crate) technician_id: Option<TechnicianId>,
    pub(crate) provider: CalendarProvider,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) login: String,
    pub(crate) credentials: Credentials,
    /// Whether its main calendar receives visits at once.
    pub(crate) receives: bool,
}

/// Whose calendars an actor may connect.
///
/// # Errors
/// [`AppError::Forbidden`] for a technician who names somebody else.
pub(crate) fn whose(
    actor: &Actor,
    asked: Option<TechnicianId>,
) -> Result<Option<TechnicianId>, AppError> {
    match permit(actor, Operation::CalendarsWrite)? {
        Sight::Own(own) if asked.is_none_or(|asked| asked == own) => Ok(Some(own)),
        Sight::Everything => Ok(asked),
        Sight::Own(_) | Sight::Published => {
            Err(AppError::Forbidden("technicians connect only their own calendars".to_owned()))
        }
    }
}

/// Finds the calendars of an open account and stores both.
///
/// # Errors
/// As [`connect`].
pub(crate) async fn found(
    app: &App,
    actor: &Actor,
    remote: &Remote,
    new: NewAccount,
) -> Result<AccountDetails, AppError> {
    let id = CalendarAccountId(app.new_id());
    let secret = sealed(app, id, &new.credentials)?;
    let calendars = remote.calendars().await.map_err(refusal)?;
    if calendars.is_empty() {
        return Err(AppError::Conflict("the account has no calendar for events".to_owned()));
    }
    let now = app.now();
    let account = CalendarAccount {
        id,
        revision: 1,
        technician_id: new.technician_id,
        provider: new.provider,
        name: new.name,
        url: new.url,
        login: new.login,
        created_at: now,
        updated_at: now,
    };
    let mut tx = app.db.write().await?;
    let mut faults = Faults::default();
    let mut references = catalogue::References::default();
    if let Some(technician_id) = account.technician_id {
        references.add("technician_id", catalogue::Kind::Technician, technician_id);
    }
    catalogue::check(&mut tx, actor.organization_id, &references, &mut faults).await?;
    faults.into_result()?;
    accounts::insert(&mut tx, actor.organization_id, &account, &secret).await?;
    let mut stored = Vec::new();
    for one in &calendars {
        let receives = new.receives && one.primary && one.writable;
        stored.push(add(app, actor, &mut tx, &account, (one, receives)).await?);
    }
    let action = audit::Action { noun: "calendar_accounts", verb: "connect", id: id.into() };
    let after = json!({"technician_id": account.technician_id, "provider": account.provider});
    audit::note(app, &mut tx, actor, action, (Value::Null, after)).await?;
    tx.commit().await?;
    tracing::info!(account.id = %id, "Connected an account with {} calendars", stored.len());
    Ok(AccountDetails { account, calendars: stored })
}

/// Stores a calendar of an account and begins to read and write it.
async fn add(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    account: &CalendarAccount,
    (remote, receives): (&RemoteCalendar, bool),
) -> Result<Calendar, AppError> {
    let organization_id = actor.organization_id;
    let calendar = Calendar {
        id: CalendarId(app.new_id()),
        revision: 1,
        account_id: account.id,
        technician_id: account.technician_id,
        remote_id: remote.remote_id.clone(),
        name: remote.name.clone(),
        writable: remote.writable,
        blocks: account.technician_id.is_some(),
        receives,
        status: CalendarStatus::Pending,
        error: String::new(),
        synced_at: None,
        full_synced_at: None,
        failures: 0,
        cursor: None,
    };
    rows::insert(tx, organization_id, &calendar, app.now()).await?;
    ask(app, tx, organization_id, calendar.id, reading::TASK).await?;
    if calendar.receives {
        uses::fill(app, tx, organization_id, &calendar).await?;
    }
    Ok(calendar)
}

/// What of an address may be shown: of a secret one only the host.
fn shown_url(provider: CalendarProvider, url: &str) -> String {
    let url = url.trim();
    if provider != CalendarProvider::Ics {
        return url.to_owned();
    }
    let web = url.replacen("webcals://", "https://", 1).replacen("webcal://", "https://", 1);
    let host = Url::parse(&web).ok().map(|url| url.origin().ascii_serialization());
    host.unwrap_or_default()
}

/// The accounts that the actor may see, with their calendars.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<AccountDetails>, AppError> {
    let own = match permit(actor, Operation::CalendarsRead)? {
        Sight::Own(own) => Some(own),
        _ => None,
    };
    let mut tx = app.db.read().await?;
    let found = accounts::list(&mut tx, actor.organization_id, own).await?;
    let filter = CalendarFilter { technician_id: own, account_id: None };
    let calendars = rows::list(&mut tx, actor.organization_id, filter).await?;
    let with = |account: CalendarAccount| {
        let of = |calendar: &&Calendar| calendar.account_id == account.id;
        let calendars = calendars.iter().filter(of).cloned().collect();
        AccountDetails { account, calendars }
    };
    Ok(found.into_iter().map(with).collect())
}

/// The account with this id, with its calendars.
///
/// # Errors
/// [`AppError::NotFound`], also for somebody else's; [`AppError::Forbidden`].
pub async fn get(
    app: &App,
    actor: &Actor,
    id: CalendarAccountId,
) -> Result<AccountDetails, AppError> {
    let sight = permit(actor, Operation::CalendarsRead)?;
    let mut tx = app.db.read().await?;
    details(&mut tx, actor, sight, id).await
}

async fn details(
    tx: &mut Tx,
    actor: &Actor,
    sight: Sight,
    id: CalendarAccountId,
) -> Result<AccountDetails, AppError> {
    let found = accounts::get(tx, actor.organization_id, id).await?;
    let account = found.filter(|account| is_seen(sight, account.technician_id));
    let account = account.ok_or_else(|| AppError::not_found("calendar account", id))?;
    let filter = CalendarFilter { technician_id: None, account_id: Some(id) };
    let calendars = rows::list(tx, actor.organization_id, filter).await?;
    Ok(AccountDetails { account, calendars })
}

/// Whether something of `owner` may be touched; what is of nobody is the dispatchers'.
pub(super) fn is_seen(sight: Sight, owner: Option<TechnicianId>) -> bool {
    sight == Sight::Everything || owner.is_some_and(|owner| sight.covers(owner))
}

/// Gives an account new credentials, and lets its calendars be read and written again.
///
/// # Errors
/// As [`connect`], and [`AppError::NotFound`].
#[tracing::instrument(skip_all, fields(account.id = %id))]
pub async fn reconnect(
    app: &App,
    actor: &Actor,
    id: CalendarAccountId,
    request: &Reconnect,
) -> Result<AccountDetails, AppError> {
    let sight = permit(actor, Operation::CalendarsWrite)?;
    request.validated()?;
    let mut tx = app.db.read().await?;
    let known = details(&mut tx, actor, sight, id).await?.account;
    drop(tx);
    let (url, credentials) = match known.provider {
        CalendarProvider::Ics => {
            let url = request.url.trim().to_owned();
            (url.clone(), Credentials::Address { url })
        }
        CalendarProvider::Caldav => {
            let login = request.login.trim();
            let login = if login.is_empty() { known.login.clone() } else { login.to_owned() };
            let password = request.password.clone();
            (known.url.clone(), Credentials::Password { login, password })
        }
        CalendarProvider::Google | CalendarProvider::Microsoft => {
            let message = "this account is connected anew by its provider's log-in page";
            return Err(AppError::Conflict(message.to_owned()));
        }
    };
    let opened = app.calendars.sync.open(known.provider, &url, &credentials).map_err(refusal)?;
    opened.calendars().await.map_err(refusal)?;
    revive(app, actor, id, &credentials).await?;
    get(app, actor, id).await
}

/// Stores new credentials that were tried, and lets the calendars of the account be read and written
/// again.
pub(crate) async fn revive(
    app: &App,
    actor: &Actor,
    id: CalendarAccountId,
    credentials: &Credentials,
) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    let secret = sealed(app, id, credentials)?;
    let mut tx = app.db.write().await?;
    let known = accounts::get(&mut tx, organization_id, id).await?;
    let known = known.ok_or_else(|| AppError::not_found("calendar account", id))?;
    let login = match credentials {
        Credentials::Password { login, .. } => login.as_str(),
        Credentials::Address { .. } | Credentials::OAuth { .. } => known.login.as_str(),
    };
    accounts::set_secret(&mut tx, organization_id, id, (login, &secret), app.now()).await?;
    let filter = CalendarFilter { technician_id: None, account_id: Some(id) };
    let status = CalendarStatus::Pending;
    for calendar in rows::list(&mut tx, organization_id, filter).await? {
        let fresh = Standing { status, error: String::new(), failures: 0 };
        rows::set_standing(&mut tx, organization_id, calendar.id, &fresh).await?;
        rows::forget_cursor(&mut tx, organization_id, calendar.id).await?;
        ask(app, &mut tx, organization_id, calendar.id, reading::TASK).await?;
        ask(app, &mut tx, organization_id, calendar.id, writing::TASK).await?;
    }
    let action = audit::Action { noun: "calendar_accounts", verb: "reconnect", id: id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, Value::Null)).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives an account up: its credentials and its busy times are forgotten, and access by consent is
/// given back. Coming events that were written are taken out of its calendars by a task, as far as
/// the provider lets us; those that are over stay.
///
/// * `keep_events`: leaves all events where they are.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(account.id = %id))]
pub async fn disconnect(
    app: &App,
    actor: &Actor,
    id: CalendarAccountId,
    keep_events: bool,
) -> Result<(), AppError> {
    let sight = permit(actor, Operation::CalendarsWrite)?;
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let known = details(&mut tx, actor, sight, id).await?;
    drop(tx);
    let (account, calendars) = (&known.account, known.calendars.as_slice());
    let parting = parting::prepare(app, organization_id, account, calendars).await?;
    let mut tx = app.db.write().await?;
    for calendar in calendars {
        forget_busy(&mut tx, actor, calendar.id).await?;
    }
    let both = (account, calendars);
    let later = !keep_events && parting::ask(app, &mut tx, organization_id, both).await?;
    accounts::delete(&mut tx, organization_id, id).await?;
    let action = audit::Action { noun: "calendar_accounts", verb: "disconnect", id: id.into() };
    audit::note(app, &mut tx, actor, action, (audit::json(account), Value::Null)).await?;
    tx.commit().await?;
    if let Some(parting) = parting {
        parting.leave(!later).await;
    }
    Ok(())
}

/// Takes the busy times of a calendar out of the plan.
pub(super) async fn forget_busy(
    tx: &mut Tx,
    actor: &Actor,
    calendar_id: CalendarId,
) -> Result<(), AppError> {
    for time in busy::all(tx, calendar_id).await? {
        records::delete::<Absence>(tx, actor.organization_id, time.absence_id, None).await?;
    }
    Ok(())
}
