//! How long to wait before a failed task is tried again.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;

/// The wait after the first failure; it doubles with every further one.
const FIRST: Duration = Duration::from_secs(1);
/// No wait is longer.
const LONGEST: Duration = Duration::from_hours(1);

/// The wait after a task has failed `attempts` times: half of it fixed, half at random, so that
/// tasks that failed together do not come back together.
pub(crate) fn delay(attempts: i64, rng: &mut StdRng) -> Duration {
    let doublings = (attempts - 1).clamp(0, 20);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    full.mul_f64(rng.random_range(0.5..1.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::delay;

    #[test]
    fn waits_double_up_to_an_hour() {
        let mut rng = StdRng::seed_from_u64(7);
        // Attempt 1: 0.5 to 1 s. Attempt 4: 4 to 8 s. Attempt 13: 2^12 s > 1 h, so 30 to 60 min.
        for (attempts, full_s) in [(1, 1), (4, 8), (13, 3600), (i64::MAX, 3600)] {
            let wait = delay(attempts, &mut rng);
            let full = Duration::from_secs(full_s);
            assert!(wait >= full / 2 && wait < full, "{attempts}: {wait:?}");
        }
    }

    #[test]
    fn two_tasks_that_fail_together_come_back_apart() {
        let mut rng = StdRng::seed_from_u64(7);
        assert_ne!(delay(5, &mut rng), delay(5, &mut rng));
    }
}
