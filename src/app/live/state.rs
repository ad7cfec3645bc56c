//! What is kept of one location: rows by date, drafts and routes by technician-day.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::App;
use crate::app::live::grounds::Grounds;
use crate::app::live::routes::{Day, Days, around, prepare, runs};
use crate::app::live::rows::{Reading, Rows, read};
use crate::app::live::setup::Setup;
use crate::app::live::view::View;
use crate::calendar::dates::{each, shifted, week_dates};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, OrganizationId};
use crate::domain::plans::PlanVersion;
use crate::planning::roster::Roster;
use crate::store::Tx;

/// Places after which the state starts anew, so that those of the past do not pile up.
const PLACES_MAX: usize = 100_000;

/// Dates that are kept at least; of those beyond, the ones that nobody asked for lately are dropped.
/// The largest question, with the weeks and alternatives around it, has some 150.
const DATES_MAX: usize = 250;

/// What is kept of one location.
#[derive(Debug)]
pub(super) struct State {
    pub(super) setup: Arc<Setup>,
    organization_id: OrganizationId,
    roster: Arc<Roster>,
    grounds: Grounds,
    view: Option<Arc<View>>,
    /// For each date of the view the number of the last question that asked for it.
    asked: HashMap<NaiveDate, u64>,
    questions: u64,
}

impl State {
    /// A state that knows nothing of the plan yet.
    pub(super) fn new(
        app: &App,
        (organization_id, location_id): (OrganizationId, LocationId),
        setup: Arc<Setup>,
    ) -> Result<Self, AppError> {
        let roster = Roster::new(&setup.catalogue, location_id);
        let roster = roster.ok_or_else(|| AppError::not_found("location", location_id))?;
        let grounds = Grounds::new(&app.travel, setup.catalogue.organization.clone());
        let (roster, view, asked) = (Arc::new(roster), None, HashMap::new());
        Ok(Self { setup, organization_id, roster, grounds, view, asked, questions: 0 })
    }

    /// Whether too many places of the past are kept.
    pub(super) fn is_worn(&self) -> bool {
        self.grounds.len() > PLACES_MAX
    }

    /// The dates that must be read to search `dates`: where somebody works at night the day before,
    /// whose shifts may reach into the first date, and the day after; and whole weeks where
    /// somebody has a limit a week.
    pub(super) fn widened(&self, dates: DateSpan) -> DateSpan {
        widened(&self.roster, dates)
    }

    /// The plan on `dates`, read again where versions differ.
    pub(super) async fn refresh(
        &mut self,
        app: &App,
        tx: &mut Tx,
        dates: DateSpan,
        versions: &[PlanVersion],
    ) -> Result<Arc<View>, AppError> {
        let now = app.now();
        self.questions += 1;
        self.asked.extend(each(dates).map(|date| (date, self.questions)));
        let seen: BTreeMap<NaiveDate, i64> =
            versions.iter().map(|version| (version.date, version.version)).collect();
        let version = |date| seen.get(&date).copied().unwrap_or(0);
        let stale: BTreeSet<NaiveDate> = each(dates)
            .filter(|date| {
                let known = self.view.as_ref().and_then(|view| view.versions.get(date));
                known != Some(&version(*date))
            })
            .collect();
        if let Some(view) = &self.view
            && stale.is_empty()
            && view.valid_until.is_none_or(|until| now < until)
        {
            return Ok(Arc::clone(view));
        }
        let (mut rows, mut known) = match &self.view {
            Some(view) => (Arc::clone(&view.rows), view.versions.clone()),
            None => Default::default(),
        };
        for span in runs(&stale) {
            let newer = self.read(tx, span).await?;
            let (updated, old) = rows.updated(newer, span, self.roster.zone);
            rows = Arc::new(updated);
            known.retain(|date, _| !old.contains(date));
            known.extend(each(span).map(|date| (date, version(date))));
        }
        if known.len() > DATES_MAX {
            let dropped = self.oldest(&known, dates);
            known.retain(|date, _| !dropped.contains(date));
            let kept: BTreeSet<NaiveDate> = known.keys().copied().collect();
            Arc::make_mut(&mut rows).keep(&kept, self.roster.zone);
        }
        self.asked.retain(|date, _| known.contains_key(date));
        let view = self.rebuilt(rows, (known, &stale), now).await?;
        self.view = Some(Arc::clone(&view));
        Ok(view)
    }

