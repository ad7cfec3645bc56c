//! Routes of technicians out of rows: drafts first, then their drives, then prepared shifts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::live::grounds::Grounds;
use crate::app::live::rows::Rows;
use crate::calendar::dates::{each, shifted};
use crate::calendar::shifts::ShiftMaker;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::places::Place;
use crate::domain::shifts::Shift;
use crate::domain::travel::{HourSpan, TravelMode};
use crate::planning::catalogue::Catalogue;
use crate::planning::days::whole::whole;
use crate::planning::days::{DayDraft, DayInput, DayRoute, StopOf, drafts};
use crate::planning::legs::{Drive, Legs};
use crate::planning::roster::Roster;

/// The shifts of technicians by date, and for which dates they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shifts {
    by_technician: HashMap<TechnicianId, BTreeMap<NaiveDate, Vec<Shift>>>,
    dates: BTreeSet<NaiveDate>,
}

impl Shifts {
    /// The shifts of some technicians on some dates and the ones beside them.
    pub(crate) fn new(
        catalogue: &Catalogue,
        roster: &Roster,
        technicians: &[TechnicianId],
        dates: DateSpan,
    ) -> Self {
        let mut shifts = Self::default();
        shifts.move_to(catalogue, roster, technicians, &each(dates).collect());
        shifts
    }

    /// Whether they are known for some dates and the ones beside them.
    pub(crate) fn cover(&self, dates: &BTreeSet<NaiveDate>) -> bool {
        dates.iter().flat_map(|date| around(*date)).all(|date| self.dates.contains(&date))
    }

    /// Adds what is missing for some dates and the ones beside them, and drops what lies elsewhere.
    ///
    /// * `technicians`: the same at every call.
    ///
    /// Cost: some 0.2 microseconds for each technician and new date, however far dates lie apart.
    pub(crate) fn move_to(
        &mut self,
        catalogue: &Catalogue,
        roster: &Roster,
        technicians: &[TechnicianId],
        dates: &BTreeSet<NaiveDate>,
    ) {
        let wanted: BTreeSet<NaiveDate> = dates.iter().flat_map(|date| around(*date)).collect();
        for by_date in self.by_technician.values_mut() {
            by_date.retain(|date, _| wanted.contains(date));
        }
        let missing = wanted.difference(&self.dates).copied().collect();
        for span in runs(&missing) {
            let mut maker = ShiftMaker::new(roster.zone, span);
            for id in technicians {
                let Some(technician) = catalogue.technicians.get(id) else { continue };
                let by_date = self.by_technician.entry(*id).or_default();
                for shift in maker.shifts(*id, technician) {
                    by_date.entry(shift.date).or_default().push(shift);
                }
            }
        }
        self.dates = wanted;
    }

    /// The shifts of a technician on a date and the ones beside it, by start.
    fn around(&self, technician: TechnicianId, date: NaiveDate) -> Vec<Shift> {
        let Some(by_date) = self.by_technician.get(&technician) else { return Vec::new() };
        let span = shifted(date, -1)..=shifted(date, 1);
        by_date.range(span).flat_map(|(_, shifts)| shifts.iter().cloned()).collect()
    }

    /// Whether a technician works on a date at all.
    pub(crate) fn has(&self, technician: TechnicianId, date: NaiveDate) -> bool {
        let by_date = self.by_technician.get(&technician);
        by_date.is_some_and(|by_date| by_date.contains_key(&date))
    }
}

/// A date and the ones beside it.
pub(super) fn around(date: NaiveDate) -> [NaiveDate; 3] {
    [shifted(date, -1), date, shifted(date, 1)]
}

/// Runs of consecutive dates.
pub(super) fn runs(dates: &BTreeSet<NaiveDate>) -> Vec<DateSpan> {
    let mut runs: Vec<DateSpan> = Vec::new();
    for date in dates {
        match runs.last_mut() {
            Some(run) if shifted(run.until, 1) == *date => run.until = *date,
            _ => runs.push(DateSpan { from: *date, until: *date }),
        }
    }
    runs
}

