//! Why a visit is where it is, or why it is in nobody's day.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::optimizations::gathering::{Inputs, stand};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::peers::turns;
use crate::app::plans::score::{judged, scope};
use crate::app::reader;
use crate::app::slots::asked::Asked;
use crate::app::slots::found::{Search, compute, requests};
use crate::app::slots::ways_out::name_promise;
use crate::app::visits::details;
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::proposals::Stand;
use crate::domain::scores::RuleMatch;
use crate::domain::slots::{Alternative, Reason, RuleCount};
use crate::domain::visits::Visit;
use crate::planning::answers::{self, Context, Turn};
use crate::planning::explaining::{self, About};
use crate::planning::optimizing::about;
use crate::planning::requests::{at_any_second, in_a_minute};
use crate::planning::sentences::{counted, words};
use crate::planning::{placing, sentences};

/// Crews that are named at most.
const CREWS_MAX: usize = 50;
/// Starts that are named at most.
const STARTS_MAX: usize = 5;

/// Why a visit is where it is, or why it is in nobody's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Why {
    /// Which visit.
    pub visit_id: VisitId,
    /// The date that was looked at, in the location's zone.
    pub date: NaiveDate,
    /// Who does it when; none while it is in nobody's day.
    pub stand: Option<Stand>,
    /// The gist in one sentence.
    pub sentence: String,
    /// Who could do it at its planned start instead, or at the first of the starts that fit, by
    /// added travel; those who do it included.
    pub crews: Vec<Candidate>,
    /// Starts at which it would fit, nearest first; only for a visit in nobody's day.
    pub starts: Vec<Alternative>,
    /// Why each of the others cannot, with the smallest change that would let them.
    pub reasons: Vec<Reason>,
    /// How often each rule is the reason.
    pub counts: Vec<RuleCount>,
    /// What the weighted rules say about it where it is.
    pub rules: Vec<VisitRule>,
}

/// A crew that could do a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Candidate {
    /// Who, by role.
    pub technician_ids: Vec<TechnicianId>,
    /// Seconds of driving that the visit adds to their routes.
    pub added_travel_s: i64,
    /// Seconds of overtime that it adds.
    pub overtime_s: i64,
    /// Whether they do it now.
    pub current: bool,
}

/// What a weighted rule says about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitRule {
    /// The rule's plain name.
    pub rule: String,
    /// What it says.
    #[serde(flatten)]
    pub found: RuleMatch,
}

