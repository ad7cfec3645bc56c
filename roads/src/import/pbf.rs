//! Reads an .osm.pbf file in two passes: ways and restrictions first, then only the nodes they need.

use std::path::Path;

use osmpbf::{BlobError, Element, ElementReader, ErrorKind};

use crate::error::RoadsError;
use crate::geo::{Fixed, Point};
use crate::import::nodes::Nodes;
use crate::import::restrictions::{Restriction, Via, read as read_restriction};
use crate::import::ways::{Way, rules};
use crate::profile::Profile;
use crate::profile::access::obstacle;
use crate::profile::tags::Tags;

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
    for_each(path, |element| match element {
        Element::Way(way) => {
            let tags = Tags::new(way.tags());
            if let Some(rules) = rules(&tags, profile) {
                let nodes = way.refs().map(|id| map.nodes.intern(id)).collect();
                map.ways.push(Way { id: way.id(), nodes, rules });
            }
        }
        Element::Relation(relation) => map.restrictions.extend(read_restriction(&relation)),
        _ => {}
    })?;
    for way in &map.ways {
        map.nodes.count(&way.nodes);
    }
    for restriction in &map.restrictions {
        if let Via::Node(id) = restriction.via
            && let Some(node) = map.nodes.find(id)
        {
            map.nodes.get_mut(node).pivot = true;
        }
    }
    read_nodes(path, &mut map.nodes)?;
    Ok(map)
}

/// Fills in place and obstacle of the nodes that ways run through.
fn read_nodes(path: &Path, nodes: &mut Nodes) -> Result<(), RoadsError> {
    for_each(path, |element| match element {
        Element::Node(found) => {
            if let Some(node) = nodes.find(found.id()) {
                let node = nodes.get_mut(node);
                node.place = place(found.lat(), found.lon());
                node.obstacle = obstacle(found.tags());
            }
        }
        Element::DenseNode(found) => {
            if let Some(node) = nodes.find(found.id()) {
                let node = nodes.get_mut(node);
                node.place = place(found.lat(), found.lon());
                node.obstacle = obstacle(found.tags());
            }
        }
        _ => {}
    })
}

/// A damaged file may hold any number; only places on Earth count.
fn place(lat: f64, lon: f64) -> Option<Fixed> {
    let point = Point { lat, lon };
    point.is_on_earth().then(|| Fixed::new(point))
}

fn for_each(path: &Path, visit: impl for<'a> FnMut(Element<'a>)) -> Result<(), RoadsError> {
    let reader = ElementReader::from_path(path).map_err(|error| refuse(path, error))?;
    reader.for_each(visit).map_err(|error| refuse(path, error))
}

/// Tells a file that cannot be read from one that is not what it should be.
fn refuse(path: &Path, error: osmpbf::Error) -> RoadsError {
    let path = path.to_owned();
    match error.into_kind() {
        ErrorKind::Io(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
            RoadsError::Read { path, source }
        }
        ErrorKind::Io(_) => RoadsError::NotPbf { path, message: "it ends too early".to_owned() },
        ErrorKind::Blob(BlobError::InvalidHeaderSize) => {
            RoadsError::NotPbf { path, message: "its first block has no valid header".to_owned() }
        }
        kind => RoadsError::NotPbf { path, message: format!("{kind:?}") },
    }
}
