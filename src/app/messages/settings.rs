//! The rules of an organization's messages.

use crate::app::messages::daily;
use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::id::OrganizationId;
use crate::domain::locations::Location;
use crate::domain::messages::settings::MessageSettings;
use crate::domain::services::Service;
use crate::store::{Tx, message_settings as rows, records};

/// The rules, and their revision; 0 as long as nobody has set any.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor) -> Result<(MessageSettings, i64), AppError> {
    permit(actor, Operation::MessageSettingsRead)?;
    let mut tx = app.db.read().await?;
    Ok(rows::get(&mut tx, actor.organization_id).await?)
}

/// Sets the rules, if they still have the revision that the caller saw.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::Stale`]; [`AppError::Forbidden`].
pub async fn set(
    app: &App,
    actor: &Actor,
    (settings, revision): (&MessageSettings, i64),
) -> Result<(MessageSettings, i64), AppError> {
    permit(actor, Operation::MessageSettingsWrite)?;
    let (id, now) = (actor.organization_id, app.now());
    let mut tx = app.db.write().await?;
    let mut faults = Faults::default();
    settings.validate(&mut faults);
    check(&mut tx, id, settings, &mut faults).await?;
    faults.into_result()?;
    let (before, actual) = rows::get(&mut tx, id).await?;
    if actual != revision || !rows::set(&mut tx, id, (settings, revision), now).await? {
        let (noun, expected) = ("message settings", revision);
        let visits = Vec::new();
        return Err(AppError::Stale { noun, id: id.to_string(), expected, actual, visits });
    }
    let action = audit::Action { noun: "message_settings", verb: "update", id: id.into() };
    let both = (audit::json(&before), audit::json(settings));
    audit::note(app, &mut tx, actor, action, both).await?;
    daily::plan(app, &mut tx, id).await?;
    tx.commit().await?;
    Ok((settings.clone(), revision + 1))
}

/// Notes a fault for every service and location that does not exist.
async fn check(
    tx: &mut Tx,
    id: OrganizationId,
    settings: &MessageSettings,
    faults: &mut Faults,
) -> Result<(), AppError> {
    for (row, one) in settings.services.iter().enumerate() {
        let known = records::get::<Service>(tx, id, one.service_id).await?.is_some();
        let field = format!("services[{row}].service_id");
        faults.check(known, &field, one.service_id, "no such service");
    }
    for (row, one) in settings.locations.iter().enumerate() {
        let known = records::get::<Location>(tx, id, one.location_id).await?.is_some();
        let field = format!("locations[{row}].location_id");
        faults.check(known, &field, one.location_id, "no such location");
    }
    Ok(())
}
