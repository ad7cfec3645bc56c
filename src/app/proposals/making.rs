//! A proposal out of what the optimizer found: every line is tried on the plan before it is shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::live::View;
use crate::app::optimizations::gathering::{self, Gathered, driven};
use crate::app::permissions::Sight;
use crate::app::proposals::arranging::{Arranged, Step, arrange, prepare};
use crate::app::slots::asked::Asked;
use crate::app::slots::found::explain;
use crate::app::visits::{VisitDetails, details};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, ProposalId, TechnicianId, VisitId};
use crate::domain::optimizations::{Optimization, OptimizationRequest, RunProgress};
use crate::domain::proposals::{
    LeftOut, Line, LineKind, Proposal, ProposalStatus, RuleChange, Stand, Summary,
};
use crate::domain::services::Grid;
use crate::domain::slots::{Reason, SlotQuery, Wishes};
use crate::planning::optimizing::{Answer, Change, rule_changes};

/// Visits left out whose reasons are looked for; with more, the others are only named.
const EXPLAINED_MAX: usize = 50;

/// The proposal of a run: the lines of all its locations; and what was said of the plan they make, if
/// that is another than the optimizer found.
pub(crate) async fn proposal<'a>(
    app: &App,
    actor: &Actor,
    run: &Optimization,
    parts: impl Iterator<Item = (&'a Gathered, &'a Answer)>,
) -> Result<(Proposal, Option<RunProgress>), AppError> {
    let now = app.now();
    let mut said: Vec<RunProgress> = Vec::new();
    let mut proposal = Proposal {
        id: ProposalId(app.new_id()),
        revision: 1,
        optimization_id: run.id,
        status: ProposalStatus::Open,
        versions: Vec::new(),
        summary: Summary::default(),
        rules: Vec::new(),
        lines: Vec::new(),
        left_out: Vec::new(),
        replaced_by: None,
        created_at: now,
        updated_at: now,
    };
    for (part, answer) in parts {
        said.push(add(app, actor, run, (&mut proposal, part, answer)).await?);
    }
    summarize(&mut proposal);
    Ok((proposal, together(&said)))
}

/// What was said of several locations, as of one.
fn together(said: &[RunProgress]) -> Option<RunProgress> {
    said.iter().copied().reduce(|all, one| RunProgress {
        elapsed_ms: all.elapsed_ms + one.elapsed_ms,
        steps: all.steps + one.steps,
        unserved: all.unserved + one.unserved,
        cost_milli: all.cost_milli + one.cost_milli,
    })
}

/// Adds what one location's answer suggests; what is to be said of the plan with its lines.
async fn add(
    app: &App,
    actor: &Actor,
    run: &Optimization,
    (proposal, part, answer): (&mut Proposal, &Gathered, &Answer),
) -> Result<RunProgress, AppError> {
    proposal.versions.extend(&part.versions);
    let Tried { kept, lost, arranged } =
        tried(app, actor, part, &answer.difference.changes).await?;
    // Rules and what is left out are those of the lines that are left.
    let standing = if lost.is_empty() {
        None
    } else {
        let routes = gathering::routes(&arranged.view, &part.scope)?;
        answer.standing(&part.problem, &part.plan, &routes)
    };
    let answer = standing.as_ref().unwrap_or(answer);
    let first = u32::try_from(proposal.lines.len()).unwrap_or(u32::MAX) + 1;
    for change in &kept {
        let details = change.details.clone();
        let number = u32::try_from(proposal.lines.len()).unwrap_or(u32::MAX) + 1;
        let with = change.with.iter().map(|at| first + u32::try_from(*at).unwrap_or(0));
        let mut line = line(part.view.roster.location_id, &change.change, details);
        line.number = number;
        line.moves_with = with.collect();
        proposal.lines.push(line);
    }
    for change in rule_changes(&part.problem, &part.plan, answer) {
        merge(&mut proposal.rules, change);
    }
    let dates = DateSpan { from: run.request.from, until: run.request.until };
    let only: BTreeSet<TechnicianId> = run.request.technician_ids.iter().copied().collect();
    let plan = arranged.view.plan(dates, None)?;
    let after = driven(&plan, dates, (!only.is_empty()).then_some(&only));
    let summary = &mut proposal.summary;
    summary.drive_before_s += part.drive.0;
    summary.drive_before_m += part.drive.1;
    summary.drive_after_s += after.0;
    summary.drive_after_m += after.1;
    let mut waiting: Vec<VisitId> = answer.difference.left_out.clone();
    let gone = kept.iter().filter(|one| one.change.after.is_none());
    waiting.extend(gone.map(|one| one.change.visit_id));
    waiting.extend(lost.iter().filter(|one| one.waits).map(|one| one.visit_id));
    let mut left = left_out(app, actor, &arranged.view, (&waiting, &run.request)).await?;
    for one in left.iter_mut().filter(|one| one.reasons.is_empty()) {
        let known = lost.iter().find(|lost| lost.visit_id == one.visit_id);
        one.reasons = known.map(|lost| lost.reasons.clone()).unwrap_or_default();
    }
    proposal.left_out.extend(left);
    Ok(answer.progress)
}

