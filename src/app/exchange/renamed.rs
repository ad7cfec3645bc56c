//! New ids for records whose ids another organization has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::domain::absences::Absence;
use crate::domain::customers::Customer;
use crate::domain::equipment::Equipment;
use crate::domain::error::AppError;
use crate::domain::exchange::{Document, Item};
use crate::domain::id::OrganizationId;
use crate::domain::jobs::Job;
use crate::domain::locations::Location;
use crate::domain::members::Member;
use crate::domain::messages::templates::MessageTemplate;
use crate::domain::packages::Package;
use crate::domain::services::Service;
use crate::domain::sites::Site;
use crate::domain::skills::Skill;
use crate::domain::teams::Team;
use crate::domain::technicians::Technician;
use crate::domain::zones::Zone;
use crate::store::exchange::{taken_bookings, taken_elsewhere, taken_visits};
use crate::store::records::Noun;
use crate::store::{StoreError, Tx};

/// The document with ids that the organization may use, and how many of them are new.
///
/// What refers to a record with a new id follows it, also inside of texts that hold nothing else.
pub(super) async fn fitting(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    mut document: Document,
) -> Result<(Document, usize), AppError> {
    let taken = taken(tx, organization_id, &document).await?;
    let count = taken.len();
    if count > 0 {
        let new: BTreeMap<String, String> =
            taken.iter().map(|id| (id.to_string(), app.new_id().to_string())).collect();
        let internal = |error: serde_json::Error| AppError::Internal(Box::new(error));
        let mut value = serde_json::to_value(&document).map_err(internal)?;
        rename(&mut value, &new);
        document = serde_json::from_value(value).map_err(internal)?;
    }
    document.organization.id = organization_id;
    Ok((document, count))
}

async fn taken(
    tx: &mut Tx,
    id: OrganizationId,
    document: &Document,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let mut taken = of::<Location>(tx, id, &document.locations).await?;
    taken.extend(of::<Skill>(tx, id, &document.skills).await?);
    taken.extend(of::<Equipment>(tx, id, &document.equipment).await?);
    taken.extend(of::<Zone>(tx, id, &document.zones).await?);
    taken.extend(of::<Technician>(tx, id, &document.technicians).await?);
    taken.extend(of::<Team>(tx, id, &document.teams).await?);
    taken.extend(of::<Member>(tx, id, &document.members).await?);
    taken.extend(of::<Service>(tx, id, &document.services).await?);
    taken.extend(of::<Package>(tx, id, &document.packages).await?);
    taken.extend(of::<MessageTemplate>(tx, id, &document.message_templates).await?);
    taken.extend(of::<Absence>(tx, id, &document.absences).await?);
    taken.extend(of::<Customer>(tx, id, &document.customers).await?);
    taken.extend(of::<Site>(tx, id, &document.sites).await?);
    taken.extend(of::<Job>(tx, id, &document.jobs).await?);
    let visits: Vec<Uuid> = document.visits.iter().map(|visit| visit.id.0).collect();
    taken.extend(taken_visits(tx, id, &visits, false).await?);
    let bookings: Vec<Uuid> = document.bookings.iter().map(|booking| booking.id.0).collect();
    taken.extend(taken_bookings(tx, id, &bookings, false).await?);
    Ok(taken)
}

async fn of<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    items: &[Item<N::Id, N>],
) -> Result<BTreeSet<Uuid>, StoreError> {
    let ids: Vec<Uuid> = items.iter().map(|item| item.id.into()).collect();
    taken_elsewhere::<N>(tx, organization_id, &ids).await
}

fn rename(value: &mut Value, new: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(id) = new.get(text.as_str()) {
                text.clone_from(id);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, new)),
        Value::Object(fields) => fields.values_mut().for_each(|value| rename(value, new)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
