//! What is wrong with a plain problem.

/// A fault of the input, with the culprit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// A visit refers to a place the legs do not have.
    #[error("visit {visit} is at place {place}, but there are {places} places")]
    UnknownVisitPlace {
        /// Index of the visit.
        visit: usize,
        /// The place it names.
        place: u32,
        /// How many there are.
        places: usize,
    },
    /// A vehicle refers to a place the legs do not have.
    #[error("vehicle {vehicle} starts or ends at place {place}, but there are {places} places")]
    UnknownVehiclePlace {
        /// Index of the vehicle.
        vehicle: usize,
        /// The place it names.
        place: u32,
        /// How many there are.
        places: usize,
    },
    /// A window that closes before it opens, or times and amounts below zero or above half a billion.
    #[error(
        "{what} {index}: times and amounts must be from 0 to 500,000,000, and windows must close after they open"
    )]
    OutOfRange {
        /// `visit` or `vehicle`.
        what: &'static str,
        /// Its index.
        index: usize,
    },
    /// A leg is negative or longer than half a billion.
    #[error("the leg from place {from} to place {to} is not from 0 to 500,000,000")]
    BadLeg {
        /// Place of departure.
        from: usize,
        /// Place of arrival.
        to: usize,
    },
    /// A matrix does not have as many entries as its places ask for.
    #[error("a matrix of {places} places needs {wanted} entries, not {given}")]
    WrongSize {
        /// Places.
        places: usize,
        /// Places squared.
        wanted: usize,
        /// Entries given.
        given: usize,
    },
}
