//! Simulated annealing's temperature, with arithmetic that is the same on every machine.

use super::Chance;

/// How fine the table of thresholds is.
const QUANTILES: usize = 4096;

/// A temperature that falls exponentially with the spent share of the budget, and the thresholds
/// for accepting a worse plan.
///
/// Only additions, multiplications, divisions and square roots, which IEEE 754 defines to the
/// last bit; logarithms and powers differ between machines.
#[derive(Debug, Clone)]
pub struct Cooling {
    start: f64,
    /// `factors[k]` is `(end / start)` to the power of `2^-(k + 1)`.
    factors: [f64; 24],
    /// `-ln(u)` at equally likely values of `u`.
    thresholds: Vec<f64>,
}

impl Cooling {
    /// Falls from `start` to `end`, both in units of cost and above 0.
    #[must_use]
    pub fn new(start: f64, end: f64) -> Self {
        let (start, end) = (start.max(1e-9), end.max(1e-9));
        let mut root = end / start;
        let factors = std::array::from_fn(|_| {
            root = root.sqrt();
            root
        });
        let thresholds = (0..QUANTILES)
            .map(|index| -log((super::real_count(index) + 0.5) / super::real_count(QUANTILES)))
            .collect();
        Self { start, factors, thresholds }
    }

    /// The temperature when `share` (from 0 to 1) of the budget is spent.
    pub fn temperature(&self, share: f64) -> f64 {
        let mut rest = share.clamp(0.0, 1.0);
        let mut temperature = self.start;
        for factor in self.factors {
            rest *= 2.0;
            if rest >= 1.0 {
                rest -= 1.0;
                temperature *= factor;
            }
        }
        temperature
    }

    /// By how much a plan may be worse to be accepted now; drawn anew each time.
    ///
    /// A plan that is worse by `d` is accepted with probability `exp(-d / temperature)`.
    #[inline]
    pub fn threshold(&self, temperature: f64, chance: &mut Chance) -> f64 {
        temperature * self.thresholds[chance.below(QUANTILES)]
    }
}

/// Natural logarithm by basic operations alone; `number` is above 0.
fn log(number: f64) -> f64 {
    const LOG_2: f64 = std::f64::consts::LN_2;
    let (mut mantissa, mut halvings) = (number, 0.0);
    while mantissa < 0.75 {
        mantissa *= 2.0;
        halvings += 1.0;
    }
    while mantissa > 1.5 {
        mantissa *= 0.5;
        halvings -= 1.0;
    }
    // ln(m) = 2 artanh((m - 1) / (m + 1)); the argument is at most 0.2, so 12 terms suffice.
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let (mut power, mut sum, mut odd) = (ratio, 0.0, 1.0);
    for _ in 0..12 {
        sum += power / odd;
        power *= square;
        odd += 2.0;
    }
    2.0 * sum - halvings * LOG_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_temperature_falls_from_start_to_end() {
        let cooling = Cooling::new(100.0, 1.0);
        assert!((cooling.temperature(0.0) - 100.0).abs() < 1e-9);
        // Half-way of an exponential from 100 to 1 is 10.
        assert!((cooling.temperature(0.5) - 10.0).abs() < 1e-6);
        assert!((cooling.temperature(1.0) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_own_logarithm_is_the_logarithm() {
        for number in [1e-4, 0.2, 0.74, 1.0, 1.51, 7.0, 1e6] {
            assert!((log(number) - f64::ln(number)).abs() < 1e-12, "{number}");
        }
    }
}
