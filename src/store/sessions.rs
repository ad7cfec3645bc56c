//! The `sessions` table: members who are logged in. Tokens are stored as hashes only.

use chrono::{DateTime, Utc};

use crate::domain::id::{MemberId, OrganizationId};
use crate::store::rows::{id, moment};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// A logged-in member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token, hexadecimal.
    pub token_hash: String,
    /// Whose member.
    pub organization_id: OrganizationId,
    /// Who.
    pub member_id: MemberId,
    /// What forms must send along, so that other sites cannot.
    pub csrf_token: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    token_hash: String,
    organization_id: String,
    member_id: String,
    csrf_token: String,
    created_s: i64,
    expires_s: i64,
}

/// Stores a session.
///
/// # Errors
/// [`StoreError::Missing`] if the organization has no such member, or if the database fails.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), StoreError> {
    Query::new(
        "insert into sessions (token_hash, organization_id, member_id, csrf_token, created_s, \
         expires_s) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(session.token_hash.as_str())
    .bind(session.organization_id)
    .bind(session.member_id)
    .bind(session.csrf_token.as_str())
    .bind(session.created_at)
    .bind(session.expires_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// The session with this token, if it has not expired and its member is active.
///
/// # Errors
/// If the database fails.
pub async fn find(
    tx: &mut Tx,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>, StoreError> {
    let row = Query::new(
        "select s.token_hash, s.organization_id, s.member_id, s.csrf_token, s.created_s, \
         s.expires_s from sessions s join members m on m.id = s.member_id \
         where s.token_hash = $1 and s.expires_s > $2 and m.active",
    )
    .bind(token_hash)
    .bind(now)
    .first::<SessionRow>(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Session {
        organization_id: id(&row.organization_id)?,
        member_id: id(&row.member_id)?,
        created_at: moment(row.created_s)?,
        expires_at: moment(row.expires_s)?,
        token_hash: row.token_hash,
        csrf_token: row.csrf_token,
    }))
}

/// Lets a session last until another moment.
///
/// # Errors
/// If the database fails.
pub async fn extend(
    tx: &mut Tx,
    token_hash: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = "update sessions set expires_s = $1 where token_hash = $2";
    Query::new(text).bind(expires_at).bind(token_hash).execute(tx).await?;
    Ok(())
}

/// Ends one session; whether there was one.
///
/// # Errors
/// If the database fails.
pub async fn delete(tx: &mut Tx, token_hash: &str) -> Result<bool, StoreError> {
    let query = Query::new("delete from sessions where token_hash = $1").bind(token_hash);
    Ok(query.execute(tx).await? > 0)
}

/// Ends all sessions of a member, for instance when the password changes; how many.
///
/// # Errors
/// If the database fails.
pub async fn delete_of_member(
    tx: &mut Tx,
    organization_id: OrganizationId,
    member_id: MemberId,
) -> Result<u64, StoreError> {
    let text = "delete from sessions where organization_id = $1 and member_id = $2";
    Query::new(text).bind(organization_id).bind(member_id).execute(tx).await
}

/// Forgets sessions that have expired; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new("delete from sessions where expires_s <= $1").bind(now).execute(tx).await
}
