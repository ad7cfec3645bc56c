//! Equipment shared by many: how many units exist when, and who has them when.

use crate::units::{Moment, Seconds, Span};

/// Units taken for a time: by a visit, or by maintenance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// When they are gone, lead and trail included.
    pub span: Span,
    /// How many.
    pub units: u32,
}

/// The units of one kind at one location.
///
/// Stored as the free units after each change, so a look-up is a binary search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Units that exist.
    units: u32,
    /// Changes in time order: from this moment on, so many units are in use.
    profile: Vec<(Moment, u32)>,
}

impl Pool {
    /// Builds the profile of a pool from its uses, in any order.
    ///
    /// Cost: O(u log u) for `u` uses. Maintenance is a use like any other.
    pub fn new(units: u32, uses: &[PoolUse]) -> Self {
        let mut changes: Vec<(Moment, i64)> = Vec::with_capacity(uses.len() * 2);
        for taken in uses.iter().filter(|taken| taken.span.from < taken.span.until) {
            changes.push((taken.span.from, i64::from(taken.units)));
            changes.push((taken.span.until, -i64::from(taken.units)));
        }
        changes.sort_unstable();
        let mut profile: Vec<(Moment, u32)> = Vec::with_capacity(changes.len());
        let mut used = 0_i64;
        for (moment, change) in changes {
            used += change;
            let level = u32::try_from(used.max(0)).unwrap_or(u32::MAX);
            match profile.last_mut() {
                Some(last) if last.0 == moment => last.1 = level,
                _ => profile.push((moment, level)),
            }
        }
        Self { units, profile }
    }

    /// The same pool with more units.
    pub(crate) fn with_more(&self, units: u32) -> Self {
        Self { units: self.units.saturating_add(units), profile: self.profile.clone() }
    }

    /// Units that exist.
    pub fn units(&self) -> u32 {
        self.units
    }

    /// Moments at which the number of units in use changes.
    pub fn changes(&self) -> impl Iterator<Item = Moment> + '_ {
        self.profile.iter().map(|&(moment, _)| moment)
    }

    /// Most units in use at any moment of `span`, and the first moment with that many.
    pub fn peak(&self, span: Span) -> (u32, Moment) {
        let first = self.profile.partition_point(|&(moment, _)| moment <= span.from);
        let mut peak = (if first == 0 { 0 } else { self.profile[first - 1].1 }, span.from);
        for &(moment, used) in &self.profile[first..] {
            if moment >= span.until {
                break;
            }
            if used > peak.0 {
                peak = (used, moment);
            }
        }
        peak
    }

    /// Spans, ordered and disjoint, in which fewer than `units` are free.
    ///
    /// Cost: O(changes).
    pub fn short_of(&self, units: u32) -> Vec<Span> {
        let spare = i64::from(self.units) - i64::from(units);
        if spare < 0 {
            return vec![Span::new(Moment(i64::MIN / 4), Moment(i64::MAX / 4))];
        }
        let mut spans: Vec<Span> = Vec::new();
        let mut from = None;
        for &(moment, used) in &self.profile {
            let short = i64::from(used) > spare;
            match (short, from) {
                (true, None) => from = Some(moment),
                (false, Some(start)) => {
                    spans.push(Span::new(start, moment));
                    from = None;
                }
                _ => {}
            }
        }
        spans
    }

    /// Whether `units` are free during the whole of `start - lead .. start + duration + trail`.
    pub fn fits(&self, span: Span, units: u32) -> bool {
        span.from >= span.until
            || i64::from(self.peak(span).0) + i64::from(units) <= i64::from(self.units)
    }

    /// The span a visit blocks.
    pub fn blocked(start: Moment, duration: Seconds, lead: Seconds, trail: Seconds) -> Span {
        Span::new(start - lead, start + duration + trail)
    }
}
