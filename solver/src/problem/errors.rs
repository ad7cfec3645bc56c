//! Why input was refused, with the culprits and the values that clash.

use crate::units::{Moment, PoolIdx, Seconds, TechnicianIdx};

/// One fault of the input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// A shift ends before it starts.
    #[error("shift ends at {end:?}, before it starts at {start:?}")]
    ShiftEndsBeforeItStarts {
        /// Start of the shift.
        start: Moment,
        /// Its soft end.
        end: Moment,
    },
    /// A shift, start or pause too far away to count in.
    #[error("{what} of {value} seconds is out of range; the largest is {max}")]
    OutOfRange {
        /// Which value.
        what: &'static str,
        /// The value.
        value: i64,
        /// The largest accepted magnitude.
        max: i64,
    },
    /// A window closes before it opens.
    #[error("{what} {at} closes at {latest:?}, before it opens at {earliest:?}")]
    WindowClosesBeforeItOpens {
        /// Stop or pause.
        what: &'static str,
        /// Its position.
        at: usize,
        /// Start of the window.
        earliest: Moment,
        /// End of the window.
        latest: Moment,
    },
    /// A length of time is negative.
    #[error("{what} {at} has a negative length of {value:?}")]
    NegativeLength {
        /// What it is the length of.
        what: &'static str,
        /// Its position.
        at: usize,
        /// The length.
        value: Seconds,
    },
    /// More of something than the solver handles.
    #[error("{count} {what}; the most is {max}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are accepted.
        max: usize,
    },
    /// A request without a crew.
    #[error("the request has no role: a visit needs at least one person")]
    NoRole,
    /// A list that must ascend does not.
    #[error("{what} must ascend without overlap, but entry {at} does not follow the one before")]
    NotAscending {
        /// Which list.
        what: &'static str,
        /// The first entry out of order.
        at: usize,
    },
    /// A step that is not positive.
    #[error("{what} must be positive, but is {value:?}")]
    NotPositive {
        /// Which value.
        what: &'static str,
        /// The value.
        value: Seconds,
    },
    /// A reference to a technician that does not exist.
    #[error("{what} names technician {technician:?}, but there are {count}")]
    UnknownTechnician {
        /// Who refers to it.
        what: &'static str,
        /// The reference.
        technician: TechnicianIdx,
        /// How many exist.
        count: usize,
    },
    /// A reference to a pool that does not exist.
    #[error("the request names pool {pool:?}, but there are {count}")]
    UnknownPool {
        /// The reference.
        pool: PoolIdx,
        /// How many exist.
        count: usize,
    },
    /// A pool needed twice: the units must be added up in one need.
    #[error("the request needs pool {pool:?} twice; add the units up in one need")]
    RepeatedPool {
        /// The pool.
        pool: PoolIdx,
    },
    /// A table with the wrong number of entries.
    #[error("{what} has {count} entries instead of {expected}")]
    WrongLength {
        /// Which table.
        what: &'static str,
        /// Entries it has.
        count: usize,
        /// Entries it should have.
        expected: usize,
    },
    /// Two technicians with one key: ties could not be settled.
    #[error("technicians {first:?} and {second:?} have the same key {key}")]
    SameKey {
        /// One.
        first: TechnicianIdx,
        /// The other.
        second: TechnicianIdx,
        /// Their key.
        key: u128,
    },
}

/// All faults of one input; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ProblemErrors(pub Vec<ProblemError>);

impl ProblemErrors {
    /// Nothing wrong, or everything that is.
    pub(crate) fn none_of(errors: Vec<ProblemError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }
}
