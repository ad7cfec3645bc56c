//! Areas reached within a time.

use roundsman_roads::Point;

use crate::map::{Map, at, snap};
use crate::region::{places, roads};

#[test]
fn every_road_reached_in_time_lies_inside() {
    let from = places(31, 1)[0];
    let areas = roads().isochrones(&from, &[300, 900, 1800]);
    let targets = places(32, 3000);
    let mut inside = 0;
    for (target, leg) in targets.iter().zip(roads().row_from(&from, &targets)) {
        for area in &areas {
            if leg.is_some_and(|leg| leg.seconds < area.seconds) {
                assert!(area.contains(target.point()), "{leg:?} {target:?}");
                inside += 1;
            }
        }
    }
    assert!(inside > 1000, "{inside}");
}

#[test]
fn what_is_not_reached_in_time_lies_outside() {
    // A straight road of 10 km at 40 km/h (80 % of 50): 3 minutes are 2000 m each way.
    let mut map = Map::default();
    map.node(1, 0.0, 0.0).node(2, 10_000.0, 0.0);
    map.way(11, &[1, 2], &[("highway", "residential"), ("maxspeed", "50")]);
    let roads = map.roads();
    let [area] = &roads.isochrones(&snap(&roads, 5000.0, 0.0), &[180])[..] else { panic!() };
    for (east_m, north_m, expected) in [
        (5000.0, 0.0, true),
        (3010.0, 0.0, true),
        (6990.0, 0.0, true),
        (5500.0, 60.0, true),
        // Cells are 50 m, so the area reaches 87.5 m beyond the road, give or take a cell.
        (2850.0, 0.0, false),
        (7150.0, 0.0, false),
        (5500.0, 150.0, false),
        (5500.0, -150.0, false),
        (9000.0, 0.0, false),
    ] {
        assert_eq!(area.contains(at(east_m, north_m)), expected, "{east_m} {north_m}");
    }
}

#[test]
fn far_away_places_lie_outside_on_the_real_map() {
    let from = places(33, 1)[0];
    let [area] = &roads().isochrones(&from, &[600])[..] else { panic!() };
    let targets = places(34, 2000);
    let legs = roads().row_from(&from, &targets);
    let late = targets.iter().zip(legs).filter(|(_, leg)| leg.is_none_or(|leg| leg.seconds > 900));
    let (inside, outside): (Vec<_>, Vec<_>) = late.partition(|(to, _)| area.contains(to.point()));
    // A late road may pass within 100 m of one that is reached, but few do.
    assert!(outside.len() > 500 && inside.len() * 50 < outside.len(), "{}", inside.len());
}

#[test]
fn longer_times_contain_shorter_ones() {
    let from = places(35, 1)[0];
    let areas = roads().isochrones(&from, &[1200, 600, 0]);
    // Points of a lattice around the place, on and off roads.
    let lattice = (-60..60).flat_map(|x| (-60..60).map(move |y| (f64::from(x), f64::from(y))));
    let points: Vec<Point> = lattice
        .map(|(x, y)| Point {
            lat: from.point().lat + y * 0.002,
            lon: from.point().lon + x * 0.004,
        })
        .collect();
    for pair in areas.windows(2) {
        let small = points.iter().filter(|point| pair[1].contains(**point));
        let (both, lost): (Vec<&Point>, Vec<&Point>) =
            small.partition(|point| pair[0].contains(**point));
        // Outlines are simplified, so where both follow the same dead end a few metres may be lost.
        assert!(lost.len() * 100 <= both.len(), "{} of {}", lost.len(), both.len());
    }
    assert!(areas[2].contains(from.point()) && !areas[2].contains(points[0]));
}

#[test]
fn the_geojson_has_closed_rings_and_the_times_asked_for() {
    let json = roads().isochrone(&places(36, 1)[0], &[600, 300]);
    assert_eq!(json["type"], "FeatureCollection");
    let features = json["features"].as_array().unwrap();
    assert_eq!((features.len(), &features[0]["properties"]["seconds"]), (2, &600.into()));
    for feature in features {
        assert_eq!(feature["geometry"]["type"], "MultiPolygon");
        let polygons = feature["geometry"]["coordinates"].as_array().unwrap();
        assert!(!polygons.is_empty());
        for ring in polygons.iter().flat_map(|polygon| polygon.as_array().unwrap()) {
            let ring = ring.as_array().unwrap();
            assert!(ring.len() >= 4 && ring.first() == ring.last());
            let lon = ring[0][0].as_f64().unwrap();
            assert!((-23.0..-20.0).contains(&lon), "longitude comes first: {lon}");
        }
    }
}
