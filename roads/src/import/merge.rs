//! Joins two pieces where a road merely goes on, so that the graph has fewer of them.

use crate::geo::Fixed;
use crate::network::{Junction, Network, Piece};
use crate::units::{NONE, idx};

/// Pieces of very different speed stay apart unless one is shorter than this many metres: a position on a piece
/// takes its share of the time by length.
const SHORT_M: f64 = 60.0;
/// Paces that differ by less than this share count as equal.
const PACE_SHARE: f64 = 0.1;

/// Where the pieces went that were joined to others.
#[derive(Debug)]
pub(crate) struct Joined(Vec<u32>);

impl Joined {
    /// The piece that now contains `piece`.
    pub(crate) fn find(&self, mut piece: u32) -> u32 {
        while self.0[piece as usize] != piece {
            piece = self.0[piece as usize];
        }
        piece
    }
}

/// Joins pieces at every junction that has exactly two and neither blocks nor restricts.
///
/// Joined pieces stay in the list with an empty line; [`compact`] removes them. Cost: linear.
pub(crate) fn merge(network: &mut Network) -> Joined {
    let mut joined = Joined((0..idx(network.pieces.len())).collect());
    let mut around: Vec<Vec<u32>> = vec![Vec::new(); network.junctions.len()];
    for (piece, Piece { ends, .. }) in network.pieces.iter().enumerate() {
        around[ends[0] as usize].push(idx(piece));
        around[ends[1] as usize].push(idx(piece));
    }
    for middle in 0..network.junctions.len() {
        let [first, second] = around[middle][..] else { continue };
        let junction = network.junctions[middle];
        let Some(whole) = join(network, first, second, idx(middle), junction) else { continue };
        let far = whole.ends[1];
        network.pieces[first as usize] = whole;
        network.pieces[second as usize].points = Vec::new();
        joined.0[second as usize] = first;
        around[middle].clear();
        for piece in &mut around[far as usize] {
            if *piece == second {
                *piece = first;
            }
        }
    }
    joined
}

/// The piece that runs through both, or `None` if they have to stay apart.
fn join(
    network: &Network,
    first: u32,
    second: u32,
    middle: u32,
    junction: Junction,
) -> Option<Piece> {
    let (one, two) = (&network.pieces[first as usize], &network.pieces[second as usize]);
    let is_loop = |piece: &Piece| piece.ends[0] == piece.ends[1];
    if junction.blocked || junction.pivot || first == second || is_loop(one) || is_loop(two) {
        return None;
    }
    // Arrive along `one`, leave along `two`.
    let (mut points, one_s, [start, _]) = oriented(one, one.ends[1] == middle);
    let (two_points, two_s, [_, end]) = oriented(two, two.ends[0] == middle);
    if start == end || one.kind != two.kind || !alike(one, one_s, two, two_s) {
        return None;
    }
    points.extend_from_slice(&two_points[1..]);
    let seconds = [0, 1].map(|way| one_s[way] + two_s[way] + junction.penalty_s);
    let metres = one.metres + two.metres;
    Some(Piece { ends: [start, end], seconds, metres, points, kind: one.kind })
}

/// Line, seconds and ends of a piece, turned round unless `forward`.
fn oriented(piece: &Piece, forward: bool) -> (Vec<Fixed>, [f32; 2], [u32; 2]) {
    let (mut points, mut seconds, mut ends) = (piece.points.clone(), piece.seconds, piece.ends);
    if !forward {
        points.reverse();
        seconds.reverse();
        ends.reverse();
    }
    (points, seconds, ends)
}

/// Whether both may be driven in the same directions at about the same pace.
fn alike(one: &Piece, one_s: [f32; 2], two: &Piece, two_s: [f32; 2]) -> bool {
    let is_short = one.metres < SHORT_M || two.metres < SHORT_M;
    one_s.into_iter().zip(two_s).all(|(one_s, two_s)| {
        if one_s.is_finite() != two_s.is_finite() {
            return false;
        }
        let (a, b) = (f64::from(one_s) * two.metres, f64::from(two_s) * one.metres);
        one_s.is_infinite() || is_short || (a - b).abs() <= PACE_SHARE * a.max(b)
    })
}

/// New numbers of old pieces and junctions; [`NONE`] for those that are gone.
#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) pieces: Vec<u32>,
    pub(crate) junctions: Vec<u32>,
}

/// Drops joined pieces and unused junctions and renumbers the rest.
pub(crate) fn compact(network: &mut Network) -> Numbers {
    let mut piece_number = vec![NONE; network.pieces.len()];
    let mut junction_number = vec![NONE; network.junctions.len()];
    let (mut pieces, mut junctions) = (Vec::new(), Vec::new());
    for (old, mut piece) in std::mem::take(&mut network.pieces).into_iter().enumerate() {
        if piece.points.is_empty() {
            continue;
        }
        for end in &mut piece.ends {
            let slot = &mut junction_number[*end as usize];
            if *slot == NONE {
                *slot = idx(junctions.len());
                junctions.push(network.junctions[*end as usize]);
            }
            *end = *slot;
        }
        piece_number[old] = idx(pieces.len());
        pieces.push(piece);
    }
    network.pieces = pieces;
    network.junctions = junctions;
    Numbers { pieces: piece_number, junctions: junction_number }
}
