//! Reads an .osm.pbf file in two passes: ways and restrictions first, then only the nodes they need.

pub(crate) mod blobs;
pub(crate) mod block;
pub(crate) mod wire;

use std::path::Path;

use rustc_hash::FxHashSet;

use crate::error::RoadsError;
use crate::import::nodes::Nodes;
use crate::import::pbf::block::{Object, Wanted};
use crate::import::restrictions::{Restriction, Via, read as read_restriction};
use crate::import::ways::{Way, rules};
use crate::profile::Profile;
use crate::profile::access::obstacle;

/// What is wrong with a file, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damage(pub(crate) &'static str);

/// What the file says about driving.
#[derive(Debug, Default)]
pub(crate) struct RoadMap {
    pub(crate) nodes: Nodes,
    pub(crate) ways: Vec<Way>,
    pub(crate) restrictions: Vec<Restriction>,
}

/// Reads the drivable part of a map.
///
/// Memory grows with the drivable part only, so an unfiltered country works too. Cost: two passes over the file.
pub(crate) fn read(path: &Path, profile: &Profile) -> Result<RoadMap, RoadsError> {
    let mut map = RoadMap::default();
    for_each(path, Wanted::WaysAndRelations, |object| match object {
        Object::Way { id, nodes, tags } => {
            if let Some(rules) = rules(&tags, profile) {
                let nodes = nodes.into_iter().map(|node| map.nodes.intern(node)).collect();
                map.ways.push(Way { id, nodes, rules });
            }
        }
        Object::Relation { members, tags } => {
            map.restrictions.extend(read_restriction(&members, &tags));
        }
        Object::Node { .. } => {}
    })?;
    for way in &map.ways {
        map.nodes.count(&way.nodes);
    }
    mark_pivots(&mut map);
    let nodes = &mut map.nodes;
    for_each(path, Wanted::Nodes, |object| {
        if let Object::Node { id, place, tags } = object
            && let Some(node) = nodes.find(id)
        {
            let node = nodes.get_mut(node);
            node.place = Some(place);
            node.obstacle = obstacle(tags.iter());
        }
    })?;
    Ok(map)
}

/// Nodes that restrictions hinge on: those they name, and the ends of the ways they lead over.
fn mark_pivots(map: &mut RoadMap) {
    let mut over: FxHashSet<i64> = FxHashSet::default();
    for restriction in &map.restrictions {
        match &restriction.via {
            Via::Node(id) => {
                if let Some(node) = map.nodes.find(*id) {
                    map.nodes.get_mut(node).pivot = true;
                }
            }
            Via::Ways(ways) => over.extend(ways.iter()),
        }
    }
    for way in map.ways.iter().filter(|way| over.contains(&way.id)) {
        for end in [way.nodes.first(), way.nodes.last()].into_iter().flatten() {
            map.nodes.get_mut(*end).pivot = true;
        }
    }
}

fn for_each(
    path: &Path,
    wanted: Wanted,
    mut visit: impl FnMut(Object<'_>),
) -> Result<(), RoadsError> {
    blobs::for_each(path, |content| block::for_each(content, wanted, &mut visit))
}
