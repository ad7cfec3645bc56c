//! The area that can be reached within a time.

use serde_json::{Value, json};

use crate::area::contour::rings;
use crate::area::field::{Field, Grid};
use crate::area::polygons::{contains, polygons};
use crate::area::{Plane, Position};
use crate::geo::Point;
use crate::graph::PieceRecord;
use crate::roads::Roads;
use crate::snap::Snap;
use crate::units::{UNREACHED, decimetres, idx, share, tenths};

/// Everything within a drive time of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Isochrone {
    /// The drive time.
    pub seconds: u32,
    /// Polygons, largest first: an outer ring counter-clockwise, then its holes clockwise. The last point of a ring
    /// joins the first and is not repeated.
    pub polygons: Vec<Vec<Vec<Point>>>,
}

/// A part of a road that is reached.
type Reached = Vec<Position>;

impl Roads {
    /// The areas reached within each of `seconds` as a GeoJSON `FeatureCollection`: one `MultiPolygon` per time, in the
    /// order asked, with the property `seconds`.
    ///
    /// Every road that is reached in time lies inside its area, with some 100 m around it (more for areas over 75 km
    /// across); what is farther from all reached roads lies outside, but for holes smaller than a few hectares.
    ///
    /// Cost: one pass over all roads and some ten milliseconds per area.
    pub fn isochrone(&self, from: &Snap, seconds: &[u32]) -> Value {
        let features: Vec<Value> =
            self.isochrones(from, seconds).iter().map(Isochrone::feature).collect();
        json!({ "type": "FeatureCollection", "features": features })
    }

    /// [`Roads::isochrone`] as points.
    pub fn isochrones(&self, from: &Snap, seconds: &[u32]) -> Vec<Isochrone> {
        let costs = self.with_search(|search| self.costs_from(from, search));
        let plane = Plane::new(from.point());
        let reached = |seconds: u32| self.reached(from, seconds.saturating_mul(10), &costs, plane);
        // One grid for all times, so that a longer time never has the smaller area.
        let longest = reached(seconds.iter().copied().max().unwrap_or_default());
        let grid = Grid::over(longest.into_iter().flatten());
        let area = |seconds: &u32| {
            let mut field = Field::new(grid);
            for line in reached(*seconds) {
                for pair in line.windows(2) {
                    field.draw(pair[0], pair[1]);
                }
            }
            let polygons = polygons(rings(&field), grid.cell_m);
            let point = |position: Position| plane.point(position);
            let ring = |ring: Vec<Position>| ring.into_iter().map(point).collect();
            Isochrone {
                seconds: *seconds,
                polygons: polygons
                    .into_iter()
                    .map(|polygon| polygon.into_iter().map(ring).collect())
                    .collect(),
            }
        };
        seconds.iter().map(area).collect()
    }

    /// The parts of roads reached within `limit` tenths of a second; ferries carry over but are no area.
    fn reached(&self, from: &Snap, limit: u32, costs: &[u64], plane: Plane) -> Vec<Reached> {
        // The place itself counts even if there is no time to leave it.
        let mut lines = vec![vec![plane.position(from.point()); 2]];
        let mut reach = |vertex: u32, start: u32, end: u32| {
            let points = self.graph.part(vertex, start, end);
            lines.push(points.into_iter().map(|point| plane.position(point)).collect());
        };
        for split in self.graph.splits(from) {
            let (before, behind) = (split.before, split.behind);
            let driven = part(behind, limit);
            let start = decimetres(before);
            reach(split.vertex, start, start + driven);
        }
        for vertex in 0..idx(self.graph.vertex_count()) {
            let cost = costs[self.ch.rank[vertex as usize] as usize];
            let whole = self.graph.vertex_cost[vertex as usize];
            let piece = self.graph.vertex_piece[vertex as usize] / 2;
            let is_ferry = self.graph.pieces[piece as usize].flags & PieceRecord::FERRY != 0;
            if cost >= UNREACHED || is_ferry {
                continue;
            }
            let entered = tenths(cost) - tenths(whole);
            if entered <= limit {
                reach(vertex, 0, part(whole, limit - entered));
            }
        }
        lines
    }
}

/// Decimetres driven of a piece or part of one with this packed cost within `limit` tenths of a second.
fn part(cost: u64, limit: u32) -> u32 {
    let (time, length) = (tenths(cost), decimetres(cost));
    if time <= limit { length } else { share(length, limit, time) }
}

impl Isochrone {
    /// A GeoJSON feature with a `MultiPolygon`, coordinates to six digits.
    pub fn feature(&self) -> Value {
        let digits = |degrees: f64| (degrees * 1e6).round() / 1e6;
        let position = |point: &Point| json!([digits(point.lon), digits(point.lat)]);
        let ring = |ring: &Vec<Point>| -> Vec<Value> {
            // GeoJSON repeats the first position at the end.
            ring.iter().chain(ring.first()).map(position).collect()
        };
        let polygons: Vec<Vec<Vec<Value>>> =
            self.polygons.iter().map(|polygon| polygon.iter().map(ring).collect()).collect();
        json!({
            "type": "Feature",
            "properties": { "seconds": self.seconds },
            "geometry": { "type": "MultiPolygon", "coordinates": polygons },
        })
    }

    /// Whether a point lies inside.
    pub fn contains(&self, point: Point) -> bool {
        let position = |point: &Point| [point.lon, point.lat];
        let within = |ring: &Vec<Point>| contains(ring, position(&point), position);
        self.polygons.iter().any(|rings| rings.iter().filter(|ring| within(ring)).count() % 2 == 1)
    }
}
