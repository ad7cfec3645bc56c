//! Cuts ways into pieces at junctions, obstacles that block, and turn restrictions.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::geo::{Fixed, length_m};
use crate::import::pbf::RoadMap;
use crate::import::restrictions::Via;
use crate::import::ways::Way;
use crate::network::{Junction, Network, Piece};
use crate::units::{NONE, idx};

/// Seconds per metre at 1 km/h.
const SECONDS_PER_METRE: f64 = 3.6;

/// The cut network and where its parts came from.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) network: Network,
    /// Junction of each node of the map, or [`NONE`].
    pub(crate) junction_of: Vec<u32>,
    /// Pieces of the ways that turn restrictions mention.
    pub(crate) pieces_of: FxHashMap<i64, Vec<u32>>,
}

/// Cuts all ways. Cost: linear in their nodes.
pub(crate) fn split(map: &RoadMap) -> Draft {
    let mut draft = Draft { junction_of: vec![NONE; map.nodes.len()], ..Draft::default() };
    let watched = watched(map);
    for way in &map.ways {
        let before = draft.network.pieces.len();
        cut(map, way, &mut draft);
        if watched.contains(&way.id) {
            let after = draft.network.pieces.len();
            draft.pieces_of.entry(way.id).or_default().extend(idx(before)..idx(after));
        }
    }
    draft
}

/// Ways that a turn restriction mentions.
fn watched(map: &RoadMap) -> FxHashSet<i64> {
    let mut ways = FxHashSet::default();
    for restriction in &map.restrictions {
        ways.extend(restriction.from.iter().chain(&restriction.to));
        if let Via::Ways(via) = &restriction.via {
            ways.extend(via);
        }
    }
    ways
}

/// Cuts one way. Nodes without a place (cut off at the edge of an extract) are skipped.
fn cut(map: &RoadMap, way: &Way, draft: &mut Draft) {
    let line: Vec<(u32, Fixed)> =
        way.nodes.iter().filter_map(|node| Some((*node, map.nodes.get(*node).place?))).collect();
    let seconds_per_metre = pace(way, &line);
    let mut start = 0;
    let mut lost_s = 0.0;
    for place in 1..line.len() {
        let node = map.nodes.get(line[place].0);
        let is_junction = place + 1 == line.len()
            || node.uses >= 2
            || node.obstacle.blocked
            || node.pivot
            || line[place].0 == line[start].0;
        if !is_junction {
            lost_s += node.obstacle.penalty_s;
            continue;
        }
        let points: Vec<Fixed> = line[start..=place].iter().map(|(_, point)| *point).collect();
        let metres = length_m(&points);
        if metres > 0.0 || line[place].0 != line[start].0 {
            let ends = [line[start].0, line[place].0].map(|node| junction(map, node, draft));
            let seconds = seconds_per_metre.map(|pace| seconds(metres, pace, lost_s));
            let kind = way.rules.kind;
            draft.network.pieces.push(Piece { ends, seconds, metres, points, kind });
        }
        start = place;
        lost_s = 0.0;
    }
}

/// Seconds per metre in both directions; infinite where nobody drives.
fn pace(way: &Way, line: &[(u32, Fixed)]) -> [f64; 2] {
    let scheduled = way.rules.duration_s.map(|duration_s| {
        let points: Vec<Fixed> = line.iter().map(|(_, point)| *point).collect();
        f64::from(duration_s) / length_m(&points).max(1.0)
    });
    way.rules.kmh.map(|kmh| match scheduled {
        _ if kmh <= 0.0 => f64::INFINITY,
        Some(pace) => pace,
        None => SECONDS_PER_METRE / f64::from(kmh),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "a tenth of a second is all that counts")]
fn seconds(metres: f64, pace: f64, lost_s: f32) -> f32 {
    if pace.is_finite() { (metres * pace) as f32 + lost_s } else { f32::INFINITY }
}

/// The junction at a node, made on first use.
fn junction(map: &RoadMap, node: u32, draft: &mut Draft) -> u32 {
    let slot = &mut draft.junction_of[node as usize];
    if *slot == NONE {
        *slot = idx(draft.network.junctions.len());
        let node = map.nodes.get(node);
        draft.network.junctions.push(Junction {
            penalty_s: node.obstacle.penalty_s,
            blocked: node.obstacle.blocked,
            pivot: node.pivot,
        });
    }
    *slot
}
