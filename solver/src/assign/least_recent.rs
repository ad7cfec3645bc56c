//! Whoever has waited longest for work.

use crate::assign::{Order, Rated};

/// Least recently assigned; never assigned comes first.
pub(super) fn order(member: &Rated<'_>) -> Order {
    [member.last_assigned(), 0, 0, 0]
}
