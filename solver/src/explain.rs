//! Why a technician cannot do a visit: the first rule that fails, its numbers, and the smallest change that helps.

mod reasons;

pub use reasons::{Change, Explanation, Obstacle, Reason, Rule, Verdict};
