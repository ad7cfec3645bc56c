//! The highest tier first.

use crate::assign::{Order, Rated};

/// Highest tier, then least recently assigned.
pub(super) fn order(member: &Rated<'_>) -> Order {
    [-i64::from(member.standing.priority), member.last_assigned(), 0, 0]
}
