//! Matrices and rows say what single drives say.

use roundsman_roads::{Leg, Matrix, Snap};

use crate::region::{places, roads};

fn pairs(from: &[Snap], to: &[Snap]) -> Vec<Option<Leg>> {
    from.iter().flat_map(|from| to.iter().map(move |to| roads().leg(from, to))).collect()
}

fn legs(matrix: &Matrix) -> Vec<Option<Leg>> {
    let cells = (0..matrix.rows()).flat_map(|row| (0..matrix.columns()).map(move |to| (row, to)));
    cells.map(|(row, column)| matrix.leg(row, column)).collect()
}

#[test]
fn a_small_matrix_equals_its_pairs() {
    let (from, to) = (places(3, 30), places(4, 40));
    assert_eq!(legs(&roads().matrix(&from, &to)), pairs(&from, &to));
}

#[test]
fn a_large_matrix_equals_its_pairs() {
    // Large enough for the sweep; the number of sources is no multiple of its lanes.
    let (from, to) = (places(5, 203), places(6, 150));
    assert_eq!(legs(&roads().matrix(&from, &to)), pairs(&from, &to));
}

#[test]
fn a_matrix_of_places_close_together_equals_its_pairs() {
    // Sources are targets too, and many share a piece of road.
    let mut places = places(7, 60);
    let near: Vec<Snap> = places
        .iter()
        .filter_map(|snap| {
            let mut point = snap.point();
            point.lat += 0.000_1;
            roads().snap(point, 100.0).ok()
        })
        .collect();
    places.extend(near);
    assert_eq!(legs(&roads().matrix(&places, &places)), pairs(&places, &places));
    let doubled: Vec<Snap> = places.iter().chain(&places).copied().collect();
    assert_eq!(legs(&roads().matrix(&doubled, &doubled)), pairs(&doubled, &doubled));
}

#[test]
fn rows_equal_their_pairs() {
    // Short rows are answered one by one, long rows by one sweep.
    for count in [3, 1500] {
        let (one, many) = (places(8, 1), places(9, count));
        assert_eq!(roads().row_from(&one[0], &many), pairs(&one, &many));
        assert_eq!(roads().row_to(&one[0], &many), pairs(&many, &one));
    }
}

#[test]
fn an_empty_matrix_has_no_cells() {
    let some = places(10, 2);
    assert_eq!(roads().matrix(&[], &some).seconds(), &[] as &[u32]);
    let matrix = roads().matrix(&some, &[]);
    assert_eq!((matrix.rows(), matrix.columns(), matrix.leg(0, 0)), (2, 0, None));
}

#[test]
fn answers_do_not_depend_on_the_number_of_threads() {
    let (from, to) = (places(11, 40), places(12, 400));
    let matrix = roads().matrix(&from, &to);
    let ask = || {
        let legs = pairs(&from[..5], &to);
        assert_eq!(roads().matrix(&from, &to), matrix);
        legs
    };
    let alone = ask();
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        for legs in asked {
            assert_eq!(legs.join().unwrap(), alone);
        }
    });
}
