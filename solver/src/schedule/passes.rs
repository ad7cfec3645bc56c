//! Earliest completions and latest starts of a route, by the number of pauses already taken.

use crate::schedule::view::{EDGE, OUT_OF_REACH, Rest, View};

/// What is known before a visit: it may start at
/// `max(ready + max(pad_after + its pad, drive), clear, clear_padded + its pad)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Before {
    /// Completion of the node before plus the pauses in between.
    pub(crate) ready: i32,
    /// End of the last pause in between.
    pub(crate) clear: i32,
    /// End of the last padded pause in between, far negative if there is none.
    pub(crate) clear_padded: i32,
    /// Pad of the node before.
    pub(crate) pad_after: i32,
}

/// What is known after a visit: it must end by
/// `min(due - max(its pad + pad_before, drive), clear, clear_padded - its pad)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct After {
    /// Latest start of the node after, less the pauses in between.
    pub(crate) due: i32,
    /// Latest start of the first pause in between.
    pub(crate) clear: i32,
    /// Latest start of the first padded pause in between, far positive if there is none.
    pub(crate) clear_padded: i32,
    /// Pad of the node after.
    pub(crate) pad_before: i32,
}

impl Before {
    /// Earliest start of a visit reached from here.
    #[inline]
    pub(crate) fn earliest(self, pad_before: i32, drive: i32) -> i32 {
        (self.ready + drive.max(self.pad_after + pad_before))
            .max(self.clear)
            .max(self.clear_padded + pad_before.max(0))
    }
}

impl After {
    /// Latest end of a visit that leads here.
    #[inline]
    pub(crate) fn latest(self, pad_after: i32, drive: i32) -> i32 {
        (self.due - drive.max(pad_after + self.pad_before))
            .min(self.clear)
            .min(self.clear_padded - pad_after.max(0))
    }
}

/// Takes `rests` one after the other from `completion` on; `None` if one would start too late.
///
/// `seen` is told the start of each.
pub(crate) fn forward_run(
    completion: i32,
    pad_after: i32,
    rests: &[Rest],
    mut seen: impl FnMut(i32),
) -> Option<Before> {
    let mut before =
        Before { ready: completion, clear: completion, clear_padded: -OUT_OF_REACH, pad_after };
    let free_padded = completion + pad_after.max(0);
    for rest in rests {
        let free = if rest.padded { before.clear.max(free_padded) } else { before.clear };
        let start = free.max(rest.opens);
        if start > rest.closes {
            return None;
        }
        seen(start);
        before.ready += rest.duration;
        before.clear = start + rest.duration;
        if rest.padded {
            before.clear_padded = before.clear;
        }
    }
    Some(before)
}

/// Takes `rests` as late as possible before a node that must start by `latest`; `None` if one
/// would start too early.
pub(crate) fn backward_run(latest: i32, pad_before: i32, rests: &[Rest]) -> Option<After> {
    let mut after = After { due: latest, clear: latest, clear_padded: OUT_OF_REACH, pad_before };
    for rest in rests.iter().rev() {
        let by =
            if rest.padded { after.clear.min(latest - pad_before.max(0)) } else { after.clear };
        let start = (by - rest.duration).min(rest.closes);
        if start < rest.opens {
            return None;
        }
        after.due -= rest.duration;
        after.clear = start;
        if rest.padded {
            after.clear_padded = start;
        }
    }
    Some(after)
}

/// The two tables of a view. Row `i` holds node `i`, column `k` the case of `k` pauses taken before it.
#[derive(Debug, Clone)]
pub(crate) struct Passes {
    width: usize,
    /// Earliest completion; [`OUT_OF_REACH`] where impossible.
    earliest: Vec<i32>,
    /// Latest start; `-OUT_OF_REACH` where impossible.
    latest: Vec<i32>,
}

impl Passes {
    /// Runs both passes. Cost: O(stops x pauses^2).
    pub(crate) fn new(view: &View) -> Self {
        let width = view.rests.len() + 1;
        let size = view.nodes.len() * width;
        let mut passes =
            Self { width, earliest: vec![OUT_OF_REACH; size], latest: vec![-OUT_OF_REACH; size] };
        passes.earliest[0] = 0;
        for node in 1..view.nodes.len() {
            for taken in 0..width {
                let start = passes.earliest_start(view, node, taken);
                if start <= view.nodes[node].closes {
                    passes.earliest[node * width + taken] = start + view.nodes[node].duration;
                }
            }
        }
        for taken in 0..width {
            if let Some(trailing) = backward_run(OUT_OF_REACH, EDGE, &view.rests[taken..]) {
                let end = view.end();
                passes.latest[end * width + taken] = trailing.clear.min(view.nodes[end].closes);
            }
        }
        for node in (0..view.end()).rev() {
            for taken in 0..width {
                let start = passes.latest_start(view, node, taken);
                if start >= view.nodes[node].opens {
                    passes.latest[node * width + taken] = start;
                }
            }
        }
        passes
    }

    /// Earliest completion of a node with so many pauses taken before it.
    pub(crate) fn earliest(&self, node: usize, taken: usize) -> i32 {
        self.earliest[node * self.width + taken]
    }

    /// Latest start of a node with so many pauses taken before it.
    pub(crate) fn latest(&self, node: usize, taken: usize) -> i32 {
        self.latest[node * self.width + taken]
    }

    /// Whether some schedule exists.
    pub(crate) fn feasible(&self) -> bool {
        self.latest[0] >= 0
    }

    fn earliest_start(&self, view: &View, node: usize, taken: usize) -> i32 {
        let here = view.nodes[node];
        let mut best = OUT_OF_REACH;
        for first in 0..=taken {
            let completion = self.earliest(node - 1, first);
            if completion >= OUT_OF_REACH {
                continue;
            }
            let pad = view.nodes[node - 1].pad_after;
            let run = forward_run(completion, pad, &view.rests[first..taken], |_| {});
            if let Some(before) = run {
                best = best.min(before.earliest(here.pad_before, here.leg_in));
            }
        }
        best.max(here.opens)
    }

    fn latest_start(&self, view: &View, node: usize, taken: usize) -> i32 {
        let here = view.nodes[node];
        let mut best = -OUT_OF_REACH;
        for until in taken..self.width {
            if let Some(after) = self.after(view, node, taken, until) {
                let leg = view.nodes[node + 1].leg_in;
                best = best.max(after.latest(here.pad_after, leg) - here.duration);
            }
        }
        best.min(here.closes)
    }

    /// What lies after node `node` (or a visit put in behind it) if pauses `taken..until` come
    /// between it and the next node.
    pub(crate) fn after(
        &self,
        view: &View,
        node: usize,
        taken: usize,
        until: usize,
    ) -> Option<After> {
        let next = node + 1;
        let latest = self.latest(next, until);
        if latest <= -OUT_OF_REACH {
            return None;
        }
        let run = &view.rests[taken..until];
        let mut after = backward_run(latest, view.nodes[next].pad_before, run)?;
        if next == view.end() {
            // Absences after the way home must still lie clear of the pad of the last visit.
            let trailing = backward_run(OUT_OF_REACH, EDGE, &view.rests[until..])?;
            after.clear_padded = after.clear_padded.min(trailing.clear_padded);
        }
        Some(after)
    }
}
