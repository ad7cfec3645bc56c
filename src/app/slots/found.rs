//! Searching a view: everything the solver wants, gathered, and its work done off the async threads.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::slots::ALTERNATIVES;
use crate::app::slots::asked::Asked;
use crate::app::slots::when::when;
use crate::calendar::dates::{date_of, each, shifted};
use crate::calendar::zones::days;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::places::Place;
use crate::domain::slots::{Alternative, Explanation, SlotQuery};
use crate::planning::answers::{self, Context, Found};
use crate::planning::requests::{Ask, DayUse, Variant, variants};
use crate::planning::{explaining, sentences};
use crate::travel::Ask as TravelAsk;

/// Dates beyond those asked for that are searched for alternatives.
const BEYOND_DAYS: i64 = 14;
/// Dates that are explained at most.
const EXPLAINED_DAYS: usize = 14;

/// What is searched for in a view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) dates: DateSpan,
    /// Only this start.
    pub(crate) start: Option<DateTime<Utc>>,
    /// How many crews to name for each start.
    pub(crate) crews: usize,
}

/// Every feasible start, ascending.
pub(crate) async fn search_view(
    app: &App,
    view: &View,
    search: &Search<'_>,
) -> Result<Vec<Found>, AppError> {
    let plan = view.plan(search.dates, None)?;
    let variants = requests(app, view, search).await?;
    let crews = search.crews;
    compute(move || answers::run(&plan, &variants, crews)).await
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
    let trips = trips(app, asked).await?;
    let place = mode.uses_places().then(|| view.grounds.place(&asked.place, mode));
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

/// Seconds that shared equipment needs from the location to the site and back.
pub(crate) async fn trips(app: &App, asked: &Asked) -> Result<(i64, i64), AppError> {
    if asked.travelling.is_empty() {
        return Ok((0, 0));
    }
    let (base, site): (&Place, &Place) = (&asked.location().place, &asked.place);
    let organization = &asked.setup.catalogue.organization;
    let ask = TravelAsk::new(organization, asked.work.needs.travel);
    let pairs = [(base.clone(), site.clone()), (site.clone(), base.clone())];
    let legs = app.travel.legs(&ask, &pairs).await;
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
    drop(tx);
    let search = Search { asked, dates, start: None, crews: 1 };
    let found = search_view(app, &view, &search).await?;
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
pub(crate) async fn explain(
    app: &App,
    view: &View,
    asked: &Asked,
    query: &SlotQuery,
    start: Option<DateTime<Utc>>,
) -> Result<Explanation, AppError> {
    let zone = asked.zone();
    let dates = match start {
        Some(start) => {
            let date = date_of(start, zone);
            DateSpan { from: date, until: date }
        }
        None => DateSpan { from: query.from, until: query.until },
    };
    let mut reasons = Vec::new();
    for date in each(dates).take(EXPLAINED_DAYS) {
        let dates = DateSpan { from: date, until: date };
        let search = Search { asked, dates, start, crews: 1 };
        let plan = view.plan(dates, None)?;
        let variants = requests(app, view, &search).await?;
        let setup = std::sync::Arc::clone(&asked.setup);
        let found =
            compute(move || explaining::reasons(&setup.catalogue, &plan, &variants, date, start));
        reasons.extend(found.await?);
    }
    Ok(sentences::explanation(reasons))
}
