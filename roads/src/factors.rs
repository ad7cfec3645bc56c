//! Settings that make roads faster or slower: overall and by hour of the day, applied to finished answers.
//!
//! Factors by road class change which route is best, so they belong to the preparation
//! ([`Profile::with_class_factor`](crate::Profile::with_class_factor)). Factors by hour multiply an answer: every road of
//! the region slows down together, the route stays the same, and no graph has to be prepared per hour. Who needs roads
//! of one class to slow down at some hours prepares a second graph with other class factors and asks that one then.

use crate::error::RoadsError;
use crate::units::{Leg, round};

/// Smallest speed factor that makes sense: a tenth of the normal speed.
pub(crate) const FACTOR_MIN: f32 = 0.1;
/// Largest speed factor that makes sense.
pub(crate) const FACTOR_MAX: f32 = 3.0;

/// Speed factors by hour of the day: 1 is the speed of the map, 0.5 takes twice as long.
#[derive(Debug, Clone, PartialEq)]
pub struct SpeedFactors {
    overall: f32,
    by_hour: [f32; 24],
}

impl Default for SpeedFactors {
    fn default() -> Self {
        Self { overall: 1.0, by_hour: [1.0; 24] }
    }
}

impl SpeedFactors {
    /// Factors for every hour.
    ///
    /// * `overall`: multiplies all speeds, 0.1 to 3.
    /// * `by_hour`: multiplies the speeds of drives that leave in that hour of the civil day, 0.1 to 3 each.
    ///
    /// # Errors
    /// [`RoadsError::Factor`] names the first factor outside its range.
    pub fn new(overall: f32, by_hour: [f32; 24]) -> Result<Self, RoadsError> {
        check_factor(overall, || "all roads".to_owned())?;
        for (hour, factor) in by_hour.iter().enumerate() {
            check_factor(*factor, || format!("hour {hour}"))?;
        }
        Ok(Self { overall, by_hour })
    }

    /// Drive time of `seconds` for a drive that leaves in civil hour `hour` (taken modulo 24).
    ///
    /// ```
    /// let mut by_hour = [1.0; 24];
    /// by_hour[8] = 0.5;
    /// let factors = roundsman_roads::SpeedFactors::new(1.0, by_hour)?;
    /// assert_eq!(factors.seconds(600, 8), 1200);
    /// assert_eq!(factors.seconds(600, 12), 600);
    /// # Ok::<(), roundsman_roads::RoadsError>(())
    /// ```
    pub fn seconds(&self, seconds: u32, hour: u32) -> u32 {
        round(f64::from(seconds) / self.factor(hour))
    }

    /// The leg as driven in civil hour `hour`: other seconds, same metres.
    #[must_use]
    pub fn apply(&self, leg: Leg, hour: u32) -> Leg {
        Leg { seconds: self.seconds(leg.seconds, hour), metres: leg.metres }
    }

    /// Speed factor of civil hour `hour` (taken modulo 24).
    pub fn factor(&self, hour: u32) -> f64 {
        f64::from(self.overall) * f64::from(self.by_hour[hour as usize % 24])
    }
}

/// Refuses factors that are not numbers or outside the range.
pub(crate) fn check_factor(value: f32, what: impl Fn() -> String) -> Result<(), RoadsError> {
    if (FACTOR_MIN..=FACTOR_MAX).contains(&value) {
        return Ok(());
    }
    Err(RoadsError::Factor { what: what(), value, min: FACTOR_MIN, max: FACTOR_MAX })
}
