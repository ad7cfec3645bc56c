//! Logging in: members by e-mail address, and their password hashes; everything else about
//! members is in [`crate::store::records`].

use crate::domain::id::{MemberId, OrganizationId};
use crate::store::rows::id;
use crate::store::search::email_key;
use crate::store::sql::Query;
use crate::store::{StoreError, Tx, plans};

/// What is needed to check a log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Whose member.
    pub organization_id: OrganizationId,
    /// Who.
    pub member_id: MemberId,
    /// Whether the member may log in.
    pub active: bool,
    /// Argon2 in PHC form; none until a password is set.
    pub password_hash: Option<String>,
}

#[derive(sqlx::FromRow)]
struct LoginRow {
    organization_id: String,
    id: String,
    active: bool,
    password_hash: Option<String>,
}

/// The member of the whole installation with this e-mail address, whatever its case.
///
/// # Errors
/// If the database fails.
pub async fn login(tx: &mut Tx, email: &str) -> Result<Option<Login>, StoreError> {
    let row = Query::new(
        "select organization_id, id, active, password_hash from members where email_key = $1",
    )
    .bind(email_key(email))
    .first::<LoginRow>(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Login {
        organization_id: id(&row.organization_id)?,
        member_id: id(&row.id)?,
        active: row.active,
        password_hash: row.password_hash,
    }))
}

/// Makes others who change who is an owner of the organization wait until this transaction is over.
/// Call it before reading who is.
///
/// # Errors
/// If the database fails.
pub async fn lock_owners(tx: &mut Tx, organization_id: OrganizationId) -> Result<(), StoreError> {
    plans::lock(tx, [organization_id.0]).await
}

/// The password hash of a member; none if there is no such member or no password is set.
///
/// # Errors
/// If the database fails.
pub async fn password_hash(
    tx: &mut Tx,
    organization_id: OrganizationId,
    member_id: MemberId,
) -> Result<Option<String>, StoreError> {
    let text = "select password_hash from members where organization_id = $1 and id = $2";
    let query = Query::new(text).bind(organization_id).bind(member_id);
    Ok(query.first::<(Option<String>,)>(tx).await?.and_then(|(hash,)| hash))
}

/// Sets the password hash of a member; whether there is such a member.
///
/// # Errors
/// If the database fails.
pub async fn set_password_hash(
    tx: &mut Tx,
    organization_id: OrganizationId,
    member_id: MemberId,
    hash: &str,
) -> Result<bool, StoreError> {
    let text = "update members set password_hash = $1 where organization_id = $2 and id = $3";
    let query = Query::new(text).bind(hash).bind(organization_id).bind(member_id);
    Ok(query.execute(tx).await? > 0)
}
