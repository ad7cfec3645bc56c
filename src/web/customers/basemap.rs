//! The base map as one file of vector tiles, read for the small pictures on customers' pages.
//!
//! Source of the format: `PMTiles` version 3 specification, <https://github.com/protomaps/PMTiles>.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::GzDecoder;

/// Length of the head of the file.
const HEAD: usize = 127;
/// What the head says of bytes that are packed by gzip.
const GZIP: u8 = 2;
/// Directories that lead to others at most.
const DEPTH_MAX: usize = 4;

/// Vector tiles of a region, in memory.
#[derive(Debug, Clone)]
pub struct Basemap {
    bytes: Cow<'static, [u8]>,
    root: (u64, u64),
    leaves: u64,
    tiles: u64,
    zoom_max: u8,
}

/// One entry of a directory.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: u64,
    run: u64,
    length: u64,
    offset: u64,
}

impl Basemap {
    /// Opens a file; none if it is no such file, or packed in a way that is not known.
    pub fn open(bytes: impl Into<Cow<'static, [u8]>>) -> Option<Self> {
        let bytes = bytes.into();
        let number = |at: usize| {
            let eight: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
            Some(u64::from_le_bytes(eight))
        };
        let fits = bytes.starts_with(b"PMTiles\x03")
            && bytes.len() >= HEAD
            && bytes[97] == GZIP
            && bytes[98] == GZIP;
        let root = (number(8)?, number(16)?);
        let (leaves, tiles) = (number(40)?, number(56)?);
        let zoom_max = *bytes.get(101)?;
        fits.then_some(Self { bytes, root, leaves, tiles, zoom_max })
    }

    /// The deepest zoom there are tiles of.
    pub(super) fn zoom_max(&self) -> u8 {
        self.zoom_max
    }

    /// The unpacked tile at a zoom, column and row; none if there is none.
    pub(super) fn tile(&self, zoom: u8, column: u32, row: u32) -> Option<Vec<u8>> {
        let id = tile_id(zoom, column, row);
        let (mut offset, mut length) = self.root;
        for _ in 0..DEPTH_MAX {
            let entries = entries(&self.unpacked(offset, length)?)?;
            let entry = entries.iter().rev().find(|entry| entry.id <= id)?;
            if entry.run == 0 {
                (offset, length) = (self.leaves.checked_add(entry.offset)?, entry.length);
            } else if id - entry.id < entry.run {
                return self.unpacked(self.tiles.checked_add(entry.offset)?, entry.length);
            } else {
                return None;
            }
        }
        None
    }

    fn unpacked(&self, offset: u64, length: u64) -> Option<Vec<u8>> {
        let from = usize::try_from(offset).ok()?;
        let until = from.checked_add(usize::try_from(length).ok()?)?;
        let mut unpacked = Vec::new();
        GzDecoder::new(self.bytes.get(from..until)?).read_to_end(&mut unpacked).ok()?;
        Some(unpacked)
    }
}

/// The entries of an unpacked directory.
fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut at = 0;
    let mut next = || varint(bytes, &mut at);
    let count = usize::try_from(next()?).ok().filter(|count| *count <= bytes.len())?;
    let mut all = vec![Entry { id: 0, run: 0, length: 0, offset: 0 }; count];
    let mut id = 0_u64;
    for entry in &mut all {
        id = id.checked_add(next()?)?;
        entry.id = id;
    }
    for entry in &mut all {
        entry.run = next()?;
    }
    for entry in &mut all {
        entry.length = next()?;
    }
    let mut follows = 0;
    for entry in &mut all {
        // 0 means: right after the one before.
        entry.offset = match next()? {
            0 => follows,
            offset => offset - 1,
        };
        follows = entry.offset.checked_add(entry.length)?;
    }
    Some(all)
}

/// The next number of variable length.
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let (mut value, mut shift) = (0_u64, 0_u32);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7F).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
        if shift > 63 {
            return None;
        }
    }
}

/// The number of a tile: those of lower zooms come first, those of one zoom along a Hilbert curve.
fn tile_id(zoom: u8, column: u32, row: u32) -> u64 {
    let before: u64 = (0..zoom).map(|zoom| 1_u64 << (2 * u64::from(zoom))).sum();
    let (mut x, mut y) = (u64::from(column), u64::from(row));
    let side = 1_u64 << zoom;
    let (mut along, mut step) = (0, side >> 1);
    while step > 0 {
        let (right, low) = (u64::from(x & step > 0), u64::from(y & step > 0));
        along += step * step * ((3 * right) ^ low);
        if low == 0 {
            if right == 1 {
                x = (side - 1).wrapping_sub(x);
                y = (side - 1).wrapping_sub(y);
            }
            std::mem::swap(&mut x, &mut y);
        }
        step >>= 1;
    }
    before + along
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_numbered_as_the_format_says() {
        // The examples of the specification, section 3.1 (tile ids).
        let ids = [(0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0), (2, 0, 0)];
        let ids = ids.map(|(zoom, column, row)| tile_id(zoom, column, row));
        assert_eq!(ids, [0, 1, 2, 3, 4, 5]);
        assert_eq!(tile_id(12, 3423, 1763), 19_078_479);
    }

    #[test]
    fn the_region_has_tiles_where_there_is_land() {
        let bytes: &'static [u8] = include_bytes!("../../../data/region/reykjavik-region.pmtiles");
        let map = Basemap::open(bytes).unwrap();
        assert_eq!(map.zoom_max(), 13);
        // Reykjavík at zoom 13: column (180 - 21.9) / 360 * 8192.
        assert!(map.tile(13, 3597, 2168).is_some());
        assert!(map.tile(13, 0, 0).is_none());
        assert!(Basemap::open(&b"PMTiles\x02 of another version"[..]).is_none());
    }
}
