//! The moves besides exchanges of strings: turned pairs, tails, reversals; and what all share. Each is judged in constant time
//! (reversals in the time of what they reverse) and done if it lowers the penalized cost.

use super::super::segment::Segment;
use super::State;

/// A string of visits in a route with the nodes around it.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) before: u32,
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) after: u32,
}

impl State<'_> {
    /// `count` visits from `first` on; `None` if the route ends sooner.
    #[inline]
    pub(super) fn part(&self, first: u32, count: usize) -> Option<Part> {
        let mut last = first;
        for _ in 1..count {
            last = self.next[last as usize];
            if self.is_end(last) {
                return None;
            }
        }
        let (before, after) = (self.previous[first as usize], self.next[last as usize]);
        Some(Part { before, first, last, after })
    }

    /// Sums up the nodes from `first` to `last` of one route.
    #[inline]
    pub(super) fn between(&self, first: u32, last: u32) -> Segment {
        let mut sum = self.single[first as usize];
        let mut node = first;
        while node != last {
            let next = self.next[node as usize];
            sum = sum.join(self.time(node, next), &self.single[next as usize]);
            node = next;
        }
        sum
    }

    /// Puts `u` and the visit behind it behind `v` in reversed order.
    pub(super) fn reversed_pair(&mut self, u: u32, v: u32) -> bool {
        let Some(part) = self.part(u, 2) else { return false };
        let (from, to) = (self.route_of[u as usize], self.route_of[v as usize]);
        if from == to {
            return false;
        }
        let behind = self.next[v as usize];
        let emptied = self.routes[from as usize].visits == 2;
        let mut delta = self.cost(v, part.last)
            + self.cost(part.last, part.first)
            + self.cost(part.first, behind)
            - self.leg(behind)
            + self.cost(part.before, part.after)
            - self.leg(part.first)
            - self.leg(part.last)
            - self.leg(part.after);
        if emptied {
            delta -= self.opening(from);
        }
        if self.is_hopeless(delta, from, to) {
            return false;
        }
        let turned = self.single[part.last as usize]
            .join(self.time(part.last, part.first), &self.single[part.first as usize]);
        let source = self.chain(part.before, &[], part.after);
        let source = if emptied { Segment::default() } else { source };
        let target = self.chain(v, &[(part.last, part.first, turned)], behind);
        if !self.helps(delta, (from, source), (to, target)) {
            return false;
        }
        self.begin(from, to);
        let [list, partner] = &mut self.lists;
        list.retain(|&visit| visit != part.first && visit != part.last);
        let at = self.position[v as usize] as usize;
        partner.splice(at..at, [part.last, part.first]);
        self.finish(from, to);
        true
    }

    /// Exchanges what comes behind `u` with what comes behind `v`, which may be the start of its
    /// route; only between vehicles of the same kind, whose ends are the same.
    pub(super) fn swap_tails(&mut self, u: u32, v: u32) -> bool {
        let (from, to) = (self.route_of[u as usize], self.route_of[v as usize]);
        let shifts = &self.problem.shifts;
        if from == to || shifts[from as usize].kind != shifts[to as usize].kind {
            return false;
        }
        let (x, y) = (self.next[u as usize], self.next[v as usize]);
        let mut delta = self.cost(u, y) + self.cost(v, x) - self.leg(x) - self.leg(y);
        let empties = self.is_end(v) && self.is_end(x);
        let opens = self.routes[to as usize].visits == 0;
        if opens {
            delta += self.opening(to);
        }
        if empties {
            delta -= self.opening(to);
        }
        if self.is_hopeless(delta, from, to) {
            return false;
        }
        let source = self.chain(u, &[], y);
        let target = self.chain(v, &[], x);
        let target = if empties { Segment::default() } else { target };
        if !self.helps(delta, (from, source), (to, target)) {
            return false;
        }
        self.begin(from, to);
        let at = self.position[u as usize] as usize;
        let other = self.position[v as usize] as usize;
        let [list, partner] = &mut self.lists;
        let tail: Vec<u32> = list.drain(at..).collect();
        list.extend(partner.drain(other..));
        partner.extend(tail);
        self.finish(from, to);
        true
    }

    /// Turns the visits behind `u` up to `v` of the same route around.
    pub(super) fn reverse(&mut self, u: u32, v: u32) -> bool {
        let route = self.route_of[u as usize];
        let (at, until) = (self.position[u as usize], self.position[v as usize]);
        if route != self.route_of[v as usize] || at + 1 >= until {
            return false;
        }
        let (x, y) = (self.next[u as usize], self.next[v as usize]);
        let mut delta = self.cost(u, v) + self.cost(x, y) - self.leg(x) - self.leg(y);
        if self.is_hopeless(delta, route, route) {
            return false;
        }
        let mut sum = self.before[u as usize];
        let (mut from, mut node) = (u, v);
        while node != u {
            sum = sum.join(self.time(from, node), &self.single[node as usize]);
            let previous = self.previous[node as usize];
            if previous != u {
                delta += self.cost(node, previous) - self.cost(previous, node);
            }
            from = node;
            node = previous;
        }
        let joined = sum.join(self.time(x, y), &self.after[y as usize]);
        if !self.helps_alone(delta, route, joined) {
            return false;
        }
        self.begin(route, route);
        self.lists[0][at as usize..until as usize].reverse();
        self.finish(route, route);
        true
    }

    /// Whether even routes without any penalty would not make up for this change of legs.
    #[inline]
    pub(super) fn is_hopeless(&self, delta: i64, from: u32, to: u32) -> bool {
        let other = if from == to { 0 } else { self.routes[to as usize].penalty };
        delta >= self.routes[from as usize].penalty + other
    }

    /// Whether this change does not help, whatever becomes of the second route.
    #[inline]
    pub(super) fn is_hopeless_with(&self, delta: i64, one: (u32, Segment), to: u32) -> bool {
        self.added_penalty(one) + delta >= self.routes[to as usize].penalty
    }

    /// What the penalty of a changed route is above that of the route as it is.
    #[inline]
    fn added_penalty(&self, (route, sum): (u32, Segment)) -> i64 {
        let route = route as usize;
        self.penalties.of(sum.warp, self.excess(route, sum.load)) - self.routes[route].penalty
    }

    /// Everything up to `before`, then `parts`, then everything from `after` on. A part is its
    /// first and last node and its sum.
    #[inline]
    pub(super) fn chain(&self, before: u32, parts: &[(u32, u32, Segment)], after: u32) -> Segment {
        let mut sum = self.before[before as usize];
        let mut last = before;
        for (first, end, part) in parts {
            sum = sum.join(self.time(last, *first), part);
            last = *end;
        }
        sum.join(self.time(last, after), &self.after[after as usize])
    }

    #[inline]
    pub(super) fn helps(&self, delta: i64, one: (u32, Segment), two: (u32, Segment)) -> bool {
        delta + self.added_penalty(one) + self.added_penalty(two) < 0
    }

    #[inline]
    pub(super) fn helps_alone(&self, delta: i64, route: u32, sum: Segment) -> bool {
        let held = &self.routes[route as usize];
        let excess = self.excess(route as usize, held.load);
        delta + self.penalties.of(sum.warp, excess) - held.penalty < 0
    }

    /// Lists the visits of the routes that a move changes.
    pub(super) fn begin(&mut self, from: u32, to: u32) {
        for (index, route) in [from, to].into_iter().enumerate() {
            let mut list = std::mem::take(&mut self.lists[index]);
            list.clear();
            list.extend(self.visits_from(self.next[self.start(route) as usize]));
            self.lists[index] = list;
        }
    }

    /// Makes the listed visits the routes.
    pub(super) fn finish(&mut self, from: u32, to: u32) {
        self.moves += 1;
        let [list, partner] = std::mem::take(&mut self.lists);
        self.set_route(from, &list);
        if from != to {
            self.set_route(to, &partner);
        }
        self.lists = [list, partner];
    }
}
