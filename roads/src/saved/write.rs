//! Writes prepared roads to a file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use xxhash_rust::xxh3::Xxh3;

use crate::error::RoadsError;
use crate::saved::{CHECKED_FROM, ENTRY, HEADER, MAGIC, VERSION, align};
use crate::source::SourceKey;

/// Counts the files written by this process, so that two at once never share a partial file.
static WRITTEN: AtomicU32 = AtomicU32::new(0);

/// Writes the sections so that `path` holds either all of them or what was there before.
///
/// # Errors
/// [`RoadsError::Write`]. Cost: hashing and writing every byte once.
pub(crate) fn write(path: &Path, key: SourceKey, sections: &[&[u8]]) -> Result<(), RoadsError> {
    let fail = |source| RoadsError::Write { path: path.to_owned(), source };
    // A running program may have the old file mapped, so it is replaced as a whole and never changed in place.
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let partial = path.with_extension(format!("partial-{}-{number}", std::process::id()));
    let written = fill(&partial, key, sections).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // Best effort: the error that matters is the one above.
        let _ = fs::remove_file(&partial);
    }
    written.map_err(fail)
}

fn fill(path: &Path, key: SourceKey, sections: &[&[u8]]) -> io::Result<()> {
    let (table, length) = table(sections);
    let mut checked = Vec::with_capacity(HEADER + table.len());
    checked.extend(VERSION.to_ne_bytes());
    checked.extend(u32::try_from(sections.len()).unwrap_or(u32::MAX).to_ne_bytes());
    checked.extend((length as u64).to_ne_bytes());
    checked.extend(key.source.to_ne_bytes());
    checked.extend(key.profile.to_ne_bytes());
    checked.resize(HEADER - CHECKED_FROM, 0);
    checked.extend(table);
    let mut hash = Xxh3::new();
    emit(&checked, sections, |bytes| {
        hash.update(bytes);
        Ok(())
    })?;
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&MAGIC)?;
    file.write_all(&hash.digest().to_ne_bytes())?;
    emit(&checked, sections, |bytes| file.write_all(bytes))?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Offset and length of each section, as bytes, and the length of the file.
fn table(sections: &[&[u8]]) -> (Vec<u8>, usize) {
    let mut table = Vec::new();
    let mut end = HEADER + sections.len() * ENTRY;
    for section in sections {
        let start = align(end);
        table.extend((start as u64).to_ne_bytes());
        table.extend((section.len() as u64).to_ne_bytes());
        end = start + section.len();
    }
    (table, end)
}

/// Hands out the rest of the header with the table, then each section with the gap before it.
fn emit(
    checked: &[u8],
    sections: &[&[u8]],
    mut to: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    to(checked)?;
    let mut end = CHECKED_FROM + checked.len();
    for section in sections {
        let start = align(end);
        to(&vec![0; start - end])?;
        to(section)?;
        end = start + section.len();
    }
    Ok(())
}
