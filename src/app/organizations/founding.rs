//! Founding an organization with its first owner: both or neither.

use serde_json::Value;

use crate::app::permissions::{Operation, permit};
use crate::app::secrets::password_hash;
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::id::{MemberId, OrganizationId};
use crate::domain::members::Member;
use crate::domain::organizations::Organization;
use crate::store::{members, organizations, records};

/// Founds an organization with a first member who can log in.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::Conflict`] for a slug or an e-mail address
/// that is taken. Then neither is there.
pub async fn found(
    app: &App,
    organization: &Organization,
    owner: &Member,
    password: &str,
) -> Result<(OrganizationId, MemberId), AppError> {
    let (id, member_id) = (OrganizationId(app.new_id()), MemberId(app.new_id()));
    let actor = Actor::system(id);
    permit(&actor, Operation::OrganizationsCreate)?;
    let mut faults = Faults::default();
    organization.validate(&mut faults);
    faults.within("owner.", |faults| owner.validate(faults));
    faults.into_result()?;
    let hash = password_hash(password).await?;
    let now = app.now();
    let mut tx = app.db.write().await?;
    organizations::insert(&mut tx, id, organization, now).await?;
    records::insert(&mut tx, id, member_id, owner, now).await?;
    members::set_password_hash(&mut tx, id, member_id, &hash).await?;
    let action = audit::Action { noun: "organizations", verb: "create", id: id.into() };
    let after = audit::json(organization);
    audit::note(app, &mut tx, &actor, action, (Value::Null, after)).await?;
    tx.commit().await?;
    tracing::info!(organization.id = %id, "Founded organization {id} with its first owner");
    Ok((id, member_id))
}
