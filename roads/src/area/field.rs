//! Distances to lines on a grid.

use crate::area::Position;
use crate::units::{real, round};

/// Distance that counts as inside, in cells. More than the diagonal of a cell, so that every corner of a cell a line
/// runs through is inside and no outline can cross the line.
pub(crate) const INSIDE_CELLS: f64 = 1.75;
/// How far around a line distances are computed, in cells; one more, so that both ends of an edge that an outline crosses
/// have their distance.
const REACH_CELLS: f64 = INSIDE_CELLS + 1.0;
/// Bends smaller than this many cells are not drawn; with it, a line still runs through cells with all corners inside.
const BEND_CELLS: f64 = 0.25;
/// Cells along the longer side at most.
const CELLS_MAX: f64 = 1_500.0;
/// Smallest cell in metres.
const CELL_MIN_M: f64 = 50.0;

/// A grid over the lines with a margin, its size chosen by the lines' extent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    /// South-west corner.
    pub(crate) origin: Position,
    pub(crate) cell_m: f64,
    /// Grid points eastwards and northwards.
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Grid {
    /// A grid that leaves room around every given position.
    pub(crate) fn over(positions: impl Iterator<Item = Position>) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for position in positions {
            for axis in 0..2 {
                low[axis] = low[axis].min(position[axis]);
                high[axis] = high[axis].max(position[axis]);
            }
        }
        let extent = [0, 1].map(|axis| (high[axis] - low[axis]).max(0.0));
        let cell_m = (extent[0].max(extent[1]) / CELLS_MAX).max(CELL_MIN_M);
        let margin = REACH_CELLS.ceil() + 1.0;
        let points =
            |axis: usize| round((extent[axis] / cell_m).ceil() + 2.0 * margin) as usize + 1;
        Self {
            origin: low.map(|low| low - margin * cell_m),
            cell_m,
            width: points(0),
            height: points(1),
        }
    }

    /// Where a grid point lies.
    pub(crate) fn position(&self, x: usize, y: usize) -> Position {
        [self.origin[0] + real(x) * self.cell_m, self.origin[1] + real(y) * self.cell_m]
    }

    /// Grid points within reach of a span on one axis.
    fn within(&self, axis: usize, low: f64, high: f64) -> std::ops::Range<usize> {
        let count = if axis == 0 { self.width } else { self.height };
        let cells = |metres: f64| (metres - self.origin[axis]) / self.cell_m;
        let first = round((cells(low) - REACH_CELLS).ceil().max(0.0)) as usize;
        let last = round((cells(high) + REACH_CELLS).floor().max(0.0)) as usize;
        first..(last + 1).min(count)
    }
}

/// Squared distance to the nearest line by grid point, row by row from the south; far ones are infinite.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) grid: Grid,
    squares: Vec<f64>,
}

impl Field {
    pub(crate) fn new(grid: Grid) -> Self {
        Self { grid, squares: vec![f64::INFINITY; grid.width * grid.height] }
    }

    /// Draws a line over several positions. Cost: linear in its positions and the grid points near it.
    pub(crate) fn draw_line(&mut self, line: &[Position]) {
        let Some((first, rest)) = line.split_first() else { return };
        let bend = (BEND_CELLS * self.grid.cell_m).powi(2);
        let mut from = *first;
        for (place, to) in rest.iter().enumerate() {
            let is_last = place + 1 == rest.len();
            if is_last || square_to(*to, from, from) > bend {
                self.draw(from, *to);
                from = *to;
            }
        }
    }

    /// Draws a straight line. Cost: linear in the grid points near it.
    pub(crate) fn draw(&mut self, from: Position, to: Position) {
        let span = |axis: usize| (from[axis].min(to[axis]), from[axis].max(to[axis]));
        let (west, east) = span(0);
        let (south, north) = span(1);
        for y in self.grid.within(1, south, north) {
            for x in self.grid.within(0, west, east) {
                let square = square_to(self.grid.position(x, y), from, to);
                let known = &mut self.squares[y * self.grid.width + x];
                *known = known.min(square);
            }
        }
    }

    /// Whether a grid point is inside.
    pub(crate) fn is_inside(&self, x: usize, y: usize) -> bool {
        let inside_m = INSIDE_CELLS * self.grid.cell_m;
        self.squares[y * self.grid.width + x] < inside_m * inside_m
    }

    /// Distance of a grid point beyond the inside, in metres: negative inside, positive outside.
    pub(crate) fn beyond(&self, x: usize, y: usize) -> f64 {
        let reach_m = REACH_CELLS * self.grid.cell_m;
        let distance_m = self.squares[y * self.grid.width + x].sqrt().min(reach_m);
        distance_m - INSIDE_CELLS * self.grid.cell_m
    }
}

/// Squared distance of a position to a straight line between two others.
pub(crate) fn square_to(at: Position, from: Position, to: Position) -> f64 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let (px, py) = (at[0] - from[0], at[1] - from[1]);
    let length = dx * dx + dy * dy;
    let share = if length > 0.0 { ((px * dx + py * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (px - share * dx).powi(2) + (py - share * dy).powi(2)
}