/// Explains where a visit is, or why it is nowhere.
///
/// * `date`: where to look for a visit in nobody's day; the date promised if none, else today.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] if one of its services is gone;
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn why(
    app: &App,
    actor: &Actor,
    id: VisitId,
    date: Option<NaiveDate>,
) -> Result<Why, AppError> {
    permit(actor, Operation::VisitsWhy)?;
    let mut tx = app.db.read().await?;
    let found = details(&mut tx, actor, Sight::Everything, id).await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let asked = Asked::to_plan(&setup, &found.visit)?;
    let date = looked_at(app, &asked, &found.visit, date);
    let dates = DateSpan { from: date, until: date };
    let key = (actor.organization_id, asked.location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let planned = view.rows.planned(id).map(stand);
    let mut rules = Vec::new();
    if let Some(stand) = &planned {
        let scope = scope(asked.location_id, dates, stand.technician_ids.clone());
        let inputs = Inputs::read(&mut tx, &view, &scope, app.now()).await?;
        drop(tx);
        let scored = judged(app, &view, &scope, inputs).await?;
        rules = about(&scored, id);
    } else {
        drop(tx);
    }
    let mut tx = app.db.read().await?;
    let turns = turns(app, &mut tx, &view, &asked, dates).await?;
    drop(tx);
    let rules = rules.into_iter().map(|(rule, found)| VisitRule { rule, found }).collect();
    let mut without = View::clone(&view);
    without.remove(app, id).await?;
    let start = planned.as_ref().map(|stand| stand.start);
    let looked = look(app, &without, &asked, (date, start, turns)).await?;
    Ok(told(id, date, (planned, rules), looked))
}

/// The date of the visit, or the one to look at.
fn looked_at(app: &App, asked: &Asked, visit: &Visit, date: Option<NaiveDate>) -> NaiveDate {
    let zone = asked.zone();
    let today = date_of(app.now(), zone);
    let promised = visit.promised.map(|window| date_of(window.from, zone).max(today));
    let planned = visit.planned_start.map(|start| date_of(start, zone));
    planned.or(date).or(promised).unwrap_or(today)
}

/// What a search says about a visit that is taken out of the plan.
struct Looked {
    crews: Vec<Candidate>,
    starts: Vec<Alternative>,
    reasons: Vec<Reason>,
}

async fn look(
    app: &App,
    view: &View,
    asked: &Asked,
    (date, start, turns): (NaiveDate, Option<DateTime<Utc>>, Vec<Turn>),
) -> Result<Looked, AppError> {
    let dates = DateSpan { from: date, until: date };
    let plan = view.plan(dates, None)?;
    let search = Search { asked, dates, start, crews: CREWS_MAX, turns: &turns };
    let variants = requests(app, view, &search).await?;
    let (roster, work) = (std::sync::Arc::clone(&view.roster), asked.work.clone());
    let (setup, now) = (std::sync::Arc::clone(&view.setup), app.now());
    let locale = reader::locale();
    let mut looked = compute(move || {
        let mut found = answers::run(&plan, &variants, &turns, CREWS_MAX)?;
        if found.is_empty() && start.is_none() {
            // No start of the grid; there may be one between them.
            found = answers::earliest(&plan, &in_a_minute(&variants), &turns, CREWS_MAX)?;
        }
        let context = Context { roster: &roster, work: &work };
        let starts = context.nearest(&found, start.unwrap_or(now), STARTS_MAX);
        let crews = found.first().map(|first| {
            let people = placing::crews(first, &roster);
            let costs = first.slot.crews.iter().map(|crew| (crew.added_travel(), crew.overtime()));
            let candidate = |(technician_ids, (travel, overtime)): (Vec<_>, (_, _))| Candidate {
                technician_ids,
                added_travel_s: seconds(travel),
                overtime_s: seconds(overtime),
                current: false,
            };
            people.into_iter().zip(costs).map(candidate).collect()
        });
        let reasons = explaining::reasons(
            locale,
            &setup.catalogue,
            &plan,
            &at_any_second(&variants),
            About::everybody(date, start),
        )?;
        let starts = if start.is_some() { Vec::new() } else { starts };
        Ok(Looked { crews: crews.unwrap_or_default(), starts, reasons })
    })
    .await?;
    name_promise(asked, &mut looked.reasons);
    Ok(looked)
}

fn seconds(length: crate::planning::times::Length) -> i64 {
    length.0
}

fn told(
    visit_id: VisitId,
    date: NaiveDate,
    (stand, rules): (Option<Stand>, Vec<VisitRule>),
    looked: Looked,
) -> Why {
    let mut crews = looked.crews;
    for crew in &mut crews {
        let same =
            |stand: &Stand| stand.technician_ids.iter().all(|id| crew.technician_ids.contains(id));
        crew.current = stand.as_ref().is_some_and(same);
    }
    crews.sort_by_key(|crew| (crew.added_travel_s, crew.technician_ids.clone()));
    let explanation = sentences::explanation(looked.reasons);
    let sentence = sentence(stand.as_ref(), &crews, &looked.starts, explanation.reasons.len());
    Why {
        visit_id,
        date,
        stand,
        sentence,
        crews,
        starts: looked.starts,
        reasons: explanation.reasons,
        counts: explanation.counts,
        rules,
    }
}

fn sentence(
    stand: Option<&Stand>,
    crews: &[Candidate],
    starts: &[Alternative],
    others: usize,
) -> String {
    let place = crews.iter().position(|crew| crew.current);
    let locale = reader::locale();
    let plain = |key: &str| words(locale, key, &[]);
    let many = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    match (stand, place) {
        (Some(_), Some(0)) if crews.len() == 1 => plain("why.alone"),
        (Some(_), Some(0)) => words(locale, "why.nearest", &[("count", &crews.len())]),
        (Some(_), Some(place)) => {
            let more = crews[place].added_travel_s - crews[0].added_travel_s;
            let minutes = crate::planning::times::minutes_up(more);
            counted(locale, "why.nearer", many(place), &[("minutes", &minutes)])
        }
        (Some(_), None) => plain("why.breaks"),
        (None, _) if !starts.is_empty() => plain("why.fits"),
        (None, _) => counted(locale, "why.nowhere", many(others), &[]),
    }
}
