//! Where a visit would fit on a date: everybody's openings at once, for whoever drags it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::peers::turns;
use crate::app::reader;
use crate::app::slots::asked::Asked;
use crate::app::slots::found::{Search, compute, requests};
use crate::app::slots::ways_out::name_promise;
use crate::app::visits::details;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::hours::DateSpan;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::slots::Reason;
use crate::domain::visits::check_crew;
use crate::planning::explaining::{self, About};
use crate::planning::openings::{Opening, openings};
use crate::planning::requests::at_any_second;
use crate::store::technicians::usual;

/// Crews looked at for each start of a visit that several do together.
const CREWS_MAX: usize = 400;

/// A visit that looks for a place on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FitQuery {
    /// The visit.
    pub visit_id: VisitId,
    /// The date, in the zone of the visit's location.
    pub date: NaiveDate,
    /// Who of the crew comes in any case.
    #[serde(default)]
    pub with: Vec<TechnicianId>,
}

impl Validate for FitQuery {
    fn validate(&self, faults: &mut Faults) {
        check_crew(faults, "with", &self.with);
    }
}

/// Where a visit would fit on a date.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Fits {
    /// Which visit.
    pub visit_id: VisitId,
    /// The date.
    pub date: NaiveDate,
    /// The version of the day's plan this is about.
    pub plan_version: i64,
    /// Everybody whom the location may send, in no order.
    pub technicians: Vec<TechnicianFit>,
}

/// Where a visit would fit in a technician's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TechnicianFit {
    /// Whose day.
    pub technician_id: TechnicianId,
    /// Whether the technician has served the customer before.
    pub knows_customer: bool,
    /// Starts that keep every rule and what was promised, ascending; empty if there are none. Where a
    /// gap holds no start of the grid its earliest one is named, and so is the present one.
    pub openings: Vec<Opening>,
    /// Why there are none, with the smallest change that would let it fit.
    pub reason: Option<Reason>,
}

/// Says where a visit would fit on a date, as if it were in nobody's day.
///
/// The same search proves each start that proves slots and moves: what is named here can be done, as
/// long as the plan has the same version.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] for a date that plans do not reach;
/// [`AppError::Conflict`] if one of its services is gone; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %query.visit_id))]
pub async fn fits(app: &App, actor: &Actor, query: &FitQuery) -> Result<Fits, AppError> {
    permit(actor, Operation::PlansCheck)?;
    let date = query.date;
    let mut faults = Faults::default();
    query.validate(&mut faults);
    live::reach::note(app.now(), "date", date, &mut faults);
    let mut tx = app.db.read().await?;
    let found = details(&mut tx, actor, Sight::Everything, query.visit_id).await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let mut asked = Asked::to_plan(&setup, &found.visit)?;
    for (row, id) in query.with.iter().enumerate() {
        let known = setup.catalogue.technicians.contains_key(id);
        faults.check(known, &format!("with[{row}]"), id, "no such technician");
    }
    faults.into_result()?;
    asked.who.required.clone_from(&query.with);
    let dates = DateSpan { from: date, until: date };
    let key = (actor.organization_id, asked.location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let turns = turns(app, &mut tx, &view, &asked, dates).await?;
    let usual = usual(&mut tx, actor.organization_id, &[query.visit_id], app.now())
        .await?
        .remove(&query.visit_id);
    drop(tx);
    let mut without = View::clone(&view);
    without.remove(app, query.visit_id).await?;
    let search = Search { asked: &asked, dates, start: None, crews: 1, turns: &turns };
    let variants = requests(app, &without, &search).await?;
    let (plan, setup) = (without.plan(dates, None)?, Arc::clone(&asked.setup));
    let people = if asked.work.needs.crew.len() <= 1 {
        view.roster.technicians.len().max(1)
    } else {
        CREWS_MAX
    };
    let (locale, stands) = (reader::locale(), found.visit.planned_start);
    let (open, mut reasons) = compute(move || {
        let open = openings(&plan, &variants, &turns, (people, stands))?;
        let reasons = explaining::reasons(
            locale,
            &setup.catalogue,
            &plan,
            &at_any_second(&variants),
            About::everybody(date, None),
        )?;
        Ok((open, reasons))
    })
    .await?;
    name_promise(&asked, &mut reasons);
    let mut technicians = told(&view.roster.technicians, open, reasons);
    for one in &mut technicians {
        one.knows_customer = usual.as_ref().is_some_and(|ids| ids.contains(&one.technician_id));
    }
    Ok(Fits { visit_id: query.visit_id, date, plan_version: view.version(date), technicians })
}

/// Everybody with openings or the reason why not.
fn told(
    roster: &[TechnicianId],
    mut open: BTreeMap<TechnicianId, Vec<Opening>>,
    reasons: Vec<Reason>,
) -> Vec<TechnicianFit> {
    let mut by_technician: BTreeMap<TechnicianId, Reason> = BTreeMap::new();
    let mut of_all = None;
    for reason in reasons {
        match reason.technician_id {
            Some(id) => {
                by_technician.entry(id).or_insert(reason);
            }
            None => of_all = of_all.or(Some(reason)),
        }
    }
    let everybody: BTreeSet<TechnicianId> =
        roster.iter().copied().chain(open.keys().copied()).collect();
    let fit = |technician_id: TechnicianId| {
        let openings = open.remove(&technician_id).unwrap_or_default();
        let known = by_technician.remove(&technician_id).or_else(|| of_all.clone());
        let reason = known.filter(|_| openings.is_empty());
        TechnicianFit { technician_id, knows_customer: false, openings, reason }
    };
    everybody.into_iter().map(fit).collect()
}
