//! Rings to polygons: fewer points, no tiny holes, each hole in its outer ring.

use crate::area::Position;
use crate::area::contour::Ring;
use crate::area::field::square_to;

/// How far simplified outlines may stray, in cells; much less than lines keep from outlines.
const STRAY_CELLS: f64 = 0.2;
/// Holes smaller than this many cells are filled: nobody wants to see every block of houses.
const HOLE_MIN_CELLS: f64 = 60.0;

/// An outer ring and its holes.
pub(crate) type Polygon = Vec<Ring>;

/// Sorts rings into polygons. Cost: the holes times the outer rings.
pub(crate) fn polygons(rings: Vec<Ring>, cell_m: f64) -> Vec<Polygon> {
    let hole_min = HOLE_MIN_CELLS * cell_m * cell_m;
    let (mut outer, mut holes) = (Vec::new(), Vec::new());
    for ring in rings {
        let area = signed_area(&ring);
        if area > 0.0 {
            outer.push((area, ring));
        } else if -area >= hole_min {
            holes.push(ring);
        }
    }
    // Smallest first, so that the first that contains a hole is the one right around it.
    outer.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut polygons: Vec<Polygon> = outer.into_iter().map(|(_, ring)| vec![ring]).collect();
    for hole in holes {
        if let Some(polygon) =
            polygons.iter_mut().find(|polygon| contains(&polygon[0], hole[0], |at| *at))
        {
            polygon.push(hole);
        }
    }
    // Largest first for whoever draws them.
    polygons.reverse();
    for ring in polygons.iter_mut().flatten() {
        *ring = simplify(ring, STRAY_CELLS * cell_m);
    }
    polygons
}

/// Area within a ring, positive if it runs counter-clockwise.
pub(crate) fn signed_area(ring: &[Position]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// Whether a position lies within a ring, by counting crossings to the east.
pub(crate) fn contains<T>(ring: &[T], at: Position, position: impl Fn(&T) -> Position) -> bool {
    let mut inside = false;
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (a, b) = (position(a), position(b));
        if (a[1] > at[1]) != (b[1] > at[1]) {
            let east = a[0] + (at[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            inside ^= at[0] < east;
        }
    }
    inside
}

/// Drops positions that lie within `stray_m` of the line without them.
///
/// Source: Douglas, Peucker (1973), "Algorithms for the reduction of the number of points required to represent a
/// digitized line", without recursion.
fn simplify(ring: &[Position], stray_m: f64) -> Ring {
    // A ring has no ends; it is split at its first position and the one farthest from it.
    let start = ring[0];
    let square = |at: &Position| (at[0] - start[0]).powi(2) + (at[1] - start[1]).powi(2);
    let far = (0..ring.len()).max_by(|a, b| square(&ring[*a]).total_cmp(&square(&ring[*b])));
    let far = far.unwrap_or_default();
    let mut kept = vec![false; ring.len()];
    kept[0] = true;
    kept[far] = true;
    let mut open = vec![(0, far), (far, ring.len())];
    while let Some((first, last)) = open.pop() {
        let (a, b) = (ring[first], ring[last % ring.len()]);
        let stray = |place: &usize| square_to(ring[*place], a, b);
        let worst = (first + 1..last).max_by(|x, y| stray(x).total_cmp(&stray(y)));
        if let Some(worst) = worst.filter(|worst| stray(worst) > stray_m * stray_m) {
            kept[worst] = true;
            open.push((first, worst));
            open.push((worst, last));
        }
    }
    let simple: Ring = ring.iter().zip(kept).filter(|(_, kept)| *kept).map(|(at, _)| *at).collect();
    if simple.len() < 3 { ring.to_vec() } else { simple }
}
