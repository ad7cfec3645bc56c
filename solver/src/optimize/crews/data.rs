//! The problem laid out for the search: dense lists, and numbers reckoned once.

use super::problem::CrewProblem;
use crate::optimize::search::narrow;

/// Search costs in one unit of the problem's cost.
pub(super) const SCALE: i64 = 1000;
/// How much the average end of a priority counts beside its last end, in per cent: it tells good
/// plans apart whose last ends are equal.
const AVERAGE_PERCENT: i64 = 12;
/// What a technician is worth on average.
pub(super) const WORTH: i64 = 100;

pub(super) struct Data<'a> {
    pub(super) problem: &'a CrewProblem,
    pub(super) day_length: i32,
    pub(super) duration: Vec<i32>,
    pub(super) priority: Vec<usize>,
    pub(super) before: Vec<Vec<u32>>,
    pub(super) after: Vec<Vec<u32>>,
    /// All that must come later, directly or not.
    pub(super) descendants: Vec<Vec<u32>>,
    /// Kinds (domain and level) and number of members needed.
    pub(super) needs: Vec<Vec<(u32, u32)>>,
    /// Number of kinds.
    pub(super) kinds: usize,
    /// Whether a technician is of a kind: `technician * kinds + kind`.
    pub(super) able: Vec<bool>,
    /// How rare the skills of a technician are; [`WORTH`] on average.
    pub(super) worth: Vec<i64>,
    /// Search cost per unit of the last end of a priority, and of all.
    pub(super) weight: Vec<i64>,
    pub(super) whole: i64,
    /// Search cost per unit of the end of each visit.
    pub(super) average: Vec<i64>,
    /// How early a visit should come for its own priority and what follows it.
    pub(super) urgency: Vec<i64>,
    /// Time times technicians, by rarity of skill.
    pub(super) size: Vec<i64>,
    /// First day on which nobody is away any more.
    pub(super) days_off_end: usize,
}

impl<'a> Data<'a> {
    pub(super) fn new(problem: &'a CrewProblem) -> Self {
        let count = problem.visits.len();
        let domains = problem.technicians.iter().map(|it| it.levels.len()).max().unwrap_or(0);
        let widest = problem.visits.iter().map(|visit| visit.needs.len()).max().unwrap_or(0);
        let lists = problem.visits.iter().flat_map(|visit| &visit.needs);
        let levels = lists.map(Vec::len).max().unwrap_or(0);
        let kinds = domains.max(widest) * levels;
        let able = problem.technicians.iter().flat_map(|technician| {
            (0..kinds).map(|kind| {
                let own = technician.levels.get(kind / levels).copied().unwrap_or(0);
                own as usize > kind % levels
            })
        });
        let able: Vec<bool> = able.collect();
        let needs: Vec<Vec<(u32, u32)>> =
            (0..count).map(|visit| needs(problem, visit, levels)).collect();
        let after = after(problem);
        let mut data = Self {
            problem,
            day_length: short(problem.day_length),
            duration: problem.visits.iter().map(|visit| short(visit.duration)).collect(),
            priority: problem.visits.iter().map(|visit| visit.priority).collect(),
            before: (0..count)
                .map(|visit| problem.visits[visit].after.iter().map(|&it| narrow(it)).collect())
                .collect(),
            descendants: (0..count).map(|visit| descendants(&after, visit)).collect(),
            after,
            needs,
            kinds,
            able,
            worth: vec![WORTH; problem.technicians.len()],
            weight: problem.weights.by_priority.iter().map(|weight| weight * SCALE).collect(),
            whole: problem.weights.whole * SCALE,
            average: Vec::new(),
            urgency: Vec::new(),
            size: Vec::new(),
            days_off_end: problem
                .technicians
                .iter()
                .flat_map(|technician| &technician.days_off)
                .map(|day| day + 1)
                .max()
                .unwrap_or(0),
        };
        data.reckon();
        data
    }

    pub(super) fn visit_count(&self) -> usize {
        self.duration.len()
    }

    pub(super) fn is_off(&self, technician: usize, day: usize) -> bool {
        self.problem.technicians[technician].days_off.contains(&day)
    }

    /// Weights, worths and sizes.
    fn reckon(&mut self) {
        let count = self.visit_count();
        let rarity = self.rarity();
        let own = |visit: usize| self.weight[self.priority[visit]] + self.whole;
        let alike = |visit: usize| {
            self.priority.iter().filter(|&&priority| priority == self.priority[visit]).count()
        };
        self.average =
            (0..count).map(|v| own(v) * AVERAGE_PERCENT / (100 * amount(alike(v)))).collect();
        self.urgency = (0..count)
            .map(|visit| {
                let later = self.descendants[visit].iter().map(|&it| own(it as usize));
                later.chain([own(visit)]).max().unwrap_or(0)
            })
            .collect();
        self.size = (0..count)
            .map(|visit| {
                let needs = self.needs[visit].iter();
                let people: i64 =
                    needs.map(|&(kind, count)| rarity[kind as usize] * i64::from(count)).sum();
                i64::from(self.duration[visit]) * people.max(1)
            })
            .collect();
        let kinds = self.kinds;
        let raw: Vec<i64> = (0..self.worth.len())
            .map(|who| {
                (0..kinds).filter(|kind| self.able[who * kinds + kind]).map(|k| rarity[k]).sum()
            })
            .collect();
        let sum: i64 = raw.iter().sum::<i64>().max(1);
        let people = amount(raw.len());
        self.worth = raw.iter().map(|own| (own * people * WORTH / sum).max(1)).collect();
    }

    /// By kind: time of members needed over number of those who are able.
    fn rarity(&self) -> Vec<i64> {
        let mut wanted = vec![0; self.kinds];
        for (needs, &duration) in self.needs.iter().zip(&self.duration) {
            for &(kind, count) in needs {
                wanted[kind as usize] += i64::from(count) * i64::from(duration);
            }
        }
        (0..self.kinds)
            .map(|kind| {
                let able = self.able.iter().skip(kind).step_by(self.kinds);
                wanted[kind] / amount(able.filter(|able| **able).count().max(1))
            })
            .collect()
    }
}

/// Kinds and numbers, without those that a higher level of the same domain asks for anyway.
fn needs(problem: &CrewProblem, visit: usize, levels: usize) -> Vec<(u32, u32)> {
    let mut needs = Vec::new();
    for (domain, counts) in problem.visits[visit].needs.iter().enumerate() {
        for (level, &count) in counts.iter().enumerate() {
            let above = counts[level + 1..].iter().max().copied().unwrap_or(0);
            if count > above {
                needs.push((narrow(domain * levels + level), count));
            }
        }
    }
    needs
}

fn after(problem: &CrewProblem) -> Vec<Vec<u32>> {
    let mut after = vec![Vec::new(); problem.visits.len()];
    for (visit, own) in problem.visits.iter().enumerate() {
        for &before in &own.after {
            after[before].push(narrow(visit));
        }
    }
    after
}

fn descendants(after: &[Vec<u32>], visit: usize) -> Vec<u32> {
    let mut found: Vec<u32> = after[visit].clone();
    let mut at = 0;
    while at < found.len() {
        for &next in &after[found[at] as usize] {
            if !found.contains(&next) {
                found.push(next);
            }
        }
        at += 1;
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A count among costs.
pub(super) fn amount(count: usize) -> i64 {
    i64::from(narrow(count))
}

fn short(time: i64) -> i32 {
    i32::try_from(time).unwrap_or(i32::MAX / 4)
}
