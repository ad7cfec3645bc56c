//! A visit as its customer follows it on the day: how far it is, when to expect whom, and the last
//! mile of the way.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::app::manage::{BookingKey, Managed, get};
use crate::app::technicians;
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::TechnicianId;
use crate::domain::places::metres_between;
use crate::domain::visits::VisitStatus;
use crate::store::assignments;

/// Metres of the way to the site that are shown.
const LAST_MILE_M: f64 = 1609.0;
/// Of a short way, no more than this part is shown, so that nobody sees where it began.
const PART_MAX: f64 = 0.5;

/// A visit as its customer follows it.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The booking.
    pub managed: Managed,
    /// How far the visit is.
    pub status: VisitStatus,
    /// When somebody is expected; none once they are there, and before the day of the visit.
    pub expected: Option<DateTime<Utc>>,
    /// Whether they will be there after the end of what was promised.
    pub late: bool,
    /// First names of those who come; none before the day of the visit.
    pub names: Vec<String>,
    /// The last mile of the way there, latitude and longitude in degrees, while somebody is on it.
    pub approach: Vec<(f64, f64)>,
}

/// What a technician's day says about the way to a visit.
#[derive(Debug, Default)]
struct Way {
    name: String,
    drive_s: Option<i64>,
    line: Option<String>,
}

/// How the visit of a booking goes, for its customer.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn follow(app: &App, actor: &Actor, id: BookingKey) -> Result<Followed, AppError> {
    let managed = get(app, actor, &id).await?;
    let (visit, window, zone) = (&managed.visit, managed.booking.window, managed.zone);
    let now = app.now();
    let is_today = date_of(window.from, zone) == date_of(now, zone)
        || visit.planned_start.is_some_and(|start| date_of(start, zone) == date_of(now, zone));
    let status = visit.status;
    if !is_today || !managed.booking.status.is_open() {
        let (names, approach) = (Vec::new(), Vec::new());
        return Ok(Followed { managed, status, expected: None, late: false, names, approach });
    }
    let mut tx = app.db.read().await?;
    let crew = assignments::of_visits(&mut tx, actor.organization_id, &[visit.id]).await?;
    drop(tx);
    let mut ways = Vec::new();
    for one in crew {
        ways.push(way(app, actor, &managed, one.assignment.technician_id).await?);
    }
    let planned = visit.planned_start.unwrap_or(window.from);
    let driving = ways.iter().filter_map(|way| way.drive_s).max();
    let expected = match (status, visit.actual.en_route_at, driving) {
        (VisitStatus::EnRoute, Some(left), Some(drive_s)) => {
            Some((left + TimeDelta::seconds(drive_s)).max(now))
        }
        (VisitStatus::EnRoute | VisitStatus::Planned, ..) => Some(planned.max(now)),
        _ => None,
    };
    let late = expected.is_some_and(|expected| expected > window.until + TimeDelta::minutes(5));
    let line = ways.iter().find_map(|way| way.line.as_deref());
    let shown = (status == VisitStatus::EnRoute).then_some(line).flatten();
    let approach = shown.map(|line| last_mile(&decoded(line))).unwrap_or_default();
    let names = ways.into_iter().map(|way| way.name).filter(|name| !name.is_empty()).collect();
    Ok(Followed { managed, status, expected, late, names, approach })
}

/// The way of one technician to the visit.
async fn way(
    app: &App,
    actor: &Actor,
    managed: &Managed,
    technician_id: TechnicianId,
) -> Result<Way, AppError> {
    let system = Actor::system(actor.organization_id);
    let visit = &managed.visit;
    let start = visit.planned_start.unwrap_or(managed.booking.window.from);
    let date = date_of(start, managed.zone);
    let on_the_way = visit.status == VisitStatus::EnRoute;
    let day = if on_the_way {
        technicians::drawn_day(app, &system, technician_id, date).await?
    } else {
        technicians::day(app, &system, technician_id, date).await?
    };
    let mut stops = day.shifts.iter().flat_map(|shift| &shift.stops);
    let stop = stops.find(|stop| stop.visit_id == Some(visit.id));
    Ok(Way {
        name: day.name.split_whitespace().next().unwrap_or("").to_owned(),
        drive_s: stop.and_then(|stop| stop.drive).map(|leg| leg.seconds),
        line: stop.and_then(|stop| stop.line.as_ref()).map(|line| line.polyline.clone()),
    })
}

/// The end of a line: a mile of it, or half of a short one.
fn last_mile(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let length = |pair: &[(f64, f64)]| metres_between(pair[0], pair[1]);
    let whole: f64 = line.windows(2).map(length).sum();
    let mut left = LAST_MILE_M.min(whole * PART_MAX);
    let mut shown: Vec<(f64, f64)> = line.last().copied().into_iter().collect();
    for pair in line.windows(2).rev() {
        let step = length(pair);
        if step >= left {
            let part = if step > 0.0 { left / step } else { 0.0 };
            let between = |from: f64, to: f64| to + (from - to) * part;
            shown.push((between(pair[0].0, pair[1].0), between(pair[0].1, pair[1].1)));
            break;
        }
        left -= step;
        shown.push(pair[0]);
    }
    shown.reverse();
    shown
}

/// The points of an encoded polyline with five digits.
///
/// Source: Google, "Encoded Polyline Algorithm Format".
fn decoded(polyline: &str) -> Vec<(f64, f64)> {
    let mut bytes = polyline.bytes();
    let mut next = || -> Option<i64> {
        let (mut value, mut shift) = (0_i64, 0);
        loop {
            let chunk = i64::from(bytes.next()?.checked_sub(63)?);
            value |= (chunk & 0x1F) << shift;
            shift += 5;
            if chunk < 0x20 {
                return Some(if value & 1 == 1 { !(value >> 1) } else { value >> 1 });
            }
            if shift > 50 {
                return None;
            }
        }
    };
    let (mut lat, mut lon, mut points) = (0_i64, 0_i64, Vec::new());
    while let (Some(down), Some(right)) = (next(), next()) {
        lat += down;
        lon += right;
        points.push((degrees(lat), degrees(lon)));
    }
    points
}

#[expect(clippy::cast_precision_loss, reason = "hundred thousandths of degrees are small numbers")]
fn degrees(hundred_thousandths: i64) -> f64 {
    hundred_thousandths as f64 / 1e5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polyline_reads_as_its_author_says() {
        // The example of the format's description.
        let points = decoded("_p~iF~ps|U_ulLnnqC_mqNvxq`@");
        assert_eq!(points, [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]);
    }

    #[test]
    fn no_more_than_a_mile_and_no_more_than_half_of_the_way_is_shown() {
        // 0.1 degrees of latitude are 11.1 km.
        let long = last_mile(&[(64.0, -21.0), (64.1, -21.0)]);
        let metres = metres_between(long[0], long[1]);
        assert!((metres - LAST_MILE_M).abs() < 1.0, "{metres}");
        // 0.01 degrees are 1.1 km: half of it.
        let short = last_mile(&[(64.0, -21.0), (64.005, -21.0), (64.01, -21.0)]);
        let metres = metres_between(short[0], short[short.len() - 1]);
        assert!((metres - 556.0).abs() < 1.0, "{metres}");
        assert!(last_mile(&[]).is_empty());
    }
}
