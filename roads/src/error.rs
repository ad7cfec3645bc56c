//! What can go wrong: files that cannot be read, saved graphs that must be refused, points without a road.

use std::io;
use std::path::PathBuf;

/// A prepared graph could not be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum RoadsError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not OpenStreetMap data in the PBF format, or is damaged.
    #[error("{} is not a readable .osm.pbf file: {message}", path.display())]
    NotPbf {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        message: String,
    },
    /// The map has no connected road a car may use.
    #[error("{} has no connected road a car may use", path.display())]
    NoRoads {
        /// The file.
        path: PathBuf,
    },
    /// A speed factor is outside its range.
    #[error("speed factor {value} for {what} is outside {min} to {max}")]
    Factor {
        /// What the factor was for.
        what: String,
        /// The refused value.
        value: f32,
        /// Smallest allowed value.
        min: f32,
        /// Largest allowed value.
        max: f32,
    },
    /// A saved graph was refused.
    #[error("refused saved roads {}: {reason}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Refusal,
    },
}

/// Why a saved graph is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The first bytes are not ours.
    #[error("it is not a file of prepared roads")]
    Foreign,
    /// Written by another version of this format or on a machine with the other byte order.
    #[error("it has format version {found}, this program reads version {expected}")]
    Version {
        /// Version in the file.
        found: u32,
        /// Version of this program.
        expected: u32,
    },
    /// The file is shorter or longer than it says.
    #[error("it has {found} bytes and should have {expected}")]
    Length {
        /// Bytes in the file.
        found: u64,
        /// Bytes its header promises.
        expected: u64,
    },
    /// The content does not match its checksum.
    #[error("its checksum is wrong, so it is damaged")]
    Checksum,
    /// The content contradicts itself.
    #[error("its section `{section}` does not fit the others")]
    Section {
        /// Name of the section.
        section: &'static str,
    },
    /// Made from another map or with another profile.
    #[error("it was made from another map file or with other speed settings")]
    OtherSource,
}

/// A point has no usable road near it.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SnapError {
    /// The nearest road is farther away than the caller accepts.
    #[error("the nearest road is {distance_m:.0} m away, more than the limit of {limit_m:.0} m")]
    TooFar {
        /// Straight distance to the nearest road in metres.
        distance_m: f64,
        /// The limit that was asked for in metres.
        limit_m: f64,
    },
    /// The numbers are no place on Earth.
    #[error("latitude {lat} and longitude {lon} are not a place on Earth")]
    NotOnEarth {
        /// Degrees north as given.
        lat: f64,
        /// Degrees east as given.
        lon: f64,
    },
}
