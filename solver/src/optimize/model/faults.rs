//! Why a model was refused: every fault with the position, the value and what is allowed.

mod bounds;
mod cycles;
mod indexes;
mod shifts;
mod visits;

use crate::optimize::model::Model;
use crate::problem::Leg;
use crate::units::{Moment, PlaceIdx, ShiftIdx, VisitIdx};

/// One fault of a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// An index points at nothing.
    #[error("{what} {at} refers to {to} {value}, but there are only {count}")]
    Unknown {
        /// What refers.
        what: &'static str,
        /// Its position.
        at: usize,
        /// To what.
        to: &'static str,
        /// The index.
        value: usize,
        /// How many there are.
        count: usize,
    },
    /// A list that must be empty or of a certain length is neither.
    #[error("{what} {at} lists {value} {of}; expected {expected}")]
    WrongLength {
        /// What holds the list.
        what: &'static str,
        /// Its position.
        at: usize,
        /// What is listed.
        of: &'static str,
        /// How many.
        value: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A span ends before it starts.
    #[error("{what} {at} ends at {until:?}, before it starts at {from:?}")]
    EndsBeforeItStarts {
        /// What.
        what: &'static str,
        /// Its position.
        at: usize,
        /// Start.
        from: Moment,
        /// End.
        until: Moment,
    },
    /// Spans overlap or are out of order.
    #[error("{what} {at} has windows that overlap or are out of order")]
    Unordered {
        /// What.
        what: &'static str,
        /// Its position.
        at: usize,
    },
    /// A number is outside its range.
    #[error("{name} of {what} {at} is {value}; allowed are {least} to {most}")]
    OutOfRange {
        /// What.
        what: &'static str,
        /// Its position.
        at: usize,
        /// Which number.
        name: &'static str,
        /// The number.
        value: i64,
        /// Least allowed.
        least: i64,
        /// Most allowed.
        most: i64,
    },
    /// Visits that must wait for each other in a circle.
    #[error("visits wait for each other in a circle: {visits:?}")]
    Cycle {
        /// The circle, each before the next and the last before the first.
        visits: Vec<VisitIdx>,
    },
    /// Two shifts of one technician at the same time.
    #[error("shift {second:?} starts before shift {first:?} of the same technician ends")]
    Overlap {
        /// The one that starts first.
        first: ShiftIdx,
        /// The other.
        second: ShiftIdx,
    },
    /// Crews that cannot be bound by a link like this.
    #[error("link {at} binds crews of {first} and {second}; they must be {wanted}")]
    Crews {
        /// Position of the link.
        at: usize,
        /// People at its first visit.
        first: usize,
        /// People at its second visit.
        second: usize,
        /// What it takes.
        wanted: &'static str,
    },
    /// A link from a visit to itself.
    #[error("link {at} binds visit {visit:?} to itself")]
    SelfLink {
        /// Position of the link.
        at: usize,
        /// The visit.
        visit: VisitIdx,
    },
}

/// Every fault of a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ModelFaults(pub Vec<ModelFault>);

/// Largest magnitude of a moment or length in a model, relative to its earliest shift: two years.
pub(crate) const REACH: i64 = Leg::SECONDS_MAX as i64;

/// Most per cent of a duration: ten times as long.
const PERCENT_MAX: i64 = 1000;

/// Most per cent of a drive: a hundred times as long.
const DRIVE_PERCENT_MAX: i64 = 10_000;

/// Largest magnitude of a moment, so that no sum of moments and lengths can overflow.
const MOMENT_MAX: i64 = 1 << 40;

pub(super) fn check(model: &Model) -> Result<(), ModelFaults> {
    let mut found = Check { model, faults: Vec::new() };
    found.lengths();
    found.people();
    for (at, shift) in model.shifts.iter().enumerate() {
        found.shift(at, shift);
    }
    found.overlaps();
    for (at, visit) in model.visits.iter().enumerate() {
        found.visit(at, visit);
    }
    found.links();
    found.currents();
    found.weights();
    if found.faults.is_empty() {
        found.largest_cost();
    }
    if found.faults.is_empty() { Ok(()) } else { Err(ModelFaults(found.faults)) }
}

struct Check<'a> {
    model: &'a Model,
    faults: Vec<ModelFault>,
}

impl Check<'_> {
    fn index(&mut self, what: &'static str, at: usize, to: &'static str, pair: (usize, usize)) {
        let (value, count) = pair;
        if value >= count {
            self.faults.push(ModelFault::Unknown { what, at, to, value, count });
        }
    }

    fn length(&mut self, what: &'static str, at: usize, of: &'static str, pair: (usize, usize)) {
        let (value, expected) = pair;
        if value != 0 && value != expected {
            self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
        }
    }

    /// A length of time: not negative and at most [`REACH`].
    fn range(&mut self, what: &'static str, at: usize, name: &'static str, value: i64) {
        self.between((what, at, name), value, (0, REACH));
    }

    fn between(
        &mut self,
        whose: (&'static str, usize, &'static str),
        value: i64,
        range: (i64, i64),
    ) {
        let (what, at, name) = whose;
        let (least, most) = range;
        if !(least..=most).contains(&value) {
            self.faults.push(ModelFault::OutOfRange { what, at, name, value, least, most });
        }
    }

    fn moment(&mut self, what: &'static str, at: usize, name: &'static str, moment: Moment) {
        self.between((what, at, name), moment.0, (-MOMENT_MAX, MOMENT_MAX));
    }

    /// A price or a rate: not negative, and small enough to be told from an overflow.
    fn price(&mut self, what: &'static str, at: usize, name: &'static str, value: i64) {
        self.between((what, at, name), value, (0, bounds::PRICE_MAX));
    }

    fn place(&mut self, what: &'static str, at: usize, place: Option<PlaceIdx>) {
        if let Some(place) = place {
            self.index(what, at, "place", (place.at(), self.model.place_count()));
        }
    }

    fn ordered(&mut self, what: &'static str, at: usize, span: (Moment, Moment)) {
        let (from, until) = span;
        if until < from {
            self.faults.push(ModelFault::EndsBeforeItStarts { what, at, from, until });
        }
    }
}
