//! Earliest and latest times of a route, computed again only as far as they change.

use crate::optimize::rich::data::{Data, OUT};
use crate::optimize::rich::rests::{Between, arrive, clear_after, clear_before, leave};
use crate::optimize::rich::route::{Node, Route, between};

/// Nodes whose times have to be computed again: `from..to` have changed themselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dirty {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Dirty {
    pub(super) const CLEAN: Self = Self { from: usize::MAX, to: 0 };

    pub(super) fn mark(&mut self, from: usize, to: usize) {
        self.from = self.from.min(from);
        self.to = self.to.max(to);
    }

    /// A node was put in at `at`.
    pub(super) fn insert(&mut self, at: usize) {
        if self.to > at {
            self.to += 1;
        }
        self.mark(at, at + 1);
    }

    /// The node at `at` was taken out.
    pub(super) fn remove(&mut self, at: usize) {
        if self.to > at {
            self.to -= 1;
        }
        self.mark(at, at);
    }
}

impl Route {
    /// Earliest ends; returns whether the end is reached in time.
    pub(in crate::optimize::rich) fn forward(&mut self, data: &Data) -> bool {
        let dirty = std::mem::replace(&mut self.ends_dirty, Dirty::CLEAN);
        if dirty.from >= self.nodes.len() {
            return true;
        }
        let stride = self.stride();
        let mut ends = std::mem::take(&mut self.ends);
        if dirty.from == 0 {
            // Breaks may be over before the departure.
            let rests = &data.cars[self.car as usize].rests;
            let home = Between { travel: 0, pad_after: 0, pad_before: 0 };
            for (taken, end) in ends[..stride].iter_mut().enumerate() {
                let free = arrive(rests, &self.rests[..taken], -OUT, home, |_, _| {});
                *end = if self.may_rest(0, 0..taken) { free.max(self.nodes[0].to) } else { OUT };
            }
        }
        let done = match stride {
            1 => self.forward_simple(data, &mut ends, dirty),
            2 if self.barred.is_empty() => self.forward_one(data, &mut ends, dirty),
            _ => self.forward_into(data, &mut ends, dirty),
        };
        self.ends = ends;
        done
    }

    /// Without breaks.
    #[expect(clippy::needless_range_loop, reason = "each node is reckoned from the one before")]
    fn forward_simple(&self, data: &Data, ends: &mut [i32], dirty: Dirty) -> bool {
        let first = dirty.from.max(1);
        let mut end = ends[first - 1];
        if end >= OUT {
            return false;
        }
        for at in first..self.nodes.len() {
            let (before, node) = (&self.nodes[at - 1], &self.nodes[at]);
            let start = node.start_after(data, end + lies(data, before, node).travel);
            if start >= OUT {
                ends[at] = OUT;
                return false;
            }
            end = start + node.dur;
            if ends[at] == end && at >= dirty.to {
                break;
            }
            ends[at] = end;
        }
        true
    }

    /// With one break.
    fn forward_one(&self, data: &Data, ends: &mut [i32], dirty: Dirty) -> bool {
        let rest = &data.cars[self.car as usize].rests[usize::from(self.rests[0])];
        for at in dirty.from.max(1)..self.nodes.len() {
            let (before, node) = (&self.nodes[at - 1], &self.nodes[at]);
            let lies = lies(data, before, node);
            let (none, one) = (ends[2 * at - 2], ends[2 * at - 1]);
            let end = |arrival: i32| {
                let start = node.start_after(data, arrival);
                if start < OUT { OUT.min(start + node.dur) } else { OUT }
            };
            let mut rested = if none < OUT { rest.arrive(none, lies) } else { OUT };
            if one < OUT {
                let mut arrival = one + lies.travel;
                if at == 1 {
                    arrival = arrival.max(self.clear_start(data, 1, node));
                }
                rested = rested.min(arrival);
            }
            let new = [
                if none < OUT { end(none + lies.travel) } else { OUT },
                if none.min(one) < OUT { end(rested) } else { OUT },
            ];
            if new == [OUT, OUT] {
                ends[2 * at..2 * at + 2].copy_from_slice(&new);
                return false;
            }
            let same = at >= dirty.to && ends[2 * at..2 * at + 2] == new;
            ends[2 * at..2 * at + 2].copy_from_slice(&new);
            if same {
                break;
            }
        }
        true
    }

