//! The live plan in memory: routes prepared for searching, checked against the store's version
//! numbers at each use and rebuilt only where something changed. Never trusted for a write.

mod grounds;
mod history;
pub(crate) mod reach;
mod routes;
mod rows;
mod setup;
mod state;
mod strays;
mod view;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, OrganizationId};
use crate::store::{Tx, organizations, plans};

pub(crate) use grounds::Grounds;
pub(crate) use history::history;
pub(crate) use rows::Planned;
pub(crate) use setup::Setup;
pub(crate) use state::widened;
pub(crate) use view::{Running, View};

use state::State;

/// What is kept between requests.
#[derive(Debug, Default)]
pub(crate) struct Live {
    setups: Mutex<HashMap<OrganizationId, Arc<Setup>>>,
    locations: Mutex<HashMap<(OrganizationId, LocationId), Kept>>,
    histories: Mutex<HashMap<history::Key, history::Kept>>,
}

/// The state of one location; whoever refreshes it keeps the others waiting, who need it too.
type Kept = Arc<tokio::sync::Mutex<Option<State>>>;

/// The catalogue as of the version that this transaction sees.
pub(crate) async fn setup(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
) -> Result<Arc<Setup>, AppError> {
    let version = organizations::catalog_version(tx, organization_id).await?;
    let known = {
        let setups = app.live.setups.lock().unwrap_or_else(PoisonError::into_inner);
        setups.get(&organization_id).map(Arc::clone)
    };
    if let Some(known) = known.filter(|known| known.catalogue.version == version) {
        return Ok(known);
    }
    let setup = Arc::new(setup::load(app, tx, organization_id, version).await?);
    let mut setups = app.live.setups.lock().unwrap_or_else(PoisonError::into_inner);
    setups.insert(organization_id, Arc::clone(&setup));
    Ok(setup)
}

/// The live plan of a location on some dates.
///
/// Cost when nothing changed: two small queries. Otherwise the changed dates are read again, and
/// the technician-days that differ are prepared again.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown location; [`AppError::Invalid`] for dates that plans do not
/// reach; what travel and the store answer.
pub(crate) async fn view(
    app: &App,
    tx: &mut Tx,
    (organization_id, location_id): (OrganizationId, LocationId),
    dates: DateSpan,
) -> Result<Arc<View>, AppError> {
    reach::guard(app.now(), dates)?;
    let setup = setup(app, tx, organization_id).await?;
    let kept = {
        let mut all = app.live.locations.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((organization_id, location_id)).or_default())
    };
    let mut kept = kept.lock().await;
    let version = setup.catalogue.version;
    let fits = |state: &State| state.setup.catalogue.version == version && !state.is_worn();
    if !kept.as_ref().is_some_and(fits) {
        *kept = Some(State::new(app, (organization_id, location_id), setup)?);
    }
    let Some(state) = kept.as_mut() else {
        return Err(AppError::not_found("location", location_id));
    };
    let dates = state.widened(dates);
    let versions =
        plans::versions(tx, organization_id, location_id, dates.from, dates.until).await?;
    state.refresh(app, tx, dates, &versions).await
}
