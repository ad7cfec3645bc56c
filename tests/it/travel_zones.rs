//! Zones: polygons with holes, postcodes, circles, drive times; faults of their shapes.

use roundsman::domain::faults::{Fault, Validate as _};
use roundsman::domain::id::ZoneId;
use roundsman::domain::places::Place;
use roundsman::domain::zones::Zone;
use roundsman::travel::zones::ZoneIndex;
use roundsman::travel::{Travel, TravelSettings};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::travel::{roads, town};

fn zone(shape: Value) -> Zone {
    serde_json::from_value(json!({"name": "North", "shape": shape})).unwrap()
}

fn polygon(kind: &str, coordinates: Value) -> Zone {
    let geometry = json!({"type": kind, "coordinates": coordinates});
    zone(json!({"kind": "polygon", "geometry": geometry}))
}

fn postcodes(codes: &[&str]) -> Zone {
    zone(json!({"kind": "postcodes", "postcodes": codes}))
}

fn check(zone: &Zone) -> Result<(), Vec<Fault>> {
    zone.validated()
}

fn index(zones: &[Zone], with_roads: bool) -> ZoneIndex {
    let travel = Travel::new(TravelSettings::default(), with_roads.then(roads));
    let zones: Vec<_> = (0_u128..)
        .zip(zones)
        .map(|(number, zone)| (ZoneId(Uuid::from_u128(number)), zone.clone()))
        .collect();
    ZoneIndex::new(&zones, &travel, 1000)
}

/// Positions in the list of the zones that contain a place.
fn found(index: &ZoneIndex, place: &Place) -> Vec<u128> {
    index.containing(place).into_iter().map(|id| id.0.as_u128()).collect()
}

fn at(lat: f64, lon: f64) -> Place {
    Place::at(lat, lon)
}

fn with_postcode(postcode: &str) -> Place {
    let mut place = at(64.0, -21.0);
    postcode.clone_into(&mut place.address.postcode);
    place
}

#[test]
fn a_polygon_holds_its_inside_and_its_edge_but_not_its_hole() {
    let outer = json!([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]);
    let hole = json!([[4, 4], [4, 6], [6, 6], [6, 4], [4, 4]]);
    let index = index(&[polygon("Polygon", json!([outer, hole]))], false);
    for (lat, lon) in [(1.0, 1.0), (0.0, 5.0), (10.0, 10.0), (4.0, 5.0), (6.0, 6.0)] {
        assert_eq!(found(&index, &at(lat, lon)), [0], "{lat} {lon}");
    }
    for (lat, lon) in [(5.0, 5.0), (-0.1, 5.0), (5.0, 10.1), (50.0, 5.0)] {
        assert!(found(&index, &at(lat, lon)).is_empty(), "{lat} {lon}");
    }
}

#[test]
fn a_place_may_be_in_several_zones_in_the_order_they_were_given() {
    let square = |from: f64, until: f64| {
        let ring = [[from, from], [until, from], [until, until], [from, until], [from, from]];
        polygon("Polygon", json!([ring]))
    };
    let index = index(&[square(0.0, 10.0), square(20.0, 30.0), square(5.0, 15.0)], false);
    assert_eq!(found(&index, &at(7.0, 7.0)), [0, 2]);
    assert_eq!(found(&index, &at(25.0, 25.0)), [1]);
}

#[test]
fn a_zone_across_the_date_line_is_two_polygons() {
    let east = json!([[[170, 0], [180, 0], [180, 10], [170, 10], [170, 0]]]);
    let west = json!([[[-180, 0], [-170, 0], [-170, 10], [-180, 10], [-180, 0]]]);
    let index = index(&[polygon("MultiPolygon", json!([east, west]))], false);
    assert_eq!(found(&index, &at(5.0, 175.0)), [0]);
    assert_eq!(found(&index, &at(5.0, -175.0)), [0]);
    assert!(found(&index, &at(5.0, 0.0)).is_empty());
    // As one ring it would wrap around the whole Earth, so it is refused.
    let wrapped = json!([[[170, 0], [-170, 0], [-170, 10], [170, 10], [170, 0]]]);
    let faults = check(&polygon("Polygon", wrapped)).unwrap_err();
    assert!(faults[0].message.contains("date line"), "{faults:?}");
}

#[test]
fn postcodes_ignore_case_spaces_and_hyphens_and_end_in_a_star() {
    let index = index(&[postcodes(&["101", "sw1a 1AA"]), postcodes(&["EC1*", "11*"])], false);
    assert_eq!(found(&index, &with_postcode("101")), [0]);
    assert_eq!(found(&index, &with_postcode(" SW1A-1aa ")), [0]);
    assert_eq!(found(&index, &with_postcode("ec1v 4ab")), [1]);
    assert_eq!(found(&index, &with_postcode("113")), [1]);
    assert_eq!(found(&index, &with_postcode("11")), [1]);
    assert!(found(&index, &with_postcode("1011")).is_empty());
    assert!(found(&index, &with_postcode("")).is_empty());
}

