//! SWAP*: two visits change routes, each to its best place there.

use super::super::segment::Segment;
use super::{LocalSearch, State};
use crate::optimize::plain::Problem;

/// Places remembered per visit: one of them is left when a swap takes away the other two.
const PLACES: usize = 3;
/// Closest visits that make their routes partners.
const PARTNERS: usize = 8;

/// The cheapest places behind which to insert a visit into some other route, with what it adds.
type Places = [(i64, u32); PLACES];

const NOWHERE: (i64, u32) = (i64::MAX / 4, u32::MAX);

/// What is kept between calls.
#[derive(Debug)]
pub(super) struct Memory {
    places: Vec<Places>,
    removal: Vec<i64>,
    /// Number of moves when the pairs of each route were tried last.
    tested: Vec<u32>,
    partners: Vec<u32>,
}

impl Memory {
    pub(super) fn new(problem: &Problem) -> Self {
        Self {
            places: vec![[NOWHERE; PLACES]; problem.visit_count()],
            removal: vec![0; problem.visit_count()],
            tested: vec![0; problem.vehicle_count()],
            partners: Vec::new(),
        }
    }

    /// Another plan: all its pairs are untried.
    pub(super) fn forget(&mut self) {
        self.tested.fill(0);
    }
}

/// A swap: each visit with the node behind which it goes; that node may be the other visit, whose
/// place it then takes.
#[derive(Clone, Copy)]
struct Swap {
    u: u32,
    v: u32,
    u_behind: u32,
    v_behind: u32,
}

impl LocalSearch<'_> {
    /// Tries SWAP* on all pairs of routes that are close and of which one has changed since.
    /// Whether any swap was done.
    ///
    /// Source: Vidal (2022), section 3.2, with time warp as in Kool et al. (2022).
    pub(super) fn swap_stars(&mut self) -> bool {
        let moves = self.state.moves;
        for route in 0..crate::optimize::search::narrow(self.state.routes.len()) {
            if self.state.routes[route as usize].visits == 0 {
                continue;
            }
            let last = std::mem::replace(&mut self.star.tested[route as usize], self.state.moves);
            let mut partners = std::mem::take(&mut self.star.partners);
            self.list_partners(route, &mut partners);
            for &partner in &partners {
                let newer = |index: u32| self.state.routes[index as usize].changed > last;
                if newer(route) || newer(partner) {
                    self.swap_star(route, partner);
                }
            }
            self.star.partners = partners;
        }
        self.state.moves > moves
    }

    /// Routes with a higher index that hold a close visit.
    fn list_partners(&self, route: u32, partners: &mut Vec<u32>) {
        let state = &self.state;
        partners.clear();
        for visit in state.visits_from(state.next[state.start(route) as usize]) {
            for &other in self.proximity.of(visit).iter().take(PARTNERS) {
                let partner = state.route_of[other as usize];
                if partner > route && !partners.contains(&partner) {
                    partners.push(partner);
                }
            }
        }
    }

    fn swap_star(&mut self, one: u32, two: u32) {
        let state = &self.state;
        self.star.prepare(state, one, two);
        self.star.prepare(state, two, one);
        let (load_one, load_two) =
            (state.routes[one as usize].load, state.routes[two as usize].load);
        let load_penalty = |load_one: i32, load_two: i32| {
            state
                .penalties
                .of(0, state.excess(one as usize, load_one) + state.excess(two as usize, load_two))
        };
        let load_now = load_penalty(load_one, load_two);
        let mut best: Option<(i64, Swap)> = None;
        for u in state.visits_from(state.next[state.start(one) as usize]) {
            for v in state.visits_from(state.next[state.start(two) as usize]) {
                let shift = state.single[v as usize].load - state.single[u as usize].load;
                let rest = load_penalty(load_one + shift, load_two - shift) - load_now
                    + self.star.removal[u as usize]
                    + self.star.removal[v as usize];
                if rest >= best.map_or(0, |(cost, _)| cost) {
                    continue;
                }
                let (u_cost, u_behind) = self.star.place(state, u, v);
                let (v_cost, v_behind) = self.star.place(state, v, u);
                let cost = rest + u_cost + v_cost;
                if cost < best.map_or(0, |(cost, _)| cost) {
                    best = Some((cost, Swap { u, v, u_behind, v_behind }));
                }
            }
        }
        if let Some((_, swap)) = best {
            self.state.try_swap(swap);
        }
    }
}

