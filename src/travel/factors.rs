//! How drive times on the embedded roads grow over the day.
//!
//! A promise must hold whenever the drive happens, and a slot search asks for one number per drive.
//! So of the hours in which a drive may happen (those of the technician's shift, its overtime
//! included) the highest factor counts.
//! Straight lines have an average speed already and OSRM servers their own view of traffic: both
//! stay as they are.

pub use crate::domain::travel::HourSpan;

/// What drive times are multiplied by in each civil hour, in hundredths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourFactors([u16; 24]);

impl Default for HourFactors {
    fn default() -> Self {
        Self([100; 24])
    }
}

impl HourFactors {
    /// Least and most a factor may be, in hundredths.
    pub const RANGE: std::ops::RangeInclusive<u16> = 10..=10_000;

    /// Factors by hour from midnight; none if one is outside [`HourFactors::RANGE`].
    pub fn new(percent: [u16; 24]) -> Option<Self> {
        percent.iter().all(|factor| Self::RANGE.contains(factor)).then_some(Self(percent))
    }

    /// The highest factor of the hours, in hundredths.
    ///
    /// ```
    /// # use roundsman::travel::factors::{HourFactors, HourSpan};
    /// let mut percent = [100; 24];
    /// percent[8] = 150;
    /// let factors = HourFactors::new(percent).unwrap_or_default();
    /// assert_eq!(factors.highest(HourSpan { from: 7, until: 16 }), 150);
    /// assert_eq!(factors.highest(HourSpan { from: 9, until: 8 }), 100);
    /// ```
    pub fn highest(&self, hours: HourSpan) -> u16 {
        let inside = |hour: u8| hours.contains(hour);
        let factors = (0..24_u8).zip(self.0).filter(|(hour, _)| inside(*hour));
        factors.map(|(_, factor)| factor).max().unwrap_or(100)
    }

    /// Hours that stand for all spans with the same highest factor, so that drives of shifts that
    /// are slowed alike are reckoned once: the whole day where all hours are alike, else the first
    /// hour of the day with that factor.
    ///
    /// ```
    /// # use roundsman::travel::factors::{HourFactors, HourSpan};
    /// let mut percent = [100; 24];
    /// percent[8] = 150;
    /// let factors = HourFactors::new(percent).unwrap_or_default();
    /// let early = factors.standing_for(HourSpan { from: 7, until: 16 });
    /// assert_eq!(early, HourSpan { from: 8, until: 9 });
    /// assert_eq!(early, factors.standing_for(HourSpan { from: 8, until: 17 }));
    /// ```
    pub fn standing_for(&self, hours: HourSpan) -> HourSpan {
        if self.0.iter().all(|factor| *factor == self.0[0]) {
            return HourSpan::default();
        }
        let highest = self.highest(hours);
        let first = (0..24_u8).zip(self.0).find(|(_, factor)| *factor == highest);
        first.map_or(hours, |(hour, _)| HourSpan { from: hour, until: hour + 1 })
    }
}