/// The drafts of one technician's date.
fn day_drafts(
    catalogue: &Catalogue,
    shifts: &Shifts,
    rows: &Rows,
    (technician_id, date): (TechnicianId, NaiveDate),
    now: DateTime<Utc>,
) -> Vec<DayDraft> {
    if !shifts.has(technician_id, date) {
        return Vec::new();
    }
    let found = with_input((catalogue, shifts, rows), (technician_id, date), now, drafts);
    found.unwrap_or_default()
}

/// What `make` makes of what a technician's date is made of; none for somebody unknown.
fn with_input<T>(
    (catalogue, shifts, rows): (&Catalogue, &Shifts, &Rows),
    (technician_id, date): Key,
    now: DateTime<Utc>,
    make: impl FnOnce(&DayInput<'_>) -> T,
) -> Option<T> {
    let technician = catalogue.technicians.get(&technician_id)?;
    let location = catalogue.locations.get(&technician.location_id)?;
    let empty = Vec::new();
    Some(make(&DayInput {
        technician,
        location,
        travel: catalogue.organization.travel,
        date,
        shifts: &shifts.around(technician_id, date),
        absences: rows.absences.get(&technician_id).unwrap_or(&empty),
        stays: &rows.stays(technician_id, &around(date)),
        now,
    }))
}

/// A technician-day: its drafts and the routes made of them.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    /// What the routes are made of, one each.
    pub(crate) drafts: Vec<DayDraft>,
    pub(crate) routes: Vec<DayRoute>,
}

/// A technician and a date.
pub(crate) type Key = (TechnicianId, NaiveDate);

/// Technician-days.
pub(crate) type Days = HashMap<Key, Arc<Day>>;

impl Day {
    /// Until when it is right although nothing changes.
    pub(crate) fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.routes.iter().filter_map(|route| route.valid_until).min()
    }

    /// Whether it is still right at `now`.
    pub(crate) fn holds(&self, now: DateTime<Utc>) -> bool {
        self.valid_until().is_none_or(|until| now < until)
    }
}

/// Technician-days out of rows. A day whose drafts are what they were is not prepared again.
///
/// * `asked`: which, each with what it was before.
pub(crate) async fn prepare(
    (catalogue, shifts, rows): (&Catalogue, &Shifts, &Rows),
    grounds: &Grounds,
    asked: Vec<(Key, Option<Arc<Day>>)>,
    now: DateTime<Utc>,
) -> Result<Days, AppError> {
    let mut days = Days::with_capacity(asked.len());
    let mut changed = Vec::new();
    for (key, old) in asked {
        let drafts = day_drafts(catalogue, shifts, rows, key, now).into_iter().map(|draft| {
            let hours = grounds.travel().standing_for(draft.hours());
            draft.within(hours)
        });
        let drafts: Vec<DayDraft> = drafts.collect();
        match old {
            Some(old) if old.drafts == drafts => {
                days.insert(key, old);
            }
            _ => changed.push((key, drafts)),
        }
    }
    let legs = legs(grounds, changed.iter().flat_map(|(_, drafts)| drafts)).await?;
    grounds.number(|places| {
        for (key, drafts) in changed {
            let routes: Result<Vec<_>, _> =
                drafts.iter().map(|draft| draft.route(&legs, places)).collect();
            let routes = routes.map_err(|error| AppError::Internal(Box::new(error)))?;
            days.insert(key, Arc::new(Day { drafts, routes }));
        }
        Ok::<(), AppError>(())
    })?;
    Ok(days)
}

/// All visits of a technician's date in one route, inside a shift or not; none without a visit.
pub(super) async fn prepare_whole(
    source: (&Catalogue, &Shifts, &Rows),
    grounds: &Grounds,
    key: Key,
    now: DateTime<Utc>,
) -> Result<Option<DayRoute>, AppError> {
    let found = with_input(source, key, now, |input| whole(input, key.0)).flatten();
    let Some(draft) = found else { return Ok(None) };
    let hours = grounds.travel().standing_for(draft.hours());
    let draft = draft.within(hours);
    let drafts = [draft];
    let legs = legs(grounds, drafts.iter()).await?;
    let [draft] = &drafts;
    let route = grounds.number(|places| draft.route(&legs, places));
    Ok(Some(route.map_err(|error| AppError::Internal(Box::new(error)))?))
}

