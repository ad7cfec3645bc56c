//! Search over plans, whatever judges them: [`Routes`] is what it needs to know of a plan.
//!
//! Ruin and recreate after Christiaens and Vanden Berghe (2020), "Slack induction by string
//! removals for vehicle routing problems", Transportation Science 54(2): take strings of visits
//! out of neighbouring routes, put them back greedily but blinking, accept by simulated annealing.

mod anneal;
mod budget;
mod chance;
mod cooling;
mod exact;
mod pool;
mod program;
mod recreate;
mod routes;
mod ruin;

pub use anneal::{Annealing, Observer, Outcome, Settings, Silent};
pub use budget::{Budget, Clock};
pub use chance::Chance;
pub use cooling::Cooling;
pub use exact::{Column, Partitioning};
pub use pool::Pool;
pub use recreate::Order;
pub use routes::{Blink, Place, Routes};
pub use ruin::{RuinSettings, Ruins};

/// A count or index as 32 bits; problems are far smaller than that.
#[expect(clippy::cast_possible_truncation, reason = "at most some ten thousand visits and routes")]
pub(crate) fn narrow(count: usize) -> u32 {
    debug_assert!(u32::try_from(count).is_ok(), "an index fits into 32 bits");
    count as u32
}

/// A cost as a number for ratios and temperatures; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "only used where a ratio is meant")]
pub(crate) fn real(amount: i64) -> f64 {
    amount as f64
}

/// A count as a number for ratios; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "only used where a ratio is meant")]
pub(crate) fn real_count(count: usize) -> f64 {
    count as f64
}

/// The whole part of a number that is known to be small and not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller's number is small and not negative; the cast saturates anyway"
)]
pub(crate) fn whole(number: f64) -> usize {
    number as usize
}