    fn forward_into(&self, data: &Data, ends: &mut [i32], dirty: Dirty) -> bool {
        let stride = self.stride();
        let rests = &data.cars[self.car as usize].rests;
        for at in dirty.from.max(1)..self.nodes.len() {
            let (before, node) = (&self.nodes[at - 1], &self.nodes[at]);
            let lies = between(before, node, node.hop);
            let (done, open) = ends.split_at_mut(at * stride);
            let last = &done[(at - 1) * stride..];
            let (mut any, mut same) = (false, at >= dirty.to);
            for (until, open) in open[..stride].iter_mut().enumerate() {
                let mut best = OUT;
                for (first, &end) in last.iter().enumerate().take(until + 1) {
                    if end >= OUT || !self.may_rest(at - 1, first..until) {
                        continue;
                    }
                    let mut arrival = if first == until {
                        end + lies.travel
                    } else {
                        arrive(rests, &self.rests[first..until], end, lies, |_, _| {})
                    };
                    if at == 1 && first > 0 {
                        arrival = arrival.max(self.clear_start(data, first, node));
                    }
                    let start = node.start_after(data, arrival);
                    if start < OUT {
                        best = best.min(start + node.dur);
                    }
                }
                same &= *open == best;
                *open = best;
                any |= best < OUT;
            }
            if !any {
                return false;
            }
            if same {
                break;
            }
        }
        true
    }

    /// Whether computing all times again gives the same.
    pub(in crate::optimize::rich) fn is_settled(&self, data: &Data) -> bool {
        let mut copy = self.clone();
        copy.mark_all();
        copy.forward(data)
            && copy.backward(data)
            && copy.ends == self.ends
            && copy.lates == self.lates
            && copy.is_general(data)
    }

    /// Whether what is reckoned for one break is the same as for any number of them.
    fn is_general(&self, data: &Data) -> bool {
        let all = Dirty { from: 0, to: self.nodes.len() };
        let (mut ends, mut lates) = (self.ends.clone(), self.lates.clone());
        self.forward_into(data, &mut ends, all);
        self.backward_into(data, &mut lates, all);
        ends == self.ends && lates == self.lates
    }

    /// First start after the breaks that are over before the departure.
    pub(in crate::optimize::rich) fn clear_start(
        &self,
        data: &Data,
        taken: usize,
        first: &Node,
    ) -> i32 {
        let rests = &data.cars[self.car as usize].rests;
        clear_after(rests, &self.rests[..taken]).max(-OUT) + first.pad_before
    }

    /// Latest ends, from the end of the shift back; returns whether the route can be driven.
    pub(in crate::optimize::rich) fn backward(&mut self, data: &Data) -> bool {
        let dirty = std::mem::replace(&mut self.lates_dirty, Dirty::CLEAN);
        let stride = self.stride();
        let mut lates = std::mem::take(&mut self.lates);
        let end = self.end();
        if dirty.to > end {
            let rests = &data.cars[self.car as usize].rests;
            for taken in 0..stride {
                // Breaks that are left are taken after the return.
                let lies = Between { travel: 0, pad_after: 0, pad_before: 0 };
                let latest = leave(rests, &self.rests[taken..], OUT, lies);
                let allowed = self.may_rest(end, taken..self.rests.len());
                lates[end * stride + taken] =
                    if allowed { latest.min(self.nodes[end].to) } else { -OUT };
            }
        }
        match stride {
            1 => self.backward_simple(data, &mut lates, dirty),
            2 if self.barred.is_empty() => self.backward_one(data, &mut lates, dirty),
            _ => self.backward_into(data, &mut lates, dirty),
        }
        let starts = self.ends[..stride].iter().zip(&lates[..stride]);
        let feasible = { starts }.any(|(&end, &late)| end < OUT && end <= late);
        self.lates = lates;
        feasible
    }

