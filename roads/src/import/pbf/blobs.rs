//! The outer layer of a map file: blobs, each packed by itself.
//!
//! Source: OpenStreetMap wiki, "PBF Format".

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::ZlibDecoder;

use crate::error::RoadsError;
use crate::import::pbf::Damage;
use crate::import::pbf::wire::Fields;

/// Longest header of a blob, by the format's definition.
const HEADER_MAX: u32 = 64 * 1024;
/// Longest blob, packed or not, by the format's definition.
const BLOB_MAX: u64 = 32 * 1024 * 1024;

/// Hands the unpacked content of every data blob to `visit`.
///
/// # Errors
/// [`RoadsError::Read`], and [`RoadsError::NotPbf`] for whatever else is wrong here or in `visit`.
pub(crate) fn for_each(
    path: &Path,
    mut visit: impl FnMut(&[u8]) -> Result<(), Damage>,
) -> Result<(), RoadsError> {
    let read = |source| RoadsError::Read { path: path.to_owned(), source };
    let mut file = Blobs { file: BufReader::new(File::open(path).map_err(read)?), packed: vec![] };
    let mut content = Vec::new();
    loop {
        let result = match file.next(&mut content) {
            Ok(false) => return Ok(()),
            Ok(true) => visit(&content).map_err(Fault::Damage),
            Err(fault) => Err(fault),
        };
        result.map_err(|fault| match fault {
            Fault::Io(source) => read(source),
            Fault::Damage(Damage(message)) => {
                RoadsError::NotPbf { path: path.to_owned(), message: message.to_owned() }
            }
        })?;
    }
}

enum Fault {
    Io(std::io::Error),
    Damage(Damage),
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            return Self::Damage(Damage("it ends too early"));
        }
        Self::Io(error)
    }
}

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}

struct Blobs {
    file: BufReader<File>,
    packed: Vec<u8>,
}

impl Blobs {
    /// Unpacks the next data blob into `content`; false at the end of the file.
    fn next(&mut self, content: &mut Vec<u8>) -> Result<bool, Fault> {
        loop {
            let mut length = [0; 4];
            match self.file.read(&mut length[..1])? {
                0 => return Ok(false),
                _ => self.file.read_exact(&mut length[1..])?,
            }
            let length = u32::from_be_bytes(length);
            if length > HEADER_MAX {
                return Err(Damage("a blob's header is too long").into());
            }
            self.fill(u64::from(length))?;
            let (is_data, length) = header(&self.packed)?;
            if length > BLOB_MAX {
                return Err(Damage("a blob is too long").into());
            }
            self.fill(length)?;
            if is_data {
                unpack(&self.packed, content)?;
                return Ok(true);
            }
        }
    }

    fn fill(&mut self, length: u64) -> Result<(), Fault> {
        self.packed.clear();
        let read = self.file.by_ref().take(length).read_to_end(&mut self.packed)?;
        if read as u64 == length { Ok(()) } else { Err(Damage("it ends too early").into()) }
    }
}

/// Whether a blob holds map data, and its length.
fn header(message: &[u8]) -> Result<(bool, u64), Damage> {
    let (mut is_data, mut length) = (false, None);
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => is_data = value.bytes()? == b"OSMData",
            3 => length = Some(value.number()?),
            _ => {}
        }
    }
    Ok((is_data, length.ok_or(Damage("a blob has no length"))?))
}

fn unpack(message: &[u8], content: &mut Vec<u8>) -> Result<(), Damage> {
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => {
                content.clear();
                content.extend_from_slice(value.bytes()?);
                return Ok(());
            }
            3 => {
                content.clear();
                let mut unpacked = ZlibDecoder::new(value.bytes()?).take(BLOB_MAX + 1);
                unpacked.read_to_end(content).map_err(|_| Damage("a blob cannot be unpacked"))?;
                if content.len() as u64 > BLOB_MAX {
                    return Err(Damage("a blob is too long"));
                }
                return Ok(());
            }
            4..=7 => return Err(Damage("its blobs are not packed with zlib; repack it so")),
            _ => {}
        }
    }
    Err(Damage("a blob is empty"))
}
