//! Uploads: files that customers send with their answers.

use chrono::TimeDelta;

use crate::app::App;
use crate::app::permissions::{Operation, Sight, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{BookingId, OrganizationId, TechnicianId, UploadId};
use crate::domain::uploads::{Upload, check, media_type, plain_name};
use crate::store::{Tx, assignments, bookings, uploads as rows};

/// Bytes of files without a booking that an organization takes within an hour, so that nobody fills
/// its disk.
const LOOSE_BYTES_MAX: i64 = 200 * 1024 * 1024;

/// Keeps a file until it is booked with.
///
/// # Errors
/// [`AppError::Invalid`] for a file that is too large or neither picture nor PDF;
/// [`AppError::RateLimited`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(
    app: &App,
    actor: &Actor,
    (field, name): (&str, &str),
    bytes: &[u8],
) -> Result<Upload, AppError> {
    permit(actor, Operation::UploadsCreate)?;
    let mut faults = Faults::default();
    check(bytes, field, &mut faults);
    faults.into_result()?;
    let upload = Upload {
        id: UploadId(app.new_id()),
        booking_id: None,
        name: plain_name(name),
        media_type: media_type(bytes).unwrap_or_default().to_owned(),
        size_bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        created_at: app.now(),
    };
    let mut tx = app.db.write().await?;
    let since = app.now() - TimeDelta::hours(1);
    let loose = rows::loose_bytes(&mut tx, actor.organization_id, since).await?;
    if loose + upload.size_bytes > LOOSE_BYTES_MAX {
        return Err(AppError::RateLimited { retry_after_s: 600 });
    }
    rows::insert(&mut tx, actor.organization_id, &upload, bytes).await?;
    tx.commit().await?;
    Ok(upload)
}

/// A file with what is known of it. Technicians see those of bookings they do.
///
/// # Errors
/// [`AppError::NotFound`], also for a file that the actor may not see; [`AppError::Forbidden`].
pub async fn read(app: &App, actor: &Actor, id: UploadId) -> Result<(Upload, Vec<u8>), AppError> {
    let sight = permit(actor, Operation::UploadsRead)?;
    let missing = || AppError::not_found("upload", id);
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let upload = rows::get(&mut tx, organization_id, id).await?.ok_or_else(missing)?;
    if let Sight::Own(own) = sight {
        let booking_id = upload.booking_id.ok_or_else(missing)?;
        if !does(&mut tx, organization_id, booking_id, own).await? {
            return Err(missing());
        }
    }
    let bytes = rows::content(&mut tx, organization_id, id).await?.ok_or_else(missing)?;
    Ok((upload, bytes))
}

/// Whether a technician does the visit of a booking.
async fn does(
    tx: &mut Tx,
    organization_id: OrganizationId,
    booking_id: BookingId,
    technician_id: TechnicianId,
) -> Result<bool, AppError> {
    let Some(booking) = bookings::get(tx, organization_id, booking_id).await? else {
        return Ok(false);
    };
    let crew = assignments::of_visits(tx, organization_id, &[booking.visit_id]).await?;
    Ok(crew.iter().any(|one| one.assignment.technician_id == technician_id))
}
