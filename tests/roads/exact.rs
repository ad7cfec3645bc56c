//! Against plain Dijkstra, to the tenth of a second and the decimetre.

use roundsman_roads::ExactCost;

use crate::dijkstra;
use crate::region::{places, roads};

#[test]
fn a_thousand_random_drives_equal_dijkstra() {
    // 20 sources x 50 targets each: Dijkstra runs once per source.
    let (from, to) = (places(1, 20), places(2, 1000));
    for (from, to) in from.iter().zip(to.chunks(50)) {
        for (to, expected) in to.iter().zip(dijkstra::costs(roads(), from, to)) {
            let exact = |cost: ExactCost| (cost.tenths, cost.decimetres);
            assert_eq!(roads().exact_cost(from, to).map(exact), expected, "{from:?} -> {to:?}");
        }
    }
}

#[test]
fn drives_within_one_piece_equal_dijkstra() {
    // Steps of a few metres along a line put many sources and targets on the same pieces.
    let snaps: Vec<_> = (0..60)
        .filter_map(|step| {
            let point = roundsman_roads::Point {
                lat: 64.1385 + f64::from(step) * 0.000_04,
                lon: -21.93 + f64::from(step) * 0.000_03,
            };
            roads().snap(point, 300.0).ok()
        })
        .collect();
    assert!(snaps.len() > 40);
    for from in snaps.iter().step_by(3) {
        for (to, expected) in snaps.iter().zip(dijkstra::costs(roads(), from, &snaps)) {
            let found = roads().exact_cost(from, to).map(|cost| (cost.tenths, cost.decimetres));
            assert_eq!(found, expected, "{from:?} -> {to:?}");
        }
    }
}
