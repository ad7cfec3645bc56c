//! A query resolved: which work, at which location, by whom.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::app::live::Setup;
use crate::app::permissions::Sight;
use crate::app::slots::coverage::{Coming, covers};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{EquipmentId, LocationId, PackageId, ServiceId, TechnicianId, ZoneId};
use crate::domain::locations::Location;
use crate::domain::places::Place;
use crate::domain::slots::{PartOfDay, SlotQuery, Wishes};
use crate::domain::visits::{ArrivalWindow, Visit};
use crate::planning::combine::Work;
use crate::planning::requests::Who;

/// What is wanted, with everything looked up in the catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) setup: Arc<Setup>,
    pub(crate) work: Work,
    /// The package that was named.
    pub(crate) package_id: Option<PackageId>,
    pub(crate) location_id: LocationId,
    pub(crate) place: Place,
    pub(crate) zones: Vec<ZoneId>,
    pub(crate) who: Who,
    pub(crate) part_of_day: Option<PartOfDay>,
    /// A dispatcher's own plan: notice, horizon, blackouts and opening hours do not matter.
    pub(crate) relaxed: bool,
    /// The only starts that keep what was promised, where that matters.
    pub(crate) promised: Option<ArrivalWindow>,
    /// Kinds of equipment that are out while they travel.
    pub(crate) travelling: BTreeSet<EquipmentId>,
}

impl Asked {
    /// Looks up what `query` names.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for what does not exist, is not offered, or may not be wished for.
    pub(crate) fn new(
        setup: &Arc<Setup>,
        sight: Sight,
        query: &SlotQuery,
    ) -> Result<Self, AppError> {
        let catalogue = &setup.catalogue;
        let service_ids = catalogue.services_of(&query.service_ids, query.package_id)?;
        let work = catalogue.work(&service_ids)?;
        let mut faults = Faults::default();
        if sight.is_published() {
            let package = query.package_id.and_then(|id| catalogue.packages.get(&id));
            let public = package.map_or(work.public, |package| package.public);
            faults.check(public, "service_ids", "", "this service cannot be booked by anyone");
        }
        faults.check(work.active, "service_ids", "", "this service is not offered at the moment");
        let zones = setup.zones.containing(&query.place);
        let location_id = location_for(setup, &work, (query, &zones), &mut faults);
        check_wishes(setup, sight, &work, &query.wishes, &mut faults);
        faults.into_result()?;
        let location_id = location_id
            .ok_or_else(|| AppError::invalid("location_id", "", "no location offers this"))?;
        Ok(Self::resolved(setup, work, location_id, (query, zones)))
    }

    fn resolved(
        setup: &Arc<Setup>,
        work: Work,
        location_id: LocationId,
        (query, zones): (&SlotQuery, Vec<ZoneId>),
    ) -> Self {
        let catalogue = &setup.catalogue;
        let mut teams = work.teams.clone();
        teams.extend(query.wishes.team_id.map(|team| vec![team]));
        let only = (!teams.is_empty()).then(|| catalogue.eligible(location_id, &teams));
        let travelling = work.needs.equipment.iter().map(|need| need.equipment_id);
        let travelling = travelling
            .filter(|id| catalogue.equipment.get(id).is_some_and(|kind| kind.travels))
            .collect();
        Self {
            setup: Arc::clone(setup),
            package_id: query.package_id,
            location_id,
            place: query.place.clone(),
            zones,
            who: Who {
                only,
                required: query.wishes.technician_id.into_iter().collect(),
                excluded: query.wishes.excluded_technician_ids.clone(),
            },
            part_of_day: query.wishes.part_of_day,
            relaxed: false,
            promised: None,
            travelling,
            work,
        }
    }

    /// What an existing visit takes, at its place, by the rules of its services as they are now.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if one of its services is gone.
    pub(crate) fn of_visit(setup: &Arc<Setup>, visit: &Visit) -> Result<Self, AppError> {
        let work = setup.catalogue.work(&visit.needs.service_ids).map_err(|_| {
            AppError::Conflict("a service of this visit is no longer in the catalogue".to_owned())
        })?;
        // What was agreed stays, whatever the services say by now.
        let work = Work { needs: visit.needs.clone(), ..work };
        let query = SlotQuery {
            service_ids: Vec::new(),
            package_id: None,
            location_id: Some(visit.location_id),
            place: visit.place.clone(),
            from: NaiveDate::default(),
            until: NaiveDate::default(),
            wishes: Wishes::default(),
            limit: None,
            crews_per_slot: 1,
        };
        if !setup.catalogue.locations.contains_key(&visit.location_id) {
            return Err(AppError::not_found("location", visit.location_id));
        }
        let zones = setup.zones.containing(&query.place);
        Ok(Self::resolved(setup, work, visit.location_id, (&query, zones)))
    }

    /// The same as a dispatcher may plan it: at any start that keeps what was promised, whatever notice,
    /// horizon, limits and opening hours say.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if one of its services is gone.
    pub(crate) fn to_plan(setup: &Arc<Setup>, visit: &Visit) -> Result<Self, AppError> {
        let mut asked = Self::of_visit(setup, visit)?;
        asked.relaxed = true;
        asked.promised = visit.promised;
        asked.work.limits.clear();
        asked.work.arrival_window_min = 0;
        Ok(asked)
    }

