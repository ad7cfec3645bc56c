//! Turns a way through the hierarchy back into vertices of the graph.

use crate::ch::upward::Upward;
use crate::ch::{Arc, Hierarchy, SideView};
use crate::units::NONE;

impl Hierarchy {
    /// Vertices of the way that two traced searches found, in driving order.
    ///
    /// * `from`, `to`: searches by [`Upward::run_traced`] over `out` and `into`.
    /// * `meeting`: rank where they met.
    ///
    /// Cost: linear in the vertices of the way, with a look through the few arcs of each shortcut's middle.
    pub(crate) fn vertices(&self, from: &Upward, to: &Upward, meeting: u32) -> Vec<u32> {
        let mut climb = vec![meeting];
        climb.extend(parents(from, meeting));
        climb.reverse();
        let mut ranks = vec![climb[0]];
        for step in climb.windows(2) {
            self.push_arc(
                cheapest(self.out.view(), step[0], step[1]),
                step[0],
                step[1],
                &mut ranks,
            );
        }
        let mut above = meeting;
        for below in parents(to, meeting) {
            self.push_arc(cheapest(self.into.view(), below, above), above, below, &mut ranks);
            above = below;
        }
        ranks.into_iter().map(|rank| self.vertex[rank as usize]).collect()
    }

    /// Appends the ranks after `from` up to `to` on the arc between them.
    fn push_arc(&self, arc: Option<Arc>, from: u32, to: u32, ranks: &mut Vec<u32>) {
        let mut open = vec![(arc, from, to)];
        while let Some((arc, from, to)) = open.pop() {
            match arc {
                Some(Arc { middle, .. }) if middle != NONE => {
                    // The later half goes on the stack first, so that the earlier one is unpacked first.
                    open.push((cheapest(self.out.view(), middle, to), middle, to));
                    open.push((cheapest(self.into.view(), middle, from), from, middle));
                }
                _ => ranks.push(to),
            }
        }
    }
}

/// Ranks from which the best way to `rank` came, nearest first.
fn parents(search: &Upward, rank: u32) -> impl Iterator<Item = u32> + '_ {
    let parent = |rank: &u32| {
        let parent = search.parent[*rank as usize];
        (parent != NONE).then_some(parent)
    };
    std::iter::successors(Some(rank), parent).skip(1)
}

/// The arc from a rank to a more important one.
fn cheapest(side: SideView<'_>, rank: u32, head: u32) -> Option<Arc> {
    side.of(rank).iter().filter(|arc| arc.head == head).min_by_key(|arc| arc.cost).copied()
}
