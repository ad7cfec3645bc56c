//! Outlines of the inside of a field: marching squares.
//!
//! Source: Maple (2003), "Geometric design and space planning using the marching squares and marching cube
//! algorithms".

use rustc_hash::FxHashMap;

use crate::area::Position;
use crate::area::field::Field;

/// A closed line: the last position joins the first. Counter-clockwise around the inside, clockwise around holes.
pub(crate) type Ring = Vec<Position>;

/// An edge of the grid: the number of its lower left point times two, plus one if it runs north.
type Edge = usize;

/// All outlines, from south to north. Cost: linear in the grid points.
pub(crate) fn rings(field: &Field) -> Vec<Ring> {
    let mut next: FxHashMap<Edge, Edge> = FxHashMap::default();
    let mut starts = Vec::new();
    for y in 0..field.grid.height - 1 {
        for x in 0..field.grid.width - 1 {
            for (from, to) in steps(field, x, y).into_iter().flatten() {
                next.insert(from, to);
                starts.push(from);
            }
        }
    }
    let mut rings = Vec::new();
    for start in starts {
        let mut ring = Vec::new();
        let mut edge = start;
        while let Some(after) = next.remove(&edge) {
            ring.push(crossing(field, edge));
            edge = after;
        }
        if ring.len() > 2 {
            rings.push(ring);
        }
    }
    rings
}

/// The parts of outlines within one cell, as the edges where they enter and leave; the inside is on their left.
fn steps(field: &Field, x: usize, y: usize) -> [Option<(Edge, Edge)>; 2] {
    let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
    let inside = corners.map(|(x, y)| field.is_inside(x, y));
    let bit = |corner: usize| u8::from(inside[corner]) << corner;
    let case = bit(0) | bit(1) | bit(2) | bit(3);
    if case == 0 || case == 15 {
        return [None, None];
    }
    let width = field.grid.width;
    let point = |x: usize, y: usize| (y * width + x) * 2;
    let (south, north) = (point(x, y), point(x, y + 1));
    let (west, east) = (point(x, y) + 1, point(x + 1, y) + 1);
    // Two opposite corners inside: the middle of the cell decides whether they are joined.
    let is_joined = corners.iter().map(|(x, y)| field.beyond(*x, *y)).sum::<f64>() < 0.0;
    match case {
        1 => [Some((south, west)), None],
        2 => [Some((east, south)), None],
        3 => [Some((east, west)), None],
        4 => [Some((north, east)), None],
        5 if is_joined => [Some((north, west)), Some((south, east))],
        5 => [Some((south, west)), Some((north, east))],
        6 => [Some((north, south)), None],
        7 => [Some((north, west)), None],
        8 => [Some((west, north)), None],
        9 => [Some((south, north)), None],
        10 if is_joined => [Some((west, south)), Some((east, north))],
        10 => [Some((east, south)), Some((west, north))],
        11 => [Some((east, north)), None],
        12 => [Some((west, east)), None],
        13 => [Some((south, east)), None],
        _ => [Some((west, south)), None],
    }
}

/// Where the outline crosses an edge.
fn crossing(field: &Field, edge: Edge) -> Position {
    let (x, y) = (edge / 2 % field.grid.width, edge / 2 / field.grid.width);
    let (to_x, to_y) = if edge % 2 == 1 { (x, y + 1) } else { (x + 1, y) };
    let (here, there) = (field.beyond(x, y), field.beyond(to_x, to_y));
    let share = here / (here - there);
    let (from, to) = (field.grid.position(x, y), field.grid.position(to_x, to_y));
    [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
}

#[cfg(test)]
mod tests {
    use super::rings;
    use crate::area::field::{Field, Grid};
    use crate::area::polygons::signed_area;

    #[test]
    fn a_closed_line_has_an_outer_ring_and_a_hole() {
        // A square of 2 km: cells are 50 m, the inside reaches 87.5 m from the line.
        let corners = [[0.0, 0.0], [2000.0, 0.0], [2000.0, 2000.0], [0.0, 2000.0]];
        let mut field = Field::new(Grid::over(corners.into_iter()));
        for place in 0..4 {
            field.draw(corners[place], corners[(place + 1) % 4]);
        }
        let mut areas: Vec<f64> = rings(&field).iter().map(|ring| signed_area(ring)).collect();
        areas.sort_by(f64::total_cmp);
        assert_eq!(areas.len(), 2);
        // The hole is 2000 - 175 m wide, the outer ring 2000 + 175 m with rounded corners.
        assert!((areas[0] + 1825.0_f64.powi(2)).abs() < 5_000.0, "{areas:?}");
        assert!((areas[1] - 2175.0_f64.powi(2)).abs() < 15_000.0, "{areas:?}");
    }
}
