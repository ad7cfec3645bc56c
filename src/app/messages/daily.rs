//! The schedule of a day, sent to each technician who has visits on it.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use crate::app::App;
use crate::app::messages::facts::{Facts, House, reader};
use crate::app::messages::technicians::{What, reach};
use crate::app::messages::words;
use crate::app::messages::writing::About;
use crate::calendar::zones::{Edge, instant, start_of_day};
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, TechnicianId};
use crate::domain::locations::Location;
use crate::domain::messages::MessageKind;
use crate::domain::messages::settings::DailySchedule;
use crate::domain::technicians::Technician;
use crate::domain::visits::{Assignment, VisitStatus};
use crate::store::queue::{self, Finished, Lease, NewTask};
use crate::store::{Tx, assignments, records};
use crate::text::{DateStyle, date};

/// The kind of the task that writes the schedules of an organization.
pub const TASK: &str = "messages.daily";

/// Asks for schedules to be written from now on, if the organization wants them.
///
/// # Errors
/// If the store fails.
pub(crate) async fn plan(app: &App, tx: &mut Tx, id: OrganizationId) -> Result<(), AppError> {
    let house = House::of(tx, id).await?;
    let Some(rule) = house.settings.technicians.daily else { return Ok(()) };
    let now = app.now();
    let Some(run_at) = soonest(tx, &house, rule, now).await? else { return Ok(()) };
    let task = NewTask {
        kind: TASK.to_owned(),
        unique_key: id.to_string(),
        organization_id: Some(id),
        run_at,
        payload: Value::Null,
    };
    Ok(queue::enqueue(tx, &task, now).await?)
}

/// Writes the schedules whose moment has come at some location, and waits for the next one.
///
/// # Errors
/// If the store fails; then the task stays.
pub async fn send(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let now = lease.now();
    let mut tx = lease.db().write().await?;
    let Some(id) = lease.task().organization_id else { return Ok(lease.finish(tx).await?) };
    let house = House::of(&mut tx, id).await?;
    let Some(rule) = house.settings.technicians.daily else {
        return Ok(lease.finish(tx).await?);
    };
    for location in records::all::<Location>(&mut tx, id).await? {
        let zone = location.value.time_zone;
        let today = now.with_timezone(&zone).date_naive();
        let moment = instant(zone, today.and_time(rule.at), Edge::Start);
        // A worker that was away for longer sends no schedule of hours ago.
        if moment <= now && now < moment + TimeDelta::hours(3) {
            let day = if rule.day_before { after(today) } else { today };
            for technician in records::all::<Technician>(&mut tx, id).await? {
                if technician.value.location_id == location.id {
                    schedule(app, &mut tx, &house, (technician.id, &location.value), day).await?;
                }
            }
        }
    }
    match soonest(&mut tx, &house, rule, now).await? {
        Some(at) => Ok(lease.postpone(tx, at).await?),
        None => Ok(lease.finish(tx).await?),
    }
}

fn after(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

/// The next moment at which a location's schedules are due.
async fn soonest(
    tx: &mut Tx,
    house: &House,
    rule: DailySchedule,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let locations = records::all::<Location>(tx, house.id).await?;
    let next = |location: &Location| {
        let zone = location.time_zone;
        let today = now.with_timezone(&zone).date_naive();
        let at = |date: NaiveDate| instant(zone, date.and_time(rule.at), Edge::Start);
        if at(today) > now { at(today) } else { at(after(today)) }
    };
    Ok(locations.iter().map(|location| next(&location.value)).min())
}

/// Writes one technician's schedule of a day, once.
async fn schedule(
    app: &App,
    tx: &mut Tx,
    house: &House,
    (technician_id, location): (TechnicianId, &Location),
    day: NaiveDate,
) -> Result<(), AppError> {
    let zone = location.time_zone;
    let (from, until) = (start_of_day(zone, day), start_of_day(zone, after(day)));
    let found = assignments::of_technician(tx, house.id, technician_id, from, until).await?;
    let stays: Vec<Assignment> = found.into_iter().map(|one| one.assignment).collect();
    let reader = reader(tx, house, technician_id).await?;
    let mut lines = Vec::new();
    let mut values = None;
    for stay in &stays {
        let Some(facts) = Facts::of(app, tx, house, stay.visit_id).await? else { continue };
        let status = facts.visit.status;
        if !status.occupies() || status == VisitStatus::Held {
            continue;
        }
        let time = |at| date(reader.locale, zone, at, DateStyle::Time);
        let customer = facts.customer.as_ref().map(|(_, customer)| {
            format!("{} {}", customer.name, customer.phone.clone().unwrap_or_default())
        });
        let parts = [
            facts.title.clone(),
            facts.visit.place.address.to_string(),
            customer.unwrap_or_default().trim().to_owned(),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        lines.push(format!("{}–{}  {}", time(stay.start), time(stay.end), parts.join(" · ")));
        let made = || words::of_staff(house, &facts, reader.locale, (stay.start, None));
        values.get_or_insert_with(made);
    }
    let Some(mut values) = values else { return Ok(()) };
    words::set(&mut values, "technician", reader.name.as_str());
    words::set(&mut values, "list", lines.join("\n"));
    let about = About { technician_id: Some(technician_id), ..About::default() };
    let what =
        What { kind: MessageKind::DailySchedule, about, key: day.to_string(), due_at: app.now() };
    let who = (&reader, technician_id);
    reach(app, tx, house, who, (&what, "daily", 0), &values, None).await?;
    Ok(())
}
