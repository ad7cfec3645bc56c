//! Parts of the map without a road between them.

use roundsman_roads::{Matrix, Roads};

use crate::map::{Map, assert_metres, at, drive, metres, snap};

/// A mainland road of 3 km and, 5 km north of it, an island road of 1.5 km; both end at a pier.
fn islands() -> Map {
    let mut map = Map::default();
    map.node(1, 0.0, 0.0).node(2, 3000.0, 0.0).street(11, &[1, 2]);
    map.node(3, 0.0, 5000.0).node(4, 1500.0, 5000.0).street(12, &[3, 4]);
    map
}

const MAINLAND: (f64, f64) = (1000.0, 0.0);
const ISLAND: (f64, f64) = (1000.0, 5000.0);

#[test]
fn no_way_to_an_island_is_an_answer() {
    let roads = islands().roads();
    let (mainland, island) = (snap(&roads, 1000.0, 0.0), snap(&roads, 1000.0, 5000.0));
    assert_eq!(roads.leg(&mainland, &island), None);
    assert_eq!(roads.route(&mainland, &island), None);
    assert_eq!(roads.row_from(&mainland, &[island, mainland])[0], None);
    assert_eq!(roads.row_to(&island, &[island, mainland])[1], None);
    assert_eq!(drive(&roads, ISLAND, (1200.0, 5000.0)).map(|leg| leg.metres), Some(200));
}

#[test]
fn a_matrix_marks_what_is_not_reached_however_large_it_is() {
    let roads = islands().roads();
    let (mainland, island) = (snap(&roads, 1000.0, 0.0), snap(&roads, 1000.0, 5000.0));
    for times in [1, 200] {
        let from = vec![mainland; times];
        let matrix = roads.matrix(&from, &[island, mainland]);
        for row in 0..times {
            assert_eq!(matrix.leg(row, 0), None);
            assert_eq!(matrix.leg(row, 1).map(|leg| leg.seconds), Some(0));
            assert_eq!(matrix.seconds()[row * 2], Matrix::UNREACHABLE);
            assert_eq!(matrix.metres()[row * 2], Matrix::UNREACHABLE);
        }
    }
}

#[test]
fn a_ferry_joins_them_and_takes_its_duration() {
    let with = |tags: &[(&str, &str)]| -> Roads {
        islands().way(20, &[1, 3], &[&[("route", "ferry")], tags].concat()).roads()
    };
    // 1 km at 25 km/h on either side: 144 s each, and 35 minutes at sea.
    let leg = drive(&with(&[("duration", "00:35")]), MAINLAND, ISLAND).unwrap();
    assert!((2100 + 288..2100 + 288 + 20).contains(&leg.seconds), "{leg:?}");
    assert_metres(leg.metres, 7000);
    // Without a timetable it is slow: 5 km at 5 km/h are an hour.
    let leg = drive(&with(&[]), MAINLAND, ISLAND).unwrap();
    assert!((3600 + 288..3600 + 288 + 20).contains(&leg.seconds), "{leg:?}");
    // One for pedestrians joins nothing.
    assert_eq!(drive(&with(&[("motor_vehicle", "no")]), MAINLAND, ISLAND), None);
}

#[test]
fn nobody_starts_on_a_ferry() {
    let roads = islands().way(20, &[1, 3], &[("route", "ferry")]).roads();
    // In the middle of the line at sea: the nearest road is 2.4 km away on the mainland.
    let snap = roads.snap(at(0.0, 2400.0), 10_000.0).unwrap();
    assert!((snap.distance_m() - 2400.0).abs() < 5.0, "{}", snap.distance_m());
}

#[test]
fn a_short_drive_cut_off_from_everything_does_not_count_as_road() {
    // 300 m from the mainland road, with no link to it.
    let mut map = islands();
    map.node(5, 1000.0, 300.0).node(6, 1200.0, 300.0).street(13, &[5, 6]);
    let snap = map.roads().snap(at(1100.0, 290.0), 1000.0).unwrap();
    assert!((snap.distance_m() - 290.0).abs() < 2.0, "{}", snap.distance_m());
}

#[test]
fn of_two_near_roads_the_one_of_the_larger_part_is_taken() {
    // A separate part of 1.5 km beside the mainland road, 60 m off, and the same 400 m off.
    let nearest = |off_m: f64| {
        let mut map = islands();
        map.node(5, 500.0, off_m).node(6, 2000.0, off_m).street(13, &[5, 6]);
        map.roads().snap(at(1000.0, off_m - 5.0), 1000.0).unwrap().distance_m()
    };
    assert!((nearest(60.0) - 55.0).abs() < 1.0);
    assert!((nearest(400.0) - 5.0).abs() < 1.0);
}

#[test]
fn a_one_way_road_out_of_the_map_is_no_trap() {
    // It can be entered and never left, so nobody is snapped onto it.
    let mut map = islands();
    map.node(5, 3000.0, 2000.0);
    map.way(13, &[2, 5], &[("highway", "residential"), ("oneway", "yes")]);
    let roads = map.roads();
    assert!(roads.snap(at(3000.0, 1000.0), 500.0).is_err());
    assert_metres(metres(&roads, (2900.0, 0.0), MAINLAND), 1900);
}
