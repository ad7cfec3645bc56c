//! What a change of the plan would do, without doing it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::Wanted;
use crate::app::placing::peers::turns;
use crate::app::plans::score;
use crate::app::proposals::arranging::{Settling, settle};
use crate::app::reader;
use crate::app::slots::choice::check_start;
use crate::app::slots::found::{Search, compute, requests, trips};
use crate::app::visits::moving::wanted;
use crate::app::visits::{MoveRequest, VisitDetails, details};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::hours::DateSpan;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::proposals::RuleChange;
use crate::domain::visits::check_crew;
use crate::planning::answers;
use crate::planning::explaining::{self, About};
use crate::planning::placing::{self, Placement};
use crate::planning::sentences::words;
use crate::planning::times::minutes_up;

/// A visit that might go to somebody at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hypothesis {
    /// The visit.
    pub visit_id: VisitId,
    /// Planned start on site.
    pub start: DateTime<Utc>,
    /// The crew; the present one, or whoever could, if empty.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
}

impl Validate for Hypothesis {
    fn validate(&self, faults: &mut Faults) {
        check_start(self.start, faults);
        check_crew(faults, "technician_ids", &self.technician_ids);
    }
}

/// What a change would do.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Checked {
    /// Whether it keeps every rule.
    pub feasible: bool,
    /// The rules it breaks.
    pub violations: Vec<Violation>,
    /// Seconds of driving it adds; negative if it saves some. Without the drives it frees.
    pub added_travel_s: i64,
    /// Metres of driving it adds.
    pub added_travel_m: i64,
    /// Seconds of overtime in the routes concerned.
    pub overtime_s: i64,
    /// Other visits that would move inside what was promised.
    pub moves: Vec<OtherMove>,
    /// The weighted rules before and after, for the days concerned; none if it does not fit.
    pub rules: Vec<RuleChange>,
    /// The version of the day's plan this is about.
    pub plan_version: i64,
}

/// A rule that a change breaks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Violation {
    /// Whose; none if it is not about a technician.
    pub technician_id: Option<TechnicianId>,
    /// Plain name of the rule.
    pub rule: String,
    /// One sentence for people.
    pub sentence: String,
    /// The numbers, named with their units.
    #[schema(value_type = Object)]
    pub numbers: Value,
}

/// Another visit that would move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct OtherMove {
    /// Which.
    pub visit_id: VisitId,
    /// From when.
    pub from: DateTime<Utc>,
    /// To when.
    pub to: DateTime<Utc>,
}

/// Scores a change without making it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`]; [`AppError::Forbidden`].
pub async fn check(app: &App, actor: &Actor, hypothesis: &Hypothesis) -> Result<Checked, AppError> {
    permit(actor, Operation::PlansCheck)?;
    let mut tx = app.db.read().await?;
    let before = details(&mut tx, actor, Sight::Everything, hypothesis.visit_id).await?;
    let request = MoveRequest {
        start: hypothesis.start,
        technician_ids: hypothesis.technician_ids.clone(),
        plan_version: None,
        force: false,
    };
    let wanted = wanted(app, actor, &mut tx, &before, &request).await?;
    drop(tx);
    let (mut checked, placed) = judged(app, actor, &before, &wanted).await?;
    if let Some((views, placement)) = placed {
        checked.rules = rules(app, (&before, &wanted), views, &placement).await?;
    }
    Ok(checked)
}

/// The weighted rules before and after, for the date of the new start and everybody concerned.
async fn rules(
    app: &App,
    (before, wanted): (&VisitDetails, &Wanted),
    (present, mut without): (View, View),
    placement: &Placement,
) -> Result<Vec<RuleChange>, AppError> {
    let trips = trips(&present.grounds, &wanted.asked).await?;
    let (visit, travelling) = (&before.visit, &wanted.asked.travelling);
    settle(app, &mut without, Settling { visit, travelling, trips }, placement).await?;
    let date = date_of(wanted.start, wanted.asked.zone());
    let mut people: BTreeSet<TechnicianId> = placement.technician_ids.iter().copied().collect();
    people.extend(before.assignments.iter().map(|one| one.technician_id));
    let scope = (DateSpan { from: date, until: date }, people.into_iter().collect());
    score::difference(app, (&present, &without), scope).await
}