    /// The same with exactly these technicians.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for unknown technicians or too few of them.
    pub(crate) fn by(&self, technician_ids: &[TechnicianId]) -> Result<Self, AppError> {
        let mut faults = Faults::default();
        let (named, size) = (technician_ids.len(), self.work.needs.crew.len());
        let message = "must name as many technicians as the crew is large, or none";
        faults.check(named == size, "technician_ids", named, message);
        for (row, id) in technician_ids.iter().enumerate() {
            let known = self.setup.catalogue.technicians.contains_key(id);
            faults.check(known, &format!("technician_ids[{row}]"), id, "no such technician");
        }
        faults.into_result()?;
        let mut asked = self.among(technician_ids);
        asked.who.required = technician_ids.to_vec();
        Ok(asked)
    }

    /// The location that does it.
    pub(crate) fn location(&self) -> &Location {
        &self.setup.catalogue.locations[&self.location_id]
    }

    /// The zone of the location.
    pub(crate) fn zone(&self) -> Tz {
        self.location().time_zone
    }

    /// Whether people of the location who may come can do the work there, whenever that may be.
    pub(crate) fn is_covered(&self) -> bool {
        let reach = Coming { zones: &self.zones, anywhere: true };
        covers(&self.setup, &self.work, self.location_id, (reach, self.who.only.as_ref()))
    }

    /// Ids of the services, in order of work.
    pub(crate) fn service_ids(&self) -> &[ServiceId] {
        &self.work.needs.service_ids
    }

    /// The same without wishes, to look for what is nearest.
    pub(crate) fn without_wishes(&self) -> Self {
        let teams = &self.work.teams;
        let catalogue = &self.setup.catalogue;
        let only = (!teams.is_empty()).then(|| catalogue.eligible(self.location_id, teams));
        let who = Who { only, required: Vec::new(), excluded: self.who.excluded.clone() };
        Self { who, part_of_day: None, ..self.clone() }
    }

    /// The same, by nobody but some of these technicians.
    pub(crate) fn among(&self, technician_ids: &[TechnicianId]) -> Self {
        let mut asked = self.clone();
        let allowed =
            |id: &&TechnicianId| self.who.only.as_ref().is_none_or(|only| only.contains(*id));
        asked.who.only = Some(technician_ids.iter().filter(allowed).copied().collect());
        asked
    }
}

/// The location named; or of those that offer the work the nearest whose people cover the place for it,
/// the nearest that has people at all, or the nearest.
fn location_for(
    setup: &Setup,
    work: &Work,
    (query, zones): (&SlotQuery, &[ZoneId]),
    faults: &mut Faults,
) -> Option<LocationId> {
    let catalogue = &setup.catalogue;
    let offers = |id: &LocationId| work.location_ids.as_ref().is_none_or(|ids| ids.contains(id));
    if let Some(id) = query.location_id {
        faults.check(catalogue.locations.contains_key(&id), "location_id", id, "no such location");
        faults.check(offers(&id), "location_id", id, "this location does not offer the service");
        return Some(id);
    }
    let staffed = |id: &LocationId| {
        catalogue.technicians.values().any(|who| who.active && who.location_id == *id)
    };
    let offering = catalogue.locations.iter().filter(|(id, _)| offers(id));
    let near: Vec<_> =
        offering.map(|(id, location)| (nearness(&location.place, &query.place), *id)).collect();
    let least = near.iter().filter(|(_, id)| staffed(id)).map(|(distance, _)| *distance);
    let least = least.fold(f64::INFINITY, f64::min);
    let covered = |id: &LocationId, distance: f64| {
        let teams = &work.teams;
        let only = (!teams.is_empty()).then(|| catalogue.eligible(*id, teams));
        // People without zones go wherever their own branch is the nearest, and no farther.
        let reach = Coming { zones, anywhere: distance <= least };
        covers(setup, work, *id, (reach, only.as_ref()))
    };
    let near =
        near.iter().map(|(distance, id)| ((!covered(id, *distance), !staffed(id)), *distance, *id));
    near.min_by(|one, other| {
        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)).then(one.2.cmp(&other.2))
    })
    .map(|(_, _, id)| id)
}

/// A number that grows with the distance of two places; good enough to compare.
fn nearness(one: &Place, other: &Place) -> f64 {
    let (a, b) = (one.lat.to_radians(), other.lat.to_radians());
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    half(a - b) + a.cos() * b.cos() * half((one.lon - other.lon).to_radians())
}

fn check_wishes(setup: &Setup, sight: Sight, work: &Work, wishes: &Wishes, faults: &mut Faults) {
    let catalogue = &setup.catalogue;
    let may_choose = !sight.is_published() || work.customer_may_choose;
    if let Some(id) = wishes.technician_id {
        let field = "wishes.technician_id";
        faults.check(may_choose, field, id, "this service does not let you choose who comes");
        let known = catalogue.technicians.contains_key(&id);
        faults.check(known, field, id, "no such technician");
    }
    if let Some(id) = wishes.team_id {
        let field = "wishes.team_id";
        let open = !sight.is_published();
        faults.check(open, field, id, "this service does not let you choose who comes");
        faults.check(catalogue.teams.contains_key(&id), field, id, "no such team");
    }
    for (row, id) in wishes.excluded_technician_ids.iter().enumerate() {
        let field = format!("wishes.excluded_technician_ids[{row}]");
        faults.check(may_choose, &field, id, "this service does not let you choose who comes");
        faults.check(catalogue.technicians.contains_key(id), &field, id, "no such technician");
    }
}
