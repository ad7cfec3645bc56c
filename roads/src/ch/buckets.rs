//! Small matrices: every target leaves its costs at the ranks above it, every source collects them.
//!
//! Source: Knopp, Sanders, Schultes, Schulz, Wagner (2007), "Computing many-to-many shortest paths using highway
//! hierarchies", on the contraction hierarchy.

use crate::ch::Hierarchy;
use crate::ch::upward::{Seed, Upward};
use crate::units::{UNREACHED, idx};

/// A cost left at a rank by a target.
#[derive(Debug, Clone, Copy)]
struct Entry {
    cost: u64,
    target: u32,
}

/// Hands out the packed costs from each source to all targets, [`UNREACHED`] where no way leads.
///
/// * `from`: seeds of each source, on its own pieces.
/// * `to`: seeds of each target, on the pieces before its own.
/// * `row`: called once per source, in order, with its place and costs; may change them.
///
/// Cost: a search per source and per target and the entries they share.
pub(crate) fn rows(
    ch: &Hierarchy,
    search: &mut Upward,
    from: &[Vec<Seed>],
    to: &[Vec<Seed>],
    mut row: impl FnMut(usize, &mut [u64]),
) {
    let (out, into) = (ch.out.view(), ch.into.view());
    let mut settled = Vec::new();
    let mut left = Vec::new();
    for (target, seeds) in to.iter().enumerate() {
        search.run_pruned(into, out, seeds, &mut settled);
        let target = idx(target);
        left.extend(settled.iter().map(|(rank, cost)| (*rank, Entry { cost: *cost, target })));
    }
    let (slot, first, entries) = sort(ch.len(), &left);
    let mut costs = vec![UNREACHED; to.len()];
    for (source, seeds) in from.iter().enumerate() {
        search.run_pruned(out, into, seeds, &mut settled);
        costs.fill(UNREACHED);
        for (rank, cost) in &settled {
            let place = slot[*rank as usize] as usize;
            for entry in &entries[first[place] as usize..first[place + 1] as usize] {
                let cell = &mut costs[entry.target as usize];
                *cell = (*cell).min(cost + entry.cost);
            }
        }
        row(source, &mut costs);
    }
}

/// Groups what was left by rank: entries of rank `r` are `entries[first[slot[r]]..first[slot[r] + 1]]`.
///
/// Slot 0 is empty and stands for all ranks without entries.
fn sort(rank_count: usize, left: &[(u32, Entry)]) -> (Vec<u32>, Vec<u32>, Vec<Entry>) {
    let mut slot = vec![0_u32; rank_count];
    let mut counts = vec![0_u32];
    for (rank, _) in left {
        let slot = &mut slot[*rank as usize];
        if *slot == 0 {
            *slot = idx(counts.len());
            counts.push(0);
        }
        counts[*slot as usize] += 1;
    }
    let mut first = vec![0; counts.len() + 1];
    for (place, count) in counts.iter().enumerate() {
        first[place + 1] = first[place] + count;
    }
    let mut next = first.clone();
    let mut entries = vec![Entry { cost: 0, target: 0 }; left.len()];
    for (rank, entry) in left {
        let place = &mut next[slot[*rank as usize] as usize];
        entries[*place as usize] = *entry;
        *place += 1;
    }
    (slot, first, entries)
}
