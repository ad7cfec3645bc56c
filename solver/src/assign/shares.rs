//! What each member has done and what would have been due, absences and late joining considered.

use crate::assign::{Standing, Work};

/// Parts of a unit in which targets are added up, fine enough that rounding never shows in thousandths.
const FINE: i128 = 1_000_000_000_000_000;

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
/// Cost: O(group + work x members with an absence or who joined late). Work of unknown members is
/// left out.
pub fn shares(standings: &[Standing], work: &[Work]) -> Vec<Share> {
    let work: Vec<&Work> = work.iter().filter(|piece| piece.member < standings.len()).collect();
    let weight = |at: usize| i128::from(standings[at].weight);
    let everybody: i128 = (0..standings.len()).map(weight).sum();
    let first = work.iter().map(|piece| piece.at).min();
    let is_special = |at: &usize| {
        let standing = &standings[*at];
        !standing.absences.is_empty() || first.is_some_and(|first| standing.joined > first)
    };
    let special: Vec<usize> = (0..standings.len()).filter(is_special).collect();
    let mut done = vec![0_i64; standings.len()];
    // What one unit of weight is due, from all work, and what special members are due less.
    let mut due_each = 0_i128;
    let mut less = vec![0_i128; standings.len()];
    let mut left_out: Vec<usize> = Vec::with_capacity(special.len());
    for piece in work {
        done[piece.member] += piece.amount;
        left_out.clear();
        left_out.extend(special.iter().filter(|&&at| !is_entitled(standings, at, piece)));
        let total = everybody - left_out.iter().map(|&at| weight(at)).sum::<i128>();
        if total > 0 {
            let each = i128::from(piece.amount) * FINE / total;
            due_each += each;
            for &at in &left_out {
                less[at] += each;
            }
        }
    }
    let share = |at: usize| Share {
        done_milli: done[at] * 1000,
        target_milli: in_thousandths((due_each - less[at]) * weight(at)),
    };
    (0..standings.len()).map(share).collect()
}

/// Whether a piece of work raises a member's target.
fn is_entitled(standings: &[Standing], at: usize, piece: &Work) -> bool {
    let standing = &standings[at];
    let is_away = || standing.absences.iter().any(|span| span.contains(piece.at));
    at == piece.member || standing.joined <= piece.at && !is_away()
}

fn in_thousandths(due: i128) -> i64 {
    let rounded =
        due.div_euclid(FINE / 1000) + i128::from(due.rem_euclid(FINE / 1000) * 2 >= FINE / 1000);
    i64::try_from(rounded).unwrap_or(i64::MAX)
}
