//! The prepared roads: everything a question needs, immutable and shared.

pub(crate) mod ends;
pub(crate) mod isochrone;
pub(crate) mod matrix;
pub(crate) mod pair;
pub(crate) mod route;
pub(crate) mod saving;
pub(crate) mod snapping;
pub(crate) mod view;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::ch::Hierarchy;
use crate::ch::contract::contract;
use crate::ch::upward::Upward;
use crate::error::RoadsError;
use crate::graph::Graph;
use crate::graph::build::build;
use crate::import;
use crate::network::Network;
use crate::profile::Profile;
use crate::snap::tree::Tree;
use crate::source::SourceKey;

/// Roads prepared for questions.
///
/// Immutable, `Send` and `Sync`; share it in an `Arc`. Every answer is exact for the prepared graph, and the same graph
/// always gives the same answer, whatever the number of threads.
///
/// ```no_run
/// use std::path::Path;
/// use roundsman_roads::{Point, Profile, Roads};
///
/// let roads = Roads::import(Path::new("city.osm.pbf"), &Profile::car())?;
/// let home = roads.snap(Point { lat: 64.1466, lon: -21.9426 }, 1000.0)?;
/// let site = roads.snap(Point { lat: 64.0671, lon: -21.9377 }, 1000.0)?;
/// if let Some(leg) = roads.leg(&home, &site) {
///     println!("{} s, {} m", leg.seconds, leg.metres);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Roads {
    pub(crate) key: SourceKey,
    pub(crate) graph: Graph,
    pub(crate) ch: Hierarchy,
    pub(crate) tree: Tree,
    /// Searches at rest; each question takes one or two and puts them back.
    searches: Mutex<Vec<Upward>>,
}

impl Roads {
    /// Reads an .osm.pbf file and prepares it.
    ///
    /// # Errors
    /// [`RoadsError::Read`], [`RoadsError::NotPbf`], [`RoadsError::NoRoads`].
    /// Cost: about a second for a city and its surroundings.
    pub fn import(path: &Path, profile: &Profile) -> Result<Self, RoadsError> {
        let key = SourceKey::of(path, profile)?;
        let network = import::network(path, profile)?;
        Self::prepare(&network, key).ok_or_else(|| RoadsError::NoRoads { path: path.to_owned() })
    }

    /// `None` if nothing in the network is connected.
    fn prepare(network: &Network, key: SourceKey) -> Option<Self> {
        let graph = build(network);
        if graph.vertex_count() == 0 {
            return None;
        }
        let ch = contract(&graph);
        let tree = Tree::new(&graph);
        Some(Self::from_parts(key, graph, ch, tree))
    }

    pub(crate) fn from_parts(key: SourceKey, graph: Graph, ch: Hierarchy, tree: Tree) -> Self {
        Self { key, graph, ch, tree, searches: Mutex::new(Vec::new()) }
    }

    /// Hash of the map file and the profile these roads were prepared from.
    pub fn key(&self) -> SourceKey {
        self.key
    }

    /// Size of the prepared roads.
    pub fn size(&self) -> Size {
        Size {
            pieces: self.graph.piece_count(),
            directed_pieces: self.graph.vertex_count(),
            turns: self.graph.turns.len(),
            shortcuts_and_turns: self.ch.out.arcs.len() + self.ch.into.arcs.len(),
        }
    }

    /// Lends a search to `ask`; a new one is made only when all are in use.
    pub(crate) fn with_search<T>(&self, ask: impl FnOnce(&mut Upward) -> T) -> T {
        let resting = self.searches.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut search = resting.unwrap_or_else(|| Upward::new(self.ch.len()));
        let answer = ask(&mut search);
        self.searches.lock().unwrap_or_else(PoisonError::into_inner).push(search);
        answer
    }
}

/// How much road there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Stretches of road between junctions.
    pub pieces: usize,
    /// Their open directions: the vertices of the graph.
    pub directed_pieces: usize,
    /// Allowed turns: the edges of the graph.
    pub turns: usize,
    /// Arcs of the contraction hierarchy, both sides.
    pub shortcuts_and_turns: usize,
}
