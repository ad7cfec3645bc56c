//! How drive times on the embedded roads grow over the day.
//!
//! A promise must hold whenever the drive happens, and a slot search asks for one number per drive.
//! So of the hours in which drives may happen (the technicians' shifts) the highest factor counts.
//! Straight lines have an average speed already and OSRM servers their own view of traffic: both
//! stay as they are.

/// What drive times are multiplied by in each civil hour, in hundredths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourFactors([u16; 24]);

/// Civil hours of the day, from one to before another; over midnight if the second is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HourSpan {
    /// First hour, 0 to 23.
    pub from: u8,
    /// First hour after, 1 to 24; equal to `from` means the whole day.
    pub until: u8,
}

impl Default for HourFactors {
    fn default() -> Self {
        Self([100; 24])
    }
}

impl Default for HourSpan {
    fn default() -> Self {
        Self { from: 0, until: 24 }
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
}

impl HourSpan {
    /// Whether a civil hour lies in it.
    pub fn contains(self, hour: u8) -> bool {
        let (from, until) = (self.from % 24, self.until % 24);
        if from < until { from <= hour && hour < until } else { from <= hour || hour < until }
    }
}
