//! Searching a view: everything the solver wants, gathered, and its work done off the async threads.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::app::App;
use crate::app::live::{self, Grounds, View};
use crate::app::placing::peers::turns;
use crate::app::reader;
use crate::app::slots::ALTERNATIVES;
use crate::app::slots::asked::Asked;
use crate::app::slots::offered::{keep_until, rolling_last};
use crate::app::slots::ways_out::completed;
use crate::app::slots::when::{horizon, when};
use crate::calendar::dates::{date_of, each, shifted};
use crate::calendar::zones::days;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{OrganizationId, TechnicianId};
use crate::domain::places::Place;
use crate::domain::slots::{Alternative, Explanation, Reason, SlotQuery};
use crate::domain::travel::HourSpan;
use crate::planning::answers::{self, Context, Found, Turn};
use crate::planning::explaining::{self, About};
use crate::planning::requests::{Ask, DayUse, Variant, variants};
use crate::planning::sentences;

/// Dates beyond those asked for that are searched for alternatives.
const BEYOND_DAYS: i64 = 14;
/// The same where those have none.
const FAR_DAYS: i64 = 45;
/// Days after today that are searched where no horizon ends them; the longest horizon there is.
const HORIZON_DAYS: i64 = 730;

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

/// The dates on which starts may be offered: from today to the end of the horizons.
///
/// * `wish`: the last date that matters; how far horizons of bookable dates reach beyond it is not
///   asked.
pub(crate) async fn offered_dates(
    app: &App,
    organization_id: OrganizationId,
    asked: &Asked,
    wish: NaiveDate,
) -> Result<DateSpan, AppError> {
    let today = date_of(app.now(), asked.zone());
    let own = if asked.relaxed { None } else { horizon(asked, app.now()) };
    let last = own.unwrap_or(shifted(today, HORIZON_DAYS)).max(today);
    let mut tx = app.db.read().await?;
    let rolling = rolling_last(app, &mut tx, organization_id, asked, wish.min(last)).await?;
    Ok(DateSpan {
        from: today,
        until: rolling.map_or(last, |rolling| rolling.min(last)).max(today),
    })
}

/// The nearest starts outside the wishes or dates, among those that are offered at all.
pub(crate) async fn nearest_elsewhere(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    query: &SlotQuery,
) -> Result<Vec<Alternative>, AppError> {
    let offered = offered_dates(app, actor.organization_id, asked, query.until).await?;
    let inside = |date: NaiveDate| date.clamp(offered.from, offered.until);
    let wish = days(asked.zone(), DateSpan { from: query.from, until: query.until });
    let wish = (wish.start + (wish.end - wish.start) / 2).max(app.now());
    let asked = asked.without_wishes();
    let mut found = Vec::new();
    for beyond in [BEYOND_DAYS, FAR_DAYS] {
        let dates = DateSpan {
            from: shifted(inside(query.from), -beyond).max(offered.from),
            until: shifted(inside(query.until), beyond).min(offered.until),
        };
        found = nearest(app, actor, &asked, dates, wish).await?;
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
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

/// The nearest starts to one that cannot be had: on its date and the weeks around it, or at the end of
/// what is offered if it lies beyond.
pub(crate) async fn nearest_to(
    app: &App,
    actor: &Actor,
    asked: &Asked,
    start: DateTime<Utc>,
) -> Result<Vec<Alternative>, AppError> {
    let date = date_of(start, asked.zone());
    let offered = offered_dates(app, actor.organization_id, asked, date).await?;
    let middle = date.clamp(offered.from, offered.until);
    let around = |before: i64, after: i64| DateSpan {
        from: shifted(middle, -before).max(offered.from),
        until: shifted(middle, after).min(offered.until),
    };
    let mut found = nearest(app, actor, asked, around(1, 1), start).await?;
    for (before, after) in [(7, BEYOND_DAYS), (FAR_DAYS, FAR_DAYS)] {
        if found.len() >= ALTERNATIVES {
            break;
        }
        found = nearest(app, actor, &asked.without_wishes(), around(before, after), start).await?;
    }
    Ok(found)
}

/// Why technicians cannot come: on each date, or at one start.
///
/// * `about`: only this start, and only this technician.
///
/// Cost: some microseconds for each technician and date, and a search of the weeks around them where
/// another start may help.
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
        let locale = reader::locale();
        let found = compute(move || {
            let about = About { date, start, of: technician_id.as_ref().map(std::slice::from_ref) };
            explaining::reasons(locale, &setup.catalogue, &plan, &variants, about)
        });
        reasons.extend(found.await?);
    }
    if let Some(of) = technician_id.and_then(|id| elsewhere(view, id, dates.from)) {
        return Ok(sentences::explanation(vec![of]));
    }
    let reasons = completed(app, view, asked, (dates, start), reasons).await?;
    Ok(sentences::explanation(reasons))
}

/// Why somebody whom the location never sends cannot come; none for those it sends, and for nobody
/// that is known.
fn elsewhere(view: &View, id: TechnicianId, date: NaiveDate) -> Option<Reason> {
    if view.roster.technician(id).is_some() {
        return None;
    }
    let catalogue = &view.setup.catalogue;
    let technician = catalogue.technicians.get(&id)?;
    let locale = reader::locale();
    let location = catalogue.locations.get(&technician.location_id);
    let location = location.map_or("", |location| location.name.as_str());
    let (rule, sentence) = if technician.active {
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("who", &technician.name), ("location", &location)];
        ("other_location", sentences::words(locale, "elsewhere", &values))
    } else {
        ("inactive", sentences::words(locale, "inactive", &[("who", &technician.name)]))
    };
    Some(Reason {
        technician_id: Some(id),
        date,
        rule: rule.to_owned(),
        sentence,
        numbers: json!({ "location": location }),
        change: None,
        changes: Vec::new(),
        besides: Vec::new(),
    })
}
