//! Days and hours in which technicians and equipment of the demo company are away.

use chrono::{NaiveDate, TimeDelta};

use crate::clock::IdSource;
use crate::demo::catalogue;
use crate::demo::catalogue::words::DRONE;
use crate::demo::midnight;
use crate::domain::absences::{Absence, AbsenceKind, AbsenceOf};
use crate::domain::exchange::{Document, Item};

/// Technician (row of the roster), days from today, first and last hour, kind, note, and whether
/// it is at the location's base.
type Row = (usize, i64, [i64; 2], AbsenceKind, &'static str, bool);

const ROWS: [Row; 9] = [
    (1, 3, [0, 72], AbsenceKind::TimeOff, "Long weekend", false),
    (5, -6, [0, 48], AbsenceKind::Sick, "Flu", false),
    (8, 1, [14, 16], AbsenceKind::Calendar, "Dentist", false),
    (10, 2, [8, 12], AbsenceKind::Internal, "Training on new pumps", true),
    (13, 8, [0, 120], AbsenceKind::TimeOff, "Holiday", false),
    (14, 5, [9, 11], AbsenceKind::Internal, "Meeting at the office", true),
    (16, 0, [15, 16], AbsenceKind::Calendar, "School play", false),
    (20, 9, [0, 24], AbsenceKind::TimeOff, "Day off", false),
    (22, -3, [9, 12], AbsenceKind::Calendar, "Car inspection", false),
];

/// Adds the absences.
pub(super) fn add(document: &mut Document, ids: &impl IdSource, today: NaiveDate) {
    let start_of = |days: i64| midnight(today) + TimeDelta::days(days);
    for (row, days, [from, until], kind, note, at_base) in ROWS {
        let technician = &document.technicians[row];
        let base = document
            .locations
            .iter()
            .find(|location| location.id == technician.value.location_id)
            .map(|location| location.value.place.clone());
        let absence = Absence {
            of: AbsenceOf::Technician { technician_id: technician.id },
            start: start_of(days) + TimeDelta::hours(from),
            end: start_of(days) + TimeDelta::hours(until),
            place: base.filter(|_| at_base),
            kind,
            note: note.to_owned(),
        };
        document.absences.push(Item::new(ids.next_id(), absence));
    }
    let Some(equipment_id) = catalogue::equipment(document, DRONE) else { return };
    let absence = Absence {
        of: AbsenceOf::Equipment { equipment_id, location_id: document.locations[0].id, units: 1 },
        start: start_of(4),
        end: start_of(7),
        place: None,
        kind: AbsenceKind::Maintenance,
        note: "New propellers".to_owned(),
    };
    document.absences.push(Item::new(ids.next_id(), absence));
}
