//! Which starts are offered at all, where that takes a search of more than the date in question:
//! horizons that count bookable dates, and grids that begin where free time begins.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::app::App;
use crate::app::live;
use crate::app::placing::Wanted;
use crate::app::placing::peers::turns;
use crate::app::slots::asked::Asked;
use crate::app::slots::found::{Search, search_view};
use crate::calendar::bounds::rolling_end;
use crate::calendar::dates::{date_of, shifted};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::OrganizationId;
use crate::domain::services::{Horizon, HorizonCount};
use crate::planning::answers::Found;
use crate::planning::times::instant;
use crate::store::Tx;

/// Dates from today on of which it is known whether they are bookable; those after count as if
/// they were.
const ROLLING_DAYS_MAX: i64 = 400;

/// Whether a search would offer the wanted start; asks only what the check of the start itself does
/// not tell.
pub(crate) async fn is_offered(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    wanted: &Wanted,
) -> Result<bool, AppError> {
    let (asked, date) = (&wanted.asked, date_of(wanted.start, wanted.asked.zone()));
    if rolling_last(app, tx, organization_id, asked, date).await?.is_some_and(|last| last < date) {
        return Ok(false);
    }
    if !wanted.of_free_span {
        return Ok(true);
    }
    // Free time may begin on the evening before; a search of that date alone begins at midnight.
    let around = DateSpan { from: shifted(date, -1), until: shifted(date, 1) };
    for dates in [DateSpan { from: date, until: date }, around] {
        let found = starts(app, tx, organization_id, asked, dates).await?;
        if found.iter().any(|found| instant(found.slot.start) == wanted.start) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last date within the horizons that count bookable dates; none if there is no such horizon.
///
/// A date is bookable if the service has a start on it, whatever is wished for besides, so that
/// wishes do not move the horizon.
///
/// * `until`: the last date that matters.
pub(crate) async fn rolling_last(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    asked: &Asked,
    until: NaiveDate,
) -> Result<Option<NaiveDate>, AppError> {
    let rolls = |horizon: &&Horizon| horizon.count == HorizonCount::Bookable;
    let horizons = asked.work.horizons.iter().filter(rolls);
    let Some(count) = horizons.map(|horizon| horizon.days).min() else { return Ok(None) };
    let zone = asked.zone();
    let today = date_of(app.now(), zone);
    if asked.relaxed || until < today {
        return Ok(None);
    }
    let until = until.min(shifted(today, ROLLING_DAYS_MAX));
    let dates = DateSpan { from: today, until };
    let found = starts(app, tx, organization_id, &asked.without_wishes(), dates).await?;
    let dates: BTreeSet<NaiveDate> =
        found.iter().map(|found| date_of(instant(found.slot.start), zone)).collect();
    // Nothing is known of the dates after the last one that matters, and nothing depends on them.
    let bookable = |date: NaiveDate| dates.contains(&date) || date > until;
    Ok(Some(rolling_end(today, count, bookable)))
}

/// Drops the starts after a date.
pub(crate) fn keep_until(found: &mut Vec<Found>, last: Option<NaiveDate>, asked: &Asked) {
    let Some(last) = last else { return };
    found.retain(|found| date_of(instant(found.slot.start), asked.zone()) <= last);
}

async fn starts(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    asked: &Asked,
    dates: DateSpan,
) -> Result<Vec<Found>, AppError> {
    let view = live::view(app, tx, (organization_id, asked.location_id), dates).await?;
    let turns = turns(app, tx, &view, asked, dates).await?;
    let search = Search { asked, dates, start: None, crews: 1, turns: &turns };
    search_view(app, &view, &search).await
}
