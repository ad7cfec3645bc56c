//! Opens prepared roads by mapping their file into memory.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::Mmap;
use xxhash_rust::xxh3::xxh3_64;

use crate::array::Array;
use crate::error::{Refusal, RoadsError};
use crate::saved::{CHECKED_FROM, ENTRY, HEADER, MAGIC, VERSION};
use crate::source::SourceKey;

/// A mapped file whose header, length and checksum are right.
#[derive(Debug)]
pub(crate) struct Opened {
    map: Arc<Mmap>,
    pub(crate) key: SourceKey,
}

/// Maps and checks a file.
///
/// # Errors
/// [`RoadsError::Read`]; [`RoadsError::Refused`] for anything but an intact file of this version.
/// Cost: reading and hashing every byte once, some milliseconds for a city.
pub(crate) fn open(path: &Path) -> Result<Opened, RoadsError> {
    let fail = |source| RoadsError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(fail)?;
    let map = map(&file).map_err(fail)?;
    check(&map)
        .map_err(|reason| RoadsError::Refused { path: path.to_owned(), reason })
        .map(|key| Opened { map: Arc::new(map), key })
}

#[expect(unsafe_code, reason = "mapping a file has no safe interface")]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the mapping must not change while it is in use. This crate replaces files of prepared roads by renaming
    // a complete new one into place and never writes to one in place; a file truncated by somebody else would end the
    // program with a bus error, not with wrong answers.
    unsafe { Mmap::map(file) }
}

/// Checks everything that does not depend on what the sections mean.
fn check(bytes: &[u8]) -> Result<SourceKey, Refusal> {
    if bytes.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
        return Err(Refusal::Foreign);
    }
    let found = bytes.len() as u64;
    let short = Refusal::Length { found, expected: HEADER as u64 };
    let version = number::<4>(bytes, 16).map(u32::from_ne_bytes).ok_or(short)?;
    if version != VERSION {
        return Err(Refusal::Version { found: version, expected: VERSION });
    }
    let expected = number::<8>(bytes, 24).map(u64::from_ne_bytes).ok_or(short)?;
    if found != expected || bytes.len() < HEADER {
        return Err(Refusal::Length { found, expected });
    }
    let checksum = number::<8>(bytes, 8).map(u64::from_ne_bytes).ok_or(short)?;
    if xxh3_64(&bytes[CHECKED_FROM..]) != checksum {
        return Err(Refusal::Checksum);
    }
    let source = number::<16>(bytes, 32).map(u128::from_ne_bytes).ok_or(short)?;
    let profile = number::<8>(bytes, 48).map(u64::from_ne_bytes).ok_or(short)?;
    Ok(SourceKey { source, profile })
}

impl Opened {
    /// Section number `place` as a list of values.
    ///
    /// # Errors
    /// [`Refusal::Section`] with `name` if there is none or it does not hold whole values.
    pub(crate) fn section<T: Pod>(
        &self,
        place: usize,
        name: &'static str,
    ) -> Result<Array<T>, Refusal> {
        self.array(place).ok_or(Refusal::Section { section: name })
    }

    fn array<T: Pod>(&self, place: usize) -> Option<Array<T>> {
        let count = u32::from_ne_bytes(number(&self.map, 20)?) as usize;
        if place >= count {
            return None;
        }
        let entry = HEADER + place * ENTRY;
        let start = usize::try_from(u64::from_ne_bytes(number(&self.map, entry)?)).ok()?;
        let length = usize::try_from(u64::from_ne_bytes(number(&self.map, entry + 8)?)).ok()?;
        Array::mapped(&self.map, start, start.checked_add(length)?)
    }
}

/// `N` bytes from `offset`.
fn number<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..offset.checked_add(N)?)?.try_into().ok()
}
