//! Where a visit could go: for each technician the starts that fit, and what they cost.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use roundsman_solver::slots::{Crew, Member};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::TechnicianId;
use crate::planning::answers::{self, Found, Refused, Turn};
use crate::planning::placing::crews;
use crate::planning::plan::Plan;
use crate::planning::requests::{Variant, in_a_minute, only_at};
use crate::planning::times::instant;

/// Crews looked at for the first moment of somebody's gap: whoever could be in a crew there, and not
/// before, is among the few who are free since that moment.
const TOGETHER: usize = 8;

/// Starts that follow each other on the grid at the same cost, or one start off the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Opening {
    /// First start.
    pub from: DateTime<Utc>,
    /// Last start; the same as the first for a single one.
    pub until: DateTime<Utc>,
    /// How many starts of the grid, evenly from the first to the last; 0 for a single start between
    /// those of the grid.
    pub count: u32,
    /// Seconds of driving that the visit adds to the routes of its crew.
    pub added_travel_s: i64,
    /// Seconds of overtime in the routes of its crew.
    pub overtime_s: i64,
}

/// The openings of everybody who could be in the crew, ascending.
///
/// Where no start of the grid lies in a gap, the earliest start in it is an opening of its own.
///
/// * `people`: how many crews to look at for each start; at least as many as there are technicians.
/// * `stands`: when the visit is planned now; named as well, wherever it fits.
///
/// Cost: three searches, and one pass over their starts and crews.
///
/// # Errors
/// What the solver refuses.
pub fn openings(
    plan: &Plan,
    variants: &[Variant],
    turns: &[Turn],
    (people, stands): (usize, Option<DateTime<Utc>>),
) -> Result<BTreeMap<TechnicianId, Vec<Opening>>, Refused> {
    let mut all: BTreeMap<TechnicianId, Vec<Opening>> = BTreeMap::new();
    // Gaps that hold an opening.
    let mut known: HashSet<(u32, u32, usize)> = HashSet::new();
    let gap = |member: &Member| (member.technician.0, member.shift.0, member.position);
    for found in answers::run(plan, variants, turns, people)? {
        let at = instant(found.slot.start);
        for (crew, ids) in found.slot.crews.iter().zip(crews(&found, &plan.roster)) {
            let (travel, overtime) = (crew.added_travel().0, crew.overtime().0);
            for (id, member) in ids.into_iter().zip(&crew.members) {
                known.insert(gap(member));
                add(all.entry(id).or_default(), at, (travel, overtime));
            }
        }
    }
    let mut between: BTreeMap<(TechnicianId, DateTime<Utc>), Opening> = BTreeMap::new();
    for found in answers::earliest(plan, &in_a_minute(variants), turns, TOGETHER)? {
        for (crew, ids) in found.slot.crews.iter().zip(crews(&found, &plan.roster)) {
            for (id, _) in ids.into_iter().zip(&crew.members).filter(|(_, m)| known.insert(gap(m)))
            {
                let opening = off_grid(&found, crew);
                between.entry((id, opening.from)).or_insert(opening);
            }
        }
    }
    if let Some(at) = stands {
        for found in answers::run(plan, &only_at(variants, at), turns, people)? {
            for (crew, ids) in found.slot.crews.iter().zip(crews(&found, &plan.roster)) {
                let holds = |own: &Vec<Opening>| own.iter().any(|one| one.holds(at));
                let on_grid = |id: &TechnicianId| all.get(id).is_some_and(holds);
                for id in ids.into_iter().filter(|id| !on_grid(id)) {
                    between.entry((id, at)).or_insert_with(|| off_grid(&found, crew));
                }
            }
        }
    }
    for ((id, _), opening) in between {
        all.entry(id).or_default().push(opening);
    }
    for own in all.values_mut() {
        own.sort_by_key(|opening| opening.from);
    }
    Ok(all)
}

/// A start that lies on no grid.
fn off_grid(found: &Found, crew: &Crew) -> Opening {
    let at = instant(found.slot.start);
    let (added_travel_s, overtime_s) = (crew.added_travel().0, crew.overtime().0);
    Opening { from: at, until: at, count: 0, added_travel_s, overtime_s }
}

impl Opening {
    /// Whether a moment is one of its starts.
    fn holds(&self, at: DateTime<Utc>) -> bool {
        if self.count < 2 {
            return self.from == at;
        }
        let step = (self.until - self.from).num_seconds() / i64::from(self.count - 1);
        self.from <= at && at <= self.until && (at - self.from).num_seconds() % step.max(1) == 0
    }
}

/// Adds a start: to the last opening where it goes on evenly, else as a new one. Of two crews with the
/// same technician at one start the cheaper counts.
fn add(openings: &mut Vec<Opening>, at: DateTime<Utc>, (added_travel_s, overtime_s): (i64, i64)) {
    let single = Opening { from: at, until: at, count: 1, added_travel_s, overtime_s };
    let Some(last) = openings.last_mut() else {
        openings.push(single);
        return;
    };
    if last.until == at {
        if added_travel_s + overtime_s < last.added_travel_s + last.overtime_s {
            if last.count == 1 {
                *last = single;
            } else {
                let step = (last.until - last.from) / i32::try_from(last.count - 1).unwrap_or(1);
                last.count -= 1;
                last.until -= step;
                openings.push(single);
            }
        }
        return;
    }
    let same = last.added_travel_s == added_travel_s && last.overtime_s == overtime_s;
    let even = last.count == 1
        || (at - last.until) * i32::try_from(last.count - 1).unwrap_or(1) == last.until - last.from;
    // Two starts far apart are no run: a gap between them would look as if it fitted.
    let near = (at - last.until).num_minutes() <= 60;
    if same && even && near {
        last.until = at;
        last.count += 1;
    } else {
        openings.push(single);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn made(starts: &[(i64, i64)]) -> Vec<(i64, i64, u32, i64)> {
        let mut openings = Vec::new();
        for (minute, travel) in starts {
            add(&mut openings, at(*minute), (*travel, 0));
        }
        let minute = |at: DateTime<Utc>| at.timestamp() / 60;
        let plain = |o: &Opening| (minute(o.from), minute(o.until), o.count, o.added_travel_s);
        openings.iter().map(plain).collect()
    }

    #[test]
    fn even_starts_of_one_cost_are_one_opening() {
        assert_eq!(made(&[(0, 5), (15, 5), (30, 5)]), [(0, 30, 3, 5)]);
        assert_eq!(made(&[(0, 5), (15, 6), (30, 6)]), [(0, 0, 1, 5), (15, 30, 2, 6)]);
        // 30 is missing, so that 45 begins a new run.
        assert_eq!(made(&[(0, 5), (15, 5), (45, 5)]), [(0, 15, 2, 5), (45, 45, 1, 5)]);
    }

    #[test]
    fn of_two_crews_at_one_start_the_cheaper_counts() {
        assert_eq!(made(&[(0, 9), (0, 5)]), [(0, 0, 1, 5)]);
        assert_eq!(made(&[(0, 5), (15, 5), (15, 2)]), [(0, 0, 1, 5), (15, 15, 1, 2)]);
        assert_eq!(made(&[(0, 5), (15, 5), (15, 8)]), [(0, 15, 2, 5)]);
    }
}
