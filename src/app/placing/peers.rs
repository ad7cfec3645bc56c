//! What the assignment policy knows of the technicians that share the work, and the order in which
//! it would send them.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::app::App;
use crate::app::live::{View, history};
use crate::app::slots::asked::Asked;
use crate::calendar::dates::{month_dates, week_dates};
use crate::calendar::zones::{days, start_of_day};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::TechnicianId;
use crate::domain::policies::{FairPeriod, PolicyKind};
use crate::planning::answers::Turn;
use crate::planning::deciding::{Peer, weights};
use crate::store::Tx;

/// The order in which the policy would send people for each start on `dates`; the same for a search,
/// a hold and a booking of the same plan.
///
/// One turn for each week or month; for policies that look at a day's work, one for each date.
pub(crate) async fn turns(
    app: &App,
    tx: &mut Tx,
    view: &View,
    asked: &Asked,
    dates: DateSpan,
) -> Result<Vec<Turn>, AppError> {
    let policy = &asked.work.policy;
    let daily = matches!(policy.kind, PolicyKind::MostFree | PolicyKind::Blend);
    let mut turns = Vec::new();
    let mut from = dates.from;
    while from <= dates.until {
        let until = if daily { from } else { period(asked, from).until.min(dates.until) };
        let peers = load(app, tx, view, asked, from).await?;
        let span = days(view.roster.zone, DateSpan { from, until });
        let weights = weights(policy, &peers, &view.roster);
        turns.push(Turn { from: span.start, until: span.end, weights });
        let Some(next) = until.succ_opt() else { break };
        from = next;
    }
    Ok(turns)
}

/// The span around a date over which the policy is fair.
fn period(asked: &Asked, date: NaiveDate) -> DateSpan {
    match asked.work.policy.period {
        FairPeriod::Week => week_dates(date),
        FairPeriod::Month => month_dates(date),
    }
}

/// The group that shares the work on a date: every active technician of the location who may do it.
pub(super) async fn load(
    app: &App,
    tx: &mut Tx,
    view: &View,
    asked: &Asked,
    date: NaiveDate,
) -> Result<Vec<Peer>, AppError> {
    let catalogue = &asked.setup.catalogue;
    let zone = view.roster.zone;
    let period = period(asked, date);
    let span = days(zone, period);
    let history = history(app, tx, view, period).await?;
    let eligible: BTreeSet<TechnicianId> =
        catalogue.eligible(view.roster.location_id, &asked.work.teams);
    let peer = |id: &TechnicianId| {
        let technician = catalogue.technicians.get(id)?;
        let days = history.worked.get(id).map(Vec::as_slice).unwrap_or_default();
        let in_period = days.iter().filter(|day| span.start <= day.at && day.at < span.end);
        Some(Peer {
            technician_id: *id,
            weight: technician.round_robin_weight,
            priority: technician.priority,
            joined: technician.joined.map(|joined| start_of_day(zone, joined)),
            last_assigned: days.iter().map(|day| day.assigned_at).max(),
            absences: history.absences.get(id).cloned().unwrap_or_default(),
            planned_s: planned(view, *id, date),
            work: in_period.map(|day| (day.at, (day.on_site_s + day.travel_s) / 60)).collect(),
        })
    };
    Ok(eligible.iter().filter_map(peer).collect())
}

/// Seconds of work and driving planned on a date.
fn planned(view: &View, id: TechnicianId, date: NaiveDate) -> i64 {
    let routes = view.day(id, date).into_iter().flat_map(|day| &day.routes);
    routes.map(|route| route.shift.onsite().0 + route.shift.drive().0).sum()
}
