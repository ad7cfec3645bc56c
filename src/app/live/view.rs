//! The live plan at one moment: what searches read.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::App;
use crate::app::live::grounds::Grounds;
use crate::app::live::routes::{Day, Days, Shifts, prepare, prepare_whole, visits_of};
use crate::app::live::rows::{Reading, Rows, read};
use crate::app::live::setup::Setup;
use crate::app::live::state::widened;
use crate::calendar::dates::{date_of, each, shifted};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{OrganizationId, TechnicianId, VisitId};
use crate::planning::days::DayRoute;
use crate::planning::plan::{DayTotal, Plan, Route};
use crate::planning::roster::{Roster, TechnicianIdx};
use crate::store::{Tx, plans};

/// The live plan of a location on some dates, at one moment.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) setup: Arc<Setup>,
    pub(crate) organization_id: OrganizationId,
    pub(crate) roster: Arc<Roster>,
    pub(crate) grounds: Grounds,
    /// The version of each date that was read; there may be gaps between them.
    pub(crate) versions: HashMap<NaiveDate, i64>,
    pub(crate) rows: Arc<Rows>,
    pub(crate) shifts: Arc<Shifts>,
    pub(crate) days: Days,
    /// Until when it is right although nothing changes.
    pub(crate) valid_until: Option<DateTime<Utc>>,
}

/// The day of a technician in which a visit stands.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    /// The route of the shift that it belongs to; none outside every shift.
    pub(crate) of_shift: Option<DayRoute>,
    /// Everything planned on the day as one route.
    pub(crate) whole: DayRoute,
}

impl View {
    /// The version of a date's plan.
    pub(crate) fn version(&self, date: NaiveDate) -> i64 {
        self.versions.get(&date).copied().unwrap_or(0)
    }

    /// The plan on `dates` and the date before, of some technicians or of all.
    ///
    /// Cost: some tens of nanoseconds for each route.
    pub(crate) fn plan(
        &self,
        dates: DateSpan,
        technicians: Option<&[TechnicianId]>,
    ) -> Result<Plan, AppError> {
        let wanted = |id: &TechnicianId| technicians.is_none_or(|only| only.contains(id));
        let mut routes = Vec::new();
        let mut totals = HashMap::new();
        let (from, until) = (shifted(dates.from, -1), shifted(dates.until, 1));
        for (number, id) in (0..).zip(&self.roster.technicians).filter(|(_, id)| wanted(id)) {
            let technician = TechnicianIdx(number);
            for date in each(DateSpan { from, until }) {
                let Some(day) = self.days.get(&(*id, date)) else { continue };
                let day = day.routes.iter();
                routes.extend(day.map(|day| Route { technician, date, day: day.clone() }));
            }
            let caps = &self.roster.rows[technician.at()].caps;
            if caps.visits_per_week.is_some() || caps.onsite_per_week.is_some() {
                self.add_totals(*id, technician, &mut totals);
            }
        }
        let plan = Plan::new(Arc::clone(&self.roster), routes, &totals, &self.rows.taken);
        plan.map_err(|error| AppError::Internal(Box::new(error)))
    }

    /// What a technician does on every date that was read.
    fn add_totals(
        &self,
        id: TechnicianId,
        technician: TechnicianIdx,
        totals: &mut HashMap<(TechnicianIdx, NaiveDate), DayTotal>,
    ) {
        for date in self.versions.keys() {
            let Some(day) = self.days.get(&(id, *date)) else { continue };
            let total = totals.entry((technician, *date)).or_default();
            for route in &day.routes {
                total.visits += route.shift.visit_count();
                total.onsite_s += route.shift.onsite().0;
            }
        }
    }

