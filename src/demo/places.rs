//! Where the demo company works: its three locations and its zones.

use chrono::{Datelike as _, NaiveDate, NaiveTime, Weekday};

use crate::clock::IdSource;
use crate::demo::region::Region;
use crate::domain::exchange::{Document, Item};
use crate::domain::hours::{CivilSpan, DateSpan, WeeklySpan, WorkingHours};
use crate::domain::locations::Location;
use crate::domain::places::Place;
use crate::domain::replanning::Replanning;
use crate::domain::zones::{Zone, ZoneShape};

/// Monday to Friday.
pub const WORKDAYS: [Weekday; 5] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// Names of the locations, in the order of the document.
pub const LOCATIONS: [&str; 3] = ["Reykjavík", "Reykjanesbær", "Selfoss"];

/// Street and number of the base of each location.
const BASES: [(&str, &str); 3] = [("Skeifan", "15"), ("Hafnargata", "62"), ("Austurvegur", "21")];

/// Municipalities that are zones of the company.
const AREAS: [&str; 8] = [
    "Reykjavíkurborg",
    "Seltjarnarnesbær",
    "Kópavogsbær",
    "Garðabær",
    "Hafnarfjarðarkaupstaður",
    "Mosfellsbær",
    "Reykjanesbær",
    "Sveitarfélagið Árborg",
];

/// The zone of towns by postcode.
pub const SUDURNES: &str = "Suðurnes towns";
/// The zone across the tunnel, by postcode.
pub const AKRANES: &str = "Akranes";
/// The zone around a point.
pub const OLFUS: &str = "Ölfus and Hveragerði";
/// The zone by drive time.
pub const CITY: &str = "25 minutes from Skeifan";

/// Adds locations and zones.
pub fn add(document: &mut Document, ids: &impl IdSource, region: &Region, today: NaiveDate) {
    for (name, (street, number)) in LOCATIONS.into_iter().zip(BASES) {
        let Some(place) = region.address(street, number) else { continue };
        let location = location(name, place.clone(), today);
        document.locations.push(Item::new(ids.next_id(), location));
    }
    for zone in zones(region) {
        document.zones.push(Item::new(ids.next_id(), zone));
    }
}

fn location(name: &str, place: Place, today: NaiveDate) -> Location {
    let weekly = vec![
        WeeklySpan { days: WORKDAYS.to_vec(), span: span(7, 0, 21, 0) },
        WeeklySpan { days: vec![Weekday::Sat], span: span(9, 0, 16, 0) },
    ];
    let holidays = |year: i32| {
        let date = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(today);
        [
            DateSpan { from: date(6, 17), until: date(6, 17) },
            DateSpan { from: date(12, 24), until: date(12, 26) },
        ]
    };
    Location {
        name: name.to_owned(),
        time_zone: chrono_tz::Atlantic::Reykjavik,
        place,
        opening_hours: WorkingHours { weekly, ..WorkingHours::default() },
        replanning: Replanning::default(),
        closed: [today.year(), today.year() + 1].into_iter().flat_map(holidays).collect(),
    }
}

fn zones(region: &Region) -> Vec<Zone> {
    let polygon = |name: &str| {
        let area = region.area(name)?;
        let shape = ZoneShape::Polygon { geometry: area.geometry.clone() };
        Some(Zone { name: name.to_owned(), shape })
    };
    let postcodes = |name: &str, list: &[&str]| Zone {
        name: name.to_owned(),
        shape: ZoneShape::Postcodes { postcodes: list.iter().map(ToString::to_string).collect() },
    };
    let mut zones: Vec<Zone> = AREAS.into_iter().filter_map(polygon).collect();
    zones.push(postcodes(SUDURNES, &["190", "240", "245", "250"]));
    zones.push(postcodes(AKRANES, &["30*"]));
    // Hveragerði and Þorlákshöfn are 19 km apart; a circle around the land between holds both.
    let shape = ZoneShape::Radius { centre: Place::at(63.925, -21.29), metres: 14_000 };
    zones.push(Zone { name: OLFUS.to_owned(), shape });
    if let Some(centre) = region.address(BASES[0].0, BASES[0].1) {
        let shape = ZoneShape::DriveTime { centre: centre.clone(), minutes: 25 };
        zones.push(Zone { name: CITY.to_owned(), shape });
    }
    zones
}

/// A span of civil time from hours and minutes.
pub fn span(from_hour: u32, from_minute: u32, until_hour: u32, until_minute: u32) -> CivilSpan {
    CivilSpan::new(time(from_hour, from_minute), time(until_hour, until_minute))
}

/// A time of day; midnight if there is no such time.
pub fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN)
}