impl Memory {
    /// For each visit of one route: what its removal saves, and its best places in the other.
    fn prepare(&mut self, state: &State<'_>, route: u32, other: u32) {
        for visit in state.visits_from(state.next[state.start(route) as usize]) {
            let (before, after) = (state.previous[visit as usize], state.next[visit as usize]);
            let without = state.before[before as usize]
                .join(state.time(before, after), &state.after[after as usize]);
            self.removal[visit as usize] =
                state.cost(before, after) - state.cost(before, visit) - state.cost(visit, after)
                    + state.warp_cost(&without, route);
            let places = &mut self.places[visit as usize];
            *places = [NOWHERE; PLACES];
            let start = state.start(other);
            let nodes = state.visits_from(state.next[start as usize]);
            for node in std::iter::once(start).chain(nodes) {
                let behind = state.next[node as usize];
                let legs = state.cost(node, visit) + state.cost(visit, behind) - state.leg(behind);
                if legs - state.routes[other as usize].penalty >= places[PLACES - 1].0 {
                    continue;
                }
                let with = state.around(node, visit, behind);
                let cost = legs + state.warp_cost(&with, other);
                if cost < places[PLACES - 1].0 {
                    places[PLACES - 1] = (cost, node);
                    places.sort_unstable();
                }
            }
        }
    }

    /// The best place of `visit` in the route of `gone`, once that one has left.
    fn place(&self, state: &State<'_>, visit: u32, gone: u32) -> (i64, u32) {
        let (before, after) = (state.previous[gone as usize], state.next[gone as usize]);
        let legs = state.cost(before, visit) + state.cost(visit, after) - state.cost(before, after);
        let usable = |&&(_, node): &&(i64, u32)| node != gone && node != before;
        let kept = self.places[visit as usize].iter().find(usable).copied().unwrap_or(NOWHERE);
        if legs - state.routes[state.route_of[gone as usize] as usize].penalty >= kept.0 {
            return kept;
        }
        let with = state.around(before, visit, after);
        let in_place = legs + state.warp_cost(&with, state.route_of[gone as usize]);
        if in_place < kept.0 { (in_place, gone) } else { kept }
    }
}

impl State<'_> {
    /// Everything up to `before`, a visit, and everything from `after` on.
    fn around(&self, before: u32, visit: u32, after: u32) -> Segment {
        self.before[before as usize]
            .join(self.time(before, visit), &self.single[visit as usize])
            .join(self.time(visit, after), &self.after[after as usize])
    }

    /// What the time warp of a changed route costs more than that of the route as it is.
    fn warp_cost(&self, sum: &Segment, route: u32) -> i64 {
        self.penalties.of(sum.warp, 0) - self.penalties.of(self.routes[route as usize].warp, 0)
    }

    /// Does a swap if it helps, judged exactly.
    fn try_swap(&mut self, swap: Swap) {
        let Swap { u, v, u_behind, v_behind } = swap;
        let (one, two) = (self.route_of[u as usize], self.route_of[v as usize]);
        let (legs_two, sum_two) = self.replaced(v, u, u_behind);
        let (legs_one, sum_one) = self.replaced(u, v, v_behind);
        if !self.helps(legs_one + legs_two, (one, sum_one), (two, sum_two)) {
            return;
        }
        self.begin(one, two);
        let [first, second] = &mut self.lists;
        put(first, u, v, v_behind);
        put(second, v, u, u_behind);
        self.finish(one, two);
    }

    /// Added cost of legs and the sum of the route of `gone` with `visit` behind `behind` instead.
    fn replaced(&self, gone: u32, visit: u32, behind: u32) -> (i64, Segment) {
        let (before, after) = (self.previous[gone as usize], self.next[gone as usize]);
        if behind == gone {
            let legs = self.cost(before, visit) + self.cost(visit, after)
                - self.leg(gone)
                - self.leg(after);
            return (legs, self.around(before, visit, after));
        }
        let next = self.next[behind as usize];
        let legs = self.cost(before, after) - self.leg(gone) - self.leg(after)
            + self.cost(behind, visit)
            + self.cost(visit, next)
            - self.leg(next);
        let own = (visit, visit, self.single[visit as usize]);
        let sum = if self.position[behind as usize] < self.position[gone as usize] {
            self.chain(behind, &[own, (next, before, self.between(next, before))], after)
        } else {
            self.chain(before, &[(after, behind, self.between(after, behind)), own], next)
        };
        (legs, sum)
    }
}

/// Takes one visit out of a list and puts another behind `behind`: in the same place if that is
/// the one taken out, at the front if it is none of the list.
fn put(list: &mut Vec<u32>, gone: u32, visit: u32, behind: u32) {
    let at = list.iter().position(|&other| other == gone);
    if behind == gone {
        if let Some(at) = at {
            list[at] = visit;
        }
        return;
    }
    list.retain(|&other| other != gone);
    let at = list.iter().position(|&other| other == behind).map_or(0, |index| index + 1);
    list.insert(at, visit);
}
