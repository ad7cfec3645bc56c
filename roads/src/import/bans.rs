//! Turns restrictions of the map into paths of directed pieces.

use crate::import::restrictions::{Restriction, Via};
use crate::network::{Ban, BanKind, Directed, Network};

/// Longest path of pieces along the `via` ways of a restriction; longer ones are mistakes in the map.
const VIA_PIECES_MAX: usize = 24;

/// Looks up what a restriction names in the finished network.
pub(crate) struct Places<'a> {
    pub(crate) network: &'a Network,
    /// Pieces of a way.
    pub(crate) pieces_of: &'a dyn Fn(i64) -> Vec<u32>,
    /// Junction at a node.
    pub(crate) junction_of: &'a dyn Fn(i64) -> Option<u32>,
}

impl Places<'_> {
    /// The paths a restriction rules on; empty if the map does not hold all its parts.
    pub(crate) fn bans(&self, restriction: &Restriction) -> Vec<Ban> {
        let from = self.pieces(&restriction.from);
        let to = self.pieces(&restriction.to);
        let paths = match &restriction.via {
            Via::Node(node) => (self.junction_of)(*node)
                .map(|junction| self.across(junction, &from, &to))
                .unwrap_or_default(),
            Via::Ways(ways) => self.along(&self.pieces(ways), &from, &to),
        };
        // An order to go one way must be unambiguous; several prohibitions may stand together.
        let is_ambiguous =
            paths.iter().any(|path| path[..path.len() - 1] != paths[0][..path.len() - 1]);
        if restriction.kind == BanKind::Only
            && is_ambiguous
            && matches!(restriction.via, Via::Node(_))
        {
            return Vec::new();
        }
        paths.into_iter().map(|path| Ban { kind: restriction.kind, path }).collect()
    }

    fn pieces(&self, ways: &[i64]) -> Vec<u32> {
        let mut pieces: Vec<u32> = ways.iter().flat_map(|way| (self.pieces_of)(*way)).collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces
    }

    /// Open directions of `pieces` that end (`arriving`) or start at a junction.
    fn at(&self, pieces: &[u32], junction: u32, arriving: bool) -> Vec<Directed> {
        let mut found = Vec::new();
        for piece in pieces {
            for reverse in [false, true] {
                let step = Directed { piece: *piece, reverse };
                let end = if arriving { self.network.head(step) } else { self.network.tail(step) };
                if end == junction && self.network.pieces[*piece as usize].is_open(reverse) {
                    found.push(step);
                }
            }
        }
        found
    }

    fn across(&self, junction: u32, from: &[u32], to: &[u32]) -> Vec<Vec<Directed>> {
        let leaving = self.at(to, junction, false);
        let arriving = self.at(from, junction, true);
        arriving
            .into_iter()
            .flat_map(|first| leaving.iter().map(move |last| vec![first, *last]))
            .collect()
    }

    /// Paths that leave `from`, follow `via` pieces only and end on `to`.
    fn along(&self, via: &[u32], from: &[u32], to: &[u32]) -> Vec<Vec<Directed>> {
        let mut found = Vec::new();
        for piece in from {
            for reverse in [false, true] {
                let first = Directed { piece: *piece, reverse };
                if self.network.pieces[*piece as usize].is_open(reverse) {
                    for second in self.at(via, self.network.head(first), false) {
                        found.extend(self.follow(vec![first, second], via, to));
                    }
                }
            }
        }
        found
    }

    /// Follows `via` pieces until one of the `to` pieces leaves.
    fn follow(&self, mut path: Vec<Directed>, via: &[u32], to: &[u32]) -> Option<Vec<Directed>> {
        while path.len() < VIA_PIECES_MAX {
            let junction = self.network.head(*path.last()?);
            let is_new = |step: &Directed| path.iter().all(|before| before.piece != step.piece);
            if let Some(last) = self.at(to, junction, false).into_iter().find(is_new) {
                path.push(last);
                return Some(path);
            }
            let next = self.at(via, junction, false).into_iter().find(is_new)?;
            path.push(next);
        }
        None
    }
}
