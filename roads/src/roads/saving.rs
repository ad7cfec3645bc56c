//! Prepared roads to a file and back.

use std::path::Path;

use bytemuck::cast_slice;

use crate::array::Array;
use crate::ch::{Hierarchy, Side};
use crate::error::{Refusal, RoadsError};
use crate::graph::Graph;
use crate::profile::Profile;
use crate::roads::Roads;
use crate::saved::read::{Opened, open};
use crate::saved::write::write;
use crate::snap::tree::Tree;
use crate::source::SourceKey;

impl Roads {
    /// Writes the prepared roads to a file for [`Roads::open`].
    ///
    /// The file appears complete or not at all.
    ///
    /// # Errors
    /// [`RoadsError::Write`].
    pub fn save(&self, path: &Path) -> Result<(), RoadsError> {
        let Graph { vertex_piece, vertex_cost, next_copy, turn_first, turns, .. } = &self.graph;
        let Graph { back_first, back_turns, pieces, points, .. } = &self.graph;
        let Hierarchy { rank, vertex, out, into } = &self.ch;
        // The order is that of `Sections`.
        let sections: [&[u8]; 18] = [
            cast_slice(vertex_piece),
            cast_slice(vertex_cost),
            cast_slice(next_copy),
            cast_slice(turn_first),
            cast_slice(turns),
            cast_slice(back_first),
            cast_slice(back_turns),
            cast_slice(pieces),
            cast_slice(points),
            cast_slice(rank),
            cast_slice(vertex),
            cast_slice(&out.first),
            cast_slice(&out.arcs),
            cast_slice(&into.first),
            cast_slice(&into.arcs),
            cast_slice(&self.tree.stretches),
            cast_slice(&self.tree.rects),
            cast_slice(&self.tree.levels),
        ];
        write(path, self.key, &sections)
    }

    /// Maps a file written by [`Roads::save`].
    ///
    /// * `expected`: refuses the file unless it was made from this map and profile.
    ///
    /// # Errors
    /// [`RoadsError::Read`]; [`RoadsError::Refused`] for a damaged, foreign or outdated file.
    /// Cost: reading the file once for its checksum; nothing is rebuilt.
    pub fn open(path: &Path, expected: Option<SourceKey>) -> Result<Self, RoadsError> {
        let opened = open(path)?;
        let refuse = |reason| RoadsError::Refused { path: path.to_owned(), reason };
        if expected.is_some_and(|expected| expected != opened.key) {
            return Err(refuse(Refusal::OtherSource));
        }
        let key = opened.key;
        let mut sections = Sections { opened, next: 0 };
        let (graph, ch, tree) = sections.all().map_err(refuse)?;
        fit(&graph, &ch, &tree).map_err(|section| refuse(Refusal::Section { section }))?;
        Ok(Self::from_parts(key, graph, ch, tree))
    }

    /// Opens the saved roads if they were made from this map and profile, else imports the map and saves them.
    ///
    /// # Errors
    /// Those of [`Roads::import`] and [`Roads::save`]. A saved file that cannot be used is replaced, not an error.
    pub fn open_or_import(pbf: &Path, saved: &Path, profile: &Profile) -> Result<Self, RoadsError> {
        let key = SourceKey::of(pbf, profile)?;
        if let Ok(roads) = Self::open(saved, Some(key)) {
            return Ok(roads);
        }
        let roads = Self::import(pbf, profile)?;
        roads.save(saved)?;
        Ok(roads)
    }
}

/// Takes the sections of a file one after the other.
struct Sections {
    opened: Opened,
    next: usize,
}

impl Sections {
    fn take<T: bytemuck::Pod>(&mut self, name: &'static str) -> Result<Array<T>, Refusal> {
        self.next += 1;
        self.opened.section(self.next - 1, name)
    }

    fn all(&mut self) -> Result<(Graph, Hierarchy, Tree), Refusal> {
        // Fields are read in the order they are written here, which is that of the file.
        let graph = Graph {
            vertex_piece: self.take("vertex pieces")?,
            vertex_cost: self.take("vertex costs")?,
            next_copy: self.take("vertex copies")?,
            turn_first: self.take("turn starts")?,
            turns: self.take("turns")?,
            back_first: self.take("back turn starts")?,
            back_turns: self.take("back turns")?,
            pieces: self.take("pieces")?,
            points: self.take("points")?,
        };
        let rank = self.take("ranks")?;
        let vertex = self.take("vertices by rank")?;
        let out = Side { first: self.take("out starts")?, arcs: self.take("out arcs")? };
        let into = Side { first: self.take("into starts")?, arcs: self.take("into arcs")? };
        let tree = Tree {
            stretches: self.take("stretches")?,
            rects: self.take("rectangles")?,
            levels: self.take("levels")?,
        };
        Ok((graph, Hierarchy { rank, vertex, out, into }, tree))
    }
}

/// Checks that the sections have the lengths the others need; names the first that has not.
fn fit(graph: &Graph, ch: &Hierarchy, tree: &Tree) -> Result<(), &'static str> {
    let count = graph.vertex_cost.len();
    let ends_at = |first: &[u32], length: usize| {
        first.len() == count + 1 && first.last().is_some_and(|last| *last as usize == length)
    };
    let points = graph.pieces.last().map_or(0, |end| end.point_first as usize);
    let boxes = tree.levels.last().map_or(0, |end| *end as usize);
    let checks = [
        (count > 0, "vertex costs"),
        (graph.vertex_piece.len() == count, "vertex pieces"),
        (graph.next_copy.len() == count, "vertex copies"),
        (ends_at(&graph.turn_first, graph.turns.len()), "turns"),
        (ends_at(&graph.back_first, graph.back_turns.len()), "back turns"),
        (graph.pieces.len() > 1 && points == graph.points.len(), "points"),
        (ch.rank.len() == count, "ranks"),
        (ch.vertex.len() == count, "vertices by rank"),
        (ends_at(&ch.out.first, ch.out.arcs.len()), "out arcs"),
        (ends_at(&ch.into.first, ch.into.arcs.len()), "into arcs"),
        (boxes == tree.rects.len() && tree.stretches.len() <= boxes, "rectangles"),
    ];
    checks.into_iter().find(|(fits, _)| !fits).map_or(Ok(()), |(_, section)| Err(section))
}
