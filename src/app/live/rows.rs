//! Rows of the plan as planning wants them: the stays of each technician by date.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::calendar::dates::date_of;
use crate::calendar::zones::days;
use crate::domain::absences::{Absence, AbsenceOf};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{AbsenceId, LocationId, OrganizationId, ServiceId, TechnicianId, VisitId};
use crate::domain::visits::{Lock, Visit};
use crate::planning::catalogue::Catalogue;
use crate::planning::combine::work_s;
use crate::planning::days::Stay;
use crate::planning::plan::UnitsTaken;
use crate::planning::roster::Roster;
use crate::store::Tx;
use crate::store::assignments::Assigned;
use crate::store::plans::{self, Scope};

/// What is planned on some dates of a location.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// Visits in somebody's day, by the date of their planned start; each once.
    pub(crate) visits: HashMap<NaiveDate, Arc<Vec<Planned>>>,
    /// Absences of technicians, once each.
    pub(crate) absences: BTreeMap<TechnicianId, Vec<(AbsenceId, Absence)>>,
    /// Shared equipment in use or in maintenance.
    pub(crate) taken: Vec<UnitsTaken>,
}

/// One visit with who does it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    pub(crate) visit: Arc<Visit>,
    /// Who does it, by role; never empty.
    pub(crate) crew: Vec<Assigned>,
    /// When the hold behind it lapses.
    pub(crate) lapses: Option<DateTime<Utc>>,
    pub(crate) pooled: bool,
}

impl Planned {
    /// The visit in the day of one of its technicians.
    pub(crate) fn stay(&self, technician_id: TechnicianId) -> Option<Stay> {
        let mut crew = self.crew.iter().map(|one| one.assignment);
        let found = crew.find(|one| one.technician_id == technician_id)?;
        Some(Stay {
            visit: Arc::clone(&self.visit),
            start: found.start,
            end: found.end,
            crew: self.crew.len(),
            pooled: self.pooled,
            lapses: self.lapses,
        })
    }

    /// Who does it, by role.
    pub(crate) fn technician_ids(&self) -> Vec<TechnicianId> {
        self.crew.iter().map(|one| one.assignment.technician_id).collect()
    }

    /// Whether it takes anybody's time: a lapsed hold does not.
    pub(crate) fn counts(&self, now: DateTime<Utc>) -> bool {
        self.lapses.is_none_or(|lapses| lapses > now)
    }
}

/// Which rows are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) organization_id: OrganizationId,
    pub(crate) location_id: LocationId,
    pub(crate) roster: &'a Roster,
    pub(crate) dates: DateSpan,
}

/// Reads the rows of some dates.
pub(crate) async fn read(tx: &mut Tx, reading: Reading<'_>) -> Result<Rows, AppError> {
    let span = days(reading.roster.zone, reading.dates);
    let (organization_id, location_id) = (reading.organization_id, reading.location_id);
    let scope = Scope { organization_id, location_id, from: span.start, until: span.end };
    let stored = plans::load(tx, scope).await?;
    let mut crews: HashMap<VisitId, Vec<Assigned>> = HashMap::new();
    for one in stored.assigned {
        crews.entry(one.assignment.visit_id).or_default().push(one);
    }
    let lapses: HashMap<VisitId, DateTime<Utc>> =
        stored.holds.iter().map(|hold| (hold.visit_id, hold.expires_at)).collect();
    let pooled: BTreeSet<_> = stored.equipment_uses.iter().map(|taken| taken.visit_id).collect();
    let mut rows = Rows::default();
    for visit in stored.visits {
        let Some(mut crew) = crews.remove(&visit.id) else { continue };
        crew.sort_by_key(|one| one.assignment.role);
        let date = date_of(crew[0].assignment.start, reading.roster.zone);
        if !reading.dates.contains(date) {
            continue;
        }
        let (lapses, pooled) = (lapses.get(&visit.id).copied(), pooled.contains(&visit.id));
        let planned = Planned { visit: Arc::new(visit), crew, lapses, pooled };
        Arc::make_mut(rows.visits.entry(date).or_default()).push(planned);
    }
    rows.taken.extend(stored.equipment_uses.iter().map(|taken| UnitsTaken {
        kind: taken.equipment_id,
        units: taken.units,
        from: taken.start,
        until: taken.end,
        visit_id: Some(taken.visit_id),
    }));
    for record in stored.absences {
        rows.add_absence(record.id, record.value, location_id);
    }
    Ok(rows)
}

