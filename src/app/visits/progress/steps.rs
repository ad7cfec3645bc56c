//! The steps of a visit: which may come next and when, and what they make of it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::permissions::Sight;
use crate::app::visits::VisitDetails;
use crate::app::visits::progress::Step;
use crate::domain::bookings::BookingStatus;
use crate::domain::error::AppError;
use crate::domain::visits::{Visit, VisitStatus};

/// How far reports may lie from the planned times, and for technicians from now.
const A_DAY: TimeDelta = TimeDelta::days(1);

/// Refuses a time at which the step cannot have happened; what is forgotten for longer than a day
/// is for dispatchers to mend.
pub(super) fn plausible(
    sight: Sight,
    before: &VisitDetails,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let refused = |message: String| Err(AppError::invalid("at", at, message));
    let actual = &before.visit.actual;
    let steps = [actual.en_route_at, actual.arrived_at, actual.started_at];
    if let Some(last) = steps.into_iter().flatten().max().filter(|last| at < *last) {
        return refused(format!("must not be before {last}, when the step before was"));
    }
    let planned = &before.assignments;
    let first = planned.iter().map(|one| one.start - A_DAY).min().unwrap_or(at);
    let last = planned.iter().map(|one| one.end + A_DAY).max().unwrap_or(at);
    if at < first || last < at {
        let message = "must be from a day before the visit is planned to a day after it ends";
        return refused(format!("{message}: {first} to {last}"));
    }
    if sight != Sight::Everything && at < now - A_DAY {
        return refused("must lie within the last day; a dispatcher can report it".to_owned());
    }
    Ok(())
}

/// The visit after a step.
///
/// # Errors
/// [`AppError::Conflict`] for a step backwards, and for a visit that is over or in nobody's day.
pub(super) fn advanced(visit: &Visit, step: Step, at: DateTime<Utc>) -> Result<Visit, AppError> {
    let mut changed = visit.clone();
    let to = match step {
        Step::EnRoute => VisitStatus::EnRoute,
        Step::Arrived => VisitStatus::Arrived,
        Step::Started => VisitStatus::Started,
        Step::Finished => VisitStatus::Finished,
        Step::NeedsMore { minutes } => {
            changed.actual.extra_s = i64::from(minutes) * 60;
            visit.status
        }
        Step::Undo => return Err(AppError::Conflict("nothing to take back".to_owned())),
    };
    let open = matches!(
        visit.status,
        VisitStatus::Planned | VisitStatus::EnRoute | VisitStatus::Arrived | VisitStatus::Started
    );
    let forwards = matches!(step, Step::NeedsMore { .. }) || rank(to) > rank(visit.status);
    if !open || !forwards {
        let status = visit.status.as_str();
        return Err(AppError::Conflict(format!("the visit is {status} already")));
    }
    changed.status = to;
    match step {
        Step::EnRoute => changed.actual.en_route_at = Some(at),
        Step::Arrived => changed.actual.arrived_at = Some(at),
        Step::Started => {
            changed.actual.arrived_at = changed.actual.arrived_at.or(Some(at));
            changed.actual.started_at = Some(at);
        }
        Step::Finished => changed.actual.finished_at = Some(at),
        Step::NeedsMore { .. } | Step::Undo => {}
    }
    Ok(changed)
}

/// How far a status is; steps go forwards only.
fn rank(status: VisitStatus) -> u32 {
    match status {
        VisitStatus::Unassigned | VisitStatus::Held | VisitStatus::Planned => 0,
        VisitStatus::EnRoute => 1,
        VisitStatus::Arrived => 2,
        VisitStatus::Started => 3,
        VisitStatus::Finished | VisitStatus::Cancelled => 4,
    }
}

/// The visit without the last report.
pub(super) fn undone(sight: Sight, visit: &Visit) -> Result<Visit, AppError> {
    if sight != Sight::Everything {
        let message = "ask a dispatcher to take the report back";
        return Err(AppError::Forbidden(message.to_owned()));
    }
    let mut changed = visit.clone();
    let actual = &mut changed.actual;
    match visit.status {
        VisitStatus::Finished => actual.finished_at = None,
        VisitStatus::Started => {
            // Who began to work without a report of arriving arrived with the same report.
            let both = actual.arrived_at == actual.started_at;
            actual.arrived_at = actual.arrived_at.filter(|_| !both);
            actual.started_at = None;
        }
        VisitStatus::Arrived => actual.arrived_at = None,
        VisitStatus::EnRoute => actual.en_route_at = None,
        status => {
            let message =
                format!("the visit is {}, so there is nothing to take back", status.as_str());
            return Err(AppError::Conflict(message));
        }
    }
    changed.status = match (actual.en_route_at, actual.arrived_at, actual.started_at) {
        (_, _, Some(_)) => VisitStatus::Started,
        (_, Some(_), None) => VisitStatus::Arrived,
        (Some(_), None, None) => VisitStatus::EnRoute,
        (None, None, None) => VisitStatus::Planned,
    };
    Ok(changed)
}

/// When the visit ends, as far as one knows.
pub(crate) fn expected_end(
    visit: &Visit,
    planned: DateTime<Utc>,
    at: DateTime<Utc>,
) -> DateTime<Utc> {
    let seconds = TimeDelta::seconds;
    let extra = visit.actual.extra_s;
    if let Some(finished) = visit.actual.finished_at {
        return finished;
    }
    let needs = &visit.needs;
    let end = match (visit.actual.started_at, visit.actual.arrived_at) {
        (Some(started), _) => started + seconds(needs.work_s + needs.exit_s + extra),
        (None, Some(arrived)) => arrived + seconds(needs.on_site_s() + extra),
        (None, None) => planned + seconds(needs.on_site_s() + extra),
    };
    end.max(at)
}

/// What a step of the visit makes of its booking; none if it stays as it is.
pub(super) fn booking_status(
    status: BookingStatus,
    (before, after): (VisitStatus, VisitStatus),
) -> Option<BookingStatus> {
    let over = matches!(status, BookingStatus::Completed | BookingStatus::NoShow);
    match (before, after) {
        (VisitStatus::Finished, VisitStatus::Finished) => None,
        (_, VisitStatus::Finished) => status.is_open().then_some(BookingStatus::Completed),
        (VisitStatus::Finished, _) => over.then_some(BookingStatus::Scheduled),
        _ => None,
    }
}
