//! Placing a visit: candidates from the live plan, the choice by the policy, and the check once
//! more inside the transaction that writes it.

pub(crate) mod peers;
pub(crate) mod written;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::app::App;
use crate::app::calendars::fresh;
use crate::app::live::{self, View};
use crate::app::reader;
use crate::app::slots::asked::Asked;
use crate::app::slots::found::{Search, compute, nearest_to, requests};
use crate::app::slots::offered::is_offered;
use crate::app::slots::ways_out;
use crate::calendar::dates::date_of;
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::visits::ArrivalWindow;
use crate::planning::answers::{self, Found, Turn};
use crate::planning::deciding::{Ranking, rank};
use crate::planning::placing::{self, Placement};
use crate::planning::plan::Plan;
use crate::planning::requests::Variant;
use crate::planning::sentences::words;
use crate::store::{Tx, holds, plans};
use crate::travel::errors::DRIVES;

/// Technicians whose days one transaction looks at. Should all of them be lost meanwhile, the
/// next attempt looks at others.
const CANDIDATES_MAX: usize = 16;
/// Crews that are compared for a start.
const CREWS_MAX: usize = 50;
/// What is said where nobody knows whether those who could come are busy.
const UNREADABLE: &str = "the calendar of who would come cannot be read at the moment";
/// Attempts before a slot counts as taken although it looked free each time.
const ATTEMPTS_MAX: usize = 12;

/// A visit to be placed at a promised start.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) asked: Asked,
    pub(crate) start: DateTime<Utc>,
    /// Who comes if at all possible, before any policy; may be empty.
    pub(crate) preferred: Vec<TechnicianId>,
    /// Whether it must be one of the starts that are laid out where free time begins.
    pub(crate) of_free_span: bool,
    /// The visit itself if it is in the plan: its present place is free for it.
    pub(crate) without: Option<(VisitId, Vec<TechnicianId>)>,
}

/// Who could come, as the live plan said before the transaction.
#[derive(Debug)]
pub(crate) struct Candidates {
    view: View,
    turns: Vec<Turn>,
    ranking: Ranking,
    technician_ids: Vec<TechnicianId>,
    /// Who would come first.
    first: Vec<TechnicianId>,
}

impl Candidates {
    /// Reads the calendars of those who would come once more; whether that has changed anything.
    ///
    /// # Errors
    /// [`AppError::SlotTaken`] if a calendar cannot be read and nobody knows what is in it.
    pub(crate) async fn look(
        &self,
        app: &App,
        actor: &Actor,
        wanted: &Wanted,
    ) -> Result<bool, AppError> {
        let looked = fresh::look(app, actor.organization_id, &self.first, wanted.start).await?;
        if looked.unknown.is_empty() {
            return Ok(looked.changed);
        }
        Err(AppError::SlotTaken { reason: UNREADABLE.to_owned(), alternatives: Vec::new() })
    }
}

/// A visit with its place in the plan, checked inside the transaction.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) placement: Placement,
    pub(crate) window: ArrivalWindow,
    pub(crate) end: DateTime<Utc>,
    /// Why these technicians, with the numbers.
    pub(crate) decision: Value,
    /// The plan it was placed into.
    pub(crate) view: View,
}

impl Placed {
    /// Other visits that move for it.
    pub(crate) fn moved(&self) -> Vec<VisitId> {
        self.placement.moves.iter().map(|moved| moved.visit_id).collect()
    }
}

/// Counts attempts; another is worth it only while the plan keeps changing under us.
#[derive(Debug, Default)]
pub(crate) struct Attempts(usize);

impl Attempts {
    /// Notes one more; false after too many.
    pub(crate) fn next(&mut self) -> bool {
        self.0 += 1;
        self.0 <= ATTEMPTS_MAX
    }
}

