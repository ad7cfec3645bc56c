//! Whoever drives least for it.

use crate::assign::{Order, Rated};

/// Least added travel, then least recently assigned.
pub(super) fn order(member: &Rated<'_>) -> Order {
    [member.added_travel.0, member.last_assigned(), 0, 0]
}
