//! Drives as lines.

use roundsman_roads::{Point, Route};

use crate::map::{Map, assert_metres, snap};
use crate::region::{places, roads};

fn length_m(points: &[Point]) -> f64 {
    points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum()
}

#[test]
fn a_line_is_as_long_as_its_drive_and_joins_its_ends() {
    let (from, to) = (places(21, 200), places(22, 200));
    for (from, to) in from.iter().zip(&to) {
        let Route { leg, points } = roads().route(from, to).unwrap();
        assert_eq!(Some(leg), roads().leg(from, to));
        // Every piece is rounded to a decimetre, the ends of the line to a centimetre.
        let off_m = (length_m(&points) - f64::from(leg.metres)).abs();
        assert!(off_m <= 2.0 + f64::from(leg.metres) * 0.002, "{off_m} of {} m", leg.metres);
        assert_eq!(points.first(), Some(&from.point()));
        assert!(points.last().unwrap().distance_m(to.point()) < 0.1);
    }
}

#[test]
fn a_line_follows_the_bends_of_the_road() {
    let mut map = Map::default();
    map.node(1, 0.0, 0.0).node(2, 300.0, 0.0).node(3, 300.0, 300.0).node(4, 600.0, 300.0);
    let roads = map.street(11, &[1, 2, 3, 4]).roads();
    let route = roads.route(&snap(&roads, 500.0, 300.0), &snap(&roads, 100.0, 0.0)).unwrap();
    assert_metres(route.leg.metres, 200 + 300 + 200);
    assert_eq!(route.points.len(), 4);
    assert!(route.points[1].distance_m(crate::map::at(300.0, 300.0)) < 0.1);
    assert!(route.points[2].distance_m(crate::map::at(300.0, 0.0)) < 0.1);
}

#[test]
fn a_drive_to_where_one_is_has_a_point_and_no_length() {
    let here = places(23, 1)[0];
    let route = roads().route(&here, &here).unwrap();
    assert_eq!((route.leg.seconds, route.leg.metres, route.points.len()), (0, 0, 1));
}

#[test]
fn the_polyline_has_the_points_to_five_digits() {
    let (from, to) = (places(24, 1)[0], places(25, 1)[0]);
    let route = roads().route(&from, &to).unwrap();
    let decoded = decode(&route.polyline());
    assert_eq!(decoded.len(), route.points.len());
    for (found, point) in decoded.iter().zip(&route.points) {
        assert!((found.lat - point.lat).abs() < 6e-6 && (found.lon - point.lon).abs() < 6e-6);
    }
}

/// Reads an encoded polyline with five digits.
fn decode(text: &str) -> Vec<Point> {
    let mut numbers = Vec::new();
    let (mut bits, mut shift) = (0_i64, 0);
    for byte in text.bytes() {
        let group = i64::from(byte) - 63;
        bits |= (group & 0x1f) << shift;
        shift += 5;
        if group & 0x20 == 0 {
            numbers.push((bits >> 1) ^ -(bits & 1));
            (bits, shift) = (0, 0);
        }
    }
    let degrees = |number: i64| f64::from(i32::try_from(number).unwrap()) / 1e5;
    let mut at = (0, 0);
    numbers
        .chunks(2)
        .map(|step| {
            at = (at.0 + step[0], at.1 + step[1]);
            Point { lat: degrees(at.0), lon: degrees(at.1) }
        })
        .collect()
}
