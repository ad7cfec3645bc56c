//! Packed costs and the few number conversions the rest of the crate uses.
//!
//! A cost is one `u64`: tenths of a second in the high half, decimetres in the low half. Comparing two costs
//! compares time first and distance second, adding them adds both, so one search answers both questions.
//! Tenths are kept until the very edge because whole seconds pile up rounding over hundreds of pieces.

/// The cost of what cannot be reached. Two of them still add up without overflow.
pub(crate) const UNREACHED: u64 = u64::MAX >> 2;

/// An index that names nothing.
pub(crate) const NONE: u32 = u32::MAX;

/// Puts tenths of a second and decimetres into one cost.
#[inline]
pub(crate) fn pack(tenths: u32, decimetres: u32) -> u64 {
    (u64::from(tenths) << 32) | u64::from(decimetres)
}

/// Tenths of a second of a cost.
#[inline]
pub(crate) fn tenths(cost: u64) -> u32 {
    (cost >> 32) as u32
}

/// Decimetres of a cost.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
pub(crate) fn decimetres(cost: u64) -> u32 {
    cost as u32
}

/// The `u32` index of a place in a vector.
///
/// Vectors here count road pieces and turns; all the roads on Earth are fewer than 2^32.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "no vector here reaches 2^32 entries")]
pub(crate) fn idx(place: usize) -> u32 {
    debug_assert!(place < NONE as usize, "index {place} does not fit 32 bits");
    place as u32
}

/// A non-negative real number rounded to the nearest `u32`; out of range saturates.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to integer casts saturate, and negative input is meant to become zero"
)]
pub(crate) fn round(value: f64) -> u32 {
    value.round() as u32
}

/// A count as a real number.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}

/// Share `part / whole` of `value`, rounded to nearest; all of it when `whole` is zero.
#[inline]
pub(crate) fn share(value: u32, part: u32, whole: u32) -> u32 {
    if whole == 0 {
        return value;
    }
    let product = u64::from(value) * u64::from(part) + u64::from(whole) / 2;
    decimetres(product / u64::from(whole))
}

/// Time and length of a drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leg {
    /// Drive time in whole seconds, rounded once at the end.
    pub seconds: u32,
    /// Length of the drive in whole metres, rounded once at the end.
    pub metres: u32,
}

impl Leg {
    /// Rounds a packed cost; `None` if it stands for "unreachable".
    #[inline]
    pub(crate) fn from_cost(cost: u64) -> Option<Self> {
        (cost < UNREACHED)
            .then(|| Self { seconds: (tenths(cost) + 5) / 10, metres: (decimetres(cost) + 5) / 10 })
    }
}

#[cfg(test)]
mod tests {
    use super::{Leg, UNREACHED, decimetres, pack, share, tenths};

    #[test]
    fn a_cost_keeps_both_halves_when_added() {
        let sum = pack(15, 7) + pack(4, 9);
        assert_eq!((tenths(sum), decimetres(sum)), (19, 16));
    }

    #[test]
    fn rounding_happens_once_and_to_the_nearest() {
        // 10.4 s and 10.5 m: the half goes up.
        assert_eq!(Leg::from_cost(pack(104, 105)), Some(Leg { seconds: 10, metres: 11 }));
        assert_eq!(Leg::from_cost(UNREACHED), None);
    }

    #[test]
    fn a_share_never_exceeds_the_whole() {
        assert_eq!(share(100, 1, 3), 33);
        assert_eq!(share(100, 3, 3), 100);
        assert_eq!(share(u32::MAX, 7, 7), u32::MAX);
    }
}
