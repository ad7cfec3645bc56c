//! What each member has done and what would have been due, absences and late joining considered.

use crate::assign::{Standing, Work};

/// Parts of a unit in which targets are added up, fine enough that rounding never shows in thousandths.
const FINE: i128 = 1_000_000_000;

/// Work done and work due in the period, in thousandths of the caller's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Work done.
    pub done_milli: i64,
    /// Work due.
    pub target_milli: i64,
}

impl Share {
    /// How much the member is behind; negative = ahead.
    pub fn shortfall_milli(self) -> i64 {
        self.target_milli - self.done_milli
    }
}

/// The share of every member.
///
/// Each piece of work is due, in proportion to the weights, from those who had joined and were not
/// away when it took place, and from the one who did it. So an absence or joining late creates no
/// debt: the others' work meanwhile raises only their own targets. The shortfalls of all members
/// add up to zero but for rounding.
///
/// Cost: O(work x group). Work of unknown members is left out.
pub fn shares(standings: &[Standing], work: &[Work]) -> Vec<Share> {
    let mut done = vec![0_i64; standings.len()];
    let mut due = vec![0_i128; standings.len()];
    let mut entitled: Vec<usize> = Vec::with_capacity(standings.len());
    for piece in work.iter().filter(|piece| piece.member < standings.len()) {
        done[piece.member] += piece.amount;
        entitled.clear();
        entitled.extend((0..standings.len()).filter(|&at| {
            at == piece.member
                || standings[at].joined <= piece.at
                    && !standings[at].absences.iter().any(|span| span.contains(piece.at))
        }));
        let total: i128 = entitled.iter().map(|&at| i128::from(standings[at].weight)).sum();
        for &at in entitled.iter().filter(|_| total > 0) {
            due[at] += i128::from(piece.amount) * FINE * i128::from(standings[at].weight) / total;
        }
    }
    let milli = |due: i128| {
        let rounded = (due * 1000 + FINE / 2).div_euclid(FINE);
        i64::try_from(rounded).unwrap_or(i64::MAX)
    };
    done.into_iter()
        .zip(due)
        .map(|(done, due)| Share { done_milli: done * 1000, target_milli: milli(due) })
        .collect()
}
