//! The contraction hierarchy: vertices in order of importance, with shortcuts over the less important ones.
//!
//! Source: Geisberger, Sanders, Schultes, Delling (2008), "Contraction Hierarchies". Weights are packed costs, so a
//! search is exact in time and, among equally quick ways, in distance.

pub(crate) mod adjacency;
pub(crate) mod buckets;
pub(crate) mod contract;
pub(crate) mod lanes;
pub(crate) mod sweep;
pub(crate) mod unpack;
pub(crate) mod upward;
pub(crate) mod witness;

use bytemuck::{Pod, Zeroable};

use crate::array::Array;

/// An edge or shortcut between ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Arc {
    /// Packed cost.
    pub(crate) cost: u64,
    /// Rank of the more important end.
    pub(crate) head: u32,
    /// Rank of the vertex a shortcut leads over, or [`NONE`](crate::units::NONE) for a turn of the graph.
    pub(crate) middle: u32,
}

/// One of the two directions of the hierarchy: arcs from each rank to more important ones.
#[derive(Debug)]
pub(crate) struct Side {
    /// Arcs of rank `r` are `arcs[first[r]..first[r + 1]]`, by head.
    pub(crate) first: Array<u32>,
    pub(crate) arcs: Array<Arc>,
}

/// [`Side`] as plain slices, taken once before a search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SideView<'a> {
    pub(crate) first: &'a [u32],
    pub(crate) arcs: &'a [Arc],
}

impl Side {
    pub(crate) fn view(&self) -> SideView<'_> {
        SideView { first: &self.first, arcs: &self.arcs }
    }
}

impl<'a> SideView<'a> {
    /// Arcs of a rank.
    #[inline]
    pub(crate) fn of(&self, rank: u32) -> &'a [Arc] {
        let rank = rank as usize;
        &self.arcs[self.first[rank] as usize..self.first[rank + 1] as usize]
    }
}

/// The hierarchy; immutable.
#[derive(Debug)]
pub(crate) struct Hierarchy {
    /// Rank by vertex; 0 is the least important.
    pub(crate) rank: Array<u32>,
    /// Vertex by rank.
    pub(crate) vertex: Array<u32>,
    /// Arcs in driving direction: rank to more important head.
    pub(crate) out: Side,
    /// Arcs against driving direction: rank from more important tail (called `head` here too).
    pub(crate) into: Side,
}

impl Hierarchy {
    pub(crate) fn len(&self) -> usize {
        self.rank.len()
    }
}
