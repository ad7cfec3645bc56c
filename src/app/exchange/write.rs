//! Writes a document that fits into an organization, inside one transaction.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::app::exchange::import::{Imported, clash};
use crate::app::{App, messages};
use crate::domain::equipment::EquipmentUse;
use crate::domain::error::AppError;
use crate::domain::exchange::{Document, Item};
use crate::domain::id::{OrganizationId, TechnicianId, VisitId, ZoneId};
use crate::domain::jobs::Job;
use crate::domain::zones::Zone;
use crate::store::assignments::Assigned;
use crate::store::exchange::{taken_bookings, taken_visits};
use crate::store::records::Noun;
use crate::store::{self, StoreError, Tx};
use crate::travel::zones::ZoneIndex;

/// Writes everything; what is there already is replaced, jobs and the plan stay as they are.
pub(super) async fn document(
    app: &App,
    tx: &mut Tx,
    id: OrganizationId,
    document: &Document,
) -> Result<Imported, AppError> {
    let mut done = Imported::default();
    organization(app, tx, id, document, &mut done).await?;
    let mut writer = Writer { app, tx, id, done };
    writer.items("locations", &document.locations).await?;
    writer.items("skills", &document.skills).await?;
    writer.items("equipment", &document.equipment).await?;
    writer.items("zones", &document.zones).await?;
    writer.items("technicians", &document.technicians).await?;
    writer.items("teams", &document.teams).await?;
    writer.items("services", &document.services).await?;
    writer.items("packages", &document.packages).await?;
    writer.messages(document).await?;
    writer.items("members", &document.members).await?;
    writer.items("absences", &document.absences).await?;
    writer.items("customers", &document.customers).await?;
    writer.items("sites", &document.sites).await?;
    writer.jobs(document).await?;
    writer.plan(document).await?;
    Ok(writer.done)
}

async fn organization(
    app: &App,
    tx: &mut Tx,
    id: OrganizationId,
    document: &Document,
    done: &mut Imported,
) -> Result<(), AppError> {
    let found = store::organizations::get(tx, id).await?;
    let found = found.ok_or_else(|| AppError::not_found("organization", id))?;
    let wanted = &document.organization.value;
    if found.value == *wanted {
        return Ok(());
    }
    let written = store::organizations::update(tx, (id, found.revision), wanted, app.now()).await;
    written.map_err(|error| explained(error, "organization.slug", &wanted.slug))?;
    done.changed += 1;
    Ok(())
}

/// What the writing of a document works with.
struct Writer<'a> {
    app: &'a App,
    tx: &'a mut Tx,
    id: OrganizationId,
    done: Imported,
}

