//! When to stop: time, steps, steps without improvement, a cancel flag.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Time since some start. The solver has no clock of its own; the caller lends one.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// Steps between two looks at the clock: some microseconds each.
const LOOK_EVERY: u64 = 32;

/// How long a search may go on. Whatever comes first ends it.
#[derive(Clone, Copy, Default)]
pub struct Budget<'a> {
    clock: Option<(Clock<'a>, Duration, Duration)>,
    steps: Option<u64>,
    idle: Option<u64>,
    cancel: Option<&'a AtomicBool>,
}

impl fmt::Debug for Budget<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Budget").field("steps", &self.steps).finish_non_exhaustive()
    }
}

impl<'a> Budget<'a> {
    /// At most so many steps; the same seed then gives the same answer.
    #[must_use]
    pub fn steps(steps: u64) -> Self {
        Self { steps: Some(steps), ..Self::default() }
    }

    /// Until `clock` shows `until`, counted from what it shows now.
    #[must_use]
    pub fn until(clock: Clock<'a>, until: Duration) -> Self {
        Self { clock: Some((clock, clock(), until)), ..Self::default() }
    }

    /// Also ends after so many steps.
    #[must_use]
    pub fn and_steps(self, steps: u64) -> Self {
        Self { steps: Some(self.steps.map_or(steps, |own| own.min(steps))), ..self }
    }

    /// Also ends when so many steps brought no better plan.
    #[must_use]
    pub fn and_idle(self, steps: u64) -> Self {
        Self { idle: Some(steps), ..self }
    }

    /// Also ends soon after the flag is set; the best plan so far is kept.
    #[must_use]
    pub fn and_cancel(self, cancel: &'a AtomicBool) -> Self {
        Self { cancel: Some(cancel), ..self }
    }

    /// A part of what is left, for one of several searches in turn; `share` is from 0 to 1.
    ///
    /// * `steps_done`: how many of the steps are spent already.
    #[must_use]
    pub fn part(&self, share: f64, steps_done: u64) -> Self {
        let mut part = *self;
        if let Some((clock, _, until)) = self.clock {
            let now = clock();
            part.clock = Some((clock, now, now + until.saturating_sub(now).mul_f64(share)));
        }
        part.steps = self.steps.map(|steps| share_of(steps.saturating_sub(steps_done), share));
        part
    }

    /// Whether it is over, asked between two searches.
    ///
    /// * `steps_done`: how many of the steps are spent already.
    pub fn is_spent(&self, steps_done: u64) -> bool {
        self.share_spent(steps_done) >= 1.0 || self.is_cancelled()
    }

    /// Whether the cancel flag is set.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Whether only the number of steps ends it, so that the result is repeatable.
    pub fn is_counted(&self) -> bool {
        self.clock.is_none()
    }

    /// Most steps, if they are limited.
    pub fn step_limit(&self) -> Option<u64> {
        self.steps
    }

    /// Time that is left; `None` without a clock.
    pub fn time_left(&self) -> Option<Duration> {
        self.clock.map(|(clock, _, until)| until.saturating_sub(clock()))
    }

    /// Time from the beginning to the end; `None` without a clock.
    pub fn time_whole(&self) -> Option<Duration> {
        self.clock.map(|(_, from, until)| until.saturating_sub(from))
    }

    /// How much of time or steps is spent, whichever is more; 1 or above: all.
    pub fn share_spent(&self, steps_done: u64) -> f64 {
        let time = self.clock.map_or(0.0, |(clock, from, until)| {
            let whole = until.saturating_sub(from).as_secs_f64();
            let spent = clock().saturating_sub(from).as_secs_f64();
            if whole > 0.0 { spent / whole } else { 1.0 }
        });
        let steps = self.steps.map_or(0.0, |steps| ratio(steps_done, steps));
        time.max(steps)
    }

    /// How much is spent, or `None` when it is over; looks at the clock only now and then.
    ///
    /// * `idle`: steps since the last better plan.
    pub(super) fn look(&self, steps_done: u64, idle: u64, last: f64) -> Option<f64> {
        if self.idle.is_some_and(|limit| idle >= limit)
            || self.steps.is_some_and(|limit| steps_done >= limit)
        {
            return None;
        }
        if !steps_done.is_multiple_of(LOOK_EVERY) {
            return Some(last);
        }
        let share = self.share_spent(steps_done);
        (share < 1.0 && !self.is_cancelled()).then_some(share)
    }
}

#[expect(clippy::cast_precision_loss, reason = "only a ratio is meant")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of steps, rounded down"
)]
fn share_of(steps: u64, share: f64) -> u64 {
    (steps as f64 * share) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn time_is_shared_out_from_now() {
        let now = AtomicU64::new(2);
        let clock = || Duration::from_secs(now.load(Ordering::Relaxed));
        let budget = Budget::until(&clock, Duration::from_secs(12));
        now.store(4, Ordering::Relaxed);
        // 2 of 10 seconds are gone; half of the other 8 ends at 8.
        assert!((budget.share_spent(0) - 0.2).abs() < 1e-9);
        assert_eq!(budget.part(0.5, 0).time_left(), Some(Duration::from_secs(4)));
    }

    #[test]
    fn the_cancel_flag_ends_it() {
        let flag = AtomicBool::new(false);
        let budget = Budget::steps(10).and_cancel(&flag);
        assert!(!budget.is_spent(9));
        flag.store(true, Ordering::Relaxed);
        assert!(budget.is_spent(0));
    }
}
