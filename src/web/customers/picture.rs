//! A small picture of a map: the ground, water, roads around a point, a pin, and a way to it.

use std::fmt::Write as _;

use crate::web::customers::basemap::Basemap;
use crate::web::customers::tiles::{Feature, layer};

/// Width of a tile at its own zoom, in pixels.
const TILE_PX: f64 = 256.0;
/// Zooms that pictures may have.
pub(super) const ZOOMS: std::ops::RangeInclusive<u8> = 9..=17;

/// What a picture shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct View {
    /// Latitude and longitude of its centre, in degrees.
    pub(super) centre: (f64, f64),
    /// 9 for a region to 17 for a few houses.
    pub(super) zoom: u8,
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// Where the pin stands.
    pub(super) pin: Option<(f64, f64)>,
    /// A way to draw.
    pub(super) way: Vec<(f64, f64)>,
}

/// How a road of a class is drawn: colour of its edge, of itself, and widths at zoom 16.
const ROADS: [(u64, &str, f64); 4] =
    [(1, "#f7c98b", 13.0), (3, "#fbe3a6", 10.0), (5, "#ffffff", 8.0), (u64::MAX, "#ffffff", 5.0)];

impl View {
    /// Pixels from the top left corner of the picture.
    fn pixel(&self, (lat, lon): (f64, f64)) -> (f64, f64) {
        let (x, y) = world((lat, lon));
        let (left, top) = self.corner();
        (x * self.side() - left, y * self.side() - top)
    }