impl Rows {
    /// These rows with `dates` taken from `newer`, which was read for exactly those dates.
    ///
    /// Absences and equipment that reach into the dates from outside are among the newer ones.
    ///
    /// Also returns the dates that turned out to be old, because a visit of theirs is among the
    /// newer ones: they are left out, so that a visit is never known twice, and have to be read
    /// again before they are used.
    pub(crate) fn updated(&self, newer: Rows, dates: DateSpan, zone: Tz) -> (Self, Vec<NaiveDate>) {
        let span = days(zone, dates);
        let outside = |start, end| end <= span.start || span.end <= start;
        let old = self.left_by(&newer, dates);
        let mut rows = self.clone();
        rows.visits.retain(|date, _| !dates.contains(*date) && !old.contains(date));
        rows.visits.extend(newer.visits);
        for absences in rows.absences.values_mut() {
            absences.retain(|(_, absence)| outside(absence.start, absence.end));
        }
        for (technician, absences) in newer.absences {
            rows.absences.entry(technician).or_default().extend(absences);
        }
        rows.taken.retain(|taken| outside(taken.from, taken.until));
        rows.taken.extend(newer.taken);
        (rows, old)
    }

    /// The dates outside `dates` that a visit of `newer` has left since they were read.
    ///
    /// Cost: usually only the visits of `dates` are looked at; all, if one has come from elsewhere.
    fn left_by(&self, newer: &Rows, dates: DateSpan) -> Vec<NaiveDate> {
        let inside = self.visits.iter().filter(|(date, _)| dates.contains(**date));
        let known: BTreeSet<VisitId> =
            inside.flat_map(|(_, planned)| planned.iter().map(|one| one.visit.id)).collect();
        // A visit that was never changed has not been anywhere else.
        let came = newer.all().filter(|one| one.visit.revision > 1);
        let came: BTreeSet<VisitId> =
            came.map(|one| one.visit.id).filter(|id| !known.contains(id)).collect();
        if came.is_empty() {
            return Vec::new();
        }
        let outside = self.visits.iter().filter(|(date, _)| !dates.contains(**date));
        let left =
            outside.filter(|(_, planned)| planned.iter().any(|one| came.contains(&one.visit.id)));
        left.map(|(date, _)| *date).collect()
    }

    /// Drops what lies on none of `dates`.
    pub(crate) fn keep(&mut self, dates: &BTreeSet<NaiveDate>, zone: Tz) {
        let touches = |start, end| {
            let span = date_of(start, zone)..=date_of(end, zone);
            dates.range(span).next().is_some()
        };
        self.visits.retain(|date, _| dates.contains(date));
        for absences in self.absences.values_mut() {
            absences.retain(|(_, absence)| touches(absence.start, absence.end));
        }
        self.absences.retain(|_, absences| !absences.is_empty());
        self.taken.retain(|taken| touches(taken.from, taken.until));
    }

    fn add_absence(&mut self, id: AbsenceId, absence: Absence, location: LocationId) {
        match absence.of {
            AbsenceOf::Technician { technician_id } => {
                self.absences.entry(technician_id).or_default().push((id, absence));
            }
            AbsenceOf::Equipment { equipment_id, location_id, units }
                if location_id == location =>
            {
                self.taken.push(UnitsTaken {
                    kind: equipment_id,
                    units,
                    from: absence.start,
                    until: absence.end,
                    visit_id: None,
                });
            }
            AbsenceOf::Equipment { .. } => {}
        }
    }

