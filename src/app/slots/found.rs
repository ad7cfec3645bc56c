//! Searching a view: everything the solver wants, gathered, and its work done off the async threads.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::app::live::{self, Grounds, View};
use crate::app::placing::peers::turns;
use crate::app::slots::ALTERNATIVES;
use crate::app::slots::asked::Asked;
use crate::app::slots::offered::{keep_until, rolling_last};
use crate::app::slots::when::when;
use crate::calendar::dates::{date_of, each, shifted};
use crate::calendar::zones::days;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::TechnicianId;
use crate::domain::places::Place;
use crate::domain::slots::{Alternative, Explanation, Reason, SlotQuery};
use crate::domain::travel::HourSpan;
use crate::planning::answers::{self, Context, Found, Turn};
use crate::planning::requests::{Ask, DayUse, Variant, variants};
use crate::planning::{explaining, sentences};

/// Dates beyond those asked for that are searched for alternatives.
const BEYOND_DAYS: i64 = 14;

/// What is searched for in a view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) dates: DateSpan,
    /// Only this start.
    pub(crate) start: Option<DateTime<Utc>>,
    /// How many crews to name for each start.
    pub(crate) crews: usize,
    /// The order of the crews, see [`turns`]; starts outside of them are left out.
    pub(crate) turns: &'a [Turn],
}

/// Every feasible start, ascending.
pub(crate) async fn search_view(
    app: &App,
    view: &View,
    search: &Search<'_>,
) -> Result<Vec<Found>, AppError> {
    let plan = view.plan(search.dates, None)?;
    let variants = requests(app, view, search).await?;
    let (crews, turns) = (search.crews, search.turns.to_vec());
    compute(move || answers::run(&plan, &variants, &turns, crews)).await
}

/// The requests of the solver for a search.
pub(crate) async fn requests(
    app: &App,
    view: &View,
    search: &Search<'_>,
) -> Result<Vec<Variant>, AppError> {
    let Search { asked, dates, start, .. } = *search;
    let now = app.now();
    let mode = asked.work.needs.travel;
    let trips = trips(&view.grounds, asked).await?;
    let place = mode.uses_places().then(|| view.grounds.place(&asked.place));
    let travel = view.grounds.rows(&asked.place, mode).await?;
    let limited = !asked.work.limits.is_empty();
    let days: Vec<DayUse> = each(dates)
        .map(|date| {
            let span = crate::planning::times::day_span(date, asked.zone());
            let catalogue = &asked.setup.catalogue;
            let used = if limited { view.rows.used(catalogue, date, now) } else { Vec::new() };
            DayUse { span, used }
        })
        .collect();
    Ok(variants(&Ask {
        work: &asked.work,
        roster: &view.roster,
        when: &when(asked, dates, start, now),
        who: &asked.who,
        zones: &asked.zones,
        place,
        travel,
        trips,
        travelling: &asked.travelling,
        days: &days,
    }))
}

/// Seconds that shared equipment needs from the location to the site and back, at any hour: it has
/// no shift.
pub(crate) async fn trips(grounds: &Grounds, asked: &Asked) -> Result<(i64, i64), AppError> {
    if asked.travelling.is_empty() {
        return Ok((0, 0));
    }
    let (base, site): (&Place, &Place) = (&asked.location().place, &asked.place);
    let ask = grounds.ask(asked.work.needs.travel, HourSpan::default());
    let pairs = [(base.clone(), site.clone()), (site.clone(), base.clone())];
    let legs = grounds.travel().legs(&ask, &pairs).await;
    let (legs, _) = legs.map_err(|error| error.into_app("place"))?;
    let seconds = |at: usize| {
        let leg = legs.get(at).copied().flatten();
        leg.map(|leg| leg.seconds)
            .ok_or_else(|| AppError::invalid("place", "", "no road leads there with equipment"))
    };
    Ok((seconds(0)?, seconds(1)?))
}

