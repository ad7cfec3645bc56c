//! Working time as people write it down: weekly hours, dated overrides, breaks, in civil time.

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};
use crate::domain::places::Place;

/// Spans that repeat every week, and what replaces them on single dates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WorkingHours {
    /// What repeats every week.
    pub weekly: Vec<WeeklySpan>,
    /// What replaces the weekly hours of single dates.
    pub overrides: Vec<DayOverride>,
    /// Dates on which the hours are meant in another zone.
    pub zone_changes: Vec<ZoneChange>,
}

/// One span on each of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WeeklySpan {
    /// Days of the week: `Mon`, `Tue`, `Wed`, `Thu`, `Fri`, `Sat`, `Sun`.
    #[schema(value_type = Vec<String>, example = json!(["Mon", "Tue"]))]
    pub days: Vec<Weekday>,
    /// The span, in civil time.
    #[serde(flatten)]
    pub span: CivilSpan,
}

/// A span of civil time on one date.
///
/// `23:59` as an end means midnight, and `24:00` is read as `23:59`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CivilSpan {
    /// Start, `HH:MM`.
    #[serde(with = "civil_time")]
    #[schema(value_type = String, example = "08:00")]
    pub from: NaiveTime,
    /// End, `HH:MM`, not included.
    #[serde(with = "civil_time")]
    #[schema(value_type = String, example = "17:00")]
    pub until: NaiveTime,
}

/// What replaces the weekly hours of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayOverride {
    /// The date, in the zone of the hours.
    pub date: NaiveDate,
    /// Spans of work; none means a day off.
    #[serde(default)]
    pub spans: Vec<CivilSpan>,
}

/// Dates on which working hours are meant in another zone, for instance on a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ZoneChange {
    /// First date.
    pub from: NaiveDate,
    /// Last date, included; none for ever.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// IANA name of the zone.
    #[schema(value_type = String, example = "America/New_York")]
    pub time_zone: Tz,
}

/// A pause on every day worked; fixed if `earliest` equals `latest`, else floating.
///
/// It is due on days whose shift spans it wholly, from `earliest` to `latest` plus the duration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BreakRule {
    /// Earliest start, `HH:MM`.
    #[serde(with = "civil_time")]
    #[schema(value_type = String, example = "11:30")]
    pub earliest: NaiveTime,
    /// Latest start, `HH:MM`.
    #[serde(with = "civil_time")]
    #[schema(value_type = String, example = "13:00")]
    pub latest: NaiveTime,
    /// Length in minutes.
    pub duration_min: u32,
    /// Where it is taken, if that matters; allowed for fixed breaks.
    #[serde(default)]
    pub place: Option<Place>,
}

/// Whole dates, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DateSpan {
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub until: NaiveDate,
}

impl DateSpan {
    /// Whether a date is one of them.
    pub fn contains(self, date: NaiveDate) -> bool {
        (self.from..=self.until).contains(&date)
    }
}

impl CivilSpan {
    /// A span from `from` to `until`.
    pub fn new(from: NaiveTime, until: NaiveTime) -> Self {
        Self { from, until }
    }
}

impl Validate for WorkingHours {
    fn validate(&self, faults: &mut Faults) {
        for (row, weekly) in self.weekly.iter().enumerate() {
            let field = format!("weekly[{row}].days");
            faults.check(!weekly.days.is_empty(), &field, "[]", "name at least one day");
            faults.within(&format!("weekly[{row}]."), |faults| weekly.span.validate(faults));
        }
        for (row, day) in self.overrides.iter().enumerate() {
            for (at, span) in day.spans.iter().enumerate() {
                let field = format!("overrides[{row}].spans[{at}].");
                faults.within(&field, |faults| span.validate(faults));
            }
        }
        let mut dates: Vec<NaiveDate> = self.overrides.iter().map(|day| day.date).collect();
        dates.sort_unstable();
        for pair in dates.windows(2) {
            let message = "a date may be overridden once; put all its spans together";
            faults.check(pair[0] != pair[1], "overrides", pair[0], message);
        }
        for (row, change) in self.zone_changes.iter().enumerate() {
            let ordered = change.until.is_none_or(|until| change.from <= until);
            let field = format!("zone_changes[{row}].until");
            faults.check(ordered, &field, format!("{:?}", change.until), "must not be before from");
        }
    }
}

impl Validate for CivilSpan {
    fn validate(&self, faults: &mut Faults) {
        let message = "must be later than from; a night is two spans, until 24:00 and from 00:00 \
                       of the next day, which are joined";
        faults.check(self.from < self.until, "until", self.until.format("%H:%M"), message);
    }
}

impl Validate for BreakRule {
    fn validate(&self, faults: &mut Faults) {
        let ordered = self.earliest <= self.latest;
        faults.check(ordered, "latest", self.latest, "must not be before earliest");
        let length = (1..=480).contains(&self.duration_min);
        faults.check(length, "duration_min", self.duration_min, "must be 1 to 480 minutes");
        if let Some(place) = &self.place {
            let fixed = self.earliest == self.latest;
            faults.check(fixed, "place", "", "only a break at a fixed time may have a place");
            faults.within("place.", |faults| place.validate(faults));
        }
    }
}

impl Validate for DateSpan {
    fn validate(&self, faults: &mut Faults) {
        faults.check(self.from <= self.until, "until", self.until, "must not be before from");
    }
}

/// `HH:MM` in JSON; `HH:MM:SS` is read too.
pub mod civil_time {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de};

    /// Writes `HH:MM`.
    ///
    /// # Errors
    /// If the serializer fails.
    pub fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&time.format("%H:%M"))
    }

    /// Reads `HH:MM` or `HH:MM:SS`; `24:00` is the last minute of the day, which as an end means
    /// midnight.
    ///
    /// # Errors
    /// If the text is no such time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let text = if text == "24:00" { "23:59" } else { text.as_str() };
        NaiveTime::parse_from_str(text, "%H:%M")
            .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
            .map_err(|_| de::Error::custom(format!("`{text}` is no time of day; write HH:MM")))
    }
}