/// Adds a rule of one location to those of the others.
fn merge(rules: &mut Vec<RuleChange>, change: RuleChange) {
    match rules.iter_mut().find(|known| known.rule == change.rule) {
        Some(known) => {
            known.before_milli += change.before_milli;
            known.after_milli += change.after_milli;
        }
        None => rules.push(change),
    }
}

/// A change that fits, with the visit as it is.
struct Kept {
    change: Change,
    details: VisitDetails,
    with: Vec<usize>,
}

/// A change that does not fit.
struct Lost {
    visit_id: VisitId,
    /// It is in nobody's day, and stays there.
    waits: bool,
    /// Why; empty if only a change it needs does not fit.
    reasons: Vec<Reason>,
}

/// What became of the changes of an answer.
struct Tried {
    kept: Vec<Kept>,
    lost: Vec<Lost>,
    arranged: Arranged,
}

/// The changes that fit together by the rules of single moves, and the plan after them.
///
/// The optimizer's rules are the same, so that all fit unless the plan broke a rule before, or took
/// longer to search than it should; then those that do not fit stay out, with all that need their places.
async fn tried(
    app: &App,
    actor: &Actor,
    part: &Gathered,
    changes: &[Change],
) -> Result<Tried, AppError> {
    let mut steps: Vec<Step> = Vec::with_capacity(changes.len());
    let mut tx = app.db.read().await?;
    for change in changes {
        let visit = details(&mut tx, actor, Sight::Everything, change.visit_id).await?;
        let step = (visit, change.after.as_ref(), false);
        steps.push(prepare(app, actor, &mut tx, &part.view, step).await?);
    }
    drop(tx);
    let mut kept: BTreeSet<usize> = (0..changes.len()).collect();
    let mut lost: Vec<Lost> = Vec::new();
    loop {
        let chosen: Vec<Step> = kept.iter().map(|at| steps[*at].clone()).collect();
        let arranged = arrange(app, part.view.clone(), &chosen).await?;
        if arranged.misfits.is_empty() {
            return Ok(Tried { kept: renumbered(changes, &steps, &kept), lost, arranged });
        }
        for misfit in &arranged.misfits {
            tracing::info!(visit.id = %misfit.visit_id, reasons = ?misfit.reasons, "Left a line out");
        }
        let mut misfits: BTreeMap<VisitId, Vec<Reason>> =
            arranged.misfits.into_iter().map(|one| (one.visit_id, one.reasons)).collect();
        let mut gone: BTreeSet<usize> = kept
            .iter()
            .copied()
            .filter(|at| misfits.contains_key(&changes[*at].visit_id))
            .collect();
        // Whatever takes the old place of a visit that stays cannot go there either.
        loop {
            let more: Vec<usize> = kept
                .iter()
                .copied()
                .filter(|at| !gone.contains(at))
                .filter(|at| changes[*at].with.iter().any(|other| gone.contains(other)))
                .collect();
            if more.is_empty() {
                break;
            }
            gone.extend(more);
        }
        kept.retain(|at| !gone.contains(at));
        lost.extend(gone.into_iter().map(|at| {
            let Change { visit_id, ref before, .. } = changes[at];
            let reasons = misfits.remove(&visit_id).unwrap_or_default();
            Lost { visit_id, waits: before.is_none(), reasons }
        }));
    }
}