/// The visits of a route.
pub(super) fn visits_of(route: &DayRoute) -> impl Iterator<Item = VisitId> {
    route.stops.iter().filter_map(|stop| match stop {
        StopOf::Visit(id) => Some(*id),
        StopOf::Absence(_) | StopOf::Break => None,
    })
}

/// Drives that are reckoned in one way.
struct Asked {
    mode: TravelMode,
    hours: HourSpan,
    pairs: Vec<(Place, Place)>,
}

/// What the drives of some drafts take.
async fn legs<'a>(
    grounds: &Grounds,
    drafts: impl Iterator<Item = &'a DayDraft>,
) -> Result<Legs, AppError> {
    let mut legs = Legs::default();
    let mut asked: Vec<Asked> = Vec::new();
    for drive in drafts.flat_map(DayDraft::drives).filter(|drive| !drive.is_free()) {
        let (mode, hours) = (drive.mode, drive.hours);
        let same = |known: &Asked| (known.mode, known.hours) == (mode, hours);
        let at = asked.iter().position(same).unwrap_or_else(|| {
            asked.push(Asked { mode, hours, pairs: Vec::new() });
            asked.len() - 1
        });
        asked[at].pairs.push((drive.from, drive.to));
    }
    for Asked { mode, hours, pairs } in asked {
        let found = grounds.travel().legs(&grounds.ask(mode, hours), &pairs).await;
        let (found, _) = found.map_err(|error| error.into_app("place"))?;
        for ((from, to), leg) in pairs.into_iter().zip(found) {
            legs.insert(&Drive { from, to, mode, hours }, leg);
        }
    }
    Ok(legs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::domain::id::LocationId;

    /// Somebody who works every Monday, at a location in Reykjavik.
    fn company() -> (Catalogue, LocationId, TechnicianId) {
        let (location, technician) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let zone = "Atlantic/Reykjavik";
        let organization = serde_json::from_value(json!({"name": "Aurora", "slug": "aurora",
            "time_zone": zone, "travel": {"mode": "fixed", "before_min": 0, "after_min": 0}}));
        let place = json!({"lat": 64.14, "lon": -21.92});
        let base = json!({"name": "Base", "time_zone": zone, "place": place});
        let monday = json!({"days": ["Mon"], "from": "08:00", "until": "17:00"});
        let anna = json!({"name": "Anna", "location_id": location,
            "working_hours": {"weekly": [monday]}});
        let catalogue = Catalogue {
            version: 1,
            organization: organization.unwrap(),
            locations: BTreeMap::from([(location.into(), serde_json::from_value(base).unwrap())]),
            technicians: BTreeMap::from([(
                technician.into(),
                serde_json::from_value(anna).unwrap(),
            )]),
            teams: BTreeMap::new(),
            skills: BTreeMap::new(),
            zones: BTreeMap::new(),
            equipment: BTreeMap::new(),
            services: BTreeMap::new(),
            packages: BTreeMap::new(),
        };
        (catalogue, location.into(), technician.into())
    }

    #[test]
    fn shifts_are_laid_out_around_the_dates_alone_however_far_apart_they_lie() {
        let (catalogue, location, anna) = company();
        let roster = Roster::new(&catalogue, location).unwrap();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        // Both are Mondays; the other five dates are those beside them and the Tuesday's.
        let far = [date("2027-03-01"), date("2027-03-02"), date("2199-12-30")];
        let mut shifts = Shifts::default();
        shifts.move_to(&catalogue, &roster, &[anna], &BTreeSet::from(far));
        assert!(shifts.cover(&BTreeSet::from(far)));
        assert_eq!(shifts.dates.len(), 4 + 3);
        assert!(shifts.has(anna, far[0]) && shifts.has(anna, far[2]));
        assert!(!shifts.has(anna, far[1]));
        // What is no longer wanted goes.
        let next = BTreeSet::from([date("2027-03-08")]);
        shifts.move_to(&catalogue, &roster, &[anna], &next);
        assert_eq!(shifts.dates.len(), 3);
        assert!(shifts.has(anna, date("2027-03-08")) && !shifts.has(anna, far[0]));
        assert_eq!(shifts.by_technician[&anna].len(), 1);
    }
}
