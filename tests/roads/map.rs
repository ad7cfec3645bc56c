//! Small maps on a plane measured in metres.

use std::path::Path;

use roundsman_roads::{Leg, Point, Profile, Roads, RoadsError, Snap};

use crate::pbf::{Member, Pbf, Tags};

const ORIGIN: Point = Point { lat: 64.0, lon: -21.0 };
/// Metres in a degree northwards and eastwards at the origin, on the WGS 84 ellipsoid.
const NORTH_M: f64 = 111_477.34;
const EAST_M: f64 = 48_931.74;

/// A point so many metres east and north of the origin.
pub(crate) fn at(east_m: f64, north_m: f64) -> Point {
    Point { lat: ORIGIN.lat + north_m / NORTH_M, lon: ORIGIN.lon + east_m / EAST_M }
}

/// A map made by hand.
#[derive(Default)]
pub(crate) struct Map {
    pbf: Pbf,
    relations: u64,
}

impl Map {
    pub(crate) fn node(&mut self, id: i64, east_m: f64, north_m: f64) -> &mut Self {
        self.node_with(id, east_m, north_m, &[])
    }

    pub(crate) fn node_with(
        &mut self,
        id: i64,
        east_m: f64,
        north_m: f64,
        tags: Tags<'_>,
    ) -> &mut Self {
        let point = at(east_m, north_m);
        self.pbf.node(id, whole(point.lat * 1e7), whole(point.lon * 1e7), tags);
        self
    }

    pub(crate) fn way(&mut self, id: u64, nodes: &[i64], tags: Tags<'_>) -> &mut Self {
        self.pbf.way(id, nodes, tags);
        self
    }

    /// A residential street for both directions.
    pub(crate) fn street(&mut self, id: u64, nodes: &[i64]) -> &mut Self {
        self.way(id, nodes, &[("highway", "residential")])
    }

    pub(crate) fn restriction(&mut self, members: &[Member<'_>], tags: Tags<'_>) -> &mut Self {
        let tags = [&[("type", "restriction")], tags].concat();
        self.relations += 1;
        self.pbf.relation(self.relations, members, &tags);
        self
    }

    /// `restriction=value` from a way over a node to a way.
    pub(crate) fn ban(&mut self, value: &str, from: i64, via: i64, to: i64) -> &mut Self {
        let members = [(from, "from", 1), (via, "via", 0), (to, "to", 1)];
        self.restriction(&members, &[("restriction", value)])
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.pbf.finish()
    }

    pub(crate) fn roads(&self) -> Roads {
        self.roads_with(&Profile::car()).unwrap()
    }

    pub(crate) fn roads_with(&self, profile: &Profile) -> Result<Roads, RoadsError> {
        import(&self.bytes(), profile)
    }
}

/// Imports the bytes of a file.
pub(crate) fn import(bytes: &[u8], profile: &Profile) -> Result<Roads, RoadsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.osm.pbf");
    std::fs::write(&path, bytes).unwrap();
    Roads::import(Path::new(&path), profile)
}

/// The nearest place on a road to a point of the plane, at most 50 m away.
pub(crate) fn snap(roads: &Roads, east_m: f64, north_m: f64) -> Snap {
    roads.snap(at(east_m, north_m), 50.0).unwrap()
}

/// The drive between two points of the plane.
pub(crate) fn drive(roads: &Roads, from: (f64, f64), to: (f64, f64)) -> Option<Leg> {
    roads.leg(&snap(roads, from.0, from.1), &snap(roads, to.0, to.1))
}

/// Metres of that drive; panics if there is none.
pub(crate) fn metres(roads: &Roads, from: (f64, f64), to: (f64, f64)) -> u32 {
    drive(roads, from, to).unwrap().metres
}

/// Fails unless a length is within 3 m of what geometry says.
#[track_caller]
pub(crate) fn assert_metres(found: u32, expected: u32) {
    assert!(found.abs_diff(expected) <= 3, "{found} m, not {expected} m");
}

fn whole(number: f64) -> i64 {
    format!("{number:.0}").parse().unwrap()
}
