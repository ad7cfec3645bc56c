//! Slots of the solver become slots for people.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use roundsman_solver::offers;
use roundsman_solver::problem::{Coverage, ProblemErrors, Request, Weights, ZoneLevel as Level};
use roundsman_solver::slots::{self, Crew, SearchOptions, Workspace};
use roundsman_solver::units::{Moment, Span};

use crate::domain::id::EquipmentId;
use crate::domain::slots::{Alternative, CrewOption, Slot};
use crate::domain::visits::ArrivalWindow;
use crate::domain::zones::ZoneLevel;
use crate::planning::combine::Work;
use crate::planning::plan::Plan;
use crate::planning::requests::Variant;
use crate::planning::roster::Roster;
use crate::planning::times::{date, instant, moment};

/// A start that some crews can keep, each by one variant of the request.
#[derive(Debug, Clone)]
pub struct Found {
    /// The slot as the solver found it.
    pub slot: slots::Slot,
    /// For each crew of the slot, the position of its variant.
    pub variants: Vec<usize>,
}

/// What the solver refuses; it means that stored values make no sense.
pub type Refused = ProblemErrors;

/// A span of promised starts, and what the assignment policy makes of the people in it: who is due
/// changes from period to period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// First start.
    pub from: DateTime<Utc>,
    /// First start after.
    pub until: DateTime<Utc>,
    /// The order of the people.
    pub weights: Weights,
}

/// Every feasible start under any of the variants, ascending, each with its crews in the order in
/// which the policy would send them.
///
/// * `turns`: ascending and disjoint; starts outside of them are left out.
///
/// The score of a start is what the crew that the policy would send costs in driving and overtime,
/// whatever the policy: who is due does not make a start better for the business.
///
/// # Errors
/// What the solver refuses.
pub fn run(
    plan: &Plan,
    variants: &[Variant],
    turns: &[Turn],
    crews_per_slot: usize,
) -> Result<Vec<Found>, Refused> {
    let (workspace, options) = (&mut Workspace::default(), SearchOptions { crews_per_slot });
    let search = |request: &Request| slots::search(&plan.snapshot, request, options, workspace);
    in_turns(variants, turns, crews_per_slot, search)
}

/// The earliest start in every gap of every technician, wherever the grid lies; otherwise as [`run`]. An
/// arrival window is not looked at.
///
/// # Errors
/// What the solver refuses.
pub fn earliest(
    plan: &Plan,
    variants: &[Variant],
    turns: &[Turn],
    crews_per_slot: usize,
) -> Result<Vec<Found>, Refused> {
    let search = |request: &Request| slots::earliest(&plan.snapshot, request, crews_per_slot);
    in_turns(variants, turns, usize::MAX, search)
}

/// What a search finds under any of the variants, turn by turn.
fn in_turns(
    variants: &[Variant],
    turns: &[Turn],
    keep: usize,
    mut search: impl FnMut(&Request) -> Result<Vec<slots::Slot>, Refused>,
) -> Result<Vec<Found>, Refused> {
    let mut own = variants.to_vec();
    let mut all: Vec<Found> = Vec::new();
    for turn in turns {
        for (variant, original) in own.iter_mut().zip(variants) {
            let range = original.request.bounds.range;
            let (from, until) = (moment(turn.from), moment(turn.until));
            variant.request.bounds.range = Span::new(range.from.max(from), range.until.min(until));
            variant.request.weights.clone_from(&turn.weights);
        }
        if own.iter().all(|one| one.request.bounds.range.from < one.request.bounds.range.until) {
            all.extend(run_turn(&own, keep, &mut search)?);
        }
    }
    for found in &mut all {
        found.slot.score = found.slot.crews.first().map_or(0, effort);
    }
    rank(&mut all);
    Ok(all)
}

/// What a crew costs in driving, overtime and secondary zones.
fn effort(crew: &Crew) -> i64 {
    let weights = Weights::travel();
    let secondary = crew.members.iter().filter(|member| member.zone == Level::Secondary).count();
    let secondary = i64::try_from(secondary).unwrap_or(i64::MAX);
    weights.travel_second * crew.added_travel().0
        + weights.overtime_second * crew.overtime().0
        + weights.secondary_zone * secondary
}

/// The starts of one turn.
fn run_turn(
    variants: &[Variant],
    keep: usize,
    search: &mut impl FnMut(&Request) -> Result<Vec<slots::Slot>, Refused>,
) -> Result<Vec<Found>, Refused> {
    let mut all: Vec<Found> = Vec::new();
    for (at, variant) in variants.iter().enumerate() {
        let slots = search(&variant.request)?;
        let found = slots.into_iter().map(|slot| {
            let variants = vec![at; slot.crews.len()];
            Found { slot, variants }
        });
        all = if at == 0 { found.collect() } else { merged(all, found, keep) };
    }
    Ok(all)
}

/// Two answers as one. A start in both has the cheapest crews of the two; how many crews there are
/// in all is then known only to be at least the larger of the two numbers.
fn merged(all: Vec<Found>, more: impl Iterator<Item = Found>, keep: usize) -> Vec<Found> {
    let mut by_start: std::collections::BTreeMap<Moment, Found> =
        all.into_iter().map(|found| (found.slot.start, found)).collect();
    for found in more {
        let Some(known) = by_start.get_mut(&found.slot.start) else {
            by_start.insert(found.slot.start, found);
            continue;
        };
        known.slot.candidate_count = known.slot.candidate_count.max(found.slot.candidate_count);
        for (crew, variant) in found.slot.crews.into_iter().zip(found.variants) {
            if !known.slot.crews.iter().any(|other| same_people(other, &crew)) {
                known.slot.crews.push(crew);
                known.variants.push(variant);
            }
        }
        let mut order: Vec<usize> = (0..known.slot.crews.len()).collect();
        order.sort_by_key(|&at| known.slot.crews[at].cost);
        order.truncate(keep.max(1));
        known.variants = order.iter().map(|&at| known.variants[at]).collect();
        known.slot.crews = order.iter().map(|&at| known.slot.crews[at].clone()).collect();
    }
    by_start.into_values().collect()
}