fn renumbered(changes: &[Change], steps: &[Step], kept: &BTreeSet<usize>) -> Vec<Kept> {
    let place = |at: &usize| kept.iter().position(|one| one == at);
    let one = |at: &usize| Kept {
        change: changes[*at].clone(),
        details: steps[*at].details.clone(),
        with: changes[*at].with.iter().filter_map(place).collect(),
    };
    kept.iter().map(one).collect()
}

fn line(location_id: LocationId, change: &Change, details: VisitDetails) -> Line {
    let promised = details.visit.promised;
    let kept = |stand: &Stand| {
        promised.is_none_or(|window| window.from <= stand.start && stand.start <= window.until)
    };
    let window_kept = change.after.as_ref().map_or(promised.is_none(), kept);
    let was_kept = change.before.as_ref().is_none_or(kept);
    let kind = match (&change.before, &change.after) {
        (None, _) => LineKind::Assign,
        (Some(_), Some(_)) => LineKind::Move,
        (Some(_), None) => LineKind::Unassign,
    };
    let booking = details.booking;
    Line {
        number: 0,
        visit_id: change.visit_id,
        location_id,
        kind,
        before: change.before.clone(),
        after: change.after.clone(),
        promised,
        window_kept,
        tell_customer: !window_kept && (was_kept || kind == LineKind::Unassign),
        customer_id: booking.as_ref().and_then(|booking| booking.customer_id),
        booking_code: booking.map(|booking| booking.code),
        moves_with: Vec::new(),
        applied: false,
    }
}

/// Why visits wait, as the plan would be.
async fn left_out(
    app: &App,
    actor: &Actor,
    view: &View,
    (visit_ids, request): (&[VisitId], &OptimizationRequest),
) -> Result<Vec<LeftOut>, AppError> {
    let mut all = Vec::with_capacity(visit_ids.len());
    for (at, visit_id) in visit_ids.iter().enumerate() {
        let mut reasons = Vec::new();
        if at < EXPLAINED_MAX {
            let mut tx = app.db.read().await?;
            let found = details(&mut tx, actor, Sight::Everything, *visit_id).await?;
            drop(tx);
            let mut asked = Asked::to_plan(&view.setup, &found.visit)?;
            asked.promised = asked.promised.filter(|_| !request.break_promises);
            // Planned starts lie between those that are offered.
            asked.work.grid = Grid::FreeSpan;
            let query = dated(&asked, looked_at(&asked, request));
            reasons = explain(app, view, &asked, &query, (None, None)).await?.reasons;
        }
        all.push(LeftOut { visit_id: *visit_id, reasons });
    }
    Ok(all)
}

/// The dates of a request on which a visit may start; the first if there is none.
fn looked_at(asked: &Asked, request: &OptimizationRequest) -> DateSpan {
    let (first, last) = (request.from, request.until);
    let Some(promised) = asked.promised else { return DateSpan { from: first, until: last } };
    let from = date_of(promised.from, asked.zone()).max(first);
    let until = date_of(promised.until, asked.zone()).min(last);
    if from <= until { DateSpan { from, until } } else { DateSpan { from: first, until: first } }
}

/// A question about these dates.
pub(crate) fn dated(asked: &Asked, dates: DateSpan) -> SlotQuery {
    SlotQuery {
        service_ids: Vec::new(),
        package_id: None,
        location_id: Some(asked.location_id),
        place: asked.place.clone(),
        from: dates.from,
        until: dates.until,
        wishes: Wishes::default(),
        limit: None,
        crews_per_slot: 1,
    }
}

fn summarize(proposal: &mut Proposal) {
    let count = |is: &dyn Fn(&Line) -> bool| {
        u32::try_from(proposal.lines.iter().filter(|line| is(line)).count()).unwrap_or(u32::MAX)
    };
    let summary = Summary {
        moved_visits: count(&|line| line.kind == LineKind::Move),
        assigned_visits: count(&|line| line.kind == LineKind::Assign),
        unassigned_visits: count(&|line| line.kind == LineKind::Unassign),
        windows_kept: count(&|line| line.promised.is_some() && line.window_kept),
        windows_broken: count(&|line| line.promised.is_some() && !line.window_kept),
        customers_to_tell: count(&|line| line.tell_customer),
        ..proposal.summary
    };
    proposal.summary = summary;
}