    /// The point below a pixel of the picture.
    pub(super) fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, top) = self.corner();
        unworld(((left + x) / self.side(), (top + y) / self.side()))
    }

    /// Width of the whole world in pixels.
    fn side(&self) -> f64 {
        TILE_PX * f64::from(1_u32 << self.zoom)
    }

    fn corner(&self) -> (f64, f64) {
        let (x, y) = world(self.centre);
        let (width, height) = self.size;
        (x * self.side() - f64::from(width) / 2.0, y * self.side() - f64::from(height) / 2.0)
    }

    /// The view that shows a way and its end.
    pub(super) fn around(way: &[(f64, f64)], pin: (f64, f64), size: (u32, u32)) -> Self {
        let all = || way.iter().copied().chain([pin]);
        let (south, north) = bounds(all().map(|(lat, _)| lat));
        let (west, east) = bounds(all().map(|(_, lon)| lon));
        let centre = (f64::midpoint(south, north), f64::midpoint(west, east));
        let mut view = Self { centre, zoom: 16, size, pin: Some(pin), way: way.to_vec() };
        let fits = |view: &Self| {
            all().all(|at| {
                let (x, y) = view.pixel(at);
                let (width, height) = (f64::from(size.0), f64::from(size.1));
                (24.0..=width - 24.0).contains(&x) && (36.0..=height - 16.0).contains(&y)
            })
        };
        while view.zoom > *ZOOMS.start() && !fits(&view) {
            view.zoom -= 1;
        }
        view
    }

    /// The picture as SVG. Colours are those of daylight; pages darken it.
    pub(super) fn draw(&self, map: Option<&Basemap>) -> String {
        let (width, height) = self.size;
        let ground = if map.is_some() { "#cfe3ee" } else { "#eef1ef" };
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\"><rect width=\"100%\" height=\"100%\" \
             fill=\"{ground}\"/>"
        );
        if let Some(map) = map {
            self.draw_map(map, &mut svg);
        }
        if self.way.len() > 1 {
            let mut line = String::new();
            self.path(self.way.iter().map(|at| self.pixel(*at)), &mut line);
            put(
                &mut svg,
                format_args!(
                    "<path d=\"{line}\" fill=\"none\" stroke=\"#0b6a61\" stroke-width=\"5\" \
                 stroke-linecap=\"round\" stroke-linejoin=\"round\"/>"
                ),
            );
        }
        if let Some((x, y)) = self.pin.map(|pin| self.pixel(pin)) {
            put(
                &mut svg,
                format_args!(
                    "<g transform=\"translate({x:.1} {y:.1})\"><ellipse rx=\"7\" ry=\"3\" \
                 fill=\"#0004\"/><path d=\"M0 0C-4-11-12-15-12-24a12 12 0 1 1 24 0C12-15 4-11 0 0z\" \
                 fill=\"#c22f1f\" stroke=\"#fff\" stroke-width=\"2\"/><circle cy=\"-24\" r=\"4.5\" \
                 fill=\"#fff\"/></g>"
                ),
            );
        }
        svg.push_str("</svg>");
        svg
    }

    fn draw_map(&self, map: &Basemap, svg: &mut String) {
        let zoom = self.zoom.min(map.zoom_max());
        let tiles = self.tiles(map, zoom);
        let all = |name: &str| -> Vec<(f64, f64, Feature)> {
            let features = tiles.iter().flat_map(|(left, top, tile)| {
                layer(tile, name).into_iter().map(move |feature| (*left, *top, feature))
            });
            features.collect()
        };
        let width = TILE_PX * f64::from(1_u32 << (self.zoom - zoom));
        let areas =
            [("land", "#f3f0e8"), ("built", "#e9e5dc"), ("green", "#d5e5c5"), ("water", "#aed1e6")];
        for (name, colour) in areas {
            let mut path = String::new();
            for (left, top, feature) in all(name) {
                let is_bare = feature.word.as_deref().is_some_and(|word| {
                    matches!(word, "water" | "coastline" | "bare_rock" | "scree" | "industrial")
                });
                if feature.kind != 3 || (name == "green" && is_bare) {
                    continue;
                }
                self.lines(&feature, (left, top, width), &mut path);
            }
            if !path.is_empty() {
                put(
                    svg,
                    format_args!("<path d=\"{path}\" fill=\"{colour}\" fill-rule=\"evenodd\"/>"),
                );
            }
        }
        let roads = all("roads");
        let grown = 1.6_f64.powi(i32::from(self.zoom) - 16);
        // Edges of all roads first, so that crossings are open.
        for (edge, more) in [(true, 2.0), (false, 0.0)] {
            for at in (0..ROADS.len()).rev() {
                let (class, colour, road_width) = ROADS[at];
                let lower = if at == 0 { 0 } else { ROADS[at - 1].0 + 1 };
                let mut path = String::new();
                for (left, top, feature) in &roads {
                    let its = feature.class.unwrap_or(6);
                    if feature.kind == 2 && (lower..=class).contains(&its) {
                        self.lines(feature, (*left, *top, width), &mut path);
                    }
                }
                if path.is_empty() {
                    continue;
                }
                let stroke = if edge { "#c9c2b4" } else { colour };
                let stroke_width = (road_width * grown).max(0.8) + more;
                put(
                    svg,
                    format_args!(
                        "<path d=\"{path}\" fill=\"none\" stroke=\"{stroke}\" \
                     stroke-width=\"{stroke_width:.1}\" stroke-linecap=\"round\" \
                     stroke-linejoin=\"round\"/>"
                    ),
                );
            }
        }
    }

    /// The tiles below the picture, with the pixels of their top left corners.
    fn tiles(&self, map: &Basemap, zoom: u8) -> Vec<(f64, f64, Vec<u8>)> {
        let width = TILE_PX * f64::from(1_u32 << (self.zoom - zoom));
        let (left, top) = self.corner();
        let (right, bottom) = (left + f64::from(self.size.0), top + f64::from(self.size.1));
        let mut found = Vec::new();
        for column in whole(left / width)..=whole(right / width) {
            for row in whole(top / width)..=whole(bottom / width) {
                if let Some(tile) = map.tile(zoom, column, row) {
                    let at = (f64::from(column) * width - left, f64::from(row) * width - top);
                    found.push((at.0, at.1, tile));
                }
            }
        }
        found
    }

    /// Adds what is in sight of a feature to a path.
    fn lines(&self, feature: &Feature, (left, top, width): (f64, f64, f64), path: &mut String) {
        for line in &feature.lines {
            let pixels = || line.iter().map(|(x, y)| (left + x * width, top + y * width));
            let (west, east) = bounds(pixels().map(|(x, _)| x));
            let (north, south) = bounds(pixels().map(|(_, y)| y));
            let (right, bottom) = (f64::from(self.size.0), f64::from(self.size.1));
            if east < -20.0 || south < -20.0 || west > right + 20.0 || north > bottom + 20.0 {
                continue;
            }
            self.path(pixels(), path);
        }
    }

    /// Draws through some pixels; leaves out those that nobody could tell from the one before, and
    /// keeps far corners of large areas near the edge.
    fn path(&self, pixels: impl Iterator<Item = (f64, f64)>, path: &mut String) {
        let (width, height) = (f64::from(self.size.0), f64::from(self.size.1));
        let mut last: Option<(f64, f64)> = None;
        for (x, y) in pixels {
            let at = (x.clamp(-width, 2.0 * width), y.clamp(-height, 2.0 * height));
            if last.is_some_and(|last| (at.0 - last.0).abs() + (at.1 - last.1).abs() < 0.7) {
                continue;
            }
            let verb = if last.is_none() { 'M' } else { 'L' };
            put(path, format_args!("{verb}{:.0} {:.0}", at.0, at.1));
            last = Some(at);
        }
    }
}