/// What the wanted place of a visit would do.
pub(crate) async fn judge(
    app: &App,
    actor: &Actor,
    before: &VisitDetails,
    wanted: &Wanted,
) -> Result<Checked, AppError> {
    Ok(judged(app, actor, before, wanted).await?.0)
}

/// The plan as it is and without the visit, and where the visit would go.
type Placing = ((View, View), Placement);

async fn judged(
    app: &App,
    actor: &Actor,
    before: &VisitDetails,
    wanted: &Wanted,
) -> Result<(Checked, Option<Placing>), AppError> {
    let zone = wanted.asked.zone();
    let date = date_of(wanted.start, zone);
    let dates = DateSpan { from: date, until: date };
    let mut tx = app.db.read().await?;
    let key = (actor.organization_id, wanted.asked.location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let plan_version = view.version(date);
    let present = View::clone(&view);
    let mut view = present.clone();
    if let Some((visit_id, _)) = &wanted.without {
        view.remove(app, *visit_id).await?;
    }
    let turns = turns(app, &mut tx, &view, &wanted.asked, dates).await?;
    drop(tx);
    let mut checked = Checked {
        feasible: true,
        violations: promise(before, wanted),
        added_travel_s: 0,
        added_travel_m: 0,
        overtime_s: 0,
        moves: Vec::new(),
        rules: Vec::new(),
        plan_version,
    };
    let search =
        Search { asked: &wanted.asked, dates, start: Some(wanted.start), crews: 1, turns: &turns };
    // Where the crew is named, nobody else's day matters.
    let named: Option<Vec<TechnicianId>> =
        wanted.asked.who.only.as_ref().map(|only| only.iter().copied().collect());
    let plan = view.plan(dates, named.as_deref())?;
    let variants = requests(app, &view, &search).await?;
    let setup = std::sync::Arc::clone(&wanted.asked.setup);
    let (start, locale) = (wanted.start, reader::locale());
    let (placement, crew, reasons) = compute(move || {
        let found = answers::run(&plan, &variants, &turns, 1)?;
        let Some(found) = found.first() else {
            let about = About { date, start: Some(start), of: named.as_deref() };
            let reasons = explaining::reasons(locale, &setup.catalogue, &plan, &variants, about)?;
            return Ok((None, None, reasons));
        };
        let placement = placing::place(&plan, &variants, found, 0);
        Ok((placement, found.slot.crews.first().cloned(), Vec::new()))
    })
    .await?;
    checked.violations.extend(reasons.into_iter().map(|reason| Violation {
        technician_id: reason.technician_id,
        rule: reason.rule,
        sentence: reason.sentence,
        numbers: reason.numbers,
    }));
    checked.feasible = placement.is_some() && checked.violations.is_empty();
    if let (Some(placement), Some(crew)) = (&placement, crew) {
        checked.added_travel_s = placement.added_travel_s;
        checked.added_travel_m = crew.added_distance().0;
        checked.overtime_s = crew.overtime().0;
        checked.moves = placement
            .moves
            .iter()
            .map(|one| OtherMove { visit_id: one.visit_id, from: one.from, to: one.to })
            .collect();
    }
    Ok((checked, placement.map(|placement| ((present, view), placement))))
}

/// The name of the rule that what was promised is kept.
const PROMISE: &str = "promise";

impl Checked {
    /// The sentence about the promise to the customer, if the change breaks it.
    pub(crate) fn broken_promise(&self) -> Option<&str> {
        let mut broken = self.violations.iter().filter(|violation| violation.rule == PROMISE);
        broken.next().map(|violation| violation.sentence.as_str())
    }
}

/// The promise to the customer, if the new start breaks it.
fn promise(before: &VisitDetails, wanted: &Wanted) -> Vec<Violation> {
    let Some(window) = before.visit.promised else { return Vec::new() };
    let early = (window.from - wanted.start).num_seconds();
    let late = (wanted.start - window.until).num_seconds();
    let (by, key) = if late > 0 { (late, "promise_late") } else { (early, "promise_early") };
    if by <= 0 {
        return Vec::new();
    }
    let minutes = minutes_up(by);
    vec![Violation {
        technician_id: None,
        rule: PROMISE.to_owned(),
        sentence: words(reader::locale(), key, &[("minutes", &minutes)]),
        numbers: json!({"by_min": minutes, "from": window.from, "until": window.until}),
    }]
}
