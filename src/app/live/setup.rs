//! The catalogue of an organization, read once for each of its versions.

use std::collections::BTreeMap;

use crate::app::App;
use crate::domain::error::AppError;
use crate::domain::id::OrganizationId;
use crate::domain::records::Record;
use crate::planning::catalogue::Catalogue;
use crate::store::records::{Noun, all};
use crate::store::{StoreError, Tx, organizations};
use crate::travel::zones::ZoneIndex;

/// The catalogue with what is prepared from it.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) catalogue: Catalogue,
    pub(crate) zones: ZoneIndex,
}

/// Reads the catalogue as it is in this transaction.
///
/// * `version`: what the transaction said before; what is read may be newer, never older.
pub(super) async fn load(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    version: i64,
) -> Result<Setup, AppError> {
    let organization = organizations::get(tx, organization_id).await?;
    let organization =
        organization.ok_or_else(|| AppError::not_found("organization", organization_id))?;
    let catalogue = Catalogue {
        version,
        organization: organization.value,
        locations: map(tx, organization_id).await?,
        technicians: map(tx, organization_id).await?,
        teams: map(tx, organization_id).await?,
        skills: map(tx, organization_id).await?,
        zones: map(tx, organization_id).await?,
        equipment: map(tx, organization_id).await?,
        services: map(tx, organization_id).await?,
        packages: map(tx, organization_id).await?,
    };
    let zones: Vec<_> = catalogue.zones.iter().map(|(id, zone)| (*id, zone.clone())).collect();
    let zones = ZoneIndex::new(&zones, &app.travel, catalogue.organization.snap_limit_m);
    Ok(Setup { catalogue, zones })
}

async fn map<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
) -> Result<BTreeMap<N::Id, N>, StoreError>
where
    N::Id: Ord,
{
    let records: Vec<Record<N::Id, N>> = all(tx, organization_id).await?;
    Ok(records.into_iter().map(|record| (record.id, record.value)).collect())
}
