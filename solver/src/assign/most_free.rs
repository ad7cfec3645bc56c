//! Whoever has least to do.

use crate::assign::{Order, Rated};

/// Least planned work, then least recently assigned.
pub(super) fn order(member: &Rated<'_>) -> Order {
    [member.standing.planned.0, member.last_assigned(), 0, 0]
}