    /// The same as this transaction sees it: dates that changed are read again inside it, and
    /// `technicians`' days on `dates` made of them. What this view knew is not changed, since the
    /// transaction may yet be rolled back. Nobody waits for a travel server meanwhile: a drive that
    /// is not at hand is an error, see [`lacks_drives`](crate::app::placing::lacks_drives).
    pub(crate) async fn inside(
        &self,
        app: &App,
        tx: &mut Tx,
        dates: DateSpan,
        technicians: &[TechnicianId],
    ) -> Result<Self, AppError> {
        let wide = widened(&self.roster, dates);
        let location_id = self.roster.location_id;
        let found =
            plans::versions(tx, self.organization_id, location_id, wide.from, wide.until).await?;
        let mut view = Self { grounds: self.grounds.at_hand(), ..self.clone() };
        let mut versions: HashMap<NaiveDate, i64> = each(wide).map(|date| (date, 0)).collect();
        versions.extend(found.into_iter().map(|version| (version.date, version.version)));
        let stale: Vec<NaiveDate> =
            each(wide).filter(|date| self.versions.get(date) != versions.get(date)).collect();
        if let (Some(first), Some(last)) = (stale.first(), stale.last()) {
            let dates = DateSpan { from: *first, until: *last };
            let (organization_id, roster) = (self.organization_id, self.roster.as_ref());
            let reading = Reading { organization_id, location_id, roster, dates };
            let newer = read(tx, reading).await?;
            let (rows, old) = self.rows.updated(newer, dates, roster.zone);
            view.rows = Arc::new(rows);
            view.versions.retain(|date, _| !old.contains(date));
            view.days.retain(|(_, date), _| !old.contains(date));
            view.versions.extend(versions);
        }
        view.rebuild(app, wide, technicians).await?;
        Ok(view)
    }

    /// Makes the days of some technicians again out of the rows.
    pub(crate) async fn rebuild(
        &mut self,
        app: &App,
        dates: DateSpan,
        technicians: &[TechnicianId],
    ) -> Result<(), AppError> {
        let catalogue = &self.setup.catalogue;
        let shifts = Shifts::new(catalogue, &self.roster, technicians, dates);
        let old = |key| self.days.get(&key).map(Arc::clone);
        let keys = technicians.iter().flat_map(|id| each(dates).map(move |date| (*id, date)));
        let asked: Vec<_> = keys.map(|key| (key, old(key))).collect();
        let source = (catalogue, &shifts, self.rows.as_ref());
        let days = prepare(source, &self.grounds, asked, app.now()).await?;
        self.days.extend(days);
        Ok(())
    }

    /// Takes a visit out, as if it were in nobody's day.
    pub(crate) async fn remove(&mut self, app: &App, visit_id: VisitId) -> Result<(), AppError> {
        let found = self.rows.find(visit_id);
        let mut rows = Rows::clone(&self.rows);
        rows.remove(visit_id);
        self.rows = Arc::new(rows);
        let Some((date, crew)) = found else { return Ok(()) };
        self.rebuild(app, DateSpan { from: shifted(date, -1), until: shifted(date, 1) }, &crew)
            .await
    }

    /// The day of a technician that does a visit, with everything that may be late because of it; none
    /// if the visit is not in it.
    ///
    /// * `start`: of the visit.
    pub(crate) async fn running(
        &self,
        app: &App,
        technician_id: TechnicianId,
        (visit_id, start): (VisitId, DateTime<Utc>),
    ) -> Result<Option<Running>, AppError> {
        let (date, of_shift) = match self.shift_of(technician_id, visit_id) {
            Some((date, route)) => (date, Some(route)),
            None => (date_of(start, self.roster.zone), None),
        };
        let dates = DateSpan { from: date, until: date };
        let catalogue = &self.setup.catalogue;
        let shifts = Shifts::new(catalogue, &self.roster, &[technician_id], dates);
        let source = (catalogue, &shifts, self.rows.as_ref());
        let key = (technician_id, date);
        let Some(whole) = prepare_whole(source, &self.grounds, key, app.now()).await? else {
            return Ok(None);
        };
        // A shift that holds everything is the day, absences and all.
        let all =
            of_shift.as_ref().filter(|route| visits_of(route).count() == visits_of(&whole).count());
        let whole = all.cloned().unwrap_or(whole);
        let is_there = visits_of(&whole).any(|id| id == visit_id);
        Ok(is_there.then_some(Running { of_shift, whole }))
    }

    /// The route of a technician in which a visit stands, and its date.
    fn shift_of(
        &self,
        technician_id: TechnicianId,
        visit_id: VisitId,
    ) -> Option<(NaiveDate, DayRoute)> {
        let theirs = self.days.iter().filter(|((id, _), _)| *id == technician_id);
        let mut routes =
            theirs.flat_map(|((_, date), day)| day.routes.iter().map(|one| (*date, one)));
        let found = routes.find(|(_, route)| visits_of(route).any(|id| id == visit_id));
        found.map(|(date, route)| (date, route.clone()))
    }

    /// A technician's day.
    pub(crate) fn day(&self, technician: TechnicianId, date: NaiveDate) -> Option<&Arc<Day>> {
        self.days.get(&(technician, date))
    }
}
