//! Costs by rule.

use crate::optimize::solution::Rule;

/// All rules in the order of their numbers.
pub(in crate::optimize::rich) const RULES: [Rule; 21] = [
    Rule::Driving,
    Rule::PaidTime,
    Rule::Onsite,
    Rule::Waiting,
    Rule::Overtime,
    Rule::Used,
    Rule::Windows,
    Rule::Due,
    Rule::LargestLate,
    Rule::LargestIdle,
    Rule::MissedBreaks,
    Rule::Zones,
    Rule::Preferences,
    Rule::Continuity,
    Rule::Stability,
    Rule::Promises,
    Rule::Balance,
    Rule::LaterDays,
    Rule::UnneededLevels,
    Rule::Risk,
    Rule::Prizes,
];

/// A sum per rule.
#[derive(Debug, Clone, Default)]
pub(in crate::optimize::rich) struct Ledger {
    amounts: [i64; 21],
}

impl Ledger {
    #[inline]
    pub(in crate::optimize::rich) fn add(&mut self, rule: Rule, amount: i64) {
        self.amounts[rule as usize] += amount;
    }

    /// Adds all of another one.
    pub(in crate::optimize::rich) fn merge(&mut self, other: &Self) {
        for (amount, more) in self.amounts.iter_mut().zip(other.amounts) {
            *amount += more;
        }
    }

    pub(in crate::optimize::rich) fn sum(&self) -> i64 {
        self.amounts.iter().sum()
    }

    /// Rules that cost or save anything.
    pub(in crate::optimize::rich) fn lines(&self) -> Vec<(Rule, i64)> {
        let lines = RULES.iter().map(|&rule| (rule, self.amounts[rule as usize]));
        lines.filter(|line| line.1 != 0).collect()
    }
}
