//! The quickest drive as a line on the map.

use crate::ch::upward::meet;
use crate::geo::{Point, length_m};
use crate::graph::Graph;
use crate::roads::Roads;
use crate::snap::{Snap, Split};
use crate::units::{Leg, UNREACHED, decimetres};

/// Points nearer to each other than this many metres are one: positions on pieces are rounded to decimetres.
const SAME_M: f64 = 0.2;

/// A drive with its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Time and length, the same as [`Roads::leg`].
    pub leg: Leg,
    /// The line from the source to the target on the road, at least one point.
    pub points: Vec<Point>,
}

impl Route {
    /// The line as an encoded polyline with five digits, the format most map libraries read.
    ///
    /// Source: Google, "Encoded Polyline Algorithm Format".
    pub fn polyline(&self) -> String {
        polyline(&self.points)
    }
}

impl Roads {
    /// The quickest drive with its line; `None` if there is none.
    ///
    /// Cost: that of [`Roads::leg`] twice, and linear in the points of the line.
    pub fn route(&self, from: &Snap, to: &Snap) -> Option<Route> {
        let direct = self.graph.direct(from, to);
        let found = self.with_search(|up| {
            self.with_search(|down| {
                up.run_traced(self.ch.out.view(), &self.on(from));
                down.run_traced(self.ch.into.view(), &self.before(to));
                let (cost, meeting) = meet(up, down).filter(|(cost, _)| *cost < direct)?;
                Some((cost, self.ch.vertices(up, down, meeting)))
            })
        });
        let mut line = Line { graph: &self.graph, points: vec![from.point()] };
        let cost = match found {
            Some((cost, vertices)) => {
                line.across(from, &vertices, to);
                cost
            }
            None if direct < UNREACHED => {
                line.along(from, to);
                direct
            }
            None => return None,
        };
        line.close(to.point());
        Some(Route { leg: Leg::from_cost(cost)?, points: line.points })
    }
}

/// A line in the making.
struct Line<'a> {
    graph: &'a Graph,
    points: Vec<Point>,
}

impl Line<'_> {
    /// Over at least one junction: the rest of the first piece, whole pieces, the start of the last.
    fn across(&mut self, from: &Snap, vertices: &[u32], to: &Snap) {
        let Some((first, whole)) = vertices.split_first() else { return };
        let start = self.graph.splits(from).find(|split| split.vertex == *first);
        let before = start.map_or(0, |split| decimetres(split.before));
        self.part(*first, before, u32::MAX);
        for vertex in whole {
            self.part(*vertex, 0, u32::MAX);
        }
        if let Some(end) = self.last(vertices[vertices.len() - 1], to) {
            self.part(end.vertex, 0, decimetres(end.before));
        }
    }

    /// The target's directed piece that is best entered from `vertex`.
    fn last(&self, vertex: u32, to: &Snap) -> Option<Split> {
        let turns = || self.graph.leaving(vertex);
        let entries = self.graph.splits(to).filter_map(|split| {
            let copies: Vec<u32> = self.graph.copies(split.vertex).collect();
            let entry = turns().find(|(next, _)| copies.contains(next));
            entry.map(|(_, cost)| (cost - split.behind, split))
        });
        entries.min_by_key(|(cost, _)| *cost).map(|(_, split)| split)
    }

    /// Straight on along the piece of both places.
    fn along(&mut self, from: &Snap, to: &Snap) {
        let ways = self.graph.splits(from).zip(self.graph.splits(to));
        let ahead = ways.filter(|(from, to)| from.before <= to.before);
        if let Some((from, to)) = ahead.min_by_key(|(from, to)| to.before - from.before) {
            self.part(from.vertex, decimetres(from.before), decimetres(to.before));
        }
    }

    /// The part of a directed piece between two distances from its start, in decimetres.
    fn part(&mut self, vertex: u32, from: u32, to: u32) {
        for point in self.graph.part(vertex, from, to) {
            self.push(point);
        }
    }

    /// Adds a point unless it is where the line already ends.
    fn push(&mut self, point: Point) {
        if self.points.last().is_none_or(|last| last.distance_m(point) > SAME_M) {
            self.points.push(point);
        }
    }

    /// Ends the line exactly at a point.
    fn close(&mut self, point: Point) {
        let last = self.points[self.points.len() - 1];
        if self.points.len() > 1 && last.distance_m(point) <= SAME_M {
            self.points.pop();
        }
        if self.points[self.points.len() - 1] != point {
            self.points.push(point);
        }
    }
}

