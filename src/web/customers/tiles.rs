//! What a vector tile holds: layers of lines, areas and points.
//!
//! Source of the format: Mapbox Vector Tile specification 2.1, and protocol buffers' wire format.

use crate::web::customers::basemap::varint;

/// Width of a tile in its own units, unless a layer says otherwise.
const EXTENT: f64 = 4096.0;

/// One thing on the map.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Feature {
    /// 1 for points, 2 for lines, 3 for areas.
    pub(super) kind: u64,
    /// Its lines or rings, in parts of the tile's width from the top left corner.
    pub(super) lines: Vec<Vec<(f64, f64)>>,
    /// The number it carries under `c`: the class of a road, 0 for the widest.
    pub(super) class: Option<u64>,
    /// The word it carries under `k`: which kind of thing it is.
    pub(super) word: Option<String>,
}

/// The things of one layer; none if the tile has no such layer.
pub(super) fn layer(tile: &[u8], name: &str) -> Vec<Feature> {
    let mut found = Vec::new();
    for (field, bytes) in messages(tile) {
        if field == 3 && text(bytes, 1) == Some(name) {
            found.extend(read(bytes));
        }
    }
    found
}

fn text(bytes: &[u8], wanted: u64) -> Option<&str> {
    let (_, text) = messages(bytes).find(|(field, _)| *field == wanted)?;
    std::str::from_utf8(text).ok()
}

/// The value of a tag.
#[derive(Debug, Clone, PartialEq)]
enum Tag {
    Word(String),
    Number(u64),
    Other,
}

fn read(layer: &[u8]) -> Vec<Feature> {
    let (mut keys, mut tags, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    let mut extent = EXTENT;
    for (field, part) in fields(layer) {
        match (field, part) {
            (2, Part::Bytes(bytes)) => raw.push(bytes),
            (3, Part::Bytes(bytes)) => keys.push(std::str::from_utf8(bytes).unwrap_or("")),
            (4, Part::Bytes(bytes)) => tags.push(tag(bytes)),
            (5, Part::Number(number)) => extent = small(number).max(1.0),
            _ => {}
        }
    }
    raw.into_iter().map(|bytes| feature(bytes, &keys, &tags, extent)).collect()
}

fn tag(bytes: &[u8]) -> Tag {
    match fields(bytes).next() {
        Some((1, Part::Bytes(text))) => Tag::Word(String::from_utf8_lossy(text).into_owned()),
        Some((4 | 5, Part::Number(number))) => Tag::Number(number),
        Some((6, Part::Number(number))) => Tag::Number(number >> 1),
        Some((3, Part::Double(number))) if (0.0..1e6).contains(&number) => {
            Tag::Number(whole(number))
        }
        _ => Tag::Other,
    }
}

fn feature(bytes: &[u8], keys: &[&str], tags: &[Tag], extent: f64) -> Feature {
    let mut feature = Feature::default();
    for (field, part) in fields(bytes) {
        match (field, part) {
            (2, Part::Bytes(pairs)) => {
                let numbers = numbers(pairs);
                for pair in numbers.chunks_exact(2) {
                    let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
                    let (key, tag) = (keys.get(at(pair[0])), tags.get(at(pair[1])));
                    match (key.copied(), tag) {
                        (Some("c"), Some(Tag::Number(number))) => feature.class = Some(*number),
                        (Some("k"), Some(Tag::Word(word))) => feature.word = Some(word.clone()),
                        _ => {}
                    }
                }
            }
            (3, Part::Number(kind)) => feature.kind = kind,
            (4, Part::Bytes(commands)) => feature.lines = lines(&numbers(commands), extent),
            _ => {}
        }
    }
    feature
}

/// Draws the commands of a geometry: 1 moves, 2 draws, 7 closes.
fn lines(commands: &[u64], extent: f64) -> Vec<Vec<(f64, f64)>> {
    let mut lines: Vec<Vec<(f64, f64)>> = Vec::new();
    let (mut x, mut y) = (0_i64, 0_i64);
    let mut rest = commands.iter().copied();
    while let Some(command) = rest.next() {
        let (verb, count) = (command & 7, command >> 3);
        if verb == 7 {
            if let Some(first) = lines.last().and_then(|line| line.first().copied())
                && let Some(line) = lines.last_mut()
            {
                line.push(first);
            }
            continue;
        }
        for _ in 0..count {
            let (Some(right), Some(down)) = (rest.next(), rest.next()) else { return lines };
            x = x.wrapping_add(signed(right));
            y = y.wrapping_add(signed(down));
            let point = (units(x) / extent, units(y) / extent);
            match lines.last_mut() {
                Some(line) if verb == 2 => line.push(point),
                _ => lines.push(vec![point]),
            }
        }
    }
    lines
}

fn signed(number: u64) -> i64 {
    let half = i64::try_from(number >> 1).unwrap_or(0);
    if number & 1 == 1 { !half } else { half }
}

#[expect(clippy::cast_precision_loss, reason = "units of a tile are small numbers")]
fn units(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "the width of a tile is a small number")]
fn small(number: u64) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller has looked at the range"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn numbers(bytes: &[u8]) -> Vec<u64> {
    let mut at = 0;
    std::iter::from_fn(|| varint(bytes, &mut at)).collect()
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    Number(u64),
    Double(f64),
    Bytes(&'a [u8]),
    Other,
}

/// The fields of a message; ends where the bytes make no sense.
fn fields(bytes: &[u8]) -> impl Iterator<Item = (u64, Part<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let key = varint(bytes, &mut at)?;
        let part = match key & 7 {
            0 => Part::Number(varint(bytes, &mut at)?),
            1 => {
                let eight: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
                at += 8;
                Part::Double(f64::from_le_bytes(eight))
            }
            2 => {
                let length = usize::try_from(varint(bytes, &mut at)?).ok()?;
                let until = at.checked_add(length)?;
                let inside = bytes.get(at..until)?;
                at = until;
                Part::Bytes(inside)
            }
            5 => {
                at = at.checked_add(4).filter(|at| *at <= bytes.len())?;
                Part::Other
            }
            _ => return None,
        };
        Some((key >> 3, part))
    })
}

/// The fields that are messages or texts.
fn messages(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    fields(bytes).filter_map(|(field, part)| match part {
        Part::Bytes(inside) => Some((field, inside)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometry_is_drawn_as_the_specification_draws_it() {
        // Example of section 4.3.5.3: a line from (2,2) over (2,10) to (10,10).
        let line = lines(&[9, 4, 4, 18, 0, 16, 16, 0], 10.0);
        assert_eq!(line, [[(0.2, 0.2), (0.2, 1.0), (1.0, 1.0)]]);
        // Example of section 4.3.5.5: the polygon (3,6) (8,12) (20,34), closed.
        let area = lines(&[9, 6, 12, 18, 10, 12, 24, 44, 15], 1.0);
        assert_eq!(area, [[(3.0, 6.0), (8.0, 12.0), (20.0, 34.0), (3.0, 6.0)]]);
    }

    #[test]
    fn rubbish_holds_nothing() {
        assert!(layer(b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "roads").is_empty());
        assert!(layer(b"\x1A\x7F", "roads").is_empty());
    }
}
