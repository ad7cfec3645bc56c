//! In turn, by weight: whoever is furthest behind the share due.

use crate::assign::{Order, Rated};

/// Largest shortfall; then higher weight, higher tier, least recent.
pub(super) fn order(member: &Rated<'_>) -> Order {
    let ahead = member.share.done_milli - member.share.target_milli;
    let standing = member.standing;
    [ahead, -i64::from(standing.weight), -i64::from(standing.priority), member.last_assigned()]
}
