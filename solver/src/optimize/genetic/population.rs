//! The plans that breed: good ones and different ones survive.

use super::individual::Individual;
use super::penalties::Penalties;
use crate::optimize::search::Chance;

/// Plans of each kind that survive.
const SURVIVORS: usize = 25;
/// Plans of each kind born before only the survivors are kept.
const GENERATION: usize = 40;
/// Plans that stay for their cost alone.
const ELITE: usize = 4;
/// How many closest plans count for how different a plan is.
const CLOSE: usize = 5;

/// A plan with its distances to the others of its kind.
#[derive(Debug)]
struct Member {
    plan: Individual,
    id: u64,
    /// Distance and id of every other member, the closest first.
    others: Vec<(u32, u64)>,
    /// Rank by cost and by difference; smaller is better.
    fitness: usize,
}

/// Plans that are all feasible, or all not.
#[derive(Debug, Default)]
struct Group {
    members: Vec<Member>,
}

/// Two groups of plans: feasible ones and others.
///
/// Source: Vidal, Crainic, Gendreau, Prins (2013), section 4.3: biased fitness and survivors.
#[derive(Debug, Default)]
pub(super) struct Population {
    feasible: Group,
    infeasible: Group,
    next_id: u64,
}

impl Population {
    /// Adds a plan; thins out its group if that has grown too large.
    pub(super) fn add(&mut self, plan: Individual, penalties: Penalties) {
        let group = if plan.is_feasible() { &mut self.feasible } else { &mut self.infeasible };
        group.add(plan, self.next_id);
        self.next_id += 1;
        if group.members.len() > SURVIVORS + GENERATION {
            while group.members.len() > SURVIVORS {
                group.rank(penalties);
                group.remove_worst();
            }
        }
        group.rank(penalties);
    }

    /// Ranks again, after the penalties have changed.
    pub(super) fn rank(&mut self, penalties: Penalties) {
        self.feasible.rank(penalties);
        self.infeasible.rank(penalties);
    }

    /// How many plans there are.
    pub(super) fn len(&self) -> usize {
        self.feasible.members.len() + self.infeasible.members.len()
    }

    /// Two different parents, each the better of two drawn at random; `None` below two plans.
    pub(super) fn parents(&self, chance: &mut Chance) -> Option<(&Individual, &Individual)> {
        if self.len() < 2 {
            return None;
        }
        let first = self.tournament(chance);
        let mut second = self.tournament(chance);
        for _ in 0..10 {
            if second.id != first.id && first.plan.distance(&second.plan) > 0 {
                break;
            }
            second = self.tournament(chance);
        }
        Some((&first.plan, &second.plan))
    }

    fn tournament(&self, chance: &mut Chance) -> &Member {
        let mut draw = || {
            let index = chance.below(self.len());
            let feasible = &self.feasible.members;
            feasible.get(index).unwrap_or_else(|| &self.infeasible.members[index - feasible.len()])
        };
        let (one, other) = (draw(), draw());
        if one.fitness <= other.fitness { one } else { other }
    }
}

impl Group {
    fn add(&mut self, plan: Individual, id: u64) {
        let mut others = Vec::with_capacity(self.members.len());
        for member in &mut self.members {
            let distance = member.plan.distance(&plan);
            let at = member.others.partition_point(|&other| other < (distance, id));
            member.others.insert(at, (distance, id));
            others.push((distance, member.id));
        }
        others.sort_unstable();
        self.members.push(Member { plan, id, others, fitness: 0 });
    }

    /// Ranks by cost and, weaker, by how different a plan is from the ones close to it.
    fn rank(&mut self, penalties: Penalties) {
        let count = self.members.len();
        self.members.sort_by_key(|member| (member.plan.penalized(penalties), member.id));
        let mut by_difference: Vec<(u64, usize)> = self
            .members
            .iter()
            .enumerate()
            .map(|(index, member)| (member.difference(), index))
            .collect();
        by_difference
            .sort_unstable_by_key(|&(difference, index)| (std::cmp::Reverse(difference), index));
        for (rank, &(_, index)) in by_difference.iter().enumerate() {
            // fitness = cost rank + (1 - elite / count) * difference rank, times count.
            self.members[index].fitness = index * count + count.saturating_sub(ELITE) * rank;
        }
    }

    /// Removes a plan that another one equals, or else the least fit; call after [`rank`](Self::rank).
    fn remove_worst(&mut self) {
        let worst = self
            .members
            .iter()
            .enumerate()
            .skip(1)
            .max_by_key(|(_, member)| (member.is_copied(), member.fitness))
            .map(|(index, _)| index);
        if let Some(index) = worst {
            let gone = self.members.swap_remove(index).id;
            for member in &mut self.members {
                member.others.retain(|&(_, id)| id != gone);
            }
        }
    }
}

impl Member {
    /// Sum of the distances to the closest others, scaled to [`CLOSE`] of them.
    fn difference(&self) -> u64 {
        let close = self.others.len().clamp(1, CLOSE);
        let sum: u64 =
            self.others.iter().take(close).map(|&(distance, _)| u64::from(distance)).sum();
        sum * CLOSE as u64 / close as u64
    }

    fn is_copied(&self) -> bool {
        self.others.first().is_some_and(|&(distance, _)| distance == 0)
    }
}