    /// The dates too many, those first that nobody has asked for the longest; never of `dates`.
    fn oldest(&self, known: &HashMap<NaiveDate, i64>, dates: DateSpan) -> BTreeSet<NaiveDate> {
        let others = known.keys().filter(|date| **date < dates.from || dates.until < **date);
        let mut others: Vec<NaiveDate> = others.copied().collect();
        others.sort_by_key(|date| (self.asked.get(date), *date));
        others.truncate(known.len() - DATES_MAX);
        others.into_iter().collect()
    }

    async fn read(&self, tx: &mut Tx, dates: DateSpan) -> Result<Rows, AppError> {
        let (organization_id, location_id) = (self.organization_id, self.roster.location_id);
        read(tx, Reading { organization_id, location_id, roster: &self.roster, dates }).await
    }

    /// The view of new rows; days that are not concerned are taken over.
    async fn rebuilt(
        &self,
        rows: Arc<Rows>,
        (versions, stale): (HashMap<NaiveDate, i64>, &BTreeSet<NaiveDate>),
        now: DateTime<Utc>,
    ) -> Result<Arc<View>, AppError> {
        let dates: BTreeSet<NaiveDate> = versions.keys().copied().collect();
        let catalogue = &self.setup.catalogue;
        let mut shifts = self.view.as_ref().map_or_else(Arc::default, |v| Arc::clone(&v.shifts));
        if !shifts.cover(&dates) {
            let (roster, shifts) = (&self.roster, Arc::make_mut(&mut shifts));
            shifts.move_to(catalogue, roster, &roster.technicians, &dates);
        }
        let old = self.view.as_ref().map(|view| &view.days);
        let is_old = |date: NaiveDate| around(date).iter().all(|date| !stale.contains(date));
        let mut days = Days::with_capacity(dates.len() * self.roster.technicians.len());
        let mut asked = Vec::new();
        for date in &dates {
            for technician in &self.roster.technicians {
                let key = (*technician, *date);
                match old.and_then(|old| old.get(&key)) {
                    Some(day) if is_old(*date) && day.holds(now) => {
                        days.insert(key, Arc::clone(day));
                    }
                    day => asked.push((key, day.map(Arc::clone))),
                }
            }
        }
        let source = (catalogue, shifts.as_ref(), rows.as_ref());
        days.extend(prepare(source, &self.grounds, asked, now).await?);
        let valid_until = days.values().filter_map(|day: &Arc<Day>| day.valid_until()).min();
        Ok(Arc::new(View {
            setup: Arc::clone(&self.setup),
            organization_id: self.organization_id,
            roster: Arc::clone(&self.roster),
            grounds: self.grounds.clone(),
            versions,
            rows,
            shifts,
            days,
            valid_until,
        }))
    }
}

/// The dates that must be read to look at `dates`: those beside them where somebody works at night,
/// and whole weeks where somebody has a limit a week.
pub(crate) fn widened(roster: &Roster, dates: DateSpan) -> DateSpan {
    let (mut from, mut until) = (dates.from, dates.until);
    if roster.nights {
        (from, until) = (shifted(from, -1), shifted(until, 1));
    }
    let has_week = |caps: &crate::planning::roster::Caps| {
        caps.visits_per_week.is_some() || caps.onsite_per_week.is_some()
    };
    if roster.rows.iter().any(|row| has_week(&row.caps)) {
        from = from.min(week_dates(dates.from).from);
        until = until.max(week_dates(dates.until).until);
    }
    DateSpan { from, until }
}
