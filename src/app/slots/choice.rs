//! A slot chosen out of an answer, for a hold or a booking.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::live::Setup;
use crate::app::live::reach::is_plain;
use crate::app::permissions::Sight;
use crate::app::placing::Wanted;
use crate::app::slots::asked::Asked;
use crate::app::slots::when::is_on_grid;
use crate::calendar::dates::date_of;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{LocationId, PackageId, ServiceId, TechnicianId};
use crate::domain::places::Place;
use crate::domain::services::Grid;
use crate::domain::slots::{SlotQuery, Wishes, work_ids};
use crate::domain::visits::check_crew;

/// What is wrong with a start in the past.
pub(crate) const OVER: &str = "is over; choose a start that is still to come";

/// A slot chosen out of an answer: what, where, when, and by whom if that matters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlotChoice {
    /// The services, in order of work; or name a package.
    #[serde(default)]
    #[schema(schema_with = work_ids)]
    pub service_ids: Vec<ServiceId>,
    /// The package; or name services.
    #[serde(default)]
    pub package_id: Option<PackageId>,
    /// The location that does it, as in the answer; the nearest that comes there for it if none.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// Where.
    pub place: Place,
    /// The start of the slot.
    pub start: DateTime<Utc>,
    /// Exactly this crew of the slot; the assignment policy chooses if none is named.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
    /// What else was wished for; the part of the day does not matter here.
    #[serde(default)]
    pub wishes: Wishes,
}

impl Validate for SlotChoice {
    fn validate(&self, faults: &mut Faults) {
        self.query(NaiveDate::default()).validate(faults);
        check_start(self.start, faults);
        check_crew(faults, "technician_ids", &self.technician_ids);
    }
}

/// Notes a start outside the calendar.
pub(crate) fn check_start(start: DateTime<Utc>, faults: &mut Faults) {
    faults.check(is_plain(start), "start", start, "must lie in 1970 to 2199");
}

impl SlotChoice {
    fn query(&self, date: NaiveDate) -> SlotQuery {
        SlotQuery {
            service_ids: self.service_ids.clone(),
            package_id: self.package_id,
            location_id: self.location_id,
            place: self.place.clone(),
            from: date,
            until: date,
            wishes: Wishes { part_of_day: None, ..self.wishes.clone() },
            limit: None,
            crews_per_slot: 1,
        }
    }

    /// Notes a start that is over; one outside the calendar is a fault of its own.
    pub(crate) fn check_future(&self, now: DateTime<Utc>, field: &str, faults: &mut Faults) {
        let fits = now < self.start || !is_plain(self.start);
        faults.check(fits, field, self.start, OVER);
    }

    /// The visit that is wanted.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for what does not exist or may not be chosen, and for a start that is
    /// not on the grid if anyone asks; dispatchers may choose any start. Grids that begin where free
    /// time begins are known only once the plan is searched.
    pub(crate) fn wanted(
        &self,
        setup: &std::sync::Arc<Setup>,
        sight: Sight,
    ) -> Result<Wanted, AppError> {
        let mut asked = Asked::new(setup, sight, &self.query(NaiveDate::default()))?;
        let mut faults = Faults::default();
        if sight.is_published() {
            let date = date_of(self.start, asked.zone());
            let fits = is_on_grid(&asked, self.start, date);
            faults.check(fits, "start", self.start, "is not a start that was offered");
        }
        if self.technician_ids.is_empty() {
            faults.into_result()?;
        } else {
            let may_choose = !sight.is_published() || asked.work.customer_may_choose;
            let message = "this service does not let you choose who comes";
            faults.check(may_choose, "technician_ids", self.technician_ids.len(), message);
            asked = faults.and("", asked.by(&self.technician_ids))?;
        }
        let of_free_span = sight.is_published() && asked.work.grid == Grid::FreeSpan;
        let (start, preferred) = (self.start, Vec::new());
        Ok(Wanted { asked, start, preferred, of_free_span, without: None })
    }
}