impl Graph {
    /// The line of a directed piece between two distances from its start, in decimetres.
    pub(crate) fn part(&self, vertex: u32, from: u32, to: u32) -> Vec<Point> {
        let record = self.vertex_piece[vertex as usize];
        let mut line: Vec<Point> =
            self.line(record / 2).iter().map(|point| point.point()).collect();
        if record % 2 == 1 {
            line.reverse();
        }
        let length = decimetres(self.vertex_cost[vertex as usize]);
        if from == 0 && to >= length {
            return line;
        }
        // The length of the piece was rounded; the line is measured with the same stretch.
        let scale = length_m(self.line(record / 2)) / f64::from(length.max(1));
        let metres = |place: u32| f64::from(place.min(length)) * scale;
        cut(&line, metres(from), metres(to))
    }
}

/// The part of a line between two distances from its start in metres.
fn cut(line: &[Point], from_m: f64, to_m: f64) -> Vec<Point> {
    let mut part = Vec::new();
    let mut at_m = 0.0;
    for pair in line.windows(2) {
        let step_m = pair[0].distance_m(pair[1]);
        let (enter_m, leave_m) = (from_m.max(at_m), to_m.min(at_m + step_m));
        if enter_m <= leave_m {
            let place = |metres: f64| {
                let share = if step_m > 0.0 { (metres - at_m) / step_m } else { 0.0 };
                pair[0].towards(pair[1], share)
            };
            part.push(place(enter_m));
            part.push(place(leave_m));
        }
        at_m += step_m;
    }
    part
}

/// A line as an encoded polyline with five digits.
///
/// Source: Google, "Encoded Polyline Algorithm Format".
pub fn polyline(points: &[Point]) -> String {
    let mut text = String::new();
    let mut before = [0, 0];
    for point in points {
        let at = [degrees_1e5(point.lat), degrees_1e5(point.lon)];
        for (at, before) in at.iter().zip(before) {
            push_number(at - before, &mut text);
        }
        before = at;
    }
    text
}

#[expect(clippy::cast_possible_truncation, reason = "180e5 fits")]
fn degrees_1e5(degrees: f64) -> i64 {
    (degrees * 1e5).round() as i64
}

/// Five bits per character, lowest first; bit 6 says that more follow, the sign is the lowest bit.
fn push_number(number: i64, text: &mut String) {
    let mut bits = (number << 1) ^ (number >> 63);
    loop {
        let group = u8::try_from(bits & 0x1f).unwrap_or_default();
        bits >>= 5;
        let more = if bits > 0 { 0x20 } else { 0 };
        text.push(char::from(group + more + 63));
        if bits == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, polyline};
    use crate::geo::Point;

    #[test]
    fn a_polyline_is_encoded_as_in_the_published_example() {
        let points = [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)];
        let points = points.map(|(lat, lon)| Point { lat, lon });
        assert_eq!(polyline(&points), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    }

    #[test]
    fn a_line_is_cut_by_distance() {
        let line = [0.0, 0.001, 0.002].map(|lon| Point { lat: 0.0, lon });
        // 0.001 degrees at the equator are 111.3 m: the part starts half way to the second point.
        let part = cut(&line, 55.66, 150.0);
        assert!((part[0].lon - 0.0005).abs() < 1e-6 && (part[1].lon - 0.001).abs() < 1e-9);
        // It ends where the line reaches the wanted distance, here 200 m.
        let part = cut(&line, 0.0, 200.0);
        assert!((part[part.len() - 1].lon - 0.001_796_6).abs() < 1e-6);
        assert!(cut(&line, 100.0, 90.0).is_empty());
    }
}
