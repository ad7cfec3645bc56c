//! Drives as lines, and areas reached within a time.

use roundsman::domain::places::Place;
use roundsman::domain::travel::TravelMode;
use roundsman::travel::errors::TravelError;
use roundsman::travel::factors::HourFactors;
use roundsman::travel::zones::ZoneIndex;
use roundsman::travel::{Travel, TravelSettings};
use roundsman_roads::Point;
use serde_json::{Value, json};

use crate::travel::{ask, on_roads, roads, town};

const STRAIGHT: TravelMode = TravelMode::StraightLine { detour_factor: 1.3, speed_kmh: 40.0 };

/// The points of an encoded polyline, in units of 1e-5 degrees.
fn decode(polyline: &str) -> Vec<(i64, i64)> {
    let (mut numbers, mut value, mut shift) = (Vec::new(), 0_i64, 0);
    for byte in polyline.bytes() {
        let part = i64::from(byte) - 63;
        value |= (part & 31) << shift;
        shift += 5;
        if part & 32 == 0 {
            numbers.push(if value & 1 == 1 { !(value >> 1) } else { value >> 1 });
            (value, shift) = (0, 0);
        }
    }
    let mut at = (0, 0);
    let steps = numbers.chunks(2).map(|step| {
        at = (at.0 + step[0], at.1 + step[1]);
        at
    });
    steps.collect()
}

#[expect(clippy::cast_possible_truncation, reason = "degrees in units of 1e-5 fit")]
fn rounded(place: &Place) -> (i64, i64) {
    ((place.lat * 1e5).round() as i64, (place.lon * 1e5).round() as i64)
}

#[tokio::test]
async fn the_lines_of_a_day_join_and_follow_the_roads() {
    let (travel, places) = (on_roads(), town(5));
    let drawn = travel.route(&ask(TravelMode::Road), &places).await.unwrap();
    assert_eq!(drawn.len(), 4);
    for (at, drive) in drawn.iter().enumerate() {
        let line = decode(&drive.line.polyline);
        assert_eq!(line.first(), Some(&rounded(&places[at])));
        assert_eq!(line.last(), Some(&rounded(&places[at + 1])));
        assert!(drive.line.on_roads && line.len() > 4, "{line:?}");
    }
    let pairs: Vec<_> = places.windows(2).map(|p| (p[0].clone(), p[1].clone())).collect();
    let (legs, _) = travel.legs(&ask(TravelMode::Road), &pairs).await.unwrap();
    assert_eq!(drawn.iter().map(|drive| drive.leg).collect::<Vec<_>>(), legs);
}

#[tokio::test]
async fn drives_without_roads_are_straight_lines() {
    let (travel, places) = (on_roads(), town(3));
    let drawn = travel.route(&ask(STRAIGHT), &places).await.unwrap();
    let line = decode(&drawn[1].line.polyline);
    assert_eq!(line, [rounded(&places[1]), rounded(&places[2])]);
    assert!(!drawn[1].line.on_roads && drawn[1].leg.is_some());
    let sea = [places[0].clone(), Place::at(64.20, -22.10)];
    let drawn = travel.route(&ask(TravelMode::Road), &sea).await.unwrap();
    assert!(!drawn[0].line.on_roads && drawn[0].leg.is_none());
    assert!(travel.route(&ask(STRAIGHT), &places[..1]).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_reached_in_time_lies_inside_and_less_is_reached_in_traffic() {
    let (travel, places) = (on_roads(), town(100));
    let areas = travel.isochrone(&ask(TravelMode::Road), &places[0], &[1, 2]).await.unwrap();
    let inside = |area: &Value, place: &Place| {
        let shape = json!({"kind": "polygon", "geometry": area["geometry"]});
        let zone = serde_json::from_value(json!({"name": "Near", "shape": shape})).unwrap();
        let index = ZoneIndex::new(&[(uuid::Uuid::nil().into(), zone)], &travel, 1000);
        assert_eq!(index.unusable(), []);
        !index.containing(place).is_empty()
    };
    let rows = travel.rows(&ask(TravelMode::Road), &places[0], &places).await.unwrap();
    let mut checked = [0, 0];
    for (at, minutes) in [(0, 1), (1, 2)] {
        let area = &areas["features"][at];
        assert_eq!(area["properties"], json!({"minutes": minutes}));
        for (leg, place) in rows.from.iter().zip(&places) {
            // Some places stand back from the road farther than areas reach beside it.
            let near = roads().snap(Point { lat: place.lat, lon: place.lon }, 50.0).is_ok();
            if near && leg.is_some_and(|leg| leg.seconds <= minutes * 60) {
                assert!(inside(area, place), "{minutes} min, {place:?}");
                checked[at] += 1;
            }
        }
    }
    assert!(checked[0] > 1 && checked[0] < checked[1], "{checked:?}");
    let hour_factors = HourFactors::new([200; 24]).unwrap();
    let settings = TravelSettings { hour_factors, ..TravelSettings::default() };
    let slow = Travel::new(settings, Some(roads()));
    let slowed = slow.isochrone(&ask(TravelMode::Road), &places[0], &[2]).await.unwrap();
    assert_eq!(slowed["features"][0]["properties"], json!({"minutes": 2}));
    let reached = |area: &Value| places.iter().filter(|place| inside(area, place)).count();
    let (slow, fast) = (reached(&slowed["features"][0]), reached(&areas["features"][1]));
    assert!(slow < fast, "{slow} {fast}");
}

#[tokio::test]
async fn areas_need_roads_and_a_place_on_them() {
    let sea = Place::at(64.20, -22.10);
    let found = on_roads().isochrone(&ask(TravelMode::Road), &sea, &[5]).await;
    assert!(matches!(found, Err(TravelError::OffRoad { .. })), "{found:?}");
    let travel = Travel::new(TravelSettings::default(), None);
    let found = travel.isochrone(&ask(STRAIGHT), &sea, &[5]).await;
    assert_eq!(found, Err(TravelError::NoRoads));
}
