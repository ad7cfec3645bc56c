//! Logging in and out, and who a session's token belongs to.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::app::secrets::{is_password, token, token_hash};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::id::{MemberId, OrganizationId};
use crate::domain::members::Member;
use crate::domain::records::Record;
use crate::store::sessions::{self as rows, Session};
use crate::store::{Tx, members, records, throttles};

/// Failures in a row after which guessing gets slower.
const FAILURES_FREE: i64 = 5;
/// Longest pause between two guesses, in seconds.
const PAUSE_MAX_S: i64 = 900;

/// A member who has logged in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// What the client sends along from now on; shown once, never stored.
    pub token: String,
    /// What forms send along, so that other sites cannot.
    pub csrf_token: String,
    /// Until when the session lasts.
    pub expires_at: DateTime<Utc>,
    /// Whose member.
    pub organization_id: OrganizationId,
    /// Who.
    pub member: Record<MemberId, Member>,
}

/// Logs a member in with e-mail address and password.
///
/// After five failures in a row for an address each further one doubles the pause before the next.
///
/// # Errors
/// [`AppError::Unauthenticated`], the same whether the address or the password is wrong;
/// [`AppError::RateLimited`] while guessing is paused.
#[tracing::instrument(skip_all)]
pub async fn login(
    app: &App,
    email: &str,
    password: &str,
    lifetime: TimeDelta,
) -> Result<LoggedIn, AppError> {
    let key = format!("login:{}", email.trim().to_lowercase());
    let now = app.now();
    let mut tx = app.db.read().await?;
    is_open(&mut tx, &key, now).await?;
    let login = members::login(&mut tx, email.trim()).await?;
    drop(tx);
    let hash = login.as_ref().and_then(|login| login.password_hash.clone());
    let fits = is_password(password, hash).await?;
    let login = login.filter(|login| fits && login.active);
    let mut tx = app.db.write().await?;
    let Some(login) = login else {
        pause(&mut tx, &key, now).await?;
        tx.commit().await?;
        return Err(AppError::Unauthenticated("e-mail address or password is wrong"));
    };
    throttles::clear(&mut tx, &key).await?;
    let (token, csrf_token) = (token(), token());
    let session = Session {
        token_hash: token_hash(&token),
        organization_id: login.organization_id,
        member_id: login.member_id,
        csrf_token: csrf_token.clone(),
        created_at: now,
        expires_at: now + lifetime,
    };
    rows::insert(&mut tx, &session).await?;
    let organization_id = login.organization_id;
    let member = records::get::<Member>(&mut tx, organization_id, login.member_id).await?;
    let member = member.ok_or(AppError::Unauthenticated("this member is gone"))?;
    tx.commit().await?;
    tracing::info!(member.id = %member.id, "Member {} logged in", member.id);
    Ok(LoggedIn { token, csrf_token, expires_at: now + lifetime, organization_id, member })
}

/// Refuses while guessing what `key` stands for is paused.
pub(crate) async fn is_open(tx: &mut Tx, key: &str, now: DateTime<Utc>) -> Result<(), AppError> {
    let throttle = throttles::get(tx, key).await?;
    let Some(throttle) = throttle.filter(|throttle| throttle.blocked_until > now) else {
        return Ok(());
    };
    let wait = (throttle.blocked_until - now).num_seconds().max(1);
    Err(AppError::RateLimited { retry_after_s: wait.unsigned_abs() })
}

/// Notes a failed guess; see [`login`].
pub(crate) async fn pause(tx: &mut Tx, key: &str, now: DateTime<Utc>) -> Result<(), AppError> {
    let throttle = throttles::fail(tx, key, now).await?;
    let beyond = throttle.failures - FAILURES_FREE;
    if beyond > 0 {
        let doubled = 1_i64 << beyond.min(20);
        throttles::block(tx, key, now + TimeDelta::seconds(doubled.min(PAUSE_MAX_S))).await?;
    }
    Ok(())
}

/// Who the token of a session belongs to.
///
/// # Errors
/// [`AppError::Unauthenticated`] for a token that is unknown or has run out.
pub async fn authenticate(app: &App, token: &str) -> Result<Actor, AppError> {
    let mut tx = app.db.read().await?;
    let (session, member) = find(app, &mut tx, token).await?;
    let (role, technician_id) = (member.value.role, member.value.technician_id);
    let kind = ActorKind::Member { id: member.id, role, technician_id };
    Ok(Actor { organization_id: session.organization_id, kind })
}

/// The session behind a token and its member.
///
/// # Errors
/// As [`authenticate`].
pub async fn current(
    app: &App,
    token: &str,
) -> Result<(Session, Record<MemberId, Member>), AppError> {
    let mut tx = app.db.read().await?;
    find(app, &mut tx, token).await
}

async fn find(
    app: &App,
    tx: &mut Tx,
    token: &str,
) -> Result<(Session, Record<MemberId, Member>), AppError> {
    const OVER: AppError = AppError::Unauthenticated("the session has run out; log in again");
    let session = rows::find(tx, &token_hash(token), app.now()).await?.ok_or(OVER)?;
    let (organization_id, member_id) = (session.organization_id, session.member_id);
    let member = records::get::<Member>(tx, organization_id, member_id).await?;
    let member = member.filter(|member| member.value.active).ok_or(OVER)?;
    Ok((session, member))
}

/// Ends a session; one that has ended already is no error.
///
/// # Errors
/// If the store fails.
pub async fn logout(app: &App, token: &str) -> Result<(), AppError> {
    let mut tx = app.db.write().await?;
    rows::delete(&mut tx, &token_hash(token)).await?;
    tx.commit().await?;
    Ok(())
}
