//! Named weights as the optimizer counts them.

use roundsman_solver::optimize::model::{PER_HOUR, PER_KILOMETRE, Risk, UNIT, Weights};

use crate::domain::optimizations::RuleWeights;
use crate::planning::times::minutes;

/// The weights of the optimizer; promises are hard rules unless they may be broken.
pub(super) fn weights(named: &RuleWeights, break_promises: bool) -> Weights {
    let hour = |weight: u32| i64::from(weight) * PER_HOUR;
    let each = |weight: u32| i64::from(weight) * UNIT;
    Weights {
        drive_second: hour(named.drive_per_hour),
        drive_metre: i64::from(named.drive_per_km) * PER_KILOMETRE,
        waiting_second: hour(named.waiting_per_hour),
        overtime_second: hour(named.overtime_per_hour),
        secondary_zone: each(named.secondary_zone),
        unusual_technician: each(named.unusual_technician),
        moved_technician: each(named.moved_technician),
        moved_second: hour(named.moved_per_hour),
        moved_visit: each(named.moved_visit),
        broken_promise: break_promises.then(|| each(named.broken_promise)),
        broken_promise_second: late_second(named),
        balance_second: hour(named.balance_per_hour),
        technician_used: each(named.technician_used),
        shift_used: each(named.shift_used),
        later_day: each(named.later_day),
        unneeded_level: each(named.unneeded_level),
        risk: Risk {
            margin: minutes(named.risk_margin_min),
            priority_min: named.risk_priority_min,
            second: hour(named.risk_per_hour),
        },
        ..Weights::none()
    }
}

/// What a second beyond a promise costs.
pub(super) fn late_second(named: &RuleWeights) -> i64 {
    i64::from(named.broken_promise_per_hour) * PER_HOUR
}

/// Grains as thousandths of a unit of cost, rounded.
pub(super) fn milli(grains: i64) -> i64 {
    let (grains, unit) = (i128::from(grains) * 1000, i128::from(UNIT));
    let rounded = (grains + unit / 2).div_euclid(unit);
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_driving_costs_its_weight() {
        let weights = weights(&RuleWeights::default(), false);
        // 30 units an hour: 3600 seconds of it are 30 units.
        assert_eq!(milli(weights.drive_second * 3600), 30_000);
        assert_eq!(weights.broken_promise, None);
        assert_eq!(milli(-UNIT / 2), -500);
    }
}
