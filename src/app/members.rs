//! Members: people with logins, and their passwords.

use serde_json::Value;

use crate::app::catalogue::{self, CatalogueNoun, Kind, Listing, References};
use crate::app::permissions::{Operation, Sight, permit};
pub(crate) use crate::app::secrets::check_password;
use crate::app::secrets::{is_password, password_hash};
use crate::app::sessions::{is_open, pause};
use crate::app::{App, audit, idempotency};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{MemberId, OrganizationId, TechnicianId};
use crate::domain::members::{Member, Role};
use crate::domain::records::Record;
use crate::store::{Tx, members as rows, records, sessions, throttles};

impl CatalogueNoun for Member {
    const READ: Operation = Operation::MembersRead;
    const WRITE: Operation = Operation::MembersWrite;
    const PLURAL: &'static str = "members";

    fn references(&self, references: &mut References) {
        if let Some(id) = self.technician_id {
            references.add("technician_id", Kind::Technician, id);
        }
    }

    fn is_of(&self, _id: MemberId, technician: TechnicianId) -> bool {
        self.technician_id == Some(technician)
    }
}

/// Creates a member; with a password the member can log in at once.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::Conflict`] for an e-mail address that is
/// taken; [`AppError::Forbidden`].
pub async fn create(
    app: &App,
    actor: &Actor,
    member: &Member,
    password: Option<&str>,
) -> Result<Record<MemberId, Member>, AppError> {
    permit(actor, Operation::MembersWrite)?;
    let mut faults = Faults::default();
    if let Some(password) = password {
        check_password(password, &mut faults);
    }
    let hash = match password.filter(|_| faults.list().is_empty()) {
        Some(password) => Some(password_hash(password).await?),
        None => None,
    };
    let mut tx = app.db.write().await?;
    let record = faults.and("", catalogue::create_in(app, actor, &mut tx, member).await)?;
    if let Some(hash) = hash {
        rows::set_password_hash(&mut tx, actor.organization_id, record.id, &hash).await?;
    }
    idempotency::keep(app, &mut tx, &record).await?;
    tx.commit().await?;
    tracing::info!(noun.id = %record.id, "Created member {}", record.id);
    Ok(record)
}

/// Changes a member; who is no longer active is logged out.
///
/// # Errors
/// As [`catalogue::update`], and [`AppError::Conflict`] if no active owner would be left.
pub async fn update(
    app: &App,
    actor: &Actor,
    seen: (MemberId, i64),
    member: &Member,
) -> Result<Record<MemberId, Member>, AppError> {
    permit(actor, Operation::MembersWrite)?;
    let mut tx = app.db.write().await?;
    if member.role != Role::Owner || !member.active {
        keep_an_owner(&mut tx, actor, seen.0).await?;
    }
    let record = catalogue::update_in(app, actor, &mut tx, seen, member).await?;
    if !member.active {
        sessions::delete_of_member(&mut tx, actor.organization_id, seen.0).await?;
    }
    tx.commit().await?;
    Ok(record)
}

/// Removes a member.
///
/// # Errors
/// As [`catalogue::delete`], and [`AppError::Conflict`] if no active owner would be left.
pub async fn delete(
    app: &App,
    actor: &Actor,
    id: MemberId,
    revision: Option<i64>,
) -> Result<(), AppError> {
    permit(actor, Operation::MembersWrite)?;
    let mut tx = app.db.write().await?;
    keep_an_owner(&mut tx, actor, id).await?;
    catalogue::delete_in::<Member>(app, actor, &mut tx, id, revision).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses to lose the last active owner; two who leave at once do so one after the other.
async fn keep_an_owner(tx: &mut Tx, actor: &Actor, leaving: MemberId) -> Result<(), AppError> {
    rows::lock_owners(tx, actor.organization_id).await?;
    let members = records::all::<Member>(tx, actor.organization_id).await?;
    let is_owner =
        |member: &Record<MemberId, Member>| member.value.role == Role::Owner && member.value.active;
    let leaves = members.iter().any(|member| member.id == leaving && is_owner(member));
    let stays = members.iter().any(|member| member.id != leaving && is_owner(member));
    if leaves && !stays {
        let message = "the last owner must stay one; make somebody else an owner first";
        return Err(AppError::Conflict(message.to_owned()));
    }
    Ok(())
}

/// Sets a password: one's own, or as an owner anybody's. All sessions of the member end.
///
/// * `current`: the present password, for one's own: a session left open does not take the account.
///
/// # Errors
/// [`AppError::Invalid`] for a password that is too short, and for a wrong present one;
/// [`AppError::RateLimited`] after too many wrong ones; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
pub async fn set_password(
    app: &App,
    actor: &Actor,
    id: MemberId,
    password: &str,
    current: Option<&str>,
) -> Result<(), AppError> {
    let sight = permit(actor, Operation::MembersPassword)?;
    let own = matches!(actor.kind, ActorKind::Member { id: own, .. } if own == id);
    let owner = matches!(actor.kind, ActorKind::Member { role: Role::Owner, .. });
    if !own && !owner && actor.kind != ActorKind::System {
        let message = "only owners may set somebody else's password";
        return Err(AppError::Forbidden(message.to_owned()));
    }
    debug_assert!(sight != Sight::Published, "no password is public");
    let organization_id = actor.organization_id;
    let mut faults = Faults::default();
    check_password(password, &mut faults);
    let confirmed = if own {
        confirm(app, organization_id, id, current.unwrap_or_default()).await
    } else {
        Ok(())
    };
    faults.and("", confirmed)?;
    let hash = password_hash(password).await?;
    let mut tx = app.db.write().await?;
    if !rows::set_password_hash(&mut tx, organization_id, id, &hash).await? {
        return Err(AppError::not_found("member", id));
    }
    sessions::delete_of_member(&mut tx, organization_id, id).await?;
    let action = audit::Action { noun: "members", verb: "set_password", id: id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, Value::Null)).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses who does not know the member's present password; guessing is paused as at logging in.
async fn confirm(
    app: &App,
    organization_id: OrganizationId,
    id: MemberId,
    current: &str,
) -> Result<(), AppError> {
    let (key, now) = (format!("password:{id}"), app.now());
    let mut tx = app.db.read().await?;
    is_open(&mut tx, &key, now).await?;
    let hash = rows::password_hash(&mut tx, organization_id, id).await?;
    drop(tx);
    let fits = is_password(current, hash).await?;
    let mut tx = app.db.write().await?;
    if fits {
        throttles::clear(&mut tx, &key).await?;
    } else {
        pause(&mut tx, &key, now).await?;
    }
    tx.commit().await?;
    let message = "must be your present password";
    if fits { Ok(()) } else { Err(AppError::invalid("current_password", "(hidden)", message)) }
}

/// One page of members; the same as [`catalogue::list`].
///
/// # Errors
/// As [`catalogue::list`].
pub async fn list(
    app: &App,
    actor: &Actor,
    listing: &Listing,
) -> Result<catalogue::Page<Record<MemberId, Member>>, AppError> {
    catalogue::list::<Member>(app, actor, listing).await
}
