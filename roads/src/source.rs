//! What a prepared graph was made from.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use crate::error::RoadsError;
use crate::profile::Profile;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Hash of a map file and of the profile it is prepared with.
///
/// Tells files apart that differ by accident or by time; it is no protection against forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceKey {
    pub(crate) source: u128,
    pub(crate) profile: u64,
}

impl SourceKey {
    /// Hashes the bytes of `path` and the profile.
    ///
    /// # Errors
    /// [`RoadsError::Read`]. Cost: reading the file once.
    pub fn of(path: &Path, profile: &Profile) -> Result<Self, RoadsError> {
        let fail = |source| RoadsError::Read { path: path.to_owned(), source };
        let mut file = BufReader::with_capacity(CHUNK, File::open(path).map_err(fail)?);
        let mut hash = Xxh3::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk).map_err(fail)? {
                0 => break,
                length => hash.update(&chunk[..length]),
            }
        }
        Ok(Self { source: hash.digest128(), profile: profile.key() })
    }
}
