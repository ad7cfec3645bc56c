//! Repeatable random numbers for tests; every failing test prints the seed it was given.

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and good enough to draw test cases.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low + 1).unwrap();
        low + i64::try_from(self.next() % width).unwrap()
    }

    pub fn count(&mut self, low: usize, high: usize) -> usize {
        usize::try_from(self.within(low as i64, high as i64)).unwrap()
    }

    /// True in `part` of `whole` cases.
    pub fn happens(&mut self, part: i64, whole: i64) -> bool {
        self.within(1, whole) <= part
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.count(0, at));
        }
    }
}
