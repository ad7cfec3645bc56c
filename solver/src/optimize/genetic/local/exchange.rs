//! Exchanges of strings of one or two visits, within a route or between two.

use super::super::segment::Segment;
use super::State;
use super::moves::Part;

impl State<'_> {
    /// Exchanges `N` visits from `u` on with `M` visits from `v` on; with `M` = 0 they go behind
    /// `v`, which may be the start of a route.
    pub(super) fn exchange<const N: usize, const M: usize>(&mut self, u: u32, v: u32) -> bool {
        if M == 0 { self.relocate::<N>(u, v) } else { self.swap::<N, M>(u, v) }
    }

    #[inline]
    fn relocate<const N: usize>(&mut self, u: u32, v: u32) -> bool {
        let Some(part) = self.part(u, N) else { return false };
        let (from, to) = (self.route_of[u as usize], self.route_of[v as usize]);
        let behind = self.next[v as usize];
        if from == to {
            let (at, first) = (self.position[v as usize], self.position[u as usize]);
            if at + 1 >= first && at <= self.position[part.last as usize] {
                return false;
            }
        }
        let delta = self.relocation_cost::<N>(&part, v);
        if self.is_hopeless(delta, from, to) {
            return false;
        }
        let own = self.between(part.first, part.last);
        if from == to {
            let joined = if self.position[v as usize] < self.position[u as usize] {
                // v, the part, from behind v to before the part, after the part
                self.chain(
                    v,
                    &[
                        (part.first, part.last, own),
                        (behind, part.before, self.between(behind, part.before)),
                    ],
                    part.after,
                )
            } else {
                let middle = self.between(part.after, v);
                self.chain(
                    part.before,
                    &[(part.after, v, middle), (part.first, part.last, own)],
                    behind,
                )
            };
            if !self.helps_alone(delta, from, joined) {
                return false;
            }
        } else {
            let emptied = self.routes[from as usize].visits as usize == N;
            let source =
                if emptied { Segment::default() } else { self.chain(part.before, &[], part.after) };
            if self.is_hopeless_with(delta, (from, source), to) {
                return false;
            }
            let target = self.chain(v, &[(part.first, part.last, own)], behind);
            if !self.helps(delta, (from, source), (to, target)) {
                return false;
            }
        }
        self.do_relocate(u, v, N);
        true
    }

    #[inline(never)]
    fn do_relocate(&mut self, u: u32, v: u32, count: usize) {
        let (from, to) = (self.route_of[u as usize], self.route_of[v as usize]);
        self.begin(from, to);
        let mut string = [0; 2];
        let mut node = u;
        for slot in string.iter_mut().take(count) {
            *slot = node;
            node = self.next[node as usize];
        }
        let string = &string[..count];
        let [first, second] = &mut self.lists;
        first.retain(|visit| !string.contains(visit));
        let target = if from == to { first } else { second };
        let at = target.iter().position(|&visit| visit == v).map_or(0, |index| index + 1);
        target.splice(at..at, string.iter().copied());
        self.finish(from, to);
    }

    /// What moving a string behind `v` adds to legs and vehicles.
    #[inline]
    fn relocation_cost<const N: usize>(&self, part: &Part, v: u32) -> i64 {
        let (from, to) = (self.route_of[part.first as usize], self.route_of[v as usize]);
        let behind = self.next[v as usize];
        let mut delta = self.cost(v, part.first) + self.cost(part.last, behind) - self.leg(behind)
            + self.cost(part.before, part.after)
            - self.leg(part.first)
            - self.leg(part.after);
        if from != to {
            if self.routes[to as usize].visits == 0 {
                delta += self.opening(to);
            }
            if self.routes[from as usize].visits as usize == N {
                delta -= self.opening(from);
            }
        }
        delta
    }

    #[inline]
    fn swap<const N: usize, const M: usize>(&mut self, u: u32, v: u32) -> bool {
        let Some(one) = self.part(u, N) else { return false };
        let Some(two) = self.part(v, M) else { return false };
        let (from, to) = (self.route_of[u as usize], self.route_of[v as usize]);
        if from == to {
            let place = |node: u32| self.position[node as usize];
            let apart =
                place(one.last) + 1 < place(two.first) || place(two.last) + 1 < place(one.first);
            if !apart {
                return false;
            }
        }
        let delta = self.cost(one.before, two.first)
            + self.cost(two.last, one.after)
            + self.cost(two.before, one.first)
            + self.cost(one.last, two.after)
            - self.leg(one.first)
            - self.leg(one.after)
            - self.leg(two.first)
            - self.leg(two.after);
        if self.is_hopeless(delta, from, to) {
            return false;
        }
        let first = (one.first, one.last, self.between(one.first, one.last));
        let second = (two.first, two.last, self.between(two.first, two.last));
        if from == to {
            let forward = self.position[u as usize] < self.position[v as usize];
            let (early, late, left, right) =
                if forward { (one, two, first, second) } else { (two, one, second, first) };
            let middle = (early.after, late.before, self.between(early.after, late.before));
            let joined = self.chain(early.before, &[right, middle, left], late.after);
            if !self.helps_alone(delta, from, joined) {
                return false;
            }
        } else {
            let source = self.chain(one.before, &[second], one.after);
            if self.is_hopeless_with(delta, (from, source), to) {
                return false;
            }
            let target = self.chain(two.before, &[first], two.after);
            if !self.helps(delta, (from, source), (to, target)) {
                return false;
            }
        }
        self.do_swap((u, N), (v, M));
        true
    }

    #[inline(never)]
    fn do_swap(&mut self, one: (u32, usize), two: (u32, usize)) {
        let ((u, count), (v, other_count)) = (one, two);
        let (from, to) = (self.route_of[u as usize], self.route_of[v as usize]);
        self.begin(from, to);
        let at = self.position[u as usize] as usize - 1;
        let other = self.position[v as usize] as usize - 1;
        let [list, partner] = &mut self.lists;
        if from == to {
            let (left, left_count, right, right_count) = if at < other {
                (at, count, other, other_count)
            } else {
                (other, other_count, at, count)
            };
            let tail: Vec<u32> = list[left..right + right_count].to_vec();
            let (string, rest) = tail.split_at(left_count);
            let (middle, last) = rest.split_at(right - left - left_count);
            let order = last.iter().chain(middle).chain(string);
            list.splice(left..right + right_count, order.copied());
        } else {
            let string: Vec<u32> = list[at..at + count].to_vec();
            list.splice(at..at + count, partner[other..other + other_count].iter().copied());
            partner.splice(other..other + other_count, string);
        }
        self.finish(from, to);
    }
}
