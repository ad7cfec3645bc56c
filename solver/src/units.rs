//! Units of the solver: whole seconds, whole metres and dense indexes, so results are equal on every machine.

use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A length of time in seconds. Negative only as a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub i64);

/// A moment, in seconds after an epoch the caller chooses; the server uses Unix seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A distance in metres. Negative only as a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Metres(pub i64);

impl Seconds {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Whole minutes as seconds.
    pub const fn minutes(minutes: i64) -> Self {
        Self(minutes * 60)
    }

    /// Whole hours as seconds.
    pub const fn hours(hours: i64) -> Self {
        Self(hours * 3600)
    }
}

impl Add<Seconds> for Moment {
    type Output = Self;
    fn add(self, rhs: Seconds) -> Self {
        Self(self.0 + rhs.0)
    }
}

impl Sub<Seconds> for Moment {
    type Output = Self;
    fn sub(self, rhs: Seconds) -> Self {
        Self(self.0 - rhs.0)
    }
}

impl Sub for Moment {
    type Output = Seconds;
    fn sub(self, rhs: Self) -> Seconds {
        Seconds(self.0 - rhs.0)
    }
}

impl Add for Seconds {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self(self.0 + rhs.0)
    }
}

impl Sub for Seconds {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self(self.0 - rhs.0)
    }
}

impl Neg for Seconds {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Seconds {
    fn add_assign(&mut self, rhs: Self) {
        self.0 += rhs.0;
    }
}

impl SubAssign for Seconds {
    fn sub_assign(&mut self, rhs: Self) {
        self.0 -= rhs.0;
    }
}

impl Add for Metres {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self(self.0 + rhs.0)
    }
}

impl Sub for Metres {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self(self.0 - rhs.0)
    }
}

impl AddAssign for Metres {
    fn add_assign(&mut self, rhs: Self) {
        self.0 += rhs.0;
    }
}

/// A half-open span of time `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First moment inside.
    pub from: Moment,
    /// First moment after it.
    pub until: Moment,
}

impl Span {
    /// Builds a span; one that ends before it starts contains nothing.
    pub const fn new(from: Moment, until: Moment) -> Self {
        Self { from, until }
    }

    /// How long it is; zero for an empty one.
    pub fn length(self) -> Seconds {
        Seconds((self.until.0 - self.from.0).max(0))
    }

    /// Whether `moment` lies inside.
    pub fn contains(self, moment: Moment) -> bool {
        self.from <= moment && moment < self.until
    }

    /// Whether the two share a moment. Spans that only touch do not.
    pub fn overlaps(self, other: Self) -> bool {
        self.from.max(other.from) < self.until.min(other.until)
    }
}

/// Declares a dense index.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a slice.
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// Position of a place in the travel rows of a request.
    PlaceIdx
);
index!(
    /// Position of a technician in a snapshot.
    TechnicianIdx
);
index!(
    /// Position of a shift in a snapshot.
    ShiftIdx
);
index!(
    /// Names a skill; dense numbers keep comparisons cheap.
    SkillIdx
);
index!(
    /// Names a zone.
    ZoneIdx
);
index!(
    /// Names a kind of carried equipment.
    EquipmentIdx
);
index!(
    /// Position of an equipment pool in a snapshot.
    PoolIdx
);
index!(
    /// Position of a visit in an optimization model.
    VisitIdx
);
