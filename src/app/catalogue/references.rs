//! References of one noun to others: do they exist in this organization?

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::domain::customers::Customer;
use crate::domain::equipment::Equipment;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::OrganizationId;
use crate::domain::locations::Location;
use crate::domain::packages::Package;
use crate::domain::services::Service;
use crate::domain::sites::Site;
use crate::domain::skills::Skill;
use crate::domain::teams::Team;
use crate::domain::technicians::Technician;
use crate::domain::zones::Zone;
use crate::store::records::{Noun, get_many};
use crate::store::{StoreError, Tx};

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Customer,
    Equipment,
    Location,
    Package,
    Service,
    Site,
    Skill,
    Team,
    Technician,
    Zone,
}

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) field: String,
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
}

/// The references of a value, with the fields that name them.
#[derive(Debug, Clone, Default)]
pub struct References(Vec<Reference>);

impl References {
    pub(crate) fn add(&mut self, field: impl Into<String>, kind: Kind, id: impl Into<Uuid>) {
        self.0.push(Reference { field: field.into(), kind, id: id.into() });
    }

    /// Adds references `list[row].field`, or `list[row]` if `field` is empty.
    pub(crate) fn add_rows<I: Into<Uuid>>(
        &mut self,
        kind: Kind,
        (list, field): (&str, &str),
        ids: impl Iterator<Item = I>,
    ) {
        for (row, id) in ids.enumerate() {
            let dot = if field.is_empty() { "" } else { "." };
            self.add(format!("{list}[{row}]{dot}{field}"), kind, id);
        }
    }
}

/// Notes a fault for every reference that leads nowhere.
pub(crate) async fn check(
    tx: &mut Tx,
    organization_id: OrganizationId,
    references: &References,
    faults: &mut Faults,
) -> Result<(), AppError> {
    let mut asked: BTreeMap<Kind, BTreeSet<Uuid>> = BTreeMap::new();
    for reference in &references.0 {
        asked.entry(reference.kind).or_default().insert(reference.id);
    }
    for (kind, ids) in asked {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let found = found(tx, organization_id, kind, &ids).await?;
        for reference in references.0.iter().filter(|reference| reference.kind == kind) {
            if !found.contains(&reference.id) {
                let message = format!("no such {}", word(kind));
                faults.add(&reference.field, reference.id, message);
            }
        }
    }
    Ok(())
}

async fn found(
    tx: &mut Tx,
    organization_id: OrganizationId,
    kind: Kind,
    ids: &[Uuid],
) -> Result<BTreeSet<Uuid>, StoreError> {
    match kind {
        Kind::Customer => known::<Customer>(tx, organization_id, ids).await,
        Kind::Equipment => known::<Equipment>(tx, organization_id, ids).await,
        Kind::Location => known::<Location>(tx, organization_id, ids).await,
        Kind::Package => known::<Package>(tx, organization_id, ids).await,
        Kind::Service => known::<Service>(tx, organization_id, ids).await,
        Kind::Site => known::<Site>(tx, organization_id, ids).await,
        Kind::Skill => known::<Skill>(tx, organization_id, ids).await,
        Kind::Team => known::<Team>(tx, organization_id, ids).await,
        Kind::Technician => known::<Technician>(tx, organization_id, ids).await,
        Kind::Zone => known::<Zone>(tx, organization_id, ids).await,
    }
}

async fn known<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: &[Uuid],
) -> Result<BTreeSet<Uuid>, StoreError> {
    let ids: Vec<N::Id> = ids.iter().map(|id| N::Id::from(*id)).collect();
    let records = get_many::<N>(tx, organization_id, &ids).await?;
    Ok(records.into_iter().map(|record| record.id.into()).collect())
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => Customer::SINGULAR,
        Kind::Equipment => Equipment::SINGULAR,
        Kind::Location => Location::SINGULAR,
        Kind::Package => Package::SINGULAR,
        Kind::Service => Service::SINGULAR,
        Kind::Site => Site::SINGULAR,
        Kind::Skill => Skill::SINGULAR,
        Kind::Team => Team::SINGULAR,
        Kind::Technician => Technician::SINGULAR,
        Kind::Zone => Zone::SINGULAR,
    }
}
