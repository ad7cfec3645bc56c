//! One-ways, barriers, private roads, factors.

use roundsman_roads::{Profile, RoadClass, RoadsError, SpeedFactors};

use crate::map::{Map, assert_metres, drive, metres};

/// A square block, 400 m a side; its south side (way 11) has the given tags.
fn block(south: &[(&str, &str)]) -> Map {
    let mut map = Map::default();
    map.node(1, 0.0, 0.0).node(2, 400.0, 0.0).node(3, 400.0, 400.0).node(4, 0.0, 400.0);
    map.way(11, &[1, 2], south).street(12, &[2, 3]).street(13, &[3, 4]).street(14, &[4, 1]);
    // Arms, so that the corners are junctions.
    map.node(5, -200.0, 0.0).node(6, 600.0, 0.0).street(15, &[5, 1]).street(16, &[2, 6]);
    map
}

const WEST: (f64, f64) = (-100.0, 0.0);
const EAST: (f64, f64) = (500.0, 0.0);

#[test]
fn a_one_way_street_is_driven_in_its_direction_only() {
    let roads = block(&[("highway", "residential"), ("oneway", "yes")]).roads();
    assert_metres(metres(&roads, WEST, EAST), 600);
    assert_metres(metres(&roads, EAST, WEST), 1400);
    let roads = block(&[("highway", "residential"), ("oneway", "-1")]).roads();
    assert_metres(metres(&roads, WEST, EAST), 1400);
    assert_metres(metres(&roads, EAST, WEST), 600);
}

#[test]
fn a_target_behind_on_a_one_way_street_is_reached_around_the_block() {
    let roads = block(&[("highway", "residential"), ("oneway", "yes")]).roads();
    assert_metres(metres(&roads, (100.0, 0.0), (300.0, 0.0)), 200);
    assert_metres(metres(&roads, (300.0, 0.0), (100.0, 0.0)), 1400);
    let here = drive(&roads, (300.0, 0.0), (300.0, 0.0)).unwrap();
    assert_eq!((here.seconds, here.metres), (0, 0));
}

#[test]
fn a_roundabout_is_one_way() {
    let roads = block(&[("highway", "residential"), ("junction", "roundabout")]).roads();
    assert_metres(metres(&roads, EAST, WEST), 1400);
}

#[test]
fn closed_roads_do_not_exist_and_private_ones_are_no_short_cut() {
    let closed = [("highway", "residential"), ("motor_vehicle", "no")];
    assert_metres(metres(&block(&closed).roads(), WEST, EAST), 1400);
    let open = block(&[("highway", "residential")]).roads();
    let restricted = block(&[("highway", "residential"), ("access", "destination")]).roads();
    let seconds = |roads, to| drive(roads, WEST, to).unwrap().seconds;
    // Entering costs 30 s once; the destination itself is reached all the same.
    let inside = (200.0, 0.0);
    assert_eq!(seconds(&restricted, inside), seconds(&open, inside) + 30);
    assert_metres(metres(&restricted, WEST, inside), 300);
}

#[test]
fn a_bollard_blocks_a_gate_delays() {
    let map = |tags| {
        let mut map = block(&[("highway", "footway")]);
        map.node_with(7, 200.0, 0.0, tags).way(17, &[1, 7, 2], &[("highway", "residential")]);
        map.roads()
    };
    let open = map(&[]);
    assert_metres(metres(&open, WEST, EAST), 600);
    let blocked = map(&[("barrier", "bollard")]);
    assert_metres(metres(&blocked, WEST, EAST), 1400);
    // Both dead ends in front of the bollard are still there.
    assert_metres(metres(&blocked, WEST, (190.0, 0.0)), 290);
    assert_metres(metres(&blocked, (190.0, 0.0), (210.0, 0.0)), 190 + 1200 + 190);
    let gate = map(&[("barrier", "gate")]);
    let seconds = |roads| drive(roads, WEST, EAST).unwrap().seconds;
    assert_eq!(seconds(&gate), seconds(&open) + 60);
}

#[test]
fn speeds_follow_limits_and_class_factors() {
    // 600 m at 40 km/h (80 % of a limit of 50) take 54 s; at half the speed 108 s.
    let mut map = Map::default();
    map.node(1, 0.0, 0.0).node(2, 1000.0, 0.0);
    map.way(11, &[1, 2], &[("highway", "residential"), ("maxspeed", "50")]);
    let leg = drive(&map.roads(), (200.0, 0.0), (800.0, 0.0)).unwrap();
    assert_eq!(leg.seconds, 54);
    let slow = Profile::car().with_class_factor(RoadClass::Residential, 0.5).unwrap();
    let roads = map.roads_with(&slow).unwrap();
    assert_eq!(drive(&roads, (200.0, 0.0), (800.0, 0.0)).unwrap().seconds, 108);
    let other = Profile::car().with_class_factor(RoadClass::Motorway, 0.5).unwrap();
    let roads = map.roads_with(&other).unwrap();
    assert_eq!(drive(&roads, (200.0, 0.0), (800.0, 0.0)).unwrap().seconds, 54);
}

#[test]
fn with_traffic_on_the_left_right_turns_are_the_slow_ones() {
    let seconds = |profile: &Profile, to| {
        let roads = block(&[("highway", "residential")]).roads_with(profile).unwrap();
        drive(&roads, to, (400.0, 200.0)).unwrap().seconds
    };
    let (from_west, from_east) = ((300.0, 0.0), (500.0, 0.0));
    // Both drives are 100 m to the corner and 200 m north; one turns left there, the other right.
    let right_hand = Profile::car();
    let left_hand = Profile::car().with_left_hand_traffic();
    assert_ne!(right_hand.key(), left_hand.key());
    assert!(seconds(&right_hand, from_west) > seconds(&right_hand, from_east));
    assert_eq!(seconds(&left_hand, from_west), seconds(&right_hand, from_east));
    assert_eq!(seconds(&left_hand, from_east), seconds(&right_hand, from_west));
}

#[test]
fn factors_by_hour_change_seconds_and_not_metres() {
    let mut by_hour = [1.0; 24];
    by_hour[8] = 0.75;
    let factors = SpeedFactors::new(0.8, by_hour).unwrap();
    let leg = roundsman_roads::Leg { seconds: 600, metres: 5000 };
    // 600 / 0.8 = 750; 600 / (0.8 * 0.75) = 1000.
    assert_eq!((factors.apply(leg, 7).seconds, factors.apply(leg, 7).metres), (750, 5000));
    assert_eq!((factors.apply(leg, 8).seconds, factors.apply(leg, 32).seconds), (1000, 1000));
}

#[test]
fn factors_outside_their_range_are_refused_with_their_name() {
    let mut by_hour = [1.0; 24];
    by_hour[17] = 0.0;
    let refused = SpeedFactors::new(1.0, by_hour).unwrap_err();
    assert_eq!(refused.to_string(), "speed factor 0 for hour 17 is outside 0.1 to 3");
    for value in [f32::NAN, -1.0, 99.0] {
        let refused = Profile::car().with_class_factor(RoadClass::Trunk, value);
        assert!(matches!(refused, Err(RoadsError::Factor { .. })));
    }
}
