//! A small generator of numbers whose sequence no library update can change.

/// Chance with a memory: the same seed gives the same choices for ever.
///
/// Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators".
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one purpose: other purposes with the same seed do not disturb its sequence.
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a keeps the purposes apart.
        let hash = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ hash)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end` - 1; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.bits()) * end as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let count = usize::try_from(last - first + 1).unwrap_or(1);
        first + i64::try_from(self.below(count)).unwrap_or(0)
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`; none if there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }

    /// One of `choices` by their weights; none if all weights are 0.
    pub fn pick_weighted<'a, T>(&mut self, choices: &'a [(T, usize)]) -> Option<&'a T> {
        let mut left = self.below(choices.iter().map(|(_, weight)| weight).sum());
        for (choice, weight) in choices {
            if left < *weight {
                return Some(choice);
            }
            left -= weight;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn purposes_have_sequences_of_their_own() {
        let three = |purpose| {
            let mut dice = Dice::new(7, purpose);
            [dice.bits(), dice.bits(), dice.bits()]
        };
        assert_eq!(three("names"), three("names"));
        assert_ne!(three("names"), three("streets"));
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_reach_both_ends() {
        let mut dice = Dice::new(1, "bounds");
        let mut seen = [false; 3];
        for _ in 0..200 {
            let number = dice.between(-1, 1);
            assert!((-1..=1).contains(&number));
            seen[usize::try_from(number + 1).unwrap()] = true;
        }
        assert_eq!(seen, [true; 3]);
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn a_choice_without_weight_is_never_picked() {
        let mut dice = Dice::new(1, "weights");
        for _ in 0..200 {
            assert_ne!(dice.pick_weighted(&[("never", 0), ("a", 1), ("b", 5)]), Some(&"never"));
        }
        assert_eq!(dice.pick_weighted(&[("never", 0)]), None);
    }
}
