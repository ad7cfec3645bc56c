//! The demo region, prepared once per test run, and places in it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use roundsman_roads::{Point, Profile, Roads, Snap};

/// Far enough for any address of the region.
pub(crate) const LIMIT_M: f64 = 1000.0;

pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/region").join(name)
}

/// Reykjavik and its surroundings.
pub(crate) fn roads() -> &'static Roads {
    static ROADS: OnceLock<Roads> = OnceLock::new();
    ROADS.get_or_init(|| {
        Roads::import(&file("reykjavik-region.roads.osm.pbf"), &Profile::car()).unwrap()
    })
}

/// One of the reference pairs: two points and what OSRM says about the drive.
pub(crate) struct Golden {
    pub(crate) from: Point,
    pub(crate) to: Point,
    pub(crate) seconds: f64,
    pub(crate) metres: f64,
}

/// All reference pairs.
pub(crate) fn golden() -> Vec<Golden> {
    let text = std::fs::read_to_string(file("golden_pairs_osrm_valhalla.csv")).unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let number: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
            Golden {
                from: Point { lat: number[0], lon: number[1] },
                to: Point { lat: number[2], lon: number[3] },
                seconds: number[4],
                metres: number[5],
            }
        })
        .collect()
}

/// A small generator of random numbers (`SplitMix64`), the same on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

/// `count` places near roads, spread over the reference points and up to 300 m around them.
pub(crate) fn places(seed: u64, count: usize) -> Vec<Snap> {
    let mut random = Random(seed);
    let points: Vec<Point> = golden().iter().flat_map(|pair| [pair.from, pair.to]).collect();
    let mut places = Vec::new();
    while places.len() < count {
        let place = usize::try_from(random.next() % points.len() as u64).unwrap();
        let point = Point {
            lat: points[place].lat + (random.share() - 0.5) * 0.005,
            lon: points[place].lon + (random.share() - 0.5) * 0.01,
        };
        places.extend(roads().snap(point, LIMIT_M).ok());
    }
    places
}