    /// The date of a visit in somebody's day, and whose.
    pub(crate) fn find(&self, visit_id: VisitId) -> Option<(NaiveDate, Vec<TechnicianId>)> {
        self.visits.iter().find_map(|(date, planned)| {
            let found = planned.iter().find(|planned| planned.visit.id == visit_id)?;
            Some((*date, found.technician_ids()))
        })
    }

    /// The visits of a date.
    pub(crate) fn on(&self, date: NaiveDate) -> impl Iterator<Item = &Planned> {
        self.visits.get(&date).into_iter().flat_map(|planned| planned.iter())
    }

    /// Every visit.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Planned> {
        self.visits.values().flat_map(|planned| planned.iter())
    }

    /// The visit as it is planned.
    pub(crate) fn planned(&self, visit_id: VisitId) -> Option<&Planned> {
        self.all().find(|planned| planned.visit.id == visit_id)
    }

    /// Takes a visit out of everybody's day, with its equipment.
    pub(crate) fn remove(&mut self, visit_id: VisitId) {
        for planned in self.visits.values_mut() {
            if planned.iter().any(|planned| planned.visit.id == visit_id) {
                Arc::make_mut(planned).retain(|planned| planned.visit.id != visit_id);
            }
        }
        self.taken.retain(|taken| taken.visit_id != Some(visit_id));
    }

    /// Puts a visit into somebody's day, with the equipment it takes, in place of where it was.
    pub(crate) fn place(&mut self, planned: Planned, taken: Vec<UnitsTaken>, zone: Tz) {
        self.remove(planned.visit.id);
        let date = date_of(planned.crew[0].assignment.start, zone);
        Arc::make_mut(self.visits.entry(date).or_default()).push(planned);
        self.taken.extend(taken);
    }

    /// Locks the planned starts of some technicians' visits, or sets their locks to what they were;
    /// the locks before.
    pub(crate) fn pin(
        &mut self,
        technician_ids: &[TechnicianId],
        locks: Option<&BTreeMap<VisitId, Lock>>,
    ) -> BTreeMap<VisitId, Lock> {
        let mut before = BTreeMap::new();
        for day in self.visits.values_mut() {
            let theirs = |one: &Planned| {
                one.crew.iter().any(|row| technician_ids.contains(&row.assignment.technician_id))
            };
            if !day.iter().any(theirs) {
                continue;
            }
            for one in Arc::make_mut(day).iter_mut().filter(|one| theirs(one)) {
                let lock = match locks {
                    None => Lock::Time,
                    Some(locks) => locks.get(&one.visit.id).copied().unwrap_or(one.visit.lock),
                };
                before.insert(one.visit.id, one.visit.lock);
                if one.visit.lock != lock {
                    one.visit = Arc::new(Visit { lock, ..(*one.visit).clone() });
                }
            }
        }
        before
    }

    /// The stays of a technician on some dates, by start.
    pub(crate) fn stays(&self, technician_id: TechnicianId, dates: &[NaiveDate]) -> Vec<Stay> {
        let planned = dates.iter().filter_map(|date| self.visits.get(date));
        let planned = planned.flat_map(|planned| planned.iter());
        let mut stays: Vec<Stay> =
            planned.filter_map(|planned| planned.stay(technician_id)).collect();
        stays.sort_by_key(|stay| (stay.start, stay.visit.id));
        stays
    }

    /// Visits of each service on a date and their seconds of work.
    pub(crate) fn used(
        &self,
        catalogue: &Catalogue,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Vec<(ServiceId, u32, i64)> {
        let mut used: BTreeMap<ServiceId, (u32, i64)> = BTreeMap::new();
        let planned = self.on(date);
        for planned in planned.filter(|planned| planned.counts(now)) {
            let ids: BTreeSet<_> = planned.visit.needs.service_ids.iter().collect();
            for id in ids {
                let service = catalogue.services.get(id);
                let entry = used.entry(*id).or_default();
                entry.0 += 1;
                entry.1 += service.map_or(0, work_s);
            }
        }
        used.into_iter().map(|(id, (count, seconds))| (id, count, seconds)).collect()
    }
}
