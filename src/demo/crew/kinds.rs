//! The trades of the demo company's technicians, and when they work.

use chrono::{NaiveDate, TimeDelta, Weekday};

use crate::demo::catalogue;
use crate::demo::catalogue::words::{
    APPLIANCES, DRONE_LICENCE, ELECTRICAL, FLOOR_PLANS, HEATING, PHOTOGRAPHY, PLUMBING,
    REFRIGERANTS, SCANNING, TWILIGHT, VENTILATION, VIDEO,
};
use crate::demo::places::{WORKDAYS, span};
use crate::domain::exchange::Document;
use crate::domain::hours::WeeklySpan;
use crate::domain::skills::SkillHeld;

/// What a technician does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Photographs, plans and drones.
    Photographer,
    /// Photographs, films, plans and models.
    AllMedia,
    /// Photographs at dusk.
    Evening,
    /// Repairs of heat pumps.
    Heating,
    /// Inspections of heating.
    Inspector,
    /// Leads installations.
    Lead,
    /// Helps with installations.
    Helper,
}

/// When a technician works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hours {
    /// Monday to Friday, 8 to 16.
    Early,
    /// Monday to Friday, 9 to 17.
    Late,
    /// Monday to Thursday, 7:30 to 17:30.
    FourDays,
    /// Monday to Friday, 13 to 21.
    Evening,
    /// Tuesday to Friday, 8 to 16:30, and Saturday, 9 to 15.
    Saturday,
    /// Monday to Friday, 9 to 14.
    Short,
}

/// One technician of the roster.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Index of the location.
    pub(super) location: usize,
    /// The trade.
    pub(super) kind: Kind,
    /// The hours.
    pub(super) hours: Hours,
}

const fn entry(location: usize, kind: Kind, hours: Hours) -> Entry {
    Entry { location, kind, hours }
}

/// The 24 technicians: 14 in Reykjavík, 5 in Reykjanesbær, 5 in Selfoss.
pub(super) const ROSTER: [Entry; 24] = [
    entry(0, Kind::AllMedia, Hours::Early),
    entry(0, Kind::Photographer, Hours::Late),
    entry(0, Kind::AllMedia, Hours::Late),
    entry(0, Kind::Photographer, Hours::FourDays),
    entry(0, Kind::Evening, Hours::Evening),
    entry(0, Kind::AllMedia, Hours::Saturday),
    entry(0, Kind::Photographer, Hours::Short),
    entry(0, Kind::Evening, Hours::Evening),
    entry(0, Kind::Heating, Hours::Early),
    entry(0, Kind::Heating, Hours::Saturday),
    entry(0, Kind::Inspector, Hours::Early),
    entry(0, Kind::Lead, Hours::Early),
    entry(0, Kind::Helper, Hours::Early),
    entry(0, Kind::Lead, Hours::Late),
    entry(1, Kind::AllMedia, Hours::Late),
    entry(1, Kind::Photographer, Hours::Saturday),
    entry(1, Kind::Heating, Hours::Early),
    entry(1, Kind::Lead, Hours::Early),
    entry(1, Kind::Helper, Hours::Early),
    entry(2, Kind::AllMedia, Hours::Early),
    entry(2, Kind::Evening, Hours::Evening),
    entry(2, Kind::Heating, Hours::FourDays),
    entry(2, Kind::Lead, Hours::Late),
    entry(2, Kind::Helper, Hours::Late),
];

impl Kind {
    /// Whether the work is for estate agents.
    pub(super) fn is_media(self) -> bool {
        matches!(self, Self::Photographer | Self::AllMedia | Self::Evening)
    }

    fn skills(self) -> &'static [(&'static str, u8)] {
        match self {
            Self::Photographer => &[(PHOTOGRAPHY, 6), (FLOOR_PLANS, 4), (DRONE_LICENCE, 3)],
            Self::AllMedia => {
                &[(PHOTOGRAPHY, 5), (VIDEO, 5), (FLOOR_PLANS, 3), (SCANNING, 4), (DRONE_LICENCE, 2)]
            }
            Self::Evening => &[(PHOTOGRAPHY, 8), (TWILIGHT, 5), (VIDEO, 3)],
            Self::Heating => {
                &[(HEATING, 8), (REFRIGERANTS, 1), (VENTILATION, 4), (ELECTRICAL, 4), (PLUMBING, 4)]
            }
            Self::Inspector => &[(HEATING, 3), (VENTILATION, 2), (PLUMBING, 2), (APPLIANCES, 1)],
            Self::Lead => &[(ELECTRICAL, 7), (PLUMBING, 5), (APPLIANCES, 5), (HEATING, 2)],
            Self::Helper => &[(APPLIANCES, 2), (PLUMBING, 1)],
        }
    }
}

impl Hours {
    /// The weekly spans.
    pub(super) fn weekly(self) -> Vec<WeeklySpan> {
        let on = |days: &[Weekday], span| WeeklySpan { days: days.to_vec(), span };
        match self {
            Self::Early => vec![on(&WORKDAYS, span(8, 0, 16, 0))],
            Self::Late => vec![on(&WORKDAYS, span(9, 0, 17, 0))],
            Self::FourDays => vec![on(&WORKDAYS[..4], span(7, 30, 17, 30))],
            Self::Evening => vec![on(&WORKDAYS, span(13, 0, 21, 0))],
            Self::Saturday => {
                vec![on(&WORKDAYS[1..], span(8, 0, 16, 30)), on(&[Weekday::Sat], span(9, 0, 15, 0))]
            }
            Self::Short => vec![on(&WORKDAYS, span(9, 0, 14, 0))],
        }
    }
}

/// The skills of the technician in `row`; certificates have dates, and two are about to matter.
pub(super) fn skills(
    document: &Document,
    entry: &Entry,
    row: usize,
    today: NaiveDate,
) -> Vec<SkillHeld> {
    let held = entry.kind.skills().iter().filter_map(|(name, level)| {
        let skill_id = catalogue::skill(document, name)?;
        let certificate = [DRONE_LICENCE, REFRIGERANTS].contains(name);
        let days_left = match row {
            // One licence ran out a month ago, one certificate runs out in six days.
            3 => -30,
            9 => 6,
            _ => 200 + 20 * i64::try_from(row).unwrap_or(0),
        };
        let until = today + TimeDelta::days(days_left);
        let from = today - TimeDelta::days(900);
        Some(SkillHeld {
            skill_id,
            level: *level,
            valid_from: certificate.then_some(from),
            valid_until: certificate.then_some(until),
        })
    });
    held.collect()
}
