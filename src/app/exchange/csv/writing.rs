//! Technicians, customers and sites written as the tables that [`super::read`] reads.

use std::fmt::Display;

use chrono::Weekday;

use crate::app::exchange::csv::table::Column;
use crate::app::exchange::csv::{CUSTOMER_COLUMNS, CsvNoun, SITE_COLUMNS, TECHNICIAN_COLUMNS};
use crate::domain::customers::Customer;
use crate::domain::exchange::{Document, Item};
use crate::domain::hours::{BreakRule, WeeklySpan};
use crate::domain::id::{CustomerId, SiteId, TechnicianId};
use crate::domain::places::Place;
use crate::domain::sites::Site;
use crate::domain::technicians::{DayEdge, Technician};
use crate::domain::zones::ZoneLevel;

/// The records of one noun as a table, a row each, with a header of all columns.
///
/// What has no column stays behind: dated hours, dates of validity, places of breaks.
///
/// # Errors
/// If the table cannot be written, which no record brings about.
pub fn write(noun: CsvNoun, document: &Document) -> Result<String, csv::Error> {
    match noun {
        CsvNoun::Technicians => {
            let cell = |item: &Item<_, _>, column: &str| technician(document, item, column);
            table(TECHNICIAN_COLUMNS, &document.technicians, cell)
        }
        CsvNoun::Customers => table(CUSTOMER_COLUMNS, &document.customers, customer),
        CsvNoun::Sites => table(SITE_COLUMNS, &document.sites, site),
    }
}

fn table<T>(
    columns: &[Column],
    items: &[T],
    cell: impl Fn(&T, &str) -> String,
) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| column.name))?;
    for item in items {
        writer.write_record(columns.iter().map(|column| cell(item, column.name)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn technician(document: &Document, item: &Item<TechnicianId, Technician>, column: &str) -> String {
    let it = &item.value;
    let limits = &it.limits;
    match column {
        "id" => item.id.to_string(),
        "name" => it.name.clone(),
        "location" => word(&document.locations, it.location_id, |it| &it.name),
        "active" => if it.active { "yes" } else { "no" }.to_owned(),
        "time_zone" => it.time_zone.map_or_else(String::new, |zone| zone.name().to_owned()),
        "start" => edge(it.start).to_owned(),
        "end" => edge(it.end).to_owned(),
        "skills" => listed(it.skills.iter().map(|held| {
            let name = word(&document.skills, held.skill_id, |it| &it.name);
            format!("{name}:{}", held.level)
        })),
        "zones" => listed(it.zones.iter().map(|covered| {
            let name = word(&document.zones, covered.zone_id, |it| &it.name);
            match covered.level {
                ZoneLevel::Primary => format!("{name}:primary"),
                ZoneLevel::Secondary => format!("{name}:secondary"),
            }
        })),
        "carries" => {
            listed(it.carries.iter().map(|id| word(&document.equipment, *id, |it| &it.name)))
        }
        "working_hours" => listed(it.working_hours.weekly.iter().map(hours)),
        "breaks" => listed(it.breaks.iter().map(rest)),
        "overtime_min" => limits.overtime_min.to_string(),
        "visits_per_day" => optional(limits.visits_per_day),
        "visits_per_week" => optional(limits.visits_per_week),
        "minutes_per_day" => optional(limits.minutes_per_day),
        "minutes_per_week" => optional(limits.minutes_per_week),
        "drive_per_leg_min" => optional(limits.drive_per_leg_min),
        "drive_per_day_min" => optional(limits.drive_per_day_min),
        "round_robin_weight" => it.round_robin_weight.to_string(),
        "priority" => it.priority.to_string(),
        "joined" => optional(it.joined),
        other => it.home.as_ref().map_or_else(String::new, |home| place(home, other)),
    }
}

fn customer(item: &Item<CustomerId, Customer>, column: &str) -> String {
    let it = &item.value;
    match column {
        "id" => item.id.to_string(),
        "name" => it.name.clone(),
        "email" => it.email.clone().unwrap_or_default(),
        "phone" => it.phone.clone().unwrap_or_default(),
        "locale" => it.locale.clone().unwrap_or_default(),
        "external_ref" => it.external_ref.clone().unwrap_or_default(),
        "note" => it.note.clone(),
        _ => String::new(),
    }
}

fn site(item: &Item<SiteId, Site>, column: &str) -> String {
    let it = &item.value;
    match column {
        "id" => item.id.to_string(),
        "customer" => it.customer_id.to_string(),
        "name" => it.name.clone(),
        "access_note" => it.access_note.clone(),
        other => place(&it.place, other),
    }
}

fn place(place: &Place, column: &str) -> String {
    match column {
        "street" => place.address.street.clone(),
        "house_number" => place.address.house_number.clone(),
        "postcode" => place.address.postcode.clone(),
        "city" => place.address.city.clone(),
        "lat" => place.lat.to_string(),
        "lon" => place.lon.to_string(),
        _ => String::new(),
    }
}

/// The name of a record, or its id where the name would not lead back to it.
fn word<I: Copy + PartialEq + Display, T>(
    items: &[Item<I, T>],
    id: I,
    name: fn(&T) -> &str,
) -> String {
    let Some(item) = items.iter().find(|item| item.id == id) else { return id.to_string() };
    let own = name(&item.value);
    let wanted = own.to_lowercase();
    let known = items.iter().filter(|item| name(&item.value).to_lowercase() == wanted).count();
    if known == 1 && !own.contains([';', '|', ':']) { own.to_owned() } else { id.to_string() }
}

fn edge(edge: DayEdge) -> &'static str {
    match edge {
        DayEdge::Home => "home",
        DayEdge::Depot => "depot",
        DayEdge::Anywhere => "anywhere",
    }
}

fn hours(weekly: &WeeklySpan) -> String {
    let follows = |a: &Weekday, b: &Weekday| *a != Weekday::Sun && a.succ() == *b;
    let days = weekly.days.chunk_by(follows).map(|run| match run {
        [first, _, .., last] => format!("{first}-{last}"),
        few => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    });
    let (from, until) = (weekly.span.from.format("%H:%M"), weekly.span.until.format("%H:%M"));
    format!("{} {from}-{until}", days.collect::<Vec<_>>().join(","))
}

fn rest(rule: &BreakRule) -> String {
    let (earliest, latest) = (rule.earliest.format("%H:%M"), rule.latest.format("%H:%M"));
    format!("{earliest}-{latest} {}", rule.duration_min)
}

fn listed(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join("; ")
}

fn optional(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::*;
    use crate::app::exchange::csv::cells::weekly_hours;
    use crate::domain::hours::CivilSpan;

    #[test]
    fn days_in_a_row_are_written_as_a_span_and_read_again() {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        let time = |hour| NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
        let span = CivilSpan::new(time(7), time(16));
        for (days, words) in [
            (vec![Mon, Tue, Wed, Thu, Fri], "Mon-Fri 07:30-16:30"),
            (vec![Mon, Tue, Thu, Fri, Sat, Sun], "Mon,Tue,Thu-Sun 07:30-16:30"),
            (vec![Sun, Mon], "Sun,Mon 07:30-16:30"),
        ] {
            let weekly = WeeklySpan { days, span };
            assert_eq!(hours(&weekly), words);
            assert_eq!(weekly_hours(words).unwrap(), [weekly]);
        }
    }
}
