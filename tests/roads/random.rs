//! Random small maps against plain Dijkstra: every pair, by every way of asking.

use proptest::prelude::{ProptestConfig, Strategy, any};
use proptest::{collection, prop_assert_eq, proptest};
use roundsman_roads::{Leg, Roads, Snap};

use crate::dijkstra::{self, Cost};
use crate::map::{Map, at};

/// Junctions on a side of the grid.
const SIDE: i64 = 5;

/// What is drawn at random.
#[derive(Debug, Clone)]
struct Plan {
    /// Kind of each street of the grid: two-way, one-way, against, closed.
    streets: Vec<u8>,
    /// Which streets turn restrictions name, by their place in a walk, and what they say.
    bans: Vec<(usize, usize, u8)>,
}

fn plans() -> impl Strategy<Value = Plan> {
    let streets = collection::vec(0..8_u8, 40);
    let bans = collection::vec((any::<usize>(), any::<usize>(), 0..4_u8), 0..12);
    (streets, bans).prop_map(|(streets, bans)| Plan { streets, bans })
}

/// Ends of the streets of the grid.
fn streets() -> Vec<(i64, i64)> {
    let node = |x: i64, y: i64| y * SIDE + x + 1;
    let east = (0..SIDE).flat_map(|y| (0..SIDE - 1).map(move |x| (node(x, y), node(x + 1, y))));
    let north = (0..SIDE - 1).flat_map(|y| (0..SIDE).map(move |x| (node(x, y), node(x, y + 1))));
    east.chain(north).collect()
}

fn build(plan: &Plan) -> Map {
    let mut map = Map::default();
    for y in 0..SIDE {
        for x in 0..SIDE {
            // Not quite regular, so that few drives cost the same.
            let shift = f64::from(i32::try_from((x * 7 + y * 13) % 11).unwrap());
            let metres = |cell: i64| f64::from(i32::try_from(cell).unwrap()) * 200.0 + shift * 5.0;
            map.node(y * SIDE + x + 1, metres(x), metres(y));
        }
    }
    let streets = streets();
    for (place, (from, to)) in streets.iter().enumerate() {
        let tags: &[(&str, &str)] = match plan.streets[place] {
            0..4 => &[("highway", "residential")],
            4 => &[("highway", "residential"), ("oneway", "yes")],
            5 => &[("highway", "tertiary"), ("oneway", "-1")],
            6 => &[("highway", "secondary"), ("maxspeed", "70")],
            _ => &[("highway", "service"), ("access", "destination")],
        };
        map.way(100 + place as u64, &[*from, *to], tags);
    }
    let way = |place: usize| 100 + i64::try_from(place).unwrap();
    for (first, second, kind) in &plan.bans {
        let first = first % streets.len();
        let meets = |place: &usize| {
            let ends = [streets[*place].0, streets[*place].1];
            *place != first
                && (ends.contains(&streets[first].0) || ends.contains(&streets[first].1))
        };
        let around: Vec<usize> = (0..streets.len()).filter(meets).collect();
        let second = around[second % around.len()];
        let ends = [streets[second].0, streets[second].1];
        let node =
            if ends.contains(&streets[first].0) { streets[first].0 } else { streets[first].1 };
        let value = if kind % 2 == 0 { "no_left_turn" } else { "only_straight_on" };
        if *kind < 2 {
            map.ban(value, way(first), node, way(second));
            continue;
        }
        // Over a way: on to any street at the far end of the second.
        let far = if ends[0] == node { ends[1] } else { ends[0] };
        let third = (0..streets.len()).find(|place| {
            *place != second && [streets[*place].0, streets[*place].1].contains(&far)
        });
        let third = third.unwrap();
        let members = [(way(first), "from", 1), (way(second), "via", 1), (way(third), "to", 1)];
        map.restriction(&members, &[("restriction", value)]);
    }
    map
}

/// Places along all streets.
fn places(roads: &Roads) -> Vec<Snap> {
    let steps = (0..9).flat_map(|x| (0..9).map(move |y| (x, y)));
    steps
        .filter_map(|(x, y)| {
            let point = at(f64::from(x) * 110.0 + 13.0, f64::from(y) * 110.0 + 7.0);
            roads.snap(point, 200.0).ok()
        })
        .collect()
}

fn rounded(cost: Option<Cost>) -> Option<Leg> {
    cost.map(|(tenths, decimetres)| Leg {
        seconds: (tenths + 5) / 10,
        metres: (decimetres + 5) / 10,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_way_of_asking_equals_dijkstra(plan in plans()) {
        let roads = build(&plan).roads();
        let places = places(&roads);
        let matrix = roads.matrix(&places, &places);
        let few = roads.matrix(&places[..20], &places[..20]);
        for (row, from) in places.iter().enumerate() {
            let costs = dijkstra::costs(&roads, from, &places);
            let expected: Vec<Option<Leg>> = costs.iter().copied().map(rounded).collect();
            prop_assert_eq!(&roads.row_from(from, &places), &expected);
            for (column, to) in places.iter().enumerate() {
                let exact = roads.exact_cost(from, to).map(|cost| (cost.tenths, cost.decimetres));
                prop_assert_eq!(exact, costs[column]);
                prop_assert_eq!(matrix.leg(row, column), expected[column]);
                prop_assert_eq!(roads.route(from, to).map(|route| route.leg), expected[column]);
                if row < 20 && column < 20 {
                    prop_assert_eq!(few.leg(row, column), expected[column]);
                }
            }
        }
        let columns: Vec<Vec<Option<Leg>>> =
            places.iter().map(|to| roads.row_to(to, &places)).collect();
        for (column, legs) in columns.iter().enumerate() {
            for (row, leg) in legs.iter().enumerate() {
                prop_assert_eq!(*leg, matrix.leg(row, column));
            }
        }
    }
}