fn same_people(one: &Crew, other: &Crew) -> bool {
    one.members.len() == other.members.len()
        && one
            .members
            .iter()
            .all(|member| other.members.iter().any(|known| known.technician == member.technician))
}

fn rank(all: &mut [Found]) {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|&at| (all[at].slot.score, all[at].slot.start));
    for (rank, at) in (0..).zip(order) {
        all[at].slot.rank = rank;
    }
}

/// What an answer is about.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Who and where.
    pub roster: &'a Roster,
    /// What the visit takes.
    pub work: &'a Work,
}

impl Context<'_> {
    /// The slots for people, grouped by the dates of the location, ascending; ranks and scores are
    /// among the slots given.
    pub fn days(&self, found: &[Found]) -> Vec<(NaiveDate, Vec<Slot>)> {
        let costs = || found.iter().map(|found| found.slot.score);
        let (best, worst) = (costs().min().unwrap_or(0), costs().max().unwrap_or(0));
        let mut days: Vec<(NaiveDate, Vec<Slot>)> = Vec::new();
        for (found, rank) in found.iter().zip(ranks(found)) {
            let range = i128::from(worst - best).max(1);
            let lost = i128::from(found.slot.score - best) * 100 / range;
            let score = u32::try_from(100 - lost.clamp(0, 100)).unwrap_or(0);
            let slot = self.slot(found, score, rank);
            let date = date(slot.start, self.roster.zone);
            match days.last_mut() {
                Some((last, slots)) if *last == date => slots.push(slot),
                _ => days.push((date, vec![slot])),
            }
        }
        days
    }

    fn slot(&self, found: &Found, score: u32, rank: u32) -> Slot {
        let start = instant(found.slot.start);
        Slot {
            start,
            window: self.window(start),
            end: start + TimeDelta::seconds(self.work.needs.on_site_s()),
            crews: found.slot.crews.iter().map(|crew| self.crew(crew)).collect(),
            crew_count: u64::from(found.slot.candidate_count),
            score,
            rank,
        }
    }

    /// What is promised for a start.
    pub fn window(&self, start: DateTime<Utc>) -> ArrivalWindow {
        let length = TimeDelta::minutes(self.work.arrival_window_min.into());
        ArrivalWindow { from: start, until: start + length }
    }

    fn crew(&self, crew: &Crew) -> CrewOption {
        let ids = crew.members.iter().map(|member| self.roster.technicians[member.technician.at()]);
        let drives = |leg: fn(&slots::Member) -> i64| crew.members.iter().map(leg).max();
        CrewOption {
            technician_ids: ids.collect(),
            planned_start: instant(crew.planned_start),
            added_travel_s: crew.added_travel().0,
            added_travel_m: crew.added_distance().0,
            drive_before_s: drives(|member| member.before.travel().0).unwrap_or(0),
            drive_after_s: drives(|member| member.after.travel().0).unwrap_or(0),
            overtime_s: crew.overtime().0,
            zone: self.zone(crew),
            equipment: self.equipment(),
        }
    }

    fn zone(&self, crew: &Crew) -> Option<ZoneLevel> {
        let levels = crew.members.iter().map(|member| {
            let row = &self.roster.rows[member.technician.at()];
            match (&row.coverage, member.zone) {
                (Coverage::Everywhere, _) => None,
                (Coverage::Zones(_), Level::Primary) => Some(ZoneLevel::Primary),
                (Coverage::Zones(_), Level::Secondary) => Some(ZoneLevel::Secondary),
            }
        });
        levels.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    fn equipment(&self) -> Vec<EquipmentId> {
        self.work.needs.equipment.iter().map(|need| need.equipment_id).collect()
    }

    /// The nearest starts to `wish`, nearest first.
    pub fn nearest(&self, found: &[Found], wish: DateTime<Utc>, count: usize) -> Vec<Alternative> {
        let slots: Vec<slots::Slot> = found.iter().map(|found| found.slot.clone()).collect();
        let near = offers::nearest(&slots, moment(wish), count);
        near.iter().map(|slot| self.alternative(slot)).collect()
    }

    fn alternative(&self, slot: &slots::Slot) -> Alternative {
        let start = instant(slot.start);
        let crew = slot.crews.first().map(|crew| self.crew(crew).technician_ids);
        Alternative { start, window: self.window(start), technician_ids: crew.unwrap_or_default() }
    }
}

/// Ranks from 1 among the slots given, in their order.
fn ranks(found: &[Found]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|&at| found[at].slot.rank);
    let mut ranks = vec![0; found.len()];
    for (rank, at) in (1..).zip(order) {
        ranks[at] = rank;
    }
    ranks
}

/// At most `limit` starts, diverse over days and parts of the day, ascending.
pub fn diverse(found: Vec<Found>, limit: Option<u32>) -> Vec<Found> {
    let Some(limit) = limit else { return found };
    if found.len() <= limit as usize {
        return found;
    }
    let slots: Vec<slots::Slot> = found.iter().map(|found| found.slot.clone()).collect();
    let kept = offers::diverse(&slots, limit as usize);
    let kept: std::collections::BTreeSet<Moment> = kept.iter().map(|slot| slot.start).collect();
    found.into_iter().filter(|found| kept.contains(&found.slot.start)).collect()
}