/// Web Mercator: 0 to 1 from west to east and north to south. Source: EPSG:3857.
fn world((lat, lon): (f64, f64)) -> (f64, f64) {
    let lat = lat.clamp(-85.0, 85.0).to_radians();
    let y = (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0;
    ((lon + 180.0) / 360.0, y)
}

fn unworld((x, y): (f64, f64)) -> (f64, f64) {
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees();
    (lat, x * 360.0 - 180.0)
}

fn bounds(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), n| (least.min(n), most.max(n)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate; columns and rows are small"
)]
fn whole(number: f64) -> u32 {
    number.max(0.0) as u32
}

/// Adds formatted text; writing into a `String` cannot fail.
fn put(text: &mut String, words: std::fmt::Arguments<'_>) {
    let _cannot_fail = text.write_fmt(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        let centre = (64.128_432, -21.864_394);
        View { centre, zoom: 16, size: (320, 240), pin: Some(centre), way: Vec::new() }
    }

    #[test]
    fn a_pixel_stands_for_the_point_that_is_drawn_there() {
        let (lat, lon) = view().point(40.0, 200.0);
        let (x, y) = view().pixel((lat, lon));
        assert!((x - 40.0).abs() < 1e-6 && (y - 200.0).abs() < 1e-6, "{x} {y}");
        // The lower the pixel, the farther south.
        assert!(lat < 64.128_432 && lon < -21.864_394);
    }

    #[test]
    fn a_town_has_roads_and_a_pin() {
        let bytes: &'static [u8] = include_bytes!("../../../data/region/reykjavik-region.pmtiles");
        let svg = view().draw(Basemap::open(bytes).as_ref());
        assert!(svg.matches("<path").count() > 5, "{} bytes", svg.len());
        assert!(svg.contains("translate(160.0 120.0)"));
        assert!(view().draw(None).contains("translate(160.0 120.0)"));
    }

    #[test]
    fn a_way_is_shown_whole() {
        let way = [(64.10, -21.95), (64.15, -21.80)];
        let view = View::around(&way, way[1], (320, 240));
        for at in way {
            let (x, y) = view.pixel(at);
            assert!((0.0..320.0).contains(&x) && (0.0..240.0).contains(&y), "{x} {y}");
        }
    }
}