impl Writer<'_> {
    async fn items<N: Noun + PartialEq>(
        &mut self,
        list: &str,
        items: &[Item<N::Id, N>],
    ) -> Result<(), AppError> {
        let ids: Vec<N::Id> = items.iter().map(|item| item.id).collect();
        let found = store::records::get_many::<N>(self.tx, self.id, &ids).await?;
        let found: BTreeMap<Uuid, _> =
            found.into_iter().map(|record| (record.id.into(), record)).collect();
        let now = self.app.now();
        for (row, item) in items.iter().enumerate() {
            let result = match found.get(&item.id.into()) {
                Some(record) if record.value == item.value => {
                    self.done.unchanged += 1;
                    continue;
                }
                Some(record) => {
                    self.done.changed += 1;
                    let seen = (item.id, record.revision);
                    store::records::update(self.tx, self.id, seen, &item.value, now)
                        .await
                        .map(|_| ())
                }
                None => {
                    self.done.added += 1;
                    store::records::insert(self.tx, self.id, item.id, &item.value, now)
                        .await
                        .map(|_| ())
                }
            };
            result.map_err(|error| explained(error, &format!("{list}[{row}]"), item.id))?;
        }
        Ok(())
    }

    /// Words and rules of messages. Receivers that a document cannot hold stay as they are.
    async fn messages(&mut self, document: &Document) -> Result<(), AppError> {
        self.items("message_templates", &document.message_templates).await?;
        let Some(wanted) = &document.message_settings else { return Ok(()) };
        let (known, revision) = store::message_settings::get(self.tx, self.id).await?;
        let mut wanted = wanted.clone();
        let kept = known.new_bookings.iter().filter(|one| !one.is_plain());
        let missing = kept.filter(|one| !wanted.new_bookings.contains(one)).cloned();
        let missing: Vec<_> = missing.collect();
        wanted.new_bookings.extend(missing);
        if revision > 0 && known == wanted {
            self.done.unchanged += 1;
            return Ok(());
        }
        if revision > 0 {
            self.done.changed += 1;
        } else {
            self.done.added += 1;
        }
        let now = self.app.now();
        store::message_settings::set(self.tx, self.id, (&wanted, revision), now).await?;
        messages::daily::plan(self.app, self.tx, self.id).await
    }

    async fn jobs(&mut self, document: &Document) -> Result<(), AppError> {
        let ids: Vec<_> = document.jobs.iter().map(|item| item.id).collect();
        let found = store::records::get_many::<Job>(self.tx, self.id, &ids).await?;
        let found: BTreeSet<Uuid> = found.into_iter().map(|record| record.id.0).collect();
        self.done.unchanged += found.len();
        let new: Vec<_> =
            document.jobs.iter().filter(|item| !found.contains(&item.id.0)).cloned().collect();
        self.items("jobs", &new).await
    }

    async fn plan(&mut self, document: &Document) -> Result<(), AppError> {
        let ids: Vec<Uuid> = document.visits.iter().map(|visit| visit.id.0).collect();
        let there = taken_visits(self.tx, self.id, &ids, true).await?;
        let is_new = |visit_id: VisitId| !there.contains(&visit_id.0);
        let assigned: Vec<Assigned> = document
            .assignments
            .iter()
            .filter(|it| is_new(it.assignment.visit_id))
            .map(|it| Assigned {
                assignment: it.assignment,
                travel_s: it.travel_s,
                assigned_at: it.assigned_at,
            })
            .collect();
        let technicians: BTreeSet<TechnicianId> =
            assigned.iter().map(|it| it.assignment.technician_id).collect();
        let technicians: Vec<TechnicianId> = technicians.into_iter().collect();
        store::plans::lock_technicians(self.tx, &technicians).await?;
        store::holds::expire(self.tx, self.id, self.app.now(), Some(&technicians)).await?;
        let now = self.app.now();
        let zones = self.zones(document).await?;
        let mut new = Vec::new();
        for visit in document.visits.iter().filter(|visit| is_new(visit.id)) {
            let within = zones.containing(&visit.place);
            let written = store::visits::insert(self.tx, self.id, visit, &within, now).await;
            written.map_err(|error| explained(error, "visits", visit.id))?;
            new.push(visit.id);
        }
        self.done.added += new.len();
        self.done.unchanged += there.len();
        let written = store::assignments::insert(self.tx, self.id, &assigned).await;
        written.map_err(|error| explained(error, "assignments", ""))?;
        let uses: Vec<EquipmentUse> =
            document.equipment_uses.iter().filter(|it| is_new(it.visit_id)).copied().collect();
        for chunk in new.chunks(500) {
            let of_chunk: Vec<EquipmentUse> =
                uses.iter().filter(|it| chunk.contains(&it.visit_id)).copied().collect();
            let written = store::equipment_uses::replace(self.tx, self.id, chunk, &of_chunk).await;
            written.map_err(|error| explained(error, "equipment_uses", ""))?;
        }
        self.bookings(document).await
    }

    /// The zones that the organization has now.
    async fn zones(&mut self, document: &Document) -> Result<ZoneIndex, AppError> {
        let records = store::records::all::<Zone>(self.tx, self.id).await?;
        let zones: Vec<(ZoneId, Zone)> =
            records.into_iter().map(|record| (record.id, record.value)).collect();
        let limit = document.organization.value.snap_limit_m;
        Ok(ZoneIndex::new(&zones, &self.app.travel, limit))
    }

    async fn bookings(&mut self, document: &Document) -> Result<(), AppError> {
        let ids: Vec<Uuid> = document.bookings.iter().map(|booking| booking.id.0).collect();
        let there = taken_bookings(self.tx, self.id, &ids, true).await?;
        let places: BTreeMap<VisitId, String> = document
            .visits
            .iter()
            .map(|visit| (visit.id, visit.place.address.to_string()))
            .collect();
        for (row, booking) in document.bookings.iter().enumerate() {
            if there.contains(&booking.id.0) {
                self.done.unchanged += 1;
                continue;
            }
            let address = places.get(&booking.visit_id).map_or("", String::as_str);
            let written = store::bookings::insert(self.tx, self.id, booking, address).await;
            written.map_err(|error| explained(error, &format!("bookings[{row}]"), booking.id))?;
            self.done.added += 1;
        }
        Ok(())
    }
}

/// What the database refused, with the record that it refused.
pub(super) fn explained(error: StoreError, path: &str, value: impl ToString) -> AppError {
    match error {
        StoreError::Taken { .. } | StoreError::Overlap | StoreError::EquipmentOverbooked => {
            clash(path, value, &format!("does not go with what is stored: {error}"))
        }
        StoreError::Missing { .. } | StoreError::InUse { .. } => {
            clash(path, value, &error.to_string())
        }
        other => other.into(),
    }
}