    /// Without breaks.
    fn backward_simple(&self, data: &Data, lates: &mut [i32], dirty: Dirty) {
        let last = dirty.to.min(self.end());
        for at in (0..last).rev() {
            let (node, next) = (&self.nodes[at], &self.nodes[at + 1]);
            let start = next.start_before(data, lates[at + 1]);
            let mut end = -OUT;
            if lates[at + 1] > -OUT && start > -OUT {
                end = if node.forced { OUT } else { start - lies(data, node, next).travel };
            }
            if lates[at] == end && at < dirty.from {
                break;
            }
            lates[at] = end;
        }
    }

    /// With one break.
    fn backward_one(&self, data: &Data, lates: &mut [i32], dirty: Dirty) {
        let rest = &data.cars[self.car as usize].rests[usize::from(self.rests[0])];
        let last = self.end();
        for at in (0..dirty.to.min(last)).rev() {
            let (node, next) = (&self.nodes[at], &self.nodes[at + 1]);
            let lies = lies(data, node, next);
            let start = |late: i32| if late > -OUT { next.start_before(data, late) } else { -OUT };
            let (open, rested) = (start(lates[2 * at + 2]), start(lates[2 * at + 3]));
            let (mut none, mut one) = (-OUT, -OUT);
            if open > -OUT {
                none = open - lies.travel;
                if at + 1 == last {
                    none =
                        none.min(clear_before(std::slice::from_ref(rest), &[0]) - node.pad_after);
                }
            }
            if rested > -OUT {
                none = none.max(rest.leave(rested, lies));
                if at > 0 || self.clear_start(data, 1, next) <= rested {
                    one = rested - lies.travel;
                }
            }
            let late = |end: i32| if node.forced && end > -OUT { OUT } else { end.max(-OUT) };
            let new = [late(none), late(one)];
            let same = at < dirty.from && lates[2 * at..2 * at + 2] == new;
            lates[2 * at..2 * at + 2].copy_from_slice(&new);
            if same {
                break;
            }
        }
    }

    fn backward_into(&self, data: &Data, lates: &mut [i32], dirty: Dirty) {
        let stride = self.stride();
        let rests = &data.cars[self.car as usize].rests;
        for at in (0..dirty.to.min(self.end())).rev() {
            let (node, next) = (&self.nodes[at], &self.nodes[at + 1]);
            let lies = between(node, next, next.hop);
            let (open, done) = lates.split_at_mut((at + 1) * stride);
            let mut same = at < dirty.from;
            for first in 0..stride {
                let mut best = -OUT;
                for (until, &late) in done[..stride].iter().enumerate().skip(first) {
                    if late <= -OUT || !self.may_rest(at, first..until) {
                        continue;
                    }
                    let start = next.start_before(data, late);
                    if start <= -OUT {
                        continue;
                    }
                    let mut end = if first == until {
                        start - lies.travel
                    } else {
                        leave(rests, &self.rests[first..until], start, lies)
                    };
                    if at + 1 == self.end() && until + 1 < stride {
                        let clear = clear_before(rests, &self.rests[until..]);
                        end = end.min(clear - node.pad_after);
                    }
                    if at == 0 && first > 0 && self.clear_start(data, first, next) > start {
                        continue;
                    }
                    best = best.max(end);
                }
                let latest = if node.forced && best > -OUT { OUT } else { best };
                same &= open[at * stride + first] == latest;
                open[at * stride + first] = latest;
            }
            if same {
                break;
            }
        }
    }
}

/// What lies between two stops of a route that has been measured.
#[inline]
fn lies(data: &Data, before: &Node, node: &Node) -> Between {
    if data.pads {
        between(before, node, node.hop)
    } else {
        Between { travel: node.hop, pad_after: 0, pad_before: 0 }
    }
}
