//! The problem behind a run, for whoever wants to look into it with `roundsman solve`.

use crate::app::App;
use crate::app::optimizations::gathering::{Scope, gather};
use crate::app::optimizations::get;
use crate::app::slots::found::compute;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{LocationId, OptimizationId};
use crate::domain::optimizations::Cause;
use crate::planning::optimizing::exported;

/// What a run asks, about the plan as it is now, as a problem of `roundsman solve`.
///
/// * `location_id`: one of the run's; the first if none.
///
/// # Errors
/// [`AppError::Invalid`] for a location that is not the run's; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(optimization.id = %id))]
pub async fn problem(
    app: &App,
    actor: &Actor,
    id: OptimizationId,
    location_id: Option<LocationId>,
) -> Result<String, AppError> {
    let run = get(app, actor, id).await?;
    let mut all = run.request.location_ids.iter().copied();
    let found = all.find(|known| location_id.is_none_or(|wanted| wanted == *known));
    let named = location_id.map_or_else(String::new, |id| id.to_string());
    let missing = || AppError::invalid("location_id", named, "the run is not about this location");
    let location_id = found.ok_or_else(missing)?;
    let disruption = match run.cause {
        Cause::Repair { disruption, .. } => Some(disruption),
        Cause::Asked | Cause::Refresh { .. } => None,
    };
    let scope = Scope { location_id, request: run.request, disruption };
    let part = gather(app, actor, &scope).await?;
    compute(move || Ok(exported(&part.problem, &part.plan))).await
}