/// Runs solver work where it does not hold up other requests.
pub(crate) async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, answers::Refused> + Send + 'static,
) -> Result<T, AppError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| AppError::Internal(Box::new(error)))?;
    done.map_err(|error| AppError::Internal(Box::new(error)))
}

/// The nearest starts outside the wishes or dates.
pub(crate) async fn nearest_elsewhere(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    query: &SlotQuery,
) -> Result<Vec<Alternative>, AppError> {
    let zone = asked.zone();
    let today = date_of(app.now(), zone);
    let from = shifted(query.from, -BEYOND_DAYS).max(today);
    let until = shifted(query.until, BEYOND_DAYS).max(shifted(today, BEYOND_DAYS));
    let dates = DateSpan { from: from.min(until), until };
    let wish = days(zone, DateSpan { from: query.from, until: query.until });
    let middle = wish.start + (wish.end - wish.start) / 2;
    nearest(app, actor, &asked.without_wishes(), dates, middle.max(app.now())).await
}

/// The nearest starts to `wish` on some dates.
pub(crate) async fn nearest(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    dates: DateSpan,
    wish: DateTime<Utc>,
) -> Result<Vec<Alternative>, AppError> {
    let mut tx = app.db.read().await?;
    let key = (actor.organization_id, asked.location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let turns = turns(app, &mut tx, &view, asked, dates).await?;
    let last = rolling_last(app, &mut tx, actor.organization_id, asked, dates.until).await?;
    drop(tx);
    let search = Search { asked, dates, start: None, crews: 1, turns: &turns };
    let mut found = search_view(app, &view, &search).await?;
    keep_until(&mut found, last, asked);
    let context = Context { roster: &view.roster, work: &asked.work };
    Ok(context.nearest(&found, wish, ALTERNATIVES))
}

/// The nearest starts to one that is lost: on its date and the week around it.
pub(crate) async fn nearest_to(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    start: DateTime<Utc>,
) -> Result<Vec<Alternative>, AppError> {
    let date = date_of(start, asked.zone());
    let today = date_of(app.now(), asked.zone());
    let near = DateSpan { from: shifted(date, -1).max(today.min(date)), until: shifted(date, 1) };
    let found = nearest(app, actor, asked, near, start).await?;
    if found.len() >= ALTERNATIVES {
        return Ok(found);
    }
    let (from, until) = (shifted(date, -7).max(today.min(date)), shifted(date, BEYOND_DAYS));
    nearest(app, actor, &asked.without_wishes(), DateSpan { from, until }, start).await
}

/// Why technicians cannot come: on each date, or at one start.
///
/// * `about`: only this start, and only this technician.
///
/// Cost: some microseconds for each technician and date.
pub(crate) async fn explain(
    app: &App,
    view: &View,
    asked: &Asked,
    query: &SlotQuery,
    about: (Option<DateTime<Utc>>, Option<TechnicianId>),
) -> Result<Explanation, AppError> {
    let (start, technician_id) = about;
    let dates = match start.map(|start| date_of(start, asked.zone())) {
        Some(date) => DateSpan { from: date, until: date },
        None => DateSpan { from: query.from, until: query.until },
    };
    let mut reasons = Vec::new();
    for date in each(dates) {
        let dates = DateSpan { from: date, until: date };
        let search = Search { asked, dates, start, crews: 1, turns: &[] };
        let plan = view.plan(dates, None)?;
        let variants = requests(app, view, &search).await?;
        let setup = std::sync::Arc::clone(&asked.setup);
        let found =
            compute(move || explaining::reasons(&setup.catalogue, &plan, &variants, date, start));
        let concerned =
            |reason: &Reason| technician_id.is_none_or(|only| reason.technician_id == Some(only));
        reasons.extend(found.await?.into_iter().filter(concerned));
    }
    Ok(sentences::explanation(reasons))
}
