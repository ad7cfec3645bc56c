//! Map files that cannot be used.

use std::fs;
use std::path::Path;

use proptest::prelude::{ProptestConfig, any};
use proptest::{prop_assert, proptest};
use roundsman_roads::{Profile, Roads, RoadsError};

use crate::map::{Map, import};
use crate::region::file;

fn refused(bytes: &[u8]) -> RoadsError {
    import(bytes, &Profile::car()).unwrap_err()
}

#[test]
fn a_missing_map_is_named() {
    let error = Roads::import(Path::new("no-such.osm.pbf"), &Profile::car()).unwrap_err();
    assert!(matches!(error, RoadsError::Read { .. }));
    assert!(error.to_string().starts_with("cannot read no-such.osm.pbf"), "{error}");
}

#[test]
fn text_is_no_map() {
    let error = refused(b"<?xml version='1.0'?><osm></osm>");
    assert!(matches!(error, RoadsError::NotPbf { .. }), "{error}");
}

#[test]
fn a_truncated_map_is_no_map() {
    let whole = fs::read(file("seltjarnarnes-vesturbaer.roads.osm.pbf")).unwrap();
    for length in [3, 100, whole.len() / 2, whole.len() - 1] {
        let error = refused(&whole[..length]);
        assert!(matches!(error, RoadsError::NotPbf { .. }), "{length}: {error}");
    }
}

#[test]
fn a_map_without_roads_is_refused() {
    for bytes in [
        Map::default().bytes(),
        Map::default().node(1, 0.0, 0.0).bytes(),
        // A way whose nodes are not in the file.
        Map::default().street(11, &[1, 2]).bytes(),
        // One node is no way.
        Map::default().node(1, 0.0, 0.0).street(11, &[1, 1]).bytes(),
        // A footpath is no road.
        Map::default()
            .node(1, 0.0, 0.0)
            .node(2, 9.0, 0.0)
            .way(11, &[1, 2], &[("highway", "footway")])
            .bytes(),
    ] {
        let error = refused(&bytes);
        assert!(matches!(error, RoadsError::NoRoads { .. }), "{error}");
    }
}

#[test]
fn nodes_missing_at_the_edge_of_an_extract_shorten_the_way() {
    let mut map = Map::default();
    map.node(1, 0.0, 0.0).node(2, 500.0, 0.0).street(11, &[1, 2, 99, 98]);
    let leg = crate::map::drive(&map.roads(), (100.0, 0.0), (400.0, 0.0));
    assert_eq!(leg.map(|leg| leg.metres), Some(300));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damaged_maps_never_panic(place in any::<proptest::sample::Index>(), bits in 1..=255_u8) {
        let mut map = Map::default();
        map.node(1, 0.0, 0.0).node(2, 500.0, 0.0).node(3, 500.0, 300.0);
        map.street(11, &[1, 2]).street(12, &[2, 3]).ban("no_left_turn", 11, 2, 12);
        let mut bytes = map.bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= bits;
        // Some damage goes unnoticed (another coordinate, another tag); the rest is refused.
        let roads = import(&bytes, &Profile::car());
        prop_assert!(roads.is_err() || roads.is_ok_and(|roads| roads.size().pieces > 0));
    }
}
