//! The file format of prepared roads: a checked header, a table, and plain sections that are used as they lie.
//!
//! | bytes | content |
//! |---|---|
//! | 0..8 | `RNDSROAD` |
//! | 8..16 | XXH3 of everything after it |
//! | 16..20 | format version |
//! | 20..24 | number of sections |
//! | 24..32 | length of the file |
//! | 32..56 | key: hash of the map file (16), of the profile (8) |
//! | 64.. | table: offset and length of each section (8 + 8) |
//! | then | sections, each at a multiple of 64 |
//!
//! Numbers are in the byte order of the machine; a file from one with the other order shows a wrong version and is
//! refused.

pub(crate) mod read;
pub(crate) mod write;

const MAGIC: [u8; 8] = *b"RNDSROAD";
/// Grows with every change of the format or of what the sections mean.
const VERSION: u32 = 1;
/// Bytes before the table.
const HEADER: usize = 64;
/// Bytes of a table entry.
const ENTRY: usize = 16;
/// Sections start at multiples of this: a cache line.
const ALIGN: usize = 64;
/// First byte the checksum covers.
const CHECKED_FROM: usize = 16;

/// The next place where a section may start.
fn align(offset: usize) -> usize {
    offset.next_multiple_of(ALIGN)
}
