//! The area that can be reached within a time.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::area::contour::rings;
use crate::area::field::{Field, Grid};
use crate::area::polygons::{Polygon, contains, polygons};
use crate::area::{Plane, Position};
use crate::geo::Point;
use crate::graph::PieceRecord;
use crate::roads::Roads;
use crate::snap::Snap;
use crate::units::{UNREACHED, decimetres, share, tenths};

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
        let spread = Spread { roads: self, from, costs, plane: Plane::new(from.point()) };
        let mut times: Vec<u32> = seconds.to_vec();
        times.sort_unstable();
        times.dedup();
        // One grid for all times, so that a longer time never has the smaller area.
        let longest = spread.reached(None, times.last().copied().unwrap_or_default());
        let mut field = Field::new(Grid::over(longest.into_iter().flatten()));
        let mut areas = BTreeMap::new();
        let mut before = None;
        for time in times {
            for line in spread.reached(before, time) {
                field.draw_line(&line);
            }
            let polygons = polygons(rings(&field), field.grid.cell_m);
            areas.insert(time, spread.isochrone(time, polygons));
            before = Some(time);
        }
        seconds.iter().filter_map(|time| areas.get(time).cloned()).collect()
    }
}

/// Drive times from one place to all roads.
struct Spread<'a> {
    roads: &'a Roads,
    from: &'a Snap,
    /// Packed costs by rank of having driven a directed piece to its end.
    costs: Vec<u64>,
    plane: Plane,
}

impl Spread<'_> {
    /// The parts of roads reached within `seconds`; ferries carry over but are no area.
    ///
    /// * `before`: leaves out what is known to be reached wholly within this shorter time.
    fn reached(&self, before: Option<u32>, seconds: u32) -> Vec<Reached> {
        let graph = &self.roads.graph;
        let (limit, before) =
            (seconds.saturating_mul(10), before.map(|before| before.saturating_mul(10)));
        // The place itself counts even if there is no time to leave it.
        let mut lines = vec![vec![self.plane.position(self.from.point()); 2]];
        for split in graph.splits(self.from) {
            let start = decimetres(split.before);
            lines.push(self.line(split.vertex, start, start + part(split.behind, limit)));
        }
        for piece in &graph.pieces[..graph.piece_count()] {
            if piece.flags & PieceRecord::FERRY != 0 {
                continue;
            }
            let vertices = piece.vertices.into_iter().flat_map(|vertex| graph.copies(vertex));
            let mut parts = Vec::new();
            for vertex in vertices {
                let Some(entered) = self.entered(vertex).filter(|entered| *entered <= limit) else {
                    continue;
                };
                let whole = graph.vertex_cost[vertex as usize];
                let driven = part(whole, limit - entered);
                if driven < decimetres(whole) {
                    parts.push((vertex, driven));
                    continue;
                }
                // Reached from end to end: the other direction adds nothing.
                let is_known = before.is_some_and(|before| entered + tenths(whole) <= before);
                parts.clear();
                parts.extend((!is_known).then_some((vertex, driven)));
                break;
            }
            lines.extend(parts.into_iter().map(|(vertex, driven)| self.line(vertex, 0, driven)));
        }
        lines
    }

    /// Tenths of a second until a directed piece is entered, if it ever is.
    fn entered(&self, vertex: u32) -> Option<u32> {
        let cost = self.costs[self.roads.ch.rank[vertex as usize] as usize];
        let whole = self.roads.graph.vertex_cost[vertex as usize];
        (cost < UNREACHED).then(|| tenths(cost) - tenths(whole))
    }

    fn line(&self, vertex: u32, start: u32, end: u32) -> Reached {
        let points = self.roads.graph.part(vertex, start, end);
        points.into_iter().map(|point| self.plane.position(point)).collect()
    }

    fn isochrone(&self, seconds: u32, polygons: Vec<Polygon>) -> Isochrone {
        let point = |position: Position| self.plane.point(position);
        let ring = |ring: Vec<Position>| ring.into_iter().map(point).collect();
        let polygon = |polygon: Polygon| polygon.into_iter().map(ring).collect();
        Isochrone { seconds, polygons: polygons.into_iter().map(polygon).collect() }
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