impl Attempts {
    /// Places a visit in a transaction of its own that is ready to store it, trying again whenever
    /// somebody else was quicker. None if nobody can come any more, or after too many attempts.
    ///
    /// # Errors
    /// [`AppError::SlotTaken`] with the nearest alternatives if all who could come have calendars
    /// that cannot be read and were last read too long ago.
    pub(crate) async fn placed(
        &mut self,
        app: &App,
        actor: &Actor,
        wanted: &Wanted,
    ) -> Result<Option<(Tx, Placed)>, AppError> {
        let mut of_others: Option<Wanted> = None;
        let mut seen: BTreeSet<TechnicianId> = BTreeSet::new();
        while self.next() {
            let wanted = of_others.as_ref().unwrap_or(wanted);
            let Some(candidates) = candidates(app, actor, wanted).await? else { break };
            seen.extend(&candidates.first);
            let who: Vec<TechnicianId> = seen.iter().copied().collect();
            let looked = fresh::look(app, actor.organization_id, &who, wanted.start).await?;
            if !looked.unknown.is_empty() {
                // Nobody knows whether they are busy: somebody else may come.
                let mut others = wanted.clone();
                seen.retain(|id| !looked.unknown.contains(id));
                others.asked.who.excluded.extend(looked.unknown);
                of_others = Some(others);
                continue;
            }
            if looked.changed {
                // Somebody is busy who was not: others come first now.
                continue;
            }
            let mut tx = app.db.write().await?;
            match place(app, actor, &mut tx, wanted, &candidates).await {
                Ok(Some(placed)) => {
                    let crew = &placed.placement.technician_ids;
                    let new: Vec<_> =
                        crew.iter().filter(|id| !seen.contains(id)).copied().collect();
                    if !fresh::is_due(app, &mut tx, actor.organization_id, &new).await? {
                        return Ok(Some((tx, placed)));
                    }
                    // Others come than those whose calendars were looked at.
                    seen.extend(new);
                }
                Ok(None) => {}
                Err(error) if is_race(&error) => {}
                Err(error) => return Err(error),
            }
        }
        match of_others {
            Some(others) => Err(match taken(app, actor, &others).await {
                AppError::SlotTaken { alternatives, .. } => {
                    AppError::SlotTaken { reason: UNREADABLE.to_owned(), alternatives }
                }
                error => error,
            }),
            None => Ok(None),
        }
    }
}

impl Wanted {
    /// The dates that the visit may be planned on.
    fn dates(&self) -> DateSpan {
        let zone = self.asked.zone();
        let window = TimeDelta::minutes(self.asked.work.arrival_window_min.into());
        DateSpan { from: date_of(self.start, zone), until: date_of(self.start + window, zone) }
    }

    /// What is promised.
    pub(crate) fn window(&self) -> ArrivalWindow {
        let window = TimeDelta::minutes(self.asked.work.arrival_window_min.into());
        ArrivalWindow { from: self.start, until: self.start + window }
    }
}