#[test]
fn a_circle_reaches_across_the_date_line_and_holds_its_edge() {
    let centre = json!({"lat": 0.0, "lon": 179.95});
    let circle = zone(json!({"kind": "radius", "centre": centre, "metres": 11_120}));
    let index = index(&[circle], false);
    // 0.1 degrees are 11,119.5 m.
    assert_eq!(found(&index, &at(0.0, -179.95)), [0]);
    assert!(found(&index, &at(0.0, -179.94)).is_empty());
    assert!(found(&index, &at(0.0, -179.0)).is_empty());
}

#[test]
fn a_drive_time_holds_the_places_that_the_roads_reach_in_time() {
    let places = town(40);
    let centre = json!({"lat": places[0].lat, "lon": places[0].lon});
    let within = |minutes: u32| {
        zone(json!({"kind": "drive_time", "centre": centre.clone(), "minutes": minutes}))
    };
    let zones = [within(1), within(2), within(240)];
    let index = index(&zones, true);
    let roads = roads();
    let snap = |place: &Place| {
        let point = roundsman_roads::Point { lat: place.lat, lon: place.lon };
        roads.snap(point, 1000.0).unwrap()
    };
    let mut counts = [0; 3];
    for place in &places {
        let seconds = roads.leg(&snap(&places[0]), &snap(place)).map(|leg| leg.seconds);
        let expected: Vec<u128> = [(0, 60), (1, 120), (2, 14_400)]
            .into_iter()
            .filter(|(_, most)| seconds.is_some_and(|seconds| seconds <= *most))
            .map(|(number, _)| number)
            .collect();
        let found = found(&index, place);
        for number in &found {
            counts[usize::try_from(*number).unwrap()] += 1;
        }
        assert_eq!(found, expected);
    }
    assert!(counts[0] < counts[1] && counts[1] < counts[2], "{counts:?}");
    assert!(found(&index, &at(64.2, -22.1)).is_empty());
}

#[test]
fn a_drive_time_without_roads_holds_nothing_and_says_so() {
    let centre = json!({"lat": 64.15, "lon": -21.97});
    let zones = [zone(json!({"kind": "drive_time", "centre": centre, "minutes": 20}))];
    let index = index(&zones, false);
    assert!(found(&index, &at(64.15, -21.97)).is_empty());
    assert_eq!(index.unusable().len(), 1);
}

#[test]
fn every_fault_of_a_polygon_is_named_with_its_place() {
    let coordinates = json!([
        [[0, 0], [10, 0], [10, 10], [0, 10]],
        [[1, 1], [2, 2], [1, 1]],
        [[1, 1], [200, 2], [3, "x"], [1, 1, 5], 7],
        [],
    ]);
    let zone = polygon("Polygon", coordinates);
    let faults = check(&zone).unwrap_err();
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    let expected = [
        "shape.geometry.coordinates[0]",
        "shape.geometry.coordinates[1]",
        "shape.geometry.coordinates[2][1]",
        "shape.geometry.coordinates[2][2]",
        "shape.geometry.coordinates[2][4]",
        "shape.geometry.coordinates[3]",
    ];
    assert_eq!(fields, expected);
    assert!(faults[0].message.contains("closed"), "{faults:?}");
    assert!(faults[1].message.contains("at least 4"), "{faults:?}");
    // One that was stored anyway contains nothing and harms nobody.
    let index = index(&[zone], false);
    assert!(found(&index, &at(5.0, 5.0)).is_empty());
    assert_eq!(index.unusable().len(), 1);
}

#[test]
fn shapes_that_are_no_polygons_are_refused() {
    for coordinates in [Value::Null, json!("x"), json!([]), json!([[]]), json!({"a": 1})] {
        assert!(check(&polygon("Polygon", coordinates.clone())).is_err(), "{coordinates}");
        assert!(check(&polygon("MultiPolygon", coordinates.clone())).is_err(), "{coordinates}");
    }
    assert!(check(&polygon("Point", json!([1, 2]))).is_err());
    assert!(check(&postcodes(&["1*1"])).is_err());
    assert!(check(&postcodes(&[" "])).is_err());
    assert!(check(&postcodes(&["101", "EC1*"])).is_ok());
}

#[test]
fn a_broken_file_does_not_drown_its_reader() {
    let ring: Vec<Value> = (0..5000).map(|_| json!(["x", "y"])).collect();
    let faults = check(&polygon("Polygon", json!([ring]))).unwrap_err();
    assert_eq!(faults.len(), 100);
}
