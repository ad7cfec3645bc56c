//! Turn restrictions: `no_*`, `only_*`, exceptions, over nodes and over ways.

use crate::map::{Map, assert_metres, metres};

/// A crossing with arms of 500 m and a detour around its north-east corner:
///
/// ```text
///         4 --------- 6
///         |           |
///   2 --- 1 --------- 3
///         |
///         5
/// ```
/// Ways: 12 (west arm), 13 (east), 14 (north), 15 (south), 16 (detour).
fn crossing() -> Map {
    let mut map = Map::default();
    map.node(1, 0.0, 0.0).node(2, -500.0, 0.0).node(3, 500.0, 0.0);
    map.node(4, 0.0, 500.0).node(5, 0.0, -500.0).node(6, 500.0, 500.0);
    map.street(12, &[2, 1]).street(13, &[1, 3]).street(14, &[1, 4]).street(15, &[1, 5]);
    map.street(16, &[3, 6, 4]);
    map
}

const WEST: (f64, f64) = (-400.0, 0.0);
const NORTH: (f64, f64) = (0.0, 400.0);
const SOUTH: (f64, f64) = (0.0, -400.0);

/// West arm to north arm: 400 + 400 m. Around: 400 + 500 + 500 + 500 + 100 m.
const TURN_M: u32 = 800;
const AROUND_M: u32 = 2000;

#[test]
fn without_restrictions_the_turn_is_taken() {
    assert_metres(metres(&crossing().roads(), WEST, NORTH), TURN_M);
}

#[test]
fn a_forbidden_turn_is_driven_around_and_only_in_its_direction() {
    let roads = crossing().ban("no_left_turn", 12, 1, 14).roads();
    assert_metres(metres(&roads, WEST, NORTH), AROUND_M);
    assert_metres(metres(&roads, NORTH, WEST), TURN_M);
    assert_metres(metres(&roads, WEST, SOUTH), TURN_M);
}

#[test]
fn an_ordered_direction_forbids_all_others() {
    let roads = crossing().ban("only_straight_on", 12, 1, 13).roads();
    assert_metres(metres(&roads, WEST, NORTH), AROUND_M);
    // South is reached around the block: 400 + 500 + 500 + 500 + 500 + 400 m.
    assert_metres(metres(&roads, WEST, SOUTH), 2800);
    assert_metres(metres(&roads, SOUTH, NORTH), TURN_M);
}

#[test]
fn restrictions_for_others_do_not_bind_cars() {
    let members = [(12, "from", 1), (1, "via", 0), (14, "to", 1)];
    for tags in [
        [("restriction", "no_left_turn"), ("except", "psv;motorcar")],
        [("restriction:hgv", "no_left_turn"), ("note", "lorries only")],
    ] {
        let roads = crossing().restriction(&members, &tags).roads();
        assert_metres(metres(&roads, WEST, NORTH), TURN_M);
    }
}

#[test]
fn a_restriction_for_cars_overrides_the_general_one() {
    let members = [(12, "from", 1), (1, "via", 0), (14, "to", 1)];
    let tags = [("restriction", "none"), ("restriction:motorcar", "no_left_turn")];
    let roads = crossing().restriction(&members, &tags).roads();
    assert_metres(metres(&roads, WEST, NORTH), AROUND_M);
}

#[test]
fn a_restriction_with_missing_parts_is_left_out() {
    let roads = crossing().ban("no_left_turn", 12, 99, 14).ban("no_left_turn", 98, 1, 14).roads();
    assert_metres(metres(&roads, WEST, NORTH), TURN_M);
}

#[test]
fn a_restriction_over_a_way_binds_only_those_who_came_its_way() {
    // From the west over the east arm onto the detour is forbidden; from the south over the east arm is not.
    let members = [(12, "from", 1), (13, "via", 1), (16, "to", 1)];
    let roads = crossing().restriction(&members, &[("restriction", "no_u_turn")]).roads();
    let corner = (500.0, 250.0);
    // The detour from its other end: 400 + 500 + 500 + 250 m instead of 400 + 500 + 250 m.
    assert_metres(metres(&roads, WEST, corner), 1650);
    assert_metres(metres(&roads, SOUTH, corner), 1150);
    // Driving to a place on the way in between is allowed.
    assert_metres(metres(&roads, WEST, (300.0, 0.0)), 700);
}

#[test]
fn an_order_over_a_way_binds_only_those_who_came_its_way() {
    // Who drives from the south onto the north arm must go on to the detour.
    let mut map = crossing();
    map.node(7, 0.0, 1000.0).street(17, &[4, 7]);
    let members = [(15, "from", 1), (14, "via", 1), (16, "to", 1)];
    let roads = map.restriction(&members, &[("restriction", "only_right_turn")]).roads();
    let far_north = (0.0, 900.0);
    assert_metres(metres(&roads, WEST, far_north), 1300);
    // From the south: over the east arm and the detour, 400 + 500 + 500 + 500 + 400 m.
    assert_metres(metres(&roads, SOUTH, far_north), 2300);
    assert_metres(metres(&roads, SOUTH, (500.0, 450.0)), 400 + 500 + 450);
}
