//! Visits that no shift of who does them holds: somebody is away all day, or does not work then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::app::App;
use crate::app::live::View;
use crate::app::live::routes::{Day, Shifts, prepare_whole, visits_of};
use crate::calendar::dates::{each, shifted};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{TechnicianId, VisitId};
use crate::planning::optimizing::Stray;

impl View {
    /// The plan as it is driven: who has visits outside every shift has them in one route for the whole
    /// day, so that they count like all others. No slot is searched in it. Also those visits.
    ///
    /// * `only`: whose days matter; everybody's if none.
    ///
    /// Cost: linear in the visits of `dates`; a view of its own only where a visit is astray.
    pub(crate) async fn with_strays(
        &self,
        app: &App,
        dates: DateSpan,
        only: Option<&BTreeSet<TechnicianId>>,
    ) -> Result<(Option<Self>, Vec<Stray>), AppError> {
        let mut strays = Vec::new();
        for date in each(dates) {
            for planned in self.rows.on(date).filter(|one| one.counts(app.now())) {
                let crew = planned.crew.iter().map(|one| one.assignment);
                let concerned = |id: &TechnicianId| only.is_none_or(|only| only.contains(id));
                for one in crew.filter(|one| concerned(&one.technician_id)) {
                    if self.date_in_route(one.technician_id, planned.visit.id, date).is_none() {
                        let away = self.rows.absences.get(&one.technician_id);
                        let away = away
                            .into_iter()
                            .flatten()
                            .any(|(_, absence)| absence.start < one.end && one.start < absence.end);
                        strays.push(Stray {
                            visit_id: planned.visit.id,
                            technician_id: one.technician_id,
                            date,
                            start: one.start,
                            away,
                        });
                    }
                }
            }
        }
        if strays.is_empty() {
            return Ok((None, strays));
        }
        strays.sort_by_key(|one| (one.start, one.visit_id, one.technician_id));
        let mut view = self.clone();
        let days: BTreeMap<(TechnicianId, NaiveDate), VisitId> =
            strays.iter().map(|one| ((one.technician_id, one.date), one.visit_id)).collect();
        for ((technician_id, date), visit_id) in days {
            view.gather(app, (technician_id, date), visit_id).await?;
        }
        Ok((Some(view), strays))
    }

    /// The date of the shift whose route holds a visit that starts on `date`.
    fn date_in_route(
        &self,
        technician_id: TechnicianId,
        visit_id: VisitId,
        date: NaiveDate,
    ) -> Option<NaiveDate> {
        let holds = |date: &NaiveDate| {
            let day = self.day(technician_id, *date);
            let routes = day.into_iter().flat_map(|day| &day.routes);
            routes.flat_map(visits_of).any(|id| id == visit_id)
        };
        [date, shifted(date, -1), shifted(date, 1)].into_iter().find(holds)
    }

    /// Puts everything of a technician's day into one route; the day is that of the shift in which the
    /// visit would be, if somebody is away from a shift over midnight.
    async fn gather(
        &mut self,
        app: &App,
        (technician_id, date): (TechnicianId, NaiveDate),
        visit_id: VisitId,
    ) -> Result<(), AppError> {
        for date in [date, shifted(date, -1)] {
            let dates = DateSpan { from: date, until: date };
            let catalogue = &self.setup.catalogue;
            let shifts = Shifts::new(catalogue, &self.roster, &[technician_id], dates);
            let source = (catalogue, &shifts, self.rows.as_ref());
            let key = (technician_id, date);
            let route = prepare_whole(source, &self.grounds, key, app.now()).await?;
            let found = route.filter(|route| visits_of(route).any(|id| id == visit_id));
            if let Some(route) = found {
                let day = Day { drafts: Vec::new(), routes: vec![route] };
                self.days.insert(key, Arc::new(day));
                return Ok(());
            }
        }
        Ok(())
    }
}
