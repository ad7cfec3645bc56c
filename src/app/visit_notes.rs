//! Notes about visits: what the technician saw, for the office and for whoever comes next.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

use crate::app::permissions::{Operation, permit};
use crate::app::visits::details;
use crate::app::{App, audit, idempotency};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::id::{VisitId, VisitNoteId};
use crate::domain::members::Member;
use crate::domain::visit_notes::{NewVisitNote, Photo, VisitNote, media};
use crate::store::visit_notes::{self as rows, Kept};
use crate::store::{Tx, records};

/// Notes that one visit may get in a day.
const A_DAY_MAX: i64 = 200;

/// Days after which a phone without a network may still send what was noted on it.
const LATE_DAYS_MAX: i64 = 30;

/// The notes about a visit, oldest first.
///
/// # Errors
/// [`AppError::NotFound`], also for a technician who is not in the crew; [`AppError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, id: VisitId) -> Result<Vec<VisitNote>, AppError> {
    let sight = permit(actor, Operation::VisitNotesRead)?;
    let mut tx = app.db.read().await?;
    details(&mut tx, actor, sight, id).await?;
    Ok(rows::of_visit(&mut tx, actor.organization_id, id).await?)
}

/// Adds a note to a visit.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Conflict`] for more than 200 in a day; [`AppError::NotFound`],
/// also for a technician who is not in the crew; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn create(
    app: &App,
    actor: &Actor,
    id: VisitId,
    new: &NewVisitNote,
) -> Result<VisitNote, AppError> {
    let sight = permit(actor, Operation::VisitNotesCreate)?;
    let at = checked(app, new)?;
    let mut tx = app.db.write().await?;
    details(&mut tx, actor, sight, id).await?;
    if rows::count(&mut tx, id, at - TimeDelta::days(1)).await? >= A_DAY_MAX {
        let message = format!("a visit may get {A_DAY_MAX} notes in a day");
        return Err(AppError::Conflict(message));
    }
    let photo = new.picture();
    let note = VisitNote {
        id: app.new_id().into(),
        visit_id: id,
        at,
        author_name: author_name(&mut tx, actor).await?,
        text: new.text.clone(),
        has_photo: photo.is_some(),
    };
    let kept = Kept {
        author: actor.label(),
        photo_type: photo.as_ref().map_or("", |photo| photo.media).to_owned(),
        photo: photo.map_or_else(String::new, |photo| STANDARD.encode(photo.bytes)),
    };
    rows::insert(&mut tx, actor.organization_id, &note, &kept).await?;
    let action = audit::Action { noun: "visit_notes", verb: "create", id: note.id.into() };
    // Words and pictures stay in the note alone.
    let after = serde_json::json!({"visit_id": id, "has_photo": note.has_photo});
    audit::note(app, &mut tx, actor, action, (serde_json::Value::Null, after)).await?;
    idempotency::keep(app, &mut tx, &note).await?;
    tx.commit().await?;
    Ok(note)
}

/// When the note was written.
fn checked(app: &App, new: &NewVisitNote) -> Result<DateTime<Utc>, AppError> {
    let now = app.now();
    let at = new.at.map_or(now, |at| at.trunc_subsecs(0)).min(now);
    let mut faults = Faults::default();
    new.validate(&mut faults);
    let message = format!("must lie within the last {LATE_DAYS_MAX} days");
    faults.check(at >= now - TimeDelta::days(LATE_DAYS_MAX), "at", at, &message);
    faults.into_result()?;
    Ok(at)
}

/// The photo of a note.
///
/// # Errors
/// [`AppError::NotFound`], also for a technician who is not in the crew; [`AppError::Forbidden`].
pub async fn photo(app: &App, actor: &Actor, id: VisitNoteId) -> Result<Photo, AppError> {
    let sight = permit(actor, Operation::VisitNotesRead)?;
    let missing = || AppError::not_found("photo", id);
    let mut tx = app.db.read().await?;
    let found = rows::photo(&mut tx, actor.organization_id, id).await?;
    let (visit_id, _, text) = found.ok_or_else(missing)?;
    details(&mut tx, actor, sight, visit_id).await?;
    let bytes = STANDARD.decode(text).map_err(|error| AppError::Internal(error.into()))?;
    let media = media(&bytes).ok_or_else(missing)?;
    Ok(Photo { media, bytes })
}

async fn author_name(tx: &mut Tx, actor: &Actor) -> Result<String, AppError> {
    let ActorKind::Member { id, .. } = actor.kind else { return Ok(String::new()) };
    let member = records::get::<Member>(tx, actor.organization_id, id).await?;
    Ok(member.map_or_else(String::new, |member| member.value.name))
}
