//! From an OpenStreetMap file to a road network.

pub(crate) mod bans;
pub(crate) mod merge;
pub(crate) mod nodes;
pub(crate) mod pbf;
pub(crate) mod restrictions;
pub(crate) mod split;
pub(crate) mod ways;

use std::path::Path;

use crate::error::RoadsError;
use crate::import::bans::Places;
use crate::import::split::Draft;
use crate::network::Network;
use crate::profile::Profile;
use crate::units::NONE;

/// Reads the drivable network of a map.
///
/// # Errors
/// [`RoadsError::Read`] and [`RoadsError::NotPbf`]. Cost: two passes over the file, linear in the roads.
pub(crate) fn network(path: &Path, profile: &Profile) -> Result<Network, RoadsError> {
    let map = pbf::read(path, profile)?;
    let Draft { mut network, junction_of, pieces_of } = split::split(&map);
    let joined = merge::merge(&mut network);
    let numbers = merge::compact(&mut network);
    let places = Places {
        network: &network,
        pieces_of: &|way| {
            let pieces = pieces_of.get(&way).map(Vec::as_slice).unwrap_or_default();
            pieces.iter().map(|piece| numbers.pieces[joined.find(*piece) as usize]).collect()
        },
        junction_of: &|node| {
            let junction = junction_of[map.nodes.find(node)? as usize];
            let number = *numbers.junctions.get(junction as usize)?;
            (number != NONE).then_some(number)
        },
    };
    let bans = map.restrictions.iter().flat_map(|found| places.bans(found)).collect();
    network.bans = bans;
    network.left_hand = profile.is_left_hand();
    Ok(network)
}
