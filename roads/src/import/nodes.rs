//! The nodes that drivable ways run through: position, obstacle, how often they are used.

use rustc_hash::FxHashMap;

use crate::geo::Fixed;
use crate::profile::access::Obstacle;
use crate::units::idx;

/// One node of the map.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Node {
    /// Where it is; `None` while (or if) the file does not say.
    pub(crate) place: Option<Fixed>,
    pub(crate) obstacle: Obstacle,
    /// Ways through it count once, ways that end here twice; from 2 on ways are split here.
    pub(crate) uses: u8,
    /// A turn restriction hinges on it, so it must stay a junction.
    pub(crate) pivot: bool,
}

/// All nodes of interest, by a dense index.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    index: FxHashMap<i64, u32>,
    list: Vec<Node>,
}

impl Nodes {
    /// Index of a node that a way runs through; makes room for it when it is new.
    pub(crate) fn intern(&mut self, id: i64) -> u32 {
        let next = idx(self.list.len());
        let found = *self.index.entry(id).or_insert(next);
        if found == next {
            self.list.push(Node::default());
        }
        found
    }

    /// Index of a node, if any way runs through it.
    pub(crate) fn find(&self, id: i64) -> Option<u32> {
        self.index.get(&id).copied()
    }

    pub(crate) fn get(&self, node: u32) -> &Node {
        &self.list[node as usize]
    }

    pub(crate) fn get_mut(&mut self, node: u32) -> &mut Node {
        &mut self.list[node as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Counts how the ways use their nodes.
    pub(crate) fn count(&mut self, way: &[u32]) {
        for (place, node) in way.iter().enumerate() {
            let is_end = place == 0 || place + 1 == way.len();
            let uses = &mut self.get_mut(*node).uses;
            *uses = uses.saturating_add(if is_end { 2 } else { 1 });
        }
    }
}
