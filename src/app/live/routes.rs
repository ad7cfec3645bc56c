//! Routes of technicians out of rows: drafts first, then their drives, then prepared shifts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::live::grounds::Grounds;
use crate::app::live::rows::Rows;
use crate::calendar::dates::shifted;
use crate::calendar::shifts::ShiftMaker;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::TechnicianId;
use crate::domain::places::Place;
use crate::domain::shifts::Shift;
use crate::domain::travel::{HourSpan, TravelMode};
use crate::planning::catalogue::Catalogue;
use crate::planning::days::{DayDraft, DayInput, DayRoute, drafts};
use crate::planning::legs::{Drive, Legs};
use crate::planning::roster::Roster;

/// The shifts of technicians by date.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shifts(HashMap<TechnicianId, BTreeMap<NaiveDate, Vec<Shift>>>);

impl Shifts {
    /// The shifts of some technicians on some dates and the ones beside them.
    pub(crate) fn new(
        catalogue: &Catalogue,
        roster: &Roster,
        technicians: &[TechnicianId],
        dates: DateSpan,
    ) -> Self {
        let (from, until) = (shifted(dates.from, -1), shifted(dates.until, 1));
        let mut maker = ShiftMaker::new(roster.zone, DateSpan { from, until });
        let mut all = HashMap::with_capacity(technicians.len());
        for id in technicians {
            let Some(technician) = catalogue.technicians.get(id) else { continue };
            let mut by_date: BTreeMap<NaiveDate, Vec<Shift>> = BTreeMap::new();
            for shift in maker.shifts(*id, technician) {
                by_date.entry(shift.date).or_default().push(shift);
            }
            all.insert(*id, by_date);
        }
        Self(all)
    }

    /// The shifts of a technician on a date and the ones beside it, by start.
    fn around(&self, technician: TechnicianId, date: NaiveDate) -> Vec<Shift> {
        let Some(by_date) = self.0.get(&technician) else { return Vec::new() };
        let span = shifted(date, -1)..=shifted(date, 1);
        by_date.range(span).flat_map(|(_, shifts)| shifts.iter().cloned()).collect()
    }

    /// Whether a technician works on a date at all.
    pub(crate) fn has(&self, technician: TechnicianId, date: NaiveDate) -> bool {
        self.0.get(&technician).is_some_and(|by_date| by_date.contains_key(&date))
    }
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
    let Some(technician) = catalogue.technicians.get(&technician_id) else { return Vec::new() };
    let Some(location) = catalogue.locations.get(&technician.location_id) else {
        return Vec::new();
    };
    let dates = [shifted(date, -1), date, shifted(date, 1)];
    let empty = Vec::new();
    drafts(&DayInput {
        technician,
        location,
        travel: catalogue.organization.travel,
        date,
        shifts: &shifts.around(technician_id, date),
        absences: rows.absences.get(&technician_id).unwrap_or(&empty),
        stays: &rows.stays(technician_id, &dates),
        now,
    })
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