/// Who could come now, best first; none if nobody can.
///
/// # Errors
/// [`AppError::Invalid`] for a start that plans do not reach.
pub(crate) async fn candidates(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
) -> Result<Option<Candidates>, AppError> {
    live::reach::check(app.now(), "start", wanted.start.date_naive())?;
    let dates = wanted.dates();
    let mut tx = app.db.read().await?;
    if !is_offered(app, &mut tx, actor.organization_id, wanted).await? {
        return Ok(None);
    }
    let key = (actor.organization_id, wanted.asked.location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let mut view = View::clone(&view);
    if let Some((visit_id, _)) = &wanted.without {
        view.remove(app, *visit_id).await?;
    }
    let date = dates.from;
    let turns = peers::turns(app, &mut tx, &view, &wanted.asked, dates).await?;
    let peers = peers::load(app, &mut tx, &view, &wanted.asked, date).await?;
    drop(tx);
    let Some((_, _, found)) = search(app, &view, wanted, &turns, None).await? else {
        return Ok(None);
    };
    let rivals = placing::rivals(&found, &view.roster);
    let ranking = rank(&wanted.asked.work.policy, &peers, &rivals);
    let crews = in_order(placing::crews(&found, &view.roster), &wanted.preferred);
    let first = crews.first().map(|(crew, _)| crew.clone()).unwrap_or_default();
    let mut chosen: BTreeSet<TechnicianId> = BTreeSet::new();
    for (crew, _) in crews {
        if !chosen.is_empty() && chosen.len() + crew.len() > CANDIDATES_MAX {
            break;
        }
        chosen.extend(crew);
    }
    let technician_ids = chosen.into_iter().collect();
    Ok(Some(Candidates { view, turns, ranking, technician_ids, first }))
}

/// Crews with their positions: those with the preferred people first, else in the policy's order.
fn in_order(
    crews: Vec<Vec<TechnicianId>>,
    preferred: &[TechnicianId],
) -> Vec<(Vec<TechnicianId>, usize)> {
    let mut crews: Vec<_> = crews.into_iter().enumerate().map(|(at, crew)| (crew, at)).collect();
    crews.sort_by_key(|(crew, at)| {
        let missing = preferred.iter().filter(|id| !crew.contains(id)).count();
        (missing, *at)
    });
    crews
}

/// The start wanted, if it is feasible, with the plan and requests it was found by.
async fn search(
    app: &App,
    view: &View,
    wanted: &Wanted,
    turns: &[Turn],
    technicians: Option<&[TechnicianId]>,
) -> Result<Option<(Arc<Plan>, Arc<Vec<Variant>>, Found)>, AppError> {
    let asked = match technicians {
        Some(only) => &wanted.asked.among(only),
        None => &wanted.asked,
    };
    let (start, dates) = (Some(wanted.start), wanted.dates());
    let search = Search { asked, dates, start, crews: CREWS_MAX, turns };
    let plan = Arc::new(view.plan(dates, technicians)?);
    let variants = Arc::new(requests(app, view, &search).await?);
    let (read, asked, turns) = (Arc::clone(&plan), Arc::clone(&variants), turns.to_vec());
    let found = compute(move || answers::run(&read, &asked, &turns, CREWS_MAX)).await?;
    Ok(found.into_iter().next().map(|found| (plan, variants, found)))
}

/// Places the visit inside a transaction: locks the candidates, drops lapsed holds of theirs, reads
/// again what changed, and asks the same search. None if none of the candidates can come any more.
///
/// No travel server is asked here, where others wait for the locks: [`candidates`] has asked for all
/// drives; if the plan has got new places since, the attempt fails and [`lacks_drives`].
pub(crate) async fn place(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    wanted: &Wanted,
    candidates: &Candidates,
) -> Result<Option<Placed>, AppError> {
    let ids = &candidates.technician_ids;
    let mut locked = ids.clone();
    locked.extend(wanted.without.iter().flat_map(|(_, crew)| crew));
    // Bookings of a service with a limit a day wait for each other too, whoever does them. The
    // locks of both kinds are taken in one call, so that writers never wait in a ring.
    let limits = wanted.asked.work.limits.iter();
    locked.extend(limits.map(|limit| TechnicianId(limit.service_id.0)));
    plans::lock_technicians(tx, &locked).await?;
    holds::expire(tx, actor.organization_id, app.now(), Some(ids)).await?;
    let mut view = candidates.view.inside(app, tx, wanted.dates(), ids).await?;
    if let Some((visit_id, _)) = &wanted.without {
        view.remove(app, *visit_id).await?;
    }
    let found = search(app, &view, wanted, &candidates.turns, Some(ids)).await?;
    let Some((plan, variants, found)) = found else { return Ok(None) };
    let crews = placing::crews(&found, &view.roster);
    for (crew, at) in in_order(crews, &wanted.preferred) {
        if let Some(placement) = placing::place(&plan, &variants, &found, at) {
            let on_site = TimeDelta::seconds(wanted.asked.work.needs.on_site_s());
            let end = placement.planned_start + on_site;
            let decision = candidates.ranking.decision(&wanted.asked.work.policy, &crew);
            let window = wanted.window();
            return Ok(Some(Placed { placement, window, end, decision, view }));
        }
    }
    Ok(None)
}

/// The refusal of a slot that is gone or was never there, with the nearest that are; members hear
/// why.
pub(crate) async fn taken(app: &App, actor: &Actor, wanted: &Wanted) -> AppError {
    let mut alternatives = match nearest_to(app, actor, &wanted.asked, wanted.start).await {
        Ok(alternatives) => alternatives,
        Err(error) => return error,
    };
    let outsider = matches!(actor.kind, ActorKind::Public | ActorKind::Customer { .. });
    if outsider {
        for alternative in &mut alternatives {
            alternative.technician_ids.clear();
        }
    }
    let told = if outsider { Ok(Vec::new()) } else { against(app, actor, wanted).await };
    let reason = match (told, wanted.asked.who.required.as_slice()) {
        (Err(error), _) => return error,
        (Ok(sentences), _) if !sentences.is_empty() => sentences.join("; "),
        (_, []) => words(reader::locale(), "taken", &[]),
        _ => words(reader::locale(), "not_free", &[]),
    };
    AppError::SlotTaken { reason, alternatives }
}

/// What stands against the start, in sentences for members.
async fn against(app: &App, actor: &Actor, wanted: &Wanted) -> Result<Vec<String>, AppError> {
    let date = date_of(wanted.start, wanted.asked.zone());
    let mut tx = app.db.read().await?;
    let key = (actor.organization_id, wanted.asked.location_id);
    let dates = DateSpan { from: date, until: date };
    let mut view = View::clone(&*live::view(app, &mut tx, key, dates).await?);
    drop(tx);
    if let Some((visit_id, _)) = &wanted.without {
        view.remove(app, *visit_id).await?;
    }
    ways_out::sentences(app, &view, &wanted.asked, wanted.start).await
}

/// Whether an error means that somebody else was quicker, so that another attempt may succeed.
pub(crate) fn is_race(error: &AppError) -> bool {
    matches!(error, AppError::SlotTaken { .. } | AppError::Stale { .. })
        || matches!(error, AppError::Unavailable { service: "database", .. })
        || lacks_drives(error)
}

/// Whether a transaction that writes met a place whose drives were not at hand. Another attempt
/// asks for them before it writes.
pub(crate) fn lacks_drives(error: &AppError) -> bool {
    matches!(error, AppError::Unavailable { service: DRIVES, .. })
}
