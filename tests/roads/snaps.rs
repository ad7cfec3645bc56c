//! From points to places on roads.

use roundsman_roads::{Point, SnapError};

use crate::map::{Map, at};
use crate::region::{golden, roads};

fn road() -> roundsman_roads::Roads {
    Map::default().node(1, 0.0, 0.0).node(2, 1000.0, 0.0).street(11, &[1, 2]).roads()
}

#[test]
fn the_nearest_place_lies_square_to_the_road_or_at_its_end() {
    let roads = road();
    let beside = roads.snap(at(400.0, 70.0), 100.0).unwrap();
    assert!((beside.distance_m() - 70.0).abs() < 0.1);
    assert!(beside.point().distance_m(at(400.0, 0.0)) < 0.1);
    // 30 m behind the end and 40 m to the side: 50 m.
    let behind = roads.snap(at(1030.0, 40.0), 100.0).unwrap();
    assert!((behind.distance_m() - 50.0).abs() < 0.1);
    assert!(behind.point().distance_m(at(1000.0, 0.0)) < 0.1);
}

#[test]
fn a_point_beyond_the_limit_is_refused_with_its_distance() {
    let refused = road().snap(at(400.0, 1500.0), 1000.0).unwrap_err();
    let SnapError::TooFar { distance_m, limit_m } = refused else { panic!("{refused}") };
    assert!((distance_m - 1500.0).abs() < 1.0 && (limit_m - 1000.0).abs() < 1e-9);
    assert_eq!(
        refused.to_string(),
        "the nearest road is 1500 m away, more than the limit of 1000 m"
    );
}

#[test]
fn numbers_that_are_no_place_are_refused() {
    for (lat, lon) in [(f64::NAN, 0.0), (0.0, f64::INFINITY), (91.0, 0.0), (0.0, -180.5)] {
        let refused = road().snap(Point { lat, lon }, 1000.0);
        assert!(matches!(refused, Err(SnapError::NotOnEarth { .. })), "{lat} {lon}");
    }
    let far = road().snap(Point { lat: -45.0, lon: 170.0 }, 1000.0);
    assert!(matches!(far, Err(SnapError::TooFar { .. })));
}

#[test]
fn snapping_a_snapped_point_stays_there() {
    for pair in golden().iter().take(300) {
        let snap = roads().snap(pair.from, 1000.0).unwrap();
        let again = roads().snap(snap.point(), 1000.0).unwrap();
        assert!(again.distance_m() < 0.02, "{again:?}");
    }
}
