//! Puts visits into the plan at hand that no route has.

use super::{KINDS_TRIED, LocalSearch};
use crate::optimize::search::Chance;

impl LocalSearch<'_> {
    /// Inserts each visit behind one of those close to it, or into an unused vehicle, where it
    /// adds least with penalties.
    pub(in super::super) fn insert_all(&mut self, missing: &mut [u32], chance: &mut Chance) {
        chance.shuffle(missing);
        let mut open = vec![false; self.problem.visit_count()];
        for &visit in missing.iter() {
            open[visit as usize] = true;
        }
        for &visit in missing.iter() {
            if let Some(behind) = self.cheapest(visit, &open) {
                let state = &mut self.state;
                let route = state.route_of[behind as usize];
                state.begin(route, route);
                let at = state.position[behind as usize] as usize;
                state.lists[0].insert(at, visit);
                state.finish(route, route);
                open[visit as usize] = false;
            }
        }
    }

    /// The node behind which a visit adds least.
    fn cheapest(&self, visit: u32, open: &[bool]) -> Option<u32> {
        let state = &self.state;
        let mut best: Option<(i64, u32)> = None;
        let look = |best: &mut Option<(i64, u32)>, node: u32| {
            let added = state.added(visit, node);
            if best.is_none_or(|(cost, _)| added < cost) {
                *best = Some((added, node));
            }
        };
        for &other in self.proximity.of(visit).iter().filter(|&&other| !open[other as usize]) {
            look(&mut best, other);
            let before = state.previous[other as usize];
            if state.is_end(before) {
                look(&mut best, before);
            }
        }
        let kinds = self.problem.neighbours.alone(visit).iter().take(KINDS_TRIED);
        for start in kinds.filter_map(|&(_, kind)| state.unused_start(kind)) {
            look(&mut best, start);
        }
        if best.is_none() {
            for route in 0..crate::optimize::search::narrow(state.routes.len()) {
                let start = state.start(route);
                look(&mut best, start);
                state
                    .visits_from(state.next[start as usize])
                    .for_each(|node| look(&mut best, node));
            }
        }
        best.map(|(_, node)| node)
    }
}

impl super::State<'_> {
    /// What a visit behind a node adds, with penalties.
    fn added(&self, visit: u32, node: u32) -> i64 {
        let behind = self.next[node as usize];
        let route = self.route_of[node as usize];
        let held = &self.routes[route as usize];
        let sum = self.before[node as usize]
            .join(self.time(node, visit), &self.single[visit as usize])
            .join(self.time(visit, behind), &self.after[behind as usize]);
        let opening = if held.visits == 0 { self.opening(route) } else { 0 };
        let penalty = self.penalties.of(sum.warp, self.excess(route as usize, sum.load));
        self.cost(node, visit) + self.cost(visit, behind) - self.leg(behind) + opening + penalty
            - held.penalty
    }
}
