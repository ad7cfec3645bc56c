//! Slots: when could somebody come, and if not, why not.

pub(crate) mod asked;
pub mod choice;
mod coverage;
pub(crate) mod found;
pub(crate) mod offered;
pub(crate) mod ways_out;
pub(crate) mod when;

use chrono::{DateTime, NaiveDate, Utc};

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::peers::turns;
use crate::app::slots::asked::Asked;
use crate::app::slots::found::{Search, nearest_elsewhere, search_view};
use crate::app::slots::offered::{keep_until, rolling_last};
use crate::calendar::dates::{date_of, each};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::hours::DateSpan;
use crate::domain::id::TechnicianId;
use crate::domain::slots::public::PublicSlotAnswer;
use crate::domain::slots::{Explanation, Slot, SlotAnswer, SlotDay, SlotQuery};
use crate::planning::answers::{self, Found};

/// Alternatives named when nothing fits.
pub(crate) const ALTERNATIVES: usize = 3;
/// Most crews named for a start, as [`SlotQuery::crews_per_slot`] says.
const CREWS_MAX: u32 = 50;

/// Every start, or a few good ones, at which the visit can be put into the live plan.
///
/// # Errors
/// [`AppError::Invalid`] with all faults of the query; [`AppError::Forbidden`];
/// [`AppError::Unauthenticated`] for anyone, who uses [`search_public`].
#[tracing::instrument(skip_all)]
pub async fn search(app: &App, actor: &Actor, query: &SlotQuery) -> Result<SlotAnswer, AppError> {
    let sight = permit(actor, Operation::SlotsSearch)?;
    if sight.is_published() {
        return Err(AppError::Unauthenticated("log in, or send an API key, to see drives"));
    }
    Ok(answered(app, actor, sight, query).await?.0)
}

/// The same as anyone sees it: no drives, no overtime, no zones; technicians only where the service
/// lets the customer choose.
///
/// # Errors
/// [`AppError::Invalid`] with all faults of the query; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn search_public(
    app: &App,
    actor: &Actor,
    query: &SlotQuery,
) -> Result<PublicSlotAnswer, AppError> {
    permit(actor, Operation::SlotsSearch)?;
    // Which crews are left out must not depend on who is near.
    let crews = query.crews_per_slot.max(CREWS_MAX);
    let wide = SlotQuery { crews_per_slot: crews, ..query.clone() };
    let (answer, may_choose) = answered(app, actor, Sight::Published, &wide).await?;
    let crews = if may_choose { query.crews_per_slot as usize } else { 0 };
    Ok(PublicSlotAnswer::new(answer, crews))
}

/// The answer, and whether the service lets the customer choose who comes.
async fn answered(
    app: &App,
    actor: &Actor,
    sight: Sight,
    query: &SlotQuery,
) -> Result<(SlotAnswer, bool), AppError> {
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let asked = checked(app, query, None).and("", Asked::new(&setup, sight, query))?;
    let dates = DateSpan { from: query.from, until: query.until };
    let key = (actor.organization_id, asked.location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let turns = turns(app, &mut tx, &view, &asked, dates).await?;
    let last = rolling_last(app, &mut tx, actor.organization_id, &asked, dates.until).await?;
    drop(tx);
    let crews = query.crews_per_slot as usize;
    let search = Search { asked: &asked, dates, start: None, crews, turns: &turns };
    let mut found = search_view(app, &view, &search).await?;
    keep_until(&mut found, last, &asked);
    let mut answer = answer(&view, &asked, query, found);
    if answer.days.iter().all(|day| day.slots.is_empty()) {
        answer.alternatives = nearest_elsewhere(app, actor, &asked, query).await?;
        if sight == Sight::Everything {
            answer.explanation =
                Some(found::explain(app, &view, &asked, query, (None, None)).await?);
        }
    }
    Ok((answer, asked.work.customer_may_choose))
}

/// Why there is no slot: for each technician and date, or start, the first rule that fails.
///
/// * `start`: asks about this start alone.
/// * `technician_id`: asks about this technician alone.
///
/// # Errors
/// As [`search`].
#[tracing::instrument(skip_all)]
pub async fn explain(
    app: &App,
    actor: &Actor,
    query: &SlotQuery,
    start: Option<DateTime<Utc>>,
    technician_id: Option<TechnicianId>,
) -> Result<Explanation, AppError> {
    let sight = permit(actor, Operation::SlotsExplain)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let mut faults = checked(app, query, start);
    if let Some(id) = technician_id {
        let known = setup.catalogue.technicians.contains_key(&id);
        faults.check(known, "technician_id", id, "no such technician");
    }
    let asked = faults.and("", Asked::new(&setup, sight, query))?;
    // A start may lie on a date that was not asked for.
    let dates = match start.map(|start| date_of(start, asked.zone())) {
        Some(date) => DateSpan { from: date, until: date },
        None => DateSpan { from: query.from, until: query.until },
    };
    let key = (actor.organization_id, asked.location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    drop(tx);
    found::explain(app, &view, &asked, query, (start, technician_id)).await
}

/// All faults of a query at once, and of the start it is about.
fn checked(app: &App, query: &SlotQuery, start: Option<DateTime<Utc>>) -> Faults {
    let mut faults = Faults::default();
    query.validate(&mut faults);
    let start = start.map(|start| ("start", start.date_naive()));
    for (field, date) in [("from", query.from), ("until", query.until)].into_iter().chain(start) {
        live::reach::note(app.now(), field, date, &mut faults);
    }
    faults
}

fn answer(view: &View, asked: &Asked, query: &SlotQuery, found: Vec<Found>) -> SlotAnswer {
    let found = answers::diverse(found, query.limit);
    let context = answers::Context { roster: &view.roster, work: &asked.work };
    let mut slots: std::collections::BTreeMap<NaiveDate, Vec<Slot>> =
        context.days(&found).into_iter().collect();
    let dates = DateSpan { from: query.from, until: query.until };
    let day = |date| SlotDay {
        date,
        plan_version: view.version(date),
        slots: slots.remove(&date).unwrap_or_default(),
    };
    SlotAnswer {
        location_id: asked.location_id,
        time_zone: asked.zone().name().to_owned(),
        on_site_s: asked.work.needs.on_site_s(),
        days: each(dates).map(day).collect(),
        alternatives: Vec::new(),
        explanation: None,
    }
}
